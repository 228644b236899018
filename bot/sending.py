"""The walk of one InMail, of one message, and of settling what is open (T1-T7, K2-K6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot import canary
from bot.errors import LockedOut, Missing, PageError
from bot.facts import ComposerFacts, ComposerKind, InboxFacts, Kind, LeadFacts, ThreadFacts
from bot.model import (
    Attempt,
    Changes,
    Done,
    Enrolment,
    Lead,
    Outcome,
    Reason,
    SendInMail,
    SendMessage,
)
from bot.ports import Seen
from bot.reading import NAMESAKE, contacted, namesakes, refusal, take_in_thread, watch_balance
from bot.replies import is_reply
from bot.rules import apply, hooks, limits
from bot.rules.approval import wording_of
from bot.rules.leads import Go, Leave, Purse, Then, before_composer, decide
from bot.rules.sequence import Due, next_step
from bot.rules.texts import text_hash
from bot.rules.wording import Wording
from bot.settling import NotFound, concerned, known_thread, look_before_again, of, open_thread
from bot.work import Work

LONGEST_UNTIL_CLICK = timedelta(minutes=2)  # from the page that was read; a machine may sleep


def send_inmail(work: Work, action: SendInMail) -> Done:
    """Visit the lead; write if the composer says that it may be written to (K2)."""
    enrolment, lead = of(work, action.enrolment)
    reason = _forbidden(work, enrolment, lead)
    if reason is not None:
        work.book.commit(apply.skip_enrolment(work.scene(enrolment), enrolment, reason))
        return work.held("look", Outcome.SKIPPED, reason, lead.id)
    if (twin := _may_be_theirs(work, lead)) is not None:
        work.book.commit(apply.put_off(work.scene(enrolment), enrolment, twin))
        return work.held("look", Outcome.SKIPPED, twin, lead.id)
    looked = look_before_again(work, enrolment)
    if isinstance(looked, PageError):
        return _unreadable(work, enrolment, 0, looked, "look")
    if looked is not None:
        return looked
    work.count_lead_page()
    try:
        lead, decision, seen = _visit(work, enrolment, lead)
    except Missing as gone:
        leave = Leave(Then.SKIP, Kind.UNREACHABLE, Reason("K1", str(gone)))
        return _leave(work, enrolment, leave, gone)
    except PageError as error:
        return _unreadable(work, enrolment, 0, error, "look")
    if isinstance(decision, Go):
        wording = wording_of(work.campaign(action.campaign), 0, lead, enrolment)
        if isinstance(wording, Wording):
            why = f"may be written to: {decision.kind}"
            done = work.done("look", Outcome.DONE, why, lead.id, "K2")
            work.keep(f"{enrolment.key}#0", done, seen)
            return _write_inmail(work, enrolment, wording, decision.kind, seen)
        decision = Leave(Then.SKIP, decision.kind, wording)
    return _leave(work, enrolment, decision, seen)


def _visit(
    work: Work, enrolment: Enrolment, lead: Lead
) -> tuple[Lead, Go | Leave, Seen[LeadFacts] | Seen[ComposerFacts]]:
    """Open lead page and composer and decide; the balance on the credit line is noted (C9)."""
    campaign = work.campaign(enrolment.campaign)
    first_degree = campaign.first_degree or work.policy.first_degree
    shown = work.site.open_lead(lead)
    leave = before_composer(shown.facts, lead.id, first_degree)
    if leave is not None:
        return lead, leave, shown
    known = lead.company != ""
    imported, lead = lead, _completed(lead, shown.facts)
    learnt = (lead,) if lead != imported else ()
    if not known and namesakes(work, lead):
        work.book.commit(Changes(leads=learnt))
        return lead, Leave(Then.HOLD, enrolment.kind or Kind.UNKNOWN, NAMESAKE), shown
    panel = work.site.open_composer()
    work.accrue()  # the pages took their time: a lot may have expired since the plan was made
    left = 0 if panel.facts.kind is ComposerKind.NONE_LEFT else panel.facts.credits
    if left is not None and panel.facts.lead_id in (None, lead.id):
        watch_balance(work, left, "composer", panel, threads_read=False, leads=learnt)
    elif learnt:
        work.book.commit(Changes(leads=learnt))
    seat = work.book.seat()
    purse = Purse(work.book.ledger(), seat.shortfall, work.policy.credits)
    decision = decide(panel.facts, enrolment, purse, first_degree, work.now())
    reason = work.contacts.forbids(lead)
    if isinstance(decision, Go) and reason is not None:
        decision = Leave(Then.SKIP, decision.kind, reason)
    return lead, decision, panel


def _write_inmail(
    work: Work,
    enrolment: Enrolment,
    wording: Wording,
    kind: Kind,
    panel: Seen[LeadFacts] | Seen[ComposerFacts],
) -> Done:
    """From the open composer to a settled attempt."""
    if work.team is not None and not work.dry_run:
        ours = work.team.claim(enrolment.lead_id, work.policy.name, work.now())
        if not ours:
            reason = Reason("K4", "another seat of the team wrote to them")
            return _leave(work, enrolment, Leave(Then.SKIP, kind, reason), panel)
    scene, number = work.scene(enrolment), _number(work, enrolment, 0)
    attempt, changes = apply.begin(scene, enrolment, 0, wording, kind, number)
    work.book.commit(changes)
    cost = "1 credit" if kind is Kind.CREDIT else "free"
    if work.dry_run:
        work.site.close_composer()
        return _rehearsed(work, attempt, f"would send an InMail ({cost})")
    try:
        typed = work.site.type_inmail(wording.subject, wording.body)
    except PageError as error:
        return _not_typed(work, attempt, error)
    wrong = _mistyped(typed.facts, attempt) or _costs_more(typed.facts, kind, work)
    if wrong is not None:
        return _not_clicked(work, attempt, wrong, typed)
    return _click(work, attempt, f"InMail ({cost})", typed)


def send_message(work: Work, action: SendMessage) -> Done:
    """Read the thread, take it in, and write only if the step is still due then (T7, S4)."""
    enrolment, lead = of(work, action.enrolment)
    reason = _forbidden(work, enrolment, lead, message=True)
    if reason is not None:
        work.book.commit(apply.skip_enrolment(work.scene(enrolment), enrolment, reason))
        return work.held("message", Outcome.SKIPPED, reason, lead.id)
    try:
        seen = open_thread(work, lead, enrolment.thread_id)
    except Missing as gone:
        not_found = Reason("T7", "the thread was not found")
        return _postponed(work, enrolment, action.step, not_found, gone)
    except PageError as error:
        return _unreadable(work, enrolment, action.step, error, "message")
    if isinstance(seen, NotFound) or seen.facts.id is None:
        not_found = Reason("T7", "the thread was not found")
        read = seen.listed if isinstance(seen, NotFound) else seen
        return _postponed(work, enrolment, action.step, not_found, read)
    take_in_thread(work, known_thread(work, lead, seen.facts), seen)
    enrolment, lead = of(work, action.enrolment)
    step = next_step(enrolment, work.campaign(action.campaign))
    if not isinstance(step, Due) or step.step != action.step:
        held = step if isinstance(step, Reason) else Reason("T7", "another step is due now")
        done = work.held("message", Outcome.SKIPPED, held, lead.id)
        return work.keep(f"{enrolment.key}#{action.step}", done, seen)
    if seen.facts.lead_id != lead.id:
        other = Reason("K6", "the thread is another lead's")
        return _postponed(work, enrolment, step.step, other, seen)
    if not seen.facts.can_write:
        closed = Reason("T7", "the thread takes no message")
        return _postponed(work, enrolment, step.step, closed, seen)
    return _write_message(work, enrolment, lead, step.step, seen)


def _write_message(
    work: Work, enrolment: Enrolment, lead: Lead, step: int, thread: Seen[ThreadFacts]
) -> Done:
    """From the thread that was just read to a settled attempt."""
    wording = _wording(work, enrolment, lead, step)
    about = f"{enrolment.key}#{step}"
    if isinstance(wording, Reason):
        work.book.commit(apply.hold_enrolment(work.scene(enrolment), enrolment, wording))
        return work.keep(about, work.held("message", Outcome.HELD, wording, lead.id), thread)
    work.keep(about, work.done("look", Outcome.DONE, "a message is due", lead.id, "T7"), thread)
    scene, number = work.scene(enrolment), _number(work, enrolment, step)
    ours = tuple(message.text or "" for message in thread.facts.messages if message.mine)
    attempt, changes = apply.begin(scene, enrolment, step, wording, None, number, ours)
    work.book.commit(changes)
    name = "acceptance message" if step == 1 else f"follow-up {step - 1}"
    name = "reply" if is_reply(step) else name
    if work.dry_run:
        return _rehearsed(work, attempt, f"would send the {name}")
    try:
        stands = work.site.type_message(wording.body)
    except PageError as error:
        return _not_typed(work, attempt, error)
    if stands is None or text_hash(stands) != attempt.text_hash:
        return _not_clicked(work, attempt, "the form did not take the text", thread)
    return _click(work, attempt, name, thread)


def _wording(work: Work, enrolment: Enrolment, lead: Lead, step: int) -> Wording | Reason:
    """The campaign's text for a step, as its owner released it (S8), or the owner's own reply."""
    if not is_reply(step):
        return wording_of(work.campaign(enrolment.campaign), step, lead, enrolment)
    assert enrolment.reply is not None, "a reply is due as long as it waits"
    return Wording("", enrolment.reply.text)


def _click(
    work: Work, attempt: Attempt, name: str, form: Seen[ComposerFacts] | Seen[ThreadFacts]
) -> Done:
    """The one place that clicks Send: hours again (L3), *clicking* on the disk (T1), one click."""
    if work.dry_run:
        raise LockedOut("a dry run never clicks (T5)")
    enrolment, _ = of(work, attempt.enrolment)
    scene = work.scene(enrolment)
    hours = work.campaign(attempt.campaign).hours or work.policy.hours
    if not limits.is_open(scene.now, hours):
        return _not_clicked(work, attempt, "the working hours have ended (L3)", form)
    read_at = min(attempt.held_at, form.page.taken_at or attempt.held_at)
    if scene.now - read_at > LONGEST_UNTIL_CLICK:
        return _not_clicked(work, attempt, "too long ago that the page was read (T7)", form)
    attempt, changes = apply.clicking(scene, attempt)
    work.book.commit(changes)
    work.site.click_send()
    seen = work.site.read_sent(attempt.body)
    verdict = apply.after_click(attempt, seen.facts, scene.seat.balance_seen)
    work.book.commit(apply.settle(work.scene(enrolment), enrolment, attempt, verdict))
    if verdict.sent is not True:
        why = f"{name}: {verdict.why}; it is looked up, never repeated (T3)"
        done = work.done(_word(attempt), Outcome.UNCERTAIN, why, attempt.lead_id, "T3")
        return work.keep(attempt.key, done, seen)
    why = f"{name}: {', '.join(verdict.proofs)}"
    done = work.done(_word(attempt), Outcome.SENT, why, attempt.lead_id, "T2")
    work.keep(attempt.key, done, seen)
    if seen.facts.credits is not None:
        watch_balance(work, seen.facts.credits, "after the send", seen, threads_read=False)
    return done


# --- small ends ---------------------------------------------------------------------------------


def _number(work: Work, enrolment: Enrolment, step: int) -> int:
    """The number of the next attempt at a step."""
    return 1 + sum(1 for tried in work.book.attempts_of(enrolment.key) if tried.step == step)


def _forbidden(
    work: Work, enrolment: Enrolment, lead: Lead, *, message: bool = False
) -> Reason | None:
    """Why nobody may write: the owner's lists (K5), or an InMail from elsewhere (K4)."""
    reason = refusal(work.contacts, work.book.opted_out(), lead)
    if reason is not None or message:
        return reason
    return contacted(work.book, lead, but=enrolment.key)


