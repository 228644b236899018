"""A Book of plain records that no disk keeps, for lives that are only imagined.

It answers what Store answers and refuses what Store refuses. A table numbers its records in the
order they came, as SQLite does; its indexes hold what those of schema.py hold.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Generic, Self, TypeVar

from bot.credits import BalanceReading, Entry, Ledger
from bot.facts import Kind
from bot.hooks import HookUse
from bot.model import (
    OPEN_STATES,
    Attempt,
    AttemptState,
    Brief,
    CampaignState,
    Changes,
    DayCounts,
    Enrolment,
    KnownThread,
    Lead,
    Phase,
    SeatState,
)
from bot.store.codec import namesake
from bot.store.reading import KINDS, MOST_DUE
from bot.store.refusals import known_entry, ledger_after, not_sent_first, second_inmail
from bot.store.store import Store

R = TypeVar("R")
Place = tuple[Any, ...]
"""What the records of a group are sorted by."""


class MemoryBook:
    """A seat's state in the memory of this process."""

    def __init__(self) -> None:
        self._seat = SeatState()
        self._ledger = Ledger()
        self._entries: dict[str, Entry] = {}
        self._readings: list[BalanceReading] = []
        self._days: dict[date, DayCounts] = {}
        self._campaigns: dict[str, CampaignState] = {}
        self._opted_out: frozenset[str] = frozenset()
        self._hooks: dict[str, HookUse] = {}
        self._inmails: dict[str, str | None] = {}
        self._leads = _Table[Lead](lambda lead: lead.id)
        self._namesakes = self._leads.index(_by_namesake)
        self._enrolments = _Table[Enrolment](lambda enrolment: enrolment.key)
        self._highest = 0
        self._enrolled = self._enrolments.index(_by_lead)
        self._waiting = self._enrolments.index(_waiting)
        self._timed = self._enrolments.index(_timed)
        self._previews = self._enrolments.index(_preview)
        self._attempts = _Table[Attempt](lambda attempt: attempt.key)
        self._tried = self._attempts.index(_by_enrolment)
        self._open = self._attempts.index(_open)
        self._threads = _Table[KnownThread](lambda thread: thread.id)
        self._talks = self._threads.index(_by_person)
        self._unread = self._threads.index(_unread)

    @classmethod
    def of(cls, store: Store) -> Self:
        """All that a store holds, in memory."""
        book = cls()
        with store.snapshot():
            book.commit(
                Changes(
                    seat=store.seat(),
                    entries=tuple(store.entries()),
                    leads=tuple(store.leads()),
                    enrolments=tuple(store.enrolments()),
                    days=tuple(store.days()),
                    threads=tuple(store.threads()),
                    campaigns=store.campaigns(),
                    readings=tuple(store.readings()),
                    opted_out=tuple(store.opted_out()),
                )
            )
            for attempt in store.attempts():  # one by one: they keep their order
                book.commit(Changes(attempts=(attempt,)))
        return book

    def copy(self) -> MemoryBook:
        """The same records in a book of its own; what is committed to one is not in the other."""
        twin = MemoryBook()
        twin._seat, twin._ledger, twin._opted_out = self._seat, self._ledger, self._opted_out
        twin._entries, twin._readings = dict(self._entries), list(self._readings)
        twin._days, twin._campaigns = dict(self._days), dict(self._campaigns)
        twin._inmails, twin._highest = dict(self._inmails), self._highest
        twin._leads.copy_from(self._leads)
        twin._enrolments.copy_from(self._enrolments)
        twin._attempts.copy_from(self._attempts)
        twin._threads.copy_from(self._threads)
        return twin

    # --- writing --------------------------------------------------------------------------------

    def commit(self, changes: Changes) -> None:
        """Take in all of *changes*. Raises as Store.commit() does, and then takes in nothing."""
        ledger = ledger_after(self._ledger, changes)
        entries = {entry.key: entry for entry in changes.entries}
        if len(entries) < len(changes.entries) or not self._entries.keys().isdisjoint(entries):
            raise known_entry(changes)
        if changes.attempts:
            attempts = not_sent_first(changes.attempts)
            self._inmails |= self._inmails_after(attempts, changes)
            self._attempts.put(attempts)
        self._ledger = ledger
        self._entries |= entries
        self._leads.put(changes.leads)
        self._enrolments.put(changes.enrolments)
        for enrolment in changes.enrolments:
            self._highest = max(self._highest, enrolment.position)
        self._threads.put(changes.threads)
        self._readings += changes.readings
        for counts in changes.days:
            self._days[counts.day] = counts
        for state in changes.campaigns:
            self._campaigns[state.name] = state
        if changes.opted_out:
            self._opted_out = self._opted_out.union(changes.opted_out)
        for use in changes.hooks:
            self._hooks[use.name] = use
        self._seat = changes.seat or self._seat

    def _inmails_after(
        self, attempts: Iterable[Attempt], changes: Changes
    ) -> dict[str, str | None]:
        """By which attempt those concerned got an InMail, or may have got one (K4, T1)."""
        changed: dict[str, str | None] = {}
        for attempt in attempts:
            if attempt.step != 0:
                continue
            person = attempt.lead_id
            holder = changed.get(person, self._inmails.get(person))
            if attempt.state is not AttemptState.NOT_SENT:
                if holder not in (None, attempt.key):
                    raise second_inmail(changes)
                changed[person] = attempt.key
            elif holder == attempt.key:
                changed[person] = None
        return changed

    # --- what plan() needs ----------------------------------------------------------------------

    def brief(self, now: datetime, day: date, campaigns: Sequence[str]) -> Brief:
        """What is due and next in *campaigns*, as Store.brief() tells it."""
        states = tuple([self.campaign(name) for name in sorted(campaigns)])
        active = [state.name for state in states if not state.paused]
        queue = [head for name in active for head in self._heads(name, now)]
        due = (*self._due(active, Phase.REPLY, now), *self._due(active, Phase.MESSAGE, now))
        return Brief(
            seat=self._seat,
            ledger=self._ledger,
            today=self.day(day),
            open_attempts=self.open_attempts(),
            unread_thread=self.unread_thread(),
            due=due,
            next_due_at=self._next_due_at(active, now),
            queue=tuple(queue),
            campaigns=states,
            previews=any(self._has_previews(name, now) for name in active),
        )

    def _due(self, campaigns: Sequence[str], phase: Phase, now: datetime) -> list[Enrolment]:
        """What is due in a phase, the longest due first: MOST_DUE of each campaign."""
        due = [one for name in campaigns for one in self._timed.upto((name, phase), now, MOST_DUE)]
        due.sort(key=lambda found: (found.due_at or now, found.position))
        return due

    def _next_due_at(self, campaigns: Sequence[str], now: datetime) -> datetime | None:
        """The earliest message or retry in the future."""
        earliest: datetime | None = None
        for name in campaigns:
            for phase in (Phase.MESSAGE, Phase.REPLY, Phase.QUEUE):
                found = self._timed.after((name, phase), now)
                at = found.due_at if found is not None else None
                if at is not None and (earliest is None or at < earliest):
                    earliest = at
        return earliest

    def _has_previews(self, campaign: str, now: datetime) -> bool:
        """Whether a text that could be next waits for the owner (S8)."""
        due = self._timed.upto((campaign, Phase.PREVIEW), now, 1)
        return bool(due) or self._previews.first(campaign) is not None

    def _heads(self, campaign: str, now: datetime) -> list[Enrolment]:
        """For each kind the first of the queue that may be looked at (K7)."""
        first: dict[Kind | None, Enrolment] = {}
        for kind in KINDS:
            waiting = self._waiting.first((campaign, kind))
            if waiting is not None:
                first[kind] = waiting
        for found in self._timed.upto((campaign, Phase.QUEUE), now):
            other = first.setdefault(found.kind, found)
            if found.position < other.position:
                first[found.kind] = found
        return [first[kind] for kind in KINDS if kind in first]

    # --- reading --------------------------------------------------------------------------------

    def seat(self) -> SeatState:
        """What there is one of."""
        return self._seat

    def ledger(self) -> Ledger:
        """What the entries add up to (C10)."""
        return self._ledger

    def entries(self) -> Iterator[Entry]:
        """The ledger, in the order it was written."""
        return iter(self._entries.values())

    def readings(self) -> Iterator[BalanceReading]:
        """Every look at the site's balance, in its order (C9)."""
        return iter(self._readings)

    def day(self, day: date) -> DayCounts:
        """What was done on a day of the seat's zone."""
        return self._days.get(day) or DayCounts(day)

    def lead(self, lead_id: str) -> Lead | None:
        """One person."""
        return self._leads.get(lead_id)

    def find_namesakes(self, name: str, company: str) -> tuple[str, ...]:
        """Ids of the leads with this name and company, however they are spelled (K8)."""
        return tuple(lead.id for lead in self._namesakes.each(namesake(name, company)))

    def enrolment(self, key: str) -> Enrolment | None:
        """One lead in one campaign."""
        return self._enrolments.get(key)

    def answers(self) -> tuple[Enrolment, ...]:
        """Enrolments with an answer, the newest answer first."""
        pairs = ((e.answer.at, e) for e in self._enrolments if e.answer is not None)
        return tuple(e for _, e in sorted(pairs, key=lambda pair: pair[0], reverse=True))

    def enrolments(self, campaign: str | None = None) -> Iterator[Enrolment]:
        """All, or a campaign's, in the order of import."""
        found = sorted(self._enrolments, key=lambda enrolment: enrolment.position)
        return (each for each in found if campaign in (None, each.campaign))

    def enrolments_of(self, lead_id: str) -> tuple[Enrolment, ...]:
        """A person's place in every campaign, in the order of import."""
        return tuple(self._enrolled.each(lead_id))

    def queued(self, campaign: str) -> int:
        """How many of a campaign wait for their InMail, whatever keeps them (Phase.QUEUE)."""
        waiting = sum(self._waiting.count((campaign, kind)) for kind in KINDS)
        return waiting + self._timed.count((campaign, Phase.QUEUE))

    def next_position(self) -> int:
        """The position of the next enrolment, from 1."""
        return self._highest + 1

    def attempt(self, key: str) -> Attempt | None:
        """One intended send."""
        return self._attempts.get(key)

    def attempts_of(self, enrolment: str) -> tuple[Attempt, ...]:
        """All intended sends of an enrolment, in their order."""
        return tuple(self._tried.each(enrolment))

    def open_attempts(self) -> tuple[Attempt, ...]:
        """Those whose end is not known, the oldest first (T3)."""
        return tuple(self._open.each(True))

    def thread(self, thread_id: str) -> KnownThread | None:
        """One thread of the inbox."""
        return self._threads.get(thread_id)

    def threads(self) -> Iterator[KnownThread]:
        """All threads, in the order they were first seen."""
        return iter(self._threads)

    def thread_of(self, lead_id: str) -> KnownThread | None:
        """A person's thread; of several the one that was seen last for the first time."""
        return self._talks.last(lead_id)

    def unread_thread(self) -> KnownThread | None:
        """The next thread to read, if any (Brief.unread_thread)."""
        for thread in self._unread.each(True):
            lead_id = thread.lead_id
            if thread.read is None or lead_id is None or self._enrolled.first(lead_id):
                return thread
        return None

    def campaign(self, name: str) -> CampaignState:
        """What is known of a campaign beside its file; a fresh state if nothing is."""
        return self._campaigns.get(name) or CampaignState(name)

    def campaigns(self) -> tuple[CampaignState, ...]:
        """All that are known, by name."""
        return tuple(self._campaigns[name] for name in sorted(self._campaigns))

    def hooks(self) -> tuple[HookUse, ...]:
        """Which spellings of the pages' hooks matched, by name."""
        return tuple(self._hooks[name] for name in sorted(self._hooks))

    def opted_out(self) -> frozenset[str]:
        """Ids of those who asked not to be written to again (A11, K5)."""
        return self._opted_out


