"""Reads an open thread: its messages, and what the site itself says of the answer (site.md, 6)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from selectolax.lexbor import LexborNode

from bot.errors import LayoutChanged, NotLoaded
from bot.facts import Label, Message, ThreadFacts, Witness
from bot.pages import heard
from bot.pages.addresses import leads_of, thread_in, threads_of
from bot.pages.composer import can_send
from bot.pages.document import (
    Document,
    Line,
    Within,
    few,
    outermost,
    outside,
    text_of,
    time_of,
    value_of,
)
from bot.pages.halt import not_there
from bot.pages.inbox import list_items
from bot.pages.lead import same_person
from bot.pages.messages import Shown, quotes, read_messages
from bot.pages.texts import Say, Texts, fold

_LINES = (
    (Say.ACCEPTED, Label.ACCEPTED, "system-line"),
    (Say.DECLINED, Label.REJECTED, "system-line"),
    (Say.ACCEPTED_LABEL, Label.ACCEPTED, "label"),
    (Say.DECLINED_LABEL, Label.REJECTED, "label"),
)
# The inbox's views; their names in its address are disputed (site.md, 1).
_FILTER = re.compile(r"[?&](?:view)?filter=([A-Za-z_]+)", re.IGNORECASE)
_FILTERS = {
    "ACCEPTED": Label.ACCEPTED,
    "INMAIL_ACCEPTED": Label.ACCEPTED,
    "DECLINED": Label.REJECTED,
    "INMAIL_DECLINED": Label.REJECTED,
}
_AT_ONCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Head:
    """Whose thread it is."""

    id: str | None
    lead_id: str | None
    name: str | None


def read_thread(page: Document, texts: Texts) -> ThreadFacts:
    """The open thread, oldest message first, with its witnesses.

    Raises WrongPage, NotLoaded (no message stands there yet) or LayoutChanged (it cannot be told
    who wrote a message).
    """
    container = _container(page, texts)
    head = _head(page, container)
    shown = read_messages(page, texts, container, head.name)
    if head.name is None:
        head = replace(head, name=_sender(page, shown))
    lines = _as_they_stand(list(_lines(page, texts, container, shown, head.name)))
    if not shown and not lines:
        raise NotLoaded("thread", "message", "the thread stands there without a message")
    messages, placed = _in_order(shown, lines)
    witnesses = [
        *placed,
        *_listed(page, texts, head, messages),
        *_heard(page, head.id, messages),
    ]
    return ThreadFacts(
        id=head.id,
        lead_id=head.lead_id,
        name=head.name,
        messages=messages,
        witnesses=tuple(witnesses),
        can_write=page.has("thread", "body", container),
        why=tuple(f"the site says {each.label} ({each.source})" for each in witnesses),
    )


def read_reply(page: Document, texts: Texts) -> tuple[str | None, bool]:
    """What stands in the thread's form (None without one), and whether its Send is enabled."""
    container = _container(page, texts)
    bodies, forms = page.all("thread", "body", container), page.all("thread", "form", container)
    if len(bodies) != 1 or len(forms) != 1:
        return None, False
    return value_of(bodies[0]), can_send(page, texts, "thread", forms[0])


def _container(page: Document, texts: Texts) -> LexborNode:
    containers = outermost(page.all("thread", "container"))
    if len(containers) > 1:
        raise LayoutChanged("thread", "container", f"{len(containers)} threads are open")
    if containers:
        return containers[0]
    if page.has("inbox", "item"):
        raise NotLoaded("thread", "container", "expected a thread; only the inbox's list is there")
    raise not_there(page, texts, "thread", "container", "an open thread")


