"""What an order does to a seat: the owner's word, carried out by whoever holds the lock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bot import answering, orders
from bot.canary import examine
from bot.errors import LeadwrightError, SeatHalted, UsageError
from bot.facts import Kind
from bot.importing import Progress, import_pages
from bot.model import HALTED_SEAT, Attempt, AttemptState, Changes, Enrolment, Reason
from bot.orders import Answered, Imported, NotTaken, Order
from bot.rules import apply, approval
from bot.rules.defaults import mark
from bot.rules.sequence import placed
from bot.rules.wording import compose, written
from bot.work import Work

# Orders that ask nothing of the campaigns' files: the owner can always say them.
ALWAYS = (
    orders.Pause,
    orders.Resume,
    orders.PauseCampaign,
    orders.ResumeCampaign,
    orders.Forget,
)

# All that needs no page of the site: what is over in a moment.
SHORT = (
    *ALWAYS,
    orders.Release,
    orders.SettleByOwner,
    orders.Approve,
    orders.Decline,
    orders.MarkDefault,
    orders.Reply,
    orders.WithdrawReply,
    orders.Done,
)


def carry_out_all(
    work: Work,
    folder: Path,
    *,
    of: tuple[type, ...] = (object,),
    stopped: Callable[[], bool] = lambda: False,
) -> bool:
    """Carry out every order *of* these sorts that waits in the seat's folder, the oldest first.

    One that takes long ends early if the stint is *stopped*, and says where it goes on. Return
    whether one changed what a stint begins with, the owner's lists or whether a campaign asks: the
    next stint reads that anew. A dry run leaves all orders: its book is a copy, and the owner's
    word would be lost with it (T5).
    """
    if work.dry_run:
        return False
    asks, lists_changed = _asking(work), False
    for ticket in orders.waiting(folder):
        if not isinstance(ticket.order, of):
            continue
        try:
            answered = carry_out(work, ticket.order, stopped)
        except SeatHalted as halt:
            work.halt(halt)
            answered = Answered(done=False, text=str(halt))
        except UsageError as error:
            faults = (f"  {fault}" for fault in error.faults)
            answered = Answered(done=False, text="\n".join([str(error), *faults]))
        except LeadwrightError as error:
            answered = Answered(done=False, text=str(error))
        orders.done(ticket, answered)
        lists_changed |= isinstance(ticket.order, orders.Forget)
    return lists_changed or asks != _asking(work)


def carry_out(work: Work, order: Order, stopped: Callable[[], bool] = lambda: False) -> Answered:
    """Carry out one order; doing it twice does no more than once."""
    match order:
        case orders.Pause() | orders.Resume():
            return _pause(work, paused=isinstance(order, orders.Pause))
        case orders.Release():
            return _release(work, order.lead_id)
        case orders.SettleByOwner():
            return _settle(work, order.attempt, sent=order.sent)
        case orders.PauseCampaign():
            return _pause_campaign(work, order, paused=True)
        case orders.ResumeCampaign():
            return _pause_campaign(work, order, paused=False)
        case orders.ImportLeads():
            return _import(work, order, stopped)
        case orders.Forget():
            return _forget(work, order.lead_id)
        case orders.Approve() | orders.Decline():
            return _about_text(work, order)
        case orders.MarkDefault():
            return _mark_default(work, order)
        case orders.Reply() | orders.WithdrawReply() | orders.Done():
            return answering.carry_out(work, order)
        case orders.LookAtHooks():
            return _look_at_hooks(work)


def _pause(work: Work, *, paused: bool) -> Answered:
    """Pause the seat, or let it go on; that ends a halt as well (L5)."""
    seat = work.book.seat()
    halted = seat.halted if paused else None
    work.book.commit(Changes(seat=replace(seat, paused=paused, halted=halted)))
    return Answered(done=True, text="the seat is paused" if paused else "the seat goes on")


def _look_at_hooks(work: Work) -> Answered:
    """Look at the live pages; a halted seat opens none (L5)."""
    halted = work.book.seat().halted
    if halted is not None:
        return Answered(done=False, text=f"{HALTED_SEAT}: {halted.reason}")
    try:
        lines, well = examine(work)
    except SeatHalted as halt:
        work.halt(halt)
        raise
    return Answered(done=well, text="\n".join(lines))


def _asking(work: Work) -> tuple[bool, ...]:
    """Which campaigns ask for their owner's release, by what the book says now (S8)."""
    states = work.book.campaigns()
    return tuple(approval.of_state(campaign, states).asks for campaign in work.campaigns)


