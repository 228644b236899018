"""`make bench`: a seat's year without crashes, in memory, and what its time is made of.

python -m simulation.year [--runs N] [--store]   --store: SQLite in memory in place of plain records
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from simulation.rig import CAMPAIGN, Rig

from bot.clock import processor_seconds, stopwatch
from bot.practice.records import SendKind
from bot.practice.scenario import Scenario, parse
from bot.store.memory import MemoryBook

DAYS, LEADS, RUNS = 365, 5_000, 5
GOAL_SECONDS = 3.0
FREE = 0.45
SHARES = ((0.12, "accept-default"), (0.08, "reject-default"), (0.05, "own-words"))
WORLD = """\
start = 2026-01-01T08:00:00Z
seed = 5
[owner]
first_name = "Robin"
name = "Robin Example"
[credits]
lots = [{ granted = 2026-01-01T00:00:00Z, credits = 50 }]
[[searches]]
id = "1"
name = "The first half"
order = "file"
[[searches]]
id = "2"
name = "The second half"
order = "file"
"""
# A search shows 2,500 people, so there are two, and a campaign for each.
CAMPAIGNS = (
    CAMPAIGN,
    replace(CAMPAIGN, name="makers", audience="/sales/search/people?savedSearchId=2"),
)


class Timed:
    """An object, with the seconds that its methods took; iterators count while they are made."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.seconds = 0.0
        self._depth = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def timed(*args: Any, **named: Any) -> Any:
            self._depth += 1
            started = stopwatch()
            try:
                return found(*args, **named)
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self.seconds += stopwatch() - started

        self.__dict__[name] = timed
        return timed


def main() -> int:
    """Print the figures; exit code 1 if the year is not what it should be."""
    parser = argparse.ArgumentParser(prog="python -m simulation.year")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--store", action="store_true", help="SQLite in memory")
    asked = parser.parse_args()
    world = scenario()
    rig, first = live(world, store=asked.store)
    # A rig that is over is let go: a heap of several years would slow the next one down.
    taken = [first, *(live(world, store=asked.store)[1] for _ in range(asked.runs - 1))]
    _tell(rig)
    median = statistics.median(each.wall for each in taken)
    met = "met" if median <= GOAL_SECONDS else "NOT MET"
    kept_in = "SQLite in memory" if asked.store else "plain records"
    print(f"a seat-year, {kept_in}: {_spread([each.wall for each in taken])} on the wall's clock,")
    print(f"{_spread([each.processor for each in taken])} of processor time, {asked.runs} runs")
    print(f"goal at most {GOAL_SECONDS:.1f} s: {met}")
    _tell_parts(world, store=asked.store)
    return 0 if len(rig.sent()) == rig.told() else 1


@dataclass(frozen=True)
class Taken:
    """Seconds of one year. Nothing in it waits: what the two differ by, others had."""

    wall: float
    processor: float


def _spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"


def scenario() -> Scenario:
    """5,000 people, 45 % of them free; 12 % accept, 8 % reject, 5 % answer in own words."""
    draw, tables = random.Random(1), [WORLD]
    for number in range(LEADS):
        kind = "free" if draw.random() < FREE else "credit"
        answer, left = "", draw.random()
        for share, what in SHARES:
            if 0 <= left < share:
                answer = f'"{what}"'
            left -= share
        tables.append(
            f'[[people]]\nname = "P{number} Invented"\nid = "ACwAA{number}"\nkind = "{kind}"\n'
            f"answer = [{answer}]\ndelay_days = [1, 9]\n"
            f'searches = ["{1 if number < LEADS / 2 else 2}"]\n'
        )
    return parse("\n".join(tables))


class YearRig(Rig):
    """A rig that knows how many messages its book tells of."""

    def told(self) -> int:
        """Sends in the book."""
        return sum(len(enrolment.sent) for enrolment in self.store.enrolments())


def live(world: Scenario, *, store: bool, **wrapped: Any) -> tuple[YearRig, Taken]:
    """One year, day by day; the seconds that it took."""
    book = None if store else MemoryBook()
    rig = YearRig(world, book=book, campaigns=CAMPAIGNS, **wrapped)
    started, worked = stopwatch(), processor_seconds()
    for _ in range(DAYS):
        rig.run(days=1)
    return rig, Taken(stopwatch() - started, processor_seconds() - worked)


def _tell(rig: YearRig) -> None:
    done = Counter(step.action for step in rig.done)
    sent = [d.kind for d in rig.sent()]
    print(
        f"{LEADS:,} leads, {DAYS} days: {sum(done.values()):,} actions, "
        f"{sent.count(SendKind.INMAIL):,} InMails, {sent.count(SendKind.MESSAGE):,} messages with "
        f"{len(CAMPAIGN.follow_ups)} follow-ups each at most; {rig.told():,} sends in the book"
    )


def _tell_parts(world: Scenario, *, store: bool) -> None:
    """One more year with a watch on book and site; the watch itself costs something."""
    parts: dict[str, Timed] = {}

    def watch(name: str) -> Any:
        def put(inner: Any) -> Timed:
            return parts.setdefault(name, Timed(inner))

        return put

    _, taken = live(world, store=store, on_book=watch("book"), on_site=watch("site"))
    spent = {name: part.seconds for name, part in parts.items()}
    spent["rules and agent"] = taken.wall - sum(spent.values())
    shares = ", ".join(f"{name} {seconds / taken.wall:.0%}" for name, seconds in spent.items())
    print(f"of a year under the watch ({taken.wall:.1f} s): {shares}")


if __name__ == "__main__":
    sys.exit(main())