def _head(page: Document, container: LexborNode) -> _Head:
    """Whose thread it is: from the address, and from what stands outside of the messages."""
    thread_id = thread_in(page.snapshot.url)
    if thread_id is None:
        active = threads_of(page.all("inbox", "active"))
        thread_id = active.pop() if len(active) == 1 else None
    messages = [*container.css("article"), *page.all("thread", "list", container)]
    links = _unwritten(page, page.all("thread", "lead_link", container))
    heads = few("thread", "lead_link", outside(links, messages))
    titles = [link for link in heads if _is_in_title(link)]
    ids = leads_of(titles or heads or links)
    people = _unwritten(page, page.all("thread", "person", container))
    people = few("thread", "person", outside(people, messages))
    named = [node for node in people if _is_in_title(node)] or people or heads
    names = {text_of(node) for node in named} - {""}
    return _Head(
        id=thread_id,
        lead_id=ids.pop() if len(ids) == 1 else None,
        name=names.pop() if len(names) == 1 else None,
    )


def _unwritten(page: Document, nodes: Sequence[LexborNode]) -> list[LexborNode]:
    """Those of *nodes* that stand in nothing that somebody wrote (A14)."""
    return [node for node in nodes if not page.people.holds(node)]


def _is_in_title(node: LexborNode) -> bool:
    """Whether a name or link stands in a heading; elsewhere others may (people in common)."""
    here = node.parent
    while here is not None:
        if here.tag in ("header", "h1", "h2", "h3"):
            return True
        here = here.parent
    return False


def _sender(page: Document, shown: Sequence[Shown]) -> str | None:
    """The other's name as their own messages tell it."""
    theirs = [each.holder for each in shown if not each.message.mine]
    names = {text_of(n) for holder in theirs for n in page.few("thread", "sender", holder)} - {""}
    return names.pop() if len(names) == 1 else None


def _lines(
    page: Document,
    texts: Texts,
    container: LexborNode,
    shown: Sequence[Shown],
    name: str | None,
) -> Iterator[tuple[LexborNode, Witness]]:
    """System lines, events and labels: where the site speaks, and of this person only (A14)."""
    lists = Within([*page.all("thread", "list", container), *(each.holder for each in shown)])
    ours = Within(each.holder for each in shown if each.message.mine)
    articles = outermost(container.css("article"))
    shows = [node for article in articles for node in quotes(article)]
    quoted = Within([*shows, *container.css("a, address, blockquote")])
    for say, label, source in _LINES:
        for line in page.lines(container, texts, say):
            if quoted.holds(line.node) or not _is_about(line, name):
                continue
            # What stands in our own message tells of the InMail, not of when it was answered.
            listed = lists.holds(line.node) and not ours.holds(line.node)
            kind = "event" if listed and source == "system-line" else source
            at = _time_around(page, line.node) if listed else None
            yield line.node, Witness(label, kind, 0 if listed else None, at)


def _as_they_stand(
    lines: list[tuple[LexborNode, Witness]],
) -> list[tuple[LexborNode, Witness]]:
    """In the order of the page: of two events without a text the later one counts (A7)."""
    places = _places([node for node, _ in lines])
    return sorted(lines, key=lambda line: places[line[0].mem_id])


def _is_about(line: Line, name: str | None) -> bool:
    """A line names nobody, or this person; a name alone says nothing, whatever it is (A14).

    Raises LayoutChanged if it names somebody and nobody knows whose thread it is.
    """
    named = line.match.groupdict().get("name")
    if name is None:
        if named is not None:
            raise LayoutChanged("thread", "person", "a line names somebody; whose thread is it?")
        return True
    is_name = fold(line.text) == fold(name)
    return not is_name and (named is None or same_person(named, name))


def _time_around(page: Document, node: LexborNode) -> datetime | None:
    """The time that stands in an event, or in the list item that holds it."""
    here: LexborNode | None = node
    while here is not None:
        times = {time_of(each) for each in page.all("thread", "time", here)}
        if times:
            return times.pop() if len(times) == 1 else None
        if here.tag in ("li", "article"):
            return None
        here = here.parent
    return None


