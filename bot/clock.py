"""The only place that asks the machine what time it is. All times are aware and in UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits. `simulated`: it moves only by being told to."""

    simulated: bool

    def now(self) -> datetime: ...

    def sleep_until(self, when: datetime) -> None: ...


class SystemClock:
    """The machine's clock."""

    simulated = False

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep_until(self, when: datetime) -> None:
        time.sleep(max(0.0, (when - self.now()).total_seconds()))


class SimulatedClock:
    """A clock that moves only when told to: sleeping is a jump."""

    simulated = True

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def sleep_until(self, when: datetime) -> None:
        self._now = max(self._now, when.astimezone(UTC))

    def advance(self, step: timedelta) -> None:
        """Let *step* pass. Raises ValueError for a negative one."""
        if step < timedelta(0):
            raise ValueError(f"time cannot go back by {step}")
        self._now += step


def stopwatch() -> float:
    """Seconds from an arbitrary start, for measuring how long something really took."""
    return time.perf_counter()


def processor_seconds() -> float:
    """Seconds of processor time that this process has had: what others do meanwhile is not in."""
    return time.process_time()


def rest(seconds: float) -> None:
    """Wait in real time, whatever the clock of the work says (polling a file, a child)."""
    time.sleep(seconds)
