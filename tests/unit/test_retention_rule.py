"""Who may be forgotten by age (K5): whose sequence is over for long enough, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.approved import Approved
from bot.facts import Kind
from bot.model import Answer, Enrolment, Reason, SentStep
from bot.policy import Campaign, FollowUp, Hours, RetentionPolicy
from bot.replies import Reply
from bot.rules import retention
from bot.rules.retention import Person, fate
from bot.rules.sequence import STATES, placed, state_of

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOURS = Hours(ZoneInfo("UTC"), frozenset(range(7)), time.min, time.max)
CAMPAIGN = Campaign(
    "autumn", "people.csv", "s", "b", acceptance="a", follow_ups=(FollowUp(3, "f"),)
)
ANSWERS = {
    "A1": ("accepted", "goes-on"),
    "A2": ("accepted", "stops"),
    "A3": ("rejected", "waits"),
    "A5": ("own-words", "stops"),
    "A9": ("unreadable", "held"),
}
YEAR = RetentionPolicy(leads_days=365, unanswered_days=365)

times = st.integers(0, 1_000).map(lambda hours: START + timedelta(hours=hours))


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    rule = draw(st.sampled_from(sorted(ANSWERS)))
    what, sequence = ANSWERS[rule]
    inbox, check = draw(st.booleans()), draw(st.integers(0, 5)) == 0
    return Answer(what, None, rule, rule in {"A2", "A5"}, sequence, inbox, check, draw(times))


@st.composite
def enrolments(draw: st.DrawFn) -> Enrolment:
    """One in any state, also such as the agent would not make."""
    key = f"autumn/L{draw(st.integers(0, 3))}"
    steps = draw(st.integers(0, 3))
    sent = tuple(SentStep(n, draw(times), "h", f"{key}#{n}.1", Kind.CREDIT) for n in range(steps))
    answer = draw(st.none() | answers()) if sent else None
    accepted = answer is not None and answer.answer == "accepted"
    rare = st.integers(0, 9).map(lambda number: number == 0)
    return Enrolment(
        key,
        "L",
        "autumn",
        1,
        sent=sent,
        answer=answer,
        accepted_at=answer.at if answer is not None and accepted else None,
        hold=Reason("K3", "held") if draw(rare) else None,
        skip=Reason("K4", "skipped") if draw(st.booleans()) else None,
        sending=f"{key}#0.1" if draw(rare) else None,
        reply=Reply(7, "text", draw(times), "mark") if draw(rare) else None,
        worked=draw(st.none() | times),
        over=draw(st.none() | times),
    )


@st.composite
def people(draw: st.DrawFn) -> Person:
    rare = st.integers(0, 9).map(lambda number: number == 0)
    return Person(
        "L",
        tuple(draw(st.lists(enrolments(), max_size=3))),
        draw(st.sampled_from(((CAMPAIGN,), ()))),
        in_doubt=draw(rare),
        unread=draw(rare),
        refund_due=draw(rare),
        asked=draw(rare),
    )


policies = st.builds(
    RetentionPolicy,
    leads_days=st.integers(0, 400),
    unanswered_days=st.just(0) | st.integers(90, 400),
)
moments = st.integers(0, 30_000).map(lambda hours: START + timedelta(hours=hours))


DONE = Enrolment(
    "autumn/L",
    "L",
    "autumn",
    1,
    sent=tuple(SentStep(n, START, "h", f"autumn/L#{n}.1", Kind.CREDIT) for n in range(3)),
    answer=Answer("accepted", "default", "A1", False, "goes-on", True, False, START),
    accepted_at=START,
    worked=START,
)
ENDS = {
    "done": DONE,
    "rejected": replace(
        DONE,
        accepted_at=None,
        answer=Answer("rejected", "default", "A3", False, "waits", False, False, START),
    ),
    "responded": replace(
        DONE, answer=Answer("own-words", None, "A5", True, "stops", True, False, START)
    ),
    "skipped": Enrolment("autumn/L", "L", "autumn", 1, skip=Reason("K4", "s"), over=START),
    "waiting": Enrolment("autumn/L", "L", "autumn", 1, sent=DONE.sent[:1]),
}


@st.composite
def ended(draw: st.DrawFn) -> Person:
    """Whose sequences are all over, at some time."""
    kinds = draw(st.lists(st.sampled_from(sorted(ENDS)), min_size=1, max_size=3))
    known = [replace(ENDS[kind], over=draw(times), worked=draw(times)) for kind in kinds]
    return Person("L", tuple(known), (CAMPAIGN,))


def waits_for_somebody(person: Person) -> bool:
    """The list of those who stay, told in other words than the rule's."""
    if person.in_doubt or person.unread or person.refund_due or person.asked:
        return True
    for each in person.enrolments:
        campaign = next((c for c in person.campaigns if c.name == each.campaign), None)
        state, phase = state_of(each), placed(each, campaign).phase
        answer = each.answer
        if each.sending or each.hold or each.reply or state in ("held", "queued", "looking"):
            return True
        if answer is not None and (answer.check or (answer.inbox and each.worked is None)):
            return True
        if each.skip is None and phase != "rest":
            return True
    return not person.enrolments


@given(people(), policies, moments)
def test_whoever_is_waited_for_stays(
    person: Person, policy: RetentionPolicy, now: datetime
) -> None:
    """Attempts, holds, answers not worked, replies, the queue, sequences and refunds keep them."""
    if waits_for_somebody(person):
        found = fate(person, policy)
        assert found.stays is not None
        assert not found.may_go(now)


