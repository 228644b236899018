"""The agent's books held against the practice site's truth, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.credits import EntryKind
from bot.model import Enrolment
from bot.policy import SeatPolicy
from bot.practice.people import What
from bot.practice.purse import CreditCause
from bot.practice.records import Answered, By, Delivery, SendKind, Truth
from bot.replies import is_reply
from bot.rules import limits
from bot.rules.texts import text_hash
from bot.store.store import Store

MOST_A_DAY = 10
FOLLOW_UP_DAYS = (timedelta(days=3), timedelta(days=30))

# What a recipient did, and the (answer, responder) that the books must then show for it alone.
# Written from the rules (A1-A11), not taken from the code that judges threads.
EXPECTED = {
    What.ACCEPT_DEFAULT: ("accepted", False),
    What.ACCEPT_WITHOUT_TEXT: ("accepted", False),
    What.ACCEPT_EDITED: ("accepted", True),
    What.REJECT_DEFAULT: ("rejected", False),
    What.REJECT_WITHOUT_TEXT: ("rejected", False),
    What.REJECT_EDITED: ("rejected", False),
    What.OWN_WORDS: ("own-words", True),
    What.ACCEPT_OTHER_TEXT: ("accepted", True),
    What.REJECT_OTHER_TEXT: ("rejected", False),
    What.DELETED: ("unreadable", False),
    What.ASKS_TO_STOP: ("own-words", True),
    What.REJECT_ASKS_TO_STOP: ("rejected", False),
}
GOES_ON = {What.ACCEPT_DEFAULT, What.ACCEPT_WITHOUT_TEXT}


@dataclass(frozen=True, slots=True)
class Line:
    """One promise, whether it was kept, and what was compared."""

    promise: str
    kept: bool
    told: str


def compare(
    book: Store, truth: Truth, policy: SeatPolicy, read_until: datetime
) -> tuple[Line, ...]:
    """Every promise that truth and books can prove; `read_until`: when the inbox was read last."""
    ours = [d for d in truth.deliveries if d.by is By.PAGE]
    inmails = [d for d in ours if d.kind is SendKind.INMAIL]
    enrolments = list(book.enrolments())
    replies = {(e.lead_id, s.text_hash) for e in enrolments for s in e.sent if is_reply(s.step)}
    of_sequence = (d for d in ours if (d.lead_id, text_hash(d.body)) not in replies)
    messages = [d for d in of_sequence if d.kind is SendKind.MESSAGE]
    return (
        _never_twice(inmails),
        _most_a_day(inmails, policy.hours.zone),
        _reserve(inmails),
        _same_messages(enrolments, ours),
        _only_to_the_willing(messages, truth.answers),
        _same_day(ours, truth.answers, policy, read_until),
        _spacing(messages),
        _answers(enrolments, truth, {d.lead_id for d in inmails}, read_until),
        _refunds(book, inmails, truth.answers),
        _balance(book, truth),
    )


def _never_twice(inmails: Sequence[Delivery]) -> Line:
    most = max(Counter(d.lead_id for d in inmails).values(), default=0)
    return Line("nobody got two InMails", most <= 1, f"{len(inmails)} InMails, at most {most} each")


def _most_a_day(inmails: Sequence[Delivery], zone: ZoneInfo) -> Line:
    days = Counter(d.at.astimezone(zone).date() for d in inmails)
    most = max(days.values(), default=0)
    told = f"{len(days)} days with InMails, at most {most}"
    return Line("no day had more than 10 InMails", most <= MOST_A_DAY, told)


def _reserve(inmails: Sequence[Delivery]) -> Line:
    paid = [d for d in inmails if d.cost]
    least = min((d.balance_before for d in paid), default=0)
    free = len(inmails) - len(paid)
    told = f"{len(paid)} credit InMails, the last one of {least} credits, {free} free ones"
    return Line("the last credit was kept", not paid or least > 1, told)


def _same_messages(enrolments: Sequence[Enrolment], ours: Sequence[Delivery]) -> Line:
    """Who got which text when: the same in both, to the second of the simulated clock."""
    known = Counter((e.lead_id, s.text_hash, s.at) for e in enrolments for s in e.sent)
    true = Counter((d.lead_id, text_hash(d.body), d.at) for d in ours)
    told = f"{known.total()} in the books, {true.total()} on the site"
    differ = (known - true) + (true - known)
    if differ:
        told += f", {differ.total()} differ: {sorted(lead for lead, _, _ in differ)[:3]}"
    return Line("the books know every message, and no other", known == true, told)


def _only_to_the_willing(messages: Sequence[Delivery], answers: Sequence[Answered]) -> Line:
    wrong = []
    for sent in messages:
        before = [a.what for a in answers if a.lead_id == sent.lead_id and a.at < sent.at]
        responder = any(EXPECTED[what][1] for what in before)
        if not before or responder or before[-1] not in GOES_ON:
            wrong.append(sent.lead_id)
    told = f"{len(messages)} messages, {len(wrong)} to somebody else"
    return Line("messages went to default acceptances only", not wrong, told)


def _same_day(
    ours: Sequence[Delivery], answers: Sequence[Answered], policy: SeatPolicy, read_until: datetime
) -> Line:
    """By the end of the day on which the seat could first have read the acceptance (S2)."""
    hours, every = policy.hours, timedelta(minutes=policy.read_inbox_minutes)
    counts, late = Counter[str](), []
    for accepted in answers:
        told = [a for a in answers if a.lead_id == accepted.lead_id]
        sent = [d.at for d in ours if d.lead_id == accepted.lead_id]
        later = [limits.local_day(at, hours.zone) for at in sent if at > accepted.at]
        if accepted.what not in GOES_ON or accepted is not told[0] or not sent:
            continue
        due = limits.local_day(limits.next_opening(accepted.at + every, hours), hours.zone)
        silenced = any(limits.local_day(a.at, hours.zone) <= due for a in told[1:])
        if silenced or due >= limits.local_day(read_until, hours.zone):
            continue
        day = min(later, default=None)
        if day is None or day > due:
            late.append(accepted.lead_id)
        same = day == limits.local_day(accepted.at, hours.zone)
        counts["same day" if same else "next working day"] += 1
    text = f"{counts['same day']} on the same day, {counts['next working day']} on the next working"
    text += f" one, {len(late)} late {late[:3] or ''}"
    return Line("each default acceptance got its message the same day", not late, text.strip())


def _spacing(messages: Sequence[Delivery]) -> Line:
    """Follow-ups 3 to 30 days after the message before; weekends may add two (S3)."""
    by_lead: dict[str, list[Delivery]] = {}
    for sent in messages:
        by_lead.setdefault(sent.lead_id, []).append(sent)
    gaps = [later.at - earlier.at for sent in by_lead.values() for earlier, later in pairwise(sent)]
    kept = all(FOLLOW_UP_DAYS[0] <= gap <= FOLLOW_UP_DAYS[1] for gap in gaps)
    least, most = min(gaps, default=None), max(gaps, default=None)
    told = f"{len(gaps)} follow-ups, {_days(least)} to {_days(most)} apart"
    return Line("follow-ups kept their 3 to 30 days", kept, told)


def _days(gap: timedelta | None) -> str:
    return f"{gap / timedelta(days=1):.1f} days" if gap is not None else "none"


def _answers(
    enrolments: Sequence[Enrolment], truth: Truth, written: set[str], read_until: datetime
) -> Line:
    told: dict[str, list[What]] = {}
    for answer in truth.answers:
        if answer.lead_id in written and answer.at < read_until:
            told.setdefault(answer.lead_id, []).append(answer.what)
    shown = {e.lead_id: e.answer for e in enrolments if e.inmail is not None}
    wrong = []
    for lead_id, whats in told.items():
        known = shown.get(lead_id)
        if known is None or (known.answer, known.responder) != meant(whats):
            wrong.append(lead_id)
    text = f"{len(told)} people answered, {len(wrong)} are wrong in the books {wrong[:3] or ''}"
    return Line("every answer is known for what it is", not wrong, text.strip())


def meant(whats: Sequence[What]) -> tuple[str, bool]:
    """Own words stay whatever follows (A6); a text after an acceptance is own words."""
    stands = EXPECTED[whats[0]]
    for what in whats[1:]:
        if stands[0] == "own-words":
            break
        stands = EXPECTED[what]
    return stands


def _refunds(book: Store, inmails: Sequence[Delivery], answers: Sequence[Answered]) -> Line:
    paid = {d.lead_id for d in inmails if d.cost}
    accepted = {a.lead_id for a in answers if a.what.counts_as_acceptance}
    refunded = Counter(e.lead_id for e in book.entries() if e.kind is EntryKind.REFUND)
    once = all(count == 1 for count in refunded.values())
    kept = once and set(refunded) <= paid & accepted
    told = (
        f"{refunded.total()} credits came back for {len(paid & accepted)} accepted credit InMails"
    )
    return Line("credits came back for accepted credit InMails only", kept, told)


def _balance(book: Store, truth: Truth) -> Line:
    """Equal, but for refunds that the site gives later: those are counted one by one (C5)."""
    ledger = book.ledger()
    returned = Counter(e.lead_id for e in truth.credits if e.cause is CreditCause.REFUND)
    booked = Counter(e.lead_id for e in book.entries() if e.kind is EntryKind.REFUND)
    under_way = (booked - returned).total()
    kept = ledger.available - under_way == truth.balance
    told = f"{ledger.available} in the ledger, {truth.balance} on the site, {under_way} under way"
    return Line("ledger and site agree", kept, told)
