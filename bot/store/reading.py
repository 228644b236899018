"""Questions to the state file, answered as records."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from bot.credits import Ledger
from bot.facts import Kind
from bot.model import Attempt, Brief, CampaignState, DayCounts, Enrolment, KnownThread, SeatState
from bot.store.codec import decode, time_text
from bot.store.schema import (
    MAY_BE_SENT,
    OPEN,
    PREVIEWS,
    STATE,
    TIMED,
    TO_WORK,
    UNREAD,
    WAITING,
    WHEN,
    WORKED,
    sql,
)
from bot.store.storage import SqliteStorage

R = TypeVar("R")

OVER = "('accepted', 'done', 'following-up', 'rejected', 'responded', 'skipped', 'waiting')"
KINDS = (None, *Kind)
MOST_DUE = 20
_UNTIMED_PREVIEWS = f"$.campaign = ?1 AND {PREVIEWS} AND $.due_at IS NULL"
_DUE_PREVIEWS = f"$.campaign = ?1 AND {PREVIEWS} AND $.due_at <= ?2"

_OF_QUEUE = "SELECT doc, $.kind, $.position FROM enrolments WHERE $.campaign = ?1"
HEADS = " UNION ALL ".join(
    (
        f"{_OF_QUEUE} AND $.phase = 'queue' AND {TIMED} AND $.due_at <= ?2",
        *(
            f"SELECT * FROM ({_OF_QUEUE} AND {WAITING} AND $.kind {is_kind}"
            " ORDER BY $.position LIMIT 1)"
            for is_kind in ("IS NULL", *(f"= '{kind}'" for kind in Kind))
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Funnel:
    """How far a campaign's leads have come.

    leads       all that were imported
    free        InMails that cost no credit, those to first-degree leads among them
    accepted    ever accepted, whatever was said later (A6)
    rejected    whose newest answer is a rejection, never having accepted
    follow_ups  follow-ups sent; acceptance messages are no follow-ups
    held        waiting for the owner
    skipped     never written to, for good
    """

    leads: int = 0
    credit: int = 0
    free: int = 0
    accepted: int = 0
    rejected: int = 0
    responders: int = 0
    follow_ups: int = 0
    held: int = 0
    skipped: int = 0


class Which(StrEnum):
    """A part of the owner's inbox; ALL has the rejections, too."""

    OPEN = "open"
    DONE = "done"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer stands: those to check come first, then the newest (`at` as in the state)."""

    check: bool
    at: str
    enrolment: str


_PARTS = {
    Which.OPEN: ("$.answer.check", "$.answer.at", TO_WORK),
    Which.DONE: ("0", "$.worked", WORKED),
    Which.ALL: ("0", "$.answer.at", "$.answer.at IS NOT NULL"),
}


class Reader:
    """Runs statements whose first column is a document."""

    def __init__(self, storage: SqliteStorage) -> None:
        self.storage = storage

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The plain answer to a statement in the spelling of schema.sql()."""
        return self.storage.execute(sql(statement), values)

    def each(self, kind: type[R], statement: str, *values: object) -> Iterator[R]:
        """All records as they are on disk now, each decoded when its turn comes."""
        return (decode(kind, row[0]) for row in self.rows(statement, *values))

    def one(self, kind: type[R], statement: str, *values: object) -> R | None:
        """The first record, if there is one."""
        rows = self.rows(statement, *values)
        return decode(kind, rows[0][0]) if rows else None


def campaign_state(reader: Reader, name: str) -> CampaignState:
    """What is known of a campaign; a fresh state if nothing is."""
    found = reader.one(CampaignState, "SELECT doc FROM campaigns WHERE $.name = ?", name)
    return found if found is not None else CampaignState(name)


def day_counts(reader: Reader, day: date) -> DayCounts:
    """What was done on *day*; zeros if nothing was."""
    found = reader.one(DayCounts, "SELECT doc FROM days WHERE $.day = ?", day.isoformat())
    return found if found is not None else DayCounts(day)


def seat_state(reader: Reader) -> SeatState:
    """The seat's one row."""
    found = reader.one(SeatState, "SELECT doc FROM seat")
    return found if found is not None else SeatState()


