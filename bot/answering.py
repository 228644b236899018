"""Orders on an answer of the inbox: reply, take the reply back, done with it."""

from __future__ import annotations

from dataclasses import replace

from bot import orders
from bot.model import Changes, Enrolment, Reason
from bot.orders import Answered
from bot.reading import refusal as forbidden
from bot.rules import replies
from bot.rules.sequence import placed
from bot.rules.wording import BREAKS
from bot.work import Work


def carry_out(work: Work, order: orders.Reply | orders.WithdrawReply | orders.Done) -> Answered:
    """Carry out one of them; doing it twice does no more than once."""
    match order:
        case orders.Reply():
            return _reply(work, order)
        case orders.WithdrawReply():
            return _withdraw(work, order)
        case orders.Done():
            return _done(work, order)


def _reply(work: Work, order: orders.Reply) -> Answered:
    """Let a reply wait to be sent: here nothing is sent, and the same word twice waits once."""
    enrolment = replies.answered(work.book.enrolments_of(order.lead_id))
    if enrolment is None:
        return _nobody(order.lead_id)
    text = BREAKS.sub("\n", order.text).strip()
    attempts = work.book.attempts_of(enrolment.key)
    told = replies.repeated(enrolment, attempts, text, order.seen)
    if told is not None:
        return Answered(done=True, text=f"the reply to {order.lead_id}: {told}")
    reason = _refusal(work, enrolment, text, order.seen)
    if reason is not None:
        return Answered(
            done=False, text=f"no reply to {order.lead_id}: {reason.text} ({reason.rule})"
        )
    _commit(work, replies.replying(enrolment, attempts, text, work.now()))
    return Answered(done=True, text=f"the reply to {order.lead_id} waits to be sent")


def _refusal(work: Work, enrolment: Enrolment, text: str, seen: str) -> Reason | None:
    lead = work.book.lead(enrolment.lead_id)
    assert lead is not None, f"{enrolment.lead_id} is in the book"
    if work.find_campaign(enrolment.campaign) is None:
        return Reason(
            "S7", f"the campaign {enrolment.campaign} has no file, so nothing is sent for it"
        )
    listed = forbidden(work.contacts, work.book.opted_out(), lead)
    return replies.changed(enrolment, seen) or listed or replies.refusal(enrolment, text)


def _withdraw(work: Work, order: orders.WithdrawReply) -> Answered:
    """Take back a reply that was not sent yet."""
    enrolment = replies.answered(work.book.enrolments_of(order.lead_id))
    if enrolment is None or enrolment.reply is None:
        return Answered(done=False, text=f"no reply to {order.lead_id} waits")
    if enrolment.sending is not None:
        text = f"it may be out already: {enrolment.sending} is not settled yet (T3)"
        return Answered(done=False, text=text)
    _commit(work, replace(enrolment, reply=None, worked=None, not_before=None))
    return Answered(done=True, text=f"the reply to {order.lead_id} is withdrawn")


def _done(work: Work, order: orders.Done) -> Answered:
    """Put an answer out of the list of open ones, or back into it."""
    enrolment = replies.answered(work.book.enrolments_of(order.lead_id))
    if enrolment is None:
        return _nobody(order.lead_id)
    reason = replies.changed(enrolment, order.seen)
    if reason is not None:
        return Answered(done=False, text=f"{reason.text} ({reason.rule})")
    if order.done is not (enrolment.worked is not None):
        _commit(work, replace(enrolment, worked=work.now() if order.done else None))
    return Answered(done=True, text=f"{order.lead_id} is {'done' if order.done else 'open again'}")


def _nobody(lead_id: str) -> Answered:
    return Answered(done=False, text=f"{lead_id} has not answered")


def _commit(work: Work, enrolment: Enrolment) -> None:
    campaign = work.find_campaign(enrolment.campaign)
    work.book.commit(Changes(enrolments=(placed(enrolment, campaign),)))
