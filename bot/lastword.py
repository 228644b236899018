"""The last word of a daemon that gives up: its owner is called, and nobody is left to try later.

So it is sent at once, at any hour, without the outbox: what is wrong may be the state that holds
it, and whatever waits there is delivered only by the next start. A service manager may start the
daemon again and again: who was told is kept beside the state, and told once a day for each reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from bot import log
from bot.calls import Destination, Event
from bot.delivering import Sender
from bot.rules import calling, events

FILE = "stopped.txt"
PAUSES = (timedelta(seconds=5), timedelta(seconds=20))  # before the second and the third try
SLICE = timedelta(seconds=1)

_log = log.get("calls")


def tell_end(
    why: str, folder: Path, sender: Sender, asked: Callable[[], bool] = lambda: False
) -> bool:
    """Call everybody who is to be told of it and was not today; whether all of them took it.

    asked  whether this process is to end
    """
    now, policy = sender.clock.now(), sender.policy
    event = events.stopped(why, now.astimezone(policy.hours.zone).date(), now)
    told = _told(folder)
    left = [
        each
        for each in calling.destinations(policy.notify)
        if event.topic in each.topics and _line(event, each) not in told
    ]
    for pause in (timedelta(0), *PAUSES):
        _wait(pause, sender, asked)
        if not left or asked():
            break
        left = [each for each in left if not _told_now(event, each, folder, sender)]
    return not left


def _told_now(event: Event, where: Destination, folder: Path, sender: Sender) -> bool:
    result = sender.send(calling.call_for(sender.policy.name, event, where), where)
    if result.delivered:
        _log.info("call delivered", call=event.topic, destination=where.label)
        _keep(folder, _line(event, where), day=event.what.partition("/")[0])
    else:
        _log.warning(
            "call not delivered", call=event.topic, destination=where.label, why=result.why
        )
    return result.delivered


def _wait(pause: timedelta, sender: Sender, asked: Callable[[], bool]) -> None:
    until = sender.clock.now() + pause
    while sender.clock.now() < until and not asked():
        sender.clock.sleep_until(min(until, sender.clock.now() + SLICE))


def _line(event: Event, where: Destination) -> str:
    return f"{event.what} {where.key}"


def _told(folder: Path) -> Sequence[str]:
    try:
        return (folder / FILE).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return ()


def _keep(folder: Path, line: str, day: str) -> None:
    """One more who was told; of other days nothing stays. A full disk may not end the telling."""
    lines = [*(each for each in _told(folder) if each.startswith(day)), line]
    with suppress(OSError):
        (folder / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