class _Index(Generic[R]):
    """Some records of a table in groups, each sorted.

    find  a record's group and its place there, None if it is not in the index
    """

    def __init__(
        self, records: list[R], find: Callable[[R], tuple[Hashable, Place] | None]
    ) -> None:
        self._records = records
        self._find = find
        self._groups: dict[Hashable, list[Place]] = {}

    def move(self, number: int, before: R | None, after: R) -> None:
        """Let a record stand where it belongs now. Its number tells equal places apart."""
        old = self._find(before) if before is not None else None
        new = self._find(after)
        if old == new:
            return
        if old is not None:
            group = self._groups[old[0]]
            del group[bisect_left(group, (*old[1], number))]
        if new is not None:
            insort(self._groups.setdefault(new[0], []), (*new[1], number))

    def each(self, group: Hashable) -> Iterator[R]:
        """The records of a group."""
        return (self._records[place[-1]] for place in self._groups.get(group, ()))

    def copy_from(self, other: _Index[R]) -> None:
        """Stand as the other one does, on records of its own."""
        self._groups = {group: list(places) for group, places in other._groups.items()}

    def count(self, group: Hashable) -> int:
        """How many records a group has."""
        return len(self._groups.get(group, ()))

    def first(self, group: Hashable) -> R | None:
        """The first of a group."""
        found = self._groups.get(group)
        return self._records[found[0][-1]] if found else None

    def last(self, group: Hashable) -> R | None:
        """The last of a group."""
        found = self._groups.get(group)
        return self._records[found[-1][-1]] if found else None

    def upto(self, group: Hashable, moment: datetime, most: int | None = None) -> list[R]:
        """Of a group that is sorted by time, those up to a moment, the first *most* of them."""
        found = self._groups.get(group)
        if not found:
            return []
        end = bisect_right(found, (moment, math.inf))
        return [self._records[place[-1]] for place in found[:end][:most]]

    def after(self, group: Hashable, moment: datetime) -> R | None:
        """Of a group that is sorted by time, the first after a moment."""
        found = self._groups.get(group)
        if not found:
            return None
        end = bisect_right(found, (moment, math.inf))
        return self._records[found[end][-1]] if end < len(found) else None