def _completed(lead: Lead, shown: LeadFacts) -> Lead:
    """The lead with what its page tells and the import did not."""
    if lead.title and lead.company and lead.location:
        return lead
    return replace(
        lead,
        title=lead.title or shown.title or "",
        company=lead.company or shown.company or "",
        location=lead.location or shown.location or "",
    )


def _leave(
    work: Work,
    enrolment: Enrolment,
    left: Leave,
    read: Seen[LeadFacts] | Seen[ComposerFacts] | Missing,
) -> Done:
    enrolment, _ = of(work, enrolment.key)
    work.book.commit(apply.leave(work.scene(enrolment), enrolment, left))
    # A lead that waits for credits was looked at, and nothing else was meant (C7).
    ends = {Then.HOLD: Outcome.HELD, Then.WAIT: Outcome.DONE}
    end = ends.get(left.then, Outcome.SKIPPED)
    done = work.held("look", end, left.reason, enrolment.lead_id)
    work.keep(f"{enrolment.key}#0", done, read)
    work.site.close_composer()
    return done


def _postponed(
    work: Work,
    enrolment: Enrolment,
    step: int,
    reason: Reason,
    read: Seen[ThreadFacts] | Seen[InboxFacts] | Missing,
) -> Done:
    work.book.commit(apply.postpone(work.scene(enrolment), enrolment, step, reason))
    done = work.held("message", Outcome.SKIPPED, reason, enrolment.lead_id)
    return work.keep(f"{enrolment.key}#{step}", done, read)


