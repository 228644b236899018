"""One answer: its thread, why it is what it is, and what the owner does about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import orders, report
from bot.desk.conversation import Talk, talk_of
from bot.desk.desk import Desk
from bot.desk.security import form_of
from bot.model import Answer, Enrolment, Lead, Reason
from bot.report import LeadLine, lead_line
from bot.rules.defaults import Marking, mark
from bot.rules.replies import answered, mark_of, refusal
from bot.rules.wording import BODY_MAX
from bot.seat import Seat, view_of
from bot.store.store import Store

ANY_TEXT = "x"  # stands for a text that fits, to ask whether a reply may be written at all
LABELS: tuple[Literal["accepted", "rejected"], ...] = ("accepted", "rejected")


@dataclass(frozen=True, slots=True)
class Offer:
    """As what a text can be marked as default (A12), and how many others sent the very same."""

    labels: tuple[str, ...]
    same: int


@dataclass(frozen=True, slots=True)
class Case:
    """All that is shown of an answer.

    line      how the lead stands: its state, what comes next, and why not now
    seen      what the owner sees of the thread, to be given with an order (Reply.seen)
    closed    why no reply may be written; None: one may
    offer     None if its text cannot be marked as default
    held      it can be released
    """

    seat: str
    zone: ZoneInfo
    lead: Lead
    enrolment: Enrolment
    answer: Answer
    meaning: str
    sequence: str
    talk: Talk
    line: LeadLine
    seen: str
    closed: Reason | None
    offer: Offer | None
    held: bool


class Answered:
    """The page of one answer, and the orders on it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Their addresses."""
        one = "/inbox/{seat}/{lead}"
        orders_of = {
            "reply": self.reply,
            "withdraw": self.withdraw,
            "done": self.done,
            "reopen": self.reopen,
            "default": self.default,
            "release": self.release,
        }
        return [
            Route(one, self.page, methods=["GET"]),
            Route(f"/live{one}", self.live, methods=["GET"]),
            *(Route(f"{one}/{word}", act, methods=["POST"]) for word, act in orders_of.items()),
        ]

    def page(self, request: Request) -> Response:
        """The whole screen."""
        case, look = self._case(request), self._desk.look
        part = look.live(request, _live(case), "answer_part.html", **self._facts(case))
        answer = request.scope.get("desk.answer")
        return look.page(
            request, "inbox_answer.html", tab="Inbox", part=part, case=case, answer=answer
        )

    def live(self, request: Request) -> Response:
        """What changes by itself; what is being written stays."""
        case = self._case(request)
        return self._desk.look.again(request, _live(case), "answer_part.html", **self._facts(case))

    def reply(self, request: Request) -> Response:
        """The owner's word, to be sent once by the agent."""
        form, lead = form_of(request), request.path_params["lead"]
        text = form.get("text", "")
        return self._order(request, orders.Reply(lead, text, form.get("seen", "")))

    def withdraw(self, request: Request) -> Response:
        """Take back what was not sent yet."""
        return self._order(request, orders.WithdrawReply(request.path_params["lead"]))

    def done(self, request: Request) -> Response:
        """Out of the list of open answers."""
        seen = form_of(request).get("seen", "")
        return self._order(request, orders.Done(request.path_params["lead"], seen))

    def reopen(self, request: Request) -> Response:
        """Back into it."""
        seen = form_of(request).get("seen", "")
        return self._order(request, orders.Done(request.path_params["lead"], seen, done=False))

    def default(self, request: Request) -> Response:
        """The text is one of the site's own (A12)."""
        form, lead = form_of(request), request.path_params["lead"]
        label = next((each for each in LABELS if each == form.get("label")), None)
        return self._order(request, orders.MarkDefault(lead, label, form.get("every") == "yes"))

    def release(self, request: Request) -> Response:
        """A held lead goes on where it stood (K3, K8, A9, A10)."""
        return self._order(request, orders.Release(request.path_params["lead"]))

    def _order(self, request: Request, order: orders.Order) -> Response:
        self._case(request)  # 404 where there is none
        return self._desk.order(
            request, lambda: self._seat(request), order, lambda: self.page(request)
        )

    def _seat(self, request: Request) -> Seat:
        return self._desk.seat(request.path_params["seat"])

    def _case(self, request: Request) -> Case:
        seat, lead_id = self._seat(request), request.path_params["lead"]
        with self._desk.book(seat) as store:
            found = case_of(seat, store, lead_id, self._desk.clock.now())
        if found is None:
            raise HTTPException(404, f"{lead_id} has not answered {seat.policy.name}")
        return found

    def _facts(self, case: Case) -> dict[str, object]:
        base = f"/inbox/{case.seat}/{quote(case.lead.id, safe='')}"
        return {"now": self._desk.clock.now(), "case": case, "base": base, "most": BODY_MAX}


def case_of(seat: Seat, store: Store, lead_id: str, now: datetime) -> Case | None:
    """What is shown of a lead's answer; None if there is none."""
    enrolment, lead = answered(store.enrolments_of(lead_id)), store.lead(lead_id)
    if enrolment is None or enrolment.answer is None or lead is None:
        return None
    view, answer = view_of(seat, store, now), enrolment.answer
    return Case(
        seat=seat.policy.name,
        zone=seat.policy.hours.zone,
        lead=lead,
        enrolment=enrolment,
        answer=answer,
        meaning=report.answer_in_words(answer),
        sequence=report.sequence_in_words(answer),
        talk=talk_of(seat, store, enrolment),
        line=lead_line(enrolment, lead, view),
        seen=mark_of(enrolment),
        closed=view.refusal(lead) or refusal(enrolment, ANY_TEXT),
        offer=_offer(seat, store, enrolment, lead),
        held=enrolment.hold is not None or answer.sequence == "held",
    )


def _offer(seat: Seat, store: Store, enrolment: Enrolment, lead: Lead) -> Offer | None:
    """How its text can be marked as default, as orders.MarkDefault would do it (A12)."""
    answer = enrolment.answer
    if answer is None or answer.text in (None, "default") or not answer.words:
        return None
    owner = seat.policy.owner_first_name or store.seat().owner_first_name
    same = (enrolment, *store.saying(answer.words))
    labels, others = [], 0
    for label in LABELS:
        texts = seat.reader.texts.answers
        marking = mark(lead.id, same, texts, owner, label, lead.name)
        if isinstance(marking, Marking):
            labels.append(label)
            others = max(others, len(marking.same))
    return Offer(tuple(labels), others) if labels else None


def _live(case: Case) -> str:
    return f"/live/inbox/{case.seat}/{quote(case.lead.id, safe='')}"
