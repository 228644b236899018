"""Inbox: what people answered, those to check first, until the owner is done with them."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import merge
from itertools import islice
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import report
from bot.asking import bare_seat
from bot.config import Settings
from bot.desk.desk import Desk
from bot.desk.look import number_of
from bot.errors import LeadwrightError
from bot.model import Answer, Reason
from bot.rules.replies import changed
from bot.seat import Seat
from bot.store.store import Place, Store, Which

LIVE = "/live/inbox"
PER_PAGE = 30
MOST_SHOWN = 240  # characters of an answer in the list


@dataclass(frozen=True, slots=True)
class Row:
    """One answer of the list.

    reply  of the owner's: that it waits, or why it does not go out; empty without one
    """

    seat: str
    zone: ZoneInfo
    lead_id: str
    name: str
    campaign: str
    answer: Answer
    meaning: str
    text: str
    done: bool
    reply: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What part of the inbox is looked at. `seat` is empty for all seats."""

    which: Which
    seat: str
    page: int

    def address(self, **other: object) -> str:
        """Where this part is, or one that differs from it."""
        said = {"show": self.which, "seat": self.seat, "page": self.page} | other
        usual: dict[str, object] = {"show": Which.OPEN, "seat": "", "page": 1}
        asked = {name: value for name, value in said.items() if value != usual[name]}
        return f"?{urlencode(asked)}" if asked else ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list, and how many answers each part has."""

    rows: tuple[Row, ...]
    counts: dict[Which, int]
    pages: int
    broken: tuple[tuple[str, str], ...]


class Inbox:
    """The list of answers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Its addresses."""
        return [
            Route("/inbox", self.page, methods=["GET"]),
            Route(LIVE, self.live, methods=["GET"]),
        ]

    def page(self, request: Request) -> Response:
        """The whole screen."""
        facts, asked = self._facts(request)
        look = self._desk.look
        part = look.live(request, LIVE + asked.address(), "inbox_part.html", **facts)
        seats = tuple(self._desk.settings().seats)
        return look.page(
            request, "inbox.html", tab="Inbox", part=part, asked=asked, seats=seats, parts=Which
        )

    def live(self, request: Request) -> Response:
        """What changes by itself."""
        facts, asked = self._facts(request)
        return self._desk.look.again(request, LIVE + asked.address(), "inbox_part.html", **facts)

    def _facts(self, request: Request) -> tuple[dict[str, object], Asked]:
        settings, asked = self._desk.settings(), _asked(request)
        if asked.seat and asked.seat not in settings.seats:
            raise HTTPException(404, f"there is no seat {asked.seat}")
        listed = self._listed(settings, asked)
        facts = {
            "now": self._desk.clock.now(),
            "listed": listed,
            "asked": asked,
            "many": len(settings.seats) > 1,
            "parts": Which,
        }
        return facts, asked

    def _listed(self, settings: Settings, asked: Asked) -> Listed:
        """Each seat gives where its first answers stand; only those of the page are read."""
        names = [asked.seat] if asked.seat else list(settings.seats)
        until, broken = asked.page * PER_PAGE, []
        counts = dict.fromkeys(Which, 0)
        found: list[list[tuple[Place, str]]] = []
        for name in names:
            try:
                with self._desk.book(bare_seat(settings, name)) as store:
                    found.append([(place, name) for place in store.inbox(asked.which, until)])
                    counts = {which: n + store.count_inbox(which) for which, n in counts.items()}
            except LeadwrightError as error:
                broken.append((name, str(error)))
        merged = merge(*found, key=lambda each: (each[0].check, each[0].at), reverse=True)
        first = islice(merged, until - PER_PAGE, until)
        rows = self._rows(settings, list(first))
        pages = max(1, -(-counts[asked.which] // PER_PAGE))
        return Listed(tuple(rows), counts, pages, tuple(broken))

    def _rows(self, settings: Settings, places: list[tuple[Place, str]]) -> list[Row]:
        rows: dict[tuple[Place, str], Row] = {}
        for name in {name for _, name in places}:
            seat = bare_seat(settings, name)
            with self._desk.book(seat) as store:
                for place in (place for place, of in places if of == name):
                    row = _row(seat, store, place)
                    if row is not None:
                        rows[place, name] = row
        return [rows[each] for each in places if each in rows]


def _asked(request: Request) -> Asked:
    asked = request.query_params.get("show", "")
    which = Which(asked) if asked in list(Which) else Which.OPEN
    return Asked(which, request.query_params.get("seat", ""), number_of(request, "page"))


def _row(seat: Seat, store: Store, place: Place) -> Row | None:
    """The answer at a place; None if it was forgotten meanwhile."""
    enrolment = store.enrolment(place.enrolment)
    answer = enrolment.answer if enrolment is not None else None
    if enrolment is None or answer is None:
        return None
    lead, reply = store.lead(enrolment.lead_id), ""
    if enrolment.reply is not None:
        held: Reason | None = changed(enrolment, enrolment.reply.seen)
        reply = "reply held" if held is not None else "reply waits"
    words = answer.words
    return Row(
        seat=seat.policy.name,
        zone=seat.policy.hours.zone,
        lead_id=enrolment.lead_id,
        name=(lead.name if lead is not None else "") or enrolment.lead_id,
        campaign=enrolment.campaign,
        answer=answer,
        meaning=report.answer_in_words(answer),
        text=words if len(words) <= MOST_SHOWN else words[:MOST_SHOWN].rstrip() + " …",
        done=enrolment.worked is not None,
        reply=reply,
    )
