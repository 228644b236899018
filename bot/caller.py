"""Starts the deliverer of a seat's calls, and never waits for it. Light: the sleeper holds it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot import due
from bot.clock import Clock

LONGEST_RUN = timedelta(minutes=3)  # it ends by itself in half of that
AGAIN = timedelta(seconds=1)
AFTER_FAILURE = timedelta(minutes=1)


@dataclass(slots=True)
class CallDesk:
    """One deliverer at a time, whenever the seat's file says that something is due.

    command      what is started
    environment  what it is started with
    """

    folder: Path
    clock: Clock
    command: Sequence[str]
    environment: dict[str, str] | None = None
    _child: subprocess.Popen[bytes] | None = None
    _started: datetime | None = None
    _not_before: datetime | None = None
    _looked: bool = field(default=False)

    def look(self) -> None:
        """Start it if it is time; end one that hangs. Asked once a second."""
        now = self.clock.now()
        if self._is_at_work(now):
            return
        if (
            self._not_before is not None
            and self._not_before - AFTER_FAILURE <= now < self._not_before
        ):
            return
        told = due.read(self.folder)
        if told is None or (self._looked and told.at > now):
            return
        self._looked = True  # what a file says that was written before a power cut is not trusted
        self._start(now)

    def waits(self) -> bool:
        """Whether somebody is still to be told of something."""
        told = due.read(self.folder)
        return self._child is not None or (told is not None and told.waiting > 0)

    def tell_end(self, why: str) -> None:
        """Tell the owner that the daemon gives up: by a deliverer of its own."""
        self.stop()
        self._start(self.clock.now(), "--stopped", why)

    def is_at_work(self) -> bool:
        """Whether a deliverer runs that does not hang."""
        return self._is_at_work(self.clock.now())

    def stop(self) -> None:
        """End it at once: a try that dies is made again."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def _is_at_work(self, now: datetime) -> bool:
        if self._child is None:
            return False
        code = self._child.poll()
        assert self._started is not None
        if code is None and self._started - AGAIN <= now < self._started + LONGEST_RUN:
            return True
        if code is None:
            self.stop()
        self._child = None
        self._not_before = now + (AGAIN if code == 0 else AFTER_FAILURE)
        return False

    def _start(self, now: datetime, *more: str) -> None:
        self._started, self._not_before = now, now + AFTER_FAILURE
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "bot", *self.command, *more],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=self.environment,
                start_new_session=True,
            )
        except OSError:  # no memory, no processes left: later
            self._child = None
