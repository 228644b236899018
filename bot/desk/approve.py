"""Approve: the texts that wait for their owner's release (S8), as they stand or edited."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot import orders
from bot.campaigns import FOLLOW_UPS_MAX
from bot.checking import checked_seat
from bot.config import Settings
from bot.desk.desk import Desk
from bot.desk.security import form_of
from bot.errors import Fault, LeadwrightError, UsageError
from bot.previews import Preview, Previews, previews_of
from bot.report import why_line
from bot.rules.wording import BODY_MAX, SUBJECT_MAX, as_typed, length
from bot.seat import view_of

CARD = re.compile(r"text-[a-z0-9_-]+")


STEPS = tuple(map(str, range(FOLLOW_UPS_MAX + 2)))  # InMail, acceptance message and follow-ups


@dataclass(frozen=True, slots=True)
class Count:
    """How long a text is as the site counts (S6), and how long it may be."""

    found: int
    most: int

    @property
    def fits(self) -> bool:
        """Whether it may be sent so (S1)."""
        return 1 <= self.found <= self.most


@dataclass(frozen=True, slots=True)
class Waiting:
    """One text of the page.

    id      names its parts on the page
    action  where its form goes
    why     why the template gives no text
    """

    id: str
    action: str
    preview: Preview
    subject: Count
    body: Count
    why: str


@dataclass(frozen=True, slots=True)
class Block:
    """One seat's texts, or why they cannot be shown."""

    seat: str
    texts: tuple[Waiting, ...] = ()
    waiting: int = 0
    asks: bool = False
    text: str = ""
    faults: tuple[Fault, ...] = ()


class Approve:
    """The screen of the texts that wait."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Its addresses."""
        return [
            Route("/approve", self.page, methods=["GET"]),
            Route("/approve/count", self.count, methods=["POST"]),
            Route("/approve/{seat}", self.said, methods=["POST"]),
        ]

    def page(self, request: Request) -> Response:
        """All texts of all seats."""
        settings = self._desk.settings()
        blocks = [self._block(settings, name) for name in settings.seats]
        answer = request.scope.get("desk.answer")
        return self._desk.look.page(
            request, "approve.html", tab="Approve", blocks=blocks, answer=answer
        )

    def count(self, request: Request) -> Response:
        """How long the text of a form is, while it is written."""
        form = form_of(request)
        is_body = "body" in form
        found = length(as_typed(form["body"]) if is_body else form.get("subject", "").strip())
        counted = Count(found, BODY_MAX if is_body else SUBJECT_MAX)
        return HTMLResponse(self._desk.look.part("count.html", count=counted))

    def said(self, request: Request) -> Response:
        """The owner's word on one text."""
        name, form = request.path_params["seat"], form_of(request)
        order = _order(form.get("word", ""), form)
        self._desk.bare(name)
        answer = self._desk.order(
            request, lambda: self._desk.seat(name), order, lambda: self.page(request)
        )
        told, card = request.scope["desk.answer"], form.get("id", "")
        if not told.done or CARD.fullmatch(card) is None or "hx-request" not in request.headers:
            return answer
        # The form has had its day: what became of it stands in its place, and has the focus.
        text = self._desk.look.part("approved.html", answer=told)
        return HTMLResponse(text, headers={"hx-retarget": f"#{card}", "hx-reswap": "innerHTML"})

    def _block(self, settings: Settings, name: str) -> Block:
        try:
            seat = checked_seat(settings, name)
            with self._desk.book(seat) as store:
                found = previews_of(view_of(seat, store, self._desk.clock.now()), store)
        except UsageError as error:
            return Block(name, text=str(error), faults=error.faults)
        except LeadwrightError as error:
            return Block(name, text=str(error))
        asks = any(campaign.asks for campaign in seat.campaigns)
        return Block(name, _waiting(name, found), found.waiting, asks)


def _waiting(seat: str, found: Previews) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(
            id=f"text-{seat}-{number}",
            action=f"/approve/{seat}",
            preview=each,
            subject=Count(length(each.subject), SUBJECT_MAX),
            body=Count(length(each.body), BODY_MAX),
            why=why_line(each.why_not) if each.why_not is not None else "",
        )
        for number, each in enumerate(found.shown)
    )


def _order(word: str, fields: Mapping[str, str]) -> orders.Approve | orders.Decline:
    """What a form asks for; 400 if it is none of this page's."""
    try:
        lead, campaign, step = fields["lead"], fields["campaign"], STEPS.index(fields["step"])
        if word == "release":
            return orders.Approve(lead, campaign, step, fields.get("subject", ""), fields["body"])
        if word == "decline":
            return orders.Decline(lead, campaign, step)
    except (KeyError, ValueError):
        pass
    raise HTTPException(400, "this form lacks what it should hold: reload the page")
