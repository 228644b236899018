"""What the agent does by reading only: inbox, threads, who may be enrolled (A1-A11, C9, K8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bot import canary
from bot.errors import LayoutChanged, Missing, PageError
from bot.facts import Snapshot, ThreadFacts
from bot.model import (
    Attempt,
    CampaignState,
    Changes,
    Done,
    Enrolment,
    KnownThread,
    Lead,
    Outcome,
    ReadThread,
    Reason,
)
from bot.policy import Campaign
from bot.ports import Book, Seen
from bot.rules import apply, hooks
from bot.rules.contacts import ERASED, DoNotContact
from bot.rules.reconcile import observe
from bot.rules.sequence import placed
from bot.rules.takein import UNREAD, Reading, take_in, unsettled
from bot.work import Work

NAMESAKE = Reason("K8", "another id with the same name and company is known")


def read_inbox(work: Work) -> Done:
    """Read the list down to what is known, note what changed, and the balance beside it (C9)."""
    try:
        seen = work.site.read_inbox(partial(_is_known, work.book))
        known = sum(1 for _ in work.book.threads()) if not seen.facts.threads else 0
        for fault in hooks.inbox_faults(seen.facts, known):
            raise LayoutChanged(fault.page, fault.key, fault.why)
    except PageError as error:
        return canary.stopped_by(work, "read-inbox", error)
    canary.is_there(work, "inbox", "balance")
    changed = []
    for item in seen.facts.threads:
        if work.contacts.is_erased(item.id) or work.contacts.is_erased(item.lead_id):
            continue  # nothing of them is kept again (K5)
        thread = work.book.thread(item.id)
        if thread is None or thread.seen != item.mark:
            thread = thread or KnownThread(item.id, item.name)
            lead_id = thread.lead_id or item.lead_id
            changed.append(replace(thread, name=item.name, seen=item.mark, lead_id=lead_id))
    seat = replace(work.book.seat(), inbox_read_at=work.now())
    if not work.policy.owner_first_name and not seat.owner_first_name:
        seat = replace(seat, owner_first_name=work.site.owner_first_name() or "")
    work.book.commit(Changes(seat=seat, threads=tuple(changed)))
    shown = seen.facts.credits
    if shown is not None:
        watch_balance(work, shown, "inbox", seen, threads_read=not changed)
    what = f"{len(changed)} threads changed"
    return work.done("read-inbox", Outcome.DONE, f"{what}, the site shows {shown} credits")


def _is_known(book: Book, thread_id: str, mark: str) -> bool:
    """Whether a thread of the list was seen as it stands there."""
    thread = book.thread(thread_id)
    return thread is not None and thread.seen == mark


def watch_balance(
    work: Work,
    shown: int,
    source: str,
    seen: Seen[Any],
    *,
    threads_read: bool,
    leads: tuple[Lead, ...] = (),
) -> None:
    """Compare the site's balance with the ledger, and commit what follows (C9, C12).

    The page is kept if it opened the ledger, changed a difference, or led to an adjustment.

    leads  committed with it: what the same visit taught
    """
    book, before = work.book, work.book.seat()
    found = observe(
        before,
        book.ledger(),
        shown,
        work.now(),
        work.policy.credits,
        in_doubt=sum(1 for attempt in book.open_attempts() if attempt.lot is not None),
        threads_read=threads_read and book.unread_thread() is None,
        source=source,
    )
    work.book.commit(
        Changes(
            seat=found.seat,
            ledger=found.posted.ledger,
            entries=found.posted.entries,
            readings=(found.reading,),
            leads=leads,
        )
    )
    stands = found.seat.unexplained
    why = [entry.why for entry in found.posted.entries]
    if stands is not None and stands != before.unexplained:
        why.append(f"a difference of {stands.credits:+} stands as unexplained")
    if why:
        done = work.done("read-balance", Outcome.DONE, "; ".join(why), rule="C9")
        work.keep("balance", done, seen)


def read_thread(work: Work, action: ReadThread) -> Done:
    """Open one thread that changed and take in what it says."""
    known = work.book.thread(action.thread_id)
    assert known is not None, "plan names threads of the book"
    try:
        seen = work.site.open_thread(action.thread_id)
    except Missing as gone:
        work.book.commit(Changes(threads=(replace(known, read=known.seen),)))
        done = work.done("read-inbox", Outcome.DONE, "the thread is gone", action.lead_id)
        return work.keep(f"thread/{known.id}", done, gone)
    except PageError as error:
        page = work.site.last_page()
        broken = canary.changed(work, error, but=action.thread_id)
        if broken is None:
            return _unreadable(work, known, error, page)
        done = work.done("read-inbox", Outcome.HELD, broken.text, known.lead_id, broken.rule)
        return work.keep(f"thread/{known.id}", done, error, page)
    canary.is_there(work, "thread")
    return take_in_thread(work, known, seen)


def _unreadable(work: Work, known: KnownThread, error: PageError, page: Snapshot | None) -> Done:
    """A thread that cannot be read holds its lead, not the seat (A9, L5).

    What was seen of it is forgotten, so that the next look at the inbox brings it up again.
    """
    reason = Reason(UNREAD, f"the thread cannot be read: {error}")
    enrolments = work.book.enrolments_of(known.lead_id) if known.lead_id is not None else ()
    held = tuple(
        placed(replace(enrolment, hold=reason), work.find_campaign(enrolment.campaign))
        for enrolment in enrolments
        if enrolment.hold is None
    )
    forgotten = replace(known, seen="", read="")
    work.book.commit(Changes(threads=(forgotten,), enrolments=held))
    done = work.done("read-inbox", Outcome.HELD, reason.text, known.lead_id, reason.rule)
    return work.keep(f"thread/{known.id}", done, error, page)


def take_in_thread(work: Work, known: KnownThread, seen: Seen[ThreadFacts]) -> Done:
    """Commit what a thread says, and keep it: first attempts that it proves sent, then the answer.

    Tells it as an action of its own, whatever the thread was opened for.
    """
    thread = seen.facts
    lead_id = thread.lead_id or known.lead_id
    if lead_id is None:
        work.book.commit(Changes(threads=(replace(known, read=known.seen),)))
        told = "the thread does not say whose it is"
    else:
        thread = thread if thread.lead_id is not None else replace(thread, lead_id=lead_id)
        reading = _reading(work, known, thread, lead_id)
        proven = unsettled(reading)
        for attempt in proven:
            _found_in_thread(work, attempt, seen)
        changes = take_in(_reading(work, known, thread, lead_id) if proven else reading)
        work.book.commit(changes)
        told = _told(changes)
    done = work.done("read-inbox", Outcome.DONE, told, thread.lead_id)
    return work.keep(f"thread/{known.id}", done, seen)


def _told(changes: Changes) -> str:
    answers = [e.answer for e in changes.enrolments if e.answer is not None]
    if not answers:
        return "no answer yet" if changes.enrolments else "not of a campaign"
    return f"{answers[0].rule}: {answers[0].answer}, the sequence {answers[0].sequence}"


def _reading(work: Work, known: KnownThread, thread: ThreadFacts, lead_id: str) -> Reading:
    enrolments = work.book.enrolments_of(lead_id)
    return Reading(
        thread=thread,
        known=known,
        enrolments=enrolments,
        attempts=tuple(a for e in enrolments for a in work.book.attempts_of(e.key)),
        seat=work.book.seat(),
        ledger=work.book.ledger(),
        today=work.today(),
        policy=work.policy,
        campaigns=work.campaigns,
        texts=work.texts,
        now=work.now(),
    )


def _found_in_thread(work: Work, attempt: Attempt, seen: Seen[ThreadFacts]) -> None:
    """An attempt in doubt whose text stands in the thread was sent (T2)."""
    enrolment = work.book.enrolment(attempt.enrolment)
    assert enrolment is not None, "an attempt has its enrolment"
    verdict = apply.Verdict(True, ("text",), thread_id=seen.facts.id)
    work.book.commit(apply.settle(work.scene(enrolment), enrolment, attempt, verdict))
    why = "our text stands in the thread"
    work.keep(attempt.key, work.done("settle", Outcome.SENT, why, attempt.lead_id, "T2"), seen)


# --- who is enrolled ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What became of the leads of one page or file, or of several.

    refused  (lead id, reason)
    pages    how many pages were taken in; a file is one
    note     what the owner should know of the audience itself
    """

    new: int
    known: int
    refused: tuple[tuple[str, Reason], ...]
    pages: int = 1
    note: str = ""

    def plus(self, other: Enrolled) -> Enrolled:
        """Both together."""
        refused = (*self.refused, *other.refused)
        pages, note = self.pages + other.pages, other.note or self.note
        return Enrolled(self.new + other.new, self.known + other.known, refused, pages, note)


