"""What the credit ledger is made of (C10); rules.credits decides what is posted.

All times are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Account(StrEnum):
    """Where a credit can be (C10). The sum over all accounts is always 0."""

    AVAILABLE = "available"
    HELD = "held"
    GRANTED = "granted"
    SPENT = "spent"
    REFUNDED = "refunded"
    EXPIRED = "expired"
    CUT = "cut"
    ADJUSTED = "adjusted"


class EntryKind(StrEnum):
    """What a ledger entry records."""

    OPENING = "opening"
    GRANT = "grant"
    HOLD = "hold"
    RELEASE = "release"
    SPEND = "spend"
    REFUND = "refund"
    EXPIRE = "expire"
    CUT = "cut"
    ADJUST = "adjust"


@dataclass(frozen=True, slots=True)
class Entry:
    """*credits* (1 or more) go from `source` to `target`; never changed, never taken out (C10).

    key         what caused it, unique, e.g. "grant/2026-11-01", "spend/<attempt>"
    lot         the lot that gains or loses; None for what never was available (a cut)
    expires_at  set where a lot begins
    """

    key: str
    at: datetime
    kind: EntryKind
    credits: int
    source: Account
    target: Account
    why: str
    lot: str | None = None
    expires_at: datetime | None = None
    lead_id: str | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """Credits that came together and expire together (C3); `assumed` ones at the opening (C12)."""

    key: str
    born_at: datetime
    expires_at: datetime
    left: int


@dataclass(frozen=True, slots=True)
class Hold:
    """The credit that is set aside for an attempt, and of which lot it is (T1, C3)."""

    attempt: str
    at: datetime
    lot: str
    born_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the entries add up to; only rules.credits.post() makes a new one.

    totals      credits in each account, in the order of Account
    lots        lots with credits left, the oldest expiry first
    holds       one for each credit that is held, in the order they were set aside
    granted_to  grants up to this moment are posted; None: not opened yet (C12)
    granted_month  of the newest grant, as month_of() says it; "": none since the opening
    refunds     (attempt key, time) of the refunds younger than the site may take to show them
    spends      times of the spends that its pages may not show yet
    """

    totals: tuple[tuple[Account, int], ...] = ()
    lots: tuple[Lot, ...] = ()
    holds: tuple[Hold, ...] = ()
    granted_to: datetime | None = None
    granted_month: str = ""
    refunds: tuple[tuple[str, datetime], ...] = ()
    spends: tuple[datetime, ...] = ()

    def total(self, account: Account) -> int:
        """Credits in *account*."""
        for known, credits in self.totals:
            if known is account:
                return credits
        return 0

    @property
    def available(self) -> int:
        """The balance."""
        return self.total(Account.AVAILABLE)

    @property
    def held(self) -> int:
        """Credits of attempts under way."""
        return self.total(Account.HELD)


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that would explain a difference between ledger and site (C9).

    credits  what it did to the site's balance, e.g. -1 for an InMail the owner sent by hand
    """

    key: str
    at: datetime
    credits: int
    why: str
    lead_id: str | None = None


@dataclass(frozen=True, slots=True)
class Unexplained:
    """The site's balance differs from the ledger: seen minus expected.

    standing  how much of it has stood since `since`, where some came later; None: all of it
    """

    credits: int
    since: datetime
    expected: int
    seen: int
    standing: int | None = None


@dataclass(frozen=True, slots=True)
class BalanceReading:
    """One look at the site's balance, kept (C9)."""

    at: datetime
    seen: int
    expected: int
    source: str


REFUND_SHOWS_WITHIN = timedelta(hours=48)  # site.md, 8: no figure is published
SPEND_SHOWS_WITHIN = timedelta(hours=4)  # nobody has measured it: a balance may come from a cache


