"""Where the credits are, where they go, and what does not add up (C1-C3, C9, C11).

A forecast by simple arithmetic: credits are spent at the pace of the last four weeks, the oldest
first. bot.outlook tells the same from many simulated runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.credits import (
    REFUND_SHOWS_WITHIN,
    Account,
    BalanceReading,
    Entry,
    EntryKind,
    Ledger,
    Lot,
)
from bot.model import Attempt, Enrolment, SeatState
from bot.policy import CreditPolicy
from bot.rules.credits import next_grant
from bot.rules.reconcile import EXPLAINED_WITHIN, overdue_refunds

PACE_OVER = timedelta(days=28)
BY_HAND = ("adjust/manual/", "adjust/manual-accepted/")  # as rules.takein names its causes


@dataclass(frozen=True, slots=True)
class LotAhead:
    """A lot, and how many of its credits expire unused at the present pace (C3).

    days_left  whole days until it expires
    assumed    it was there at the opening (C12)
    """

    credits: int
    born_at: datetime
    expires_at: datetime
    days_left: int
    assumed: bool
    unused: int


@dataclass(frozen=True, slots=True)
class GrantAhead:
    """The next grant (C1), and what the cap would cut of it at the forecast balance (C2)."""

    at: datetime
    credits: int
    balance_before: int
    cut: int


@dataclass(frozen=True, slots=True)
class RefundDue:
    """A refund that we booked and the site's balance has not surely shown (C5, C11).

    inmail_at, answer, answered_at  None where the book does not tell
    shows_until  by then the site has shown it, or it is missing
    evidence     the names under which the pages behind it are kept
    """

    lead_id: str | None
    attempt: str
    inmail_at: datetime | None
    answer: str | None
    answered_at: datetime | None
    booked_at: datetime
    shows_until: datetime
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """The site's balance is not ours: `credits` are seen minus expected. Posted at `until` (C9)."""

    credits: int
    expected: int
    seen: int
    since: datetime
    hours: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One correction of the ledger (C9): `credits` above or below 0, and its likely reason."""

    at: datetime
    credits: int
    why: str
    lead_id: str | None
    by_hand: bool


@dataclass(frozen=True, slots=True)
class ByHand:
    """What the owner sent by hand and no difference was found for yet: it may have been free."""

    at: datetime
    credits: int
    why: str
    lead_id: str | None


@dataclass(frozen=True, slots=True)
class CreditAudit:
    """`credits --json`.

    pace  credits spent a day, over the last four weeks or since the first entry
    """

    at: datetime
    ledger: int
    held: int
    site: int | None
    site_read_at: datetime | None
    pace: float
    lots: tuple[LotAhead, ...]
    grant: GrantAhead | None
    refunds_expected: tuple[RefundDue, ...]
    refunds_missing: tuple[RefundDue, ...]
    unexplained: Difference | None
    adjustments: tuple[Adjusted, ...]
    by_hand: tuple[ByHand, ...]


@dataclass(frozen=True, slots=True)
class Books:
    """What an audit looks at, with the ledger brought up to `now`.

    attempts, enrolments  those of the refunds, by attempt key
    """

    seat: SeatState
    ledger: Ledger
    entries: Sequence[Entry]
    readings: Sequence[BalanceReading]
    attempts: Mapping[str, Attempt]
    enrolments: Mapping[str, Enrolment]
    policy: CreditPolicy
    now: datetime


def audit(books: Books) -> CreditAudit:
    """All that an owner may ask of the credits."""
    seat, ledger, now = books.seat, books.ledger, books.now
    pace = pace_of(books.entries, now)
    missing = overdue_refunds(books.entries, books.readings)
    late = {entry.key for entry in missing}
    young = [entry for entry in not_shown(books) if entry.key not in late]
    return CreditAudit(
        at=now,
        ledger=ledger.available,
        held=ledger.held,
        site=seat.balance_seen,
        site_read_at=seat.balance_read_at,
        pace=round(pace, 2),
        lots=lots_ahead(ledger.lots, pace, now),
        grant=grant_ahead(ledger, pace, now, books.policy),
        refunds_expected=tuple(_due(entry, books) for entry in young),
        refunds_missing=tuple(_due(entry, books) for entry in missing),
        unexplained=_difference(books),
        adjustments=adjustments(books.entries),
        by_hand=tuple(
            ByHand(each.at, each.credits, each.why, each.lead_id)
            for each in seat.causes
            if each.key.startswith("manual")
        ),
    )


def pace_of(entries: Iterable[Entry], now: datetime) -> float:
    """Credits spent a day, over the last four weeks, or since the first entry if that is later."""
    kept = list(entries)
    if not kept:
        return 0.0
    since = max(now - PACE_OVER, min(entry.at for entry in kept))
    spent = sum(e.credits for e in kept if e.kind is EntryKind.SPEND and since <= e.at <= now)
    return spent / max(1.0, (now - since) / timedelta(days=1))


def lots_ahead(lots: Sequence[Lot], pace: float, now: datetime) -> tuple[LotAhead, ...]:
    """Each lot with what will be left of it when it expires, if *pace* credits go a day (C3)."""
    ahead, used = [], 0
    for lot in lots:
        days = max(0.0, (lot.expires_at - now) / timedelta(days=1))
        from_this = min(lot.left, max(0, int(pace * days) - used))
        used += from_this
        assumed = lot.key.startswith("opening/")
        unused = lot.left - from_this
        ahead.append(LotAhead(lot.left, lot.born_at, lot.expires_at, int(days), assumed, unused))
    return tuple(ahead)


def grant_ahead(
    ledger: Ledger, pace: float, now: datetime, policy: CreditPolicy
) -> GrantAhead | None:
    """The next grant, and its cut at the pace; None while the ledger is not open (C12)."""
    if ledger.granted_to is None:
        return None
    at = next_grant(now, policy)
    lots = lots_ahead(ledger.lots, pace, now)
    gone = sum(lot.unused for lot in lots if lot.expires_at <= at)  # expiry comes first (C1)
    spent = int(pace * ((at - now) / timedelta(days=1)))
    usable = sum(lot.credits for lot in lots) - gone
    balance = usable - min(spent, max(0, usable - policy.reserve))
    cut = max(0, min(policy.monthly, balance + policy.monthly - policy.cap))
    return GrantAhead(at, policy.monthly, balance, cut)


def not_shown(books: Books) -> tuple[Entry, ...]:
    """Refunds of the last 48 hours that the site's balance may not have shown, the oldest first.

    Credits bear no names: as many as the last reading lacks, the newest of them, and all that were
    booked after it.
    """
    refunds = [
        entry
        for entry in books.entries
        if entry.kind is EntryKind.REFUND and books.now - entry.at < REFUND_SHOWS_WITHIN
    ]
    last = books.readings[-1] if books.readings else None
    if last is None:
        return tuple(refunds)
    before = [entry for entry in refunds if entry.at <= last.at]
    lacking = max(0, last.expected - last.seen)
    return (*(before[-lacking:] if lacking else ()), *refunds[len(before) :])


def adjustments(entries: Iterable[Entry]) -> tuple[Adjusted, ...]:
    """Every correction, the oldest first; what one correction took from several lots is one."""
    found: dict[tuple[datetime, str, str | None], Adjusted] = {}
    for entry in entries:
        if entry.kind is not EntryKind.ADJUST:
            continue
        credits = entry.credits if entry.target is Account.AVAILABLE else -entry.credits
        place = (entry.at, entry.why, entry.lead_id)
        if place in found:
            credits += found[place].credits
        by_hand = entry.key.startswith(BY_HAND)
        found[place] = Adjusted(entry.at, credits, entry.why, entry.lead_id, by_hand)
    return tuple(found.values())


def _difference(books: Books) -> Difference | None:
    gap = books.seat.unexplained
    if gap is None:
        return None
    hours = int((books.now - gap.since) / timedelta(hours=1))
    until = gap.since + EXPLAINED_WITHIN
    return Difference(gap.credits, gap.expected, gap.seen, gap.since, hours, until)


def attempt_of(entry: Entry) -> str:
    """The key of the attempt that a refund belongs to."""
    return entry.key.removeprefix("cut/").removeprefix("refund/")


def _due(entry: Entry, books: Books) -> RefundDue:
    key = attempt_of(entry)
    attempt, enrolment = books.attempts.get(key), books.enrolments.get(key)
    answer = enrolment.answer if enrolment is not None else None
    pages = [key] if attempt is not None else []
    if enrolment is not None and enrolment.thread_id is not None:
        pages.append(f"thread/{enrolment.thread_id}")
    return RefundDue(
        lead_id=entry.lead_id,
        attempt=key,
        inmail_at=attempt.clicked_at if attempt is not None else None,
        answer=f"{answer.answer} ({answer.rule})" if answer is not None else None,
        answered_at=answer.at if answer is not None else None,
        booked_at=entry.at,
        shows_until=entry.at + REFUND_SHOWS_WITHIN,
        evidence=tuple(pages),
    )
