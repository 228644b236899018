"""What a machine lacks for Leadwright, and how to get it there (`leadwright doctor`).

Everything is looked up below a root folder, so that a test can show a machine that is none.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from bot.programs import asked

State = Literal["ok", "note", "missing"]

MEGABYTES_NEEDED, MEGABYTES_WANTED = 200, 1000
FONTS = ("usr/share/fonts", "usr/local/share/fonts")
FONT_ENDINGS = {".ttf", ".otf", ".ttc", ".pfb", ".pcf.gz"}
ANSWER_SECONDS = 5

What = Literal["browser", "font", "screen", "driver"]


@dataclass(frozen=True, slots=True)
class Family:
    """Distributions that install alike: by which command, and what they call a thing.

    browser  empty where doctor's own way is better: Ubuntu's is a snap
    screen   one that nobody sees, and what shows it
    driver   the library that Playwright's driver needs and few systems have from the start
    """

    command: str
    browser: str
    font: str
    screen: str
    driver: str


FAMILIES: Mapping[str, Family] = {  # by the words of os-release
    "ubuntu": Family("apt-get install", "", "fonts-liberation", "xvfb x11vnc", "libatomic1"),
    "debian": Family(
        "apt-get install", "chromium", "fonts-liberation", "xvfb x11vnc", "libatomic1"
    ),
    "fedora": Family(
        "dnf install", "chromium", "liberation-fonts", "xorg-x11-server-Xvfb x11vnc", "libatomic"
    ),
    "rhel": Family("dnf install", "", "liberation-fonts", "xorg-x11-server-Xvfb", "libatomic"),
    "suse": Family(
        "zypper install", "chromium", "liberation-fonts", "xorg-x11-server-Xvfb", "libatomic1"
    ),
    "arch": Family(
        "pacman -S", "chromium", "ttf-liberation", "xorg-server-xvfb x11vnc", "gcc-libs"
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    state  "note": it works without, and something is worse; "missing": it does not work
    how    what to do about it; empty if it is in order
    """

    name: str
    state: State
    said: str
    how: str = ""

    def __str__(self) -> str:
        mark = "" if self.state == "ok" else f"{self.state}: "
        return f"{mark}{self.name}: {self.said}" + (f"; {self.how}" if self.how else "")


@dataclass(frozen=True, slots=True)
class Machine:
    """Whose machine is looked at, when, and where its files are."""

    now: datetime
    home: Path
    root: Path = Path("/")
    user: str = "root"
    is_root: bool = False
    screen: bool = False

    @property
    def system(self) -> tuple[str, str]:
        """The distribution's name, and the family that it is of; empty if it is not known."""
        try:
            told = platform.freedesktop_os_release() if self.root == Path("/") else self._release()
        except OSError:
            return platform.system(), ""
        words = [told.get("ID", ""), *told.get("ID_LIKE", "").split()]
        words = [word.partition("-")[0].replace("opensuse", "suse") for word in words]
        known = next((word for word in words if word in FAMILIES), "")
        return told.get("PRETTY_NAME", words[0]), known

    def _release(self) -> dict[str, str]:
        lines = (self.root / "etc/os-release").read_text(encoding="utf-8").splitlines()
        pairs = (line.partition("=") for line in lines)
        return {name: value.strip("\"'") for name, _, value in pairs}

    def install(self, what: What) -> str:
        """The command that installs it here; empty if nobody knows one."""
        family = FAMILIES.get(self.system[1])
        package = (
            {
                "browser": family.browser,
                "font": family.font,
                "screen": family.screen,
                "driver": family.driver,
            }[what]
            if family is not None
            else ""
        )
        return f"`sudo {family.command} {package}`" if family is not None and package else ""


def findings(machine: Machine) -> Iterator[Finding]:
    """All but browser and configuration, each with what to do."""
    yield Finding("system", "ok", machine.system[0])
    yield _account(machine)
    yield _fonts(machine)
    yield _screen(machine)
    yield from _service_manager(machine)
    yield _space(machine.home)
    yield from _clock(machine)
    yield _home(machine)


