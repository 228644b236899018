"""Delivery to real receivers on this machine: nothing is lost, and a repeat has the same id."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.receiver import DIES, HANGS, Receiver, receiver
from unit.records import NOW, lead

from bot import channels, due, log, webhook
from bot.calls import TOPICS, Call, Destination, Event, Person, Result, Said, Topic
from bot.clock import SimulatedClock, stopwatch
from bot.delivering import Sender, alone, deliver
from bot.model import Changes, Halted, SeatState
from bot.policy import Hours, NotifyPolicy, SeatPolicy, Webhook
from bot.rules import calling
from bot.rules.telling import Words, document_of, in_words
from bot.store.erase import Erased
from bot.store.outbox import Caller, open_outbox
from bot.store.store import Store

SECRET = "hidden-hidden-hidden"
SITE = "https://www.linkedin.com"
HOURS = Hours(ZoneInfo("UTC"), frozenset(range(5)), time(9), time(17))
EVENT = Event(Topic.SENT, "autumn/ACwAA1#0.1", NOW, person=Person("ACwAA1", "Ida"), step=0)


@dataclass
class Place:
    """A seat's folder with an outbox, whose calls go to *policy*'s destinations."""

    folder: Path
    policy: NotifyPolicy
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(NOW))
    told: list[tuple[str, Words]] = field(default_factory=list)

    @property
    def seat(self) -> SeatPolicy:
        return SeatPolicy("alice", HOURS, notify=self.policy)

    @property
    def state(self) -> Path:
        return self.folder / "state.sqlite"

    def announce(self, *events: Event) -> None:
        caller = Caller("alice", calling.destinations(self.policy))
        with Store.open(self.state, caller=caller) as store:
            store.outbox.announce(caller, events)

    def sender(self) -> Sender:
        return Sender(self.seat, SITE, self.folder, self.clock, self.tell)

    def tell(self, url: str, words: Words) -> Result:
        self.told.append((url, words))
        return Result(delivered=True)

    def deliver(self) -> None:
        with open_outbox(self.state) as outbox:
            assert outbox is not None
            deliver(outbox, self.sender())

    def calls(self) -> tuple[Call, ...]:
        with Store.open(self.state, read_only=True) as store:
            return store.outbox.calls(1000)

    def due(self) -> datetime | None:
        told = due.read(self.folder)
        return told.at if told is not None else None


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as told:
        yield told


def place(folder: Path, *hooks: Receiver, urls: tuple[str, ...] = ()) -> Place:
    found = tuple(Webhook(hook.url, SECRET, TOPICS) for hook in hooks)
    return Place(folder, NotifyPolicy(urls=urls, webhooks=found, summary_at=None))


def events(count: int) -> tuple[Event, ...]:
    return tuple(replace(EVENT, what=f"autumn/ACwAA{n}#0.1") for n in range(count))


# --- one delivery -------------------------------------------------------------------------------


def test_a_delivery_is_signed_and_named(tmp_path: Path, hook: Receiver) -> None:
    """Its id, its time, and the HMAC of both time and body; the body is a document."""
    there = place(tmp_path, hook)
    there.announce(EVENT)
    there.deliver()
    (got,) = hook.got
    (call,) = there.calls()
    stamp = got.headers["Leadwright-Timestamp"]
    assert got.path == "/hidden-path?key=hidden-key"
    assert got.delivery == call.id == json.loads(got.body)["id"]
    assert int(stamp) == int(NOW.timestamp())
    assert got.headers["Leadwright-Signature"] == webhook.signature(SECRET, stamp, got.body)
    assert call.delivered_at == NOW
    assert there.due() is None


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (500, "answers 500"),
        (404, "answers 404"),
        (302, "redirects are not followed"),
        (DIES, "no answer that can be understood"),
    ],
)
def test_what_is_not_taken_is_tried_again(
    tmp_path: Path, hook: Receiver, status: int, why: str
) -> None:
    """A minute later, with the same id and the same bytes, until it is taken."""
    there = place(tmp_path, hook)
    hook.answers = [status, 204]
    there.announce(EVENT)
    there.deliver()
    (call,) = there.calls()
    assert why in call.why
    assert there.due() == NOW + timedelta(minutes=1)
    there.deliver()
    assert len(hook.got) == 1
    there.clock.advance(timedelta(minutes=1))
    there.deliver()
    first, second = hook.got
    assert (first.delivery, first.body) == (second.delivery, second.body)
    assert there.calls()[0].delivered_at is not None
    assert all(got.path.startswith("/hidden") for got in hook.got)


def test_nobody_listening_is_told_in_words(tmp_path: Path) -> None:
    """A port without a program, and a name that nobody has."""
    with receiver() as closed:
        pass
    there = place(tmp_path, closed)
    there.announce(EVENT)
    there.deliver()
    assert there.calls()[0].why == "no connection: Connection refused"


def test_an_unsafe_connection_is_none(hook: Receiver) -> None:
    """Only https is spoken there: a port that does not speak it gets no body."""
    address = hook.url.replace("http:", "https:")
    result = webhook.post(address, SECRET, "id", b"{}", NOW)
    assert not result.delivered
    assert "no safe connection" in result.why
    assert hook.got == []


def test_who_hangs_costs_a_bounded_time(
    tmp_path: Path, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And only once in a run: the other calls to it wait, those to others are delivered."""
    monkeypatch.setattr(webhook, "TIMEOUT_SECONDS", 2.0)
    with receiver() as other:
        there = place(tmp_path, hook, other)
        hook.answers = [HANGS]
        there.announce(*events(5))
        began = stopwatch()
        there.deliver()
        assert stopwatch() - began < 5
        assert len(hook.got) == 1
        assert len(other.taken) == 5
    assert {call.state.value for call in there.calls()} == {"waiting", "delivered"}
    assert there.due() == NOW + timedelta(minutes=1)


