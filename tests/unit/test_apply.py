"""T1-T4: an attempt from its first record to its end, whatever dies in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.credits import Ledger
from bot.facts import Kind, Message, SentFacts, ThreadFacts, Toast
from bot.model import (
    Attempt,
    AttemptState,
    CampaignState,
    Changes,
    DayCounts,
    Enrolment,
    Phase,
    Reason,
    SeatState,
)
from bot.policy import Campaign, Hours, SeatPolicy
from bot.rules import apply
from bot.rules.credits import open_ledger
from bot.rules.leads import Leave, Then
from bot.rules.sequence import MAX_TRIES, Due, next_step
from bot.rules.wording import Wording

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
POLICY = SeatPolicy("alice", Hours(ZoneInfo("UTC"), frozenset(range(7)), time(0), time(23, 59)))
CAMPAIGN = Campaign("c", "people.csv", "Subject", "Hello there", acceptance="Thank you")
TEXT = Wording("Subject", "Hello there")
NOTHING = SentFacts(became_thread=False, still_form=True, mine=(), toast=None, thread_id=None)
SHOWN = SentFacts(True, False, ("Hello there",), Toast.SENT, "t1")


class Desk:
    """One enrolment, its attempts and its ledger; takes Changes as the store would."""

    def __init__(self, kind: Kind = Kind.CREDIT) -> None:
        self.kind, self.now = kind, NOW
        self.seat, self.day = SeatState(), DayCounts(date(2026, 3, 2))
        self.ledger: Ledger = open_ledger(10, NOW, POLICY.credits).ledger
        self.entries: list[str] = []
        self.enrolment = Enrolment("c/L", "L", "c", 1)
        self.attempts: dict[str, Attempt] = {}
        self.campaign: Campaign | None = CAMPAIGN
        self.used: tuple[tuple[int, str], ...] = ()

    def scene(self) -> apply.Scene:
        state = CampaignState("c", used=self.used)
        return apply.Scene(self.seat, self.ledger, self.day, POLICY, self.campaign, state, self.now)

    def take(self, changes: Changes) -> None:
        self.seat = changes.seat or self.seat
        self.ledger = changes.ledger or self.ledger
        self.entries += [entry.key for entry in changes.entries]
        for enrolment in changes.enrolments:
            self.enrolment = enrolment
        self.attempts.update({attempt.key: attempt for attempt in changes.attempts})
        self.day = changes.days[0] if changes.days else self.day
        self.used = changes.campaigns[0].used if changes.campaigns else self.used

    @property
    def attempt(self) -> Attempt:
        return list(self.attempts.values())[-1]

    def begin(self) -> None:
        number = len(self.attempts) + 1
        self.take(apply.begin(self.scene(), self.enrolment, 0, TEXT, self.kind, number)[1])

    def click(self) -> None:
        self.take(apply.clicking(self.scene(), self.attempt)[1])

    def settle(self, verdict: apply.Verdict) -> None:
        self.take(apply.settle(self.scene(), self.enrolment, self.attempt, verdict))

    def read(self, *, shown: bool) -> None:
        mine = (Message(True, None, None, "Hello there"),) if shown else ()
        thread = ThreadFacts("t1", "L", "L", mine, (), True)
        self.settle(apply.after_reading(self.attempt, thread, self.now))


def clicked(kind: Kind = Kind.CREDIT) -> Desk:
    desk = Desk(kind)
    desk.begin()
    desk.click()
    return desk


def test_the_intent_is_written_with_its_credit() -> None:
    """T1, C4: held before anything is typed: lead, step, text, its hash, and one credit aside."""
    desk = Desk()
    desk.begin()
    attempt = desk.attempt
    assert (attempt.state, attempt.lead_id, attempt.step) == (AttemptState.HELD, "L", 0)
    assert (attempt.subject, attempt.body) == (TEXT.subject, TEXT.body)
    assert (desk.ledger.available, desk.ledger.held) == (9, 1)
    assert desk.enrolment.sending == attempt.key


def test_a_free_inmail_and_a_message_hold_no_credit() -> None:
    """C4: free InMails cost nothing, nor do those to first-degree leads."""
    for kind in (Kind.FREE, Kind.FIRST_DEGREE):
        desk = Desk(kind)
        desk.begin()
        assert desk.ledger.held == 0
        assert desk.attempt.kind is Kind.FREE


def test_the_click_counts_when_it_is_written() -> None:
    """T1, L1, S7: *clicking* is on the disk before the click, and with it the day's count."""
    desk = clicked()
    assert desk.attempt.state is AttemptState.CLICKING
    assert desk.day.inmails == 1
    assert desk.seat.last_send_at == NOW
    assert [step for step, _ in desk.used] == [0]


