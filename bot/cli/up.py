"""`up`: every seat's daemon under one process, for machines without a service manager."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot.checking import checked_settings
from bot.cli.plain import plain, say
from bot.clock import Clock, SystemClock
from bot.daemon import GRACE_SECONDS, HALTED, PATIENCE, WRONG_USAGE, Signals
from bot.errors import UsageError
from bot.places import home_folder

LOOK = timedelta(seconds=0.2)
WELL_AFTER = timedelta(hours=1)  # a daemon that ran for so long starts its tries anew
FOR_ITS_OWNER = {
    HALTED: "halted, and waits for you: `leadwright resume`, then start it again",
    WRONG_USAGE: "left alone: put right what it says above",
}
LAST_WORDS_SECONDS = 2.0


@dataclass(slots=True)
class Kept:
    """One seat's daemon.

    ended   its exit code, where it is not to be started again
    again   when it is started again
    tries   how often it failed in a row
    """

    seat: str
    command: Sequence[str]
    process: subprocess.Popen[str] | None = None
    started: datetime | None = None
    again: datetime | None = None
    tries: int = 0
    ended: int | None = None
    reader: threading.Thread | None = None


@dataclass(slots=True)
class Keeper:
    """Starts daemons, tells what they say, and starts again what died."""

    clock: Clock
    signals: Signals
    kept: list[Kept] = field(default_factory=list)

    def run(self) -> int:
        """Until stopped, or until none is left; the worst exit code of those that ended."""
        try:
            while not self.signals.asked() and any(each.ended is None for each in self.kept):
                for each in self.kept:
                    self._look(each)
                self.clock.sleep_until(self.clock.now() + LOOK)
        finally:
            self._end()
        return max((each.ended or 0 for each in self.kept), default=0)

    def _look(self, kept: Kept) -> None:
        now = self.clock.now()
        if kept.process is None:
            if kept.ended is None and (kept.again is None or kept.again <= now):
                self._start(kept)
            return
        code = kept.process.poll()
        if code is None:
            return
        _heard_out(kept)
        if code == 0 or code in FOR_ITS_OWNER:
            kept.ended = code
            _say(kept.seat, FOR_ITS_OWNER.get(code, "ended"))
            return
        assert kept.started is not None
        kept.tries = 1 if now - kept.started > WELL_AFTER else kept.tries + 1
        kept.again = now + PATIENCE[min(kept.tries, len(PATIENCE)) - 1]
        _say(kept.seat, f"ended with exit code {code}; again at {kept.again:%H:%M:%S} UTC")

    def _start(self, kept: Kept) -> None:
        kept.process = subprocess.Popen(
            kept.command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C is ours to pass on, once
        )
        kept.started = self.clock.now()
        kept.reader = threading.Thread(target=_tell, args=(kept.seat, kept.process), daemon=True)
        kept.reader.start()

    def _end(self) -> None:
        """Ask all at once, then wait: each finishes its step."""
        living = [each for each in self.kept if each.process is not None]
        for each in living:
            assert each.process is not None
            each.process.terminate()
        for each in living:
            assert each.process is not None
            try:
                each.process.wait(GRACE_SECONDS + 5)
            except subprocess.TimeoutExpired:
                each.process.kill()  # what was under way is found by the next start (T4)
            _heard_out(each)


def up_command(names: Sequence[str], home: Path | None) -> int:
    """`leadwright up [SEAT...]`: all configured seats, or these."""
    where = home_folder(home)
    settings = checked_settings(where)
    seats = list(dict.fromkeys(names)) or list(settings.seats)
    if not seats:
        raise UsageError(f"no seats in {where / 'config.toml'}: add a table [seats.NAME]")
    for name in seats:
        settings.seat(name)
    signals = Signals()
    signals.listen()
    run = [sys.executable, "-P", "-m", "bot", "run"]
    kept = [Kept(name, [*run, name, "--home", str(where)]) for name in seats]
    return Keeper(SystemClock(), signals, kept).run()


def _heard_out(kept: Kept) -> None:
    """What a daemon said last is told, before what became of it.

    A stint that outlives its daemon may keep the line open for hours: it is not waited for.
    """
    if kept.reader is not None:
        kept.reader.join(LAST_WORDS_SECONDS)
    kept.process = kept.reader = None


def _tell(seat: str, process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    with process.stdout as said:
        for line in said:
            _say(seat, line.rstrip("\n"))


def _say(seat: str, line: str) -> None:
    say(f"{seat}: {plain(line)}")
    sys.stdout.flush()