def brief(
    reader: Reader, ledger: Ledger, now: datetime, day: date, campaigns: tuple[str, ...]
) -> Brief:
    """What plan() needs (model.Brief): a few rows by index, however many leads there are."""
    states = tuple(campaign_state(reader, name) for name in campaigns)
    active = [state.name for state in states if not state.paused]
    return Brief(
        seat=seat_state(reader),
        ledger=ledger,
        today=day_counts(reader, day),
        open_attempts=open_attempts(reader),
        unread_thread=unread_thread(reader),
        due=(*_due(reader, active, "reply", now), *_due(reader, active, "message", now)),
        next_due_at=_next_due_at(reader, active, now),
        queue=tuple(head for name in active for head in _heads(reader, name, now)),
        campaigns=states,
        previews=any(_has_previews(reader, name, now) for name in active),
    )


def open_attempts(reader: Reader) -> tuple[Attempt, ...]:
    """Attempts whose end is not known, the oldest first (T3)."""
    statement = f"SELECT doc FROM attempts WHERE {OPEN} ORDER BY $.held_at, id"
    return tuple(reader.each(Attempt, statement))


def _due(reader: Reader, campaigns: list[str], phase: str, now: datetime) -> Iterator[Enrolment]:
    """What is due in a phase, the longest due first: MOST_DUE of each of these campaigns.

    Of each, for one may be closed now while another is open (L3).
    """
    statement = (
        f"SELECT doc FROM enrolments WHERE $.campaign = ? AND $.phase = '{phase}' AND {TIMED}"
        f" AND $.due_at <= ? ORDER BY {WHEN} LIMIT {MOST_DUE}"
    )
    return heapq.merge(
        *(reader.each(Enrolment, statement, name, time_text(now)) for name in campaigns),
        key=lambda each: (each.due_at or now, each.position),
    )


def _next_due_at(reader: Reader, campaigns: list[str], now: datetime) -> datetime | None:
    """The earliest message, reply or retry in the future."""
    message, reply, retry = (
        f"SELECT min($.due_at) FROM enrolments WHERE $.campaign = ?1 AND $.phase = '{phase}'"
        f" AND {TIMED} AND $.due_at > ?2"
        for phase in ("message", "reply", "queue")
    )
    statement = f"SELECT ({message}), ({reply}), ({retry})"
    found = (
        at for name in campaigns for at in reader.rows(statement, name, time_text(now))[0] if at
    )
    earliest = min(found, default=None)  # as texts they sort as the times do
    return datetime.fromisoformat(earliest) if earliest is not None else None


def _heads(reader: Reader, campaign: str, now: datetime) -> list[Enrolment]:
    """For each kind the first of the queue that may be looked at (K7).

    Those without a time stand in an index by position. Retries whose time has come stand in one by
    time and are few: each cost the visit of a lead page (L6).
    """
    found = reader.rows(HEADS, campaign, time_text(now))
    found.sort(key=lambda row: int(row[2]), reverse=True)
    first = {kind: text for text, kind, _ in found}
    return [decode(Enrolment, first[kind]) for kind in KINDS if kind in first]


def _has_previews(reader: Reader, campaign: str, now: datetime) -> bool:
    statement = " OR ".join(
        f"EXISTS (SELECT 1 FROM enrolments WHERE {which})"
        for which in (_UNTIMED_PREVIEWS, _DUE_PREVIEWS)
    )
    return bool(reader.rows(f"SELECT {statement}", campaign, time_text(now))[0][0])


def previews(reader: Reader, campaign: str, now: datetime, most: int) -> tuple[Enrolment, ...]:
    """Whose text waits for the owner (S8): what is due, then the queue; *most* of each."""
    due = f"SELECT doc FROM enrolments WHERE {_DUE_PREVIEWS} ORDER BY {WHEN} LIMIT ?3"
    queue = f"SELECT doc FROM enrolments WHERE {_UNTIMED_PREVIEWS} ORDER BY $.position LIMIT ?2"
    return (
        *reader.each(Enrolment, due, campaign, time_text(now), most),
        *reader.each(Enrolment, queue, campaign, most),
    )


