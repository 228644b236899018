"""All readers behind one door: what bot.site and `leadwright read` use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from bot.decided import Facts
from bot.errors import Fault, UsageError
from bot.facts import (
    BalanceFacts,
    ComposerFacts,
    HaltFacts,
    HookSeen,
    InboxFacts,
    LeadFacts,
    ResultsFacts,
    SentFacts,
    Snapshot,
    ThreadFacts,
    Unfit,
)
from bot.pages.addresses import thread_in
from bot.pages.composer import read_composer, read_sent, says_send
from bot.pages.document import Document, parse, text_of
from bot.pages.halt import halt_by_address, read_halt
from bot.pages.inbox import owner_first_name, read_balance, read_inbox
from bot.pages.lead import read_lead
from bot.pages.results import read_results
from bot.pages.selectors import Selectors
from bot.pages.texts import Texts
from bot.pages.thread import read_reply, read_thread

F = TypeVar("F")


class Reader:
    """Reads snapshots; never touches a browser. Every method may raise a PageError.

    A snapshot that is read twice in a row (for a halt, then for its facts) is parsed once.
    """

    def __init__(self, selectors: Selectors, texts: Texts) -> None:
        self.selectors = selectors
        self.texts = texts
        self._last: Document | None = None
        self._was_read = False
        self._seen: Counter[tuple[str, str, int]] = Counter()

    @classmethod
    def shipped(cls) -> Reader:
        """With the selectors and texts that come with the program."""
        return cls(Selectors.shipped(), Texts.shipped())

    @classmethod
    def of_seat(cls, selectors: Path, texts: Path) -> Reader:
        """With a seat's own files over those that come with the program.

        Raises UsageError that tells every mistake of both folders at once.
        """
        faults: list[Fault] = []
        found_selectors, found_texts = Selectors.shipped(), Texts.shipped()
        try:
            found_selectors = Selectors.of_seat(selectors)
        except UsageError as error:
            faults += error.faults
        try:
            found_texts = Texts.of_seat(texts)
        except UsageError as error:
            faults += error.faults
        if faults:
            raise UsageError("the seat's own selectors and texts cannot be used", tuple(faults))
        return cls(found_selectors, found_texts)

    def css(self, page: str, key: str) -> tuple[str, ...]:
        """CSS to act with, newest spelling first. Raises KeyError for a hook without an entry."""
        return self.selectors.css(page, key)

    def first_spelling(self, page: str, key: str) -> str:
        """A hook's first spelling, to be told; empty for one without an entry."""
        entry = self.selectors.get(page, key)
        return entry.css[0] if entry is not None else ""

    def shows(self, snapshot: Snapshot, page: str, key: str) -> bool:
        """Whether a hook has a visible match: what a click would find."""
        return self._document(snapshot).has(page, key)

    def unfit(self, snapshot: Snapshot, page: str, keys: Sequence[str]) -> tuple[Unfit, ...]:
        """Those hooks that do not have the one visible match that acting needs.

        All spellings count together, as a click counts them; a send button must say so (T1).
        """
        document, found = self._document(snapshot), []
        for key in keys:
            matches = document.union(page, key)
            if len(matches) != 1:
                found.append(Unfit(page, key, f"{len(matches)} matches where one is needed"))
            elif key == "send_button" and not says_send(matches[0], self.texts):
                said = text_of(matches[0]) or matches[0].attributes.get("aria-label") or "nothing"
                found.append(Unfit(page, key, f"it says {said}, which is no known word for Send"))
        return tuple(found)

    @property
    def mark(self) -> str:
        """What tells that pages are read with other selectors or texts."""
        data = repr((self.selectors.entries, self.texts.phrases))
        return sha256(data.encode()).hexdigest()[:16]

    def halt(self, snapshot: Snapshot) -> HaltFacts:
        """Whether the site wants a person (L5)."""
        said = halt_by_address(snapshot)
        return said if said is not None else read_halt(self._document(snapshot), self.texts)

    def lead(self, snapshot: Snapshot) -> LeadFacts:
        """A lead's page (K1)."""
        return self._read(snapshot, read_lead)

    def composer(self, snapshot: Snapshot) -> ComposerFacts:
        """The open panel (K2, K6)."""
        return self._read(snapshot, read_composer)

    def sent(self, snapshot: Snapshot, *, in_thread: bool = False) -> SentFacts:
        """What the panel became after the click (T2); *in_thread* it is the thread itself."""
        facts = self._read(snapshot, read_sent)
        if not in_thread:
            return facts
        thread = self.thread(snapshot)
        return SentFacts(
            became_thread=True,
            still_form=thread.can_write,
            mine=tuple(message.text or "" for message in thread.messages if message.mine),
            toast=facts.toast,
            thread_id=thread.id,
            credits=facts.credits,
        )

    def results(self, snapshot: Snapshot) -> ResultsFacts:
        """One page of a search or list."""
        return self._read(snapshot, read_results)

    def inbox(self, snapshot: Snapshot) -> InboxFacts:
        """The inbox's list."""
        return self._read(snapshot, read_inbox)

    def thread(self, snapshot: Snapshot) -> ThreadFacts:
        """An open thread."""
        return self._read(snapshot, read_thread)

    def balance(self, snapshot: Snapshot) -> BalanceFacts:
        """The credits that a page shows (C9)."""
        return self._read(snapshot, read_balance)

    def reply(self, snapshot: Snapshot) -> tuple[str | None, bool]:
        """What stands in the open thread's form, and whether its one Send is enabled (T7)."""
        return self._read(snapshot, read_reply)

    def seen(self) -> tuple[HookSeen, ...]:
        """Which spellings matched on the pages that were read since this was asked last.

        Only pages that could be read count: one that is still to come shows hooks by accident.
        """
        self._count()
        taken, self._seen = self._seen, Counter()
        return tuple(
            HookSeen(page, key, spelling, self.css(page, key)[0], pages)
            for (page, key, spelling), pages in sorted(taken.items())
        )

    def owner_first_name(self, snapshot: Snapshot) -> str | None:
        """The seat owner's first name, as the header tells it."""
        return owner_first_name(self._document(snapshot))

    def read(self, kind: str, snapshot: Snapshot) -> Facts:
        """What a page of this KIND says. Raises KeyError for an unknown one."""
        readers: dict[str, Callable[[Snapshot], Facts]] = {
            "lead": self.lead,
            "composer": self.composer,
            "results": self.results,
            "inbox": self.inbox,
            "thread": self.thread,
            "balance": self.balance,
            "halt": self.halt,
            "sent": self._sent,
        }
        return readers[kind](snapshot)

    def _sent(self, snapshot: Snapshot) -> SentFacts:
        """In an open thread a message was sent, else an InMail: the address tells."""
        return self.sent(snapshot, in_thread=thread_in(snapshot.url) is not None)

    def _read(self, snapshot: Snapshot, read: Callable[[Document, Texts], F]) -> F:
        facts = read(self._document(snapshot), self.texts)
        self._was_read = True
        return facts

    def _document(self, snapshot: Snapshot) -> Document:
        if self._last is None or self._last.snapshot is not snapshot:
            self._count()
            self._last = parse(snapshot, self.selectors)
        return self._last

    def _count(self) -> None:
        """Count what the page that was read last has shown, once."""
        if self._last is not None and self._was_read:
            for (page, key), spelling in self._last.found.items():
                entry = self.selectors.get(page, key)
                variant = entry is not None and entry.variants
                self._seen[page, key, 0 if variant else spelling] += 1
            self._last.found.clear()
        self._was_read = False