AFTER_CLICK = {
    "the text stands in the thread": (SHOWN, True),
    "the text alone is enough": (replace(SHOWN, toast=None, became_thread=False), True),
    "the form became a thread, without our text": (replace(SHOWN, mine=()), None),
    "a toast alone proves nothing": (replace(NOTHING, toast=Toast.SENT), None),
    "nothing was seen": (NOTHING, None),
    "the site says that it failed": (replace(NOTHING, toast=Toast.FAILED), None),
    "text and failure contradict": (replace(SHOWN, toast=Toast.FAILED), None),
    "another text of ours": (replace(SHOWN, mine=("Hello you",)), None),
}


@pytest.mark.parametrize("case", AFTER_CLICK)
def test_only_our_text_in_the_thread_confirms(case: str) -> None:
    """T2, T3: after the click nothing is *not sent*: it is confirmed, or it is uncertain."""
    facts, sent = AFTER_CLICK[case]
    verdict = apply.after_click(clicked().attempt, facts)
    assert verdict.sent is sent
    assert verdict.error_shown is (facts.toast is Toast.FAILED)


def test_an_older_copy_of_the_text_proves_nothing() -> None:
    """T2: a thread that held the same text before must show one more."""
    attempt = replace(clicked().attempt, earlier=1)
    assert apply.after_click(attempt, SHOWN).sent is None
    twice = replace(SHOWN, mine=("Hello there", "hello", "Hello there"))
    assert apply.after_click(attempt, twice).sent is True


def test_died_held_is_not_sent() -> None:
    """T3: nothing was clicked; the credit comes back, and the step may be tried again."""
    desk = Desk()
    desk.begin()
    desk.settle(apply.died_held(desk.attempt))
    assert desk.attempt.state is AttemptState.NOT_SENT
    assert (desk.ledger.available, desk.ledger.held) == (10, 0)
    assert isinstance(next_step(desk.enrolment, CAMPAIGN), Due)


def test_without_an_error_of_the_site_nothing_becomes_not_sent() -> None:
    """T3: a thread that lacks our text for a day makes it the owner's, never a second send."""
    desk = clicked()
    desk.settle(apply.after_click(desk.attempt, NOTHING))
    for _ in range(40):
        desk.now += timedelta(hours=1)
        desk.read(shown=False)
    assert desk.attempt.state is AttemptState.UNCERTAIN
    assert desk.attempt.with_owner
    assert desk.ledger.held == 1
    assert isinstance(next_step(desk.enrolment, CAMPAIGN), Reason)


@pytest.mark.parametrize(("minutes", "state"), [(9, "uncertain"), (10, "not-sent")])
def test_two_readings_ten_minutes_apart_after_an_error(minutes: int, state: str) -> None:
    """T3: an error shown, and two later readings at least 10 minutes apart that lack our text."""
    desk = clicked()
    desk.settle(apply.after_click(desk.attempt, replace(NOTHING, toast=Toast.FAILED)))
    desk.now += timedelta(minutes=5)
    desk.read(shown=False)
    desk.now += timedelta(minutes=minutes)
    desk.read(shown=False)
    assert desk.attempt.state == state


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("click", "seen", "error", "nothing", "die", "read", "owner")),
        st.booleans(),
        st.integers(1, 30 * 60),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(STEPS, st.sampled_from((Kind.CREDIT, Kind.FREE)))
