"""Follows README and docs word for word in a Debian that was made a minute ago (`make fresh`).

A root folder is made by debootstrap, with Python, a screen, and nothing else that Leadwright needs,
and is entered as a container is: with mounts and processes of its own, as the ordinary user robin.
What is installed there is the last commit. Needs root, a Debian or Ubuntu, and Debian's mirror.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.wheel import NotBuilt, build

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "out" / "fresh"
SUITE, MIRROR = "bookworm", "http://deb.debian.org/debian"
HAS = ("ca-certificates", "curl", "git", "make", "python3", "python3-venv", "sudo", "xvfb")
STEP_SECONDS = 3600
# What names this machine's certificates: a fresh one has copies in the same places.
CERTIFICATES = Path("/usr/local/share/ca-certificates")
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
TRUST = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
ENTER = """\
set -e
mount --bind {root} {root}
cd {root}
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs tmpfs tmp
mkdir -p old
pivot_root . old
umount -l old
rmdir old
exec su --login {user} --command {command}
"""
NEXT_VERSION = "9.9.9"


class Failed(Exception):
    """It cannot go on; the message says why."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Pages that are followed one after the other, in one terminal.

    title  what it shows
    words  what tools/follow.py is given
    first  what is typed before
    bare   on a machine where nothing was followed yet
    """

    title: str
    words: tuple[str, ...]
    first: str = ""
    bare: bool = False


def visits(old: str, new: str) -> Iterator[Visit]:
    """All that is followed, in order."""
    install = ("docs/install.md", "--only", "With pipx", "--only")
    yield Visit("installed by pipx", (*install, "A browser", "--only", "Completion"))
    yield Visit("the tutorial", ("docs/tutorial.md",))
    homes = "export LEADWRIGHT_HOME=~/leadwright-practice"
    site = f"{homes}; leadwright practice --scenario small & sleep 3"
    screen = ("docs/headless.md", "--only", "A screen, and a way to look at it")
    yield Visit("signing in on a headless server", screen, site)
    upgrading = f"{homes}; export OLD=./{old} NEW=./{new}"
    yield Visit("upgrading and downgrading", ("docs/upgrading.md",), upgrading)
    away = "pipx uninstall leadwright; pipx install uv"
    uv = ("docs/install.md", "--only", "With uv")
    yield Visit("installed by uv", uv, away)
    readme, pipx = ("README.md", "--without"), f"pipx install ./{old}"
    installed = (*readme, "make demo", "--without", "make test")
    away = "uv tool uninstall leadwright; cp leadwright/README.md ."
    yield Visit("README: installed", installed, away)
    checkout = (*readme, pipx, "--without", "leadwright doctor", "--without", "make test")
    yield Visit("README: a checkout", checkout, "cd leadwright", bare=True)


def _debootstrap() -> tuple[Path, Path]:
    """The program and its scripts: the machine's, else unpacked here, and never installed."""
    found = shutil.which("debootstrap")
    if found is not None:
        return Path(found), Path("/usr/share/debootstrap")
    folder = PLACE / "debootstrap"
    program = folder / "usr/sbin/debootstrap"
    if not program.exists():
        folder.mkdir(exist_ok=True)
        _run(["apt-get", "download", "--quiet", "debootstrap"], folder)
        for archive in folder.glob("*.deb"):
            _run(["dpkg-deb", "--extract", str(archive), str(folder)])
    return program, folder / "usr/share/debootstrap"


def prepare(root: Path) -> None:
    """A new Debian with the user robin, who may become root. Raises Failed."""
    program, scripts = _debootstrap()
    words = ["--variant=minbase", f"--include={','.join(HAS)}", SUITE, str(root), MIRROR]
    _run(["env", f"DEBOOTSTRAP_DIR={scripts}", str(program), *words])
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    (root / "etc/apt/apt.conf.d/90yes").write_text('APT::Get::Assume-Yes "true";\n')
    (root / "etc/sudoers.d/robin").write_text(
        "robin ALL=(ALL) NOPASSWD: ALL\nDefaults env_keep += DEBIAN_FRONTEND\n"
    )
    (root / "etc/profile.d/fresh.sh").write_text(
        "export DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8\n"
        + "".join(f"export {name}={BUNDLE}\n" for name in TRUST)
    )
    if CERTIFICATES.is_dir():
        shutil.copytree(CERTIFICATES, root / CERTIFICATES.relative_to("/"), dirs_exist_ok=True)
    enter(root, "update-ca-certificates", user="root")
    enter(root, "useradd --create-home --shell /bin/bash robin", user="root")


