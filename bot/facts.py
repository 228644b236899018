"""What a page says: the records that page objects return and rules decide on.

None means that the page does not say; no field is ever guessed. `why` holds short sentences
that name what was seen, for a person who asks how the record came about.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What writing to a lead would be (K1)."""

    CREDIT = "credit"
    FREE = "free"
    UNREACHABLE = "unreachable"
    PENDING = "pending"
    FIRST_DEGREE = "first-degree"
    UNKNOWN = "unknown"


class ComposerKind(StrEnum):
    """What the open composer says a send would be (K2)."""

    CREDIT = "credit"
    FREE = "free"
    NONE_LEFT = "none-left"
    FIRST_DEGREE = "first-degree"
    UNKNOWN = "unknown"


class HaltKind(StrEnum):
    """What stands between the agent and the site (L5). MISSING concerns one page only."""

    NONE = "none"
    LOGIN = "login"
    CHALLENGE = "challenge"
    RESTRICTED = "restricted"
    RATE_LIMITED = "rate-limited"
    NO_SEAT = "no-seat"
    MISSING = "missing"


class Label(StrEnum):
    """What the site itself says of an answer. REPLIED: they wrote, be it yes or no."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REPLIED = "replied"


@dataclass(frozen=True, slots=True)
class Heard:
    """One JSON answer that the page itself fetched: never asked for, only listened to."""

    url: str
    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A page at one moment.

    html      the document, with what is not visible marked (data-leadwright-hidden)
    url       the address, None if a saved page does not tell it
    status    the HTTP status of the document, None if not known
    taken_at  UTC
    """

    html: str
    url: str | None = None
    status: int | None = None
    taken_at: datetime | None = None
    heard: tuple[Heard, ...] = ()


@dataclass(frozen=True, slots=True)
class HaltFacts:
    """Whether the site wants a person; `text` is the site's line that says so."""

    halt: HaltKind
    text: str | None = None


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """A lead page. `id` is the stable part of its address, `token` the search's (site.md, 1).

    id           None for a saved page that does not tell its address
    can_message  a Message button, or the menu's Message, is there and can be clicked
    has_menu     there is an overflow menu that may hold Message; it is empty until it is opened
    """

    id: str | None
    name: str
    title: str | None
    company: str | None
    location: str | None
    degree: int | None
    kind: Kind
    can_message: bool
    token: str | None = None
    why: tuple[str, ...] = ()
    has_menu: bool = False


@dataclass(frozen=True, slots=True)
class ComposerFacts:
    """The open panel in which an InMail or a first-degree message is written.

    credits   the N of the credit line: the balance before sending
    subject   what stands in the field now; None where there is no such field
    body      likewise
    can_send  the one visible send button is enabled
    """

    lead_id: str | None
    name: str | None
    kind: ComposerKind
    credits: int | None
    subject: str | None = None
    body: str | None = None
    can_send: bool = False
    why: tuple[str, ...] = ()


class Toast(StrEnum):
    """What the site's toast says after a send."""

    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SentFacts:
    """The panel after the click, whatever it became.

    became_thread  the form is gone and our own messages stand there
    still_form     the compose form still stands
    mine           texts of the messages shown as ours, oldest first
    credits        the balance that the page's own JSON told after the click, if it told any
    """

    became_thread: bool
    still_form: bool
    mine: tuple[str, ...]
    toast: Toast | None
    thread_id: str | None
    credits: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a thread. `text` is None if there is one that cannot be read."""

    mine: bool
    at: datetime | None
    subject: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Witness:
    """One place where the site itself says accepted or rejected, or that they replied.

    source  "system-line", "event", "label", "preview", "filter", "heard"
    after   how many messages of the thread stand before it: orders it among the messages;
            None if its place is not known
    """

    label: Label
    source: str
    after: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ThreadFacts:
    """An open thread, oldest message first. `can_write`: a compose form stands under it."""

    id: str | None
    lead_id: str | None
    name: str | None
    messages: tuple[Message, ...]
    witnesses: tuple[Witness, ...]
    can_write: bool
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InboxThread:
    """One line of the inbox's list.

    at    the time of its newest event
    mark  what tells that a thread changed: made once, and compared at every look
    """

    id: str
    name: str
    preview: str | None
    at: datetime | None
    lead_id: str | None = None
    mark: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        mark = f"{self.at.isoformat() if self.at is not None else ''}|{self.preview or ''}"
        object.__setattr__(self, "mark", mark)  # the record is frozen from here on


@dataclass(frozen=True, slots=True)
class InboxFacts:
    """The inbox's list, newest first, as far as it is filled."""

    credits: int | None
    threads: tuple[InboxThread, ...]


@dataclass(frozen=True, slots=True)
class ResultLead:
    """One card of a search, or one row of a list."""

    id: str
    name: str | None
    title: str | None
    company: str | None
    location: str | None
    degree: int | None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class ResultsFacts:
    """One page of a search or list. `unfilled` cards wait for the inner container's scroll."""

    leads: tuple[ResultLead, ...]
    unfilled: int
    next_page: bool


@dataclass(frozen=True, slots=True)
class BalanceFacts:
    """The credits that the site shows, if it shows any."""

    credits: int | None


@dataclass(frozen=True, slots=True)
class HookSeen:
    """How a hook was found on pages that were read.

    spelling  which of its spellings, 0 for its first choice; the best one on each page counts
    css       its first choice
    pages     how many pages
    """

    page: str
    key: str
    spelling: int
    css: str
    pages: int


@dataclass(frozen=True, slots=True)
class Unfit:
    """A hook that does not match as acting or reading needs it, and what is wrong."""

    page: str
    key: str
    why: str

    @property
    def name(self) -> str:
        """As it is told: "<page>.<key>"."""
        return f"{self.page}.{self.key}"


@dataclass(frozen=True, slots=True)
class AnswerTexts:
    """The site's own words for answers, all languages together (selectors/texts).

    `{first_name}` stands for the seat owner's first name. `stop` are the phrases that ask not
    to be written to again (A11).
    """

    acceptances: tuple[str, ...]
    rejections: tuple[str, ...]
    stop: tuple[str, ...]
