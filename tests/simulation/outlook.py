"""The calendar simulation beside the practice site: how far off it is.

python -m simulation.outlook [--seeds N] [--runs N] [--days N] [--before N]

For each seed a world is drawn with the same shares, and worked for some days. What the days after
those may look like is then simulated from the seat's own book, with what its owner cannot know (who
will answer, and when) drawn anew in each run. Then the world goes on, and the two are compared.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from simulation.rig import PARIS, POLICY, Rig

from bot.clock import SimulatedClock, stopwatch
from bot.outlook import Asked, Outlook, Range, look_out, prepare
from bot.practice.people import What
from bot.practice.records import By, SendKind
from bot.practice.scenario import Scenario, parse
from bot.rules import limits
from bot.rules.shares import Share, Shares, see, shares_of
from bot.store.memory import MemoryBook

STARTS = ("2026-01-12T08:00:00Z", "2026-02-23T08:00:00Z", "2026-03-16T08:00:00Z")
TAKES_DAYS = (0.2, 9.0)  # from InMail to answer, drawn evenly
ACCEPT, REJECT, OWN_WORDS, FREE = 0.12, 0.08, 0.05, 0.45
SAID = ((ACCEPT, What.ACCEPT_DEFAULT), (REJECT, What.REJECT_DEFAULT), (OWN_WORDS, What.OWN_WORDS))
WORLD = """\
start = {start}
seed = {seed}
[owner]
first_name = "Robin"
name = "Robin Example"
[credits]
lots = [{{ granted = {granted}, credits = {credits} }}]
[[searches]]
id = "1"
name = "All"
order = "file"
"""


@dataclass(frozen=True, slots=True)
class Happened:
    """One day of the world."""

    day: date
    credit: int
    free: int
    messages: int
    balance: int

    @property
    def sends(self) -> int:
        return self.credit + self.free + self.messages


@dataclass(frozen=True, slots=True)
class Compared:
    """A seed's days side by side. Sends are those of working days.

    accepting, written  of the world's people who were written to: chance deals each world its own
    """

    outlook: Outlook
    happened: tuple[Happened, ...]
    accepting: int
    written: int

    def off(self) -> tuple[list[int], list[int]]:
        """How far the median is from what happened, a figure a day: sends, balance."""
        sends, balance = [], []
        for told, true in zip(self.outlook.days, self.happened, strict=True):
            if true.day.weekday() in POLICY.hours.days:
                median = told.inmails.median + told.messages.median
                sends.append(abs(median - true.sends))
            balance.append(abs(told.balance.median - true.balance))
        return sends, balance

    def inside(self) -> Counter[str]:
        """Days that lie inside the range, by figure; and `days`, `working`."""
        found: Counter[str] = Counter()
        for told, true in zip(self.outlook.days, self.happened, strict=True):
            found["days"] += 1
            found["balance"] += _within(told.balance, true.balance)
            if true.day.weekday() in POLICY.hours.days:
                found["working"] += 1
                found["credit"] += _within(told.credit, true.credit)
                found["free"] += _within(told.free, true.free)
                found["messages"] += _within(told.messages, true.messages)
        return found


def _within(told: Range, true: int) -> bool:
    return told.low <= true <= told.high


def world(seed: int, leads: int) -> Scenario:
    """People, kinds, answers and their times, drawn with the shares above."""
    draw = random.Random(seed)
    start = STARTS[seed % len(STARTS)]
    granted = f"{start[:8]}01T00:00:00Z"
    text = [WORLD.format(start=start, seed=seed, granted=granted, credits=draw.choice((20, 50)))]
    for number in range(leads):
        kind = "free" if draw.random() < FREE else "credit"
        answer, left = "", draw.random()
        for share, what in SAID:
            if 0 <= left < share:
                answer = f'"{what}"'
            left -= share
        text.append(
            f'[[people]]\nname = "P{number} Invented"\nid = "ACwAA{number}"\nkind = "{kind}"\n'
            f"answer = [{answer}]\ndelay_days = [{TAKES_DAYS[0]}, {TAKES_DAYS[1]}]"
        )
    return parse("\n".join(text))


def true_shares() -> Shares:
    """The shares that the world was drawn with."""
    first, last = TAKES_DAYS
    delays = tuple(timedelta(days=first + (last - first) * n / 100) for n in range(101))
    return Shares(ACCEPT, REJECT, OWN_WORDS, FREE, 0.0, delays)


def compare(
    seed: int, *, days: int, runs: int, before: int, leads: int = 600, seen: bool = False
) -> Compared:
    """Work a world, look ahead, work on.

    seen  with the shares that the seat has seen by then, in place of the true ones
    """
    rig = Rig(world(seed, leads), book=MemoryBook())
    first = limits.local_day(rig.clock.now(), PARIS)
    if before:
        rig.run(until=_ends(first + timedelta(days=before - 1)))
        first += timedelta(days=before)
    else:
        rig.run(until=rig.clock.now())
    told: tuple[Share, ...] = ()
    shares = true_shares()
    book = rig.store
    assert isinstance(book, MemoryBook)
    if seen:
        shares, told = shares_of(see(book.enrolments(), rig.clock.now()))
    copy = book.copy()
    work = replace(rig.work, clock=SimulatedClock(rig.clock.now()))
    work, assumes = prepare(work, copy)
    outlook = look_out(work, copy, Asked(days, runs, seed, shares, told), assumes=assumes)
    happened = _happen(rig, first, days)
    written = {d.lead_id for d in rig.sent(kind=SendKind.INMAIL)}
    plans = (person.plan for person in rig.world.scenario.people if person.id in written)
    accepting = sum(bool(plan) and plan[0].what is What.ACCEPT_DEFAULT for plan in plans)
    return Compared(outlook, happened, accepting, len(written))


def _happen(rig: Rig, first: date, days: int) -> tuple[Happened, ...]:
    """Let the world go on for so many days."""
    happened = []
    for number in range(days):
        day = first + timedelta(days=number)
        rig.run(until=_ends(day))
        sent = [
            d
            for d in rig.truth.deliveries
            if d.by is By.PAGE and limits.local_day(d.at, PARIS) == day
        ]
        inmails = [d for d in sent if d.kind is SendKind.INMAIL]
        cost = sum(d.cost for d in inmails)
        figures = (cost, len(inmails) - cost, len(sent) - len(inmails), rig.truth.balance)
        happened.append(Happened(day, *figures))
    return tuple(happened)


def _ends(day: date) -> datetime:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=PARIS)
    return limits.next_day_starts(noon, PARIS)


def main() -> int:
    """Print a seed's days side by side, and how far off all seeds are."""
    parser = argparse.ArgumentParser(prog="python -m simulation.outlook")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--before", type=int, default=21, help="days that the seat has seen")
    asked = parser.parse_args()
    for seen in (False, True):
        begun, found = stopwatch(), []
        for seed in range(asked.seeds):
            options = {"days": asked.days, "runs": asked.runs, "before": asked.before}
            found.append(compare(seed, **options, seen=seen))
        word = "as seen by then in the seat" if seen else "those that the world was drawn with"
        print(f"shares: {word}; {asked.seeds} seeds, {asked.days} days, {asked.runs} runs each, ")
        print(f"after {asked.before} days at work ({stopwatch() - begun:.0f} s)")
        if not seen:
            _tell_days(found[0])
        _tell(found)
    return 0


