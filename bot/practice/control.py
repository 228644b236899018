"""The practice site's own endpoints under /practice/: the truth, and what to do next."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.practice.faults import FaultKind, Moment, PlannedFault
from bot.practice.model import World
from bot.practice.people import What
from bot.practice.records import By, Redesign, SendShown

_WORD = re.compile(r"[\w-]+")


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ClockOrder(_Order):
    now: AwareDatetime


class _AnswerOrder(_Order):
    lead_id: str
    what: What


class _OwnerSend(_Order):
    """An InMail if there is a `lead_id`, a message if there is a `thread_id`."""

    lead_id: str | None = None
    thread_id: str | None = None
    subject: str = "Hello"
    body: str


class _FaultOrder(_Order):
    kind: FaultKind
    on: Moment | None = None
    nth: Annotated[int, Field(ge=1)] = 1
    after: AwareDatetime | None = None
    lead_id: str | None = None
    times: Annotated[int, Field(ge=0)] = 1
    ms: Annotated[int, Field(ge=0)] = 2000
    minutes: Annotated[float, Field(ge=0)] = 15.0
    lose_credit: bool = False
    form_stays: bool = False


class _RedesignOrder(_Order):
    """A class or an attribute is one word; a text is what a line of the page holds."""

    kind: Literal["class", "attribute", "text"]
    old: Annotated[str, Field(min_length=1)]
    new: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        words = (self.old, self.new)
        if self.kind != "text" and not all(map(_WORD.fullmatch, words)):
            raise ValueError(f"a {self.kind} is one word of letters, digits, - and _")
        if any(sign in word for word in words for sign in "<>&\"'\\"):
            raise ValueError("a text holds no signs of markup")
        return self


def routes(world: World) -> list[BaseRoute]:
    """The control endpoints of *world*; a wrong order is answered with 400 and the reasons."""
    control = _Control(world)
    return [
        Route("/practice/health", control.health, methods=["GET"]),
        Route("/practice/truth", control.truth, methods=["GET"]),
        Route("/practice/clock", control.clock, methods=["POST"]),
        Route("/practice/lift", control.lift, methods=["POST"]),
        Route("/practice/fault", control.fault, methods=["POST"]),
        Route("/practice/redesign", control.redesign, methods=["POST"]),
        Route("/practice/answer", control.answer, methods=["POST"]),
        Route("/practice/owner-send", control.owner_send, methods=["POST"]),
    ]


def json_response(content: Any, status: int = 200) -> Response:
    """A JSON document; dataclasses, times and enums as orjson writes them."""
    body = orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS)
    return Response(body, status_code=status, media_type="application/json")


class _Control:
    def __init__(self, world: World) -> None:
        self._world = world

    async def health(self, _: Request) -> Response:
        return json_response({"ok": True, "now": self._world.now})

    async def truth(self, _: Request) -> Response:
        return json_response(self._world.truth())

    async def clock(self, request: Request) -> Response:
        try:
            order = _ClockOrder.model_validate_json(await request.body())
        except ValidationError as error:
            return _refused(error)
        self._world.advance(order.now.astimezone(UTC))
        return json_response({"now": self._world.now})

    async def lift(self, _: Request) -> Response:
        self._world.lift()
        return json_response({"halt": None})

    async def fault(self, request: Request) -> Response:
        try:
            order = _FaultOrder.model_validate_json(await request.body())
        except ValidationError as error:
            return _refused(error)
        planned = PlannedFault(
            kind=order.kind,
            on=order.on or order.kind.moment,
            nth=order.nth,
            after=order.after,
            lead_id=order.lead_id,
            times=order.times or None,
            delay=timedelta(milliseconds=order.ms),
            lag=timedelta(minutes=order.minutes),
            lose_credit=order.lose_credit,
            form_stays=order.form_stays,
        )
        self._world.add_fault(planned)
        return json_response({"planned": planned.kind})

    async def redesign(self, request: Request) -> Response:
        try:
            order = _RedesignOrder.model_validate_json(await request.body())
        except ValidationError as error:
            return _refused(error)
        self._world.redesigns.append(Redesign(order.old, order.new))
        return json_response({"redesigned": order.old})

    async def answer(self, request: Request) -> Response:
        try:
            order = _AnswerOrder.model_validate_json(await request.body())
            self._world.answer(order.lead_id, order.what)
        except (ValidationError, LookupError) as error:
            return _refused(error)
        return json_response({"answered": order.lead_id})

    async def owner_send(self, request: Request) -> Response:
        try:
            order = _OwnerSend.model_validate_json(await request.body())
        except ValidationError as error:
            return _refused(error)
        if order.thread_id is not None:
            result = self._world.send_message(order.thread_id, order.body, by=By.OWNER)
        else:
            to = order.lead_id or ""
            result = self._world.send_inmail(to, order.subject, order.body, by=By.OWNER)
        return json_response(result, 200 if result.shown is SendShown.SENT else 400)


def _refused(error: Exception) -> Response:
    return json_response({"refused": str(error)}, 400)
