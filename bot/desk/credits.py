"""Credits: the balance over time, lots and their expiry, missing refunds, the ledger, downloads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot import report
from bot.credits import Account, Entry, Ledger, Lot
from bot.desk.charts import Point, steps
from bot.desk.desk import Desk
from bot.desk.look import download, number_of
from bot.model import SeatState
from bot.policy import CreditPolicy
from bot.rules.audit import CreditAudit
from bot.rules.credits import next_grant
from bot.rules.reconcile import overdue_refunds
from bot.seat import Seat, audit_of
from bot.store.store import Store

PER_PAGE = 50
MOST_POINTS = 400  # of a line; a longer one is drawn by its days
AHEAD = timedelta(days=35)  # room for what is coming: the next grant is in it


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. `change`: what it does to the balance, which is `balance` then."""

    entry: Entry
    change: int
    balance: int
    name: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the ledger, the newest entries first. Numbers are from 1."""

    lines: tuple[Line, ...]
    number: int
    count: int
    entries: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Lots that expire on one day. `assumed`: it was not seen how they came (C12)."""

    expires_at: datetime
    born_at: datetime
    left: int
    assumed: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """A refund that the site does not show (C11)."""

    at: datetime
    name: str


@dataclass(frozen=True, slots=True)
class Books:
    """All that the screen shows of a seat."""

    seat: str
    zone: ZoneInfo
    state: SeatState
    ledger: Ledger
    policy: CreditPolicy
    grant_at: datetime
    lots: tuple[Batch, ...]
    chart: object
    months: tuple[tuple[str, dict[str, int]], ...]
    missing: tuple[Missing, ...]
    audit: CreditAudit
    page: Page


class Credits:
    """The screen of a seat's credits."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Its addresses."""
        return [
            Route("/credits", self.first, methods=["GET"]),
            Route("/credits/{seat}", self.page, methods=["GET"]),
            Route("/live/credits/{seat}", self.live, methods=["GET"]),
            Route("/credits/{seat}/ledger.csv", self.csv, methods=["GET"]),
            Route("/credits/{seat}/ledger.journal", self.hledger, methods=["GET"]),
        ]

    def first(self, request: Request) -> Response:
        """The first seat's."""
        seats = list(self._desk.settings().seats)
        if seats:
            return RedirectResponse(f"/credits/{seats[0]}", 303)
        return self._desk.look.page(request, "empty.html", tab="Credits")

    def page(self, request: Request) -> Response:
        """One seat's credits."""
        seat = self._desk.bare(request.path_params["seat"])
        look, number = self._desk.look, number_of(request, "page")
        part = look.live(
            request, _live(seat, number), "credits_part.html", **self._facts(seat, number)
        )
        seats = tuple(seat.settings.seats)
        return look.page(
            request, "credits.html", tab="Credits", part=part, seat=seat.policy.name, seats=seats
        )

    def live(self, request: Request) -> Response:
        """What changes by itself."""
        seat = self._desk.bare(request.path_params["seat"])
        number = number_of(request, "page")
        facts = self._facts(seat, number)
        return self._desk.look.again(request, _live(seat, number), "credits_part.html", **facts)

    def csv(self, request: Request) -> Response:
        """The ledger for a spreadsheet, formulas defused."""
        seat, entries = self._entries(request)
        text = report.ledger_csv(report.ledger_lines(entries))
        return download("\ufeff" + text, "text/csv", f"{seat.policy.name}-ledger.csv")

    def hledger(self, request: Request) -> Response:
        """The ledger as a journal."""
        seat, entries = self._entries(request)
        return download(report.hledger(entries), "text/plain", f"{seat.policy.name}-ledger.journal")

    def _entries(self, request: Request) -> tuple[Seat, list[Entry]]:
        seat = self._desk.bare(request.path_params["seat"])
        with self._desk.book(seat) as store:
            return seat, list(store.entries())

    def _facts(self, seat: Seat, number: int) -> dict[str, object]:
        now = self._desk.clock.now()
        with self._desk.book(seat) as store:
            return {"now": now, "books": books(seat, store, now, number)}


