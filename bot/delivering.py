"""Delivers what waits in a seat's outbox: at least once, one try after the other.

Before each try it is written that it is made, and after it how it went: whoever dies in between
has tried once, and the next run tries again with the same id. Nothing here holds the seat.
"""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import NoReturn

from bot import log, secrets, webhook
from bot.calls import Call, Destination, Result
from bot.clock import Clock
from bot.errors import WorkFailed
from bot.notifyfile import webhook_fault
from bot.policy import SeatPolicy
from bot.rules import calling
from bot.rules.telling import Words, document_of, in_words
from bot.store.outbox import Outbox

RUN = timedelta(seconds=60)  # no try begins later
TRY_SECONDS = 20.0
LOCK = "calls.lock"
NOT_CONFIGURED = "its destination is configured no more"

_log = log.get("calls")


class OutOfTime(BaseException):
    """A try took too long; no library that catches what it does not know takes this."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends a call to its destination, and says what came of it: never where that is.

    tell  gives words to an apprise URL
    """

    policy: SeatPolicy
    base_url: str
    home: Path
    clock: Clock
    tell: Callable[[str, Words], Result]

    def send(self, call: Call, where: Destination) -> Result:
        """One try, within TRY_SECONDS."""
        try:
            address = secrets.resolve(where.address, self.home)
            secret = secrets.resolve(where.secret, self.home)
        except WorkFailed as error:
            return Result(delivered=False, why=str(error))
        try:
            with _at_most(TRY_SECONDS):
                return self._send(call, where, address, secret)
        except OutOfTime:
            return Result(delivered=False, why=f"no end within {TRY_SECONDS:.0f} s")

    def _send(self, call: Call, where: Destination, address: str, secret: str) -> Result:
        seat = self.policy.name
        if not where.is_webhook:
            return self.tell(address, in_words(call.event, seat, self.base_url))
        wrong = webhook_fault(address)
        if wrong is not None:
            return Result(delivered=False, why=f"the address is none to send to: {wrong}")
        body = document_of(call, seat, self.base_url)
        return webhook.post(address, secret, call.id, body, self.clock.now())


def deliver(outbox: Outbox, sender: Sender, stopped: Callable[[], bool] = lambda: False) -> None:
    """Try all that is due, within RUN; then say when to look again.

    A destination that fails is left alone until that call's next try; what else is due there
    waits as long, and is no try.
    """
    policy, clock = sender.policy, sender.clock
    known = {each.key: each for each in calling.destinations(policy.notify)}
    began = clock.now()
    waiting = list(outbox.waiting())
    due = []
    for call in waiting:
        if call.destination not in known:
            outbox.update(calling.given_up(call, NOT_CONFIGURED, began))
        elif _is_due(call, known, policy, began):
            due.append(call)
    while due and clock.now() < began + RUN and not stopped():
        call = due.pop(0)
        if calling.died_at_last(call):
            outbox.update(calling.given_up(call, call.why, clock.now()))
            continue
        announced = calling.trying(call, clock.now())
        outbox.update(announced)
        if not outbox.has(call):
            continue
        done = _tried(announced, sender, known[call.destination])
        outbox.update(done)
        if done.delivered_at is None:
            _put_off(outbox, announced, due)
            due = [each for each in due if each.destination != call.destination]
    outbox.prune(clock.now())
    outbox.settle(lambda calls: next_look(calls, policy, clock.now()))


def next_look(waiting: Sequence[Call], policy: SeatPolicy, now: datetime) -> datetime | None:
    """When there is something to deliver or to sum up next; None: nothing is configured."""
    zone = policy.hours.zone
    known = {each.key: each for each in calling.destinations(policy.notify)}
    times = [
        calling.due_at(call, known[call.destination], policy.notify, zone, now)
        if call.destination in known
        else now
        for call in waiting
    ]
    summary = calling.next_summary(policy.notify, zone, now)
    return min([*times, *([summary] if summary is not None else [])], default=None)


def _is_due(call: Call, known: dict[str, Destination], policy: SeatPolicy, now: datetime) -> bool:
    where = known.get(call.destination)
    zone = policy.hours.zone
    return where is not None and calling.due_at(call, where, policy.notify, zone, now) <= now


def _tried(call: Call, sender: Sender, where: Destination) -> Call:
    result = sender.send(call, where)
    done = calling.tried(call, result, sender.clock.now())
    facts = {"topic": call.event.topic, "id": call.id, "destination": where.label}
    _log.info(f"call {done.state}", **facts, tries=done.tries, why=done.why)
    return done


def _put_off(outbox: Outbox, failed: Call, due: Sequence[Call]) -> None:
    """What else is due at a destination that fails waits as long as the call that failed."""
    others = [each for each in due if each.destination == failed.destination]
    outbox.update(*(replace(each, next_try=failed.next_try) for each in others))


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether no other process delivers this seat's calls; none does while this lasts."""
    fd = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(fd)


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raises OutOfTime in this, the main thread, whatever it waits for."""
    before = signal.signal(signal.SIGALRM, _out_of_time)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _out_of_time(_number: int, _frame: FrameType | None) -> NoReturn:
    raise OutOfTime
