"""A daemon that gives up: its owner is told, once a day for each reason, whatever fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

from unit.receiver import receiver
from unit.test_delivering import Place, place

from bot import lastword
from bot.calls import Topic
from bot.delivering import Sender
from bot.lastword import tell_end

WHY = "5 stints failed in a row"
URL = "json://127.0.0.1:9"


def say(there: Place, why: str = WHY) -> bool:
    return tell_end(why, there.folder, there.sender())


def test_everybody_is_told_once_a_day_for_each_reason(tmp_path: Path) -> None:
    """However often a service manager starts it again; another reason or day is told."""
    with receiver() as hook:
        there = place(tmp_path, hook, urls=(URL,))
        for _ in range(3):
            assert say(there)
        assert (len(hook.taken), len(there.told)) == (1, 1)
        assert say(there, "another reason")
        assert (len(hook.taken), len(there.told)) == (2, 2)
        there.clock.sleep_until(there.clock.now() + timedelta(days=1))
        assert say(there)
        assert (len(hook.taken), len(there.told)) == (3, 3)
    assert "leadwright doctor alice" in there.told[0][1].body
    assert WHY in there.told[0][1].body
    assert len((tmp_path / lastword.FILE).read_text().splitlines()) == 2, "of today alone"


def test_who_takes_nothing_is_tried_three_times_and_at_the_next_start(tmp_path: Path) -> None:
    """Whoever took it is not told again meanwhile; the delivery id stays the same."""
    with receiver() as hook:
        hook.answers = [500, 500, 500]
        there = place(tmp_path, hook, urls=(URL,))
        assert not say(there)
        assert (len(hook.got), len(hook.taken), len(there.told)) == (3, 0, 1)
        hook.answers = [200]
        assert say(there)
        assert (len(hook.taken), len(there.told)) == (1, 1)
        assert len({each.headers["Leadwright-Delivery"] for each in hook.got}) == 1


def test_it_is_told_in_the_quiet_hours_but_not_to_who_does_not_want_it(tmp_path: Path) -> None:
    """Nobody is left who could tell it in the morning."""
    there = place(tmp_path, urls=(URL,))
    always = (time(0), time(23, 59))
    there.policy = replace(there.policy, quiet=always)
    assert say(there)
    assert len(there.told) == 1
    there.policy = replace(there.policy, about=(Topic.HALTED,))
    assert say(there, "another reason")
    assert len(there.told) == 1


def test_what_cannot_be_kept_is_told_all_the_same(tmp_path: Path) -> None:
    """The list of who was told lies where no file can be written."""
    there = place(tmp_path, urls=(URL,))
    assert tell_end(WHY, tmp_path / "gone", there.sender())
    (tmp_path / lastword.FILE).write_bytes(b"\xff\xfe no text")
    assert say(there)
    assert len(there.told) == 2


def test_a_stop_ends_the_tries(tmp_path: Path) -> None:
    """Whoever stops the daemon does not wait for a receiver that is down."""
    with receiver() as hook:
        hook.answers = [500]
        there = place(tmp_path, hook)
        sender: Sender = there.sender()
        assert not tell_end(WHY, tmp_path, sender, lambda: bool(hook.got))
        assert len(hook.got) == 1
