"""What a seat keeps, since when, and what of it goes next: for its owner to see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot import oldlogs, orders
from bot.places import SeatPaths
from bot.policy import SeatPolicy
from bot.retaining import Fates, changed_at, set_aside
from bot.rules.calling import KEEP_FOUND
from bot.seat import Seat
from bot.snapshotfile import SUFFIX
from bot.store.evidence import Evidence
from bot.store.store import Store


@dataclass(frozen=True, slots=True)
class Kept:
    """One sort of what is kept.

    where   in the seat's folder
    count   people, pages, files or calls
    oldest  since when; None: nothing tells
    days    for how long; 0: for good
    """

    what: str
    where: str
    count: int
    bytes: int
    oldest: datetime | None
    days: int


@dataclass(frozen=True, slots=True)
class Leaver:
    """A lead that will be forgotten: over since then, forgotten from then on."""

    lead_id: str
    name: str
    since: datetime
    goes: datetime


@dataclass(frozen=True, slots=True)
class Stayer:
    """How many leads stay whatever their age though they are perhaps over, and why."""

    rule: str
    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Retention:
    """`retention --json`. Of the leads `next` has the first; `now` may be forgotten at once."""

    seat: str
    kept: tuple[Kept, ...]
    leads_days: int
    unanswered_days: int
    now: int
    later: int
    next: tuple[Leaver, ...]
    stays: tuple[Stayer, ...]


def retention_of(seat: Seat, store: Store, now: datetime, most: int) -> Retention:
    """What is kept, and who and what goes next; the first *most* leads by name."""
    kept = seat.policy.retention
    leavers: list[tuple[datetime, datetime, str]] = []
    stays: Counter[tuple[str, str]] = Counter()
    if kept.lets_leads_go:
        fates = Fates(seat, store, now)
        for lead_id in store.perhaps_over(now):
            found = fates.of(lead_id)
            if found.stays is not None:
                stays[found.stays.rule, found.stays.text] += 1
            elif found.goes is not None and found.since is not None:
                leavers.append((found.goes, found.since, lead_id))
    leavers.sort()
    due = sum(1 for goes, _, _ in leavers if goes <= now)
    return Retention(
        seat=seat.policy.name,
        kept=_kept(seat.paths, seat.policy, store),
        leads_days=kept.leads_days,
        unanswered_days=kept.unanswered_days,
        now=due,
        later=len(leavers) - due,
        next=tuple(_leaver(store, *each) for each in leavers[:most]),
        stays=tuple(Stayer(*why, count) for why, count in stays.most_common()),
    )


def _leaver(store: Store, goes: datetime, since: datetime, lead_id: str) -> Leaver:
    lead = store.lead(lead_id)
    return Leaver(lead_id, lead.name if lead is not None else "", since, goes)


def _kept(paths: SeatPaths, policy: SeatPolicy, store: Store) -> tuple[Kept, ...]:
    kept, days = policy.retention, policy.evidence.keep_days
    pages = tuple(paths.evidence.glob(f"*{SUFFIX}"))
    first = next((each.decision.at for each in Evidence(paths.evidence).decisions()), None)
    state = tuple(paths.folder.glob("state.sqlite*"))
    count, told = store.outbox.size()
    return (
        Kept("leads", "state.sqlite", store.count_leads(), _bytes(state), None, kept.leads_days),
        Kept("calls", "state.sqlite", count, 0, told, KEEP_FOUND.days),
        Kept("pages", "evidence", len(pages), _bytes(pages), first, days),
        _files("logs", "logs", oldlogs.files(paths.logs), kept.logs_days, oldlogs.oldest),
        _files("answered orders", "orders", orders.ended(paths.folder), kept.orders_days, _at),
        _files("states set aside", "state.replaced-*", set_aside(paths), kept.replaced_days,
               changed_at),
    )  # fmt: skip


def _files(
    what: str,
    where: str,
    files: Sequence[Path],
    days: int,
    at: Callable[[Path], datetime | None],
) -> Kept:
    times = [time for path in files if (time := at(path)) is not None]
    return Kept(what, where, len(files), _bytes(files), min(times, default=None), days)


def _at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _bytes(files: Sequence[Path]) -> int:
    return sum(path.stat().st_size for path in files)