def count_previews(reader: Reader, campaign: str, now: datetime) -> int:
    """How many texts wait for the owner now (S8)."""
    due, queue = (
        f"SELECT count(*) FROM enrolments WHERE {which}"
        for which in (_DUE_PREVIEWS, _UNTIMED_PREVIEWS)
    )
    return int(reader.rows(f"SELECT ({due}) + ({queue})", campaign, time_text(now))[0][0])


def has_queue(reader: Reader, campaign: str) -> bool:
    """Whether somebody of a campaign waits for an InMail, or for its text's release (S8)."""
    waits = (WAITING, f"$.phase = 'queue' AND {TIMED}", PREVIEWS)
    statement = " OR ".join(
        f"EXISTS (SELECT 1 FROM enrolments WHERE $.campaign = ?1 AND {which})" for which in waits
    )
    return bool(reader.rows(f"SELECT {statement}", campaign)[0][0])


def perhaps_over(reader: Reader, until: datetime) -> Iterator[str]:
    """Ids of leads that may be over by their state, and were quiet since *until*.

    It is for rules.retention to say who is. Those that were erased are left out.
    """
    newest = "coalesce($.worked, $.over, $.answer.at, $.sent[0].at, '')"
    rows = reader.rows(
        f"SELECT DISTINCT $.lead_id FROM enrolments WHERE {STATE} IN {OVER} AND {newest} <= ?"
        " AND $.lead_id NOT LIKE 'erased-%' ORDER BY $.lead_id",
        time_text(until),
    )
    return (str(row[0]) for row in rows)


def unread_thread(reader: Reader) -> KnownThread | None:
    """The first changed thread that matters.

    One that was never read, one whose lead is not known, or one of an enrolled lead. Strangers'
    threads that were read once are left alone.
    """
    return reader.one(
        KnownThread,
        f"SELECT doc FROM threads WHERE {UNREAD} AND ($.read IS NULL OR $.lead_id IS NULL"
        " OR EXISTS (SELECT 1 FROM enrolments WHERE enrolments.$.lead_id = threads.$.lead_id))"
        " ORDER BY id LIMIT 1",
    )


def inbox(reader: Reader, which: Which, most: int) -> list[Place]:
    """The first places of a part of the inbox, by its index."""
    check, at, where = _PARTS[which]
    order = f"{check} DESC, {at} DESC" if which is Which.OPEN else f"{at} DESC"
    statement = (
        f"SELECT {check}, {at}, $.key FROM enrolments WHERE {where} ORDER BY {order} LIMIT ?"
    )
    return [Place(bool(row[0]), row[1], row[2]) for row in reader.rows(statement, most)]


def count_inbox(reader: Reader, which: Which) -> int:
    """How many answers a part of the inbox has."""
    return int(reader.rows(f"SELECT count(*) FROM enrolments WHERE {_PARTS[which][2]}")[0][0])


def funnel(reader: Reader, campaign: str) -> Funnel:
    """Count a campaign; only the rows that were written to or stopped are looked at."""
    of_sent = (
        "SELECT sum($.sent[0].kind = 'credit'), sum($.sent[0].kind <> 'credit'),"
        " sum($.accepted_at IS NOT NULL),"
        " sum($.answer.answer = 'rejected' AND $.accepted_at IS NULL), sum($.answer.responder),"
        " sum((SELECT count(*) FROM json_each($.sent)"
        " WHERE json_extract(value, '$.step') BETWEEN 2 AND 6))"
        " FROM enrolments WHERE $.campaign = ? AND $.sent[0].at IS NOT NULL"
    )
    sent = [count or 0 for count in reader.rows(of_sent, campaign)[0]]
    leads, held, skipped = (
        reader.rows(f"SELECT count(*) FROM enrolments WHERE $.campaign = ?{which}", campaign)[0][0]
        for which in ("", " AND $.hold.rule IS NOT NULL", " AND $.skip.rule IS NOT NULL")
    )
    credit, free, accepted, rejected, responders, follow_ups = sent
    return Funnel(
        leads, credit, free, accepted, rejected, responders, follow_ups, held=held, skipped=skipped
    )


def inmail_of(reader: Reader, lead_id: str) -> Attempt | None:
    """The one attempt at an InMail to a person that was, or may have been, sent (K4)."""
    statement = f"SELECT doc FROM attempts WHERE $.lead_id = ? AND {MAY_BE_SENT}"
    return reader.one(Attempt, statement, lead_id)
