"""A daemon at work for a month with a real browser: what its memory is before and after.

python -m process.month [--days N] [--every MINUTES]

The machine's clock is set to whatever is due next, so that a month takes minutes; nothing else is
simulated. Memory is what the daemon has resident while it sleeps: others on the machine cannot
change that, as they do its share of pages.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from process.plug import ALWAYS, Life
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot import meter, pulse
from bot.clock import stopwatch
from bot.processes import descendants, resident_bytes

MOST_MEGABYTES = 2.0
SETTLES = timedelta(hours=4)  # what is under way has its end by then (T3)
PEOPLE = 60


@dataclass(frozen=True, slots=True)
class Month:
    """What came of it; megabytes of the daemon after its first stint, and after the last."""

    days: float
    stints: int
    sends: int
    browser_minutes: float
    first: float
    last: float

    @property
    def growth(self) -> float:
        """Megabytes."""
        return self.last - self.first


def live(days: float, every: int, tell: Console) -> Month:
    """Let a seat live for so many days. Raises Broken where it stops, or a promise does not hold.

    every  minutes between two readings of the inbox
    """
    columns = (TextColumn("day {task.completed:.1f} of {task.total}"), BarColumn())
    with (
        TemporaryDirectory() as folder,
        Life(7, Path(folder), PEOPLE, send_ms=50) as life,
        Progress(*columns, TimeElapsedColumn(), console=tell) as progress,
    ):
        more = ALWAYS.replace("1440", str(every))
        life.user.settle_in(life.site.url, pause="[0, 0]", more=more)
        began, task = life.machine.now(), progress.add_task("", total=days)
        pid = _asleep(life)
        first = _megabytes(pid)
        while life.machine.now() - began < timedelta(days=days):
            told = pulse.read(life.user.seat)
            assert told is not None
            assert told.next_at is not None, told
            life.machine.set_clock(max(life.machine.now(), told.next_at))
            pid = _asleep(life, pid)
            progress.update(task, completed=(life.machine.now() - began) / timedelta(days=1))
        last, counted = _megabytes(pid), meter.read(life.user.seat)
        assert counted is not None
        life.come_to_rest(SETTLES)
        life.check()
    stints, minutes = counted.stints[("0",)], counted.browser_seconds / 60
    return Month(days, stints, life.tally.sent, minutes, first, last)


def _asleep(life: Life, pid: int | None = None) -> int:
    """Wait until the seat has nothing to do; the daemon, which must be the same as before."""

    def asleep() -> bool:
        told = pulse.read(life.user.seat)
        now = life.machine.now()
        waits = told is not None and told.asleep and told.next_at is not None and told.next_at > now
        daemons = life.machine.processes()["daemon"]
        return waits and len(daemons) == 1 and not descendants(daemons[0])

    life.run_until(asleep)
    (there,) = life.machine.processes()["daemon"]
    assert pid in (None, there), "the daemon was started again"
    return there


def _megabytes(pid: int) -> float:
    return (resident_bytes(pid) or 0) / 1e6


def main() -> int:
    """Exit code 1 if it grew by more than it may."""
    parser = argparse.ArgumentParser(prog="python -m process.month")
    parser.add_argument("--days", type=float, default=30)
    parser.add_argument("--every", type=int, default=480, help="minutes between two readings")
    asked = parser.parse_args()
    started = stopwatch()
    month = live(asked.days, asked.every, Console(stderr=True))
    print(
        f"{month.days:g} days, {month.stints} stints with a real browser"
        f" ({month.browser_minutes:.1f} min of it), {month.sends} sends: the daemon had"
        f" {month.first:.2f} MB resident after its first stint and {month.last:.2f} MB after the"
        f" last, {month.growth:+.2f} MB, goal at most {MOST_MEGABYTES:g}:"
        f" {'met' if month.growth <= MOST_MEGABYTES else 'NOT MET'};"
        f" {(stopwatch() - started) / 60:.1f} min"
    )
    return 0 if month.growth <= MOST_MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
