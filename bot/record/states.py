"""Which pages, panels and threads a snapshot shows, and under which name each is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from selectolax.lexbor import LexborNode

from bot.errors import NotLoaded, PageError
from bot.facts import ComposerKind, HaltKind, Kind, Label, Snapshot, ThreadFacts, Toast
from bot.pages.addresses import path_of
from bot.pages.document import Document, is_inside, outermost, parse
from bot.pages.reader import Reader
from bot.rules.answers import judge

ASKED = re.compile(r'role="alertdialog"')
BROKEN = "not-recognised"
LINE_UNKNOWN = "line-unknown"
_LEAD = re.compile(r"^/sales/(lead|people)/")
_RESULTS = re.compile(r"^/sales/(search|lists)/people")
_INBOX = re.compile(r"^/sales/inbox")
_BY_RULE = {
    "A2": "edited-acceptance",
    "A4": "edited-rejection",
    "A5": "own-words",
    "A6": "acceptance-then-own-words",
    "A11": "asks-to-stop",
}
_FEW_WORDS = 60
_DEGREES = {1: "first-degree", 2: "second-degree", 3: "third-degree"}
_HALTS = {"/authwall": "authwall", "/sales/contract-chooser": "contract-chooser"}


@dataclass(frozen=True, slots=True)
class State:
    """Something that a page object knows, on the page as it is now.

    page   the page object's kind: lead, composer, results, inbox, thread, halt
    case   what is shown of it, in words that make a folder's name
    shape  what it has in common with pages that differ only in whom they are about
    """

    page: str
    case: str
    shape: str


def states(reader: Reader, snapshot: Snapshot, owner: str | None) -> tuple[State, ...]:
    """All that the page objects know here; nothing of a page that is still on its way."""
    try:
        halt = reader.halt(snapshot).halt
        document = parse(snapshot, reader.selectors)
    except PageError:
        return ()  # no page at all: too large, or empty
    if halt is not HaltKind.NONE:
        path = path_of(snapshot.url) or ""
        return (State("halt", _HALTS.get(path, str(halt)), shape(document)),)
    return tuple(_states(reader, snapshot, document, owner))


def shape(document: Document, page: str = "") -> str:
    """What two pages have in common that differ only in whom they are about, and in how many.

    The kinds of elements and where they stand, without texts, classes and the values of a build:
    of a panel or thread only what is in it, of an inbox what is beside the thread.
    """
    hook = {"composer": "panel", "thread": "container"}.get(page)
    tops = document.all(page, hook) if hook is not None else [document.root]
    beside = outermost(document.all("thread", "container")) if page == "inbox" else []
    nodes = (node for top in tops for node in top.css("*"))
    found = {
        f"{_kind(node.parent)} > {_kind(node)}" for node in nodes if not is_inside(node, beside)
    }
    return blake2b("\n".join(sorted(found)).encode(), digest_size=8).hexdigest()


def _kind(node: LexborNode | None) -> str:
    if node is None:
        return ""
    marks = node.attributes
    named = (f"{key}={marks.get(key)}" for key in ("role", "data-sn-view-name", "data-anonymize"))
    others = sorted(key for key in marks if key.startswith("data-") or key == "disabled")
    return " ".join((node.tag or "", *named, *others))


def _states(
    reader: Reader, snapshot: Snapshot, document: Document, owner: str | None
) -> Iterator[State]:
    path = path_of(snapshot.url) or ""
    for page, hook, address, name in (
        ("composer", "panel", _LEAD, _composer),
        ("lead", "card", _LEAD, _lead),
        ("results", "ready", _RESULTS, _results),
        ("inbox", "ready", _INBOX, _inbox),
        ("thread", "container", _INBOX, _thread),
    ):
        if page == "lead" and document.has("composer", "panel"):
            continue
        # A page of a known address whose hook is gone is worth most: its owner can teach it.
        is_missed = page in ("lead", "results", "inbox") and address.match(path) is not None
        if document.has(page, hook) or is_missed:
            case = _named(name, reader, snapshot, owner)
            if case is None and not document.has(page, hook) and _is_filled(document):
                case = BROKEN
            if case is not None:
                yield State(page, case, shape(document, page))


def _is_filled(document: Document) -> bool:
    """Whether a page stands there, with more than the site's header and no mark of loading."""
    return not document.has("app", "loading") and len(document.text.split()) > _FEW_WORDS


Name = Callable[[Reader, Snapshot, str | None], str]


def _named(name: Name, reader: Reader, snapshot: Snapshot, owner: str | None) -> str | None:
    """The name of a case; None for what has not loaded yet."""
    try:
        return name(reader, snapshot, owner)
    except NotLoaded:
        return None
    except PageError:
        return BROKEN


def _lead(reader: Reader, snapshot: Snapshot, _: str | None) -> str:
    facts = reader.lead(snapshot)
    if facts.kind in (Kind.UNREACHABLE, Kind.PENDING, Kind.FIRST_DEGREE):
        return str(facts.kind)
    if reader.shows(snapshot, "lead", "overflow_message_item"):
        return "message-in-menu"
    shown_degree = _DEGREES.get(facts.degree or 0, "degree-unknown")
    return shown_degree if facts.can_message else f"{shown_degree}-without-button"


def _composer(reader: Reader, snapshot: Snapshot, _: str | None) -> str:
    sent = reader.sent(snapshot)
    if sent.became_thread:
        return "sent"
    if ASKED.search(snapshot.html):
        return "discard"
    if sent.toast is Toast.FAILED:
        return "failed"
    facts = reader.composer(snapshot)
    kind = LINE_UNKNOWN if facts.kind is ComposerKind.UNKNOWN else str(facts.kind)
    return f"{kind}-typed" if facts.subject or facts.body else kind


def _results(reader: Reader, snapshot: Snapshot, _: str | None) -> str:
    facts = reader.results(snapshot)
    if not facts.leads:
        return "all-waiting" if facts.unfilled else "empty"
    name = "list" if (path_of(snapshot.url) or "").startswith("/sales/lists/") else "search"
    return name if facts.next_page else f"{name}-last-page"


def _inbox(reader: Reader, snapshot: Snapshot, _: str | None) -> str:
    return "list" if reader.inbox(snapshot).threads else "empty"


def _thread(reader: Reader, snapshot: Snapshot, owner: str | None) -> str:
    facts = reader.thread(snapshot)
    judged = judge(facts, reader.texts.answers, owner or reader.owner_first_name(snapshot))
    theirs = [message for message in facts.messages if not message.mine]
    if judged.rule is None:
        return "awaiting" if not theirs else "not-judged"
    if judged.rule == "A9" and theirs and theirs[-1].text is None:
        return "deleted"
    if judged.rule in ("A1", "A3") and len(theirs) < 2:
        return _by_text(judged.rule, has_text=bool(theirs))
    if _turned(facts) and len(theirs) > 1:
        return "rejection-then-acceptance"
    return _BY_RULE.get(judged.rule, f"rule-{judged.rule.lower()}")


def _by_text(rule: str, *, has_text: bool) -> str:
    if has_text:
        return "default-acceptance" if rule == "A1" else "default-rejection"
    return "event-accepted" if rule == "A1" else "event-declined"


def _turned(facts: ThreadFacts) -> bool:
    """Whether a rejection and then an acceptance stand between the messages."""
    labels: list[Any] = [each.label for each in facts.witnesses if each.source == "event"]
    return labels == [Label.REJECTED, Label.ACCEPTED]
