"""One lead: who they are, why they are not written to today, and all that happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import orders, report
from bot.contacts import block
from bot.credits import Entry
from bot.desk.desk import Desk
from bot.desk.security import form_of
from bot.errors import LeadwrightError
from bot.model import OPEN_STATES, Attempt, AttemptState, Enrolment
from bot.orders import Answered, Order
from bot.report import step_name
from bot.seat import Seat, view_of
from bot.store.evidence import Evidence, Kept


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    text  what was written or answered
    page  the address of the page that it was decided on, while that is kept
    """

    at: datetime
    what: str
    text: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """The lead's place in one campaign.

    is_held  it goes on when its owner releases it
    doubt    the key of an attempt whose end its owner is to tell (T3)
    """

    line: report.LeadLine
    why: str
    answer: str
    words: str
    is_held: bool
    doubt: str


class LeadPage:
    """The screen of one lead."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Its addresses."""
        one = "/leads/{seat}/{lead}"
        return [
            Route(one, self.page, methods=["GET"]),
            Route(f"{one}/release", self.release, methods=["POST"]),
            Route(f"{one}/settle", self.settle, methods=["POST"]),
            Route(f"{one}/block", self.block, methods=["POST"]),
            Route(f"{one}/forget", self.forget, methods=["POST"]),
        ]

    def page(self, request: Request) -> Response:
        """Who, where, why not, and what happened, the newest first."""
        seat, lead_id = self._of(request)
        now = self._desk.clock.now()
        with self._desk.book(seat) as store:
            lead = store.lead(lead_id)
            if lead is None:
                return self._gone(request, seat, lead_id)
            enrolments = store.enrolments_of(lead_id)
            view = view_of(seat, store, now)
            lines = [report.lead_line(each, lead, view) for each in enrolments]
            attempts = [a for each in enrolments for a in store.attempts_of(each.key)]
            entries = store.entries_of(lead_id)
        places = [_place(*pair, attempts) for pair in zip(lines, enrolments, strict=True)]
        return self._desk.look.page(
            request,
            "lead.html",
            tab="Leads",
            now=now,
            zone=seat.policy.hours.zone,
            seat=seat.policy.name,
            lead=lead,
            places=places,
            events=self._events(seat, lead_id, enrolments, attempts, entries),
            answer=request.scope.get("desk.answer"),
        )

    def release(self, request: Request) -> Response:
        """Let a held lead go on (K3, K8, A9, A10)."""
        return self._order(request, orders.Release(self._of(request)[1]))

    def settle(self, request: Request) -> Response:
        """How an uncertain send ended, as its owner has seen (T3)."""
        form = form_of(request)
        word, key = form.get("word", ""), form.get("attempt", "")
        seat, lead_id = self._of(request)
        with self._desk.book(seat) as store:
            attempt = store.attempt(key)
        theirs = attempt is not None and attempt.lead_id == lead_id
        if word not in ("sent", "not-sent") or not theirs:
            raise HTTPException(400, "this form lacks what it should hold: reload the page")
        return self._order(request, orders.SettleByOwner(key, sent=word == "sent"))

    def block(self, request: Request) -> Response:
        """Put the person on the do-not-contact list (K5)."""
        seat, lead_id = self._of(request)
        try:
            added = block(seat.settings.home, lead=lead_id, note="from the desk")
            word = "is on" if added else "was already on"
            told = Answered(done=True, text=f"{lead_id} {word} the do-not-contact list")
        except LeadwrightError as error:
            told = Answered(done=False, text=str(error))
        request.scope["desk.answer"] = told
        return self.page(request)

    def forget(self, request: Request) -> Response:
        """Erase the person: only a keyed hash stays (K5)."""
        return self._order(request, orders.Forget(self._of(request)[1]))

    def _order(self, request: Request, order: Order) -> Response:
        seat = self._desk.seat(request.path_params["seat"])
        return self._desk.order(request, lambda: seat, order, lambda: self.page(request))

    def _of(self, request: Request) -> tuple[Seat, str]:
        return self._desk.seat(request.path_params["seat"]), request.path_params["lead"]

    def _gone(self, request: Request, seat: Seat, lead_id: str) -> Response:
        """Nobody of that id: never known, or just erased."""
        answer = request.scope.get("desk.answer")
        if not isinstance(answer, Answered):
            raise HTTPException(404, f"{seat.policy.name} has no lead {lead_id}")
        return self._desk.look.page(
            request, "trouble.html", tab="Leads", status=200, text=answer.text, faults=()
        )

    def _events(
        self,
        seat: Seat,
        lead_id: str,
        enrolments: tuple[Enrolment, ...],
        attempts: list[Attempt],
        entries: tuple[Entry, ...],
    ) -> list[Event]:
        events = [
            *_decided(seat, lead_id),
            *(_sent(attempt) for attempt in attempts),
            *(_answered(each) for each in enrolments if each.answer is not None),
            *(_moved(entry) for entry in entries),
        ]
        return sorted(events, key=lambda event: event.at, reverse=True)


def _place(line: report.LeadLine, enrolment: Enrolment, attempts: list[Attempt]) -> Place:
    answer = enrolment.answer
    doubt = next(
        (a.key for a in attempts if a.enrolment == enrolment.key and a.state in OPEN_STATES), ""
    )
    return Place(
        line=line,
        why=report.why_line(line.why_not),
        answer=f"{answer.answer} ({answer.rule})" if answer is not None else "",
        words=answer.words if answer is not None else "",
        is_held=line.state == "held",
        doubt=doubt,
    )


def _decided(seat: Seat, lead_id: str) -> Iterator[Event]:
    """What was decided on a page of this lead, as long as that is noted."""
    for kept in Evidence(seat.paths.evidence).telling(lead_id):
        if kept.decision.lead_id == lead_id:
            yield Event(kept.decision.at, _told(kept), page=_address(seat, kept))


def _told(kept: Kept) -> str:
    said = kept.decision
    rule = f" ({said.rule})" if said.rule else ""
    rehearsed = ", a dry run" if said.rehearsed else ""
    return f"{said.action}: {said.outcome}, {said.why}{rule}{rehearsed}"


def _address(seat: Seat, kept: Kept) -> str:
    if not kept.page.exists():
        return ""
    return f"/seats/{seat.policy.name}/decided/{quote(kept.decision.key, safe='')}"


def _sent(attempt: Attempt) -> Event:
    """An attempt with its text; what was seen of its end (T2)."""
    ends = {
        AttemptState.SENT: f"sent ({', '.join(attempt.proofs)})",
        AttemptState.NOT_SENT: "not sent",
        AttemptState.UNCERTAIN: "not known whether it went out: looked up",
    }
    end = ends.get(attempt.state, "under way")
    at = attempt.ended_at or attempt.clicked_at or attempt.held_at
    text = "\n\n".join(filter(None, (attempt.subject, attempt.body)))
    return Event(at, f"{step_name(attempt.step)}: {end}", text)


def _answered(enrolment: Enrolment) -> Event:
    answer = enrolment.answer
    assert answer is not None
    return Event(answer.at, f"answered: {answer.answer} ({answer.rule})", answer.words)


def _moved(entry: Entry) -> Event:
    return Event(entry.at, f"{entry.kind} of {entry.credits} credit: {entry.why}")
