"""Orders: left whole, read oldest first, answered once, never fatal."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bot.orders import (
    FOLDER,
    Answered,
    ImportLeads,
    MarkDefault,
    Order,
    Pause,
    PauseCampaign,
    Release,
    Resume,
    ResumeCampaign,
    SettleByOwner,
    answer_of,
    done,
    leave,
    leave_and_wait,
    waiting,
)

ALL: tuple[Order, ...] = (
    Resume(),
    Pause(),
    Release("ACwAA1"),
    SettleByOwner("autumn/ACwAA1#0.1", sent=True),
    PauseCampaign("autumn"),
    PauseCampaign("winter", coming=True),
    ResumeCampaign("autumn"),
    ImportLeads("autumn", "/tmp/people.csv"),
    MarkDefault("ACwAA1", "accepted", every=True),
)


def test_orders_come_as_they_were_left(tmp_path: Path) -> None:
    """Every kind of order comes back equal, the oldest first, until it is answered."""
    tickets = [leave(tmp_path, order) for order in ALL]
    assert [ticket.order for ticket in waiting(tmp_path)] == list(ALL)
    done(tickets[0], Answered(True, "resumed"))
    assert [ticket.order for ticket in waiting(tmp_path)] == list(ALL[1:])
    assert answer_of(tickets[0]) == Answered(True, "resumed")
    assert answer_of(tickets[1]) is None


def test_a_seat_without_orders_has_none(tmp_path: Path) -> None:
    """Before the first order there is nothing to read."""
    assert list(waiting(tmp_path)) == []


def test_numbers_are_never_given_twice(tmp_path: Path) -> None:
    """An order left after others were answered gets no old answer."""
    for number in range(3):
        ticket = leave(tmp_path, Pause())
        assert answer_of(ticket) is None
        done(ticket, Answered(True, str(number)))
    leave(tmp_path, Pause()).path.write_text("{")
    assert list(waiting(tmp_path)) == []
    assert leave(tmp_path, Pause()).path.name == "00000005.json"


def test_orders_left_at_once_all_arrive(tmp_path: Path) -> None:
    """Several who leave orders at the same moment do not overwrite each other."""
    names = [f"c{number}" for number in range(24)]
    threads = [
        threading.Thread(target=leave, args=(tmp_path, PauseCampaign(name))) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    orders = [ticket.order for ticket in waiting(tmp_path)]
    assert sorted(one.name for one in orders if isinstance(one, PauseCampaign)) == sorted(names)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b'{"order": "dance"}',
        b'{"order": ["pause"]}',
        b'{"order": "release"}',
        b'{"order": "release", "lead_id": 7}',
        b'{"order": "settle", "attempt": "a", "sent": "yes"}',
        b"\xff\xfe",
    ],
)
def test_a_malformed_order_is_set_aside(tmp_path: Path, content: bytes) -> None:
    """What cannot be understood is never carried out, never fatal, and does not come again."""
    leave(tmp_path, Pause())
    (tmp_path / FOLDER / "00000002.json").write_bytes(content)
    leave(tmp_path, Resume())
    assert [ticket.order for ticket in waiting(tmp_path)] == [Pause(), Resume()]
    assert (tmp_path / FOLDER / "00000002.json.bad").read_bytes() == content


def test_an_answered_order_is_not_carried_out_again(tmp_path: Path) -> None:
    """T4: a crash between the answer and taking the order away does not bring it back."""
    ticket = leave(tmp_path, Pause())
    content = ticket.path.read_bytes()
    done(ticket, Answered(True, "paused"))
    ticket.path.write_bytes(content)
    assert list(waiting(tmp_path)) == []
    assert answer_of(ticket) == Answered(True, "paused")


def test_waiting_for_an_answer_has_an_end(tmp_path: Path) -> None:
    """Nobody answers: after the given time there is None, and the order stays."""
    assert leave_and_wait(tmp_path, Pause(), seconds=0) is None
    assert [ticket.order for ticket in waiting(tmp_path)] == [Pause()]


def test_who_waits_gets_the_answer(tmp_path: Path) -> None:
    """The answer of whoever works the seat comes back, a refusal too."""
    refused = Answered(False, "no such lead")

    def daemon() -> None:
        while True:
            for ticket in waiting(tmp_path):
                done(ticket, refused)
                return

    thread = threading.Thread(target=daemon)
    thread.start()
    assert leave_and_wait(tmp_path, Release("x"), seconds=30) == refused
    thread.join()


def test_old_answers_do_not_pile_up(tmp_path: Path) -> None:
    """Only the newest answers are kept, and nothing half written is left."""
    for _ in range(60):
        done(leave(tmp_path, Pause()), Answered(True, ""))
    names = sorted(path.name for path in (tmp_path / FOLDER).iterdir())
    assert len(names) == 50
    assert names[-1] == "00000060.answer.json"
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / FOLDER).iterdir()}
    assert modes == {0o600}
