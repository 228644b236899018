"""The nouns: what a seat's state is made of, in the words of rules.md.

All records are frozen; a change makes a new record, and the store commits records that belong
together in one transaction (Changes). All times are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.approved import Approved
from bot.credits import BalanceReading, Cause, Entry, Ledger, Unexplained
from bot.facts import Kind
from bot.hooks import BrokenHook, HookUse
from bot.replies import Reply

# --- people and their place in a sequence -----------------------------------------------------


HALTED_SEAT = "the seat is halted"  # how every refusal of such a seat begins (L5)


@dataclass(frozen=True, slots=True)
class Lead:
    """A person. `extra` are imported columns; empty strings are unknown."""

    id: str
    name: str
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    title: str = ""
    location: str = ""
    token: str = ""
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not done (T6): its rule, a sentence, and when it lifts (None: unknown)."""

    rule: str
    text: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SentStep:
    """One confirmed send of an enrolment. `kind` is credit or free for the InMail, else None."""

    step: int
    at: datetime
    text_hash: str
    attempt: str
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the recipient did, as last read, and what it means (A1-A11).

    answer    accepted, rejected, own-words, unreadable
    text      default, edited, unknown, or None without any text
    sequence  waits, goes-on, stops, held
    at        when they answered, as far as the site tells; else when it was first read
    words     their text, to show to the owner
    why       the witnesses that said so, in short sentences; empty for an answer of an older state
    heard     how many things they said or pressed by then
    """

    answer: str
    text: str | None
    rule: str
    responder: bool
    sequence: str
    inbox: bool
    check: bool
    at: datetime
    words: str = ""
    why: tuple[str, ...] = ()
    heard: int = 0


class Phase(StrEnum):
    """What the store's index must know of an enrolment: what could come next."""

    QUEUE = "queue"
    MESSAGE = "message"
    PREVIEW = "preview"  # its text waits for the owner (S8)
    REPLY = "reply"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One lead in one campaign, and its position in the sequence.

    key          "<campaign>/<lead id>"
    position     order of import over all campaigns (K7)
    kind         as last read; None while the lead was never looked at
    accepted_at  a fact of its own, whatever is said later (C5, A6)
    credit_back  when the InMail's credit was posted back (C5)
    hold, skip   why nothing more is sent: until released, or for good
    tries        (step, attempts found not sent) of the step under way (T3)
    not_before   a retry, a recheck
    foreign      messages in the thread that the owner wrote by hand (A10)
    released     how many of these the owner has released
    sending      key of the attempt under way
    approved     texts that the owner released, one for each step (S8)
    reply        the owner's word that waits to be sent
    worked       when the owner was done with the answer; what they say next opens it again
    over         when it was first seen to be over, where nothing else tells (rules.retention)
    phase, due_at  what rules.sequence.placed() computed from all the rest for the index
    """

    key: str
    lead_id: str
    campaign: str
    position: int
    kind: Kind | None = None
    sent: tuple[SentStep, ...] = ()
    thread_id: str | None = None
    answer: Answer | None = None
    accepted_at: datetime | None = None
    credit_back: datetime | None = None
    hold: Reason | None = None
    skip: Reason | None = None
    foreign: int = 0
    released: int = 0
    tries: tuple[tuple[int, int], ...] = ()
    not_before: datetime | None = None
    sending: str | None = None
    approved: tuple[Approved, ...] = ()
    reply: Reply | None = None
    worked: datetime | None = None
    over: datetime | None = None
    phase: Phase = Phase.QUEUE
    due_at: datetime | None = None

    @property
    def inmail(self) -> SentStep | None:
        """The confirmed InMail, if there is one."""
        return next((sent for sent in self.sent if sent.step == 0), None)

    @property
    def last_sent(self) -> SentStep | None:
        """The newest confirmed send."""
        return max(self.sent, key=lambda sent: sent.at, default=None)

    def tries_of(self, step: int) -> int:
        """Attempts at *step* that were found not sent."""
        return dict(self.tries).get(step, 0)

    def approved_of(self, step: int) -> Approved | None:
        """The text that the owner released for *step* (S8)."""
        return next((text for text in self.approved if text.step == step), None)


class AttemptState(StrEnum):
    """T1, T3: held before typing, clicking before the click, then one of three ends."""

    HELD = "held"
    CLICKING = "clicking"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    NOT_SENT = "not-sent"


OPEN_STATES = (AttemptState.HELD, AttemptState.CLICKING, AttemptState.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The durable record of one intended send.

    key         "<enrolment key>#<step>.<number of the try>"
    kind        credit or free for an InMail, None for a message
    text_hash   A12-normalised hash of the body
    lot         the lot whose credit was set aside, None if none was
    error_shown the site said that the send failed
    lacks       times of readings of the thread that lacked our text (T3)
    look_at     when the thread is to be read next
    proofs      which proofs were seen: thread, text, balance, owner (T2)
    earlier     sends of the same text before this one: the thread must show one more
    reply_to    of a reply: what the owner had seen of the thread (Reply.seen)
    """

    key: str
    enrolment: str
    lead_id: str
    campaign: str
    step: int
    state: AttemptState
    held_at: datetime
    subject: str
    body: str
    text_hash: str
    kind: Kind | None = None
    lot: str | None = None
    thread_id: str | None = None
    clicked_at: datetime | None = None
    ended_at: datetime | None = None
    error_shown: bool = False
    lacks: tuple[datetime, ...] = ()
    look_at: datetime | None = None
    proofs: tuple[str, ...] = ()
    earlier: int = 0
    with_owner: bool = False
    reply_to: str = ""


