"""What a commit, or a look at the books, is to be told of (bot.calls.Event)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from bot.calls import Event, Person, Said, Topic
from bot.model import Answer, Attempt, AttemptState, Changes, DayCounts, Enrolment, Lead, SeatState
from bot.rules.audit import LotAhead, RefundDue
from bot.rules.replies import same_answer

EXPIRES_WITHIN_DAYS = 7


@dataclass(frozen=True, slots=True)
class Before:
    """What stood in the book before a commit, of the records that it replaces.

    leads  the people of those records, as they are after it
    """

    seat: SeatState
    enrolments: Mapping[str, Enrolment]
    attempts: Mapping[str, Attempt]
    leads: Mapping[str, Lead]


def concerned(changes: Changes) -> tuple[tuple[Enrolment, ...], tuple[Attempt, ...]]:
    """The records of a commit that may be told of: what stood before is asked for these alone."""
    answered = tuple(each for each in changes.enrolments if each.answer is not None)
    sent = tuple(each for each in changes.attempts if each.state is AttemptState.SENT)
    return answered, sent


def events_of(changes: Changes, before: Before, *, texts: bool) -> tuple[Event, ...]:
    """What a commit is to be told of. `texts`: what recipients wrote, too.

    Only what is new against *before* is: committing a record again, or anything else of it, tells
    nothing.
    """
    answered, sent = concerned(changes)
    found: list[Event] = []
    if changes.seat is not None:
        found += _of_seat(before.seat, changes.seat)
    for attempt in sent:
        found += _of_attempt(before, attempt)
    for enrolment in answered:
        found += _of_enrolment(before, enrolment, texts=texts)
    return tuple(found)


def _of_seat(before: SeatState, seat: SeatState) -> Iterator[Event]:
    halted = seat.halted
    if halted is not None and before.halted is None:
        what = f"{halted.kind}/{halted.since.isoformat()}"
        yield Event(Topic.HALTED, what, halted.since, halted.reason, kind=halted.kind)
    known = {(hook.name, hook.since) for hook in before.broken}
    for hook in seat.broken:
        if (hook.name, hook.since) not in known:
            what = f"{hook.name}/{hook.since.isoformat()}"
            yield Event(Topic.BROKEN_HOOK, what, hook.since, f"{hook.name}: {hook.why}")


def _of_attempt(before: Before, attempt: Attempt) -> Iterator[Event]:
    known = before.attempts.get(attempt.key)
    if known is not None and known.state is AttemptState.SENT:
        return
    yield Event(
        Topic.SENT,
        attempt.key,
        attempt.clicked_at or attempt.held_at,
        campaign=attempt.campaign,
        person=_person(before, attempt.lead_id),
        step=attempt.step,
        kind=attempt.kind,
    )


def _of_enrolment(before: Before, enrolment: Enrolment, *, texts: bool) -> Iterator[Event]:
    answer, known = enrolment.answer, before.enrolments.get(enrolment.key)
    assert answer is not None, "only those who answered are looked at"
    earlier = known.answer if known is not None else None
    topics: list[Topic] = []
    shown = earlier is not None and earlier.inbox and same_answer(earlier, answer)
    if answer.inbox and not shown:
        topics.append(Topic.ANSWER)
    if enrolment.accepted_at is not None and (known is None or known.accepted_at is None):
        topics.append(Topic.ACCEPTED)
    if answer.answer == "rejected" and (earlier is None or earlier.answer != "rejected"):
        topics.append(Topic.REJECTED)
    words = answer.words if texts else ""
    said = Said(answer.answer, answer.rule, answer.responder, answer.check, words)
    for topic in topics:
        yield Event(
            topic,
            _occurrence(topic, enrolment, answer),
            answer.at,
            campaign=enrolment.campaign,
            person=_person(before, enrolment.lead_id),
            said=said,
        )


def _occurrence(topic: Topic, enrolment: Enrolment, answer: Answer) -> str:
    """What names one answer. Somebody accepts once (C5); what they say may be said again."""
    if topic is Topic.ACCEPTED:
        return enrolment.key
    words = sha256(answer.words.encode()).hexdigest()[:16]
    said = f"{answer.answer}/{answer.heard}/{words}/{answer.at.isoformat()}"
    return f"{enrolment.key}/{said}"


def _person(before: Before, lead_id: str) -> Person:
    lead = before.leads.get(lead_id)
    return Person(lead_id, lead.name if lead is not None else "")


# --- found by looking ---------------------------------------------------------------------------


def expiring(lots: Sequence[LotAhead], now: datetime) -> Iterator[Event]:
    """Lots that expire within a week with credits left at the present pace (C3): once for each."""
    for lot in lots:
        if lot.unused > 0 and lot.days_left < EXPIRES_WITHIN_DAYS:
            what = f"{lot.born_at.isoformat()}/{lot.expires_at.isoformat()}"
            reason = f"{lot.unused} credits will expire unused on {lot.expires_at:%Y-%m-%d} (UTC)"
            figures = (("credits", lot.unused), ("days_left", lot.days_left))
            yield Event(Topic.CREDITS_EXPIRING, what, now, reason, figures=figures)


def missing(
    refunds: Sequence[RefundDue], leads: Mapping[str, Lead], now: datetime
) -> Iterator[Event]:
    """Refunds that the site has not shown in time (C11): once for each InMail."""
    for refund in refunds:
        lead = leads.get(refund.lead_id or "")
        person = Person(lead.id, lead.name) if lead is not None else None
        reason = f"the refund that was booked on {refund.booked_at:%Y-%m-%d} is not on the site"
        yield Event(Topic.REFUND_MISSING, refund.attempt, now, reason, person=person)


def emptied(campaigns: Mapping[str, int], now: datetime) -> Iterator[Event]:
    """Campaigns whose queue is empty, with their leads: once, until more are imported."""
    for name, leads in campaigns.items():
        reason = f"nobody of its {leads} leads waits for an InMail any more"
        figures = (("leads", leads),)
        what = f"{name}/{leads}"
        yield Event(Topic.QUEUE_EMPTY, what, now, reason, campaign=name, figures=figures)


def stopped(why: str, day: date, at: datetime) -> Event:
    """The daemon gave up: told once a day for each reason, however often it is started again."""
    return Event(Topic.STOPPED, f"{day.isoformat()}/{why}", at, why)


def summary(
    counts: DayCounts, figures: tuple[tuple[str, int], ...], day: date, at: datetime
) -> Event:
    """A day of the seat's zone, once. *figures*: what else there is to tell."""
    of_day = (
        ("inmails", counts.inmails + counts.manual),
        ("inmails_by_hand", counts.manual),
        ("messages", counts.messages),
        ("messages_by_hand", counts.manual_messages),
    )
    return Event(Topic.DAILY_SUMMARY, day.isoformat(), at, figures=(*of_day, *figures))
