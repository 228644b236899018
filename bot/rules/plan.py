"""The next action, or why there is none (T6). The first rule that speaks wins.

1  a halted or paused seat waits for its owner (L5, S7)
2  an attempt whose end is not known is looked up (T3)
3  nothing is opened outside working hours (L3)
4  answers are read before anything is sent: the inbox when it is due, each changed thread (K8)
5  messages that are due, the longest due first, up to the day's limit (S2, S3, L2)
6  an audience that is not imported yet
7  InMails, up to the day's limit (L1, L6); for a credit only above the reserve (C6, C7)
8  else wait for the next moment that can change any of this

What waits for the owner's release is neither due nor in the queue, and blocks nothing (S8). Each of
2 and 4 to 7 is left out while a hook that it needs is broken, and before the first send of
a day the pages that it needs are looked at (T8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.facts import Kind
from bot.model import (
    Action,
    AttemptState,
    Brief,
    CampaignState,
    Canary,
    Enrolment,
    Import,
    ReadInbox,
    ReadThread,
    Reason,
    SendInMail,
    SendMessage,
    Settle,
    Wait,
)
from bot.policy import Campaign, Hours, SeatPolicy
from bot.rules import hooks, limits
from bot.rules.credits import may_spend, next_grant
from bot.rules.hooks import Task
from bot.rules.sequence import Due, next_step

# A time that lies further ahead was written by a clock that was wrong and has been put right.
AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A brief with all that is needed to decide on it."""

    brief: Brief
    policy: SeatPolicy
    campaigns: Sequence[Campaign]
    now: datetime

    def campaign(self, name: str) -> Campaign | None:
        """The campaign's file as it is now; None if there is none any more."""
        for found in self.campaigns:
            if found.name == name:
                return found
        return None

    def stopped(self, task: Task) -> Reason | None:
        """The broken hook that keeps a task from being done now (T8)."""
        return hooks.stopped(self.brief.seat, task, self.now)

    def hours(self, name: str) -> Hours:
        """The working hours of a campaign: its own, or the seat's."""
        found = self.campaign(name)
        return found.hours if found is not None and found.hours is not None else self.policy.hours


def plan(brief: Brief, policy: SeatPolicy, campaigns: Sequence[Campaign], now: datetime) -> Action:
    """Return the one thing to do next."""
    moment = Moment(brief, policy, campaigns, now)
    if brief.seat.halted is not None:
        return Wait(None, Reason("L5", f"the seat is halted: {brief.seat.halted.reason}"))
    if brief.seat.paused:
        return Wait(None, Reason("S7", "the seat is paused"))
    settled = _settle(moment)
    if settled is not None:
        return settled
    opening = _opening(moment)
    if opening > now:
        return _wait(moment, Reason("L3", "outside working hours", opening))
    if _inbox_due(moment) <= now:
        return ReadInbox()
    if brief.unread_thread is not None and moment.stopped(Task.READ_THREAD) is None:
        return ReadThread(brief.unread_thread.id, brief.unread_thread.lead_id)
    return _send(moment)


def _settle(moment: Moment) -> Settle | None:
    """An attempt that died *held* or *clicking* at once, an uncertain one when its time comes.

    One that died *held* needs no page; the others wait while threads cannot be read.
    """
    stopped = moment.stopped(Task.SETTLE) is not None
    for attempt in moment.brief.open_attempts:
        if attempt.with_owner or (stopped and attempt.state is not AttemptState.HELD):
            continue
        look_at = attempt.look_at
        ripe = look_at is None or look_at <= moment.now or look_at - moment.now > AHEAD
        if attempt.state is not AttemptState.UNCERTAIN or ripe:
            return Settle(attempt.key, attempt.lead_id)
    return None


def _send(moment: Moment) -> Action:
    """Messages first, then the audience, then InMails; the pause of L4 before each send."""
    action: SendMessage | SendInMail | None
    action, no_message = _message(moment)
    if action is None:
        wanted = _import(moment)
        if wanted is not None:
            return wanted
        action, no_inmail = _inmail(moment)
        if action is None:
            return _wait(moment, no_message or no_inmail)
    last, step = moment.brief.seat.last_send_at, getattr(action, "step", 0)
    if last is not None and last - moment.now <= AHEAD:
        gap = limits.pause(moment.policy.name, action.lead_id, step, moment.policy.pause_seconds)
        if last + gap > moment.now:
            return Wait(last + gap, Reason("L4", "the pause between two sends", last + gap))
    return _canary(moment, action) or action


