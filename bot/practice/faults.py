"""What can go wrong on the practice site, and when: planned in a scenario or ordered by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Moment(StrEnum):
    """Something that a fault can hang on: a page that is viewed, the composer, a send."""

    LEAD = "lead"
    RESULTS = "results"
    LIST = "list"
    INBOX = "inbox"
    THREAD = "thread"
    OTHER = "other"
    VIEW = "view"  # any of the above
    COMPOSER = "composer"
    SEND = "send"


PAGES = frozenset(
    (Moment.LEAD, Moment.RESULTS, Moment.LIST, Moment.INBOX, Moment.THREAD, Moment.OTHER)
)


class FaultKind(StrEnum):
    """Everything the site can do wrong; docs/practice.md tells how each looks."""

    LATE_RENDER = "late-render"
    CONNECTION_RESET = "connection-reset"
    MISSING = "missing"
    LOGIN_WALL = "login-wall"
    SESSION_GONE = "session-gone"
    SECURITY_CHECK = "security-check"
    RESTRICTION = "restriction"
    NO_SEAT = "no-seat"
    RATE_LIMIT = "429"
    DENIED = "999"
    NO_COMPOSER = "no-composer"
    WRONG_ADDRESSEE = "wrong-addressee"
    NO_CREDIT_LINE = "no-credit-line"
    LATE_CREDIT_LINE = "late-credit-line"
    SEND_ERROR = "send-error"
    LOST_RESPONSE = "lost-response"
    LAGGING_BALANCE = "lagging-balance"
    LAGGING_THREAD = "lagging-thread"

    @property
    def moment(self) -> Moment:
        """What it hangs on unless the plan names one page."""
        if self in _AT_COMPOSER:
            return Moment.COMPOSER
        return Moment.SEND if self in _AT_SEND else Moment.VIEW

    @property
    def halts(self) -> bool:
        """Whether it stays until it is lifted."""
        return self in HALTS


_AT_COMPOSER = frozenset(
    (
        FaultKind.NO_COMPOSER,
        FaultKind.WRONG_ADDRESSEE,
        FaultKind.NO_CREDIT_LINE,
        FaultKind.LATE_CREDIT_LINE,
    )
)
_AT_SEND = frozenset(
    (
        FaultKind.SEND_ERROR,
        FaultKind.LOST_RESPONSE,
        FaultKind.LAGGING_BALANCE,
        FaultKind.LAGGING_THREAD,
    )
)
HALTS = frozenset(
    (
        FaultKind.LOGIN_WALL,
        FaultKind.SESSION_GONE,
        FaultKind.SECURITY_CHECK,
        FaultKind.RESTRICTION,
        FaultKind.NO_SEAT,
        FaultKind.RATE_LIMIT,
        FaultKind.DENIED,
    )
)


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """One fault and its occasion: every condition that is given must hold.

    on           the moment it hangs on
    nth          not before the nth such moment (1-based)
    after        not before this time
    lead_id      only where this person is concerned
    times        how many moments it spoils; None: all of them
    delay        how late something is (late-render, late-credit-line)
    lag          how long a send does not show (lagging-balance, lagging-thread)
    lose_credit  a send-error that is charged all the same
    form_stays   a lost-response after which the form can be used again, not a spinner
    """

    kind: FaultKind
    on: Moment
    nth: int = 1
    after: datetime | None = None
    lead_id: str | None = None
    times: int | None = 1
    delay: timedelta = timedelta(seconds=2)
    lag: timedelta = timedelta(minutes=15)
    lose_credit: bool = False
    form_stays: bool = False


class FaultBook:
    """The faults that are still to come, and those that came."""

    def __init__(self, planned: tuple[PlannedFault, ...]) -> None:
        self._planned: list[tuple[PlannedFault, int | None]] = []
        self._seen: Counter[Moment] = Counter()
        for fault in planned:
            self.add(fault)

    def add(self, fault: PlannedFault) -> None:
        """Plan one more; its `nth` counts from the site's start like all others."""
        self._planned.append((fault, fault.times))

    def at(
        self, moment: Moment, now: datetime, lead_id: str | None
    ) -> dict[FaultKind, PlannedFault]:
        """Count this moment and return what spoils it; each occasion is used up by it."""
        moments = {moment, Moment.VIEW} if moment in PAGES else {moment}
        for each in moments:
            self._seen[each] += 1
        struck: dict[FaultKind, PlannedFault] = {}
        for index, (fault, left) in enumerate(self._planned):
            if fault.on not in moments or left == 0 or fault.kind in struck:
                continue
            if self._holds(fault, now, lead_id):
                struck[fault.kind] = fault
                self._planned[index] = (fault, None if left is None else left - 1)
        return struck

    def _holds(self, fault: PlannedFault, now: datetime, lead_id: str | None) -> bool:
        return (
            self._seen[fault.on] >= fault.nth
            and (fault.after is None or now >= fault.after)
            and (fault.lead_id is None or fault.lead_id == lead_id)
        )
