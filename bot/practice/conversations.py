"""Threads of the practice site: one conversation with each person."""

from __future__ import annotations

import base64
from bisect import bisect_left, insort
from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from itertools import islice

from bot.practice.people import Label, Person, What
from bot.practice.records import InboxShown, ThreadMessage, ThreadShown

SUBJECT_MAX = 200
BODY_MAX = 1900


class Thread:
    """A conversation: one for each person."""

    __slots__ = ("_seen", "_whole", "closed", "id", "messages", "person")

    def __init__(self, thread_id: str, person: Person) -> None:
        self.id = thread_id
        self.person = person
        self.messages: list[ThreadMessage] = []
        self.closed = False
        self._seen = 0
        self._whole: ThreadShown | None = None  # until something changes

    @property
    def answered(self) -> bool:
        return any(not message.mine for message in self.messages)

    def add(self, message: ThreadMessage, *, closed: bool) -> None:
        """Put a new entry at the end; *closed*: the other one takes no more."""
        self.messages.append(message)
        self.closed, self._whole = closed, None

    def read(self, shown: ThreadShown) -> None:
        """What was *shown* counts as read from now on."""
        self._seen, self._whole = _theirs(shown.messages), None

    def shown(self, now: datetime) -> ThreadShown | None:
        """As it looks at *now*; None while none of it shows."""
        messages = tuple([message for message in self.messages if message.shows <= now])
        if len(messages) == len(self.messages):
            return self.whole() if messages else None
        return self._as_shown(messages) if messages else None

    def whole(self) -> ThreadShown:
        """All of it, also what does not show yet."""
        if self._whole is None:
            self._whole = self._as_shown(tuple(self.messages))
        return self._whole

    def _as_shown(self, messages: tuple[ThreadMessage, ...]) -> ThreadShown:
        theirs = _theirs(messages)
        return ThreadShown(
            id=self.id,
            person=self.person,
            messages=messages,
            unread=max(0, theirs - self._seen),
            closed=self.closed,
            answered=theirs > 0,
        )


class Threads:
    """All threads, by their own id, by the person they are with, and by their newest entry.

    Those that show all they hold stand in order: a page of the inbox costs as much in a year with
    thousands of threads as on the first day.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._by_lead: dict[str, Thread] = {}
        self._by_id: dict[str, Thread] = {}
        self._in_order: list[tuple[datetime, str]] = []
        self._hiding: set[str] = set()

    def with_person(self, person: Person) -> Thread:
        """The thread with that person; an empty one is begun if there is none."""
        thread = self._by_lead.get(person.id)
        if thread is None:
            thread = Thread(_thread_id(self._seed, person.id), person)
            self._by_lead[person.id] = self._by_id[thread.id] = thread
        return thread

    def of(self, lead_id: str) -> Thread | None:
        """The thread with a person, None if nobody wrote."""
        return self._by_lead.get(lead_id)

    def get(self, thread_id: str) -> Thread | None:
        """The thread with that id."""
        return self._by_id.get(thread_id)

    def add(self, thread: Thread, message: ThreadMessage, *, closed: bool = False) -> None:
        """Put a new entry at the end of a thread, and leave that open or closed."""
        if thread.messages and thread.id not in self._hiding:
            del self._in_order[bisect_left(self._in_order, (thread.messages[-1].at, thread.id))]
        thread.add(message, closed=closed)
        self._hiding.add(thread.id)

    def shown(self, now: datetime, start: int, size: int, only: str) -> InboxShown:
        """The inbox as it looks at *now*, newest thread first."""
        newest = self._newest_first(now)
        if only:
            chosen = [thread for thread in newest if _passes(thread, only)]
            return InboxShown(tuple(chosen[start : start + size]), len(chosen))
        total = len(self._in_order) + sum(
            self._by_id[name].shown(now) is not None for name in self._hiding
        )
        return InboxShown(tuple(islice(newest, start, start + size)), total)

    def _newest_first(self, now: datetime) -> Iterator[ThreadShown]:
        partly = []
        for name in sorted(self._hiding):
            thread = self._by_id[name]
            if all(message.shows <= now for message in thread.messages):
                self._hiding.remove(name)
                insort(self._in_order, (thread.messages[-1].at, name))
            elif (shown := thread.shown(now)) is not None:
                partly.append((shown.at, name))
        keys = merge(reversed(self._in_order), sorted(partly, reverse=True), reverse=True)
        return (self._look(name, now) for _, name in keys)

    def _look(self, name: str, now: datetime) -> ThreadShown:
        """A thread that shows something."""
        thread = self._by_id[name]
        partly = thread.shown(now) if name in self._hiding else None
        return partly or thread.whole()


def _theirs(messages: tuple[ThreadMessage, ...]) -> int:
    return sum([not message.mine for message in messages])


def _thread_id(seed: int, lead_id: str) -> str:
    """As the site's: "2-" and base64 that ends in "==" (site.md, 1)."""
    name = f"{seed}-{lead_id}-thread".encode()
    name += b"." * ((1 - len(name)) % 3)
    return "2-" + base64.b64encode(name).decode()


def _passes(thread: ThreadShown, only: str) -> bool:
    match only:
        case "UNREAD":
            return thread.unread > 0
        case "DECLINED":
            return thread.label is Label.DECLINED
        case "ACCEPTED":
            return thread.label is Label.ACCEPTED
        case "AWAITING":
            return not thread.answered
    return True


def message_type(what: What, answered_before: bool) -> str:
    """The type that the page's own JSON gives an answer (site.md, 6)."""
    if what.label is not None:
        return "INMAIL_ACCEPT" if what.label is Label.ACCEPTED else "INMAIL_DECLINE"
    return "MESSAGE" if answered_before else "INMAIL_REPLY"


def bad_text(subject: str | None, body: str) -> str:
    """Why this text cannot be sent; empty if it can. Lengths as the site counts them (S6)."""
    if not body.strip() or (subject is not None and not subject.strip()):
        return "a text is missing"
    if subject is not None and _site_length(subject) > SUBJECT_MAX:
        return f"the subject is longer than {SUBJECT_MAX}"
    if _site_length(body) > BODY_MAX:
        return f"the message is longer than {BODY_MAX}"
    return ""


def _site_length(text: str) -> int:
    """UTF-16 code units, a line break as one."""
    return len(text.replace("\r\n", "\n").encode("utf-16-le")) // 2