def _canary(moment: Moment, action: SendMessage | SendInMail) -> Canary | None:
    """The look at the pages that today's sends need, before the first of them (T8).

    The last lead page of a day (L6) is left to the send itself, which stops at the same hooks.
    """
    seat, day = moment.brief.seat, moment.brief.today.day
    pages = hooks.to_look_at(seat, Task.INMAIL, day, moment.now)
    message: SendMessage | None = None
    if isinstance(action, SendInMail):
        inmail: SendInMail | None = action
    else:
        inmail, message = _inmail(moment)[0] if pages else None, action
        pages = pages if inmail is not None else set()
        pages |= hooks.to_look_at(seat, Task.MESSAGE, day, moment.now)
    lead = not pages.isdisjoint(hooks.LEAD_PAGES)
    lead = lead and limits.lead_pages_left(moment.brief.today, moment.policy) > 1
    thread = not pages.isdisjoint(hooks.THREAD_PAGES)
    if not lead and not thread:
        return None
    return Canary(
        lead,
        thread,
        inmail.enrolment if inmail is not None else None,
        message.enrolment if message is not None else None,
    )


def _message(moment: Moment) -> tuple[SendMessage | None, Reason | None]:
    """The message that is longest due, or None with the rule that holds what is due."""
    held = moment.stopped(Task.MESSAGE)
    if held is not None:
        return None, held if moment.brief.due else None
    for enrolment in moment.brief.due:
        campaign = moment.campaign(enrolment.campaign)
        step = next_step(enrolment, campaign) if campaign is not None else None
        if not isinstance(step, Due) or step.at is None or step.at > moment.now:
            continue
        if limits.messages_left(moment.brief.today, moment.policy) == 0:
            held = Reason("L2", "the day's messages are sent", _tomorrow(moment))
            continue
        if not limits.is_open(moment.now, moment.hours(enrolment.campaign)):
            continue
        action = SendMessage(enrolment.key, enrolment.lead_id, enrolment.campaign, step.step)
        return action, None
    return None, held


def _import(moment: Moment) -> Import | None:
    """The next page of an audience, when InMails may go out at all today."""
    for state in moment.brief.campaigns:
        campaign, page = moment.campaign(state.name), _page_to_import(moment, state)
        if campaign is None or page is None:
            continue
        if not limits.is_open(moment.now, moment.hours(state.name)):
            continue
        is_page = not campaign.audience.lower().endswith(".csv")
        if is_page and moment.stopped(Task.IMPORT) is not None:
            continue
        return Import(state.name, page) if no_inmail_today(moment) is None else None
    return None


def _page_to_import(moment: Moment, state: CampaignState) -> int | None:
    """The page of a campaign's audience that is imported next; None: all are, or it is paused."""
    campaign = moment.campaign(state.name)
    if campaign is None or state.paused:
        return None
    return state.cursor if state.audience == campaign.audience else 1


def no_inmail_today(moment: Moment) -> Reason | None:
    """Why no InMail at all may go out any more today (L1, L6); None: some may."""
    brief, policy = moment.brief, moment.policy
    if limits.inmails_left(brief.seat, brief.today, policy) == 0:
        limit = limits.inmail_limit(brief.seat, brief.today.day, policy)
        return Reason("L1", f"today's {limit} InMails are sent", _tomorrow(moment))
    if limits.lead_pages_left(brief.today, policy) == 0:
        text = f"today's {policy.lead_pages_per_day} lead pages are opened"
        return Reason("L6", text, _tomorrow(moment))
    return None


