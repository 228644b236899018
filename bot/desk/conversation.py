"""The thread behind an answer: as the newest kept page shows it, else as far as the books do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.errors import PageError, WorkFailed
from bot.facts import ThreadFacts
from bot.model import Attempt, AttemptState, Enrolment
from bot.report import step_name
from bot.rules.texts import text_hash
from bot.seat import Seat
from bot.store.evidence import Evidence, Kept
from bot.store.store import Store

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """One message. `text` is None if it cannot be read; `note` says what it is of ours."""

    mine: bool
    at: datetime | None
    subject: str
    text: str | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """A thread, the oldest message first.

    page     name of the kept page that shows it; None if none is kept any more
    read_at  when that page was read
    """

    lines: tuple[Line, ...]
    page: str | None
    read_at: datetime | None


def talk_of(seat: Seat, store: Store, enrolment: Enrolment) -> Talk:
    """The thread of somebody who answered."""
    sent = [a for a in store.attempts_of(enrolment.key) if a.state is AttemptState.SENT]
    for kept in _pages(seat, store, enrolment):
        thread = _read(seat, kept)
        if thread is not None and thread.lead_id in (None, enrolment.lead_id):
            lines = (*_shown(thread, sent), *_since(thread, sent, kept.decision.at))
            return Talk(lines, kept.page.name, kept.decision.at)
    return Talk(tuple(_as_known(enrolment, sent)), None, None)


def _pages(seat: Seat, store: Store, enrolment: Enrolment) -> list[Kept]:
    """The kept pages of the thread, the newest first."""
    known = store.thread_of(enrolment.lead_id)
    threads = {enrolment.thread_id, known.id if known is not None else None} - {None}
    keys = tuple(f"thread/{thread_id}@" for thread_id in threads)
    words = (enrolment.lead_id, *keys)
    kept = [
        each
        for each in Evidence(seat.paths.evidence).telling(*words)
        if each.decision.kind == "thread"
        and (each.decision.lead_id == enrolment.lead_id or each.decision.key.startswith(keys))
    ]
    return kept[::-1]


def _read(seat: Seat, kept: Kept) -> ThreadFacts | None:
    """The thread on a kept page; None if the page is gone, or cannot be read any more."""
    try:
        return seat.reader.thread(Evidence(seat.paths.evidence).load(kept.page.name))
    except (WorkFailed, PageError):
        return None


def _shown(thread: ThreadFacts, sent: Iterable[Attempt]) -> Iterable[Line]:
    ours = {attempt.text_hash: step_name(attempt.step) for attempt in sent}
    for message in thread.messages:
        note = ours.get(text_hash(message.text or ""), "by hand") if message.mine else ""
        yield Line(message.mine, message.at, message.subject or "", message.text, note)


def _since(thread: ThreadFacts, sent: Iterable[Attempt], read_at: datetime) -> Iterable[Line]:
    """What the agent has sent since the page was read."""
    there = Counter(text_hash(m.text or "") for m in thread.messages if m.mine)
    for attempt in sent:
        if there[attempt.text_hash]:
            there[attempt.text_hash] -= 1
        elif (attempt.clicked_at or attempt.held_at) >= read_at:
            yield _ours(attempt)


def _as_known(enrolment: Enrolment, sent: Iterable[Attempt]) -> list[Line]:
    """Our own messages, and the newest words of theirs."""
    lines, answer = [_ours(attempt) for attempt in sent], enrolment.answer
    if answer is not None and answer.words:
        lines.append(Line(False, answer.at, "", answer.words))
    return sorted(lines, key=lambda line: line.at or _LONG_AGO)


def _ours(attempt: Attempt) -> Line:
    at, note = attempt.clicked_at or attempt.held_at, step_name(attempt.step)
    return Line(True, at, attempt.subject, attempt.body, note)