def books(seat: Seat, store: Store, now: datetime, number: int) -> Books:
    """What is shown of a seat's credits at *now*, with page *number* of its ledger."""
    policy, entries, ledger = seat.policy, list(store.entries()), store.ledger()
    missing = overdue_refunds(entries, list(store.readings()))
    return Books(
        seat=policy.name,
        zone=policy.hours.zone,
        state=store.seat(),
        ledger=ledger,
        policy=policy.credits,
        grant_at=next_grant(now, policy.credits),
        lots=batches(ledger.lots, policy.hours.zone),
        chart=_chart(seat, entries, ledger, now),
        months=tuple(reversed(report.months(entries))),
        missing=tuple(Missing(entry.at, _name(store, entry.lead_id)) for entry in missing),
        audit=audit_of(seat, store, now),
        page=_page(store, entries, number),
    )


def batches(lots: Iterable[Lot], zone: ZoneInfo) -> tuple[Batch, ...]:
    """The lots by the days on which they come and expire, as *zone* counts them."""
    found: dict[tuple[date, date, bool], Batch] = {}
    for lot in lots:
        assumed = lot.key.startswith("opening/")
        days = (lot.expires_at.astimezone(zone).date(), lot.born_at.astimezone(zone).date())
        before = found.get((*days, assumed))
        left = lot.left + (before.left if before is not None else 0)
        found[*days, assumed] = Batch(lot.expires_at, lot.born_at, left, assumed)
    return tuple(found.values())


def balance(entries: Iterable[Entry]) -> list[Point]:
    """What was available after each moment at which that changed."""
    points: list[Point] = []
    available = 0
    for entry in sorted(entries, key=lambda entry: entry.at):
        available += change(entry)
        if points and points[-1].at == entry.at:
            points.pop()
        points.append(Point(entry.at, available))
    return points if len(points) <= MOST_POINTS else _by_day(points)


def change(entry: Entry) -> int:
    """What an entry does to the balance."""
    return entry.credits * (
        (entry.target is Account.AVAILABLE) - (entry.source is Account.AVAILABLE)
    )


def _by_day(points: Sequence[Point]) -> list[Point]:
    """The last of each day, and the first of all."""
    days = {point.at.date(): point for point in points}
    return [points[0], *(point for point in days.values() if point.at > points[0].at)]


def _chart(seat: Seat, entries: Sequence[Entry], ledger: Ledger, now: datetime) -> object:
    """The balance until now, and the days on which it is known to change."""
    grant = next_grant(now, seat.policy.credits)
    marks = [(grant, f"grant of {seat.policy.credits.monthly}")]
    marks += [
        (lot.expires_at, f"{lot.left} expire")
        for lot in ledger.lots
        if now < lot.expires_at <= now + AHEAD
    ]
    return steps(
        balance(entries),
        now,
        title=f"Credits of {seat.policy.name}",
        zone=seat.policy.hours.zone,
        cap=seat.policy.credits.cap,
        marks=marks,
    )


def _page(store: Store, entries: Sequence[Entry], number: int) -> Page:
    count = max(1, -(-len(entries) // PER_PAGE))
    number = min(number, count)
    told = list(zip(entries, accumulate(map(change, entries)), strict=True))
    newest = told[::-1][(number - 1) * PER_PAGE : number * PER_PAGE]
    lines = tuple(
        Line(entry, change(entry), after, _name(store, entry.lead_id)) for entry, after in newest
    )
    return Page(lines, number, count, len(entries))


def _name(store: Store, lead_id: str | None) -> str:
    if lead_id is None:
        return ""
    lead = store.lead(lead_id)
    return lead.name if lead is not None and lead.name else lead_id


def _live(seat: Seat, number: int) -> str:
    return f"/live/credits/{seat.policy.name}?page={number}"