def _in_order(
    shown: Sequence[Shown], lines: Sequence[tuple[LexborNode, Witness]]
) -> tuple[tuple[Message, ...], list[Witness]]:
    """Oldest first, whichever way the page runs; each witness knows what stands before it."""
    places = _places([each.holder for each in shown] + [node for node, _ in lines])
    messages = [(places[each.holder.mem_id], each.message) for each in shown]
    times = [message.at for _, message in messages if message.at is not None]
    if len(times) == len(messages) and times != sorted(times):
        ordered = tuple(sorted((m for _, m in messages), key=lambda m: m.at or times[0]))
        events = [witness for _, witness in lines]
        if all(witness.at is not None for witness in events):
            events.sort(key=lambda witness: witness.at or times[0])
        return ordered, [replace(w, after=_after(w.at, ordered)) for w in events]
    found = []
    holders = Within(each.holder for each in shown)
    order = sorted(place for place, _ in messages)
    for node, witness in lines:
        after = bisect_left(order, places[node.mem_id])
        placed = after - 1 if holders.holds(node) else after
        found.append(replace(witness, after=placed if witness.after is not None else None))
    return tuple(message for _, message in messages), found


def _places(nodes: Sequence[LexborNode]) -> dict[int, int]:
    """The order of *nodes* in the document."""
    if not nodes:
        return {}
    top = nodes[0]
    while top.parent is not None:
        top = top.parent
    wanted = {node.mem_id for node in nodes}
    order = (node.mem_id for node in top.traverse() if node.mem_id in wanted)
    return {mem_id: place for place, mem_id in enumerate(order)}


def _after(at: datetime | None, messages: Sequence[Message]) -> int | None:
    """How many messages stand before a moment; one that came with it does not."""
    times = [message.at for message in messages if message.at is not None]
    if at is None or len(times) != len(messages):
        return None
    return sum(1 for each in times if each < at - _AT_ONCE)


def _listed(
    page: Document, texts: Texts, head: _Head, messages: Sequence[Message]
) -> Iterator[Witness]:
    """What the list says of the open thread: its preview, and the filter that it passed."""
    for item in list_items(page):
        threads = threads_of(page.all("inbox", "link", item))
        if head.id is None or threads != {head.id}:
            continue
        yield from _preview(page, texts, item, messages)
        for label in _filters(page, texts):
            yield Witness(label, "filter", None)


def _preview(
    page: Document, texts: Texts, item: LexborNode, messages: Sequence[Message]
) -> Iterator[Witness]:
    """An item's preview, unless it repeats what somebody wrote (A14)."""
    said = page.said("inbox", "preview", item)
    if said is None or any(_repeats(said, message.text) for message in messages):
        return
    for say, label in (
        (Say.ACCEPTED_PREVIEW, Label.ACCEPTED),
        (Say.DECLINED_PREVIEW, Label.REJECTED),
    ):
        if texts.match(say, said) is not None:
            yield Witness(label, "preview", None)


def _filters(page: Document, texts: Texts) -> set[Label]:
    """What the list is filtered by: as its address says, and as its button does."""
    asked = _FILTER.search(page.snapshot.url or "")
    label = _FILTERS.get(asked[1].upper()) if asked is not None else None
    found = {label} if label is not None else set()
    shown = [text_of(node) for node in page.few("inbox", "filter")]
    for say, label in (
        (Say.ACCEPTED_LABEL, Label.ACCEPTED),
        (Say.DECLINED_LABEL, Label.REJECTED),
    ):
        if any(texts.match(say, said) for said in shown):
            found.add(label)
    return found


def _repeats(preview: str, text: str | None) -> bool:
    """Whether a preview is the beginning of a message."""
    start = fold(preview).casefold().rstrip(".… ")
    return text is not None and fold(text).casefold().startswith(start)


def _heard(page: Document, thread_id: str | None, messages: Sequence[Message]) -> Iterator[Witness]:
    """What the page's own data calls accepted, declined or a reply, in this thread."""
    if thread_id is None:
        return
    for told in heard.labels(page.snapshot, thread_id):
        yield Witness(told.label, "heard", _after(told.at, messages), told.at)
