"""Taking people out of a seat's state: what remains are figures, under names that tell nothing.

The ledger's entries stay, each with its credits, time and kind (C10); enrolments and attempts keep
what the funnel counts. Names, texts, threads and ids are gone, and SQLite writes over the places
where they stood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.model import Attempt, Enrolment, KnownThread, Lead, Phase, SentStep
from bot.rules.contacts import ERASED
from bot.store import schema
from bot.store.codec import decode, encode
from bot.store.schema import sql
from bot.store.storage import SqliteStorage

_NAME = re.compile(r"[\w-]+={0,2}")  # a whole id: one person's may be the beginning of another's
_ROWS_TOGETHER = 5_000


@dataclass(frozen=True, slots=True)
class Erased:
    """A person, what remains calls them, and each of their threads likewise."""

    lead_id: str
    alias: str
    threads: tuple[tuple[str, str], ...] = ()


def erase(storage: SqliteStorage, people: Sequence[Erased]) -> None:
    """Put the alias in the place of each person, everywhere, and take out all that is theirs.

    All of it is on disk together, or nothing of it. What SQLite's log still holds of before goes
    when the last process that has the file open closes it.
    """
    storage.execute("PRAGMA secure_delete = ON")
    aliases = {each.lead_id: each.alias for each in people}
    aliases |= dict(pair for each in people for pair in each.threads)
    with storage.transaction():
        for person in people:
            _bare(storage, person.lead_id)
        for table in (*schema.KEYS, "seat", "readings"):
            _rename(storage, table, aliases)
    storage.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _bare(storage: SqliteStorage, lead_id: str) -> None:
    about = sql("DELETE FROM outbox WHERE $.event.person.id = ?")
    storage.execute(about, (lead_id,))  # a call that waits would tell of them
    _change(storage, "threads", "$.lead_id = ?", lead_id, KnownThread, None)
    _change(storage, "leads", "$.id = ?", lead_id, Lead, _lead)
    _change(storage, "enrolments", "$.lead_id = ?", lead_id, Enrolment, _enrolment)
    of_theirs = "$.enrolment IN (SELECT $.key FROM enrolments WHERE $.lead_id = ?)"
    _change(storage, "attempts", of_theirs, lead_id, Attempt, _attempt)


def _rename(storage: SqliteStorage, table: str, aliases: Mapping[str, str]) -> None:
    """Write the aliases into every row that holds one of the names, as a whole."""
    last = -1
    select = f"SELECT id, doc FROM {table} WHERE id > ? ORDER BY id LIMIT {_ROWS_TOGETHER}"
    while rows := storage.execute(select, (last,)):
        last = rows[-1][0]
        changed = [
            (_NAME.sub(lambda name: aliases.get(name[0], name[0]), text), row)
            for row, text in rows
            if not aliases.keys().isdisjoint(_NAME.findall(text))
        ]
        storage.execute_many(f"UPDATE {table} SET doc = ? WHERE id = ?", changed)


def _change(
    storage: SqliteStorage, table: str, where: str, lead_id: str, kind: type, change: object
) -> None:
    """Put changed records in the place of a person's; without a change, take theirs out."""
    rows = storage.execute(sql(f"SELECT id, doc FROM {table} WHERE {where}"), (lead_id,))
    for row, text in rows:
        if callable(change):
            bare = encode(change(decode(kind, text)))
            storage.execute(f"UPDATE {table} SET doc = ? WHERE id = ?", (bare, row))
        else:
            storage.execute(f"DELETE FROM {table} WHERE id = ?", (row,))


def _lead(lead: Lead) -> Lead:
    return Lead(lead.id, "")


def _attempt(attempt: Attempt) -> Attempt:
    return replace(attempt, subject="", body="", text_hash="", thread_id=None, reply_to="")


def _enrolment(enrolment: Enrolment) -> Enrolment:
    answer = enrolment.answer
    return replace(
        enrolment,
        sent=tuple(map(_step, enrolment.sent)),
        thread_id=None,
        answer=replace(answer, words="", inbox=False, check=False) if answer is not None else None,
        hold=None,
        skip=ERASED,
        not_before=None,
        approved=(),
        reply=None,
        phase=Phase.REST,
        due_at=None,
    )


def _step(sent: SentStep) -> SentStep:
    return replace(sent, text_hash="")