# --- the seat -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Halted:
    """The site asked for a person (L5)."""

    kind: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class SeatState:
    """What there is one of in each seat.

    inbox_read_at     the list was read to where nothing was new
    shortfall         credits of ours that the site did not surely show when last read: not spent
                      (C6, C9)
    threads_known     the threads from before the first start were read (K8)
    causes            seen, and not yet matched with a difference
    adjusted          causeless adjustments that a later cause may reverse: (entry key, credits)
    last_send_at      the newest click, for the pause after it (L4)
    ramp_days         local days on which InMails were sent, up to the ramp's length
    broken            hooks of pages that no longer match (T8)
    lead_checked      the local day on which a lead page and its composer were last looked at for it
    thread_checked    likewise a thread
    reading           the mark of the selectors and texts that pages are read with now
    let_go            the local day on which all who could be forgotten by age were
    """

    halted: Halted | None = None
    paused: bool = False
    inbox_read_at: datetime | None = None
    threads_known: bool = False
    balance_read_at: datetime | None = None
    balance_seen: int | None = None
    shortfall: int = 0
    unexplained: Unexplained | None = None
    causes: tuple[Cause, ...] = ()
    adjusted: tuple[tuple[str, int], ...] = ()
    last_send_at: datetime | None = None
    ramp_days: tuple[date, ...] = ()
    owner_first_name: str = ""
    broken: tuple[BrokenHook, ...] = ()
    lead_checked: date | None = None
    thread_checked: date | None = None
    reading: str = ""
    let_go: date | None = None


@dataclass(frozen=True, slots=True)
class DayCounts:
    """One calendar day of the seat's time zone.

    manual           InMails that the owner sent by hand (L1)
    manual_messages  messages that the owner wrote by hand in threads of campaigns (L2, A10)
    """

    day: date
    inmails: int = 0
    manual: int = 0
    messages: int = 0
    lead_pages: int = 0
    manual_messages: int = 0


@dataclass(frozen=True, slots=True)
class KnownThread:
    """A thread of the inbox. It is unread by us while `seen` differs from `read`.

    seen, read  (preview, time) as the list showed them, and as they were when the thread was read
    by_owner    the first message in it is the owner's own, sent by hand
    accepted    that InMail was seen accepted: its credit, if it cost one, came back (C9)
    """

    id: str
    name: str
    lead_id: str | None = None
    seen: str = ""
    read: str | None = None
    by_owner: bool = False
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class CampaignState:
    """What the seat knows of a campaign beside its file.

    cursor    the audience's page that is imported next (1-based), None when all are
    used      (step, hash of its template) of the steps that were sent (S7)
    columns   imported columns, as template variables (S5)
    audience  what was imported
    begun     (address, page that is imported next) of other sources that were not read to their end
    last_page  what identifies the people of the page that was imported last
    import_note  what the owner should know of the last import: why it may lack people
    file      hash of the campaign as it was when its enrolments were last placed
    approved  how many texts the owner released (S8)
    """

    name: str
    paused: bool = False
    cursor: int | None = 1
    audience: str = ""
    file: str = ""
    used: tuple[tuple[int, str], ...] = ()
    columns: tuple[str, ...] = ()
    begun: tuple[tuple[str, int], ...] = ()
    last_page: str = ""
    import_note: str = ""
    approved: int = 0