class _Table(Generic[R]):
    """Records by key, in the order their keys came."""

    def __init__(self, key: Callable[[R], str]) -> None:
        self._key = key
        self._numbers: dict[str, int] = {}
        self._records: list[R] = []
        self._indexes: list[_Index[R]] = []

    def index(self, find: Callable[[R], tuple[Hashable, Place] | None]) -> _Index[R]:
        """Keep an index from now on; ask for it while the table is empty."""
        self._indexes.append(_Index(self._records, find))
        return self._indexes[-1]

    def copy_from(self, other: _Table[R]) -> None:
        """Hold the other's records, in the same indexes."""
        self._numbers = dict(other._numbers)
        self._records[:] = other._records
        for mine, theirs in zip(self._indexes, other._indexes, strict=True):
            mine.copy_from(theirs)

    def get(self, key: str) -> R | None:
        """The record of that key."""
        number = self._numbers.get(key)
        return self._records[number] if number is not None else None

    def put(self, records: Iterable[R]) -> None:
        """Add records, or put them in the place of those of the same key."""
        for record in records:
            key, before = self._key(record), None
            number = self._numbers.get(key)
            if number is None:
                number = self._numbers[key] = len(self._records)
                self._records.append(record)
            else:
                before, self._records[number] = self._records[number], record
            for index in self._indexes:
                index.move(number, before, record)

    def __iter__(self) -> Iterator[R]:
        return iter(self._records)


