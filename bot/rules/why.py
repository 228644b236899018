"""Why a lead is not written to now: the first rule that keeps it, and when that lifts (T6).

What rules.plan decides for the whole seat is told here for each lead; simulated lives hold the two
against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.credits import Ledger
from bot.facts import Kind
from bot.model import Attempt, CampaignState, DayCounts, Enrolment, Lead, Reason, SeatState
from bot.policy import Campaign, SeatPolicy
from bot.rules import hooks, limits
from bot.rules.credits import may_spend, next_grant
from bot.rules.hooks import Task
from bot.rules.sequence import UNRELEASED, Due, coming_step, is_unreleased


def _nothing(_enrolment: Enrolment, _lead: Lead) -> Reason | None:
    return None


@dataclass(frozen=True, slots=True)
class View:
    """What the reasons of a seat's leads depend on, brought up to `now`.

    refusal        who may not be written to at all (K5, A11)
    contacted      who was written to from elsewhere, or by hand (K4)
    open_attempts  those whose end is not known (T3)
    """

    seat: SeatState
    ledger: Ledger
    today: DayCounts
    policy: SeatPolicy
    campaigns: Sequence[Campaign]
    states: Sequence[CampaignState]
    now: datetime
    refusal: Callable[[Lead], Reason | None] = lambda _lead: None
    contacted: Callable[[Enrolment, Lead], Reason | None] = _nothing
    open_attempts: Sequence[Attempt] = ()

    def campaign(self, name: str) -> Campaign | None:
        """The campaign's file; None if there is none any more."""
        return next((found for found in self.campaigns if found.name == name), None)


def why_not(enrolment: Enrolment, lead: Lead, view: View) -> Reason | None:
    """The rule that keeps a lead from being written to now; None: its message goes out next.

    A queued lead that nothing else keeps waits for its turn (K7). `until` is when the named rule
    lifts; another one may keep the lead then. Credits may come back sooner than that (C7, C8).
    """
    campaign = view.campaign(enrolment.campaign)
    if campaign is None:
        return enrolment.skip or enrolment.hold or Reason("S7", "the campaign has no file")
    step = coming_step(enrolment, campaign)
    if isinstance(step, Reason):
        return _looked_up(enrolment, view) if enrolment.sending is not None else step
    for keeps in (_people, _owner, _time, _release, _hooks, _hours, _limits):
        reason = keeps(step, enrolment, lead, view)
        if reason is not None:
            return reason
    return _turn(step, lead, view)


def _looked_up(enrolment: Enrolment, view: View) -> Reason:
    """A send whose end is not known is looked up (T3)."""
    if enrolment.hold is not None:
        return enrolment.hold
    looks = (found.look_at for found in view.open_attempts if found.key == enrolment.sending)
    look_at = next(looks, None)
    if look_at is None or look_at <= view.now:
        return Reason("T3", "a send is under way, or how it ended is not known yet")
    return Reason("T3", "how its send ended is not known: the thread is read again then", look_at)


def _people(step: Due, enrolment: Enrolment, lead: Lead, view: View) -> Reason | None:
    refused = view.refusal(lead)
    if refused is not None or step.step > 0:
        return refused
    return view.contacted(enrolment, lead)


def _owner(_step: Due, enrolment: Enrolment, _lead: Lead, view: View) -> Reason | None:
    if view.seat.halted is not None:
        return Reason("L5", f"the seat is halted: {view.seat.halted.reason}")
    if view.seat.paused:
        return Reason("S7", "the seat is paused")
    if any(state.paused for state in view.states if state.name == enrolment.campaign):
        return Reason("S7", "the campaign is paused")
    return None


def _time(step: Due, enrolment: Enrolment, _lead: Lead, view: View) -> Reason | None:
    if step.at is None or step.at <= view.now:
        return None
    if step.at == enrolment.not_before:
        return Reason("T3", "the last try did not go out: it is tried again then", step.at)
    return Reason("S3", "its time has not come", step.at)


def _release(step: Due, enrolment: Enrolment, _lead: Lead, view: View) -> Reason | None:
    campaign = view.campaign(enrolment.campaign)
    waits = campaign is not None and is_unreleased(step, enrolment, campaign)
    return UNRELEASED if waits else None


def _hooks(step: Due, _enrolment: Enrolment, _lead: Lead, view: View) -> Reason | None:
    return hooks.standing(view.seat, Task.INMAIL if step.step == 0 else Task.MESSAGE)


def _hours(_step: Due, enrolment: Enrolment, _lead: Lead, view: View) -> Reason | None:
    campaign = view.campaign(enrolment.campaign)
    hours = (campaign.hours if campaign is not None else None) or view.policy.hours
    opening = limits.next_opening(view.now, hours)
    return Reason("L3", "outside working hours", opening) if opening > view.now else None


def _limits(step: Due, enrolment: Enrolment, _lead: Lead, view: View) -> Reason | None:
    today, policy = view.today, view.policy
    tomorrow = limits.next_day_starts(view.now, policy.hours.zone)
    if step.step > 0:
        spent = limits.messages_left(today, policy) == 0
        return Reason("L2", "the day's messages are sent", tomorrow) if spent else None
    if limits.inmails_left(view.seat, today, policy) == 0:
        return Reason("L1", "today's InMails are sent", tomorrow)
    if limits.lead_pages_left(today, policy) == 0:
        return Reason("L6", "today's lead pages are opened", tomorrow)
    opened = view.ledger.granted_to is not None
    spending = may_spend(view.ledger, view.seat.shortfall, policy.credits)
    if enrolment.kind is Kind.CREDIT and opened and not spending:
        back = next_grant(view.now, policy.credits)
        return Reason("C7", "waits for credits: only the reserve is left", back)
    return None


def _turn(step: Due, lead: Lead, view: View) -> Reason | None:
    if not view.seat.threads_known:
        return Reason("K8", "the threads that were there before are read first")
    if step.step == 0:
        return Reason("K7", "waits for its turn in the queue")
    last, policy = view.seat.last_send_at, view.policy
    if last is None:
        return None
    ends = last + limits.pause(policy.name, lead.id, step.step, policy.pause_seconds)
    return Reason("L4", "the pause between two sends", ends) if ends > view.now else None
