"""Reads messages, in a thread and in the panel that became one (site.md, 4 and 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from selectolax.lexbor import LexborNode

from bot.errors import LayoutChanged
from bot.facts import Message
from bot.pages.document import Document, body_of, few, outermost, outside, text_of, time_of
from bot.pages.texts import Say, Texts, fold

MOST_MESSAGES = 2_500  # of one thread: more is no thread, and would take seconds to read


@dataclass(frozen=True, slots=True)
class Shown:
    """A message, and the element that holds it with its sender and time."""

    holder: LexborNode
    message: Message


def read_messages(
    page: Document, texts: Texts, scope: LexborNode, name: str | None
) -> tuple[Shown, ...]:
    """The messages of *scope* in the page's order. *name*: the other person's, if known.

    Raises LayoutChanged where it cannot be told who wrote one, and for thousands of them.
    """
    found: list[Shown] = []
    holders = _holders(scope)
    if len(holders) > MOST_MESSAGES:
        raise LayoutChanged("thread", "message", f"{len(holders)} messages")
    for holder in holders:
        contents = outermost(page.all("thread", "content", holder))
        if not contents and _is_event(page, texts, holder):
            continue
        mine = _is_mine(page, texts, holder, name)
        times = [time_of(node) for node in page.all("thread", "time", holder)] or [None]
        for place, content in enumerate(contents or [holder]):
            at = times[place] if len(times) == len(contents) else times[0]
            found.append(Shown(holder, _message(page, content, at, mine=mine, empty=not contents)))
    return tuple(found)


def _holders(scope: LexborNode) -> list[LexborNode]:
    """The elements that hold one message each: articles, else what stands around a content."""
    marked = outermost(scope.css('article, [data-x-message-content="message"]'))
    return outermost([node if node.tag == "article" else _around(node, scope) for node in marked])


def _around(content: LexborNode, scope: LexborNode) -> LexborNode:
    """The nearest list item around a message's content, or the nearest element with a label."""
    here = content.parent
    while here is not None and here.mem_id != scope.mem_id:
        if here.tag == "li" or here.attributes.get("aria-label") is not None:
            return here
        here = here.parent
    return content.parent or content


def _message(
    page: Document, content: LexborNode, at: datetime | None, *, mine: bool, empty: bool
) -> Message:
    if empty:
        return Message(mine, at, None, None)
    subjects = page.all("thread", "subject", content)
    # All of it, not the marked paragraphs alone: what stands beside a default text edits it (A12).
    text = body_of(content, (*subjects, *page.all("thread", "time", content)))
    subject = " ".join(filter(None, map(text_of, subjects)))
    return Message(mine, at, subject or None, text or None)


def _is_event(page: Document, texts: Texts, holder: LexborNode) -> bool:
    """An entry without a message's body that says accepted or declined is no message."""
    said = text_of(holder, page.all("thread", "time", holder))
    if any(texts.match(say, said) for say in (Say.ACCEPTED, Say.DECLINED)) and not quotes(holder):
        return True
    lines = (*page.lines(holder, texts, Say.ACCEPTED), *page.lines(holder, texts, Say.DECLINED))
    return bool(outside((line.node for line in lines), quotes(holder)))


def quotes(holder: LexborNode) -> list[LexborNode]:
    """What a message shows and neither its writer nor the site says: cards, links, names (A14)."""
    return [
        node
        for node in holder.css("a, address, article, blockquote, figure")
        if node.mem_id != holder.mem_id
    ]


def _is_mine(page: Document, texts: Texts, holder: LexborNode, name: str | None) -> bool:
    """Who wrote it: the label of the message, the name in its address, or "You"."""
    labels = _labels(holder)
    senders = {text_of(node) for node in page.few("thread", "sender", holder)} - {""}
    says_me = any(texts.match(Say.FROM_YOU, label) for label in labels)
    if senders:
        if says_me and not _named_so(senders, texts, labels):
            raise LayoutChanged("thread", "sender", "a message is labelled ours and has a name")
        return False
    if says_me:
        return True
    from_name = (texts.match(Say.MESSAGE_FROM, label) for label in labels)
    if any(match is not None for match in from_name):
        return False
    plain = fold(name).casefold() if name is not None else None
    if plain and any(plain in fold(label).casefold() for label in labels):
        return False
    heads = map(text_of, few("thread", "sender", holder.css("address, [class*='sender']")))
    if any(texts.match(Say.YOU, head) for head in heads):
        return True
    raise LayoutChanged("thread", "sender", "it cannot be told who wrote a message")


def _named_so(senders: set[str], texts: Texts, labels: list[str]) -> bool:
    """Somebody may be called "You": the label then says the name, letter by letter."""
    return any(label.endswith(f" {sender}") for label in labels for sender in senders) and all(
        texts.match(Say.YOU, sender) for sender in senders
    )


def _labels(holder: LexborNode) -> list[str]:
    """The labels of a message's element, of what stands in it, and of its list item."""
    nodes = [holder, *holder.css("[aria-label]")]
    if holder.parent is not None and holder.parent.tag == "li":
        nodes.append(holder.parent)
    return [label for node in nodes if (label := node.attributes.get("aria-label"))]