def _unreadable(work: Work, enrolment: Enrolment, step: int, error: PageError, action: str) -> Done:
    """A page of one lead that cannot be read: tried again later, then held for the owner (K3).

    Where it is the site that has changed (T8) the lead waits, unharmed, until that is mended.
    """
    page = work.site.last_page()
    reason = canary.changed(work, error, but=concerned(work, enrolment, error))
    if reason is None:
        reason = Reason("K3", str(error))
        work.book.commit(apply.postpone(work.scene(enrolment), enrolment, step, reason))
    done = work.held(action, Outcome.SKIPPED, reason, enrolment.lead_id)
    return work.keep(f"{enrolment.key}#{step}", done, error, page)


def _may_be_theirs(work: Work, lead: Lead) -> Reason | None:
    """While threads cannot be read, one that is new may be the owner's InMail to them (K4, T8)."""
    stopped = hooks.stopped(work.book.seat(), hooks.Task.READ_THREAD, work.now())
    if stopped is None:
        return None
    name = lead.name.casefold()
    unread = (thread for thread in work.book.threads() if thread.lead_id is None)
    return stopped if any(thread.name.casefold() == name for thread in unread) else None


def _mistyped(panel: ComposerFacts, attempt: Attempt) -> str | None:
    """Why the composer may not be sent as it stands (K6, T1); None: it may."""
    if panel.lead_id != attempt.lead_id:
        return f"the composer is addressed to {panel.lead_id or 'nobody'} (K6)"
    if panel.body is None or text_hash(panel.body) != attempt.text_hash:
        return "the composer did not take the text"
    if panel.subject is not None and panel.subject.strip() != attempt.subject:
        return "the composer did not take the subject"
    return None if panel.can_send else "the send button is disabled"


