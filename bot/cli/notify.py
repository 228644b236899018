"""`notify` and `deliver`: the owner's calls, tested, listed, tried again, delivered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot import log
from bot.announcing import sum_up
from bot.calls import Call, Event, Result, Topic
from bot.checking import checked_settings
from bot.cli.common import console, moment, print_json, table
from bot.cli.late import load
from bot.cli.plain import plain, say
from bot.clock import SystemClock
from bot.config import Settings
from bot.daemon import Signals
from bot.delivering import Sender, alone, deliver
from bot.errors import SeatBusy, UsageError
from bot.lastword import tell_end
from bot.places import SeatPaths, home_folder
from bot.rules import calling
from bot.rules.telling import Words
from bot.store.outbox import open_outbox
from bot.store.store import Store

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Tested:
    """One result of `notify test --json`."""

    destination: str
    delivered: bool
    why: str


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call of `notify list --json`.

    next_try  None: at once, or never again
    """

    id: str
    event: str
    at: datetime
    destination: str
    state: str
    tries: int
    next_try: datetime | None
    ended_at: datetime | None
    why: str
    lead_id: str | None
    campaign: str | None


def test(name: str, home: Path | None, as_json: bool) -> int:
    """Send a test to every destination, now; exit code 1 if one does not take it."""
    settings = checked_settings(home_folder(home))
    policy, clock = settings.seat(name), SystemClock()
    where = calling.destinations(policy.notify)
    if not where:
        config = settings.home / "config.toml"
        raise UsageError(f"nobody is to be called: add urls or webhooks to [notify] in {config}")
    sender = _sender(settings, name)
    now = clock.now()
    event = Event(Topic.TEST, now.isoformat(), now, "If you read this, calls for this seat arrive.")
    results = []
    for each in where:
        result = sender.send(calling.call_for(name, event, each), each)
        results.append(Tested(each.label, result.delivered, result.why))
        if not as_json:
            came = "delivered" if result.delivered else f"not delivered: {plain(result.why)}"
            say(f"{each.label}: {came}")
    if as_json:
        print_json({"results": results})
    return 0 if all(each.delivered for each in results) else 1


def list_calls(name: str, home: Path | None, as_json: bool) -> int:
    """Print what waits, was delivered and was given up, the newest first."""
    paths = _paths(checked_settings(home_folder(home)), name)
    with Store.open(paths.state, read_only=True) as store:
        lines = [_line(call) for call in store.outbox.calls(MOST_SHOWN)]
        tally = store.outbox.tally()
    if as_json:
        print_json({"waiting": tally.waiting, "given_up": tally.given_up, "calls": lines})
        return 0
    grid = table("happened (UTC)", "event", "destination", "state", "tries", "next or end", "why")
    for line in lines:
        when = moment(line.ended_at or line.next_try)
        told = [moment(line.at), line.event, line.destination, line.state]
        grid.row(*told, str(line.tries), when, line.why)
    console().print(grid if lines else "nothing was to be told yet")
    return 0


def retry(name: str, home: Path | None, as_json: bool) -> int:
    """Try all that waits or was given up, now and for another three days."""
    settings = checked_settings(home_folder(home))
    paths = _paths(settings, name)
    with open_outbox(paths.state) as outbox:
        calls = (*outbox.waiting(), *outbox.given_up()) if outbox is not None else ()
        if outbox is not None:
            outbox.update(*map(calling.again, calls))
            outbox.settle(lambda waiting: SystemClock().now() if waiting else None)
    busy = _deliver(settings, name)
    with Store.open(paths.state, read_only=True) as store:
        tally = store.outbox.tally()
    if as_json:
        print_json({"tried": len(calls), "waiting": tally.waiting, "given_up": tally.given_up})
    else:
        by = ", by the daemon's deliverer" if busy else ""
        say(f"{len(calls)} tried{by}; {tally.waiting} wait now, {tally.given_up} are given up")
    return 0 if tally.waiting == tally.given_up == 0 else 1


def deliver_command(name: str, stopped: str, home: Path | None) -> int:
    """`deliver SEAT`: what the daemon starts when something is due. Raises SeatBusy.

    stopped  why the daemon gives up: then this alone is told; "" if it does not
    """
    settings = checked_settings(home_folder(home))
    paths = _paths(settings, name)
    log.configure(paths.logs, now=SystemClock().now, terminal=False, file="calls.log")
    signals = Signals()
    signals.listen()
    if stopped:
        return 0 if tell_end(stopped, paths.folder, _sender(settings, name), signals.asked) else 1
    if _deliver(settings, name, signals.asked):
        raise SeatBusy(f"another process delivers {name}'s calls")
    return 0


def _deliver(settings: Settings, name: str, stopped: Callable[[], bool] = lambda: False) -> bool:
    """Deliver what is due, if nobody else does; whether somebody does."""
    paths, policy, now = _paths(settings, name), settings.seat(name), SystemClock().now()
    if not paths.state.exists():
        return False
    with alone(paths.folder) as mine:
        if not mine:
            return True
        with open_outbox(paths.state) as outbox:
            if outbox is not None:
                with Store.open(paths.state, read_only=True) as store:
                    sum_up(policy, store, outbox, now)
                deliver(outbox, _sender(settings, name), stopped)
    return False


def _sender(settings: Settings, name: str) -> Sender:
    policy, base_url = settings.seat(name), settings.site.base_url
    return Sender(policy, base_url, settings.home, SystemClock(), _tell)


def _tell(url: str, words: Words) -> Result:
    result: Result = load("bot.channels").send(url, words)
    return result


def _paths(settings: Settings, name: str) -> SeatPaths:
    settings.seat(name)
    return SeatPaths(settings.home, name)


def _line(call: Call) -> CallLine:
    event = call.event
    return CallLine(
        id=call.id,
        event=event.topic,
        at=event.at,
        destination=call.label,
        state=call.state,
        tries=call.tries,
        next_try=call.next_try,
        ended_at=call.delivered_at or call.given_up_at,
        why=call.why,
        lead_id=event.person.id if event.person is not None else None,
        campaign=event.campaign,
    )
