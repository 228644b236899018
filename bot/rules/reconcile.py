"""The site's balance beside ours: what a difference means (C9, C11)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.credits import (
    REFUND_SHOWS_WITHIN,
    SPEND_SHOWS_WITHIN,
    Account,
    BalanceReading,
    Cause,
    Entry,
    EntryKind,
    Ledger,
    Unexplained,
)
from bot.model import Attempt, SeatState
from bot.policy import CreditPolicy
from bot.rules.credits import Posted, adjust, expiry, open_ledger

EXPLAINED_WITHIN = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A seat and its ledger after a look at the site's balance."""

    seat: SeatState
    posted: Posted
    reading: BalanceReading


def observe(
    seat: SeatState,
    ledger: Ledger,
    seen: int,
    now: datetime,
    policy: CreditPolicy,
    *,
    in_doubt: int = 0,
    threads_read: bool = True,
    source: str = "inbox",
) -> Reconciled:
    """Compare the balance the site shows with ours; open the ledger with it if it is new (C12).

    in_doubt      held credits of attempts that may or may not be out
    threads_read  all threads were read after this balance could have changed; before that it
                  explains nothing, but what it is short of already counts against spending
    """
    if ledger.granted_to is None:
        posted = open_ledger(seen, now, policy)
        seat = replace(seat, balance_read_at=now, balance_seen=seen, shortfall=0, unexplained=None)
        return Reconciled(seat, posted, BalanceReading(now, seen, seen, source))
    reading = BalanceReading(now, seen, ledger.available, source)
    if not threads_read:
        shortfall = _not_to_be_spent(ledger, seen, now)
        seat = replace(seat, balance_read_at=now, balance_seen=seen, shortfall=shortfall)
        return Reconciled(seat, Posted(ledger), reading)
    gap = difference(ledger, seen, now, in_doubt)
    causes = seat.causes
    if in_doubt or _young(ledger, now):
        causes = tuple(replace(cause, at=now) for cause in causes)  # its difference may not show
    posted, causes, gap = _match(Posted(ledger), causes, gap, now, policy)
    seat, posted = _stand(seat, posted, gap, seen, now, policy)
    shortfall = _not_to_be_spent(posted.ledger, seen, now)
    seat = replace(seat, balance_read_at=now, balance_seen=seen, shortfall=shortfall, causes=causes)
    return Reconciled(seat, posted, reading)


def difference(ledger: Ledger, seen: int, now: datetime, in_doubt: int) -> int:
    """Seen minus expected; 0 while held credits and refunds under way can account for it."""
    low, high = ledger.available - _young(ledger, now), ledger.available + in_doubt
    return min(seen - low, 0) + max(seen - high, 0)


def _not_to_be_spent(ledger: Ledger, seen: int, now: datetime) -> int:
    """What the site does not show; and refunds that it only seems to show (C6).

    A balance that still lacks our newest spends looks as if refunds under way had come.
    """
    recent = sum(1 for at in ledger.spends if now - at < SPEND_SHOWS_WITHIN)
    return max(0, ledger.available - seen, min(_young(ledger, now), recent))


def _young(ledger: Ledger, now: datetime) -> int:
    """Refunds that the site may not have given yet (C11)."""
    return sum(1 for _, at in ledger.refunds if now - at < REFUND_SHOWS_WITHIN)


def found_cause(
    seat: SeatState, ledger: Ledger, cause: Cause, now: datetime, policy: CreditPolicy
) -> tuple[SeatState, Posted]:
    """Take in why a difference is there, whether it was noticed before, after, or not yet (C9).

    An adjustment without a cause is reversed and posted again under its cause, so that nothing
    is counted twice.
    """
    sign = 1 if cause.credits > 0 else -1
    posted = Posted(ledger)
    causeless = next(((key, n) for key, n in seat.adjusted if n * sign > 0), None)
    if causeless is not None:
        posted = _reverse(posted, causeless[0], cause, now, policy)
        return _without_one(seat, causeless), posted
    gap = seat.unexplained
    if gap is None or gap.credits * sign <= 0:
        return replace(seat, causes=(*seat.causes, cause)), posted
    posted = adjust(posted, f"adjust/{cause.key}", sign, now, policy, cause.why, cause.lead_id)
    seat = replace(seat, shortfall=max(0, seat.shortfall + min(sign, 0)))
    left = gap.credits - sign
    standing = None if gap.standing is None else min(gap.standing, left, key=abs)
    rest = replace(gap, credits=left, standing=standing) if left else None
    return replace(seat, unexplained=rest), posted


def spent_after_all(
    seat: SeatState, ledger: Ledger, attempt: Attempt, now: datetime, policy: CreditPolicy
) -> tuple[SeatState, Posted]:
    """Spend the credit of an attempt that was found not sent, and was sent (C4, T3).

    Its held credit was released. If the site's balance has been followed meanwhile by an
    adjustment without a cause, that one gives its credit back first (C9).
    """
    posted = Posted(ledger)
    causeless = next(((key, n) for key, n in seat.adjusted if n < 0), None)
    if causeless is not None:
        why = f"reverses {causeless[0]}: an InMail thought not sent was sent (C9)"
        posted = _gain_back(posted, f"late/{attempt.key}", attempt.lead_id, why, now, policy)
        seat = _without_one(seat, causeless)
    if posted.ledger.available == 0:
        return seat, posted  # nothing to take: the site had no more either
    entry = Entry(
        key=f"spend/{attempt.key}",
        at=now,
        kind=EntryKind.SPEND,
        credits=1,
        source=Account.AVAILABLE,
        target=Account.SPENT,
        why="credit InMail sent, though it was thought not sent (C4, T3)",
        lot=posted.ledger.lots[0].key,
        lead_id=attempt.lead_id,
    )
    shortfall = max(0, seat.shortfall - 1) if causeless is None else seat.shortfall
    return replace(seat, shortfall=shortfall), posted.post(entry)


