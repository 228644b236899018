"""The commands of the owner's calls, and the daemon that delivers them, as processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from subprocess import DEVNULL

import pytest
from cli.user import CAMPAIGN, SEAT, User
from unit.receiver import HANGS, Receiver, receiver

from bot import due, pulse
from bot.caller import CallDesk
from bot.calls import FOR_PROGRAMS, Call, Event, Topic
from bot.clock import SystemClock, rest, stopwatch
from bot.daemon import HEALS_NOT, Signals, Watch, Watched, keep_running
from bot.model import Changes, Halted, Reason, SeatState
from bot.policy import NotifyPolicy, Webhook
from bot.pulse import Pulse
from bot.rules import calling
from bot.store.outbox import Caller
from bot.store.store import Store

SECRET = "a-secret-of-some-length"
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HALT = Changes(seat=SeatState(paused=True, halted=Halted("login", "it asks to sign in", AT)))
PATIENCE_SECONDS = 30.0


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as told:
        yield told


def settle(user: User, hook: Receiver, more: str = "") -> None:
    """A paused seat with one webhook: it works nothing, and its site is nowhere."""
    table = f'[[notify.webhooks]]\nurl = "{hook.url}"\nsecret = "{SECRET}"\n{more}'
    user.settle_in("http://127.0.0.1:9", more=f"{table}\n")
    assert user.run("pause", SEAT).code == 0


def commit(user: User, hook: Receiver, changes: Changes = HALT) -> None:
    """Commit as a stint does, and leave the calls to the deliverer."""
    policy = NotifyPolicy(webhooks=(Webhook(hook.url, SECRET, FOR_PROGRAMS),))
    caller = Caller(SEAT, calling.destinations(policy))
    with Store.open(user.seat / "state.sqlite", caller=caller) as store:
        store.commit(changes)


def calls(user: User) -> tuple[Call, ...]:
    with Store.open(user.seat / "state.sqlite", read_only=True) as store:
        return store.outbox.calls(100)


def wait_for(what: Callable[[], bool]) -> None:
    began = stopwatch()
    while not what():
        assert stopwatch() - began < PATIENCE_SECONDS, "it does not come"
        rest(0.05)


def test_a_test_message_reaches_every_destination(user: User, hook: Receiver) -> None:
    """Now, with the result of each; exit code 1 if one does not take it."""
    settle(user, hook, f'[notify]\nurls = ["json://127.0.0.1:{hook.port}/hidden"]')
    done = user.run("notify", "test", SEAT, "--json")
    assert done.code == 0, done
    assert [each["delivered"] for each in done.document["results"]] == [True, True]
    assert len(hook.got) == 2
    hook.answers = [500]
    failed = user.run("notify", "test", SEAT)
    assert (failed.code, failed.out.count("not delivered: ")) == (1, 2)
    assert not [word for word in ("hidden", SECRET) if word in failed.out + failed.err + done.out]
    assert calls(user) == ()


def test_a_seat_that_calls_nobody_says_so(user: User) -> None:
    """`notify test` names what is to be configured, exit code 2."""
    user.settle_in("http://127.0.0.1:9")
    assert "[notify]" in user.run("notify", "test", SEAT).complains(2)
    assert user.run("notify", "list", SEAT, "--json").document == {
        "waiting": 0,
        "given_up": 0,
        "calls": [],
    }
    assert user.run("deliver", SEAT).code == 0
    assert "there is alice" in user.run("deliver", "bob").complains(2)


def test_what_was_told_is_listed_and_tried_again(user: User, hook: Receiver) -> None:
    """Waiting, given up, delivered; status and doctor name what was not delivered."""
    settle(user, hook)
    hook.answers = [410, 500, 200]
    commit(user, hook)
    assert user.run("deliver", SEAT).code == 0
    (call,) = user.run("notify", "list", SEAT, "--json").document["calls"]
    assert (call["event"], call["state"], call["tries"]) == ("halted", "given-up", 1)
    (shown,) = user.run("status", SEAT, "--json").document["seats"]
    assert shown["calls"] == {"waiting": 0, "given_up": 1}
    assert "1 were given up: leadwright notify list" in user.run("status", SEAT).out
    assert "1 were given up" in user.run("doctor", SEAT).out
    again = user.run("notify", "retry", SEAT)
    assert (again.code, again.out) == (1, "1 tried; 1 wait now, 0 are given up\n")
    assert "answers 500" in user.run("notify", "list", SEAT).out
    done = user.run("notify", "retry", SEAT, "--json")
    assert done.document == {"tried": 1, "waiting": 0, "given_up": 0}
    assert {got.delivery for got in hook.got} == {call["id"]}
    listed = user.run("notify", "list", SEAT)
    assert "hidden" not in listed.out


def test_check_says_who_is_called_and_what_is_missing(user: User, hook: Receiver) -> None:
    """A file that is not there and an address that is none are faults; a variable may be."""
    user.settle_in(
        "http://127.0.0.1:9",
        more='[notify]\nurls = ["nowhere://hidden", "env:NOT_HERE", "file:slack.url"]\n',
    )
    found = user.run("check")
    assert found.code == 2
    assert "apprise" in found.out
    assert "slack.url cannot be read" in found.out
    assert "env:NOT_HERE: this variable is not set" in found.out
    assert "hidden" not in found.out
    user.settle_in("http://127.0.0.1:9", more='[notify]\nurls = ["env:NOT_HERE"]\n')
    assert user.run("check").code == 0


def test_a_stint_tells_what_it_finds(user: User, hook: Receiver) -> None:
    """A queue that is empty when it ends is told once, however many stints follow."""
    settle(user, hook, 'events = ["queue-empty"]')
    people = user.write("people.csv", "lead,name\nACwAAida1,Ida Invented\n")
    words = ("--campaign", CAMPAIGN, "--seat", SEAT)
    assert user.run("leads", "import", str(people), *words).code == 0
    user.run("run", SEAT, "--once")
    assert calls(user) == ()
    with Store.open(user.seat / "state.sqlite") as store:
        (one,) = store.enrolments()
        store.commit(Changes(enrolments=(replace(one, skip=Reason("K4", "known")),)))
    for _ in range(2):
        user.run("run", SEAT, "--once")
    user.run("run", SEAT, "--once", "--dry-run")
    assert [call.event.topic for call in calls(user)] == []
    with Store.open(user.seat / "state.sqlite") as store:
        (one,) = store.enrolments()
        state = replace(store.campaign(CAMPAIGN), cursor=None)
        rest_now = replace(one, phase="rest", due_at=None)
        store.commit(Changes(enrolments=(rest_now,), campaigns=(state,)))
    for _ in range(2):
        user.run("run", SEAT, "--once")
    assert [call.event.topic for call in calls(user)] == [Topic.QUEUE_EMPTY]


def test_a_halted_seat_tells_its_owner_before_it_ends(user: User, hook: Receiver) -> None:
    """L5: the daemon delivers the call, tries again if it must, and ends with exit code 3."""
    settle(user, hook)
    commit(user, hook)
    daemon = user.start("run", SEAT, stdout=DEVNULL, stderr=DEVNULL)
    assert daemon.wait(PATIENCE_SECONDS) == 3
    assert len(hook.taken) == 1
    assert due.read(user.seat) is None


def test_a_daemon_that_gives_up_tells_its_owner_once_a_day(user: User, hook: Receiver) -> None:
    """A state that cannot be trusted is no outbox: it is told at once, and not at each start."""
    settle(user, hook, 'events = ["stopped"]')
    (user.seat / "state.sqlite").write_bytes(b"this is no database, " * 500)
    for _ in range(2):
        daemon = user.start("run", SEAT, stdout=DEVNULL, stderr=DEVNULL)
        assert daemon.wait(PATIENCE_SECONDS) == 1
    (told,) = hook.got
    document = json.loads(told.body)
    assert document["event"] == Topic.STOPPED
    assert document["reason"] == HEALS_NOT


def waiting(user: User, hook: Receiver) -> None:
    """A seat that is not halted, with one call that waits."""
    event = Event(Topic.HALTED, "login/x", AT, "it asks to sign in")
    policy = NotifyPolicy(webhooks=(Webhook(hook.url, SECRET, FOR_PROGRAMS),))
    with Store.open(user.seat / "state.sqlite") as store:
        store.outbox.announce(Caller(SEAT, calling.destinations(policy)), (event,))


@pytest.mark.slow
def test_a_receiver_that_hangs_delays_no_stint(user: User, hook: Receiver) -> None:
    """Each stint begins within a second of its time while a real deliverer waits for an answer."""
    settle(user, hook)
    hook.answers = [HANGS]
    waiting(user, hook)
    clock, signals = SystemClock(), Signals()
    calls_of = CallDesk(user.seat, clock, ["deliver", SEAT, "--home", str(user.home)])
    due_at, late = [clock.now()], []

    def stint() -> int:
        late.append(clock.now() - due_at[-1])
        due_at.append(clock.now() + timedelta(seconds=1.5))
        pulse.write(user.seat, Pulse(clock.now(), "nothing is due", due_at[-1], "wait"))
        if len(late) == 5:
            signals._hear(15, None)
        return 0

    watch = Watch(user.seat, clock, signals, calls=calls_of)
    assert keep_running(stint, watch, Watched(()), lambda _line: None) == 0
    assert (len(hook.got), hook.taken) == (1, []), "it was to hang all the while"
    assert calls_of.waits()
    calls_of.stop()
    assert max(late) < timedelta(seconds=1)


@pytest.mark.slow
def test_a_daemon_that_is_stopped_while_it_delivers_loses_nothing(
    user: User, hook: Receiver
) -> None:
    """Orders are carried out meanwhile; the call that hung is made again, with the same id."""
    settle(user, hook)
    hook.answers = [HANGS]
    waiting(user, hook)
    daemon = user.start("run", SEAT, stdout=DEVNULL, stderr=DEVNULL)
    try:
        wait_for(lambda: len(hook.got) == 1)
        assert user.run("pause", SEAT).code == 0
        assert hook.taken == []
    finally:
        daemon.terminate()
        assert daemon.wait(PATIENCE_SECONDS) == 0
    hook.answers = [200]
    assert user.run("notify", "retry", SEAT).code == 0
    assert [got.delivery for got in hook.got] == [hook.taken[0]] * 2
