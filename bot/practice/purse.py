"""The site's own book of the seat's credits: lots that are granted, spent, returned, expire."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class RefundOn(StrEnum):
    """Which answers return the credit of the InMail they answer."""

    ACCEPTANCE = "acceptance"
    ANY_ANSWER = "any-answer"


class CreditCause(StrEnum):
    """Why the number of credits changed. `LOST`: a failed send that was charged all the same."""

    OPENING = "opening"
    GRANT = "grant"
    CUT = "cut"
    SPEND = "spend"
    LOST = "lost"
    REFUND = "refund"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class CreditEvent:
    """One change. `credits` is signed, except for CUT: credits that never came in."""

    at: datetime
    cause: CreditCause
    credits: int
    balance: int
    lead_id: str | None = None


@dataclass(frozen=True, slots=True)
class CreditRules:
    """What the site does with credits. `days` is None where a life is counted in `months`."""

    monthly: int = 50
    cap: int = 150
    months: int = 3
    days: int | None = None
    refund_on: RefundOn = RefundOn.ACCEPTANCE
    refund_delay: timedelta = timedelta(hours=6)
    refund_window: timedelta = timedelta(days=90)

    def expiry(self, granted: datetime) -> datetime:
        """When a credit of that day ends."""
        if self.days is not None:
            return granted + timedelta(days=self.days)
        return months_later(granted, self.months)


def months_later(at: datetime, months: int) -> datetime:
    """The same day *months* later, or that month's last day."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day)


def next_grant(after: datetime) -> datetime:
    """The first 1st of a month, 00:00 UTC, that is later than *after*."""
    first = after.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return months_later(first, 1)


@dataclass(slots=True)
class _Lot:
    granted: datetime
    expires: datetime
    left: int


class Purse:
    """Credits held now, and every change that led to them."""

    def __init__(self, rules: CreditRules) -> None:
        self.rules = rules
        self.balance = 0
        self.events: list[CreditEvent] = []
        self._lots: list[_Lot] = []

    def take_in(
        self,
        at: datetime,
        credits: int,
        cause: CreditCause,
        *,
        granted: datetime | None = None,
        lead_id: str | None = None,
    ) -> datetime:
        """Add a lot and return its expiry; what is over the cap is cut.

        `granted` is the lot's age where it is older than its arrival here.
        """
        born = granted if granted is not None else at
        expires = self.rules.expiry(born)
        kept = min(credits, self.rules.cap - self.balance)
        if kept > 0:
            self._lots.append(_Lot(born, expires, kept))
            self._lots.sort(key=lambda lot: lot.granted)
            self._note(at, cause, kept, lead_id)
        if kept < credits:
            event = CreditEvent(at, CreditCause.CUT, credits - kept, self.balance, lead_id)
            self.events.append(event)
        return expires

    def spend(self, at: datetime, cause: CreditCause, lead_id: str) -> None:
        """Take one credit out of the oldest lot. Raises ValueError if there is none."""
        if self.balance == 0:
            raise ValueError("no credit left")
        oldest = self._lots[0]
        oldest.left -= 1
        if oldest.left == 0:
            del self._lots[0]
        self._note(at, cause, -1, lead_id)

    def expire(self, at: datetime) -> None:
        """Drop every lot whose life has ended by *at*."""
        over = sum(lot.left for lot in self._lots if lot.expires <= at)
        self._lots = [lot for lot in self._lots if lot.expires > at]
        if over > 0:
            self._note(at, CreditCause.EXPIRE, -over, None)

    def _note(self, at: datetime, cause: CreditCause, credits: int, lead_id: str | None) -> None:
        self.balance += credits
        self.events.append(CreditEvent(at, cause, credits, self.balance, lead_id))