@given(people(), moments)
def test_with_0_nobody_goes(person: Person, now: datetime) -> None:
    """0 days means for good."""
    assert not fate(person, RetentionPolicy()).may_go(now)


@given(ended(), policies, moments)
def test_nobody_goes_before_their_days_are_over(
    person: Person, policy: RetentionPolicy, now: datetime
) -> None:
    """Whoever goes had been quiet for at least the fewest of the days that the owner said."""
    found = fate(person, policy)
    days = [each for each in (policy.leads_days, policy.unanswered_days) if each]
    if not found.may_go(now):
        return
    for each in person.enrolments:
        known = [sent.at for sent in each.sent] + [each.worked, each.accepted_at, each.over]
        for at in filter(None, known):
            assert at <= now - timedelta(days=min(days))


@given(ended() | people(), policies, moments, st.integers(0, 9_000))
def test_who_may_go_may_go_later_too(
    person: Person, policy: RetentionPolicy, now: datetime, hours: int
) -> None:
    """A stint that comes late finds the same people, and more."""
    if fate(person, policy).may_go(now):
        assert fate(person, policy).may_go(now + timedelta(hours=hours))


@given(ended() | people(), policies, moments, st.integers(1, 400))
def test_more_days_let_nobody_go_sooner(
    person: Person, policy: RetentionPolicy, now: datetime, more: int
) -> None:
    """A longer period is a longer period."""
    assume(policy.leads_days and policy.unanswered_days)
    longer = replace(
        policy, leads_days=policy.leads_days + more, unanswered_days=policy.unanswered_days + more
    )
    if fate(person, longer).may_go(now):
        assert fate(person, policy).may_go(now)


@given(ended() | people(), policies, moments, st.data())
def test_a_second_campaign_lets_nobody_go_sooner(
    person: Person, policy: RetentionPolicy, now: datetime, data: st.DataObject
) -> None:
    """Whoever is enrolled twice goes when both are over."""
    assume(person.enrolments)
    both = replace(person, enrolments=(*person.enrolments, data.draw(enrolments())))
    alone = fate(person, policy)
    if fate(both, policy).may_go(now):
        assert alone.may_go(now) or alone == retention.Fate(), "their own time is not known"


@pytest.mark.parametrize("state", ENDS)
def test_each_end_has_its_days(state: str) -> None:
    """Finished, rejected, worked, skipped, not answered: a year, and not a day less."""
    enrolment = placed(ENDS[state], CAMPAIGN)
    assert state_of(enrolment) == state in STATES
    found = fate(Person("L", (enrolment,), (CAMPAIGN,)), YEAR)
    assert found.goes == START + timedelta(days=365)
    assert not found.may_go(START + timedelta(days=364, hours=23))
    assert found.may_go(START + timedelta(days=365))


WAITED_FOR = {
    retention.IN_DOUBT.text: replace(DONE, sending="autumn/L#2.1"),
    "held": replace(DONE, hold=Reason("K8", "held")),
    "own-words: held, or to be checked": replace(
        DONE, answer=Answer("own-words", None, "A8", True, "stops", True, True, START)
    ),
    retention.SHOWN: replace(DONE, worked=None),
    retention.REPLY.text: replace(DONE, reply=Reply(7, "text", START, "mark")),
    "their sequence goes on": replace(DONE, sent=DONE.sent[:2]),
    retention.QUEUED.text: Enrolment("autumn/L", "L", "autumn", 1),
}


@pytest.mark.parametrize("why", WAITED_FOR)
def test_who_stays_is_told_why(why: str) -> None:
    """The reason is the one that keeps them, with its rule."""
    found = fate(Person("L", (WAITED_FOR[why],), (CAMPAIGN,)), YEAR)
    assert found.stays is not None
    assert found.stays.text == why
    assert found.stays.rule
    assert not found.may_go(START + timedelta(days=9_999))


def test_a_text_that_waits_for_its_owner_keeps_them() -> None:
    """S8: a step is due, released or not."""
    asks = replace(CAMPAIGN, approve="each")
    waits = replace(DONE, sent=DONE.sent[:2])
    released = replace(waits, approved=(Approved(2, "", "f", START),))
    for each in (waits, released):
        assert fate(Person("L", (each,), (asks,)), YEAR).stays is not None


def test_a_sequence_without_its_campaigns_file_is_not_over() -> None:
    """S7: the file may come back, and the sequence would go on; what is over without it goes."""
    assert fate(Person("L", (DONE,)), YEAR).stays == retention.NO_FILE
    assert fate(Person("L", (ENDS["rejected"],)), YEAR).goes is not None


def test_who_got_no_answer_has_a_period_of_their_own() -> None:
    """Who waits for an answer goes by unanswered_days, whatever leads_days says."""
    person = Person("L", (ENDS["waiting"],), (CAMPAIGN,))
    assert fate(person, RetentionPolicy(leads_days=1)).goes is None
    found = fate(person, RetentionPolicy(unanswered_days=90))
    assert found.goes == START + timedelta(days=90)


def test_of_two_periods_the_longer_one_counts() -> None:
    """Who was rejected in one campaign and waits in another goes when both are over."""
    person = Person("L", (ENDS["waiting"], ENDS["rejected"]), (CAMPAIGN,))
    found = fate(person, RetentionPolicy(leads_days=30, unanswered_days=90))
    assert found.goes == START + timedelta(days=90)


def test_nobody_goes_whose_time_is_not_known() -> None:
    """Who was skipped before anything happened is seen to be over first."""
    bare = replace(ENDS["skipped"], over=None)
    assert fate(Person("L", (bare,), (CAMPAIGN,)), YEAR) == retention.Fate()