def _account(machine: Machine) -> Finding:
    if machine.is_root:
        how = "work seats as an ordinary user: `adduser --disabled-password robin`"
        return Finding("account", "note", "root, so the browser has no sandbox", how)
    return Finding("account", "ok", machine.user)


def _fonts(machine: Machine) -> Finding:
    folders = [machine.root / name for name in FONTS]
    for folder in folders:
        for path in folder.rglob("*"):
            if path.suffix in FONT_ENDINGS or path.name.endswith(".pcf.gz"):
                return Finding("fonts", "ok", f"in {folder}")
    how = machine.install("font") or "install a font, e.g. Liberation"
    return Finding("fonts", "note", "none, so windows and pictures show boxes for letters", how)


def _screen(machine: Machine) -> Finding:
    if machine.screen:
        return Finding("screen", "ok", "there is one, for `login`")
    command = machine.install("screen")
    how = "docs/headless.md says how" + (f", with {command}" if command else "")
    return Finding("screen", "note", "none, and `login` and `record` open a window", how)


def _service_manager(machine: Machine) -> Iterator[Finding]:
    if not (machine.root / "run/systemd/system").is_dir():
        how = "work the seats with `leadwright up`, started by what starts things here"
        yield Finding("systemd", "note", "does not run here", how)
        return
    yield Finding("systemd", "ok", "runs")
    if machine.is_root or (machine.root / "var/lib/systemd/linger" / machine.user).exists():
        yield Finding("lingering", "ok", "on" if not machine.is_root else "not needed by root")
    else:
        said = "off, so a seat's own service ends when you log out"
        yield Finding("lingering", "note", said, "`loginctl enable-linger`")


def _space(home: Path) -> Finding:
    place = next(folder for folder in (home, *home.parents) if folder.exists())
    try:
        free = shutil.disk_usage(place).free // 1_000_000
    except OSError as error:
        how = "mount it, or choose another home with LEADWRIGHT_HOME"
        return Finding("disk", "missing", f"{place}: {error.strerror}", how)
    said = f"{free} MB free at {place}"
    how = "make room: a seat's evidence alone may take `max_megabytes` of config.toml"
    if free < MEGABYTES_NEEDED:
        return Finding("disk", "missing", said, how)
    return Finding("disk", "note", said, how) if free < MEGABYTES_WANTED else _fine("disk", said)


def _clock(machine: Machine) -> Iterator[Finding]:
    said = f"{machine.now:%Y-%m-%d %H:%M} UTC"
    newest = datetime.fromtimestamp(Path(__file__).stat().st_mtime, machine.now.tzinfo)
    if machine.now < newest - timedelta(days=1):
        how = "set it: working hours and limits go by it, e.g. `sudo timedatectl set-ntp true`"
        yield Finding("clock", "missing", f"{said}, which is before this was installed", how)
    elif _is_unsynchronized():
        how = "`sudo timedatectl set-ntp true`"
        yield Finding("clock", "note", f"{said}, and nothing keeps it right", how)
    else:
        yield _fine("clock", said)
    yield _fine("time zone", f"{_zone(machine.root)} here; each seat works by its own")


def _zone(root: Path) -> str:
    link = root / "etc/localtime"
    name = str(link.readlink()).partition("zoneinfo/")[2] if link.is_symlink() else ""
    return name or "UTC"


def _home(machine: Machine) -> Finding:
    home = machine.home
    if not home.exists():
        return Finding("home", "note", f"{home} is not there yet", "`leadwright init` makes it")
    if not home.is_dir() or not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        how = "make it your own, or choose another with LEADWRIGHT_HOME"
        return Finding("home", "missing", f"{home} is no folder that you may write into", how)
    if home.stat().st_mode & 0o077:
        how = f"`chmod 700 {home}`"
        return Finding("home", "note", f"others may look into {home}, where sign-ins lie", how)
    return _fine("home", str(home))


def _fine(name: str, said: str) -> Finding:
    return Finding(name, "ok", said)


def _is_unsynchronized() -> bool:
    """Whether systemd says that nothing sets the clock right."""
    told = asked(["timedatectl", "show", "--property=NTPSynchronized", "--value"], ANSWER_SECONDS)
    return told is not None and told.returncode == 0 and told.stdout.strip() == "no"
