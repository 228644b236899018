"""What the owner, or a program of theirs, is called about, and what became of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Topic(StrEnum):
    """What a call is about: a word of the configuration, and of a webhook's `event`."""

    HALTED = "halted"
    STOPPED = "stopped"
    BROKEN_HOOK = "broken-hook"
    ANSWER = "answer"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SENT = "sent"
    CREDITS_EXPIRING = "credits-expiring"
    REFUND_MISSING = "refund-missing"
    QUEUE_EMPTY = "queue-empty"
    DAILY_SUMMARY = "daily-summary"
    TEST = "test"


TOPICS = tuple(topic for topic in Topic if topic is not Topic.TEST)
FOR_PEOPLE = tuple(
    topic for topic in TOPICS if topic not in (Topic.ACCEPTED, Topic.REJECTED, Topic.SENT)
)
FOR_PROGRAMS = (Topic.ANSWER, Topic.ACCEPTED, Topic.REJECTED, Topic.SENT, Topic.HALTED)


KEPT_ELSEWHERE = re.compile(r"(env|file|credential):(.+)", re.DOTALL)
"""An address or a secret that only says where it is kept (bot.secrets)."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom it is about: a lead, by id and name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Said:
    """Their answer, in the words of model.Answer; `words` only where the owner wants texts."""

    answer: str
    rule: str
    responder: bool
    check: bool
    words: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, or that was found by looking.

    what     names the occurrence: equal names are the same event, told once
    reason   a sentence, where there is one to tell
    figures  name and number, of a summary and the like
    """

    topic: Topic
    what: str
    at: datetime
    reason: str = ""
    campaign: str | None = None
    person: Person | None = None
    said: Said | None = None
    step: int | None = None
    kind: str | None = None
    figures: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Destination:
    """Where calls go.

    key      names it in the outbox; nothing can be learnt from it
    label    names it to people: no secret is in it
    address  an apprise URL or a webhook's, as written: it may say where it is kept (bot.secrets)
    secret   a webhook's, as written; "" for an apprise URL
    """

    key: str
    label: str
    topics: tuple[str, ...]
    address: str
    secret: str = ""

    @property
    def is_webhook(self) -> bool:
        """Whether a program listens there, and no person."""
        return bool(self.secret)


class CallState(StrEnum):
    """How far a call has come."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True)
class Call:
    """One event for one destination: a row of the outbox.

    key        "<id>/<destination's key>"
    id         the delivery id, the same at every try: made of what happened (rules.calling)
    tries      counted before each try, so that one which dies is counted too
    next_try   None: at once
    why        why it was not delivered when it was tried last
    """

    key: str
    id: str
    destination: str
    label: str
    event: Event
    tries: int = 0
    first_try: datetime | None = None
    next_try: datetime | None = None
    delivered_at: datetime | None = None
    given_up_at: datetime | None = None
    why: str = ""

    @property
    def state(self) -> CallState:
        """Waiting, until it is delivered or given up."""
        if self.delivered_at is not None:
            return CallState.DELIVERED
        return CallState.WAITING if self.given_up_at is None else CallState.GIVEN_UP


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one try. `for_good`: another one cannot help. `why` holds no secret."""

    delivered: bool
    why: str = ""
    for_good: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """How many calls of the outbox wait, and how many were given up."""

    waiting: int = 0
    given_up: int = 0
