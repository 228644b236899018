"""Leads: found among 100,000 by name, filtered, sorted; why each is not written to today (T6)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot import report
from bot.desk.desk import Desk
from bot.desk.look import download
from bot.facts import Kind
from bot.plain import defuse
from bot.rules.sequence import STATES
from bot.seat import Seat, view_of
from bot.store.listing import NOT_LOOKED_AT, SORTS, Wanted
from bot.store.store import Store

PER_PAGE = 50
EVERY = 2**31  # more rows than a state holds
COLUMNS = ("name", "company", "title", "id", "campaign", "state", "kind", "next", "why not now")


@dataclass(frozen=True, slots=True)
class Row:
    """One lead in one campaign."""

    line: report.LeadLine
    company: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of what was asked for. Numbers are from 1; `total` is of all pages."""

    rows: tuple[Row, ...]
    number: int
    count: int
    total: int


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for, as the address holds it."""

    wanted: Wanted
    number: int

    @classmethod
    def of(cls, request: Request) -> Query:
        """Whatever the address holds; what is none of ours is left out."""
        asked = request.query_params
        sort, page = asked.get("sort", ""), asked.get("page", "1")
        wanted = Wanted(
            text=asked.get("q", "")[:200],
            campaign=asked.get("campaign", ""),
            state=asked.get("state", "") if asked.get("state") in STATES else "",
            kind=asked.get("kind", "") if asked.get("kind") in KINDS else "",
            sort=sort if sort in SORTS else SORTS[0],
        )
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 8 else 1
        return cls(wanted, max(1, number))

    def address(self, number: int = 1) -> str:
        """The query of an address, for a page of the same list."""
        wanted = self.wanted
        sort = wanted.sort if wanted.sort != SORTS[0] else ""
        told = {
            "q": wanted.text,
            "campaign": wanted.campaign,
            "state": wanted.state,
            "kind": wanted.kind,
            "sort": sort,
            "page": str(number) if number > 1 else "",
        }
        return urlencode({name: value for name, value in told.items() if value})


KINDS = (NOT_LOOKED_AT, *Kind)


class Leads:
    """The screen of a seat's leads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Its addresses."""
        return [
            Route("/leads", self.first, methods=["GET"]),
            Route("/leads/{seat}", self.page, methods=["GET"]),
            Route("/leads/{seat}/leads.csv", self.csv, methods=["GET"]),
        ]

    def first(self, request: Request) -> Response:
        """The first seat's."""
        seats = list(self._desk.settings().seats)
        if seats:
            return RedirectResponse(f"/leads/{seats[0]}", 303)
        return self._desk.look.page(request, "empty.html", tab="Leads")

    def page(self, request: Request) -> Response:
        """A page of the list, with the form that asks for another."""
        seat, query = self._desk.seat(request.path_params["seat"]), Query.of(request)
        listed = self._listed(seat, query)
        query = replace(query, number=listed.number)
        return self._desk.look.page(
            request,
            "leads.html",
            tab="Leads",
            now=self._desk.clock.now(),
            zone=seat.policy.hours.zone,
            seat=seat.policy.name,
            seats=tuple(seat.settings.seats),
            listed=listed,
            query=query,
            campaigns=self._campaigns(seat),
            states=STATES,
            kinds=KINDS,
            sorts=SORTS,
        )

    def csv(self, request: Request) -> Response:
        """The whole list that is asked for, for a spreadsheet; formulas defused."""
        seat, query = self._desk.seat(request.path_params["seat"]), Query.of(request)
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        writer.writerows(self._rows_of_file(seat, query.wanted))
        name = f"{seat.policy.name}-leads.csv"
        return download("\ufeff" + text.getvalue(), "text/csv", name)

    def _rows_of_file(self, seat: Seat, wanted: Wanted) -> Iterator[list[str]]:
        """All of them in one walk, each opened when its turn comes."""
        with self._desk.book(seat) as store:
            found = store.find(wanted, 0, EVERY)
            for row in self._opened(seat, store, found.rows):
                line = row.line
                at = line.next_at.isoformat() if line.next_at is not None else ""
                told = (line.name, row.company, row.title, line.id, line.campaign, line.state)
                yield [defuse(each) for each in (*told, line.kind or "", at, row.why)]

    def _listed(self, seat: Seat, query: Query) -> Listed:
        rows, total = self._found(seat, query.wanted, (query.number - 1) * PER_PAGE, PER_PAGE)
        count = max(1, -(-total // PER_PAGE))
        if query.number > count:
            return self._listed(seat, replace(query, number=count))
        return Listed(rows, query.number, count, total)

    def _found(
        self, seat: Seat, wanted: Wanted, first: int, most: int
    ) -> tuple[tuple[Row, ...], int]:
        with self._desk.book(seat) as store:
            found = store.find(wanted, first, most)
            return tuple(self._opened(seat, store, found.rows)), found.total

    def _opened(self, seat: Seat, store: Store, rows: Sequence[int]) -> Iterator[Row]:
        view = view_of(seat, store, self._desk.clock.now())
        for enrolment, lead in store.listed(rows):
            line = report.lead_line(enrolment, lead, view)
            yield Row(line, lead.company, lead.title, report.why_line(line.why_not))

    def _campaigns(self, seat: Seat) -> tuple[str, ...]:
        """Those of files, and those that are known without one any more."""
        with self._desk.book(seat) as store:
            known = {state.name for state in store.campaigns()}
        return tuple(sorted(known | {campaign.name for campaign in seat.campaigns}))