def _inmail(moment: Moment) -> tuple[SendInMail | None, Reason]:
    """The first of the queue that may be written to, or the rule that holds the queue."""
    brief = moment.brief
    reason = no_inmail_today(moment) or _not_read_yet(moment) or moment.stopped(Task.INMAIL)
    if reason is not None:
        return None, reason
    open_now = [
        head
        for head in brief.queue
        if limits.is_open(moment.now, moment.hours(head.campaign))
        and moment.campaign(head.campaign) is not None
    ]
    spending = may_spend_now(moment)
    heads = [head for head in open_now if spending or head.kind is not Kind.CREDIT]
    if heads:
        first = min(heads, key=lambda head: _rank(head, moment))
        return SendInMail(first.key, first.lead_id, first.campaign, spending), Reason("K7", "")
    if open_now:
        back = next_grant(moment.now, moment.policy.credits)
        return None, Reason("C7", "the rest of the queue waits for credits", back)
    if brief.previews:
        return None, Reason("S8", "texts wait for your release: `leadwright approve` shows them")
    return None, Reason("K7", "the queue is empty")


def _not_read_yet(moment: Moment) -> Reason | None:
    """Nobody is written to before the threads of a new seat could be read (K8)."""
    if moment.brief.seat.threads_known:
        return None
    return moment.stopped(Task.READ_INBOX) or moment.stopped(Task.READ_THREAD)


def may_spend_now(moment: Moment) -> bool:
    """Whether a credit InMail may go out (C6). A ledger that is not open asks the composer."""
    brief = moment.brief
    if brief.ledger.granted_to is None:
        return True
    return may_spend(brief.ledger, brief.seat.shortfall, moment.policy.credits)


def _rank(head: Enrolment, moment: Moment) -> tuple[int, int]:
    """K7: the order of import; credit-first and free-first rank those whose kind is known."""
    campaign = moment.campaign(head.campaign)
    order = (campaign.order if campaign is not None else None) or moment.policy.order
    first = {"credit-first": Kind.CREDIT, "free-first": Kind.FREE}.get(order)
    return (0 if first is not None and head.kind is first else 1, head.position)


def _wait(moment: Moment, reason: Reason) -> Wait:
    """Wait for the earliest moment that can change anything, but only for working moments."""
    brief, now = moment.brief, moment.now
    moments = [_inbox_due(moment), *([reason.until] if reason.until is not None else [])]
    moments += _openings(moment)
    moments += hooks.again_at(brief.seat, now)
    if brief.next_due_at is not None:
        moments.append(brief.next_due_at)
    at = min(_opening(moment, max(when, now)) for when in moments)
    looks = [a.look_at for a in brief.open_attempts if a.look_at is not None and not a.with_owner]
    stopped = moment.stopped(Task.SETTLE)
    if looks and stopped is not None and stopped.until is not None:
        looks = [stopped.until]
    return Wait(min([at, *looks]), reason)


def _openings(moment: Moment) -> list[datetime]:
    """When campaigns that have something to do open again, of those that are closed now (L3)."""
    brief, now = moment.brief, moment.now
    waiting = {each.campaign for each in (*brief.due, *brief.queue)}
    waiting |= {state.name for state in brief.campaigns if _page_to_import(moment, state)}
    all_hours = [moment.hours(name) for name in waiting if moment.campaign(name) is not None]
    closed = [hours for hours in all_hours if not limits.is_open(now, hours)]
    return [limits.next_opening(now, hours) for hours in closed]


def _opening(moment: Moment, when: datetime | None = None) -> datetime:
    """The next moment in the hours of the seat or of any campaign that has its own."""
    at = moment.now if when is None else when
    opening = limits.next_opening(at, moment.policy.hours)
    for found in moment.campaigns:
        if found.hours is not None:
            opening = min(opening, limits.next_opening(at, found.hours))
    return opening


def _inbox_due(moment: Moment) -> datetime:
    stopped = moment.stopped(Task.READ_INBOX)
    if stopped is not None and stopped.until is not None:
        return stopped.until
    read_at = moment.brief.seat.inbox_read_at
    if read_at is None or read_at > moment.now:  # a clock that was set back must not skip a look
        return moment.now
    return read_at + timedelta(minutes=moment.policy.read_inbox_minutes)


def _tomorrow(moment: Moment) -> datetime:
    return limits.next_day_starts(moment.now, moment.policy.hours.zone)