def bring(root: Path) -> tuple[str, str]:
    """Put the last commit, its wheel and one of a newer version into robin's home."""
    home = root / "home/robin"
    source = home / "leadwright"
    _run(["git", "clone", "--quiet", str(ROOT), str(source)])
    shutil.copytree(source / "docs", home / "docs")
    shutil.copy(source / "tools/follow.py", home / "follow.py")
    old = build(source, home)
    with tempfile.TemporaryDirectory() as folder:
        newer = Path(folder) / "leadwright"
        shutil.copytree(source, newer)
        _renew(newer)
        new = build(newer, home)
    enter(root, "chown --recursive robin:robin /home/robin", user="root")
    return old.name, new.name


def _renew(source: Path) -> None:
    """Make a checkout the next version, with one more step of the state's tables."""
    for name, old, new in (
        ("pyproject.toml", 'version = "0.1.0"', f'version = "{NEXT_VERSION}"'),
        (
            "bot/store/schema.py",
            "_INBOX, _OUTBOX)",
            '_INBOX, _OUTBOX, ("UPDATE leads SET doc = doc",))',
        ),
    ):
        path = source / name
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise Failed(f"{name} has no {old} any more: correct tools/fresh.py")
        path.write_text(text.replace(old, new), encoding="utf-8")


def enter(root: Path, command: str, *, user: str = "robin") -> None:
    """Run a command in there, and show what it says. Raises Failed."""
    script = ENTER.format(root=shlex.quote(str(root)), user=user, command=shlex.quote(command))
    _run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", script])


def _run(command: Sequence[str], folder: Path = ROOT) -> None:
    try:
        done = subprocess.run(
            list(command), cwd=folder, timeout=STEP_SECONDS, stdin=subprocess.DEVNULL, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(str(error)) from None
    if done.returncode != 0:
        raise Failed(f"{command[0]} ended with {done.returncode}")


def follow_all(root: Path, only: str) -> None:
    """Make every visit, or those whose title has *only* in it. Raises Failed at the first fault."""
    old, new = bring(root)
    bare = root.with_name(f"{root.name}-bare")
    _run(["cp", "--archive", "--reflink=auto", str(root), str(bare)])
    try:
        for visit in visits(old, new):
            if only not in visit.title:
                continue
            print(f"--- {visit.title}", flush=True)
            command = f"python3 ~/follow.py {shlex.join(visit.words)}"
            where = bare if visit.bare else root
            enter(where, f"{visit.first}\n{command}" if visit.first else command)
    finally:
        shutil.rmtree(bare)


def main(arguments: Sequence[str]) -> int:
    """Make it, follow all, and take it away again; 1 at the first thing that is not as it says."""
    parser = argparse.ArgumentParser(description="Follow README and docs in a new Debian.")
    parser.add_argument("--only", default="", help="visits with this in their title")
    parser.add_argument("--keep", action="store_true", help="leave the root folder for a look")
    options = parser.parse_args(arguments)
    if os.geteuid() != 0:
        print("make fresh needs root: it makes a root folder of its own", file=sys.stderr)
        return 1
    PLACE.mkdir(parents=True, exist_ok=True)
    root = Path(tempfile.mkdtemp(prefix="root-", dir=PLACE))
    root.chmod(0o755)
    try:
        prepare(root)
        follow_all(root, options.only)
    except (Failed, NotBuilt) as error:
        print(f"fresh: {error}", file=sys.stderr)
        return 1
    finally:
        if not options.keep:
            shutil.rmtree(root)
    print("every command did what the text says")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
