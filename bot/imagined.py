"""A site that is only imagined: it takes what is sent, and answers as the shares are drawn.

The agent works it as it works the real one, on a copy of the book, so that what it does there is
what it would do. Nothing leaves this process.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.credits import Account
from bot.facts import (
    ComposerFacts,
    ComposerKind,
    HookSeen,
    InboxFacts,
    InboxThread,
    Kind,
    Label,
    LeadFacts,
    Message,
    ResultsFacts,
    SentFacts,
    Snapshot,
    ThreadFacts,
    Toast,
    Unfit,
    Witness,
)
from bot.model import Attempt, AttemptState, Enrolment, KnownThread, Lead, SentStep
from bot.ports import Book, Seen
from bot.rules.shares import Said, Shares, answer_of, draw_answer, draw_kind, draw_news

NOWHERE = Snapshot("")
# A send whose end is not known is taken as sent.
STANDS = (AttemptState.SENT, AttemptState.CLICKING, AttemptState.UNCERTAIN)
REFUND_TAKES = timedelta(hours=6)  # from the answer; no figure is published
GIVES_BACK = ("accept", "own-words")  # C5
LABELS = {"accept": Label.ACCEPTED, "reject": Label.REJECTED}


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that was sent. `kind` is credit or free for an InMail, None for a message."""

    at: datetime
    kind: Kind | None


