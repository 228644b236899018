"""Only so many browsers at once, first come, first served, and a killed one frees its place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import browser_turns
from bot.browser_turns import VARIABLE, Ticket, adopt, draw, turn
from bot.errors import BrowserGone, MustWait, WorkFailed

HOLDER = """\
import sys
from pathlib import Path
from bot.browser_turns import turn
with turn(Path(sys.argv[1]), 1, lambda *_: None):
    print("mine", flush=True)
    sys.stdin.read()
"""


@given(
    st.integers(1, 3),
    st.lists(st.tuples(st.sampled_from(["come", "leave", "die"]), st.integers(0, 9))),
)
def test_the_first_of_those_who_live_go_ahead(
    at_once: int, happenings: list[tuple[str, int]]
) -> None:
    """Whoever comes, leaves or dies: it is the turn of those who came first and live, exactly."""
    with TemporaryDirectory() as place:
        there: list[Ticket] = []
        for what, which in happenings:
            if what == "come":
                there.append(draw(Path(place)))
            elif there:
                gone = there.pop(which % len(there))
                if what == "leave":
                    gone.give_back()
                else:
                    os.close(gone.fd)  # what the kernel does for a killed process
            ahead = [ticket.ahead(at_once) for ticket in there]
            assert ahead[:at_once] == list(range(len(there)))[:at_once]
            assert all(number >= at_once for number in ahead[at_once:])
        for ticket in there:
            ticket.give_back()
        last = draw(Path(place))
        assert last.ahead(at_once) == 0
        last.give_back()
        assert [path.name for path in Path(place).iterdir()] == [browser_turns.DOOR]


def test_a_killed_holder_frees_its_place(tmp_path: Path) -> None:
    """A process with the only browser is waited for, and after a SIGKILL waited for no more."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    waits: list[int] = []
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "mine\n"

        def waiting(_: Ticket, ahead: int) -> None:
            waits.append(ahead)
            holder.send_signal(signal.SIGKILL)
            holder.wait()

        with turn(tmp_path, 1, waiting):
            assert waits == [0], "it was the next one, and waited once"


def test_who_is_called_away_while_waiting_leaves_the_queue(tmp_path: Path) -> None:
    """An error of the one that is told while it waits ends the wait, and the place is free."""

    def waiting(_: Ticket, ahead: int) -> None:
        raise BrowserGone(f"stopped, with {ahead} before it")

    with turn(tmp_path, 1, waiting):
        with pytest.raises(BrowserGone, match="0 before"), turn(tmp_path, 1, waiting):
            pytest.fail("there are two")
        with turn(tmp_path, 2, waiting):
            pass


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    """Where the queue cannot be kept nothing is opened; the message says where and what to do."""
    (tmp_path / "browsers").write_text("a file")
    with pytest.raises(WorkFailed, match="browsers"), turn(tmp_path / "browsers", 1, print):
        pytest.fail("it went ahead")


def test_a_stint_goes_on_with_the_ticket_that_it_waited_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps its place before those who came later, once; what is no ticket of ours is none."""
    ours, later = draw(tmp_path), draw(tmp_path)
    monkeypatch.setenv(VARIABLE, f"{ours.number}:{ours.fd}")
    with turn(tmp_path, 1, lambda *_: pytest.fail("it is its turn")):
        assert later.ahead(1) == 1
        assert VARIABLE not in os.environ
    assert later.ahead(1) == 0
    for wrong in ("", "1", "x:y", f"{later.number}:99999", f"{later.number}:1", f"7:{later.fd}"):
        monkeypatch.setenv(VARIABLE, wrong)
        assert adopt(tmp_path) is None
    later.give_back()


def test_who_must_wait_outside_keeps_the_place(tmp_path: Path) -> None:
    """MustWait ends the stint and not the wait: whoever comes later stays behind it."""

    def waiting(ticket: Ticket, _: int) -> None:
        raise MustWait(ticket.number, ticket.fd)

    first = draw(tmp_path)
    with pytest.raises(MustWait) as told, turn(tmp_path, 1, waiting):
        pytest.fail("there are two")
    later = draw(tmp_path)
    assert later.ahead(1) == 2
    first.give_back()
    assert later.ahead(1) == 1
    Ticket(tmp_path, told.value.number, told.value.fd).give_back()
    assert later.ahead(1) == 0
    later.give_back()
