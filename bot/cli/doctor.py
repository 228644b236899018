"""`doctor`: what this machine lacks; for a seat, whether its pages have the hooks it needs."""

from __future__ import annotations

import getpass
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bot import shipped
from bot.browser_check import browser_findings, driver_finding
from bot.browser_finder import install
from bot.checking import Checked, check
from bot.cli.common import print_json, refuse_halted, seat_of
from bot.cli.orders import asked
from bot.cli.plain import say
from bot.cli.setup import with_calls
from bot.clock import SystemClock
from bot.config import home_folder, load
from bot.errors import WorkFailed
from bot.machine import Finding, Machine, findings
from bot.orders import LookAtHooks
from bot.places import SeatPaths
from bot.store.store import Store

LONGEST_LOOK_SECONDS = 180  # a page that does not come is waited for, and so is a second one


@dataclass(frozen=True, slots=True)
class Ready:
    """What was found on this machine, and in the owner's files."""

    machine: tuple[Finding, ...]
    files: Checked

    @property
    def missing(self) -> int:
        """How many things are to be put right; a note is none of them."""
        lacking = sum(1 for each in self.machine if each.state == "missing")
        return lacking + len(self.files.faults)

    @property
    def code(self) -> int:
        """The exit code: 2 if only the owner's files are wrong, 1 if the machine is not ready."""
        if self.missing == len(self.files.faults):
            return 2 if self.missing else 0
        return 1


def doctor_command(name: str | None, home: Path | None, get_browser: bool, as_json: bool) -> int:
    """`leadwright doctor [SEAT]`: exit code 1 if anything is missing, or any hook is broken.

    The seat's live pages are opened and read only if all of its files are right. Raises SeatHalted
    for a seat that waits for its owner: then no page is opened (L5).
    """
    if get_browser:
        install(lambda line: say(line, sys.stderr))
    found = doctor(home_folder(home), name)
    if not as_json:
        _tell(found)
    hooks, code = "", found.code
    if name is not None and not found.missing:
        hooks, code = _hooks(name, home)
    if as_json:
        _print(found, hooks)
    elif hooks:
        say(hooks)
    return code


def doctor(home: Path, name: str | None = None) -> Ready:
    """Whether this machine can run, and *name*'s files with it."""
    files = Checked((), ())
    if name is not None or (home / "config.toml").exists():
        files = with_calls(check(home), home)
    executable, lines = "", list(files.lines)
    if not files.faults and (home / "config.toml").exists():
        settings = load(home)
        executable = settings.browser.executable
        if name is not None:
            lines.append(f"{name}: works in the time zone {settings.seat(name).hours.zone}")
            lines += _calls(home, name)
    machine = tuple(_machine(home, executable))
    return Ready(machine, Checked(tuple(lines), files.faults))


def _machine(home: Path, executable: str) -> Iterator[Finding]:
    screen = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    here = Machine(
        now=SystemClock().now(),
        home=home,
        user=getpass.getuser(),
        is_root=os.geteuid() == 0,
        screen=screen or sys.platform == "darwin",
    )
    yield Finding("Python", "ok", f"{platform.python_version()} at {sys.executable}")
    yield driver_finding(here)
    yield from browser_findings(here, executable)
    yield from findings(here)
    if not (home / "config.toml").exists():
        yield Finding("configuration", "note", "none yet", "`leadwright init` writes one")
    try:
        yield Finding("selectors", "ok", str(shipped.folder("selectors")))
    except WorkFailed as error:
        yield Finding("selectors", "missing", "nothing", str(error))


def _tell(found: Ready) -> None:
    """Print what was found, what is wrong last, and how much there is to do."""
    lacking = [each for each in found.machine if each.state == "missing"]
    there = [each for each in found.machine if each.state != "missing"]
    for line in (*there, *found.files.lines, *lacking, *found.files.faults):
        say(str(line))
    wrong = f"{found.missing} thing(s) to put right"
    print(wrong if found.missing else "everything is in order")


def _print(found: Ready, hooks: str) -> None:
    print_json(
        {
            "ready": not found.missing,
            "machine": [asdict(each) for each in found.machine],
            "faults": [asdict(fault) for fault in found.files.faults],
            "right": found.files.lines,
            "hooks": hooks.splitlines(),
        }
    )


def _hooks(name: str, home: Path | None) -> tuple[str, int]:
    """What the seat's live pages show, and the exit code."""
    seat = seat_of(name, home)
    answered = asked(seat, LookAtHooks(), seconds=LONGEST_LOOK_SECONDS)
    with Store.open(seat.paths.state, read_only=True) as store:
        halted = store.seat().halted
    refuse_halted(halted)
    return answered.text, 0 if answered.done else 1


def _calls(home: Path, name: str) -> list[str]:
    """What is to be said of a seat's calls."""
    with Store.open(SeatPaths(home, name).state, read_only=True) as store:
        tally = store.outbox.tally()
    if not (tally.waiting or tally.given_up):
        return []
    more = f"see `leadwright notify list {name}`"
    return [f"{name}: calls: {tally.waiting} wait, {tally.given_up} were given up: {more}"]