def test_who_drips_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part may come in time, and the whole never: a try has an end of its own."""
    monkeypatch.setattr("bot.delivering.TRY_SECONDS", 0.3)

    def drips(_url: str, _words: Words) -> Result:
        while True:
            stopwatch()

    there = place(tmp_path, urls=("json://127.0.0.1",))
    there.announce(replace(EVENT, topic=Topic.HALTED))
    sender = replace(there.sender(), tell=drips)
    with open_outbox(there.state) as outbox:
        assert outbox is not None
        deliver(outbox, sender)
    assert "no end within" in there.calls()[0].why


def test_410_is_the_last_word(tmp_path: Path, hook: Receiver) -> None:
    """A receiver that is gone is not asked again for this call."""
    hook.answers = [410]
    there = place(tmp_path, hook)
    there.announce(EVENT)
    there.deliver()
    assert there.calls()[0].given_up_at == NOW
    assert there.due() is None


def test_a_call_that_nobody_takes_is_given_up(tmp_path: Path, hook: Receiver) -> None:
    """After three days it is shown as such; the owner's word tries it anew, with the same id."""
    hook.answers = [500]
    there = place(tmp_path, hook)
    there.announce(EVENT)
    while (at := there.due()) is not None:
        there.clock.sleep_until(at)
        there.deliver()
    (call,) = there.calls()
    assert call.state.value == "given-up"
    assert there.clock.now() - NOW <= calling.GIVE_UP_AFTER
    hook.answers = [200]
    with open_outbox(there.state) as outbox:
        assert outbox is not None
        outbox.update(calling.again(call))
    there.deliver()
    assert there.calls()[0].delivered_at is not None
    assert {got.delivery for got in hook.got} == {call.id}


def test_a_try_that_kills_its_process_is_a_failure(tmp_path: Path) -> None:
    """It is counted and waits as long as any, and such a call is given up in the end, too."""
    there = place(tmp_path, urls=("ntfy://topic",))
    there.announce(replace(EVENT, topic=Topic.HALTED))

    def kills(_url: str, _words: Words) -> Result:
        there.told.append(("", Words("", "")))
        raise Crash

    sender = replace(there.sender(), tell=kills)
    for _ in range(100):
        with open_outbox(there.state) as outbox, suppress(Crash):
            assert outbox is not None
            deliver(outbox, sender)
        there.clock.advance(timedelta(hours=1))
    (call,) = there.calls()
    assert call.given_up_at is not None
    assert call.why == calling.NOT_ENDED
    assert call.tries == len(there.told) <= 12


