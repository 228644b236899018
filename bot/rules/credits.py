"""What is posted to the credit ledger, and when (C1-C8, C12).

Every function takes the ledger and gives it back with the entries that changed it. Posting goes
through bot.credits.add, which refuses what would fall below nothing.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from bot.credits import (
    Account,
    Entry,
    EntryKind,
    Ledger,
    Lot,
    add,
    grant_key,
    month_of,
    to_release,
)
from bot.policy import CreditPolicy

ANSWER_COUNTS_FOR = timedelta(days=90)  # the site's published rule (site.md, 8)


@dataclass(frozen=True, slots=True)
class Posted:
    """A ledger and the entries that led to it since it was opened here."""

    ledger: Ledger
    entries: tuple[Entry, ...] = ()

    def post(self, entry: Entry) -> Posted:
        """Add *entry*. Raises ValueError if there is not so much, see bot.credits.add."""
        return Posted(add(self.ledger, entry), (*self.entries, entry))


def expiry(born_at: datetime, policy: CreditPolicy) -> datetime:
    """When a credit born at *born_at* expires (C3)."""
    if policy.months is None:
        assert policy.days is not None, "a policy has months or days"
        return born_at + timedelta(days=policy.days)
    local = born_at.astimezone(policy.renewal_zone)
    return _month_later(local, policy.months, local.day).astimezone(born_at.tzinfo)


@lru_cache(maxsize=1024)
def next_grant(after: datetime, policy: CreditPolicy) -> datetime:
    """The first renewal after *after* (C1): day 29 to 31 falls on a short month's last day."""
    midnight = after.astimezone(policy.renewal_zone).replace(
        hour=0, minute=0, second=0, microsecond=0, fold=0
    )
    for months in range(3):
        moment = _month_later(midnight, months, policy.renewal_day).astimezone(after.tzinfo)
        if moment > after:
            return moment
    raise AssertionError("two months hold at least one renewal")


def coming_grant(ledger: Ledger, policy: CreditPolicy) -> datetime | None:
    """The grant that is to be posted next; None before the ledger is opened.

    One a month (C1): an owner who moves the day or the zone of the renewal brings no second. The
    month of the opening may have its own still to come.
    """
    if ledger.granted_to is None:
        return None
    return _coming_grant(ledger.granted_to, ledger.granted_month, policy)


@lru_cache(maxsize=1024)
def _coming_grant(granted_to: datetime, month: str, policy: CreditPolicy) -> datetime:
    coming = next_grant(granted_to, policy)
    again = month_of(grant_key(coming.astimezone(policy.renewal_zone))) == month
    return next_grant(coming, policy) if again else coming


def last_grant(at: datetime, policy: CreditPolicy) -> datetime:
    """The last renewal at or before *at*."""
    found = next_grant(at - timedelta(days=63), policy)
    while (later := next_grant(found, policy)) <= at:
        found = later
    return found


def open_ledger(seen: int, at: datetime, policy: CreditPolicy) -> Posted:
    """Open with the balance that the site shows; its lots are assumed (C12).

    The newest grants are assumed to be whole. What no living grant can explain is put into the
    newest: the next readings of the balance correct it (C9).
    """
    lots: list[tuple[datetime, int]] = []
    left, born_at = seen, last_grant(at, policy)
    while left > 0 and expiry(born_at, policy) > at and len(lots) < 12:
        lots.append((born_at, min(left, policy.monthly)))
        left -= lots[-1][1]
        born_at = last_grant(born_at - timedelta(seconds=1), policy)
    if not lots:
        lots = [(last_grant(at, policy), 0)]
    lots[0] = (lots[0][0], lots[0][1] + left)
    posted = Posted(Ledger())
    for born_at, credits in reversed(lots):
        key = f"opening/{born_at:%Y-%m-%d}"
        why = f"the site shows {seen}; assumed to be of the grant of {born_at:%Y-%m-%d} (C12)"
        posted = posted.post(
            Entry(
                key=key,
                at=at,
                kind=EntryKind.OPENING,
                credits=credits,
                source=Account.GRANTED,
                target=Account.AVAILABLE,
                why=why,
                lot=key,
                expires_at=max(expiry(born_at, policy), at + timedelta(seconds=1)),
            )
        )
    return posted


def accrue(ledger: Ledger, now: datetime, policy: CreditPolicy) -> Posted:
    """Post the grants and expiries up to *now* in their order; expiry before grant (C1-C3).

    A ledger that is not opened yet stays as it is.
    """
    posted = Posted(ledger)
    while (grant_at := coming_grant(posted.ledger, policy)) is not None:
        oldest = posted.ledger.lots[0] if posted.ledger.lots else None
        if oldest is not None and oldest.expires_at <= min(grant_at, now):
            posted = posted.post(_expire(oldest, oldest.expires_at, f"expire/{oldest.key}"))
        elif grant_at <= now:
            key = grant_key(grant_at.astimezone(policy.renewal_zone))
            posted = _gain(
                posted, key, grant_at, EntryKind.GRANT, policy.monthly, policy, "monthly grant"
            )
        else:
            break
    return posted


