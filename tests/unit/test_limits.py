"""L1-L4 and L6: days, hours, pauses and daily limits."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import DayCounts, SeatState
from bot.policy import Hours, SeatPolicy
from bot.rules import limits

PARIS = ZoneInfo("Europe/Paris")
WEEK = frozenset(range(5))
ZONES = st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe"])
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))
HOURS = st.builds(
    lambda zone, days, start, length: Hours(
        ZoneInfo(zone), days, time(start), time(min(23, start + length), 59)
    ),
    ZONES,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 22),
    st.integers(0, 12),
)


def hours(**changes: object) -> Hours:
    given = {"zone": PARIS, "days": WEEK, "opens": time(9), "closes": time(17, 30)} | changes
    return Hours(**given)  # type: ignore[arg-type]


def seat(**changes: object) -> SeatPolicy:
    return SeatPolicy(name="alice", hours=hours(), **changes)  # type: ignore[arg-type]


@given(MOMENTS, HOURS)
def test_the_next_opening_is_open_and_nothing_opens_before_it(now: datetime, when: Hours) -> None:
    """L3: a moment found is a working moment, and the first one."""
    opening = limits.next_opening(now, when)
    assert opening >= now
    assert limits.is_open(opening, when)
    if opening > now:
        assert not limits.is_open(now, when)
        assert not limits.is_open(opening - timedelta(seconds=1), when)


def test_a_daylight_saving_day_has_the_right_length() -> None:
    """L3: the clock change moves the UTC hours, not the wall's, and no working second is lost."""
    every_day = hours(days=frozenset(range(7)), opens=time(0), closes=time(23, 59))
    for day, expected in (
        (date(2026, 3, 29), 23),
        (date(2026, 10, 25), 25),
        (date(2026, 5, 1), 24),
    ):
        start = datetime.combine(day, time(0), PARIS).astimezone(UTC)
        minutes = [start + timedelta(minutes=5 * n) for n in range(26 * 12)]
        worked = [m for m in minutes if limits.local_day(m, PARIS) == day]
        assert len(worked) == expected * 12
        assert all(limits.is_open(moment, every_day) for moment in worked)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-02T08:00:00", True),
        ("2026-03-02T07:59:59", False),
        ("2026-03-02T16:29:59", True),
        ("2026-03-02T16:30:00", False),
        ("2026-03-07T10:00:00", False),
        ("2026-03-30T07:00:00", True),
    ],
)
def test_working_hours_are_the_walls(moment: str, is_open: bool) -> None:
    """L3: 09:00 to 17:30 in Paris, before and after the clock change, not on a Saturday."""
    assert limits.is_open(datetime.fromisoformat(moment).replace(tzinfo=UTC), hours()) is is_open


def test_a_public_holiday_is_no_working_day() -> None:
    """L3: 14 July is one in France, and only if France is named."""
    assert not limits.works_on(date(2026, 7, 14), hours(holidays="FR"))
    assert limits.works_on(date(2026, 7, 14), hours())


def test_a_schedule_that_never_opens_is_found_out() -> None:
    """L3: a bound on every loop: without a working day the next opening is far away."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert limits.next_opening(now, hours(days=frozenset())) > now + timedelta(days=365)


@given(st.integers(0, 12), st.integers(0, 12), st.integers(1, 10))
def test_inmails_of_a_day_never_pass_the_limit(sent: int, manual: int, limit: int) -> None:
    """L1: the owner's own InMails count too."""
    counts = DayCounts(date(2026, 3, 2), inmails=sent, manual=manual)
    left = limits.inmails_left(SeatState(), counts, seat(inmails_per_day=limit))
    assert left == max(0, limit - sent - manual)


def test_messages_and_lead_pages_have_limits_of_their_own() -> None:
    """L2, L6: 50 messages and 80 lead pages a day, neither below nothing."""
    counts = DayCounts(date(2026, 3, 2), messages=49, lead_pages=90)
    assert limits.messages_left(counts, seat()) == 1
    assert limits.lead_pages_left(counts, seat()) == 0


def test_the_ramp_counts_days_with_inmails() -> None:
    """L4: the first days that sent have the ramp's limits; a day without sends uses none up."""
    policy = seat(ramp=(3, 5))
    days: tuple[date, ...] = ()
    for day, expected in ((2, 3), (3, 5), (6, 10)):
        today = date(2026, 3, day)
        assert limits.inmail_limit(SeatState(ramp_days=days), today, policy) == expected
        days = limits.ramp_with(days, today, policy.ramp)
        assert limits.inmail_limit(SeatState(ramp_days=days), today, policy) == expected


def test_what_the_owner_sends_by_hand_counts_for_the_day() -> None:
    """L1, L2: InMails and messages by hand take their place in the day's limits."""
    day = DayCounts(date(2026, 3, 2), inmails=4, manual=2, messages=30, manual_messages=15)
    assert limits.inmails_left(SeatState(), day, seat()) == 4
    assert limits.messages_left(day, seat()) == 5


@given(st.text(), st.integers(0, 6), st.integers(0, 600), st.integers(0, 600))
def test_a_pause_lies_in_its_range_and_repeats(lead: str, step: int, low: int, more: int) -> None:
    """L4: drawn by a hash of seat, lead and step, so that it can be shown ahead."""
    pause = limits.pause("alice", lead, step, (low, low + more))
    assert timedelta(seconds=low) <= pause <= timedelta(seconds=low + more)
    assert pause == limits.pause("alice", lead, step, (low, low + more))


def test_pauses_differ() -> None:
    """L4: a hundred leads do not share one pause."""
    assert len({limits.pause("alice", f"ACwAA{n}", 0, (40, 180)) for n in range(100)}) > 40


@given(MOMENTS, ZONES)
def test_a_day_ends_where_the_next_begins(now: datetime, zone: str) -> None:
    """L1: "today" is the calendar day of the seat's zone, never UTC's."""
    where = ZoneInfo(zone)
    tomorrow = limits.next_day_starts(now, where)
    assert tomorrow > now
    assert limits.local_day(tomorrow, where) == limits.local_day(now, where) + timedelta(days=1)
    assert limits.local_day(tomorrow - timedelta(seconds=1), where) == limits.local_day(now, where)
