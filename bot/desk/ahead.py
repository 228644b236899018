"""The days ahead: the calendar simulation of a seat, as a picture and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.desk.charts import Band, Point, steps
from bot.desk.credits import balance
from bot.desk.desk import Desk
from bot.forecast import Wanted, calendar_of
from bot.outlook import Outlook, Range
from bot.seat import Seat
from bot.store.memory import MemoryBook

DAYS = 30
LOOK_BACK = timedelta(days=30)  # how much of what was is drawn before it
FEW_LEADS, RUNS, FEW_RUNS = 20_000, 20, 5  # a run among 100,000 leads takes seconds


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is shown. `chart`: the balance, what it was and what it may be."""

    outlook: Outlook
    chart: object


class DaysAhead:
    """The screen of the calendar simulation."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Its address."""
        return [Route("/credits/{seat}/ahead", self.page, methods=["GET"])]

    def page(self, request: Request) -> Response:
        """The next days; it takes as long as the runs take."""
        seat = self._desk.seat(request.path_params["seat"])
        now: datetime = self._desk.clock.now()
        return self._desk.look.page(
            request,
            "ahead.html",
            tab="Credits",
            seat=seat.policy.name,
            ahead=self._ahead(seat, now),
            range=told,
        )

    def _ahead(self, seat: Seat, now: datetime) -> Ahead:
        with self._desk.book(seat) as store:
            entries = list(store.entries())
            book = MemoryBook.of(store)
        leads = sum(1 for _ in book.enrolments())
        runs = RUNS if leads <= FEW_LEADS else FEW_RUNS
        outlook = calendar_of(seat, book, now, Wanted(DAYS, runs))
        was = [point for point in balance(entries) if point.at >= now - LOOK_BACK]
        return Ahead(outlook, _chart(seat, outlook, was, now))


def told(figure: Range) -> str:
    """A figure with what 10 and 90 of 100 runs stay within."""
    if figure.low == figure.high:
        return str(figure.median)
    return f"{figure.median} ({figure.low}–{figure.high})"


def _chart(seat: Seat, outlook: Outlook, was: list[Point], now: datetime) -> object:
    """The balance at the end of each day, drawn at its midnight."""
    zone = seat.policy.hours.zone
    bands = []
    for day in outlook.days:
        end = datetime.combine(day.day + timedelta(days=1), time(), zone)
        bands.append(Band(max(end, now), day.balance.low, day.balance.median, day.balance.high))
    first = bands[0].median if bands else 0
    return steps(
        was or [Point(now, first)],
        now,
        title=f"Credits of {seat.policy.name}, {outlook.runs} simulated runs",
        zone=zone,
        cap=seat.policy.credits.cap,
        ahead=[Point(band.at, band.median) for band in bands],
        bands=bands,
    )
