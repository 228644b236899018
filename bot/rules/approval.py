"""The owner's word on a text before it goes out: released as it stands or edited, or declined (S8).

What was released is what is sent, whatever becomes of template and lead afterwards: it is what the
owner saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.approved import Approved
from bot.model import CampaignState, Changes, Enrolment, Lead, Reason
from bot.policy import Campaign
from bot.rules.sequence import Due, coming_step, placed
from bot.rules.wording import Wording, compose

FIRST = 10  # of `first-10`

DECLINED = Reason("S8", "you declined its text: nothing more is sent in this campaign")


@dataclass(frozen=True, slots=True)
class Asked:
    """One step of an enrolment about which its owner says something, and what stands around it."""

    enrolment: Enrolment
    campaign: Campaign
    state: CampaignState
    step: int
    now: datetime


def of_state(campaign: Campaign, states: Sequence[CampaignState]) -> Campaign:
    """The campaign as the seat's state makes it: after ten releases `first-10` asks no more."""
    approved = next((state.approved for state in states if state.name == campaign.name), 0)
    return replace(campaign, ten_approved=approved >= FIRST)


def wording_of(campaign: Campaign, step: int, lead: Lead, enrolment: Enrolment) -> Wording | Reason:
    """What a lead gets as *step*: the text that the owner released, else the filled template."""
    approved = enrolment.approved_of(step)
    if approved is not None:
        return Wording(approved.subject, approved.body)
    assert not campaign.asks, "plan names no step whose text waits for the owner (S8)"
    return compose(campaign, step, lead)


def approve(asked: Asked, text: Wording) -> Changes | Reason | None:
    """Release *text* for a step that waits, or in place of what was released and is not sent yet.

    None: that very text is released already. A Reason says why it cannot be.
    """
    enrolment, campaign = asked.enrolment, asked.campaign
    before = enrolment.approved_of(asked.step)
    if before is not None and (before.subject, before.body) == (text.subject, text.body):
        return None
    step = _coming(asked)
    if isinstance(step, Reason):
        return step
    if before is None and not campaign.asks:
        return _unasked(campaign)
    approved = Approved(asked.step, asked.now, text.subject, text.body)
    others = tuple(each for each in enrolment.approved if each.step != asked.step)
    changed = placed(replace(enrolment, approved=(*others, approved)), campaign)
    if before is not None:
        return Changes(enrolments=(changed,))
    counted = replace(asked.state, approved=asked.state.approved + 1)
    return Changes(enrolments=(changed,), campaigns=(counted,))


def decline(asked: Asked) -> Changes | Reason | None:
    """End the sequence of a lead whose text waits, or is released and not sent yet.

    None: that was done already.
    """
    enrolment, campaign = asked.enrolment, asked.campaign
    if enrolment.skip == DECLINED:
        return None
    step = _coming(asked)
    if isinstance(step, Reason):
        return step
    if enrolment.approved_of(asked.step) is None and not campaign.asks:
        return _unasked(campaign)
    return Changes(enrolments=(placed(replace(enrolment, skip=DECLINED), campaign),))


def _unasked(campaign: Campaign) -> Reason:
    return Reason("S8", f"no text of {campaign.name} waits for a release")


def _coming(asked: Asked) -> Due | Reason:
    """The step that is asked about, if it is the next one."""
    step = coming_step(asked.enrolment, asked.campaign)
    if isinstance(step, Due) and step.step != asked.step:
        return Reason("S8", "another step comes next: look at the texts that wait now")
    return step
