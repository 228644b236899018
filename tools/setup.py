"""Make this checkout ready to run: .venv with the locked packages, a browser, what tests need.

Needs nothing but Python's standard library. The Makefile starts it when a file that it depends on
is newer than what it leaves behind, STAMP.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".ready"
TOOLS = ROOT / "out" / "tools"
# The browser without its windows, which starts in a third of the time: most tests use it, under the
# name that is looked for first.
QUICK = TOOLS / "quick" / "google-chrome-stable"
QUICK_NAME = "chromium-headless-shell"
QUIETLY = ("--quiet", "--disable-pip-version-check")
# Program: Debian's package. Xvfb is the screen on which the tutorial's window opens.
TEST_TOOLS = {"hledger": "hledger", "systemd-analyze": "systemd", "Xvfb": "xvfb"}
# Likewise, but the package is only unpacked: installed, it would start a server on this machine.
UNPACKED_TOOLS = {"promtool": "prometheus"}
COMMAND_SECONDS = 1200
DOWNLOAD_SECONDS = 60


class SetupFailed(Exception):
    """A step did not work; the message says why, and what to do."""


def main() -> int:
    """Do what is missing; 1 if something is in the way."""
    if sys.version_info < (3, 11):  # noqa: UP036  it may be started by an older one
        print("Python 3.11 or newer is needed", file=sys.stderr)
        return 1
    try:
        install_packages()
        _run([PYTHON, "-m", "compileall", "-q", ROOT / "bot"])  # each command starts twice as fast
        install_browser()
    except SetupFailed as failed:
        print(f"set-up: {failed}", file=sys.stderr)
        return 1
    install_tools()
    find_quick_browser()
    fetch_source("tinydb")
    if fetch_browser_code():
        STAMP.touch()  # else the next start tries again
    return 0


def install_packages() -> None:
    """Bring .venv to what uv.lock says. Raises SetupFailed."""
    ways: tuple[tuple[str, Callable[[], Path]], ...] = (
        ("with the uv of this machine", _uv_on_path),
        ("with a uv in .venv", _uv_in_venv),
        ("with a uv beside .venv", _uv_by_pip),
        ("with a uv in .venv, after installing python3-venv", _uv_after_apt),
    )
    for title, find_uv in ways:
        try:
            _sync(find_uv())
        except SetupFailed as failed:
            print(f"packages {title}: no: {failed}", flush=True)
        else:
            print(f"packages: installed {title}", flush=True)
            return
    raise SetupFailed(
        "the packages could not be installed; on Debian `apt-get install python3-venv` may help, "
        "elsewhere install uv (https://docs.astral.sh/uv/)"
    )


def install_browser() -> None:
    """Find a browser or get one. Raises SetupFailed."""
    command = [str(PYTHON), "-m", "bot.browser_finder", "--install"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise SetupFailed("there is no browser; see above")


def install_tools() -> None:
    """Get the programs that tests have read what we write; without one its test cannot run."""
    for program, package in TEST_TOOLS.items():
        if shutil.which(program) is not None:
            continue
        try:
            _apt_get(package)
        except SetupFailed as failed:
            print(f"{program}: missing, and a test needs it: {failed}", flush=True)
    for program, package in UNPACKED_TOOLS.items():
        if find_tool(program) is not None:
            continue
        try:
            _unpack(program, package)
        except SetupFailed as failed:
            print(f"{program}: missing, and a test needs it: {failed}", flush=True)


def find_quick_browser() -> None:
    """Put the browser without windows where tests find it; without one they use the whole one."""
    if QUICK.exists():
        return
    QUICK.unlink(missing_ok=True)
    if shutil.which(QUICK_NAME) is None:
        with suppress(SetupFailed):
            _apt_get(QUICK_NAME)
    found = shutil.which(QUICK_NAME)
    if found is None:
        print("tests start the whole browser: there is no smaller one", flush=True)
    else:
        QUICK.parent.mkdir(parents=True, exist_ok=True)
        QUICK.symlink_to(found)


def find_tool(program: str) -> Path | None:
    """A program that tests run: the machine's, or the one that install_tools() unpacked."""
    found = shutil.which(program) or shutil.which(program, path=str(TOOLS))
    return Path(found) if found is not None else None