def overdue_refunds(
    entries: Iterable[Entry], readings: Iterable[BalanceReading]
) -> tuple[Entry, ...]:
    """Refunds that the site's balance had not shown 48 h later, the oldest first (C11).

    Credits bear no names: of several refunds before one shortfall, as many are listed as are
    missing, the newest of them.
    """
    refunds = [entry for entry in entries if entry.kind is EntryKind.REFUND]
    overdue: dict[str, Entry] = {}
    for reading in readings:
        missing = reading.expected - reading.seen
        ripe = [r for r in refunds if reading.at - r.at >= REFUND_SHOWS_WITHIN]
        for entry in ripe[-missing:] if missing > 0 else []:
            overdue[entry.key] = entry
    return tuple(sorted(overdue.values(), key=lambda entry: entry.at))


def _match(
    posted: Posted, causes: tuple[Cause, ...], gap: int, now: datetime, policy: CreditPolicy
) -> tuple[Posted, tuple[Cause, ...], int]:
    """Post as many known causes as the gap holds; forget those that cost nothing in 48 h.

    These begin anew while held credits or refunds under way could hide what a cause has cost.
    """
    kept = []
    for cause in causes:
        if gap * cause.credits > 0:
            key = f"adjust/{cause.key}"
            posted = adjust(posted, key, cause.credits, now, policy, cause.why, cause.lead_id)
            gap -= cause.credits
        elif now - cause.at < EXPLAINED_WITHIN:
            kept.append(cause)
    return posted, tuple(kept), gap


def _stand(
    seat: SeatState, posted: Posted, gap: int, seen: int, now: datetime, policy: CreditPolicy
) -> tuple[SeatState, Posted]:
    """Let a difference stand as unexplained, or post it when it has stood for 48 h."""
    if gap == 0:
        return seat if seat.unexplained is None else replace(seat, unexplained=None), posted
    known = seat.unexplained
    same = known is not None and known.credits * gap > 0
    since = known.since if known is not None and same else now
    # Where it has grown, the part that was there before does not begin anew.
    part = min(gap, _standing(known), key=abs) if known is not None and same else gap
    standing = part if part != gap else None
    expected = posted.ledger.available
    if now - since < EXPLAINED_WITHIN:
        return replace(seat, unexplained=Unexplained(gap, since, expected, seen, standing)), posted
    key = f"adjust/{now.isoformat()}"
    why = f"expected {expected}, the site shows {seen}: {_likely(part, policy)} (C9)"
    posted = adjust(posted, key, part, now, policy, why)
    done = posted.ledger.available - expected
    adjusted = (*seat.adjusted, (key, done)) if done else seat.adjusted
    rest = Unexplained(gap - part, now, posted.ledger.available, seen) if gap != part else None
    return replace(seat, unexplained=rest, adjusted=adjusted), posted


def _standing(gap: Unexplained) -> int:
    return gap.credits if gap.standing is None else gap.standing


def _without_one(seat: SeatState, causeless: tuple[str, int]) -> SeatState:
    """The seat with one credit of a causeless adjustment taken off."""
    key, credits = causeless
    left = credits - (1 if credits > 0 else -1)
    kept = tuple(pair for pair in seat.adjusted if pair != causeless)
    return replace(seat, adjusted=(*kept, (key, left)) if left else kept)


def _gain_back(
    posted: Posted, key: str, lead_id: str, why: str, now: datetime, policy: CreditPolicy
) -> Posted:
    """One adjusted credit back, in a lot of its own."""
    return posted.post(
        Entry(
            key=f"adjust/{key}",
            at=now,
            kind=EntryKind.ADJUST,
            credits=1,
            source=Account.ADJUSTED,
            target=Account.AVAILABLE,
            why=why,
            lot=f"reversal/{key}",
            expires_at=expiry(now, policy),
            lead_id=lead_id,
        )
    )


def _likely(gap: int, policy: CreditPolicy) -> str:
    if gap <= -policy.monthly:
        return "a grant was cut, or did not come"
    if gap < 0:
        return "the owner sent by hand, or a refund did not come"
    if gap >= policy.monthly:
        return "a grant that was not expected"
    return "answers that are not acceptances were refunded"


def _reverse(posted: Posted, key: str, cause: Cause, now: datetime, policy: CreditPolicy) -> Posted:
    """Undo one credit of a causeless adjustment and post it again under its cause.

    Both go through a lot of their own, since the lot of then may be spent or expired by now.
    """
    lot = f"reversal/{cause.key}"
    gained = cause.credits < 0
    gain_why, loss_why = (
        (f"reverses {key}", cause.why) if gained else (cause.why, f"reverses {key}")
    )
    for part, source, target, why in (
        ("gain", Account.ADJUSTED, Account.AVAILABLE, gain_why),
        ("loss", Account.AVAILABLE, Account.ADJUSTED, loss_why),
    ):
        posted = posted.post(
            Entry(
                key=f"adjust/{cause.key}/{part}",
                at=now,
                kind=EntryKind.ADJUST,
                credits=1,
                source=source,
                target=target,
                why=f"{why} (C9)",
                lot=lot,
                expires_at=expiry(now, policy),
                lead_id=cause.lead_id,
            )
        )
    return posted
