"""Whom a call goes to, when it is tried and when it is given up, as pure rules."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls import Call, CallState, Event, Result, Topic
from bot.policy import NotifyPolicy, Webhook
from bot.rules import calling

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
HOOK = Webhook("https://hooks.example/hidden?key=hidden", "hidden-hidden-hidden")
POLICY = NotifyPolicy(urls=("ntfy://hidden-topic",), webhooks=(HOOK,))
PERSON, PROGRAM = calling.destinations(POLICY)
EVENT = Event(Topic.HALTED, "login/1", NOW, "asks to sign in")
FAILED = Result(delivered=False, why="it answers 500")
NIGHT = (time(22), time(7))


def call(event: Event = EVENT) -> Call:
    return calling.call_for("alice", event, PERSON)


def tried_until_over(first: datetime) -> tuple[Call, list[datetime]]:
    """A call that nobody takes, and when it was tried."""
    now, one, times = first, call(), []
    while one.state is CallState.WAITING:
        times.append(now)
        one = calling.tried(calling.trying(one, now), FAILED, now)
        now = one.next_try or now
    return one, times


def test_the_same_event_has_the_same_id() -> None:
    """Of another seat, topic or occurrence it has another."""
    this = calling.delivery_id("alice", EVENT)
    assert this == calling.delivery_id("alice", Event(Topic.HALTED, "login/1", NOW + timedelta(1)))
    others = [("bob", EVENT), ("alice", Event(Topic.SENT, "login/1", NOW))]
    others.append(("alice", Event(Topic.HALTED, "login/2", NOW)))
    assert len({this, *(calling.delivery_id(seat, event) for seat, event in others)}) == 4


def test_each_is_told_what_they_want() -> None:
    """People and programs have their own lists; each event is one call for each of them."""
    events = [EVENT, Event(Topic.SENT, "a#0.1", NOW), Event(Topic.QUEUE_EMPTY, "autumn/3", NOW)]
    calls = calling.calls_for("alice", events, (PERSON, PROGRAM))
    told = [(each.event.topic, each.destination) for each in calls]
    assert told == [
        (Topic.HALTED, PERSON.key),
        (Topic.HALTED, PROGRAM.key),
        (Topic.SENT, PROGRAM.key),
        (Topic.QUEUE_EMPTY, PERSON.key),
    ]
    assert len({each.key for each in calls}) == 4


def test_labels_and_keys_hold_no_secret() -> None:
    """A path, a query, a topic or a token is shown by six digits of its hash."""
    shown = "".join(each.label + each.key for each in (PERSON, PROGRAM))
    assert "hidden" not in shown + repr(POLICY)
    assert PROGRAM.label.startswith("https://hooks.example/… (")
    kept = calling.destinations(NotifyPolicy(urls=("env:SLACK_URL",)))
    assert kept[0].label == "env:SLACK_URL"


def test_a_call_that_fails_is_tried_for_three_days_and_given_up() -> None:
    """1, 5, 15 minutes, 1, 4 hours, then twice a day; the last within three days."""
    one, times = tried_until_over(NOW)
    pauses = [b - a for a, b in pairwise(times)]
    assert pauses[:6] == list(calling.BACK_OFF)
    assert set(pauses[6:]) == {timedelta(hours=12)}
    assert timedelta(days=2) < times[-1] - NOW <= calling.GIVE_UP_AFTER
    assert (one.state, one.why) == (CallState.GIVEN_UP, "it answers 500")
    assert one.tries == len(times)


def test_a_call_that_nobody_wants_any_more_is_given_up_at_once() -> None:
    """410 is no failure that heals."""
    gone = Result(delivered=False, why="gone", for_good=True)
    assert calling.tried(calling.trying(call(), NOW), gone, NOW).state is CallState.GIVEN_UP


def test_a_try_that_dies_is_counted() -> None:
    """What was written before it makes the next one wait, as a failure does."""
    announced = calling.trying(call(), NOW)
    assert (announced.tries, announced.state) == (1, CallState.WAITING)
    assert announced.next_try == NOW + calling.BACK_OFF[0]


def test_the_owners_word_begins_anew() -> None:
    """A call that was given up has another three days; one that was delivered stays so."""
    one, _ = tried_until_over(NOW)
    anew = calling.again(one)
    assert (anew.state, anew.tries, anew.next_try) == (CallState.WAITING, 0, None)
    assert anew.id == one.id
    done = calling.tried(calling.trying(call(), NOW), Result(delivered=True), NOW)
    assert calling.again(done) == done


def test_people_are_left_in_peace_at_night() -> None:
    """In the seat's own zone; programs are told all the same, and so is what is named."""
    late = datetime(2026, 3, 3, 22, 30, tzinfo=UTC)  # half past eleven in Paris
    morning = datetime(2026, 3, 4, 6, tzinfo=UTC)
    assert calling.due_at(call(), PERSON, POLICY, PARIS, late) == morning
    assert calling.due_at(call(), PROGRAM, POLICY, PARIS, late) == late
    named = NotifyPolicy(urls=POLICY.urls, always=(Topic.HALTED,))
    assert calling.due_at(call(), PERSON, named, PARIS, late) == late
    never = NotifyPolicy(urls=POLICY.urls, quiet=None)
    assert calling.due_at(call(), PERSON, never, PARIS, late) == late


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
)
def test_whatever_the_quiet_hours_nobody_is_called_in_them(
    when: datetime, first: time, last: time
) -> None:
    """A call waits for their end, less than a day and an hour, and never goes back in time."""
    if first == last:
        return
    at = calling.after_quiet(when, (first, last), PARIS)
    assert when <= at <= when + timedelta(hours=25)
    assert calling.after_quiet(at, (first, last), PARIS) == at


@pytest.mark.parametrize(
    ("hour", "due", "again"), [(16, False, 0), (17, True, 1), (22, True, 1), (23, False, 0)]
)
def test_a_day_is_summed_up_when_its_time_has_come(hour: int, due: bool, again: int) -> None:
    """At six in the evening of the seat's zone, once, and not on the next day's morning."""
    now = datetime(2026, 3, 3, hour, tzinfo=UTC)  # eleven at night is the next day in Paris
    assert (calling.summary_day(POLICY, PARIS, now) is not None) is due
    day = now.astimezone(PARIS).date() + timedelta(days=again)
    coming = calling.next_summary(POLICY, PARIS, now)
    assert coming == datetime(day.year, day.month, day.day, 17, tzinfo=UTC)


def test_nobody_wakes_for_a_summary_that_nobody_wants() -> None:
    """Without a destination for it there is no next time."""
    about = NotifyPolicy(urls=POLICY.urls, about=(Topic.HALTED,))
    assert calling.next_summary(about, PARIS, NOW) is None
    assert calling.next_summary(NotifyPolicy(), PARIS, NOW) is None


def test_what_could_be_found_again_is_remembered_longer() -> None:
    """A lot that expires or a missing refund is told once, though it is found every day."""
    for topic, days, forgotten in (
        (Topic.SENT, 31, True),
        (Topic.SENT, 29, False),
        (Topic.REFUND_MISSING, 300, False),
        (Topic.REFUND_MISSING, 401, True),
    ):
        done = calling.tried(
            calling.trying(call(Event(topic, "x", NOW)), NOW), Result(delivered=True), NOW
        )
        assert calling.is_old(done, NOW + timedelta(days=days)) is forgotten
    assert not calling.is_old(call(), NOW + timedelta(days=1000))
