"""What the practice site's model returns and remembers: frozen records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.practice.faults import FaultKind
from bot.practice.people import Label, Person, What
from bot.practice.purse import CreditEvent


@dataclass(frozen=True, slots=True)
class Redesign:
    """One word of the markup, or one text, and what the site has in its place from now on."""

    old: str
    new: str

    def apply(self, body: bytes) -> bytes:
        """*body* with every whole *old* replaced."""
        old = rf"(?<![\w-]){re.escape(self.old)}(?![\w-])"
        return re.sub(old.encode(), lambda _: self.new.encode(), body)


class By(StrEnum):
    """Who wrote: the seat through the pages, its owner by hand, or the other one."""

    PAGE = "page"
    OWNER = "owner"
    THEM = "them"


class SendKind(StrEnum):
    """The first message, or anything later in its thread."""

    INMAIL = "inmail"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that reached somebody. `cost` is 0 or 1 credit."""

    at: datetime
    lead_id: str
    kind: SendKind
    by: By
    cost: int
    subject: str | None
    body: str
    thread_id: str
    balance_before: int
    balance_after: int


@dataclass(frozen=True, slots=True)
class Answered:
    """One thing that somebody did with an InMail."""

    at: datetime
    lead_id: str
    what: What
    text: str


@dataclass(frozen=True, slots=True)
class Write:
    """One request that could change something: none may arrive from a dry run (T5)."""

    at: datetime
    method: str
    path: str
    what: str


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything that really happened, whatever the pages showed."""

    now: datetime
    balance: int
    deliveries: tuple[Delivery, ...]
    answers: tuple[Answered, ...]
    credits: tuple[CreditEvent, ...]
    writes: tuple[Write, ...]
    views: Mapping[str, int]
    struck: Mapping[str, int]
    halt: FaultKind | None


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """One entry of a thread.

    text   None for an event without text; empty for a deleted message
    shows  when the thread begins to show it (lagging-thread)
    """

    id: str
    at: datetime
    by: By
    type: str
    subject: str | None
    text: str | None
    label: Label | None
    shows: datetime

    @property
    def mine(self) -> bool:
        return self.by is not By.THEM


@dataclass(frozen=True, slots=True)
class ThreadShown:
    """A thread as the site shows it now, oldest entry first."""

    id: str
    person: Person
    messages: tuple[ThreadMessage, ...]
    unread: int
    closed: bool
    answered: bool

    @property
    def label(self) -> Label | None:
        """The newest thing that the site itself says of the answer."""
        labels = [message.label for message in self.messages if message.label is not None]
        return labels[-1] if labels else None

    @property
    def at(self) -> datetime:
        """When its newest entry was made."""
        return self.messages[-1].at


@dataclass(frozen=True, slots=True)
class LeadShown:
    """A lead page: the person, and the newest message that the seat sent, if any shows."""

    person: Person
    written_at: datetime | None
    pending: bool


@dataclass(frozen=True, slots=True)
class ResultsShown:
    """One page of a search or list, 25 people at most. `page` is 1-based."""

    id: str
    name: str
    people: tuple[Person, ...]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class InboxShown:
    """Part of the inbox, newest thread first."""

    threads: tuple[ThreadShown, ...]
    total: int


class ComposerState(StrEnum):
    """What the composer says a send would be."""

    CREDIT = "credit"
    FREE = "free"
    NONE_LEFT = "none-left"
    FIRST_DEGREE = "first-degree"


@dataclass(frozen=True, slots=True)
class ComposerShown:
    """An open composer. `line_delay` is None where the credit line never comes."""

    person: Person
    state: ComposerState
    credits: int
    line_delay: timedelta | None


@dataclass(frozen=True, slots=True)
class View:
    """What happens to one page view."""

    halt: FaultKind | None = None
    missing: bool = False
    reset: bool = False
    delay: timedelta = timedelta(0)


class SendShown(StrEnum):
    """What the page gets to hear of a send. LOST: it was delivered, and nobody says so."""

    SENT = "sent"
    ERROR = "error"
    LOST = "lost"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SendResult:
    """The end of a send as the site tells it. `reason` says why it was refused."""

    shown: SendShown
    reason: str = ""
    thread_id: str | None = None
    message_id: str | None = None
    form_stays: bool = True
