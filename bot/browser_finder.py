"""Finding a Chrome or Chromium on this machine, and getting one where there is none.

`python -m bot.browser_finder --install` does both; without the option it only looks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bot import driver
from bot.errors import BrowserMissing, WorkFailed

NAMES = ("google-chrome-stable", "google-chrome", "chromium", "chromium-browser", "chrome")
PLACES = (
    "/opt/google/chrome/chrome",
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# Where Playwright keeps what it downloaded, below its own folder.
DOWNLOADED = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
    "chromium-*/chrome-mac*/Google Chrome for Testing.app/Contents/MacOS/*",
)
MANAGERS = (
    ("apt-get", (("update",), ("install", "-y", "--no-install-recommends", "chromium"))),
    ("dnf", (("install", "-y", "chromium"),)),
    ("apk", (("add", "chromium"),)),
    ("brew", (("install", "--cask", "chromium"),)),
)
DRIVER_NEEDS = {"apt-get": "libatomic1", "dnf": "libatomic"}  # that few systems have at first
ANSWER_SECONDS = 30  # for a browser that is asked for its version, on a loaded machine
INSTALL_SECONDS = 900


def find(configured: str = "") -> Path:
    """The browser to use: the configured one, an installed one, or Playwright's own.

    Nothing is installed. Raises WorkFailed that says what was looked at, and the next step;
    BrowserMissing where another try cannot help.
    """
    if configured:
        return _configured(Path(configured).expanduser())
    found = _first()
    if found is not None:
        return found[0]
    # One that is there and did not answer may answer later.
    error = WorkFailed if any(candidates()) else BrowserMissing
    raise error(
        f"no browser found: looked for {', '.join(NAMES)} on the PATH, in {', '.join(PLACES)}, and "
        f"in {_playwright_folder()}; `leadwright doctor --get-browser` gets one"
    )


def _configured(path: Path) -> Path:
    mend = (
        "correct `executable` under [browser] in config.toml, or leave it empty to have one found"
    )
    if not path.exists():
        raise BrowserMissing(f"the browser {path} is not there; {mend}")
    if _answers(path) is None:
        raise WorkFailed(f"the browser {path} does not start; {mend}")
    return path


def install(say: Callable[[str], None]) -> Path:
    """A browser, found or installed: by Playwright, else by the system's package manager.

    What its driver needs is installed, too. *say* is told what is done and what failed. Raises
    WorkFailed if nothing helped.
    """
    _install_what_the_driver_needs(say)
    found = _first()
    if found is None:
        found = _first_after_installing(say)
    say(f"browser: {found[1]} at {found[0]}")
    return found[0]


def _install_what_the_driver_needs(say: Callable[[str], None]) -> None:
    program = driver.path()
    if program is None or driver.version(program) is not None:
        return
    lacks = ", ".join(driver.lacking(program)) or "something"
    root = _as_root()
    for name, package in DRIVER_NEEDS.items():
        manager = shutil.which(name)
        if manager is None or root is None:
            continue
        say(f"browser: Playwright's driver lacks {lacks}; trying {name} install {package}")
        update = [[*root, manager, "update"]] if name == "apt-get" else []
        trouble = _run_all([*update, [*root, manager, "install", "-y", package]])
        if driver.version(program) is not None:
            return
        say(f"browser: that did not help: {trouble or 'it still does not start'}")
    raise WorkFailed(
        f"Playwright's driver does not start: it lacks {lacks}; `leadwright doctor` says what "
        "brings it here"
    )


def _first_after_installing(say: Callable[[str], None]) -> tuple[Path, str]:
    for title, commands in _ways():
        say(f"browser: none found; trying {title}")
        trouble = _run_all(commands)
        found = _first()
        if found is not None:
            return found
        say(f"browser: {title} did not help: {trouble or 'it brought no browser that starts'}")
    raise WorkFailed(
        "no browser could be installed; install Chrome or Chromium by hand, and either have it on "
        "the PATH or name it as `executable` under [browser] in config.toml"
    )


# --- looking --------------------------------------------------------------------------------------


def _first() -> tuple[Path, str] | None:
    """The first browser that answers, and its version."""
    for candidate in candidates():
        version = _answers(candidate)
        if version is not None:
            return candidate, version
    return None


def candidates() -> Iterator[Path]:
    """Where a browser might be, the preferred first."""
    for name in NAMES:
        found = shutil.which(name)
        if found is not None:
            yield Path(found)
    yield from (path for path in map(Path, PLACES) if path.is_file())
    for pattern in DOWNLOADED:
        yield from sorted(_playwright_folder().glob(pattern), reverse=True)


def _playwright_folder() -> Path:
    told = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    if told not in ("", "0"):
        return Path(told)
    caches = "Library/Caches" if sys.platform == "darwin" else ".cache"
    return Path.home() / caches / "ms-playwright"


def _answers(path: Path) -> str | None:
    """The version that the program at *path* tells, None if it is none that runs here.

    A name on the PATH alone proves nothing: Ubuntu's chromium-browser only tells of a snap.
    """
    try:
        told = subprocess.run(
            [str(path), "--version"],
            capture_output=True,
            text=True,
            timeout=ANSWER_SECONDS,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    line = told.stdout.strip().splitlines()[0] if told.stdout.strip() else ""
    return line if told.returncode == 0 and "chrom" in line.lower() else None


# --- installing -----------------------------------------------------------------------------------

Command = Sequence[str]


def _ways() -> Iterator[tuple[str, list[Command]]]:
    """The ways to get a browser that this user may try, with their commands."""
    root = _as_root()
    deps = ["--with-deps"] if root is not None else []
    playwright = [sys.executable, "-m", "playwright", "install", *deps, "chromium"]
    yield "playwright install", [playwright]
    for name, steps in MANAGERS:
        program = shutil.which(name)
        if program is None:
            continue
        prefix = [] if name == "brew" else root
        if prefix is not None:
            yield name, [[*prefix, program, *step] for step in steps]


def _as_root() -> list[str] | None:
    """What to put before a command that needs root; None if this user cannot become root."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None or _run([sudo, "-n", "true"]) is not None:
        return None
    return [sudo, "-n"]


def _run_all(commands: Sequence[Command]) -> str | None:
    """Run all of them; the trouble of the last that had any. A failed update may do no harm."""
    troubles = [_run(command) for command in commands]
    return next((trouble for trouble in reversed(troubles) if trouble is not None), None)


def _run(command: Command) -> str | None:
    """Run a command to its end; None if it went well, else what went wrong in one line."""
    try:
        done = subprocess.run(
            list(command),
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            stdin=subprocess.DEVNULL,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return None
    said = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return said[-1] if said else f"exit code {done.returncode}"


def main(arguments: Sequence[str]) -> int:
    """Look, or with --install make sure; print what was found."""
    try:
        if "--install" in arguments:
            install(lambda line: print(line, flush=True))
        else:
            print(find(os.environ.get("LEADWRIGHT_BROWSER__EXECUTABLE", "")))
    except WorkFailed as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
