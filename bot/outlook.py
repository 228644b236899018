"""The calendar simulation: what the coming days may look like, from many runs of the agent itself.

Each run works a copy of the book through the days, on a clock that jumps, against a site that is
only imagined. What differs from run to run is what the recipients do. So the ranges are as good as
the shares that are assumed, and no better.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.clock import SimulatedClock
from bot.credits import Account, Entry, EntryKind
from bot.decided import Decision
from bot.facts import Kind, Snapshot
from bot.imagined import ImaginedSite
from bot.importing import import_page
from bot.model import Changes, Done, Import, Lead
from bot.policy import Campaign, EvidencePolicy, Hours
from bot.reading import enrol
from bot.rules import limits
from bot.rules.credits import accrue
from bot.rules.shares import Share, Shares
from bot.stint import place_all, work_through
from bot.store.memory import MemoryBook
from bot.work import Work

LOW, HIGH = 0.10, 0.90


@dataclass(frozen=True, slots=True)
class Range:
    """A figure over all runs: its median, and what 10 and 90 of 100 runs stay within."""

    low: int
    median: int
    high: int


@dataclass(frozen=True, slots=True)
class DayAhead:
    """One calendar day of the seat's zone; credits as at its end, and what moved them.

    inmails  credit and free together; their medians need not add up to it
    """

    day: date
    inmails: Range
    credit: Range
    free: Range
    messages: Range
    balance: Range
    granted: Range
    refunded: Range
    expired: Range
    cut: Range


@dataclass(frozen=True, slots=True)
class MonthAhead:
    """What a month's grant brings, and loses to the cap (C2); only of the simulated days."""

    month: str
    granted: Range
    cut: Range
    expired: Range
    refunded: Range


@dataclass(frozen=True, slots=True)
class Totals:
    """All days together. Medians of days do not add up to the median of their sum."""

    inmails: Range
    credit: Range
    free: Range
    messages: Range
    granted: Range
    refunded: Range
    expired: Range
    cut: Range