def enrol(work: Work, campaign: Campaign, leads: Iterable[Lead], state: CampaignState) -> Enrolled:
    """Enrol leads in a campaign, all in one commit (K4, K5, K8)."""
    fresh: dict[str, Lead] = {}
    enrolments: list[Enrolment] = []
    refused: list[tuple[str, Reason]] = []
    twins: set[str] = set()
    alike: dict[tuple[str, str], set[str]] = {}  # ids of this import, by name and company (K8)
    known, position = 0, work.book.next_position()
    for lead in leads:
        key = f"{campaign.name}/{lead.id}"
        if lead.id in fresh or work.book.enrolment(key) is not None:
            known += 1
            continue
        if work.contacts.is_erased(lead.id):
            refused.append((lead.id, ERASED))
            continue
        enrolment = Enrolment(key, lead.id, campaign.name, position + len(enrolments))
        reason = refusal(work.contacts, work.book.opted_out(), lead) or contacted(work.book, lead)
        if reason is not None:
            refused.append((lead.id, reason))
            enrolment = replace(enrolment, skip=reason)
        elif same := namesakes(work, lead) | alike.get(_alike(lead), set()):
            twins |= same
            enrolment = replace(enrolment, hold=NAMESAKE)
        fresh[lead.id] = lead
        if lead.name and lead.company:
            alike.setdefault(_alike(lead), set()).add(lead.id)
        enrolments.append(placed(enrolment, campaign))
    stored = tuple(lead for lead in fresh.values() if work.book.lead(lead.id) is None)
    before = [e for twin in sorted(twins) for e in work.book.enrolments_of(twin)]
    held = tuple(
        _held_as_twin(work, each) if each.lead_id in twins else each
        for each in (*before, *enrolments)
    )
    work.book.commit(Changes(leads=stored, enrolments=held, campaigns=(state,)))
    new = sum(each.skip is None for each in enrolments)
    return Enrolled(new, known, tuple(refused))


