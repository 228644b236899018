"""The calls to be delivered, in the seat's own state: committed with what they tell of, or not.

Who holds the seat's lock puts calls in. The deliverer, which does not hold it, writes how each
went: one short transaction for each, so that neither keeps the other waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from bot import due
from bot.calls import Call, Destination, Event, Tally
from bot.due import Due
from bot.model import Attempt, Changes, Enrolment, Lead
from bot.rules.calling import calls_for, given_up, is_old
from bot.rules.events import Before, concerned, events_of
from bot.store import schema
from bot.store.codec import encode
from bot.store.reading import Reader, seat_state
from bot.store.schema import GIVEN_UP, TO_DELIVER, sql
from bot.store.storage import MEMORY, SqliteStorage

R = TypeVar("R")

MOST_ROWS = 10_000
TOO_MANY = f"more than {MOST_ROWS} calls were kept: this one was the oldest"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is called about a seat. `texts`: what recipients wrote is told, too."""

    seat: str
    destinations: tuple[Destination, ...] = ()
    texts: bool = False


class Outbox:
    """The table of calls of one state file."""

    def __init__(self, storage: SqliteStorage) -> None:
        self._storage = storage
        self._reader = Reader(storage)

    # --- for the holder of the seat's lock ------------------------------------------------------

    def begin(self, caller: Caller) -> None:
        """Let a deliverer have a look, if somebody is to be called and none ever had one."""
        path = self._storage.path
        if caller.destinations and path != MEMORY and due.read(Path(path).parent) is None:
            self._tell(Due(due.AT_ONCE))

    def news(self, caller: Caller, changes: Changes) -> tuple[Call, ...]:
        """What *changes* will be to tell, before they are written."""
        answered, sent = concerned(changes)
        if not caller.destinations or not (answered or sent or changes.seat is not None):
            return ()
        people = [*(each.lead_id for each in answered), *(each.lead_id for each in sent)]
        before = Before(
            seat=seat_state(self._reader),
            enrolments=self._known("enrolments", Enrolment, (each.key for each in answered)),
            attempts=self._known("attempts", Attempt, (each.key for each in sent)),
            leads=self._known("leads", Lead, people) | {lead.id: lead for lead in changes.leads},
        )
        events = events_of(changes, before, texts=caller.texts)
        return calls_for(caller.seat, events, caller.destinations)

    def put(self, calls: Iterable[Call]) -> None:
        """Add calls; those that are known are left as they are. Ask inside a transaction."""
        rows = [(encode(call),) for call in calls]
        if rows:
            statement = "INSERT INTO outbox (doc) VALUES (?) ON CONFLICT ($.key) DO NOTHING"
            self._storage.execute_many(sql(statement), rows)
            self._tell(Due(due.AT_ONCE, len(rows)))

    def announce(self, caller: Caller, events: Iterable[Event]) -> None:
        """Add what was found by looking."""
        calls = calls_for(caller.seat, events, caller.destinations)
        if calls:
            with self._storage.transaction():
                self.put(calls)

    # --- for the deliverer ----------------------------------------------------------------------

    def waiting(self) -> tuple[Call, ...]:
        """All that are to be delivered: those that were tried least first, then the oldest."""
        statement = f"SELECT doc FROM outbox WHERE {TO_DELIVER} ORDER BY $.tries, id"
        return tuple(self._reader.each(Call, statement))

    def update(self, *calls: Call) -> None:
        """Write how calls went. One that is gone meanwhile stays gone: its person was erased."""
        rows = [(encode(call), call.key) for call in calls]
        if rows:
            with self._storage.transaction():
                self._storage.execute_many(sql("UPDATE outbox SET doc = ? WHERE $.key = ?"), rows)

    def has(self, call: Call) -> bool:
        """Whether a call is still there."""
        return bool(self._reader.rows("SELECT 1 FROM outbox WHERE $.key = ?", call.key))

    def prune(self, now: datetime) -> None:
        """Forget what ended long ago; of far too many, the oldest."""
        with self._storage.transaction():
            ended = f"SELECT doc FROM outbox WHERE NOT ({TO_DELIVER}) ORDER BY id"
            old = [call.key for call in self._reader.each(Call, ended) if is_old(call, now)]
            self._delete(old)
            over = int(self._reader.rows("SELECT count(*) FROM outbox")[0][0]) - MOST_ROWS
            if over > 0:
                self._thin_out(over, now)

    def _thin_out(self, over: int, now: datetime) -> None:
        oldest = "SELECT doc FROM outbox ORDER BY id LIMIT ?"
        for call in list(self._reader.each(Call, oldest, over)):
            if call.delivered_at is None and call.given_up_at is None:
                self.update(given_up(call, TOO_MANY, now))
            else:
                self._delete([call.key])

    def settle(self, when: Callable[[tuple[Call, ...]], datetime | None]) -> None:
        """Say when to look again; *when* is asked with what waits, and nobody commits meanwhile."""
        with self._storage.transaction():
            waiting = self.waiting()
            at = when(waiting)
            self._tell(Due(at, len(waiting)) if at is not None else None)

    # --- for whoever looks ----------------------------------------------------------------------

    def calls(self, most: int) -> tuple[Call, ...]:
        """The newest, the newest first."""
        return tuple(
            self._reader.each(Call, "SELECT doc FROM outbox ORDER BY id DESC LIMIT ?", most)
        )

    def given_up(self) -> tuple[Call, ...]:
        """Those that were not delivered, and are tried no more."""
        return tuple(
            self._reader.each(Call, f"SELECT doc FROM outbox WHERE {GIVEN_UP} ORDER BY id")
        )

    def size(self) -> tuple[int, datetime | None]:
        """How many are kept, and when the oldest came to be."""
        count = int(self._reader.rows("SELECT count(*) FROM outbox")[0][0])
        first = self._reader.one(Call, "SELECT doc FROM outbox ORDER BY id LIMIT 1")
        return count, first.event.at if first is not None else None

    def tally(self) -> Tally:
        """How many wait, and how many were given up."""
        waiting, gone = (
            int(self._reader.rows(f"SELECT count(*) FROM outbox WHERE {which}")[0][0])
            for which in (TO_DELIVER, GIVEN_UP)
        )
        return Tally(waiting, gone)

    # --- inside ---------------------------------------------------------------------------------

    def _known(self, table: str, kind: type[R], keys: Iterable[str]) -> dict[str, R]:
        statement = f"SELECT doc FROM {table} WHERE {schema.KEYS[table]} = ?"
        found = {key: self._reader.one(kind, statement, key) for key in set(keys)}
        return {key: record for key, record in found.items() if record is not None}

    def _delete(self, keys: Iterable[str]) -> None:
        rows = [(key,) for key in keys]
        self._storage.execute_many(sql("DELETE FROM outbox WHERE $.key = ?"), rows)

    def _tell(self, at: Due | None) -> None:
        """A full disk is no reason to refuse a commit: the next look finds what waits."""
        if self._storage.path != MEMORY:
            with suppress(OSError):
                due.write(Path(self._storage.path).parent, at)


@contextmanager
def open_outbox(state: Path) -> Iterator[Outbox | None]:
    """The outbox of a state, beside whoever holds the seat; None while there is none to work on.

    A file of an older version is left to the seat's next start. Raises StoreBroken and WorkFailed.
    """
    if not state.exists():
        yield None
        return
    with SqliteStorage(state) as storage:
        if schema.version(storage) != schema.VERSION:
            yield None
            return
        yield Outbox(storage)
