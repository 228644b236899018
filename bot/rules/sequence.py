"""What each enrolment may get next, or what holds it (S2-S4, S7, S8, T6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from bot.facts import Kind
from bot.model import CampaignState, Enrolment, Phase, Reason
from bot.policy import Campaign
from bot.replies import Reply, is_reply
from bot.rules.replies import mark_of

MAX_TRIES = 3  # one, and two more after "not sent" (T3)
FIRST_FOLLOW_UP = 2
UNRELEASED = Reason("S8", "its text waits for your release: `leadwright approve` shows it")
_GOING = ("queued", "looking", "sending", "waiting", "accepted", "following-up")
STATES = (*_GOING, "responded", "done", "rejected", "held", "skipped")


@dataclass(frozen=True, slots=True)
class Due:
    """*step* may be sent from `at` on; None: as soon as its turn comes."""

    step: int
    at: datetime | None


def next_step(enrolment: Enrolment, campaign: Campaign) -> Due | Reason:
    """What an enrolment may be sent next, or the rule that holds it."""
    step = coming_step(enrolment, campaign)
    if isinstance(step, Due) and is_unreleased(step, enrolment, campaign):
        return UNRELEASED
    return step


def is_unreleased(step: Due, enrolment: Enrolment, campaign: Campaign) -> bool:
    """Whether a step waits until the owner has released its text (S8); a reply is their own."""
    return campaign.asks and not is_reply(step.step) and enrolment.approved_of(step.step) is None


def coming_step(enrolment: Enrolment, campaign: Campaign) -> Due | Reason:
    """The next step, released or not (S8), or the rule that holds it.

    Only an accepted InMail gets messages (S4); each waits its days after the message before it
    was really sent, the first after the acceptance (S3).
    """
    if enrolment.skip is not None:
        return enrolment.skip
    if enrolment.hold is not None:
        return enrolment.hold
    if enrolment.sending is not None:
        return Reason("T3", "a send is under way, or how it ended is not known yet")
    if enrolment.inmail is None:
        return Due(0, enrolment.not_before)
    if enrolment.reply is not None:
        return _next_reply(enrolment, enrolment.reply)
    return _next_message(enrolment, campaign)


def _next_reply(enrolment: Enrolment, reply: Reply) -> Due | Reason:
    """The owner's word goes first, and only into the thread that they had seen (T7)."""
    if reply.seen != mark_of(enrolment):
        text = "the thread has changed since you wrote the reply: look, then reply again"
        return Reason("T7", text)
    return Due(reply.step, _latest(reply.at, enrolment.not_before))


def _next_message(enrolment: Enrolment, campaign: Campaign) -> Due | Reason:
    answer = enrolment.answer
    if answer is None:
        return Reason("S4", "no answer yet")
    if answer.rule == "A10" and answer.sequence == "held":
        told = "no answer yet" if answer.answer == "none" else answer.answer
        return Reason("A10", f"{told}; you wrote in the thread by hand: held until released")
    if answer.sequence != "goes-on":
        return Reason(answer.rule, f"{answer.answer}: the sequence {answer.sequence}")
    accepted_at = enrolment.accepted_at or answer.at
    last = max(sent.step for sent in enrolment.sent if not is_reply(sent.step))
    if last == 0 and campaign.acceptance is not None:
        return Due(1, _latest(accepted_at, enrolment.not_before))
    step = max(last + 1, FIRST_FOLLOW_UP)
    if campaign.template(step) is None:
        return Reason("S3", "the sequence is complete")
    before = max((sent.at for sent in enrolment.sent if sent.step > 0), default=accepted_at)
    waits = timedelta(days=campaign.follow_ups[step - FIRST_FOLLOW_UP].after_days)
    return Due(step, _latest(before + waits, enrolment.not_before))


def placed(enrolment: Enrolment, campaign: Campaign | None) -> Enrolment:
    """The enrolment with what the store's index needs: its phase, and when it is due.

    Without its campaign's file nothing is planned for it.
    """
    phase, due_at = Phase.REST, None
    step = coming_step(enrolment, campaign) if campaign is not None else None
    if campaign is not None and isinstance(step, Due):
        phase, due_at = _phase(step.step), step.at
        if is_unreleased(step, enrolment, campaign):
            phase = Phase.PREVIEW
    if (phase, due_at) == (enrolment.phase, enrolment.due_at):
        return enrolment
    return replace(enrolment, phase=phase, due_at=due_at)


def _phase(step: int) -> Phase:
    if is_reply(step):
        return Phase.REPLY
    return Phase.MESSAGE if step > 0 else Phase.QUEUE


def state_of(enrolment: Enrolment) -> str:
    """The lead's state in the words of `leads list`."""
    if enrolment.sending is not None:
        return "sending"
    if enrolment.skip is not None:
        return "skipped"
    answer = enrolment.answer
    if answer is not None and (answer.responder or answer.sequence == "stops"):
        return "rejected" if answer.answer == "rejected" else "responded"
    if enrolment.hold is not None or (answer is not None and answer.sequence == "held"):
        return "held"
    if enrolment.inmail is None:
        return "queued" if enrolment.kind is not Kind.UNKNOWN else "looking"
    if answer is None:
        return "waiting"
    return _state_after(enrolment, answer.answer)


def _state_after(enrolment: Enrolment, answer: str) -> str:
    if answer == "rejected":
        return "rejected"
    if enrolment.phase is Phase.REST and enrolment.accepted_at is not None:
        return "done"
    messages = [s for s in enrolment.sent if s.step > 0 and not is_reply(s.step)]
    return "following-up" if messages else "accepted"


def template_hash(template: str) -> str:
    """What identifies a step's text in the state (S7)."""
    return sha256(template.encode()).hexdigest()[:16]


def used(state: CampaignState, step: int, campaign: Campaign) -> CampaignState:
    """The campaign's state with *step* marked as sent (S7): the newest text counts."""
    mark = (step, template_hash(campaign.template(step) or ""))
    if mark in state.used:
        return state
    kept = tuple(pair for pair in state.used if pair[0] != step)
    return replace(state, used=tuple(sorted((*kept, mark))))


def _latest(due_at: datetime, not_before: datetime | None) -> datetime:
    return due_at if not_before is None else max(due_at, not_before)
