"""What a thread that was read changes: answers, refunds, the owner's own writing (A1-A11, C5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.credits import Cause, Ledger
from bot.facts import AnswerTexts, Kind, Message, ThreadFacts
from bot.model import (
    Answer,
    Attempt,
    AttemptState,
    Changes,
    DayCounts,
    Enrolment,
    KnownThread,
    Reason,
    SeatState,
)
from bot.policy import Campaign, SeatPolicy
from bot.rules import limits
from bot.rules.answers import Judgement, judge
from bot.rules.credits import ANSWER_COUNTS_FOR, Posted, refund
from bot.rules.reconcile import found_cause
from bot.rules.replies import same_answer
from bot.rules.sequence import placed
from bot.rules.texts import text_hash

UNREAD = "A9"  # the rule of a hold that lasts until the thread can be read


@dataclass(frozen=True, slots=True)
class Reading:
    """A thread as read, with all that it is compared with.

    enrolments  of the thread's lead, over all campaigns
    attempts    of the thread's lead, whatever their state
    """

    thread: ThreadFacts
    known: KnownThread
    enrolments: tuple[Enrolment, ...]
    attempts: tuple[Attempt, ...]
    seat: SeatState
    ledger: Ledger
    today: DayCounts
    policy: SeatPolicy
    campaigns: Sequence[Campaign]
    texts: AnswerTexts
    now: datetime

    @property
    def owner_first_name(self) -> str | None:
        """The seat owner's first name: as configured, else as the site's header told it."""
        return self.policy.owner_first_name or self.seat.owner_first_name or None

    def campaign(self, name: str) -> Campaign | None:
        """The campaign's file, if it is there."""
        return next((found for found in self.campaigns if found.name == name), None)


def take_in(reading: Reading) -> Changes:
    """Take a thread in; reading it again changes nothing more (C5)."""
    foreign = foreign_messages(reading.thread, reading.attempts)
    by_owner = _begun_by_owner(reading)
    known = replace(
        reading.known,
        lead_id=reading.thread.lead_id or reading.known.lead_id,
        read=reading.known.seen,
        by_owner=by_owner,
    )
    changes = Changes(threads=(known,))
    written = next((e for e in reading.enrolments if e.inmail is not None), None)
    if by_owner and not reading.known.by_owner:
        changes = _count_manual(changes, reading)
    if by_owner and not reading.known.accepted:
        changes = _count_manual_acceptance(changes, reading)
    if written is None:
        return _keep_away(changes, reading, by_owner)
    return _answered(changes, reading, written, foreign)


def foreign_messages(thread: ThreadFacts, attempts: Sequence[Attempt]) -> int:
    """Messages that stand there as ours and that no attempt of ours wrote (A10)."""
    return len(_foreign(thread, attempts))


def _foreign(thread: ThreadFacts, attempts: Sequence[Attempt]) -> list[Message]:
    """These messages; of several copies of a text the newest."""
    ours = [attempt.text_hash for attempt in attempts]
    foreign = []
    for message in [message for message in thread.messages if message.mine]:
        hashed = text_hash(message.text or "")
        if hashed in ours:
            ours.remove(hashed)  # each attempt explains one message
        else:
            foreign.append(message)
    return foreign


def unsettled(reading: Reading) -> tuple[Attempt, ...]:
    """Attempts that were thought open or not sent and whose text stands in the thread (T3).

    One for each step at most: of several tries the open one, since a step is sent once.
    """
    certain = (AttemptState.HELD, AttemptState.SENT)
    if all(attempt.state in certain for attempt in reading.attempts):
        return ()
    shown = Counter(
        text_hash(message.text or "") for message in reading.thread.messages if message.mine
    )
    found: dict[tuple[str, int], Attempt] = {}
    still_open = {
        (attempt.enrolment, attempt.step)
        for attempt in reading.attempts
        if attempt.state not in (*certain, AttemptState.NOT_SENT)
    }
    for attempt in sorted(reading.attempts, key=lambda a: a.state is AttemptState.NOT_SENT):
        step = (attempt.enrolment, attempt.step)
        if attempt.state is AttemptState.NOT_SENT and step in still_open:
            continue  # one after the other: two that are sent of one step cannot be booked
        in_thread = attempt.clicked_at is not None and shown[attempt.text_hash] > attempt.earlier
        if attempt.state in certain or (
            in_thread and not _accounted(attempt, reading.attempts, shown)
        ):
            found.setdefault(step, attempt)
    return tuple(attempt for attempt in found.values() if attempt.state not in certain)