def _about_text(work: Work, order: orders.Approve | orders.Decline) -> Answered:
    """Release a text that waits, or let it never go out (S8)."""
    lead, campaign = work.book.lead(order.lead_id), work.find_campaign(order.campaign)
    enrolment = work.book.enrolment(f"{order.campaign}/{order.lead_id}")
    if lead is None or campaign is None or enrolment is None:
        return Answered(done=False, text=f"{order.lead_id} is in no campaign {order.campaign}")
    if campaign.template(order.step) is None:
        return Answered(done=False, text=f"{order.campaign} has no step {order.step}")
    state = work.book.campaign(order.campaign)
    asked = approval.Asked(enrolment, campaign, state, order.step, work.now())
    if isinstance(order, orders.Decline):
        told = f"{order.lead_id} gets nothing more in {order.campaign}"
        return _said(work, approval.decline(asked), told)
    filled = compose(campaign, order.step, lead)
    text = written(order.subject, order.body, order.step, filled)
    released = text if isinstance(text, Reason) else approval.approve(asked, text)
    return _said(work, released, f"the text for {order.lead_id} is released")


def _said(work: Work, changes: Changes | Reason | None, done: str) -> Answered:
    if isinstance(changes, Reason):
        return Answered(done=False, text=f"{changes.text} ({changes.rule})")
    if changes is not None:
        work.book.commit(changes)
    return Answered(done=True, text=done)


def _forget(work: Work, lead_id: str) -> Answered:
    """Erase a person (K5); asked again, there is nobody of that id."""
    if work.forget is None:
        return Answered(done=False, text="nothing is kept here that could be erased")
    return Answered(done=True, text=work.forget(lead_id))


def _import(work: Work, order: orders.ImportLeads, stopped: Callable[[], bool]) -> Answered:
    """Import leads; a halted seat opens no page of the site (L5)."""
    halted = work.book.seat().halted
    if halted is not None and not order.source.lower().endswith(".csv"):
        return Answered(done=False, text=f"{HALTED_SEAT}: {halted.reason}")
    if work.find_campaign(order.campaign) is None:
        return Answered(done=False, text=f"there is no campaign {order.campaign}")
    found = import_from(work, order.campaign, order.source, stopped=stopped)
    return Answered(done=True, text=str(found), imported=found)


