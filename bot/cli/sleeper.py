"""`run`: the daemon in the foreground. Light on purpose: it lives for months."""

from __future__ import annotations

import os
import sys
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from bot import lock
from bot.caller import CallDesk
from bot.cli.ending import go_on
from bot.cli.plain import say
from bot.clock import SystemClock
from bot.daemon import RENEWED, Signals, Watch, Watched, keep_running, start_stint
from bot.errors import UsageError
from bot.places import SEAT_NAME, SeatPaths, home_folder
from bot.supervisor import Supervisor, without

PROGRAM = Path(__file__).parents[1] / "__init__.py"  # written anew by every installation
LOOKS = 10  # that find it as it is: by then the rest of an installation is there, too


def become(name: str, home: Path | None, as_json: bool) -> NoReturn:
    """Go on as bot.idle, in the same process: a service manager sees no other one."""
    where = home_folder(home)
    _refuse_stranger(where / "config.toml", name)
    go_on("bot.idle", name, str(where.absolute()), *(["--json"] if as_json else []))


def run(name: str, where: Path, as_json: bool) -> int:
    """Hold the seat and start a stint whenever something is due, until stopped."""
    paths = SeatPaths(where, name)
    paths.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    signals = Signals()
    signals.listen()
    supervisor = Supervisor.of(os.environ, os.getpid())
    code = RENEWED
    with lock.hold(paths.folder) as held:
        command = ["run", name, "--once", "--home", str(where), *(["--json"] if as_json else [])]
        calls = _calls(where, paths)
        watch = Watch(paths.folder, SystemClock(), signals, supervisor, Renewal(PROGRAM), calls)
        try:
            code = keep_running(
                lambda: start_stint(command, held, watch), watch, Watched.of(paths), _say
            )
        finally:
            calls.stop()
    if code == RENEWED:
        go_on("bot", *sys.argv[1:])  # with the program as it is on the disk now
    supervisor.stopping()
    return code


def _calls(where: Path, paths: SeatPaths) -> CallDesk:
    command = ["deliver", paths.seat, "--home", str(where)]
    return CallDesk(paths.folder, SystemClock(), command, without(os.environ))


class Renewal:
    """Tells whether the program was installed anew since, a few looks after it was written."""

    def __init__(self, program: Path) -> None:
        self._program = Watched((program,))
        self._running = self._seen = self._program.state()
        self._looks = 0

    def __call__(self) -> bool:
        """Look; asked once a second."""
        there = self._program.state()
        self._looks = self._looks + 1 if there == self._seen else 0
        self._seen = there
        return there not in (self._running, ()) and self._looks >= LOOKS


def _refuse_stranger(config: Path, name: str) -> None:
    """A name that is no seat's makes no folder. What else is wrong, the first stint tells."""
    try:
        seats = tomllib.loads(config.read_text(encoding="utf-8-sig")).get("seats")
    except FileNotFoundError:
        raise UsageError(f"there is no {config}: `leadwright init`") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{config} cannot be read: {error}; see `leadwright check`") from None
    if SEAT_NAME.fullmatch(name) is None:
        allowed = "a seat's name has small letters, digits, - and _"
        raise UsageError(f"there is no seat {name!r}: {allowed}")
    known = tuple(seats) if isinstance(seats, dict) else ()
    if name not in known:
        raise UsageError(f"no seat {name} in {config}; there is {', '.join(known) or 'none yet'}")


def _say(line: str) -> None:
    """A daemon does not die of what it cannot tell: its output may lie on a full disk."""
    with suppress(OSError):
        say(line, sys.stderr)
