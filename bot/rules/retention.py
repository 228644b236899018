"""Who may be forgotten by age, and why everybody else stays (K5).

A lead goes when their sequence has been over for as long as the owner said. Whatever is not over,
or that somebody still waits for, stays whatever its age.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Enrolment, Reason
from bot.policy import Campaign, RetentionPolicy
from bot.rules.sequence import Due, coming_step

IN_DOUBT = Reason("T3", "a send is under way, or how it ended is not known yet")
ASKED = Reason("T7", "an order of yours about them waits")
UNREAD = Reason("T7", "something new in their thread was not read yet")
REFUND = Reason("C11", "their InMail's credit has not surely come back yet")
QUEUED = Reason("K7", "waits in the queue")
REPLY = Reason("T7", "a reply of yours waits to be sent")
NO_FILE = Reason("S7", "their campaign has no file, so nobody knows whether the sequence is over")
NOBODY = Reason("K5", "is in no campaign")
SHOWN = "their answer is in your inbox: `leadwright done` when it is worked"


@dataclass(frozen=True, slots=True)
class Person:
    """A lead, and all that decides whether they may go.

    campaigns   those that have a file
    in_doubt    how one of their attempts ended is not known (T3)
    unread      their thread shows something that was not read
    refund_due  a refund for them is expected, or missing, in the site's balance (C11)
    asked       an order of the owner's about them is not carried out yet
    """

    lead_id: str
    enrolments: tuple[Enrolment, ...]
    campaigns: tuple[Campaign, ...] = ()
    in_doubt: bool = False
    unread: bool = False
    refund_due: bool = False
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a lead.

    since  since when they are over; None: they are not, or nothing tells when
    goes   from when on they may be forgotten; None: not by age
    stays  why not, if they stay whatever their age
    """

    since: datetime | None = None
    goes: datetime | None = None
    stays: Reason | None = None

    def may_go(self, now: datetime) -> bool:
        """Whether they may be forgotten now."""
        return self.stays is None and self.goes is not None and self.goes <= now


def fate(person: Person, policy: RetentionPolicy) -> Fate:
    """When a lead may be forgotten, or why they stay."""
    stays = _waited_for(person)
    if stays is not None:
        return Fate(stays=stays)
    times = [at for each in person.enrolments for at in _times(each)]
    since = max(times, default=None)
    days = [_days(each, policy) for each in person.enrolments]
    if since is None or 0 in days:
        return Fate(since)
    return Fate(since, since + timedelta(days=max(days)))


def _waited_for(person: Person) -> Reason | None:
    said = ((person.in_doubt, IN_DOUBT), (person.asked, ASKED), (person.unread, UNREAD),
            (person.refund_due, REFUND), (not person.enrolments, NOBODY))  # fmt: skip
    for is_so, reason in said:
        if is_so:
            return reason
    named = {campaign.name: campaign for campaign in person.campaigns}
    reasons = (_goes_on(each, named.get(each.campaign)) for each in person.enrolments)
    return next((reason for reason in reasons if reason is not None), None)


def _goes_on(enrolment: Enrolment, campaign: Campaign | None) -> Reason | None:
    """Why an enrolment is not over; an InMail that nobody answered is, when its time has come."""
    answer = enrolment.answer
    if enrolment.sending is not None:
        return IN_DOUBT
    if enrolment.hold is not None:
        return enrolment.hold
    if answer is not None and (answer.sequence == "held" or answer.check):
        return Reason(answer.rule, f"{answer.answer}: held, or to be checked")
    if answer is not None and answer.inbox and enrolment.worked is None:
        return Reason(answer.rule, SHOWN)
    if enrolment.reply is not None:
        return REPLY
    if enrolment.skip is not None:
        return None
    if enrolment.inmail is None:
        return QUEUED
    return _sequence_goes_on(enrolment, campaign)


def _sequence_goes_on(enrolment: Enrolment, campaign: Campaign | None) -> Reason | None:
    if enrolment.answer is None or enrolment.answer.sequence != "goes-on":
        return None
    if campaign is None:
        return NO_FILE
    step = coming_step(enrolment, campaign)
    return Reason("S3", "their sequence goes on") if isinstance(step, Due) else None


def _days(enrolment: Enrolment, policy: RetentionPolicy) -> int:
    """How long such an enrolment is kept; 0: for good."""
    is_open = enrolment.skip is None and enrolment.answer is None
    return policy.unanswered_days if is_open else policy.leads_days


def _times(enrolment: Enrolment) -> list[datetime]:
    """Everything that is known to have happened."""
    answered = enrolment.answer.at if enrolment.answer is not None else None
    known = (answered, enrolment.accepted_at, enrolment.credit_back, enrolment.worked)
    sent = [each.at for each in enrolment.sent]
    return [at for at in (*known, enrolment.over, *sent) if at is not None]
