"""A seat's state on disk: what belongs together is committed together, or not at all.

One process writes, the holder of the seat's lock; any number read meanwhile. Nothing is kept in
memory that the file does not hold: the ledger is folded from entries as they stand on disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.credits import Account, BalanceReading, Entry, Ledger, add
from bot.errors import StoreBroken, WorkFailed
from bot.hooks import HookUse
from bot.model import (
    Attempt,
    Brief,
    CampaignState,
    Changes,
    DayCounts,
    Enrolment,
    KnownThread,
    Lead,
    SeatState,
)
from bot.store import counting, folding, listing, reading, schema
from bot.store.about import Row, about
from bot.store.codec import decode, encode, namesake
from bot.store.counting import Counts
from bot.store.erase import Erased, erase
from bot.store.listing import Found, Wanted
from bot.store.outbox import Caller, Outbox
from bot.store.reading import Funnel, Place, Reader, Which
from bot.store.refusals import known_entry, ledger_after, not_sent_first, second_inmail
from bot.store.schema import sql
from bot.store.storage import RowDB

__all__ = ["Funnel", "Place", "Store", "Which"]

_IDS_A_STATEMENT = 500


class Store:
    """A seat's state. Made by open(); a context manager that closes it.

    Every method raises StoreBroken when the file cannot be trusted any more, and WorkFailed while
    it cannot be reached.
    """

    def __init__(self, tables: RowDB, *, read_only: bool, caller: Caller | None = None) -> None:
        self.tables = tables
        self.outbox = Outbox(tables.storage)
        self.caller = caller
        self._storage = tables.storage
        self._reader = Reader(self._storage)
        self._read_only = read_only
        self._folded = (0, Ledger())

    @classmethod
    def open(
        cls, path: Path | None, *, read_only: bool = False, caller: Caller | None = None
    ) -> Self:
        """Open a state file and make it if it is not there; None: a store in memory.

        caller  who is called about what is committed; None: nobody

        Opened to read, a seat that has no file yet is an empty one, and a file of an older version
        is read as a copy in memory that is brought up to date: whoever looks need not wait for the
        writer to do it. Raises StoreBroken for a file that is damaged, not ours, or written by a
        newer version; WorkFailed if it cannot be opened.
        """
        with ExitStack() as opened:
            tables = opened.enter_context(_tables(path, read_only=read_only))
            schema.upgrade(tables.storage)
            schema.inspect(tables.storage)
            opened.pop_all()
        return cls(tables, read_only=read_only, caller=caller)

    def close(self) -> None:
        """Close the file; may be called twice."""
        self.tables.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def copy(self, path: Path | None = None) -> Store:
        """Copy all of it, as it is at one moment: to a new file, or None: to memory (T5)."""
        if path is not None and path.exists():
            raise WorkFailed(f"{path} is there already")
        tables = RowDB() if path is None else RowDB(path)
        try:
            self._storage.copy_to(tables.storage)
        except BaseException:
            tables.close()
            raise
        return Store(tables, read_only=False)

    # --- writing --------------------------------------------------------------------------------

    def commit(self, changes: Changes) -> None:
        """Write all of *changes* in one transaction, and with it the calls that tell of them.

        Raises StoreBroken, with nothing written, for an entry that is known already (C10), for a
        second InMail to a person (K4, T1), and for a ledger that is not what the entries add up to;
        ValueError for an entry that bot.credits.add refuses.
        """
        if self._read_only:
            raise WorkFailed("this state was opened to be read only")
        try:
            with self._storage.transaction():
                calls = self.outbox.news(self.caller, changes) if self.caller is not None else ()
                self._append_entries(changes)
                self._write(changes)
                self.outbox.put(calls)
        except sqlite3.IntegrityError as error:
            raise _refusal(error, changes) from error

    def _append_entries(self, changes: Changes) -> None:
        if changes.ledger is not None or changes.entries:
            ledger_after(self.ledger(), changes)
        self._add("entries", changes.entries)

    def _write(self, changes: Changes) -> None:
        if changes.seat is not None:
            self._storage.execute(
                "INSERT INTO seat (id, doc) VALUES (1, ?)"
                " ON CONFLICT (id) DO UPDATE SET doc = excluded.doc",
                (encode(changes.seat),),
            )
        self._put("leads", changes.leads)
        self._put("enrolments", changes.enrolments)
        self._put("attempts", not_sent_first(changes.attempts))
        self._put("days", changes.days)
        self._put("threads", changes.threads)
        self._put("campaigns", changes.campaigns)
        self._add("readings", changes.readings)
        self._put("hooks", changes.hooks)
        self._put("opted_out", [_OptedOut(lead_id) for lead_id in changes.opted_out])

    def _add(self, table: str, records: Iterable[object]) -> None:
        rows = [(encode(record),) for record in records]
        if rows:
            self._storage.execute_many(f"INSERT INTO {table} (doc) VALUES (?)", rows)

    def _put(self, table: str, records: Iterable[object]) -> None:
        rows = [(encode(record),) for record in records]
        if rows:
            statement = (
                f"INSERT INTO {table} (doc) VALUES (?)"
                f" ON CONFLICT ({schema.KEYS[table]}) DO UPDATE SET doc = excluded.doc"
            )
            self._storage.execute_many(sql(statement), rows)

    def erase(self, people: Sequence[Erased]) -> None:
        """Take out all that is theirs, and call them by their alias in what remains (K5)."""
        if self._read_only:
            raise WorkFailed("this state was opened to be read only")
        erase(self._storage, people)
        self._folded = (0, Ledger())  # its refunds bear the names of attempts

    def about(self, ids: Sequence[str]) -> tuple[Row, ...]:
        """Every row, or part of one, that names one of *ids*: a person's, and their threads'."""
        return about(self._storage, ids)

    def thread_ids(self, lead_id: str) -> tuple[str, ...]:
        """All threads in which a person stands."""
        rows = self._reader.rows("SELECT $.id FROM threads WHERE $.lead_id = ?", lead_id)
        return tuple(str(row[0]) for row in rows)

    # --- what plan() needs ----------------------------------------------------------------------

    def brief(self, now: datetime, day: date, campaigns: Sequence[str]) -> Brief:
        """What is due and next in *campaigns*, those that have a file; *day* is the seat's own.

        Of paused ones nothing is due or queued; open attempts and unread threads are those of all.
        """
        with self._storage.snapshot():
            names = tuple(sorted(campaigns))
            return reading.brief(self._reader, self.ledger(), now, day, names)

    def ledger(self) -> Ledger:
        """What the entries on disk add up to (C10)."""
        last, ledger = self._folded
        rows = self._reader.rows("SELECT doc, id FROM entries WHERE id > ? ORDER BY id", last)
        if last == 0:
            ledger = folding.folded(self._storage.path, [text for text, _ in rows])
        else:
            for text, _ in rows:
                ledger = add(ledger, decode(Entry, text))
        last = rows[-1][1] if rows else last
        self._folded = (last, ledger)
        return ledger

    def balance(self) -> int:
        """The credits that are available, for who needs no more of the ledger (C10)."""
        return counting.balance(self._reader, Account.AVAILABLE)

    def counts(self) -> Counts:
        """What the books add up to, for machines."""
        return counting.counts(self._reader)

    def snapshot(self) -> AbstractContextManager[None]:
        """Reads inside are of one moment; for a reader beside the daemon. Do not commit inside."""
        return self._storage.snapshot()

    # --- reading --------------------------------------------------------------------------------

    def seat(self) -> SeatState:
        """What there is one of."""
        return reading.seat_state(self._reader)

    def lead(self, lead_id: str) -> Lead | None:
        """One person."""
        return self._reader.one(Lead, "SELECT doc FROM leads WHERE $.id = ?", lead_id)

    def leads(self) -> Iterator[Lead]:
        """All people, in the order they came."""
        return self._reader.each(Lead, "SELECT doc FROM leads ORDER BY id")

    def lead_ids_known(self, ids: Collection[str]) -> set[str]:
        """Which of *ids* are leads already; for imports of thousands."""
        wanted = list(ids)
        known: set[str] = set()
        for start in range(0, len(wanted), _IDS_A_STATEMENT):
            some = wanted[start : start + _IDS_A_STATEMENT]
            marks = ", ".join("?" * len(some))
            statement = f"SELECT $.id FROM leads WHERE $.id IN ({marks})"
            known.update(row[0] for row in self._storage.execute(sql(statement), some))
        return known

    def find_namesakes(self, name: str, company: str) -> tuple[str, ...]:
        """Ids of the leads with this name and company, however they are spelled (K8)."""
        statement = "SELECT $.id FROM leads WHERE $.namesake = ? ORDER BY id"
        return tuple(row[0] for row in self._reader.rows(statement, namesake(name, company)))

    def enrolment(self, key: str) -> Enrolment | None:
        """One lead in one campaign."""
        return self._reader.one(Enrolment, "SELECT doc FROM enrolments WHERE $.key = ?", key)

    def enrolments(self, campaign: str | None = None) -> Iterator[Enrolment]:
        """All, or a campaign's, in the order of import."""
        if campaign is None:
            return self._reader.each(Enrolment, "SELECT doc FROM enrolments ORDER BY $.position")
        statement = "SELECT doc FROM enrolments WHERE $.campaign = ? ORDER BY $.position"
        return self._reader.each(Enrolment, statement, campaign)

    def enrolments_of(self, lead_id: str) -> tuple[Enrolment, ...]:
        """A person's place in every campaign, in the order of import."""
        statement = "SELECT doc FROM enrolments WHERE $.lead_id = ? ORDER BY $.position"
        return tuple(self._reader.each(Enrolment, statement, lead_id))

    def perhaps_over(self, until: datetime) -> Iterator[str]:
        """Whose sequence may be over, with nothing that is known to have happened after *until*."""
        return reading.perhaps_over(self._reader, until)

    def unread_leads(self) -> frozenset[str]:
        """Whose thread shows something that was not read."""
        rows = self._reader.rows(f"SELECT $.lead_id FROM threads WHERE {schema.UNREAD}")
        return frozenset(str(row[0]) for row in rows if row[0] is not None)

    def count_leads(self) -> int:
        """How many people are known, without those that were erased."""
        rows = self._reader.rows("SELECT count(*) FROM leads WHERE $.id NOT LIKE 'erased-%'")
        return int(rows[0][0])

    def find(self, wanted: Wanted, first: int, most: int) -> Found:
        """Which enrolments are to be listed, at most so many from the *first* on (from 0)."""
        return listing.find(self._reader, wanted, first, most)

    def listed(self, rows: Sequence[int]) -> Iterator[tuple[Enrolment, Lead]]:
        """What find() gave: each enrolment with its lead; what is gone meanwhile is left out."""
        for row in rows:
            enrolment = self._reader.one(Enrolment, "SELECT doc FROM enrolments WHERE id = ?", row)
            lead = self.lead(enrolment.lead_id) if enrolment is not None else None
            if enrolment is not None and lead is not None:
                yield enrolment, lead

    def answers(self) -> tuple[Enrolment, ...]:
        """Enrolments with an answer, the newest answer first."""
        statement = (
            "SELECT doc FROM enrolments WHERE $.answer.at IS NOT NULL ORDER BY $.answer.at DESC, id"
        )
        return tuple(self._reader.each(Enrolment, statement))

    def previews(self, campaign: str, now: datetime, most: int) -> tuple[Enrolment, ...]:
        """Whose text waits for the owner (S8): what is due, then the queue; *most* of each."""
        return reading.previews(self._reader, campaign, now, most)

    def count_previews(self, campaign: str, now: datetime) -> int:
        """How many texts wait for the owner now (S8)."""
        return reading.count_previews(self._reader, campaign, now)

    def has_queue(self, campaign: str) -> bool:
        """Whether somebody of a campaign waits for an InMail."""
        return reading.has_queue(self._reader, campaign)

    def inbox(self, which: Which, most: int) -> list[Place]:
        """Where the first *most* answers of the owner's inbox stand, in its order."""
        return reading.inbox(self._reader, which, most)

    def count_inbox(self, which: Which) -> int:
        """How many answers there are in that part of the inbox."""
        return reading.count_inbox(self._reader, which)

    def replies(self) -> tuple[Enrolment, ...]:
        """Those to whom a reply of the owner's waits to be sent, the oldest word first."""
        statement = f"SELECT doc FROM enrolments WHERE {schema.REPLYING} ORDER BY $.reply.at, id"
        return tuple(self._reader.each(Enrolment, statement))

    def saying(self, words: str) -> tuple[Enrolment, ...]:
        """Enrolments whose answer has these very words, the newest answer first."""
        statement = (
            "SELECT doc FROM enrolments WHERE $.answer.at IS NOT NULL AND $.answer.words = ?"
            " ORDER BY $.answer.at DESC, id"
        )
        return tuple(self._reader.each(Enrolment, statement, words))

    def next_position(self) -> int:
        """The position of the next enrolment, from 1."""
        return int(self._reader.rows("SELECT max($.position) FROM enrolments")[0][0] or 0) + 1

    def funnel(self, campaign: str) -> Funnel:
        """How far a campaign's leads have come."""
        return reading.funnel(self._reader, campaign)

    def attempt(self, key: str) -> Attempt | None:
        """One intended send."""
        return self._reader.one(Attempt, "SELECT doc FROM attempts WHERE $.key = ?", key)

    def attempts_of(self, enrolment: str) -> tuple[Attempt, ...]:
        """All intended sends of an enrolment, in their order."""
        statement = "SELECT doc FROM attempts WHERE $.enrolment = ? ORDER BY id"
        return tuple(self._reader.each(Attempt, statement, enrolment))

    def attempts(self) -> Iterator[Attempt]:
        """All intended sends, in the order in which they were begun."""
        return self._reader.each(Attempt, "SELECT doc FROM attempts ORDER BY id")

    def open_attempts(self) -> tuple[Attempt, ...]:
        """Those whose end is not known, the oldest first (T3)."""
        return reading.open_attempts(self._reader)

    def newest_attempts(self, most: int) -> tuple[Attempt, ...]:
        """The last that were begun, the newest first."""
        statement = "SELECT doc FROM attempts ORDER BY id DESC LIMIT ?"
        return tuple(self._reader.each(Attempt, statement, most))

    def inmail_of(self, lead_id: str) -> Attempt | None:
        """The InMail that a person got, or may have got, from this seat (K4)."""
        return reading.inmail_of(self._reader, lead_id)

    def entries(self) -> Iterator[Entry]:
        """The ledger, in the order it was written."""
        return self._reader.each(Entry, "SELECT doc FROM entries ORDER BY id")

    def entries_of(self, lead_id: str) -> tuple[Entry, ...]:
        """What a person moved in the ledger."""
        statement = "SELECT doc FROM entries WHERE $.lead_id = ? ORDER BY id"
        return tuple(self._reader.each(Entry, statement, lead_id))

    def day(self, day: date) -> DayCounts:
        """What was done on a day of the seat's zone."""
        return reading.day_counts(self._reader, day)

    def days(self) -> Iterator[DayCounts]:
        """All days on which something was done."""
        return self._reader.each(DayCounts, "SELECT doc FROM days ORDER BY $.day")

    def thread(self, thread_id: str) -> KnownThread | None:
        """One thread of the inbox."""
        return self._reader.one(KnownThread, "SELECT doc FROM threads WHERE $.id = ?", thread_id)

    def unread_thread(self) -> KnownThread | None:
        """The next thread to read, if any (Brief.unread_thread)."""
        return reading.unread_thread(self._reader)

    def threads(self) -> Iterator[KnownThread]:
        """All threads, in the order they were first seen."""
        return self._reader.each(KnownThread, "SELECT doc FROM threads ORDER BY id")

    def thread_of(self, lead_id: str) -> KnownThread | None:
        """A person's thread; of several the one that was seen last for the first time."""
        statement = "SELECT doc FROM threads WHERE $.lead_id = ? ORDER BY id DESC LIMIT 1"
        return self._reader.one(KnownThread, statement, lead_id)

    def campaign(self, name: str) -> CampaignState:
        """What is known of a campaign beside its file; a fresh state if nothing is."""
        return reading.campaign_state(self._reader, name)

    def campaigns(self) -> tuple[CampaignState, ...]:
        """All that are known, by name."""
        return tuple(self._reader.each(CampaignState, "SELECT doc FROM campaigns ORDER BY $.name"))

    def readings(self) -> Iterator[BalanceReading]:
        """Every look at the site's balance, in its order (C9)."""
        return self._reader.each(BalanceReading, "SELECT doc FROM readings ORDER BY id")

    def hooks(self) -> tuple[HookUse, ...]:
        """Which spellings of the pages' hooks matched, by name."""
        return tuple(self._reader.each(HookUse, "SELECT doc FROM hooks ORDER BY $.name"))

    def opted_out(self) -> frozenset[str]:
        """Ids of those who asked not to be written to again (A11, K5)."""
        return frozenset(row[0] for row in self._reader.rows("SELECT $.id FROM opted_out"))


def _tables(path: Path | None, *, read_only: bool) -> RowDB:
    """A file's tables, or those of a copy that may be changed in its place."""
    if path is None or (read_only and not path.exists()):
        return RowDB()
    tables = RowDB(path, read_only=read_only)
    if not read_only:
        return tables
    with ExitStack() as opened:
        opened.enter_context(tables)
        if schema.version(tables.storage) == schema.VERSION:
            opened.pop_all()
            return tables
        copy = RowDB()
        tables.storage.copy_to(copy.storage)
        return copy


@dataclass(frozen=True, slots=True)
class _OptedOut:
    id: str


def _refusal(error: sqlite3.IntegrityError, changes: Changes) -> StoreBroken:
    return second_inmail(changes) if schema.ONE_INMAIL in str(error) else known_entry(changes)
