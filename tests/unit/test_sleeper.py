"""The sleeper: stints, patience, signals and exit codes, without a process and without waiting."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import pulse
from bot.cli.sleeper import LOOKS, Renewal
from bot.clock import SimulatedClock
from bot.daemon import (
    LONGEST_SLEEP,
    PATIENCE,
    RENEWED,
    SLICE,
    Signals,
    Watch,
    Watched,
    keep_running,
)
from bot.errors import LASTING_CODE
from bot.pulse import Pulse
from bot.supervisor import Supervisor

START = datetime(2026, 3, 3, 10, tzinfo=UTC)


class Seat:
    """A folder, a clock, and stints that end with the given codes; then somebody stops it."""

    def __init__(self, folder: Path, codes: list[int]) -> None:
        self.folder, self.codes = folder, codes
        self.clock, self.signals = SimulatedClock(START), Signals()
        self.started: list[datetime] = []
        self.said: list[str] = []
        self.during: Callable[[], None] = lambda: None
        self.supervisor = Supervisor()
        self.renewed: Callable[[], bool] = lambda: False

    def stint(self) -> int:
        self.started.append(self.clock.now())
        self.during()
        if len(self.started) >= len(self.codes):
            self.signals._hear(15, None)
        return self.codes[len(self.started) - 1]

    def run(self, *watched: Path) -> int:
        return keep_running(self.stint, self.watch(), Watched(watched), self.said.append)

    def watch(self) -> Watch:
        return Watch(self.folder, self.clock, self.signals, self.supervisor, self.renewed)

    def slept(self) -> list[timedelta]:
        return [b - a for a, b in zip(self.started, self.started[1:], strict=False)]


def test_it_sleeps_until_the_next_thing_is_due(tmp_path: Path) -> None:
    """Between two stints nothing runs; the pulse that the stint left says when to wake."""
    seat = Seat(tmp_path, [0, 0])
    due = START + timedelta(hours=2)
    seat.during = lambda: pulse.write(tmp_path, Pulse(START, "nothing is due", due, "wait"))
    assert seat.run() == 0
    assert seat.slept() == [timedelta(hours=2)]
    assert "2026-03-03 12:00:00 UTC" in seat.said[0]


def test_without_a_word_it_looks_again_after_a_while(tmp_path: Path) -> None:
    """Whatever was planned, a bound on every sleep."""
    seat = Seat(tmp_path, [0, 0])
    assert seat.run() == 0
    assert seat.slept() == [LONGEST_SLEEP]


@pytest.mark.parametrize(("codes", "ended"), [([3, 0], 3), ([2, 0], 2), ([0, 2, 0], 0)])
def test_which_end_ends_the_daemon(tmp_path: Path, codes: list[int], ended: int) -> None:
    """L5: a halt does, and a configuration that was wrong from the start, not one that broke."""
    assert Seat(tmp_path, codes).run() == ended


def test_what_cannot_heal_is_not_tried_again(tmp_path: Path) -> None:
    """A damaged state or a missing browser ends the daemon at once, exit 1."""
    seat = Seat(tmp_path, [0, LASTING_CODE, 0])
    pulse.write(tmp_path, Pulse(START, "", START, "wait"))
    assert seat.run() == 1
    assert len(seat.started) == 2
    assert "does not heal" in seat.said[-1]


def test_it_gives_up_after_some_failures_in_a_row(tmp_path: Path) -> None:
    """A bound on every retry: longer and longer pauses, then exit 1 with a reason."""
    seat = Seat(tmp_path, [1] * 20)
    assert seat.run() == 1
    assert seat.slept() == list(PATIENCE)
    assert "giving up" in seat.said[-1]


def test_a_success_forgives_the_failures_before(tmp_path: Path) -> None:
    """Only failures in a row count."""
    seat = Seat(tmp_path, [1, 1, 0, 1, 1, 0])
    pulse.write(tmp_path, Pulse(START, "", START, "wait"))
    assert seat.run() == 0
    assert seat.slept()[:2] == [PATIENCE[0], PATIENCE[1]]
    assert seat.slept()[3:] == [PATIENCE[0], PATIENCE[1]]


def test_an_order_ends_the_sleep(tmp_path: Path) -> None:
    """A file that appears in a watched folder starts the next stint at once."""
    orders = tmp_path / "orders"
    orders.mkdir()
    seat = Seat(tmp_path, [0, 0])
    sleep = seat.clock.sleep_until

    def ordered(when: datetime) -> None:
        (orders / "00000001.json").write_text("{}")
        sleep(when)

    seat.clock.sleep_until = ordered  # type: ignore[method-assign]
    assert seat.run(orders) == 0
    assert seat.slept() == [SLICE]


def test_a_stop_is_heard_within_one_slice(tmp_path: Path) -> None:
    """SIGTERM does not wait for the next due message; a halted seat keeps its exit code."""
    seat = Seat(tmp_path, [0] * 9)
    sleep = seat.clock.sleep_until

    def stopped(when: datetime) -> None:
        seat.signals._hear(15, None)
        sleep(when)

    seat.clock.sleep_until = stopped  # type: ignore[method-assign]
    assert seat.run() == 0
    assert seat.clock.now() - START <= SLICE
    assert len(seat.started) == 1


def test_a_watched_file_may_come_and_go(tmp_path: Path) -> None:
    """Only names and times are compared; what is missing is no error."""
    file = tmp_path / "config.toml"
    watched = Watched((file, tmp_path))
    nothing = watched.state()
    file.write_text("")
    something = watched.state()
    file.unlink()
    assert nothing == watched.state() != something


class SetBack(SimulatedClock):
    """A clock that somebody sets back by a year when it was looked at for three seconds."""

    def sleep_until(self, until: datetime) -> None:
        super().sleep_until(until)
        if self.now() == START + 3 * SLICE:
            self._now -= timedelta(days=365)


def test_a_clock_that_is_set_back_does_not_prolong_the_sleep(tmp_path: Path) -> None:
    """What was due in two hours is looked at again at once, not in a year and two hours."""
    seat = Seat(tmp_path, [0, 0])
    seat.clock = SetBack(START)
    pulse.write(tmp_path, Pulse(START, "nothing is due", START + timedelta(hours=2), "wait"))
    assert seat.run() == 0
    assert seat.started == [START, START + 3 * SLICE - timedelta(days=365)]


def test_a_renewed_program_ends_the_sleep(tmp_path: Path) -> None:
    """The daemon starts itself again between two stints, never during one."""
    seat = Seat(tmp_path, [0, 0])
    seat.renewed = lambda: seat.clock.now() >= START + timedelta(seconds=5)
    assert seat.run() == RENEWED
    assert len(seat.started) == 1
    assert "renewed" in seat.said[-1]


def test_a_renewal_is_waited_out(tmp_path: Path) -> None:
    """A program that is just being written, or that is away for a moment, is not started."""
    program = tmp_path / "__init__.py"
    program.write_text("1")
    renewal = Renewal(program)
    assert not any(renewal() for _ in range(2 * LOOKS))
    program.unlink()
    assert not any(renewal() for _ in range(2 * LOOKS))
    program.write_text("2")
    looks = [renewal() for _ in range(2 * LOOKS)]
    assert looks.index(True) == LOOKS


def test_a_file_that_is_saved_wrong_again_and_again_ends_nothing(tmp_path: Path) -> None:
    """What broke while it worked is waited for, and is no failure that counts with others."""
    seat = Seat(tmp_path, [0, *[2] * 9, 1, 0])
    pulse.write(tmp_path, Pulse(START, "", START, "wait"))
    assert seat.run() == 0
    assert seat.slept()[1:10] == [PATIENCE[-1]] * 9
    assert seat.slept()[10] == PATIENCE[0]


def test_a_terminal_that_is_closed_stops_it() -> None:
    """SIGHUP is a stop, unless it is ignored as nohup does."""
    before = signal.getsignal(signal.SIGHUP)
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        for ignored in (False, True):
            signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
            signals = Signals()
            signals.listen()
            signal.raise_signal(signal.SIGHUP)
            assert signals.asked() is not ignored
    finally:
        signal.signal(signal.SIGHUP, before)
        for number, handler in kept.items():
            signal.signal(number, handler)