def test_who_is_erased_meanwhile_is_not_told_of(tmp_path: Path) -> None:
    """K5: the deliverer has read both calls when the owner's word comes."""
    there = place(tmp_path, urls=("ntfy://topic",))
    people = [Person("ACwAA1", "Ida"), Person("ACwAA2", "Bea")]
    there.announce(
        *(Event(Topic.ANSWER, each.id, NOW, person=each) for each in people),
    )

    def erases(url: str, words: Words) -> Result:
        with Store.open(there.state) as store:
            store.erase([Erased("ACwAA2", "erased-1")])
        return there.tell(url, words)

    with open_outbox(there.state) as outbox:
        assert outbox is not None
        deliver(outbox, replace(there.sender(), tell=erases))
    assert len(there.told) == 1
    assert "Ida" in there.told[0][1].body


def test_a_destination_that_is_gone_from_the_configuration_gets_nothing(
    tmp_path: Path, hook: Receiver
) -> None:
    """What waited for it is given up with that reason."""
    there = place(tmp_path, hook)
    there.announce(EVENT)
    there.policy = NotifyPolicy(summary_at=None)
    there.deliver()
    assert "configured no more" in there.calls()[0].why
    assert hook.got == []


def test_a_destination_that_fails_is_probed_with_one_call(tmp_path: Path, hook: Receiver) -> None:
    """Not with all that wait; a call that it alone refuses does not keep the others back."""
    hook.answers = [500, 500, 200]
    there = place(tmp_path, hook)
    there.announce(*events(30))
    for _ in range(3):
        there.deliver()
        there.clock.advance(timedelta(minutes=1))
    assert len(hook.got) > 30
    assert max(Counter(got.delivery for got in hook.got).values()) == 2
    refused = [call for call in there.calls() if call.delivered_at is None]
    assert len(refused) <= 1


def test_one_run_is_bounded(tmp_path: Path, hook: Receiver) -> None:
    """No try begins after a minute; the rest is due at once for the next run."""
    there = place(tmp_path, urls=("ntfy://topic",))

    def slow(url: str, words: Words) -> Result:
        there.clock.advance(timedelta(seconds=20))
        return there.tell(url, words)

    there.announce(*(replace(each, topic=Topic.HALTED) for each in events(9)))
    with open_outbox(there.state) as outbox:
        assert outbox is not None
        deliver(outbox, replace(there.sender(), tell=slow))
    assert len(there.told) == 3
    assert there.due() == there.clock.now()


def test_one_delivers_at_a_time(tmp_path: Path) -> None:
    """A second process finds the seat's calls in the first one's hands."""
    with alone(tmp_path) as first, alone(tmp_path) as second:
        assert (first, second) == (True, False)
    with alone(tmp_path) as again:
        assert again


def test_a_missing_secret_is_told_and_waited_for(tmp_path: Path, hook: Receiver) -> None:
    """The call goes out, signed, when the file is there."""
    there = place(tmp_path, hook)
    kept = Webhook(hook.url, "file:hook.key", TOPICS)
    there.policy = replace(there.policy, webhooks=(kept,))
    there.announce(EVENT)
    there.deliver()
    assert "file:hook.key" in there.calls()[0].why
    (tmp_path / "hook.key").write_text(SECRET)
    there.clock.advance(timedelta(minutes=1))
    there.deliver()
    assert hook.taken == [there.calls()[0].id]


def test_an_address_from_elsewhere_is_checked_like_a_written_one(tmp_path: Path) -> None:
    """Http goes to this machine alone, wherever the address is kept."""
    (tmp_path / "hook.url").write_text("http://hooks.example/hidden")
    kept = Webhook("file:hook.url", SECRET, TOPICS)
    there = Place(tmp_path, NotifyPolicy(webhooks=(kept,), summary_at=None))
    there.announce(EVENT)
    there.deliver()
    assert "this machine alone" in there.calls()[0].why


