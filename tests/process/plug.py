"""The plug is pulled: a real daemon and a real browser are killed at random, again and again.

Each life has its own practice site, seat, and machine clock. Between the blows its owner starts the
seat again and time passes; at the end it is left in peace, and the books are held against the
site's truth. Real processes cannot be replayed to the letter: a seed gives the same people and the
same blows, not the same moments.
"""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

from cli.user import SEAT, User
from process.machine import BLOWS, Machine, Part

from bot import pulse
from bot.clock import rest, stopwatch
from bot.config import load
from bot.errors import LeadwrightError
from bot.practice.faults import FaultBook
from bot.practice.model import World
from bot.practice.records import By, SendKind, Truth
from bot.practice.scenario import parse
from bot.practice.server import start
from bot.rules.texts import text_hash
from bot.store.store import Store
from bot.verdict import compare

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ALWAYS = """\
working_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
working_hours = "00:00-24:00"
read_inbox_minutes = 1440
"""
WORLD = """\
start = 2026-03-02T08:00:00Z
seed = {seed}
delays_ms = {{ render = 30, credit_line = 60, send = {send} }}
[owner]
first_name = "Robin"
name = "Robin Example"
[credits]
refund_hours = 0.5
lots = [{{ granted = 2026-03-01T00:00:00Z, credits = {credits} }}]
[[searches]]
id = "1"
name = "All"
order = "file"
"""
ANSWERS = (
    ("accept-default",),
    ("accept-default",),
    ("accept-without-text",),
    ("accept-default", "own-words"),
    ("reject-default",),
    ("own-words",),
    (),
)
FAULTS = ("lost-response", "send-error", "lagging-thread", "connection-reset")
TICK = 0.05  # seconds between two looks; so far the site's clock may be behind the machine's
AFTERWARDS = timedelta(days=8)  # long enough for every answer, message and settlement
NEVER_WITH_A_TIME = {  # promises that compare() holds to the second, or to the day, of one clock
    "the books know every message, and no other",
    "each default acceptance got its message the same day",
    "follow-ups kept their 3 to 30 days",
}
FOLLOWS_AFTER = timedelta(days=3)


class Broken(AssertionError):
    """A promise does not hold."""


@dataclass
class Tally:
    """What was survived: blows by what they struck, and sends that were under way then."""

    blows: Counter[str] = field(default_factory=Counter)
    open_: int = 0
    sent: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.blows + other.blows, self.open_ + other.open_, self.sent + other.sent)

    @property
    def sigkills(self) -> int:
        """Blows that killed a process of ours; those to browser or driver alone do not count."""
        return sum(self.blows[name] for name in ("all at once", "the daemon", "the stint"))