def import_from(
    work: Work,
    campaign: str,
    source: str,
    progress: Progress = lambda _page, _found: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Imported:
    """Import a CSV file, a search or a list; each lead and each row that was refused is told.

    Raises WorkFailed as import_pages() does.
    """
    rows = work.refused_rows(source)
    found = import_pages(work, campaign, source, progress, stopped)
    leads = tuple(NotTaken(why.text, who, why.rule) for who, why in found.refused)
    lines = tuple(NotTaken(row.reason, file=row.file, line=row.line) for row in rows)
    return Imported(found.new, found.known, (*leads, *lines), found.pages, found.note or None)


def _release(work: Work, lead_id: str) -> Answered:
    """Release a lead that was held (K3, K8, A9, A10, T3): it goes on where it stood."""
    released, again = [], False
    for enrolment in work.book.enrolments_of(lead_id):
        answer = enrolment.answer
        by_answer = answer is not None and answer.sequence == "held"
        if enrolment.hold is None and not by_answer:
            continue
        if enrolment.sending is not None:
            text = f"{enrolment.sending} is not settled: use `leadwright settle` first"
            return Answered(done=False, text=text)
        released.append(_released(enrolment))
        # Without the hold the same thread may mean something else; what could not be read (A9)
        # would only be held again.
        again = again or enrolment.hold is not None or (answer is not None and answer.rule == "A10")
    if not released:
        return Answered(done=False, text=f"{lead_id} is not held")
    campaigns = {campaign.name: campaign for campaign in work.campaigns}
    changed = tuple(placed(each, campaigns.get(each.campaign)) for each in released)
    thread = work.book.thread_of(lead_id)
    threads = (replace(thread, read=None),) if thread is not None and again else ()
    work.book.commit(Changes(enrolments=changed, threads=threads))
    return Answered(done=True, text=f"{lead_id} is released")


def _mark_default(work: Work, order: orders.MarkDefault) -> Answered:
    """Learn a default text; whose answers it corrects is found by reading their threads again."""
    owner = work.policy.owner_first_name or work.book.seat().owner_first_name
    lead = work.book.lead(order.lead_id)
    name = lead.name if lead is not None else ""
    marking = mark(order.lead_id, work.book.answers(), work.texts, owner, order.label, name)
    if isinstance(marking, Reason):
        return Answered(done=False, text=f"{marking.text} ({marking.rule})")
    if not marking.is_known:
        work.catalogue.learn(marking.label, marking.template)
    leads = [order.lead_id]
    if order.every:
        leads += [enrolment.lead_id for enrolment in marking.same]
    threads = [thread for lead in leads if (thread := work.book.thread_of(lead)) is not None]
    work.book.commit(Changes(threads=tuple(replace(thread, read=None) for thread in threads)))
    learnt = "is known" if marking.is_known else "is learnt"
    text = f"the text {learnt} as default ({marking.label}); {len(threads)} threads are read again"
    left = len(marking.same) if not order.every else 0
    return Answered(True, f"{text}, {left} others sent the same (--all)" if left else text)


def _released(enrolment: Enrolment) -> Enrolment:
    """Without its hold; the owner's messages of until now hold it no more."""
    answer = enrolment.answer
    if answer is not None and answer.sequence == "held":
        answer = replace(answer, sequence="waits")
    kind = None if enrolment.kind is Kind.UNKNOWN else enrolment.kind
    return replace(
        enrolment,
        hold=None,
        answer=answer,
        kind=kind,
        released=enrolment.foreign,
        tries=(),
        not_before=None,
    )


def _settle(work: Work, key: str, *, sent: bool) -> Answered:
    """The owner has looked an uncertain attempt up (T3)."""
    attempt = work.book.attempt(key)
    if attempt is None:
        return Answered(done=False, text=f"there is no attempt {key}")
    if attempt.state not in (AttemptState.UNCERTAIN, AttemptState.CLICKING):
        return Answered(done=False, text=f"{key} is {attempt.state}: there is nothing to settle")
    enrolment = work.book.enrolment(attempt.enrolment)
    assert enrolment is not None, "an attempt has its enrolment"
    verdict = apply.Verdict(sent, ("owner",) if sent else (), why="the owner looked it up")
    changes = apply.settle(work.scene(enrolment), enrolment, _owned(attempt), verdict)
    thread = work.book.thread_of(attempt.lead_id)
    if sent and thread is not None:  # its answer may have been read while this was in doubt
        changes = replace(changes, threads=(replace(thread, read=None),))
    work.book.commit(changes)
    return Answered(done=True, text=f"{key} is settled as {'sent' if sent else 'not sent'}")


def _owned(attempt: Attempt) -> Attempt:
    return replace(attempt, with_owner=False)


def _pause_campaign(
    work: Work, order: orders.PauseCampaign | orders.ResumeCampaign, *, paused: bool
) -> Answered:
    """A paused campaign sends nothing and goes on reading answers (S7)."""
    name = order.name
    if not order.coming and work.find_campaign(name) is None:
        return Answered(done=False, text=f"there is no campaign {name}")
    work.book.commit(Changes(campaigns=(replace(work.book.campaign(name), paused=paused),)))
    return Answered(done=True, text=f"{name} {'is paused' if paused else 'goes on'}")
