"""What would be sent: the agent itself, on a copy of the book, against a site that only assumes.

look_ahead() assumes that nobody answers meanwhile, that a lead that was never looked at costs a
credit, and that every page is as it was. calendar_of() lets recipients answer by chance, many times
over (bot.outlook). So neither can drift apart from what the agent does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot import report
from bot.clock import SimulatedClock
from bot.facts import (
    ComposerFacts,
    ComposerKind,
    HookSeen,
    InboxFacts,
    Kind,
    Label,
    LeadFacts,
    Message,
    ResultsFacts,
    SentFacts,
    Snapshot,
    ThreadFacts,
    Unfit,
    Witness,
)
from bot.imagined import NOWHERE, as_listed
from bot.model import Attempt, AttemptState, Changes, Done, Enrolment, Lead
from bot.outlook import Asked, Nothing, Outlook, look_out, prepare
from bot.ports import Book, Seen
from bot.report import HeldLead, Planned, PlannedAction
from bot.rules.shares import see, shares_of
from bot.seat import Seat, assemble, view_of
from bot.stint import work_through
from bot.store.memory import MemoryBook

COMPOSERS = {Kind.FREE: ComposerKind.FREE, Kind.FIRST_DEGREE: ComposerKind.FIRST_DEGREE}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What calendar_of() is to simulate.

    stated    shares by name (accept, reject, own-words, free) in place of those that were seen
    campaign  taken as started, paused or not
    leads     so many people of whom nothing is known are added to that campaign
    """

    days: int
    runs: int = 20
    seed: int = 1
    stated: Mapping[str, float] = field(default_factory=dict)
    campaign: str | None = None
    leads: int | None = None


def calendar_of(
    seat: Seat,
    book: MemoryBook,
    now: datetime,
    wanted: Wanted,
    progress: Callable[[int], None] = lambda _run: None,
) -> Outlook:
    """The calendar simulation of a seat from *book*, which is changed for it: give a copy."""
    clock = SimulatedClock(now)
    shares, told = shares_of(see(book.enrolments(), now), wanted.stated)
    site = AssumedSite(book, seat.policy.credits.monthly)
    work, assumes = prepare(assemble(seat, book, site, clock), book, wanted.campaign, wanted.leads)
    asked = Asked(wanted.days, wanted.runs, wanted.seed, shares, told)
    return look_out(work, book, asked, assumes=assumes, progress=progress)


def look_ahead(seat: Seat, book: Book, now: datetime, days: int) -> Planned:
    """Work *book*, a copy, through the coming days, and tell what would be written."""
    clock = SimulatedClock(now)
    work = assemble(seat, book, AssumedSite(book, seat.policy.credits.monthly), clock, dry_run=True)
    work = replace(work, evidence=Nothing())
    done: list[Done] = []
    patience = timedelta(days=days)
    state = replace(book.seat(), inbox_read_at=now, threads_known=True)
    broken = tuple(replace(hook, looked_at=now + patience) for hook in state.broken)
    book.commit(Changes(seat=replace(state, broken=broken)))  # nobody mends them meanwhile (T8)
    for day in range(1, days + 1):  # a stint has a bound, and each day is one
        end = now + timedelta(days=day)
        work_through(work, patience=patience, tell=done.append, stopped=lambda: False, until=end)
    actions = tuple(
        PlannedAction(step.at, step.action, step.lead_id, step.kind, step.text)
        for step in done
        if step.text
    )
    return Planned(actions, _held(seat, book, clock.now(), {a.lead_id for a in actions}))


def _held(seat: Seat, book: Book, now: datetime, written: set[str | None]) -> tuple[HeldLead, ...]:
    view = view_of(seat, book, now)
    held = []
    for enrolment in book.enrolments():
        lead = book.lead(enrolment.lead_id)
        if lead is None or lead.id in written:
            continue
        why = report.lead_line(enrolment, lead, view).why_not
        if why is not None:
            held.append(HeldLead(lead.id, why.rule, why.text, why.until))
    return tuple(held)


def _stands(attempt: Attempt) -> bool:
    return attempt.state is AttemptState.SENT


