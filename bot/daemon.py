"""The sleeper: holds the seat's lock, knows when the next thing is due, and starts stints.

A stint is a child process, the same as `run SEAT --once`: it opens store and browser, does what
is due, and ends. So an idle seat holds no browser and no heavy import, and a crash of the browser
takes no daemon with it. Nothing heavy may be imported here.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

from bot import pulse
from bot.clock import Clock
from bot.errors import LASTING_CODE
from bot.lock import SeatLock

HALTED, WRONG_USAGE = 3, 2
SLICE = timedelta(seconds=1)
GRACE_SECONDS = 10  # a stint finishes or abandons its step within this
LONGEST_SLEEP = timedelta(hours=12)  # whatever was planned, look again after this
PATIENCE = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


@dataclass(slots=True)
class Signals:
    """Whether somebody asked this process to stop; a signal only sets the flag."""

    _stopped: bool = False

    def asked(self) -> bool:
        """Whether it is time to stop."""
        return self._stopped

    def listen(self) -> None:
        """Hear SIGTERM and SIGINT from here on."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self._stopped = True


@dataclass(frozen=True, slots=True)
class Watched:
    """Files whose change ends a sleep: configuration, campaigns, lists, orders."""

    paths: Sequence[Path]

    def state(self) -> tuple[tuple[str, int], ...]:
        """Names and times of all files, to be compared with a later state."""
        found: list[tuple[str, int]] = []
        for path in self.paths:
            for file in sorted(path.iterdir()) if path.is_dir() else [path]:
                try:
                    found.append((str(file), file.stat().st_mtime_ns))
                except FileNotFoundError:
                    continue
        return tuple(found)


def keep_running(
    stint: Callable[[], int],
    folder: Path,
    watched: Watched,
    clock: Clock,
    signals: Signals,
    say: Callable[[str], None],
) -> int:
    """Run stints until stopped; return the process's exit code.

    3 when the site asks for its owner, 2 when the first stint found the configuration wrong, 1
    when one stint after the other failed, or one for good. A configuration that breaks later is
    waited for.
    """
    failures, worked = 0, False
    while not signals.asked():
        before = watched.state()
        code = stint()
        if code == HALTED or (code == WRONG_USAGE and not worked) or signals.asked():
            return 0 if signals.asked() and code != HALTED else code
        if code == LASTING_CODE:
            say("that does not heal by itself: put it right, and start again")
            return 1
        failures = 0 if code == 0 else failures + 1
        if failures > len(PATIENCE):
            say(f"{failures} stints failed in a row, the last with exit code {code}: giving up")
            return 1
        worked = worked or code == 0
        until = _next(folder, clock.now()) if code == 0 else clock.now() + PATIENCE[failures - 1]
        say(f"sleeping until {until:%Y-%m-%d %H:%M:%S} UTC")
        _sleep(until, watched, before, clock, signals)
    return 0


def start_stint(command: Sequence[str], lock: SeatLock, signals: Signals) -> int:
    """Run one stint to its end and return its exit code; pass a stop on to it."""
    with subprocess.Popen(
        [sys.executable, "-m", "bot", *command],
        pass_fds=(lock.fd,),
        env=lock.environment(),
        start_new_session=True,  # Ctrl-C is ours to pass on, once
    ) as child:
        while True:
            try:
                return child.wait(SLICE.total_seconds())
            except subprocess.TimeoutExpired:
                if signals.asked():
                    return _end(child)


def _end(child: subprocess.Popen[bytes]) -> int:
    child.terminate()
    try:
        return child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()  # what was under way is found by the next start (T4)
        return child.wait()


def _next(folder: Path, now: datetime) -> datetime:
    told = pulse.read(folder)
    latest = now + LONGEST_SLEEP
    return min(told.next_at, latest) if told is not None and told.next_at is not None else latest


def _sleep(
    until: datetime,
    watched: Watched,
    before: tuple[tuple[str, int], ...],
    clock: Clock,
    signals: Signals,
) -> None:
    while clock.now() < until and not signals.asked() and watched.state() == before:
        clock.sleep_until(min(until, clock.now() + SLICE))
