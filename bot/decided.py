"""A decision and the page that it was taken on, as evidence tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.errors import Missing, PageError, SeatHalted
from bot.facts import (
    BalanceFacts,
    ComposerFacts,
    HaltFacts,
    HaltKind,
    InboxFacts,
    LeadFacts,
    ResultsFacts,
    SentFacts,
    ThreadFacts,
)

Facts = (
    LeadFacts
    | ComposerFacts
    | SentFacts
    | ThreadFacts
    | InboxFacts
    | ResultsFacts
    | BalanceFacts
    | HaltFacts
)
Read = Facts | PageError | SeatHalted

_KINDS: dict[type, str] = {
    LeadFacts: "lead",
    ComposerFacts: "composer",
    SentFacts: "sent",
    ThreadFacts: "thread",
    InboxFacts: "inbox",
    ResultsFacts: "results",
    BalanceFacts: "balance",
    HaltFacts: "halt",
    Missing: "halt",
    SeatHalted: "halt",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on a page.

    key         names it: what it is about, "@", and when ("autumn/ACwAA1#0.1@20260302T090000")
    action      what was being done, outcome how it ended: as `run --json` tells it
    kind        how the page is read: a KIND of `leadwright read`; empty if by none of these
    understood  what the page was understood to say; of one that could not be read, why
    owner       the seat owner's first name that answers were compared with (A12)
    rehearsed   in a dry run (T5)
    """

    key: str
    at: datetime
    action: str
    outcome: str
    why: str
    rule: str = ""
    lead_id: str | None = None
    kind: str = ""
    understood: str = ""
    owner: str = ""
    rehearsed: bool = False


def kind_of(read: Read) -> str:
    """The KIND of `leadwright read` that gave this; empty if a browser's step failed instead."""
    if type(read) in _KINDS:
        return _KINDS[type(read)]
    page = read.page if isinstance(read, PageError) else ""
    return page if page in _KINDS.values() else ""


def in_words(read: Read) -> str:
    """All that a decision may depend on, in one line: equal lines are equal readings."""
    match read:
        case LeadFacts():
            button = "a button" if read.can_message else "no button"
            menu = ", a menu" if read.has_menu else ""
            return f"lead {read.id}: {read.kind}, degree {read.degree}, {button}{menu}"
        case ComposerFacts():
            ready = ", can be sent" if read.can_send else ""
            return f"composer to {read.lead_id}: {read.kind}, {_credits(read.credits)}{ready}"
        case SentFacts():
            became = "a thread" if read.became_thread else "no thread"
            toast = f", the toast says {read.toast}" if read.toast is not None else ""
            return (
                f"the panel is {became}, {len(read.mine)} messages of ours{toast}, "
                f"{_credits(read.credits)}"
            )
        case ThreadFacts():
            return _thread(read)
        case InboxFacts():
            return f"inbox: {len(read.threads)} threads, {_credits(read.credits)}"
        case ResultsFacts():
            more = "more pages" if read.next_page else "the last page"
            return f"results: {len(read.leads)} leads, {read.unfilled} cards empty, {more}"
        case BalanceFacts():
            return _credits(read.credits)
        case HaltFacts():
            return _halt(read.halt)
        case Missing():
            return _halt(HaltKind.MISSING)
        case SeatHalted():
            return _halt(read.kind)
        case PageError():
            return str(read)


def _thread(thread: ThreadFacts) -> str:
    theirs = sum(1 for message in thread.messages if not message.mine)
    said = ", ".join(f"{each.label} ({each.source})" for each in thread.witnesses) or "nothing"
    form = "a form" if thread.can_write else "no form"
    return (
        f"thread {thread.id} with {thread.lead_id}: {len(thread.messages)} messages, "
        f"{theirs} of theirs; the site says {said}; {form}"
    )


def _credits(credits: int | None) -> str:
    return "credits not told" if credits is None else f"{credits} credits"


def _halt(kind: str) -> str:
    return f"halt: {kind}"