# --- the indexes --------------------------------------------------------------------------------


def _by_namesake(lead: Lead) -> tuple[Hashable, Place]:
    return namesake(lead.name, lead.company), ()


def _by_lead(enrolment: Enrolment) -> tuple[Hashable, Place]:
    return enrolment.lead_id, (enrolment.position,)


def _waiting(enrolment: Enrolment) -> tuple[Hashable, Place] | None:
    if enrolment.phase is not Phase.QUEUE or enrolment.due_at is not None:
        return None
    return (enrolment.campaign, enrolment.kind), (enrolment.position,)


def _timed(enrolment: Enrolment) -> tuple[Hashable, Place] | None:
    if enrolment.due_at is None:
        return None
    return (enrolment.campaign, enrolment.phase), (enrolment.due_at, enrolment.position)


def _preview(enrolment: Enrolment) -> tuple[Hashable, Place] | None:
    if enrolment.phase is not Phase.PREVIEW or enrolment.due_at is not None:
        return None
    return enrolment.campaign, (enrolment.position,)


def _by_enrolment(attempt: Attempt) -> tuple[Hashable, Place]:
    return attempt.enrolment, ()


def _open(attempt: Attempt) -> tuple[Hashable, Place] | None:
    return (True, (attempt.held_at,)) if attempt.state in OPEN_STATES else None


def _by_person(thread: KnownThread) -> tuple[Hashable, Place] | None:
    return (thread.lead_id, ()) if thread.lead_id is not None else None


def _unread(thread: KnownThread) -> tuple[Hashable, Place] | None:
    return (True, ()) if thread.seen != thread.read else None
