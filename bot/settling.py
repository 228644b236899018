"""Finding out how an attempt ended: by reading its thread, never by sending again (T3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot import canary
from bot.errors import PageError
from bot.facts import InboxFacts, InboxThread, ThreadFacts
from bot.model import (
    Attempt,
    AttemptState,
    Done,
    Enrolment,
    KnownThread,
    Lead,
    Outcome,
    Settle,
)
from bot.ports import Seen
from bot.rules import apply, hooks
from bot.work import Work

MOST_CANDIDATES = 10  # threads that are opened to find an InMail's
WHOLE_LIST = 20  # the list shows so many threads at first (site.md, 6): fewer are all


@dataclass(frozen=True, slots=True)
class NotFound:
    """No thread of a lead is in the inbox's list.

    whole  every thread that could be theirs was looked into
    """

    listed: Seen[InboxFacts]
    whole: bool


def settle(work: Work, action: Settle) -> Done:
    """Find out how an open attempt ended (T3). One that died *held* was not sent."""
    attempt = work.book.attempt(action.attempt)
    assert attempt is not None, "plan names attempts of the book"
    enrolment, lead = of(work, attempt.enrolment)
    if attempt.state is AttemptState.HELD:
        verdict = apply.died_held(attempt)
        work.book.commit(apply.settle(work.scene(enrolment), enrolment, attempt, verdict))
        return _settled(work, attempt, verdict)
    verdict, seen = _look_up(work, attempt, lead)
    return _settle(work, attempt, verdict, seen)


def look_before_again(work: Work, enrolment: Enrolment) -> Done | PageError | None:
    """Look up once more what was clicked and found not sent, before it is sent again (T3, T4).

    What came of it where it was sent after all; the error of a page that could not be read; None:
    nothing speaks against another try. A list that cannot be looked through is no reason to doubt
    what was found, or what the owner said.
    """
    clicked = [
        attempt
        for attempt in work.book.attempts_of(enrolment.key)
        if attempt.step == 0 and attempt.clicked_at is not None
    ]
    stopped = hooks.stopped(work.book.seat(), hooks.Task.SETTLE, work.now())
    if clicked and stopped is not None:
        work.book.commit(apply.put_off(work.scene(enrolment), enrolment, stopped))
        return work.held("look", Outcome.SKIPPED, stopped, enrolment.lead_id)
    _, lead = of(work, enrolment.key)
    for attempt in clicked:
        verdict, seen = _look_up(work, attempt, lead)
        if verdict.sent is True:
            return _settle(work, attempt, verdict, seen)
        if isinstance(seen, PageError):
            return seen
    return None


def _settle(
    work: Work,
    attempt: Attempt,
    verdict: apply.Verdict,
    seen: Seen[ThreadFacts] | NotFound | PageError,
) -> Done:
    enrolment, lead = of(work, attempt.enrolment)
    changes = apply.settle(work.scene(enrolment), enrolment, attempt, verdict)
    if isinstance(seen, Seen) and verdict.sent is True and seen.facts.id is not None:
        # It may have been read while the attempt was in doubt, and its answer taken for nobody's.
        unread = replace(known_thread(work, lead, seen.facts), lead_id=lead.id, read=None)
        changes = replace(changes, threads=(unread,))
    work.book.commit(changes)
    read = seen.listed if isinstance(seen, NotFound) else seen
    done = work.keep(attempt.key, _settled(work, attempt, verdict), read)
    if isinstance(seen, PageError):
        canary.changed(work, seen, but=concerned(work, enrolment, seen))
    return done


def _look_up(
    work: Work, attempt: Attempt, lead: Lead
) -> tuple[apply.Verdict, Seen[ThreadFacts] | NotFound | PageError]:
    """Read the thread of an attempt that may be out (T3).

    What was not read proves nothing: a page that is gone, another's thread, or a list of which not
    every thread could be looked into.
    """

    def nothing(why: str) -> apply.Verdict:
        return apply.Verdict(None, error_shown=attempt.error_shown, why=why)

    since = attempt.clicked_at or attempt.held_at
    try:
        seen = open_thread(work, lead, attempt.thread_id, since)
    except PageError as error:
        return nothing(str(error)), error
    if isinstance(seen, NotFound):
        if not seen.whole:
            return nothing("not every thread of the inbox could be looked into"), seen
        return apply.after_reading(attempt, None, work.now()), seen
    canary.is_there(work, *hooks.THREAD_PAGES)
    if seen.facts.lead_id not in (None, lead.id):
        return nothing("the thread is another lead's (K6)"), seen
    return apply.after_reading(attempt, seen.facts, work.now()), seen


def _settled(work: Work, attempt: Attempt, verdict: apply.Verdict) -> Done:
    ends = {True: Outcome.SENT, False: Outcome.NOT_SENT, None: Outcome.UNCERTAIN}
    return work.done("settle", ends[verdict.sent], verdict.why, attempt.lead_id, "T3")


def open_thread(
    work: Work, lead: Lead, thread_id: str | None, since: datetime | None = None
) -> Seen[ThreadFacts] | NotFound:
    """The lead's thread: by its id, else among those of the inbox's list that could be theirs.

    A name proves nothing: an import may know the lead by another one. Those of the same name come
    first, then what has happened *since* and is not known to be another lead's.
    """
    known = work.book.thread_of(lead.id)
    if thread_id is None and known is not None:
        thread_id = known.id
    if thread_id is not None:
        return work.site.open_thread(thread_id)
    listed = work.site.read_inbox(lambda _id, _mark: False)
    owners = {thread.id: thread.lead_id for thread in work.book.threads()}
    threads = [
        item
        for item in listed.facts.threads
        if (item.lead_id or owners.get(item.id)) in (None, lead.id)
    ]
    named = [item for item in threads if item.name.casefold() == lead.name.casefold()]
    others = [item for item in threads if item not in named and _is_since(item, since)]
    unread = max(0, len(named) + len(others) - MOST_CANDIDATES)
    for item in (*named, *others)[:MOST_CANDIDATES]:
        try:
            seen = work.site.open_thread(item.id)
        except PageError:
            unread += 1  # a stranger's, as far as anybody knows: the others are looked into
            continue
        if seen.facts.lead_id == lead.id:
            return seen
    return NotFound(listed, unread == 0 and _is_whole(listed.facts.threads, since))


def _is_since(item: InboxThread, since: datetime | None) -> bool:
    """Whether a thread may hold what was clicked at *since*: its newest event is not older."""
    return since is not None and (item.at is None or item.at >= since - apply.FIRST_LOOK)


def _is_whole(threads: Sequence[InboxThread], since: datetime | None) -> bool:
    """Whether the list, newest first, goes back to *since*, or shows all there is."""
    if len(threads) < WHOLE_LIST or since is None:
        return True
    return any(item.at is not None and item.at < since for item in threads)


def of(work: Work, key: str) -> tuple[Enrolment, Lead]:
    """An enrolment of the book, with its lead."""
    enrolment = work.book.enrolment(key)
    assert enrolment is not None, f"{key} is in the book"
    lead = work.book.lead(enrolment.lead_id)
    assert lead is not None, f"{enrolment.lead_id} is in the book"
    return enrolment, lead


def known_thread(work: Work, lead: Lead, thread: ThreadFacts) -> KnownThread:
    """What the book has of a thread that was read."""
    assert thread.id is not None, "a thread that was read has its id"
    return work.book.thread(thread.id) or KnownThread(thread.id, lead.name)


def concerned(work: Work, enrolment: Enrolment, error: PageError) -> str | None:
    """The lead, or the thread, whose page could not be read."""
    if error.page in hooks.LEAD_PAGES:
        return enrolment.lead_id
    known = work.book.thread_of(enrolment.lead_id)
    return enrolment.thread_id or (known.id if known is not None else None)