class Life:
    """One seat, its site, and its machine. A context manager that leaves no process behind."""

    def __init__(
        self, seed: int, folder: Path, people: int = 8, send_ms: int | None = None
    ) -> None:
        self.seed, self.draw = seed, random.Random(seed)
        self.user = User(folder / "home")
        self.user.home.mkdir(exist_ok=True)
        self._said = folder / "said"
        self.machine = Machine(folder, START)
        self.site = start(parse(self._world(people, send_ms)))
        self.user.settle_in(self.site.url, pause="[1, 2]", more=ALWAYS)
        self.tally = Tally()
        self.set_back = timedelta(0)
        self._daemon: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.machine.kill(*Part)
        if self._daemon is not None:
            self._daemon.wait()
        self.site.stop()

    def live(self, kills: int) -> Tally:
        """Be killed so many times, then come to rest. Raises Broken, which tells the seed."""
        try:
            while self.tally.sigkills < kills:
                self.run_for(self.draw.uniform(0.2, 4.5))
                self.strike(self.draw.choices(list(BLOWS), (5, 2, 3, 1, 1))[0])
                self._let_time_pass()
            self.come_to_rest()
            self.check()
        except Broken as broken:
            raise Broken(f"seed {self.seed}: {broken}") from None
        return self.tally

    # --- what happens ---------------------------------------------------------------------------

    def run_for(self, seconds: float) -> None:
        """Let the daemon work for a while."""
        until = stopwatch() + seconds
        self.run_until(lambda: stopwatch() >= until)

    def run_until(self, happened: Callable[[], bool]) -> None:
        """Let the daemon work, started again if it is not there."""
        if self._daemon is None or self._daemon.poll() is not None:
            self._daemon = self.start("run", SEAT)
        self.wait_for(happened)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a command on this life's machine; what it says goes to a file."""
        with self._said.open("ab") as said:
            return self.user.start(
                *words, variables=self.machine.variables, stdout=said, stderr=said
            )

    def wait_for(self, happened: Callable[[], bool], seconds: float = 90) -> None:
        """Wait in real time; meanwhile the site's clock goes with the machine's."""
        started = stopwatch()
        while not happened():
            if stopwatch() - started > seconds:
                raise Broken(f"it did not happen within {seconds} s; {self.said()[-2000:]}")
            self.site.ask(lambda world: world.advance(self.machine.now()))
            rest(TICK)

    def strike(self, name: str) -> None:
        """Kill the parts that a blow is for; nothing is counted where none of them lives."""
        if self.machine.kill(*BLOWS[name]):
            self.tally.blows[name] += 1
            self.tally.open_ += self._under_way()

    def _let_time_pass(self) -> None:
        """To where the seat has something to do, or a little; sometimes the clock is set back."""
        chance = self.draw.random()
        told = pulse.read(self.user.seat)
        if chance < 0.1:
            back = timedelta(minutes=self.draw.choice((5, 60, 300)))
            self.machine.move_clock(-back)
            self.set_back += back
        elif chance < 0.8 and told is not None and told.next_at is not None:
            self.machine.set_clock(max(self.machine.now(), told.next_at))
        else:
            self.machine.move_clock(timedelta(minutes=self.draw.choice((2, 15, 120))))

    def come_to_rest(self, afterwards: timedelta = AFTERWARDS) -> None:
        """End the daemon as its owner would, then do what is due until nothing comes any more."""
        if self._daemon is not None:
            self._daemon.terminate()
            self.wait_for(lambda: self._daemon is None or self._daemon.poll() is not None)
        self.wait_for(lambda: not any(self.machine.processes().values()))
        self.site.ask(_without_faults)
        end = max(self.machine.now(), self.site.truth().now) + afterwards
        while self.machine.now() < end:
            self.stint()
            self._owner_settles()
            told = pulse.read(self.user.seat)
            later = self.machine.now() + timedelta(hours=12)
            due = told.next_at if told is not None and told.next_at is not None else later
            self.machine.set_clock(max(self.machine.now(), due) + timedelta(seconds=1))

    def stint(self) -> None:
        """`run --once` to its end. Raises Broken if it does not end well."""
        process = self.start("run", SEAT, "--once")
        self.wait_for(lambda: process.poll() is not None)
        if process.returncode != 0:
            raise Broken(f"left in peace, a stint ended with {process.returncode}; {self.said()}")

    def _owner_settles(self) -> None:
        """What the agent could not find out in a day, its owner looks up (T3)."""
        with self.books() as books:
            waiting = [attempt for attempt in books.open_attempts() if attempt.with_owner]
        for attempt in waiting:
            sent = self._delivered()[attempt.lead_id, attempt.text_hash] > attempt.earlier
            words = ("settle", attempt.key, "sent" if sent else "not-sent", "--seat", SEAT)
            done = self.user.run(*words, variables=self.machine.variables)
            if done.code != 0:
                raise Broken(f"settle ended with {done.code}: {done.err}")

    # --- what is looked at ----------------------------------------------------------------------

    def books(self) -> Store:
        """The seat's books, to be read."""
        return Store.open(self.user.seat / "state.sqlite", read_only=True)

    def said(self) -> str:
        """All that the processes printed."""
        return self._said.read_text(encoding="utf-8", errors="replace")

    def check(self) -> None:
        """Books and truth agree, and no process said more than it should."""
        settings = load(self.user.home)
        truth, policy = self.site.truth(), settings.seat(SEAT)
        with self.books() as books:
            read_until = books.seat().inbox_read_at
            _demand(read_until is not None, "the inbox was read")
            assert read_until is not None
            lines = compare(books, truth, policy, read_until)
            told = Counter((e.lead_id, s.text_hash) for e in books.enrolments() for s in e.sent)
            _demand(not books.open_attempts(), "every attempt has its end (T3)")
            _demand(books.ledger().held == 0, "no credit stays held (C10)")
        for line in lines:
            if line.promise not in NEVER_WITH_A_TIME:
                _demand(line.kept, line.promise, line.told)
        true = self._delivered(truth)
        _demand(told == true, "the books know every message", (told - true) + (true - told))
        _demand(max(true.values(), default=0) <= 1, "nothing went out twice (T4)")
        _demand(self._closest(truth) >= FOLLOWS_AFTER - self.set_back, "a follow-up waits (S3)")
        _demand("Traceback" not in self.said(), "no traceback", self.said()[-3000:])
        self.tally.sent += true.total()

    def _delivered(self, truth: Truth | None = None) -> Counter[tuple[str, str]]:
        ours = [d for d in (truth or self.site.truth()).deliveries if d.by is By.PAGE]
        return Counter((d.lead_id, text_hash(d.body)) for d in ours)

    def _closest(self, truth: Truth) -> timedelta:
        """The shortest time between two messages to one person."""
        found = FOLLOWS_AFTER
        for lead_id in {d.lead_id for d in truth.deliveries}:
            ours = [d for d in truth.deliveries if d.lead_id == lead_id and d.by is By.PAGE]
            at = [d.at for d in ours if d.kind is SendKind.MESSAGE]
            found = min([found, *(later - earlier for earlier, later in pairwise(at))])
        return found

    def _under_way(self) -> int:
        """1 if the blow fell while a send was under way."""
        with suppress(LeadwrightError), self.books() as books:
            return int(bool(books.open_attempts()))
        return 0

    # --- what is drawn --------------------------------------------------------------------------

    def _world(self, people: int, send_ms: int | None) -> str:
        tables = [
            WORLD.format(
                seed=self.seed,
                send=send_ms or self.draw.choice((50, 300, 900)),
                credits=self.draw.choice((3, 20)),
            )
        ]
        for number in range(people):
            answers = ", ".join(f'"{answer}"' for answer in self.draw.choice(ANSWERS))
            delay = self.draw.choice((0.02, 0.3, 1.5))
            tables.append(
                f'[[people]]\nname = "P{number} Invented"\nid = "ACwAAp{number}"\n'
                f'kind = "{self.draw.choice(("credit", "credit", "free"))}"\n'
                f"answer = [{answers}]\ndelay_days = [{delay}, {delay}]\n"
            )
        faults = self.draw.choice((0, 1, 2)) if send_ms is None else 0
        tables += [self._fault() for _ in range(faults)]
        return "\n".join(tables)

    def _fault(self) -> str:
        kind = self.draw.choice(FAULTS)
        return f'[[faults]]\nkind = "{kind}"\nnth = {self.draw.randint(1, 6)}\n'


def _without_faults(world: World) -> None:
    world.faults = FaultBook(())


def _demand(holds: bool, promise: str, told: object = "") -> None:
    if not holds:
        raise Broken(f"{promise}: {told}")


def live(seed: int, folder: Path, kills: int, people: int = 8) -> Tally:
    """One life, from its first start to its check."""
    with Life(seed, folder, people) as life:
        return life.live(kills)
