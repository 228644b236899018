"""Taking a person out of a seat's state: what remains are figures, under a name that tells nothing.

The ledger's entries stay, each with its credits, time and kind (C10); enrolments and attempts keep
what the funnel counts. Names, texts, threads and ids are gone, and SQLite writes over the places
where they stood.
"""

from __future__ import annotations

from dataclasses import replace

from bot.model import Attempt, Enrolment, KnownThread, Lead, Phase, SentStep
from bot.rules.contacts import ERASED
from bot.store import schema
from bot.store.codec import decode, encode
from bot.store.schema import sql
from bot.store.storage import SqliteStorage


def erase(storage: SqliteStorage, lead_id: str, alias: str) -> None:
    """Put *alias* in the place of a person, everywhere, and take out all that is theirs.

    All of it is on disk together, or nothing of it. What SQLite's log still holds of before goes
    when the last process that has the file open closes it.
    """
    storage.execute("PRAGMA secure_delete = ON")
    with storage.transaction():
        about = sql("DELETE FROM outbox WHERE $.event.person.id = ?")
        storage.execute(about, (lead_id,))  # a call that waits would tell of them
        _change(storage, "threads", "$.lead_id = ?", lead_id, KnownThread, None)
        _change(storage, "leads", "$.id = ?", lead_id, Lead, _lead)
        _change(storage, "attempts", "$.lead_id = ?", lead_id, Attempt, _attempt)
        _change(storage, "enrolments", "$.lead_id = ?", lead_id, Enrolment, _enrolment)
        for table in (*schema.KEYS, "seat", "readings"):
            storage.execute(
                f"UPDATE {table} SET doc = replace(doc, ?, ?) WHERE instr(doc, ?) > 0",
                (lead_id, alias, lead_id),
            )
    storage.execute("PRAGMA wal_checkpoint(TRUNCATE)")


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