def _costs_more(panel: ComposerFacts, kind: Kind, work: Work) -> str | None:
    """Why the composer is not any more what was decided on (K2, C6); None: it is."""
    wanted = {
        Kind.FREE: ComposerKind.FREE,
        Kind.FIRST_DEGREE: ComposerKind.FIRST_DEGREE,
        Kind.CREDIT: ComposerKind.CREDIT,
    }[kind]
    if panel.kind is not wanted:
        return f"the composer was {wanted} and is {panel.kind} now (K2)"
    if kind is not Kind.FIRST_DEGREE and panel.subject is None:
        return "the composer has no field for the subject (S1)"
    reserve = work.policy.credits.reserve
    if kind is Kind.CREDIT and panel.credits is not None and panel.credits <= reserve:
        return f"the site shows {panel.credits} credits now, the reserve is {reserve} (C6)"
    return None


def _not_clicked(
    work: Work,
    attempt: Attempt,
    why: str,
    read: Seen[ComposerFacts] | Seen[ThreadFacts] | PageError,
) -> Done:
    """Give up an attempt before its click: it is not sent, and its credit comes back (T3)."""
    enrolment, _ = of(work, attempt.enrolment)
    verdict = apply.Verdict(False, why=why)
    work.book.commit(apply.settle(work.scene(enrolment), enrolment, attempt, verdict))
    done = work.done(_word(attempt), Outcome.NOT_SENT, why, attempt.lead_id, "T3")
    work.keep(attempt.key, done, read)
    work.site.close_composer()
    return done


def _not_typed(work: Work, attempt: Attempt, error: PageError) -> Done:
    """A form that takes no text is given up, and others of its sort are looked at (T8)."""
    done = _not_clicked(work, attempt, str(error), error)
    enrolment, _ = of(work, attempt.enrolment)
    canary.changed(work, error, but=concerned(work, enrolment, error))
    return done


def _rehearsed(work: Work, attempt: Attempt, why: str) -> Done:
    """What a dry run does in place of the click: the copy of the book goes on as if sent (T5)."""
    enrolment, _ = of(work, attempt.enrolment)
    attempt, changes = apply.clicking(work.scene(enrolment), attempt)
    work.book.commit(changes)
    verdict = apply.Verdict(True, ("dry run",))
    work.book.commit(apply.settle(work.scene(enrolment), enrolment, attempt, verdict))
    done = work.done(_word(attempt), Outcome.DONE, f"dry run: {why}", attempt.lead_id, "T5")
    text = f"{attempt.subject}\n\n{attempt.body}" if attempt.subject else attempt.body
    return replace(done, kind=attempt.kind, text=text)


def _word(attempt: Attempt) -> str:
    return "inmail" if attempt.step == 0 else "message"