def _as_it_was(
    enrolment: Enrolment, mine: tuple[Message, ...]
) -> tuple[tuple[Message, ...], tuple[Witness, ...]]:
    """The thread of somebody whom the owner replies to, as it was when they did."""
    answer = enrolment.answer
    assert answer is not None, "only an answer is replied to"
    theirs = (Message(False, answer.at, None, answer.words),) * answer.heard if answer.words else ()
    by_hand = tuple(
        Message(True, answer.at, None, f"by hand {n}") for n in range(enrolment.foreign)
    )
    label = answer.answer == "accepted"
    told = (Witness(Label.ACCEPTED, "label", len(mine) + 1, answer.at),) if label else ()
    return (*mine, *theirs, *by_hand), told


class AssumedSite:
    """A bot.ports.Site that shows what the book already knows, and takes no writing."""

    def __init__(self, book: Book, monthly: int) -> None:
        self._book = book
        self._monthly = monthly
        self._lead: Lead | None = None

    def open_lead(self, lead: Lead) -> Seen[LeadFacts]:
        """A lead that can be written to."""
        self._lead = lead
        facts = LeadFacts(
            lead.id, lead.name, lead.title, lead.company, lead.location, 2, Kind.UNKNOWN, True
        )
        return Seen(facts, NOWHERE)

    def open_composer(self) -> Seen[ComposerFacts]:
        """A composer of the kind that was read last; never looked at means a credit."""
        assert self._lead is not None, "a composer is opened on a lead"
        kinds = {e.kind for e in self._book.enrolments_of(self._lead.id)}
        kind = next((COMPOSERS[k] for k in kinds if k in COMPOSERS), ComposerKind.CREDIT)
        # A seat that has seen no balance yet is taken to have a month's grant (C12).
        unopened = self._book.ledger().granted_to is None and kind is ComposerKind.CREDIT
        credits = self._monthly if unopened else None
        return Seen(ComposerFacts(self._lead.id, self._lead.name, kind, credits), NOWHERE)

    def open_thread(self, thread_id: str) -> Seen[ThreadFacts]:
        """The accepted thread, as far as our own attempts tell it."""
        known = self._book.thread(thread_id)
        lead_id = known.lead_id if known is not None else None
        enrolments = self._book.enrolments_of(lead_id) if lead_id is not None else ()
        attempts = [a for e in enrolments for a in self._book.attempts_of(e.key) if _stands(a)]
        mine = tuple(Message(True, a.clicked_at, a.subject, a.body) for a in attempts)
        accepted: tuple[Witness, ...] = (Witness(Label.ACCEPTED, "label", 1),)
        answered = next((e for e in enrolments if e.reply is not None), None)
        if answered is not None:
            mine, accepted = _as_it_was(answered, mine)
        return Seen(ThreadFacts(thread_id, lead_id, None, mine, accepted, True), NOWHERE)

    def read_inbox(self, is_known: Callable[[str, str], bool]) -> Seen[InboxFacts]:
        """The threads that are known, and nothing new."""
        del is_known
        threads = tuple(as_listed(thread) for thread in self._book.threads())
        return Seen(InboxFacts(None, threads), NOWHERE)

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

    def close_composer(self) -> None:
        """Nothing is open."""

    def unfit(self, page: str, keys: Sequence[str]) -> tuple[Unfit, ...]:
        """None: every page is as it was."""
        del page, keys
        return ()

    def hooks_seen(self) -> tuple[HookSeen, ...]:
        """None: no page is read."""
        return ()

    def type_inmail(self, subject: str, body: str) -> Seen[ComposerFacts]:
        """Never reached: a rehearsal types nothing (T5)."""
        del subject, body
        raise AssertionError("a forecast does not type")

    def type_message(self, body: str) -> str | None:
        """Never reached, like type_inmail()."""
        del body
        raise AssertionError("a forecast does not type")

    def click_send(self) -> None:
        """Never reached: the first lock of T5."""
        raise AssertionError("a forecast does not click")

    def read_sent(self, expected: str) -> Seen[SentFacts]:
        """Never reached, like click_send()."""
        del expected
        raise AssertionError("a forecast does not click")
