"""Whom a call goes to, when it is tried, and when it is given up: pure, as all rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.calls import KEPT_ELSEWHERE, Call, CallState, Destination, Event, Result, Topic
from bot.policy import NotifyPolicy

BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
)
"""How long is waited after each failure in a row; the last for all that follow."""

GIVE_UP_AFTER = timedelta(days=3)  # since the first try
NOT_ENDED = "it was tried, and how that ended is not known"
ID_DIGITS = 32

# Told again if the same is found again, so the memory of these is long.
FOUND_AGAIN = (Topic.CREDITS_EXPIRING, Topic.REFUND_MISSING, Topic.QUEUE_EMPTY)
KEEP, KEEP_FOUND = timedelta(days=30), timedelta(days=400)


def destinations(policy: NotifyPolicy) -> tuple[Destination, ...]:
    """All that the owner configured."""
    people = [
        Destination(_key(f"url {url}"), _url_label(url), policy.about, url) for url in policy.urls
    ]
    programs = [
        Destination(
            key=_key(f"webhook {each.url}"),
            label=_webhook_label(each.url),
            topics=each.events,
            address=each.url,
            secret=each.secret,
        )
        for each in policy.webhooks
    ]
    return (*people, *programs)


def calls_for(seat: str, events: Iterable[Event], where: Sequence[Destination]) -> tuple[Call, ...]:
    """A call for each event and each destination that wants it."""
    return tuple(
        call_for(seat, event, each)
        for event in events
        for each in where
        if event.topic in each.topics
    )


def call_for(seat: str, event: Event, where: Destination) -> Call:
    """One event for one destination."""
    this = delivery_id(seat, event)
    return Call(f"{this}/{where.key}", this, where.key, where.label, event)


def delivery_id(seat: str, event: Event) -> str:
    """The same for the same event, whenever and however often it is told."""
    named = "\n".join((seat, event.topic, event.what))
    return sha256(named.encode()).hexdigest()[:ID_DIGITS]


def due_at(
    call: Call, where: Destination, policy: NotifyPolicy, zone: ZoneInfo, now: datetime
) -> datetime:
    """When a waiting call is tried next: *now* or before if it is due.

    People are not called in the quiet hours but for what the owner named; programs always are.
    """
    when = max(call.next_try or now, now)
    if where.is_webhook or call.event.topic in policy.always or policy.quiet is None:
        return when
    return after_quiet(when, policy.quiet, zone)


def after_quiet(when: datetime, quiet: tuple[time, time], zone: ZoneInfo) -> datetime:
    """*when*, or the end of the quiet hours that it falls into."""
    local, (first, last) = when.astimezone(zone), quiet
    at = local.timetz().replace(tzinfo=None)
    inside = first <= at < last if first < last else at >= first or at < last
    if not inside:
        return when
    day = local.date() if at < last else local.date() + timedelta(days=1)
    return datetime.combine(day, last, zone).astimezone(UTC)


def trying(call: Call, now: datetime) -> Call:
    """The call as it is written before it is tried: a try that dies has failed, and counts."""
    wait = BACK_OFF[min(call.tries, len(BACK_OFF) - 1)]
    first = call.first_try or now
    tries, again = call.tries + 1, now + wait
    return replace(call, tries=tries, first_try=first, next_try=again, why=NOT_ENDED)


def died_at_last(call: Call) -> bool:
    """Whether the try after which it would have been given up has no end."""
    over = call.first_try is not None and _is_over(call)
    return over and call.why == NOT_ENDED


def tried(call: Call, result: Result, now: datetime) -> Call:
    """The call after a try that trying() announced."""
    if result.delivered:
        return replace(call, delivered_at=now, next_try=None, why="")
    over = result.for_good or _is_over(call)
    return given_up(call, result.why, now) if over else replace(call, why=result.why)


def _is_over(call: Call) -> bool:
    """Whether another try would come too late."""
    assert call.first_try is not None, "a call is announced before it is tried"
    return call.next_try is not None and call.next_try > call.first_try + GIVE_UP_AFTER


def given_up(call: Call, why: str, now: datetime) -> Call:
    """The call, tried no more."""
    return replace(call, given_up_at=now, next_try=None, why=why)


def again(call: Call) -> Call:
    """The call, to be tried at once and for another three days: its owner says so."""
    if call.state is CallState.DELIVERED:
        return call
    return replace(call, tries=0, first_try=None, next_try=None, given_up_at=None)


def is_old(call: Call, now: datetime) -> bool:
    """Whether a call that has ended may be forgotten."""
    ended = call.delivered_at or call.given_up_at
    keep = KEEP_FOUND if call.event.topic in FOUND_AGAIN else KEEP
    return ended is not None and now - ended > keep


def summary_day(policy: NotifyPolicy, zone: ZoneInfo, now: datetime) -> date | None:
    """The day that is to be summed up: this one, once its time has come."""
    local = now.astimezone(zone)
    if policy.summary_at is None or now < _moment(local.date(), policy.summary_at, zone):
        return None
    return local.date()


def next_summary(policy: NotifyPolicy, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The next time that a day is summed up."""
    if policy.summary_at is None or not _wanted(policy, Topic.DAILY_SUMMARY):
        return None
    day = now.astimezone(zone).date()
    today = _moment(day, policy.summary_at, zone)
    return today if today > now else _moment(day + timedelta(days=1), policy.summary_at, zone)


def _wanted(policy: NotifyPolicy, topic: Topic) -> bool:
    return any(topic in each.topics for each in destinations(policy))


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def _key(address: str) -> str:
    return sha256(address.encode()).hexdigest()[:16]


def _url_label(url: str) -> str:
    """What people know an apprise URL by: anything behind its scheme may be secret."""
    if KEPT_ELSEWHERE.fullmatch(url):
        return url
    return f"{url.partition(':')[0]}://… ({_key(url)[:6]})"


def _webhook_label(url: str) -> str:
    """What people know a webhook by: its path may be secret."""
    if KEPT_ELSEWHERE.fullmatch(url):
        return url
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/… ({_key(url)[:6]})"
