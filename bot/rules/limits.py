"""Days, hours, pauses and daily limits (L1-L4, L6). "Today" is computed here and nowhere else."""

from __future__ import annotations

import importlib
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from zoneinfo import ZoneInfo

from bot.model import DayCounts, SeatState
from bot.policy import Hours, SeatPolicy

_LOOK_AHEAD_DAYS = 400  # a schedule that does not open within a year never does


@lru_cache(maxsize=256)
def local_day(now: datetime, zone: ZoneInfo) -> date:
    """The calendar day that *now* falls on in *zone*."""
    return now.astimezone(zone).date()


def next_day_starts(now: datetime, zone: ZoneInfo) -> datetime:
    """The first moment of the next calendar day in *zone*, in UTC."""
    return _at(local_day(now, zone) + timedelta(days=1), time(0), zone)


@lru_cache(maxsize=256)
def is_open(now: datetime, hours: Hours) -> bool:
    """Whether *now* lies in the working hours of a working day (L3)."""
    day = local_day(now, hours.zone)
    return works_on(day, hours) and (
        _at(day, hours.opens, hours.zone) <= now < _at(day, hours.closes, hours.zone)
    )


@lru_cache(maxsize=256)
def next_opening(now: datetime, hours: Hours) -> datetime:
    """*now* if it is a working moment, else the next one (L3).

    The schedule is bounded: with no working day in the next 400 days the moment lies after them.
    """
    if is_open(now, hours):
        return now
    first = local_day(now, hours.zone)
    for ahead in range(_LOOK_AHEAD_DAYS):
        day = first + timedelta(days=ahead)
        opens = _at(day, hours.opens, hours.zone)
        if works_on(day, hours) and opens > now:
            return opens
    return now + timedelta(days=_LOOK_AHEAD_DAYS)


def works_on(day: date, hours: Hours) -> bool:
    """Whether *day* is a working day and no public holiday of the named country (L3)."""
    if day.weekday() not in hours.days:
        return False
    return not hours.holidays or day not in _holidays(hours.holidays, day.year)


def inmail_limit(seat: SeatState, today: date, policy: SeatPolicy) -> int:
    """InMails that may go out today: the daily limit (L1), on the first days the ramp's (L4)."""
    worked = sum(1 for day in seat.ramp_days if day < today)
    if worked < len(policy.ramp):
        return min(policy.inmails_per_day, policy.ramp[worked])
    return policy.inmails_per_day


def inmails_left(seat: SeatState, today: DayCounts, policy: SeatPolicy) -> int:
    """InMails that may still go out today; those the owner sent by hand count too (L1)."""
    return max(0, inmail_limit(seat, today.day, policy) - today.inmails - today.manual)


def messages_left(today: DayCounts, policy: SeatPolicy) -> int:
    """Messages that may still go out today; those the owner wrote by hand count too (L2)."""
    return max(0, policy.messages_per_day - today.messages - today.manual_messages)


def lead_pages_left(today: DayCounts, policy: SeatPolicy) -> int:
    """Lead pages that may still be opened today (L6)."""
    return max(0, policy.lead_pages_per_day - today.lead_pages)


def pause(seat: str, lead_id: str, step: int, seconds: tuple[int, int]) -> timedelta:
    """The pause before this send (L4): looks random, can be shown ahead, repeats in a test."""
    shortest, longest = seconds
    drawn = int.from_bytes(sha256(f"{seat}/{lead_id}/{step}".encode()).digest()[:8])
    return timedelta(seconds=shortest + drawn % (longest - shortest + 1))


def ramp_with(days: tuple[date, ...], today: date, ramp: tuple[int, ...]) -> tuple[date, ...]:
    """The days that count for the ramp, *today* included; no more than the ramp is long."""
    if today in days or len(days) >= len(ramp):
        return days
    return (*days, today)


@lru_cache(maxsize=1024)
def _at(day: date, moment: time, zone: ZoneInfo) -> datetime:
    """A wall-clock time in UTC; what a daylight-saving change skips is moved forward by it."""
    return datetime.combine(day, moment, zone).astimezone(UTC)


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[date]:
    # Imported late: the library takes a fifth of a second, and most seats name no country.
    library = importlib.import_module("holidays")
    return frozenset(library.country_holidays(country, years=year))