@dataclass(frozen=True, slots=True)
class Brief:
    """All that `plan` needs to know, whatever the size of the book.

    open_attempts  at most a few dozen, the oldest first
    unread_thread  the next thread to read, if any
    due            replies, then messages that are due, the longest due first, at most 20 of each
    next_due_at    the earliest message or retry in the future
    queue          the first of each campaign and kind (None, credit, free) that may be looked at
    campaigns      the states of the campaigns that have a file, in the order of their names
    previews       whether a text that could be next waits for the owner (S8)
    """

    seat: SeatState
    ledger: Ledger
    today: DayCounts
    open_attempts: tuple[Attempt, ...] = ()
    unread_thread: KnownThread | None = None
    due: tuple[Enrolment, ...] = ()
    next_due_at: datetime | None = None
    queue: tuple[Enrolment, ...] = ()
    campaigns: tuple[CampaignState, ...] = ()
    previews: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """Records that are committed together, or not at all. Records replace those of the same key."""

    seat: SeatState | None = None
    ledger: Ledger | None = None
    entries: tuple[Entry, ...] = ()
    leads: tuple[Lead, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    days: tuple[DayCounts, ...] = ()
    threads: tuple[KnownThread, ...] = ()
    campaigns: tuple[CampaignState, ...] = ()
    readings: tuple[BalanceReading, ...] = ()
    opted_out: tuple[str, ...] = ()
    hooks: tuple[HookUse, ...] = ()


# --- what the agent does ------------------------------------------------------------------------


class Outcome(StrEnum):
    """How an action ended."""

    DONE = "done"
    SENT = "sent"
    NOT_SENT = "not-sent"
    UNCERTAIN = "uncertain"
    SKIPPED = "skipped"
    HELD = "held"
    HALTED = "halted"


@dataclass(frozen=True, slots=True)
class SendInMail:
    """Visit a lead and write the InMail. Without `may_spend` only if it turns out free (C7)."""

    enrolment: str
    lead_id: str
    campaign: str
    may_spend: bool


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Write the acceptance message (step 1), a follow-up (2 to 6) or a reply in its thread."""

    enrolment: str
    lead_id: str
    campaign: str
    step: int


@dataclass(frozen=True, slots=True)
class Settle:
    """Find out how an attempt ended, by reading (T3)."""

    attempt: str
    lead_id: str


@dataclass(frozen=True, slots=True)
class ReadInbox:
    """Read the list of threads and the balance beside it."""


@dataclass(frozen=True, slots=True)
class ReadThread:
    """Read one thread that changed."""

    thread_id: str
    lead_id: str | None


@dataclass(frozen=True, slots=True)
class Import:
    """Take in the next page of a campaign's audience, or its CSV file."""

    campaign: str
    page: int


@dataclass(frozen=True, slots=True)
class Canary:
    """Look whether pages still have the hooks that are needed, before something is sent (T8).

    lead, thread  which pages are looked at
    inmail        the enrolment whose lead is to be written to
    message       the enrolment whose thread is
    """

    lead: bool
    thread: bool
    inmail: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be done before `until` (None: before the owner acts), and why (T6)."""

    until: datetime | None
    reason: Reason


Action = SendInMail | SendMessage | Settle | ReadInbox | ReadThread | Import | Canary | Wait


@dataclass(frozen=True, slots=True)
class Done:
    """One action and its outcome, as `run --json` tells it.

    kind, text  of a rehearsed send only (T5): credit or free, and what would be written
    """

    at: datetime
    action: str
    outcome: Outcome
    why: str
    lead_id: str | None = None
    rule: str = ""
    kind: str | None = None
    text: str = ""