def refusal(contacts: DoNotContact, opted_out: frozenset[str], lead: Lead) -> Reason | None:
    """Why nobody may write to this person (K5, A11)."""
    if lead.id in opted_out:
        return Reason("A11", "they asked not to be written to again")
    return contacts.forbids(lead)


def contacted(book: Book, lead: Lead, *, but: str = "") -> Reason | None:
    """One InMail per person, over all campaigns, those sent by hand included (K4, K8).

    but  the enrolment that asks
    """
    for other in book.enrolments_of(lead.id):
        if other.key == but:
            continue
        if other.inmail is not None or other.sending is not None:
            return Reason("K4", f"was written to in the campaign {other.campaign}")
    thread = book.thread_of(lead.id)
    if thread is not None:
        return Reason("K4", "the owner has a thread with them already")
    return None


def namesakes(work: Work, lead: Lead) -> set[str]:
    """Other ids with this name and company: they may be one person in two id families (K8)."""
    if not lead.name or not lead.company:
        return set()
    return {*work.book.find_namesakes(lead.name, lead.company)} - {lead.id}


def _alike(lead: Lead) -> tuple[str, str]:
    return lead.name.casefold(), lead.company.casefold()


def _held_as_twin(work: Work, enrolment: Enrolment) -> Enrolment:
    """Held for the owner, unless it is over, or was written to already (K8)."""
    begun = enrolment.inmail is not None or enrolment.sending is not None
    if begun or enrolment.hold is not None or enrolment.skip is not None:
        return enrolment
    return placed(replace(enrolment, hold=NAMESAKE), work.find_campaign(enrolment.campaign))