def _accounted(attempt: Attempt, attempts: Sequence[Attempt], shown: Counter[str]) -> bool:
    """Whether confirmed sends of the same text already explain every copy in the thread."""
    sent = sum(
        1
        for other in attempts
        if other.text_hash == attempt.text_hash and other.state is AttemptState.SENT
    )
    return shown[attempt.text_hash] <= sent


def _answered(changes: Changes, reading: Reading, enrolment: Enrolment, foreign: int) -> Changes:
    """Judge the thread of an InMail that we sent, and let the answer have its effects."""
    campaign = reading.campaign(enrolment.campaign)
    judged = judge(
        reading.thread,
        reading.texts,
        reading.owner_first_name,
        on_rejection=campaign.on_rejection if campaign is not None else "wait",
        foreign_mine=foreign > enrolment.released,
    )
    at = _moment(judged.at, enrolment, reading.now)
    accepted_at, credit_back = enrolment.accepted_at, enrolment.credit_back
    if judged.accepted and accepted_at is None:
        accepted_at = at
    posted = Posted(reading.ledger)
    if changes.ledger is not None:
        posted = Posted(changes.ledger, changes.entries)
    if _returns_credit(judged, enrolment, reading):
        posted, credit_back = _refund(posted, enrolment, reading), reading.now
    over = enrolment.hold is not None and enrolment.hold.rule == UNREAD
    answer = _answer(judged, reading.thread.why, at)
    changed = replace(
        enrolment,
        thread_id=reading.thread.id or enrolment.thread_id,
        hold=None if over else enrolment.hold,
        foreign=foreign,
        answer=answer,
        worked=enrolment.worked if same_answer(enrolment.answer, answer) else None,
        accepted_at=accepted_at,
        credit_back=credit_back,
    )
    changes = _count_manual_messages(changes, reading, foreign - enrolment.foreign)
    return replace(
        changes,
        ledger=posted.ledger,
        entries=posted.entries,
        enrolments=(placed(changed, campaign),),
        opted_out=(enrolment.lead_id,) if judged.asks_to_stop else (),
    )


def _answer(judged: Judgement, seen: tuple[str, ...], at: datetime) -> Answer | None:
    if judged.rule is None:
        return None
    return Answer(
        answer=judged.answer,
        text=judged.text,
        rule=judged.rule,
        responder=judged.responder,
        sequence=judged.sequence,
        inbox=judged.inbox,
        check=judged.check,
        at=at,
        words=judged.words,
        why=(*seen, *judged.why),
        heard=judged.heard,
    )


def _moment(at: datetime | None, enrolment: Enrolment, now: datetime) -> datetime:
    """When they answered: what the site tells, if it lies between the InMail and now."""
    inmail = enrolment.inmail
    if at is None or at > now or (inmail is not None and at < inmail.at):
        same = enrolment.answer
        return same.at if same is not None else now
    return at


def _returns_credit(judged: Judgement, enrolment: Enrolment, reading: Reading) -> bool:
    """C5: once, for a credit InMail that was accepted; or by the site's rule for any answer."""
    inmail = enrolment.inmail
    if inmail is None or inmail.kind is not Kind.CREDIT or enrolment.credit_back is not None:
        return False
    if judged.accepted:
        return True
    if reading.policy.credits.refund_on != "any-answer" or not judged.answered:
        return False
    return _moment(judged.at, enrolment, reading.now) - inmail.at <= ANSWER_COUNTS_FOR