def test_no_order_of_deaths_and_readings_sends_twice(
    steps: list[tuple[str, bool, int]], kind: Kind
) -> None:
    """T1-T4, C4: one delivery at most; each held credit ends once, as spend or as release."""
    desk = Desk(kind)
    delivered = errored = False
    for step, goes_out, minutes in steps:
        desk.now += timedelta(minutes=minutes)
        current = desk.attempt if desk.attempts else None
        over = current is None or current.ended_at is not None
        if over and isinstance(next_step(desk.enrolment, CAMPAIGN), Due):
            assert not delivered, "a second send of the same step"
            desk.begin()
        elif current is None or over:
            continue
        elif current.state is AttemptState.HELD:
            if step == "click":
                desk.click()
                delivered, errored = goes_out, False
            elif step == "die":
                desk.settle(apply.died_held(current))
        elif step == "seen" and delivered:
            desk.settle(apply.after_click(current, SHOWN))
        elif step == "error" and not delivered:
            errored = True
            desk.settle(apply.after_click(current, replace(NOTHING, toast=Toast.FAILED)))
        elif step == "nothing":
            desk.settle(apply.after_click(current, NOTHING))
        elif step == "read":
            desk.read(shown=delivered and goes_out)
        elif step == "owner" and current.with_owner:
            desk.settle(apply.Verdict(delivered, why="the owner looked it up"))
        check(desk, delivered=delivered, errored=errored)
    while desk.attempts and desk.attempt.ended_at is None:
        finish(desk, delivered=delivered)
    check(desk, delivered=delivered, errored=errored)
    assert desk.ledger.held == 0
    assert desk.ledger.available == 10 - (delivered and kind is Kind.CREDIT)
    assert (desk.enrolment.inmail is not None) == delivered


def finish(desk: Desk, *, delivered: bool) -> None:
    """What a restart does with what is open."""
    if desk.attempt.state is AttemptState.HELD:
        desk.settle(apply.died_held(desk.attempt))
    elif delivered:
        desk.read(shown=True)
    else:
        desk.settle(apply.Verdict(False, why="the owner looked it up"))


def check(desk: Desk, *, delivered: bool, errored: bool) -> None:
    """What is true at every moment."""
    del errored
    open_ones = [a for a in desk.attempts.values() if a.ended_at is None]
    assert len(open_ones) <= 1
    assert desk.ledger.held == sum(1 for a in open_ones if a.lot is not None)
    assert len(desk.entries) == len(set(desk.entries))
    ends = [key for key in desk.entries if key.startswith(("spend/", "release/"))]
    holds = [key for key in desk.entries if key.startswith("hold/")]
    assert len(holds) == len(ends) + desk.ledger.held
    sent = [a for a in desk.attempts.values() if a.state is AttemptState.SENT]
    assert len(sent) <= int(delivered)
    assert len(desk.attempts) <= MAX_TRIES


LEAVES = {
    Then.SKIP: Phase.REST,
    Then.HOLD: Phase.REST,
    Then.WAIT: Phase.QUEUE,
    Then.RETRY: Phase.QUEUE,
}


@pytest.mark.parametrize("then", Then)
def test_a_lead_that_is_left_says_why(then: Then) -> None:
    """T6, K3: skipped and held leads keep the reason; the others stay in the queue, unharmed."""
    desk, reason = Desk(), Reason("K6", "the composer is addressed to nobody", NOW)
    desk.take(apply.leave(desk.scene(), desk.enrolment, Leave(then, Kind.CREDIT, reason)))
    changed = desk.enrolment
    assert changed.phase is LEAVES[then]
    assert (changed.skip == reason) is (then is Then.SKIP)
    assert (changed.hold == reason) is (then is Then.HOLD)
    assert (changed.not_before == NOW) is (then is Then.RETRY)


def test_a_page_that_stays_unreadable_holds_its_lead() -> None:
    """K3, T3: tried again later, twice; then the owner is asked."""
    desk, reason = Desk(), Reason("K3", "a hook is gone")
    for tried in range(1, MAX_TRIES + 1):
        desk.take(apply.postpone(desk.scene(), desk.enrolment, 0, reason))
        assert (desk.enrolment.hold == reason) is (tried == MAX_TRIES)


def test_an_open_end_is_settled_without_the_campaigns_file() -> None:
    """S7, T3: the owner may take a campaign away at any time; its credit does not stay held."""
    desk = clicked()
    desk.campaign = None
    desk.read(shown=True)
    assert desk.attempt.state is AttemptState.SENT
    assert (desk.ledger.available, desk.ledger.held) == (9, 0)
    assert desk.enrolment.phase is Phase.REST
