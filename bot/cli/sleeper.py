"""`run`: the daemon in the foreground. Light on purpose: it lives for months."""

from __future__ import annotations

import sys
import tomllib
from contextlib import suppress
from pathlib import Path

from bot import lock
from bot.cli.plain import say
from bot.clock import SystemClock
from bot.daemon import Signals, Watched, keep_running, start_stint
from bot.errors import UsageError
from bot.places import SEAT_NAME, SeatPaths, home_folder


def run(name: str, home: Path | None, as_json: bool) -> int:
    """Hold the seat and start a stint whenever something is due, until stopped."""
    where = home_folder(home)
    _refuse_stranger(where / "config.toml", name)
    paths = SeatPaths(where, name)
    paths.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock.hold(paths.folder) as held:
        signals = Signals()
        signals.listen()
        command = ["run", name, "--once", "--home", str(where), *(["--json"] if as_json else [])]
        files = (where / "config.toml", where / "do-not-contact.csv")
        folders = (paths.campaigns, paths.orders, paths.selectors, paths.texts)
        watched = Watched((*files, *folders))
        return keep_running(
            lambda: start_stint(command, held, signals),
            paths.folder,
            watched,
            SystemClock(),
            signals,
            _say,
        )


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