def fetch_source(package: str) -> None:
    """Get a package's source distribution as uv.lock names it: a test runs the tests in it."""
    path = locked_source(package)
    if path.exists():
        return
    sdist = _sdist(package)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        address = sdist["url"]  # https, from uv.lock
        with urllib.request.urlopen(address, timeout=DOWNLOAD_SECONDS) as answer:  # noqa: S310
            content = answer.read()
    except OSError as error:
        print(f"{path.name}: missing, and one test needs it: {error}", flush=True)
        return
    found = f"sha256:{hashlib.sha256(content).hexdigest()}"
    if found != sdist["hash"]:
        print(f"{path.name}: has another hash than uv.lock says ({found})", flush=True)
        return
    path.write_bytes(content)


def fetch_browser_code() -> bool:
    """Get what the desk serves and its tests need; whether it is there. What to do, it says."""
    command = [str(PYTHON), str(ROOT / "tools" / "vendor.py")]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def locked_source(package: str) -> Path:
    """Where fetch_source() puts a package's source distribution."""
    return TOOLS / _sdist(package)["url"].rpartition("/")[2]


def _sdist(package: str) -> dict[str, str]:
    """Url and hash of a source distribution in uv.lock."""
    import tomllib  # noqa: PLC0415  an older Python, which has none, is told so by main()

    locked = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    sdist: dict[str, str] = next(each["sdist"] for each in locked if each["name"] == package)
    return sdist


# --- ways to uv -----------------------------------------------------------------------------------


def _uv_on_path() -> Path:
    found = shutil.which("uv")
    if found is None:
        raise SetupFailed("there is none")
    return Path(found)


def _uv_in_venv() -> Path:
    if not PYTHON.exists():
        try:
            venv.create(VENV, with_pip=True, clear=VENV.exists())
        except (OSError, subprocess.CalledProcessError) as error:
            shutil.rmtree(VENV, ignore_errors=True)
            raise SetupFailed(f"this Python makes no virtual environments: {error}") from None
    _run([PYTHON, "-m", "pip", "install", *QUIETLY, "uv"])
    return VENV / "bin" / "uv"


def _uv_by_pip() -> Path:
    _run([sys.executable, "-m", "pip", "install", *QUIETLY, "--upgrade", "--target", TOOLS, "uv"])
    return TOOLS / "bin" / "uv"


def _uv_after_apt() -> Path:
    _apt_get("python3-venv")
    return _uv_in_venv()


def _sync(uv: Path) -> None:
    # --inexact: a uv that lives in .venv must not remove itself.
    python = PYTHON if PYTHON.exists() else sys.executable
    _run([uv, "sync", "--locked", "--inexact", "--compile-bytecode", "--python", python])


# --- helpers --------------------------------------------------------------------------------------


def _apt_get(*packages: str) -> None:
    program = shutil.which("apt-get")
    if program is None or os.geteuid() != 0:
        names = " ".join(packages)
        raise SetupFailed(f"install {names} with your system's package manager (needs root)")
    _run([program, "update"])
    _run([program, "install", "-y", "--no-install-recommends", *packages])


def _unpack(program: str, package: str) -> None:
    """Take one program out of a Debian package. Raises SetupFailed."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise SetupFailed(f"install {package} with your system's package manager")
    TOOLS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TOOLS) as folder:
        try:
            _run(["apt-get", "download", package], Path(folder))
        except SetupFailed:
            if os.geteuid() != 0:
                raise
            _run(["apt-get", "update"])
            _run(["apt-get", "download", package], Path(folder))
        for archive in Path(folder).glob("*.deb"):
            _run(["dpkg-deb", "--extract", archive, folder])
        found = Path(folder) / "usr" / "bin" / program
        if not found.is_file():
            raise SetupFailed(f"{package} holds no {program}")
        found.replace(TOOLS / program)


def _run(command: Sequence[str | Path], folder: Path = ROOT) -> None:
    """Run a command to its end. Raises SetupFailed with the last that it said."""
    settings = {"DEBIAN_FRONTEND": "noninteractive", "UV_PROJECT_ENVIRONMENT": str(VENV)}
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            stdin=subprocess.DEVNULL,
            env=_environment() | settings,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SetupFailed(str(error)) from None
    if done.returncode != 0:
        last = next(_lines_from_the_end(done.stderr or done.stdout), "no message")
        raise SetupFailed(f"{Path(command[0]).name}: {last}")


def _environment() -> dict[str, str]:
    """The environment without another virtual environment in it."""
    return {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}


def _lines_from_the_end(text: str) -> Iterator[str]:
    return (line.strip() for line in reversed(text.splitlines()) if line.strip())


if __name__ == "__main__":
    sys.exit(main())
