"""`run`: the daemon in the foreground. Light on purpose: it lives for months."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from bot import lock
from bot.cli.plain import say
from bot.clock import SystemClock
from bot.daemon import Signals, Watched, keep_running, start_stint
from bot.places import SEAT_NAME, SeatPaths, home_folder


def run(name: str, home: Path | None, as_json: bool) -> int:
    """Hold the seat and start a stint whenever something is due, until stopped."""
    where = home_folder(home)
    paths = SeatPaths(where, name)
    if not (where / "config.toml").exists():
        print(f"error: there is no {where / 'config.toml'}: `leadwright init`", file=sys.stderr)
        return 2
    if SEAT_NAME.fullmatch(name) is None:
        allowed = "a seat's name has small letters, digits, - and _"
        print(f"error: there is no seat {name!r}: {allowed}", file=sys.stderr)
        return 2
    paths.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock.hold(paths.folder) as held:
        signals = Signals()
        signals.listen()
        command = ["run", name, "--once", "--home", str(where), *(["--json"] if as_json else [])]
        watched = Watched(
            (where / "config.toml", where / "do-not-contact.csv", paths.campaigns, paths.orders)
        )
        return keep_running(
            lambda: start_stint(command, held, signals),
            paths.folder,
            watched,
            SystemClock(),
            signals,
            _say,
        )


def _say(line: str) -> None:
    """A daemon does not die of what it cannot tell: its output may lie on a full disk."""
    with suppress(OSError):
        say(line, sys.stderr)