def test_the_log_holds_no_secret(tmp_path: Path, hook: Receiver) -> None:
    """No path, no query, no token and no name: neither of what fails nor of what is delivered."""
    hook.answers = [500, 200]
    there = place(tmp_path, hook, urls=("json://user:hidden-word@127.0.0.1:9/hidden-path",))
    there.announce(EVENT, replace(EVENT, topic=Topic.HALTED))
    log.configure(tmp_path / "logs", now=there.clock.now, terminal=False, file="calls.log")
    sender = replace(there.sender(), tell=channels.send)
    for _ in range(2):
        with open_outbox(there.state) as outbox:
            assert outbox is not None
            deliver(outbox, sender)
        there.clock.advance(timedelta(minutes=1))
    log.configure(None, now=there.clock.now, terminal=False)
    text = (tmp_path / "logs" / "calls.log").read_text()
    assert "it answers 500" in text
    assert "no connection to the service" in text
    assert "delivered" in text
    assert not [word for word in ("hidden", "Ida", "ACwAA1") if word in text]


def test_what_the_libraries_of_apprise_say_is_not_printed() -> None:
    """Their warnings hold whole addresses, and Python prints what nobody hears."""
    code = (
        "import logging; from bot import channels\n"
        "import apprise; kept = apprise.Apprise.notify\n"
        "def notify(*a, **b):\n"
        "    logging.getLogger('a_library').warning('hidden'); return kept(*a, **b)\n"
        "apprise.Apprise.notify = notify\n"
        "channels.send('json://127.0.0.1:9/', channels.Words('a', 'b'))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


# --- people -------------------------------------------------------------------------------------

HOSTILE = "\x1b[2J<!channel> @everyone *bold* [click](http://x.example)\r\nhalted `rm` \u202eevil"


def test_what_others_wrote_is_plain_text() -> None:
    """Control characters, pings, links, markup and line breaks are shown, and mean nothing."""
    said = Said("own-words", "A5", True, False, HOSTILE)
    event = Event(Topic.ANSWER, "x", NOW, person=Person("ACwAA1", HOSTILE), said=said)
    words = in_words(event, "alice", SITE)
    assert not set("@<>*`[]\x1b\r\u202e") & set(words.title + words.body)
    assert len(words.body.splitlines()) == 5
    assert "everyone" in words.body
    assert "\\x1b" not in words.title
    document = json.loads(document_of(Call("k", "i", "d", "l", event), "alice", SITE))
    assert document["answer"]["text"] == HOSTILE


def test_people_get_plain_text_by_apprise(hook: Receiver) -> None:
    """A real service of apprise takes it, without a redirect, and what it is."""
    url = f"json://127.0.0.1:{hook.port}/hidden"
    assert channels.send(url, Words("alice: a test", "one\ntwo & three")).delivered
    got = json.loads(hook.got[0].body)
    assert (got["title"], got["message"]) == ("alice: a test", "one\ntwo & three")
    hook.answers = [302]
    refused = channels.send(url, Words("a", "b"))
    assert (refused.delivered, refused.why) == (False, "the service answers 302")
    assert len(hook.got) == 2
    assert channels.send("nothing://x", Words("a", "b")).why == channels.NO_URL


def test_nothing_of_apprise_is_printed(hook: Receiver, capfd: pytest.CaptureFixture[str]) -> None:
    """Its warnings name what it called."""
    hook.answers = [500]
    channels.send(f"json://127.0.0.1:{hook.port}/hidden", Words("a", "b"))
    channels.send("json://127.0.0.1:9/hidden", Words("a", "b"))
    channels.send("slack://hidden", Words("a", "b"))
    assert capfd.readouterr() == ("", "")


def test_people_are_not_called_at_night(tmp_path: Path, hook: Receiver) -> None:
    """The call waits for the morning; the program gets its own at once."""
    there = place(tmp_path, hook, urls=("ntfy://topic",))
    there.clock = SimulatedClock(datetime(2026, 11, 23, 23, tzinfo=UTC))
    there.announce(replace(EVENT, topic=Topic.HALTED))
    there.deliver()
    morning = datetime(2026, 11, 24, 7, tzinfo=UTC)
    assert (len(hook.taken), there.told, there.due()) == (1, [], morning)
    there.clock.sleep_until(morning)
    there.deliver()
    assert len(there.told) == 1


# --- the deliverer dies, anywhere ---------------------------------------------------------------


class Crash(BaseException):
    """The process is gone."""


@dataclass
class Fuse:
    """Dies at a drawn step of the deliverer."""

    steps: list[int]
    passed: int = 0

    def burn(self) -> None:
        self.passed += 1
        if self.steps and self.passed >= self.steps[0]:
            self.passed = 0
            self.steps.pop(0)
            raise Crash


class Unkind:
    """A destination that takes, refuses or hangs up by chance, and counts."""

    def __init__(self, fuse: Fuse, draw: random.Random) -> None:
        self.fuse, self.draw = fuse, draw
        self.taken: Counter[str] = Counter()

    def take(self, call: Call) -> Result:
        self.fuse.burn()
        if self.draw.random() < 0.4:
            return Result(delivered=False, why="no")
        self.taken[call.id] += 1
        self.fuse.burn()  # it has it, and we shall not know
        return Result(delivered=True)


@given(
    st.lists(st.integers(1, 12), max_size=12),
    st.lists(st.integers(0, 9), min_size=1, max_size=12),
    st.integers(0, 1000),
)
@settings(max_examples=60)
def test_crashes_lose_nothing_and_repeat_only_by_the_same_id(
    tmp_path_factory: pytest.TempPathFactory, crashes: list[int], told: list[int], seed: int
) -> None:
    """T4: whoever dies where, each event arrives, and one that comes twice has its own id."""
    there = place(tmp_path_factory.mktemp("place"))
    there.policy = NotifyPolicy(urls=("ntfy://topic",), about=TOPICS, quiet=None, summary_at=None)
    fuse = Fuse(list(crashes))
    unkind = Unkind(fuse, random.Random(seed))

    class Dies(Sender):
        def send(self, call: Call, where: Destination) -> Result:
            return unkind.take(call)

    sender = Dies(there.seat, SITE, there.folder, there.clock, there.tell)
    for number in told:  # the same number is the same event
        there.announce(replace(EVENT, what=f"autumn/ACwAA{number}#0.1"))
    wanted = {
        calling.delivery_id("alice", replace(EVENT, what=f"autumn/ACwAA{n}#0.1")) for n in told
    }
    for _ in range(300):
        before = len(fuse.steps)
        try:
            with open_outbox(there.state) as outbox:
                assert outbox is not None
                deliver(outbox, sender)
        except Crash:
            assert len(fuse.steps) < before
        at = there.due()
        if at is None:
            break
        there.clock.sleep_until(max(at, there.clock.now() + timedelta(seconds=1)))
    states = {call.state.value for call in there.calls()}
    given_up = {call.id for call in there.calls() if call.given_up_at is not None}
    assert states <= {"delivered", "given-up"}
    assert set(unkind.taken) | given_up == wanted
    assert all(call.tries >= 5 for call in there.calls() if call.given_up_at is not None)


@given(st.lists(st.booleans(), min_size=1, max_size=8))
@settings(max_examples=30)
def test_a_commit_that_dies_tells_nothing_and_one_that_does_not_is_told(
    tmp_path_factory: pytest.TempPathFactory, dies: list[bool]
) -> None:
    """T4: what is on the disk and what is told are the same, at whatever step a commit ends."""
    there = place(tmp_path_factory.mktemp("place"), urls=("ntfy://topic",))
    caller = Caller("alice", calling.destinations(there.policy))
    halts = []
    for number, dead in enumerate(dies):
        since = NOW + timedelta(hours=number)
        with Store.open(there.state, caller=caller) as store:
            store.commit(Changes(seat=SeatState(), leads=(lead(number),)))
            fuse = Fuse([1] if dead else [])
            with suppress(Crash), store.tables.storage.transaction():
                store.commit(Changes(seat=SeatState(halted=Halted("login", "why", since))))
                fuse.burn()
            if not dead:
                halts.append(since)
    assert sorted(call.event.at for call in there.calls()) == halts