def _tell_days(one: Compared) -> None:
    print("seed 0, median (10-90) told | happened: credit, free, messages, balance at the end")
    for told, true in zip(one.outlook.days, one.happened, strict=True):
        ahead = "  ".join(
            f"{each.median:3d} ({each.low}-{each.high})".ljust(13)
            for each in (told.credit, told.free, told.messages, told.balance)
        )
        print(f"{told.day:%a %d %b}  {ahead} | {true.credit:3d} {true.free:3d} "
              f"{true.messages:3d} {true.balance:3d}")  # fmt: skip


def _tell(found: list[Compared]) -> None:
    sends = [off for each in found for off in each.off()[0]]
    balance = [off for each in found for off in each.off()[1]]
    inside = sum((each.inside() for each in found), Counter[str]())
    mean = statistics.mean(t.sends for each in found for t in each.happened if t.sends)
    print(f"off by, on average: {statistics.mean(sends):.2f} sends a working day (of {mean:.1f}), "
          f"{statistics.mean(balance):.2f} credits of the balance a day")  # fmt: skip
    told = ", ".join(
        f"{name} {inside[name] / inside[of]:.0%}"
        for name, of in (
            ("credit", "working"),
            ("free", "working"),
            ("messages", "working"),
            ("balance", "days"),
        )
    )
    print(f"days inside the 10-90 range: {told}")
    accepting = sum(each.accepting for each in found) / sum(each.written for each in found)
    print(f"of those written to {accepting:.1%} accept by default in these worlds "
          f"({ACCEPT:.0%} was assumed)")  # fmt: skip
    for name, figure in (("InMails", _inmails), ("messages", _messages)):
        totals = [figure(each) for each in found]
        off = statistics.mean(abs(told.median - true) / true for told, true in totals if true)
        lean = sum(told.median for told, _ in totals) / sum(true for _, true in totals) - 1
        held = sum(_within(told, true) for told, true in totals)
        print(
            f"{name} of all days together: the median is off by {off:.1%} on average, "
            f"over all seeds by {lean:+.1%}; {held} of {len(totals)} inside the range"
        )


def _inmails(each: Compared) -> tuple[Range, int]:
    return each.outlook.total.inmails, sum(day.credit + day.free for day in each.happened)


def _messages(each: Compared) -> tuple[Range, int]:
    return each.outlook.total.messages, sum(day.messages for day in each.happened)


if __name__ == "__main__":
    sys.exit(main())