def add(ledger: Ledger, entry: Entry) -> Ledger:
    """Return the ledger after *entry*; folding all entries over Ledger() gives the present one.

    Raises ValueError if an account or a lot would fall below nothing, or a lot be unknown: such
    an entry is a mistake in the program, and must not reach the disk.
    """
    totals = dict(ledger.totals)
    totals[entry.source] = totals.get(entry.source, 0) - entry.credits
    totals[entry.target] = totals.get(entry.target, 0) + entry.credits
    if entry.credits < (0 if entry.kind is EntryKind.OPENING else 1):
        raise ValueError(f"{entry.key}: {entry.credits} credits")
    if totals.get(Account.AVAILABLE, 0) < 0 or totals.get(Account.HELD, 0) < 0:
        raise ValueError(f"{entry.key}: more than there is in {entry.source}")
    granted = entry.key.removeprefix("cut/").startswith(("opening/", "grant/"))
    refunds = tuple((key, at) for key, at in ledger.refunds if entry.at - at < REFUND_SHOWS_WITHIN)
    if entry.kind is EntryKind.REFUND:
        refunds = (*refunds, (entry.key, entry.at))
    spends = tuple(at for at in ledger.spends if entry.at - at < SPEND_SHOWS_WITHIN)
    if entry.kind is EntryKind.SPEND:
        spends = (*spends, entry.at)
    return Ledger(
        totals=tuple((account, totals.get(account, 0)) for account in Account),
        lots=_lots_after(ledger, entry),
        holds=_holds_after(ledger, entry),
        granted_to=max(ledger.granted_to or entry.at, entry.at) if granted else ledger.granted_to,
        granted_month=month_of(entry.key) or ledger.granted_month,
        refunds=refunds,
        spends=spends,
    )


def grant_key(local: datetime) -> str:
    """The key of the grant of a renewal, in the renewal's own zone."""
    return f"grant/{local:%Y-%m-%d}"


def month_of(key: str) -> str:
    """The month of the grant that an entry takes in or cuts, e.g. "2026-11"; "" for any other."""
    kind, _, day = key.removeprefix("cut/").partition("/")
    return day[:7] if kind == "grant" else ""


def to_release(holds: tuple[Hold, ...], attempt: str) -> Hold:
    """The hold whose lot gets a credit back when *attempt* was not sent.

    The site takes the oldest credit (C3): the youngest that is held was not needed. An attempt
    that began when a lot had expired cannot have taken its credit.
    """
    own = _hold_of(holds, attempt)
    able = (hold for hold in holds if hold is own or hold.at < own.expires_at)
    return max(able, key=lambda hold: (hold.expires_at, hold is own))


def _hold_of(holds: tuple[Hold, ...], attempt: str) -> Hold:
    found = next((hold for hold in holds if hold.attempt == attempt), None)
    if found is None:
        raise ValueError(f"no credit is held for {attempt}")
    return found


def _holds_after(ledger: Ledger, entry: Entry) -> tuple[Hold, ...]:
    """Who ends by a send leaves the younger credit to those who are still in doubt, and so on."""
    kind, attempt = entry.kind, entry.key.partition("/")[2]
    if kind is EntryKind.HOLD:
        lot = next(lot for lot in ledger.lots if lot.key == entry.lot)
        return (*ledger.holds, Hold(attempt, entry.at, lot.key, lot.born_at, lot.expires_at))
    if entry.source is not Account.HELD:
        return ledger.holds
    own = _hold_of(ledger.holds, attempt)
    given = own
    if kind is EntryKind.SPEND:
        alive = (hold for hold in ledger.holds if hold.expires_at > own.at)
        given = min(alive, key=lambda hold: (hold.expires_at, hold is not own), default=own)
    elif entry.lot != own.lot:
        given = next(hold for hold in ledger.holds if hold.lot == entry.lot)
    swapped = replace(given, lot=own.lot, born_at=own.born_at, expires_at=own.expires_at)
    return tuple(swapped if hold is given else hold for hold in ledger.holds if hold is not own)


def _lots_after(ledger: Ledger, entry: Entry) -> tuple[Lot, ...]:
    """The lots with credits left, the oldest expiry first."""
    lots = ledger.lots
    change = (entry.target is Account.AVAILABLE) - (entry.source is Account.AVAILABLE)
    if change == 0 or entry.credits == 0:
        return lots
    known = {lot.key: lot for lot in lots}
    assert entry.lot is not None, f"{entry.key} moves available credits of no lot"
    lot = known.get(entry.lot)
    if lot is None:
        if entry.expires_at is None:
            raise ValueError(f"{entry.key}: no lot {entry.lot}")
        # The last credit of a lot may come back from an attempt: the lot is as old as it was.
        born = (hold.born_at for hold in ledger.holds if hold.lot == entry.lot)
        lot = Lot(entry.lot, next(born, entry.at), entry.expires_at, 0)
    left = lot.left + change * entry.credits
    if left < 0:
        raise ValueError(f"{entry.key}: lot {entry.lot} has {lot.left}")
    is_new = lot.key not in known
    known[lot.key] = replace(lot, left=left)
    kept = [lot for lot in known.values() if lot.left > 0]
    if is_new:
        kept.sort(key=lambda lot: (lot.expires_at, lot.key))
    return tuple(kept)