@dataclass(frozen=True, slots=True)
class QueueAhead:
    """When a campaign has nobody left to write to.

    left   leads that wait at the end
    empty  in how many runs the queue becomes empty
    low, median, high  the day on which it does; None: not within the days that are simulated
    """

    campaign: str
    left: Range
    empty: int
    low: date | None
    median: date | None
    high: date | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """`forecast` of `plan --json`."""

    runs: int
    seed: int
    days: tuple[DayAhead, ...]
    total: Totals
    months: tuple[MonthAhead, ...]
    queue: tuple[QueueAhead, ...]
    shares: tuple[Share, ...]
    answers_take: tuple[int, ...]
    assumes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is simulated: so many calendar days, today the first of them."""

    days: int
    runs: int
    seed: int
    shares: Shares
    told: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class _Day:
    """One day of one run."""

    credit: int
    free: int
    messages: int
    balance: int
    moved: Counter[EntryKind]
    grant_cut: int


@dataclass(frozen=True, slots=True)
class _Run:
    days: tuple[_Day, ...]
    left: dict[str, tuple[int, ...]]


def look_out(
    work: Work,
    book: MemoryBook,
    asked: Asked,
    *,
    assumes: Sequence[str] = (),
    progress: Callable[[int], None] = lambda _run: None,
) -> Outlook:
    """Simulate *asked* from *book*, which stays as it is; *progress* hears of each run's end.

    work  what the seat works with; its site, clock and book are replaced in every run
    """
    zone, start = work.policy.hours.zone, work.now()
    today = limits.local_day(start, zone)
    days = tuple(today + timedelta(days=n) for n in range(asked.days))
    names = tuple(campaign.name for campaign in work.campaigns)
    runs = []
    for number in range(asked.runs):
        runs.append(_run(work, book.copy(), asked, f"{asked.seed}.{number}", days))
        progress(number + 1)
    return Outlook(
        runs=asked.runs,
        seed=asked.seed,
        days=tuple(_day_ahead(day, [run.days[n] for run in runs]) for n, day in enumerate(days)),
        total=_totals(runs),
        months=_months(days, runs),
        queue=tuple(_queue(name, days, runs) for name in names),
        shares=asked.told,
        answers_take=tuple(round(delay.total_seconds() / 3600) for delay in asked.shares.delays),
        assumes=tuple(assumes),
    )


# --- the state it begins with -------------------------------------------------------------------


def prepare(
    work: Work, book: MemoryBook, campaign: str | None = None, leads: int | None = None
) -> tuple[Work, tuple[str, ...]]:
    """Make *book* ready to be simulated, and say what is assumed beside the shares.

    campaign  taken as started, paused or not
    leads     so many people of whom nothing is known are added to it
    """
    work = replace(work, book=book, evidence=Nothing(), team=None, dry_run=False)
    assumes, seat = [], book.seat()
    if seat.halted is not None or seat.paused:
        word = "halted" if seat.halted is not None else "paused"
        assumes.append(f"the seat is {word}: it is taken as resumed now")
        book.commit(Changes(seat=replace(seat, halted=None, paused=False)))
    if seat.broken:
        names = ", ".join(sorted(hook.name for hook in seat.broken))
        assumes.append(f"what the site changed is taken as mended now: {names}")
        book.commit(Changes(seat=replace(book.seat(), broken=())))
    work, released = _released(work)
    assumes += released
    place_all(work)
    for each in work.campaigns:
        state = book.campaign(each.name)
        if each.name == campaign and state.paused:
            assumes.append(f"{each.name} is paused: it is taken as started now")
            book.commit(Changes(campaigns=(replace(state, paused=False),)))
        if each.name == campaign and leads is not None:
            _add_leads(work, each, leads)
            assumes.append(f"{leads} leads of whom nothing is known are added to {each.name}")
        else:
            assumes += _import(work, each)
    return work, tuple(assumes)


def _released(work: Work) -> tuple[Work, list[str]]:
    """Nobody is asked in a forecast: every text is taken as released when its turn comes (S8)."""
    names = ", ".join(campaign.name for campaign in work.campaigns if campaign.asks)
    unasked = tuple(replace(campaign, approve="none") for campaign in work.campaigns)
    told = [f"texts that wait for your release are taken as released at once: {names}"]
    return replace(work, campaigns=unasked), told if names else []


def _import(work: Work, campaign: Campaign) -> list[str]:
    """Take in a CSV audience; who else will be found on the site is not known."""
    state = work.book.campaign(campaign.name)
    if state.audience == campaign.audience and state.cursor is None:
        return []
    if campaign.audience.lower().endswith(".csv"):
        import_page(work, Import(campaign.name, 1))
        return []
    known = sum(1 for _ in work.book.enrolments(campaign.name))
    return [f"the audience of {campaign.name} is not imported yet: only {known} leads are known"]


def _add_leads(work: Work, campaign: Campaign, count: int) -> None:
    state = work.book.campaign(campaign.name)
    columns = state.columns
    if campaign.audience.lower().endswith(".csv"):
        columns = work.read_audience(campaign.audience)[1]
    extra = tuple((column, "-") for column in columns)
    people = (_assumed_lead(number, extra) for number in range(1, count + 1))
    enrol(work, campaign, people, replace(state, audience=campaign.audience, cursor=None))


def _assumed_lead(number: int, extra: tuple[tuple[str, str], ...]) -> Lead:
    return Lead(
        id=f"assumed-{number}",
        name=f"Lead {number}",
        first_name="Lead",
        last_name=str(number),
        company=f"Company {number}",
        title="Somebody",
        location="Somewhere",
        extra=extra,
    )


class Nothing:
    """Keeps no evidence: nothing was read."""

    def keep(self, decision: Decision, snapshot: Snapshot) -> str:
        del snapshot
        return decision.key

    def prune(self, now: datetime, policy: EvidencePolicy, is_open: Callable[[str], bool]) -> None:
        del now, policy, is_open


# --- one run ------------------------------------------------------------------------------------


def _run(work: Work, book: MemoryBook, asked: Asked, name: str, days: Sequence[date]) -> _Run:
    clock, policy = SimulatedClock(work.now()), work.policy
    site = ImaginedSite(book, asked.shares, name, policy.credits.monthly, clock.now)
    run = replace(work, book=book, site=site, clock=clock)
    left: dict[str, list[int]] = {campaign.name: [] for campaign in work.campaigns}
    for day in days:
        _work_a_day(run, _end_of(day, policy.hours))
        for campaign, counts in left.items():
            counts.append(book.queued(campaign))
    posted = accrue(book.ledger(), clock.now(), policy.credits)
    entries = (*book.entries(), *posted.entries)
    counted = _counted(site, entries, days, policy.hours)
    return _Run(counted, {campaign: tuple(counts) for campaign, counts in left.items()})


def _work_a_day(run: Work, end: datetime) -> None:
    work_through(
        run, patience=timedelta(days=4000), tell=_unheard, stopped=lambda: False, until=end
    )
    run.clock.sleep_until(end)


def _unheard(_done: Done) -> None:
    """Nobody listens: what happened stands in the book."""


def _end_of(day: date, hours: Hours) -> datetime:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=hours.zone)
    return limits.next_day_starts(noon, hours.zone)


def _counted(
    site: ImaginedSite, entries: Iterable[Entry], days: Sequence[date], hours: Hours
) -> tuple[_Day, ...]:
    """What each day of a run held. A grant counts on its own day, whenever it was posted."""
    sent: Counter[tuple[date, Kind | None]] = Counter()
    for each in site.sent:
        sent[limits.local_day(each.at, hours.zone), each.kind] += 1
    moved: dict[date, Counter[EntryKind]] = {day: Counter() for day in days}
    change: Counter[date] = Counter()
    grant_cut: Counter[date] = Counter()
    balance = 0
    for entry in entries:
        day = limits.local_day(entry.at, hours.zone)
        gained = (entry.target is Account.AVAILABLE) - (entry.source is Account.AVAILABLE)
        if day < days[0]:
            balance += gained * entry.credits
        elif day in moved:
            change[day] += gained * entry.credits
            moved[day][entry.kind] += entry.credits
            grant_cut[day] += entry.credits * entry.key.startswith("cut/grant/")
    counted = []
    for day in days:
        balance += change[day]
        credit, free, messages = (sent[day, kind] for kind in (Kind.CREDIT, Kind.FREE, None))
        counted.append(_Day(credit, free, messages, balance, moved[day], grant_cut[day]))
    return tuple(counted)


# --- many runs ----------------------------------------------------------------------------------


def spread(figures: Iterable[int]) -> Range:
    """The range of a figure, by nearest rank: each of the three was the figure of some run."""
    ordered = sorted(figures)
    low, median, high = (_rank(ordered, share) for share in (LOW, 0.5, HIGH))
    return Range(low, median, high)


def _rank(ordered: Sequence[int], share: float) -> int:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _day_ahead(day: date, runs: Sequence[_Day]) -> DayAhead:
    def moved(kind: EntryKind) -> Range:
        return spread([run.moved[kind] for run in runs])

    return DayAhead(
        day=day,
        inmails=spread([run.credit + run.free for run in runs]),
        credit=spread([run.credit for run in runs]),
        free=spread([run.free for run in runs]),
        messages=spread([run.messages for run in runs]),
        balance=spread([run.balance for run in runs]),
        granted=moved(EntryKind.GRANT),
        refunded=moved(EntryKind.REFUND),
        expired=moved(EntryKind.EXPIRE),
        cut=moved(EntryKind.CUT),
    )


def _totals(runs: Sequence[_Run]) -> Totals:
    def total(figure: Callable[[_Day], int]) -> Range:
        return spread([sum(figure(day) for day in run.days) for run in runs])

    return Totals(
        inmails=total(lambda day: day.credit + day.free),
        credit=total(lambda day: day.credit),
        free=total(lambda day: day.free),
        messages=total(lambda day: day.messages),
        granted=total(lambda day: day.moved[EntryKind.GRANT]),
        refunded=total(lambda day: day.moved[EntryKind.REFUND]),
        expired=total(lambda day: day.moved[EntryKind.EXPIRE]),
        cut=total(lambda day: day.moved[EntryKind.CUT]),
    )


def _months(days: Sequence[date], runs: Sequence[_Run]) -> tuple[MonthAhead, ...]:
    months = dict.fromkeys(f"{day:%Y-%m}" for day in days)
    return tuple(_month(month, days, runs) for month in months)


def _month(month: str, days: Sequence[date], runs: Sequence[_Run]) -> MonthAhead:
    places = [place for place, day in enumerate(days) if f"{day:%Y-%m}" == month]

    def total(figure: Callable[[_Day], int]) -> Range:
        return spread([sum(figure(run.days[place]) for place in places) for run in runs])

    return MonthAhead(
        month,
        granted=total(lambda day: day.moved[EntryKind.GRANT]),
        cut=total(lambda day: day.grant_cut),
        expired=total(lambda day: day.moved[EntryKind.EXPIRE]),
        refunded=total(lambda day: day.moved[EntryKind.REFUND]),
    )


def _queue(name: str, days: Sequence[date], runs: Sequence[_Run]) -> QueueAhead:
    counts = [run.left[name] for run in runs]
    places = [each.index(0) if 0 in each else len(days) for each in counts]
    at = spread(places)
    low, median, high = (
        days[place] if place < len(days) else None for place in (at.low, at.median, at.high)
    )
    empty = sum(1 for place in places if place < len(days))
    return QueueAhead(name, spread([each[-1] for each in counts]), empty, low, median, high)