def _refund(posted: Posted, enrolment: Enrolment, reading: Reading) -> Posted:
    inmail = enrolment.inmail
    assert inmail is not None, "only a sent InMail gives its credit back"
    gained = refund(
        posted.ledger, inmail.attempt, enrolment.lead_id, reading.now, reading.policy.credits
    )
    return Posted(gained.ledger, (*posted.entries, *gained.entries))


def _begun_by_owner(reading: Reading) -> bool:
    """Whether the owner opened this thread by hand: its first message of ours is no attempt's."""
    first = next((m for m in reading.thread.messages if m.mine), None)
    if first is None:
        return reading.known.by_owner
    return text_hash(first.text or "") not in {a.text_hash for a in reading.attempts}


def _count_manual(changes: Changes, reading: Reading) -> Changes:
    """An InMail the owner sent by hand: it counts today (L1), and may have cost a credit (C9).

    What was there before the agent's first start (K8) was paid before the ledger was opened.
    """
    if not reading.seat.threads_known:
        return changes
    first = next(m for m in reading.thread.messages if m.mine)
    zone, at = reading.policy.hours.zone, first.at or reading.now
    if limits.local_day(at, zone) == reading.today.day:
        today = replace(reading.today, manual=reading.today.manual + 1)
        changes = replace(changes, days=(today,))
    return _with_cause(changes, reading, "manual", -1, "the owner sent by hand")


def _count_manual_messages(changes: Changes, reading: Reading, new: int) -> Changes:
    """The newest *new* messages that the owner wrote in our thread: today's count today (L2)."""
    zone, today = reading.policy.hours.zone, reading.today
    written = _foreign(reading.thread, reading.attempts)[-new:] if new > 0 else []
    count = sum(limits.local_day(m.at or reading.now, zone) == today.day for m in written)
    if count == 0:
        return changes
    today = changes.days[-1] if changes.days else today
    return replace(changes, days=(replace(today, manual_messages=today.manual_messages + count),))


def _count_manual_acceptance(changes: Changes, reading: Reading) -> Changes:
    """The owner's own InMail was accepted: the site may have given its credit back (C9)."""
    judged = judge(reading.thread, reading.texts, reading.owner_first_name)
    if not judged.accepted:
        return changes
    known = tuple(replace(thread, accepted=True) for thread in changes.threads)
    changes = replace(changes, threads=known)
    if not reading.seat.threads_known:
        return changes
    why = "an InMail that the owner sent by hand was accepted"
    return _with_cause(changes, reading, "manual-accepted", 1, why)


def _with_cause(changes: Changes, reading: Reading, kind: str, credits: int, why: str) -> Changes:
    """The changes with a cause that may explain a difference of the balance (C9)."""
    key = f"{kind}/{reading.known.id}"
    cause = Cause(key, reading.now, credits, why, reading.thread.lead_id)
    seat, posted = found_cause(
        changes.seat or reading.seat,
        changes.ledger or reading.ledger,
        cause,
        reading.now,
        reading.policy.credits,
    )
    entries = (*changes.entries, *posted.entries)
    return replace(changes, seat=seat, ledger=posted.ledger, entries=entries)


def _keep_away(changes: Changes, reading: Reading, by_owner: bool) -> Changes:
    """A thread with somebody the agent has not written to: no second InMail for them (K4, K8)."""
    text = "the owner wrote to them by hand" if by_owner else "they have a thread with the owner"
    skipped = tuple(
        placed(replace(enrolment, skip=Reason("K4", text)), reading.campaign(enrolment.campaign))
        for enrolment in reading.enrolments
        if enrolment.sending is None and enrolment.skip is None
    )
    return replace(changes, enrolments=skipped)