class ImaginedSite:
    """A bot.ports.Site on a copy of a seat's book.

    run      what tells this run's draws from those of others: the seed and its number
    monthly  credits that a seat is taken to have whose balance was never seen (C12)
    """

    def __init__(
        self, book: Book, shares: Shares, run: str, monthly: int, now: Callable[[], datetime]
    ) -> None:
        self.sent: list[Sent] = []
        self._book, self._shares, self._run, self._now = book, shares, run, now
        self._monthly = monthly
        seat, ledger = book.seat(), book.ledger()
        # What has come since the inbox was read is there, and nobody knows it yet.
        self._read_at = min(seat.inbox_read_at or now(), now())
        self._gap = seat.unexplained.credits if seat.unexplained is not None else 0
        self._adjusted = ledger.total(Account.ADJUSTED)
        self._lead: Lead | None = None
        self._kind: Kind | None = None  # of the open composer; None: a thread is open
        self._thread: str | None = None
        self._typed = ("", "")
        self._said: dict[str, Said] = {}
        self._coming: list[tuple[datetime, str]] = []
        self._returning: dict[str, datetime] = {}
        self._mine: dict[str, list[Message]] = {}
        self._whose: dict[str, str] = {}
        self._thread_of: dict[str, str] = {}
        self._listed = [as_listed(thread) for thread in book.threads()]
        self._begin()

    def _begin(self) -> None:
        """Let those who were written to before answer as well."""
        unread: set[str] = set()
        for thread in self._book.threads():
            if thread.lead_id is not None:
                self._join(thread.lead_id, thread.id)
                if thread.seen != thread.read:
                    unread.add(thread.lead_id)
        for enrolment in self._book.enrolments():
            if enrolment.inmail is not None:
                self._join(enrolment.lead_id, enrolment.thread_id)
                self._expect(enrolment, enrolment.inmail, unread)
        for attempt in self._book.open_attempts():
            if attempt.step == 0 and attempt.state in STANDS:
                self._find(attempt)

    def _find(self, attempt: Attempt) -> None:
        """Let an InMail whose end is not known be found in a thread."""
        lead_id, at = attempt.lead_id, attempt.clicked_at or attempt.held_at
        thread_id, lead = self._join(lead_id, attempt.thread_id), self._book.lead(lead_id)
        name = lead.name if lead is not None else ""
        self._listed.append(InboxThread(thread_id, name, "", at, lead_id))
        self._await(lead_id, SentStep(0, at, attempt.text_hash, attempt.key, attempt.kind))

    def _expect(self, enrolment: Enrolment, inmail: SentStep, unread: set[str]) -> None:
        lead_id, what = enrolment.lead_id, answer_of(enrolment)
        if what is not None and enrolment.answer is not None:
            self._said[lead_id] = Said(what, enrolment.answer.at)
        elif lead_id in unread:
            self._said[lead_id] = draw_news(self._shares, self._now(), self._run, lead_id)
        else:
            self._await(lead_id, inmail)

    def _await(self, lead_id: str, inmail: SentStep) -> None:
        said = draw_answer(self._shares, inmail, self._read_at, self._run, lead_id)
        if said is not None:
            self._said[lead_id] = said
            heapq.heappush(self._coming, (said.at, lead_id))

    def _join(self, lead_id: str, thread_id: str | None) -> str:
        """The thread of a lead; a new one if none is known."""
        found = thread_id or self._thread_of.get(lead_id) or f"imagined/{lead_id}"
        self._thread_of[lead_id] = found
        self._whose[found] = lead_id
        return found

    # --- the balance ----------------------------------------------------------------------------

    def balance(self) -> int:
        """What the site would show: our ledger, with what it differs by and refunds on their way.

        A difference that is there today is taken to stay, until the ledger follows it (C9).
        """
        ledger = self._book.ledger()
        if ledger.granted_to is None:
            seen = self._book.seat().balance_seen
            return seen if seen is not None else self._monthly
        now = self._now()
        late = sum(1 for at in self._returning.values() if at > now)
        followed = ledger.total(Account.ADJUSTED) - self._adjusted
        there = ledger.available + ledger.held  # what is set aside for an attempt is not spent yet
        return max(0, there + self._gap + followed - late)

    # --- reading --------------------------------------------------------------------------------

    def open_lead(self, lead: Lead) -> Seen[LeadFacts]:
        """A lead page; who was never looked at turns out to be what is drawn."""
        self._lead, self._thread = lead, None
        kind = Kind.UNREACHABLE if self._kind_of(lead) is Kind.UNREACHABLE else Kind.UNKNOWN
        facts = LeadFacts(
            lead.id, lead.name, lead.title, lead.company, lead.location, 2, kind, True
        )
        return Seen(facts, NOWHERE)

    def open_composer(self) -> Seen[ComposerFacts]:
        """A composer of the kind that was read last, else of the one that is drawn."""
        assert self._lead is not None, "a composer is opened on a lead"
        self._kind = self._kind_of(self._lead)
        self._typed = ("", "")
        return Seen(self._composer(), NOWHERE)

    def open_thread(self, thread_id: str) -> Seen[ThreadFacts]:
        """What was sent in it, and the answer if it has come by now."""
        self._lead, self._kind, self._thread = None, None, thread_id
        lead_id = self._whose.get(thread_id)
        if lead_id is None:
            return Seen(ThreadFacts(thread_id, None, None, (), (), True), NOWHERE)
        messages = list(self._messages(lead_id))
        witnesses: tuple[Witness, ...] = ()
        said = self._said.get(lead_id)
        if said is not None and said.at <= self._now() and messages:
            label = LABELS.get(said.what)
            if label is None:
                messages.insert(1, Message(False, said.at, None, "Words of their own."))
            else:
                witnesses = (Witness(label, "label", 1, said.at),)
            if said.what in GIVES_BACK and self._cost(lead_id):
                self._returning.setdefault(lead_id, said.at + REFUND_TAKES)
        facts = ThreadFacts(thread_id, lead_id, None, tuple(messages), witnesses, True)
        return Seen(facts, NOWHERE)

    def read_inbox(self, is_known: Callable[[str, str], bool]) -> Seen[InboxFacts]:
        """The threads in which somebody answered, and the first one that is known as it is."""
        while self._coming and self._coming[0][0] <= self._now():
            at, lead_id = heapq.heappop(self._coming)
            what = self._said[lead_id].what
            thread_id = self._thread_of[lead_id]
            self._listed.append(InboxThread(thread_id, "", what, at, lead_id))
        shown = []
        for thread in reversed(self._listed):
            shown.append(thread)
            if is_known(thread.id, thread.mark):
                break
        return Seen(InboxFacts(self.balance(), tuple(shown)), NOWHERE)

    def read_results(self, audience: str, page: int) -> Seen[ResultsFacts]:
        """Nobody: who will be found is not known before."""
        del audience, page
        return Seen(ResultsFacts((), 0, False), NOWHERE)

    def owner_first_name(self) -> str | None:
        """Nothing that is not known."""
        return None

    def last_page(self) -> Snapshot | None:
        """Nothing is looked at."""
        return None

    def unfit(self, page: str, keys: Sequence[str]) -> tuple[Unfit, ...]:
        """Every page is as it was."""
        del page, keys
        return ()

    def hooks_seen(self) -> tuple[HookSeen, ...]:
        """Nothing is looked for."""
        return ()

    # --- writing --------------------------------------------------------------------------------

    def type_inmail(self, subject: str, body: str) -> Seen[ComposerFacts]:
        """The composer with the text in it."""
        self._typed = (subject, body)
        return Seen(self._composer(), NOWHERE)

    def type_message(self, body: str) -> str | None:
        """The form takes every text."""
        self._typed = ("", body)
        return body

    def close_composer(self) -> None:
        """Nothing is left open."""
        self._typed = ("", "")

    def click_send(self) -> None:
        """What stands in the form is sent; an InMail's answer is drawn."""
        now, (subject, body) = self._now(), self._typed
        self.sent.append(Sent(now, self._kind))
        if self._lead is None:
            assert self._thread is not None, "a message is sent in its thread"
            self._messages(self._whose[self._thread]).append(Message(True, now, None, body))
            return
        lead_id = self._lead.id
        self._thread = self._join(lead_id, None)
        self._mine[lead_id] = [Message(True, now, subject, body)]
        self._await(lead_id, SentStep(0, now, "", "", self._kind))

    def read_sent(self, expected: str) -> Seen[SentFacts]:
        """The thread, with the text in it."""
        del expected
        assert self._thread is not None, "something was sent"
        mine = tuple(m.text or "" for m in self._messages(self._whose[self._thread]))
        return Seen(SentFacts(True, False, mine, Toast.SENT, self._thread), NOWHERE)

    # --- small helpers --------------------------------------------------------------------------

    def _composer(self) -> ComposerFacts:
        lead, credits = self._lead, None
        assert lead is not None, "a composer is of a lead"
        kind = ComposerKind.FREE if self._kind is Kind.FREE else ComposerKind.CREDIT
        if kind is ComposerKind.CREDIT:
            credits = self.balance()
            kind = kind if credits > 0 else ComposerKind.NONE_LEFT
        subject, body = self._typed
        return ComposerFacts(lead.id, lead.name, kind, credits, subject, body, bool(body))

    def _kind_of(self, lead: Lead) -> Kind:
        known = {each.kind for each in self._book.enrolments_of(lead.id)}
        for kind in (Kind.CREDIT, Kind.FREE):
            if kind in known:
                return kind
        return draw_kind(self._shares, self._run, lead.id)

    def _cost(self, lead_id: str) -> bool:
        """Whether the InMail to them cost a credit that has not come back."""
        steps = (e for e in self._book.enrolments_of(lead_id) if e.credit_back is None)
        return any(e.inmail is not None and e.inmail.kind is Kind.CREDIT for e in steps)

    def _messages(self, lead_id: str) -> list[Message]:
        """Our own messages to a lead, the oldest first."""
        if lead_id not in self._mine:
            attempts = (
                attempt
                for enrolment in self._book.enrolments_of(lead_id)
                for attempt in self._book.attempts_of(enrolment.key)
                if attempt.state in STANDS
            )
            self._mine[lead_id] = [
                Message(True, attempt.clicked_at, attempt.subject, attempt.body)
                for attempt in attempts
            ]
        return self._mine[lead_id]


def as_listed(thread: KnownThread) -> InboxThread:
    """A line of the list with the mark that the thread had when it was last seen."""
    at, _, preview = thread.seen.partition("|")
    when = datetime.fromisoformat(at) if at else None
    return InboxThread(thread.id, thread.name, preview, when, thread.lead_id)
