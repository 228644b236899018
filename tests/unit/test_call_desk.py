"""The daemon and its calls: started when due, never waited for, and a halted seat tells first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import caller, due
from bot.caller import AFTER_FAILURE, AGAIN, LONGEST_RUN, CallDesk
from bot.clock import SimulatedClock
from bot.daemon import (
    HALTED,
    HEALS_NOT,
    PATIENCE,
    SLICE,
    Signals,
    Watch,
    Watched,
    in_a_row,
    keep_running,
)
from bot.due import Due
from bot.errors import LASTING_CODE

START = datetime(2026, 3, 3, 10, tzinfo=UTC)


class Child:
    """A deliverer: ends with `code` once that is set; `killed` if somebody ended it."""

    started: list[Child]

    def __init__(self, command: Sequence[str], **_: Any) -> None:
        self.command, self.code, self.killed = command, None, False
        self.started.append(self)

    code: int | None

    def poll(self) -> int | None:
        return self.code

    def kill(self) -> None:
        self.killed, self.code = True, -9

    def wait(self) -> int:
        assert self.code is not None, "nobody waits for a deliverer that is at work"
        return self.code


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[Child]:
    """The deliverers that were started."""
    Child.started = []
    monkeypatch.setattr(caller.subprocess, "Popen", Child)
    return Child.started


def desk(folder: Path) -> tuple[CallDesk, SimulatedClock]:
    clock = SimulatedClock(START)
    return CallDesk(folder, clock, ["deliver", "alice"]), clock


def test_nothing_is_started_without_a_call(tmp_path: Path, children: list[Child]) -> None:
    """A seat that calls nobody has no file, and its daemon starts nothing."""
    calls, clock = desk(tmp_path)
    for _ in range(3):
        calls.look()
        clock.advance(timedelta(hours=1))
    assert (children, calls.waits()) == ([], False)


def test_one_is_started_when_it_is_time(tmp_path: Path, children: list[Child]) -> None:
    """One at a time; the next when something is due again."""
    calls, clock = desk(tmp_path)
    due.write(tmp_path, Due(due.AT_ONCE, 1))
    calls.look()
    calls.look()
    (child,) = children
    assert child.command[-2:] == ["deliver", "alice"]
    due.write(tmp_path, Due(START + timedelta(minutes=5), 1))
    child.code = 0
    clock.advance(AGAIN)
    calls.look()
    clock.advance(AGAIN)
    calls.look()
    assert len(children) == 1
    assert calls.waits()
    clock.sleep_until(START + timedelta(minutes=5))
    calls.look()
    assert len(children) == 2


def test_a_start_looks_once_whatever_the_file_says(tmp_path: Path, children: list[Child]) -> None:
    """After a power cut it may be older than the state."""
    due.write(tmp_path, Due(START + timedelta(days=1)))
    calls, _ = desk(tmp_path)
    calls.look()
    assert len(children) == 1


def test_a_deliverer_that_hangs_is_ended(tmp_path: Path, children: list[Child]) -> None:
    """After some minutes; the next one is started after a pause."""
    calls, clock = desk(tmp_path)
    due.write(tmp_path, Due(due.AT_ONCE, 1))
    calls.look()
    clock.advance(LONGEST_RUN - SLICE)
    calls.look()
    assert not children[0].killed
    clock.advance(SLICE)
    calls.look()
    assert children[0].killed
    clock.advance(AFTER_FAILURE)
    calls.look()
    assert len(children) == 2


def test_a_failure_is_not_repeated_at_once(tmp_path: Path, children: list[Child]) -> None:
    """A broken configuration costs a start a minute, not one a second."""
    calls, clock = desk(tmp_path)
    due.write(tmp_path, Due(due.AT_ONCE, 1))
    for _ in range(180):
        calls.look()
        for child in children:
            child.code = 2
        clock.advance(SLICE)
    assert len(children) == 3


def test_a_daemon_that_ends_takes_its_deliverer_with_it(
    tmp_path: Path, children: list[Child]
) -> None:
    """At once: a try that dies is made again."""
    calls, _ = desk(tmp_path)
    due.write(tmp_path, Due(due.AT_ONCE, 1))
    calls.look()
    calls.stop()
    calls.stop()
    assert children[0].killed


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"at": "soon", "waiting": 1}', "\x00"])
def test_a_file_that_cannot_be_read_is_due(tmp_path: Path, text: str) -> None:
    """Too early costs a look, too late a call."""
    (tmp_path / due.FILE).write_text(text)
    assert due.read(tmp_path) == Due(due.AT_ONCE)


# --- the daemon ---------------------------------------------------------------------------------


class Seat:
    """A daemon whose stints end with these codes; whatever happens each second is *each*."""

    def __init__(self, folder: Path, codes: list[int]) -> None:
        self.folder, self.codes, self.stints = folder, codes, 0
        self.calls, self.clock = desk(folder)
        self.signals = Signals()
        self.orders = folder / "orders"
        self.orders.mkdir()

    def stint(self) -> int:
        self.stints += 1
        return self.codes[self.stints - 1]

    def run(self) -> int:
        watch = Watch(self.folder, self.clock, self.signals, calls=self.calls)
        return keep_running(self.stint, watch, Watched((self.orders,)), lambda _line: None)


def test_a_halted_seat_ends_when_its_owner_is_told(
    tmp_path: Path, children: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    """L5: it stays for the call, works nothing meanwhile, and keeps its exit code."""
    seat = Seat(tmp_path, [HALTED])
    due.write(tmp_path, Due(due.AT_ONCE, 1))
    sleep = seat.clock.sleep_until

    def told_after_an_hour(when: datetime) -> None:
        sleep(when)
        if seat.clock.now() >= START + timedelta(hours=1):
            due.write(tmp_path, None)
            for child in children:
                child.code = 0

    monkeypatch.setattr(seat.clock, "sleep_until", told_after_an_hour)
    assert seat.run() == HALTED
    assert seat.clock.now() - START == timedelta(hours=1)
    assert seat.stints == 1


def test_a_halted_seat_hears_its_owner_meanwhile(
    tmp_path: Path, children: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    """L5: their word starts the next stint; once that is halted no more, all goes on."""
    seat = Seat(tmp_path, [HALTED, 2])
    due.write(tmp_path, Due(due.AT_ONCE, 1))
    sleep = seat.clock.sleep_until

    def ordered(when: datetime) -> None:
        sleep(when)
        (seat.orders / "resume.json").write_text("{}")

    monkeypatch.setattr(seat.clock, "sleep_until", ordered)
    assert seat.run() == 2
    assert seat.stints == 2
    assert seat.clock.now() - START == SLICE


def test_a_halted_seat_that_is_stopped_ends(tmp_path: Path, children: list[Child]) -> None:
    """SIGTERM is heard while its owner is being told; the exit code says that it is halted."""
    seat = Seat(tmp_path, [HALTED])
    due.write(tmp_path, Due(due.AT_ONCE, 1))
    sleep = seat.clock.sleep_until

    def stopped(when: datetime) -> None:
        sleep(when)
        seat.signals._hear(15, None)

    seat.clock.sleep_until = stopped  # type: ignore[method-assign]
    assert seat.run() == HALTED
    assert seat.clock.now() - START == SLICE


@pytest.mark.parametrize(
    ("codes", "why"),
    [([LASTING_CODE], HEALS_NOT), ([1] * (len(PATIENCE) + 1), in_a_row(len(PATIENCE) + 1, 1))],
)
def test_a_daemon_that_gives_up_tells_why_before_it_ends(
    tmp_path: Path,
    children: list[Child],
    monkeypatch: pytest.MonkeyPatch,
    codes: list[int],
    why: str,
) -> None:
    """It waits for that deliverer, and for no longer than one may take; then exit 1 as ever."""
    seat = Seat(tmp_path, codes)
    sleep = seat.clock.sleep_until

    def delivered(when: datetime) -> None:
        sleep(when)
        for child in children:
            child.code = 0

    monkeypatch.setattr(seat.clock, "sleep_until", delivered)
    assert seat.run() == 1
    assert [child.command[-2:] for child in children] == [["--stopped", why]]
    assert not children[0].killed


def test_a_last_word_that_hangs_ends_with_its_time(tmp_path: Path, children: list[Child]) -> None:
    """A deliverer that does not end keeps no daemon for good."""
    seat = Seat(tmp_path, [LASTING_CODE])
    assert seat.run() == 1
    assert children[0].killed
    assert LONGEST_RUN <= seat.clock.now() - START <= LONGEST_RUN + SLICE