def hold(ledger: Ledger, attempt: str, lead_id: str, now: datetime) -> tuple[Posted, Lot]:
    """Set the oldest living credit aside for an attempt (C3, T1); return its lot as it was.

    Raises ValueError if none is available: asking may_spend() first is the caller's duty.
    """
    lot = next((lot for lot in ledger.lots if lot.expires_at > now), None)
    if lot is None:
        raise ValueError(f"hold/{attempt}: no credit is available")
    entry = Entry(
        key=f"hold/{attempt}",
        at=now,
        kind=EntryKind.HOLD,
        credits=1,
        source=Account.AVAILABLE,
        target=Account.HELD,
        why="set aside before the click (T1)",
        lot=lot.key,
        lead_id=lead_id,
    )
    return Posted(ledger).post(entry), lot


def release(ledger: Ledger, attempt: str, lead_id: str, now: datetime) -> Posted:
    """Give a held credit back to its lot: the InMail was not sent (T3).

    If the lot has expired meanwhile, so does the credit.
    """
    lot = to_release(ledger.holds, attempt)
    posted = Posted(ledger).post(
        Entry(
            key=f"release/{attempt}",
            at=now,
            kind=EntryKind.RELEASE,
            credits=1,
            source=Account.HELD,
            target=Account.AVAILABLE,
            why="the InMail was not sent (T3)",
            lot=lot.lot,
            expires_at=lot.expires_at,
            lead_id=lead_id,
        )
    )
    if lot.expires_at > now:
        return posted
    late = next(held for held in posted.ledger.lots if held.key == lot.lot)
    return posted.post(_expire(late, now, f"expire/{attempt}"))


def spend(ledger: Ledger, attempt: str, lead_id: str, now: datetime) -> Posted:
    """Spend the held credit: the credit InMail was sent (C4)."""
    return Posted(ledger).post(
        Entry(
            key=f"spend/{attempt}",
            at=now,
            kind=EntryKind.SPEND,
            credits=1,
            source=Account.HELD,
            target=Account.SPENT,
            why="credit InMail sent (C4)",
            lead_id=lead_id,
        )
    )


def refund(
    ledger: Ledger, attempt: str, lead_id: str, now: datetime, policy: CreditPolicy
) -> Posted:
    """Give an accepted credit InMail its credit back, with a new life (C3, C5), up to the cap."""
    key = f"refund/{attempt}"
    why = "its InMail was accepted (C5)" if policy.refund_on == "acceptance" else "answered (C5)"
    return _gain(Posted(ledger), key, now, EntryKind.REFUND, 1, policy, why, lead_id)


def adjust(
    posted: Posted,
    key: str,
    credits: int,
    now: datetime,
    policy: CreditPolicy,
    why: str,
    lead_id: str | None = None,
) -> Posted:
    """Correct the balance by *credits*, above or below 0, never below an empty ledger (C9)."""
    if credits > 0:
        return _gain(posted, key, now, EntryKind.ADJUST, credits, policy, why, lead_id)
    left = min(-credits, posted.ledger.available)
    while left > 0:
        lot = posted.ledger.lots[0]
        taken = min(left, lot.left)
        posted = posted.post(
            Entry(
                key=f"{key}/{lot.key}",
                at=now,
                kind=EntryKind.ADJUST,
                credits=taken,
                source=Account.AVAILABLE,
                target=Account.ADJUSTED,
                why=why,
                lot=lot.key,
                lead_id=lead_id,
            )
        )
        left -= taken
    return posted


def may_spend(ledger: Ledger, shortfall: int, policy: CreditPolicy) -> bool:
    """Whether a credit InMail may go out now: never with `reserve` credits left (C6).

    shortfall  credits that the site did not surely show when its balance was last read: they are
               not spent (C9)
    """
    return ledger.available - max(0, shortfall) > policy.reserve


def _gain(
    posted: Posted,
    key: str,
    at: datetime,
    kind: EntryKind,
    credits: int,
    policy: CreditPolicy,
    why: str,
    lead_id: str | None = None,
) -> Posted:
    """Take credits in; what would go beyond the cap is cut, and the cut is recorded (C2)."""
    source = {
        EntryKind.GRANT: Account.GRANTED,
        EntryKind.REFUND: Account.REFUNDED,
        EntryKind.ADJUST: Account.ADJUSTED,
    }[kind]
    room = max(0, policy.cap - posted.ledger.available - posted.ledger.held)
    kept = min(credits, room)
    if kept > 0:
        posted = posted.post(
            Entry(
                key=key,
                at=at,
                kind=kind,
                credits=kept,
                source=source,
                target=Account.AVAILABLE,
                why=why,
                lot=key,
                expires_at=expiry(at, policy),
                lead_id=lead_id,
            )
        )
    if kept < credits:
        posted = posted.post(
            Entry(
                key=f"cut/{key}",
                at=at,
                kind=EntryKind.CUT,
                credits=credits - kept,
                source=source,
                target=Account.CUT,
                why=f"{why}: beyond the {policy.cap} that a seat holds (C2)",
                lead_id=lead_id,
            )
        )
    return posted


def _expire(lot: Lot, at: datetime, key: str) -> Entry:
    return Entry(
        key=key,
        at=at,
        kind=EntryKind.EXPIRE,
        credits=lot.left,
        source=Account.AVAILABLE,
        target=Account.EXPIRED,
        why=f"not used by {lot.expires_at:%Y-%m-%d} (C3)",
        lot=lot.key,
    )


def _month_later(local: datetime, months: int, day: int) -> datetime:
    """*local* moved by *months* to *day*, or to the last day of a shorter month."""
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return local.replace(year=year, month=month + 1, day=min(day, last))
