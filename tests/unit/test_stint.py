"""A stint: everything due now, a bound on every loop, and the owner's edits placed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from simulation.rig import CAMPAIGN, POLICY, Rig, scenario

from bot.clock import SimulatedClock
from bot.errors import Missing, NotLoaded, WorkFailed
from bot.model import Changes, Halted, Outcome, Phase
from bot.policy import FollowUp
from bot.practice.records import SendKind
from bot.stint import WORTH_A_START, place_all, rest_until, work_through

PEOPLE = "Ada credit accept-default 1\nBen free"


def test_a_halted_seat_ends_the_stint_before_it_begins() -> None:
    """L5: nothing is opened, however often it is started."""
    rig = Rig(scenario(PEOPLE))
    halted = Halted("challenge", "a security check", rig.clock.now())
    rig.store.commit(Changes(seat=replace(rig.store.seat(), halted=halted)))
    end = rig.run_once()
    assert (end.actions, rig.truth.views) == (0, {})
    assert end.wait is not None
    assert end.wait.reason.rule == "L5"


def test_a_stop_is_heard_between_two_steps() -> None:
    """A signal ends the stint; what is due stays due."""
    rig = Rig(scenario(PEOPLE))
    end = work_through(
        rig.work,
        patience=timedelta(days=1),
        tell=rig.done.append,
        stopped=lambda: len(rig.done) == 4,
    )
    assert (end.actions, end.wait, end.halted) == (4, None, False)
    assert len(rig.sent()) == 1


def test_a_pause_is_the_end_where_another_seat_waits_for_the_browser() -> None:
    """The next stint goes on when the pause is over; where nobody waits, this one does."""
    rig, pauses = Rig(scenario(PEOPLE)), 0
    for somebody_waits in (True, False):
        end = work_through(
            rig.work,
            patience=timedelta(days=1),
            tell=rig.done.append,
            stopped=lambda: len(rig.sent()) == 2,
            gives_way=lambda: somebody_waits,  # noqa: B023  asked within the loop
        )
        pauses += end.wait is not None
        if somebody_waits:
            assert end.wait is not None
            assert end.wait.until is not None
            assert WORTH_A_START <= end.wait.until - rig.clock.now() <= timedelta(seconds=180)
            assert len(rig.sent()) == 1
    assert (pauses, len(rig.sent())) == (1, 2)


def test_orders_are_heard_before_each_step() -> None:
    """What people ask is done before the next thing is planned."""
    rig = Rig(scenario(PEOPLE))
    heard: list[int] = []
    work_through(
        rig.work,
        patience=timedelta(minutes=5),
        tell=rig.done.append,
        stopped=lambda: False,
        orders=lambda: heard.append(len(rig.done)),
    )
    assert set(heard) == set(range(len(rig.done) + 1))


def test_what_ends_the_same_way_over_and_over_is_an_error() -> None:
    """A bound on every loop: the lead that does not come to rest is named."""
    rig = Rig(scenario("Ada credit"))
    rig.site.open_composer = lambda: _raise(NotLoaded("composer", "panel", "it does not open"))  # type: ignore[method-assign]
    rig.run(days=1)
    hold = rig.enrolment("Ada").hold
    assert hold is not None
    assert hold.rule == "K3"
    again = replace(rig.enrolment("Ada"), hold=None, not_before=None, phase=Phase.QUEUE)
    rig.store.commit(Changes(enrolments=(replace(again, due_at=None),)))
    rig.site.open_lead = lambda _: _raise(Missing("site", "missing", "gone"))  # type: ignore[method-assign]
    put_back = lambda: rig.store.commit(Changes(enrolments=(replace(again, due_at=None),)))  # noqa: E731
    with pytest.raises(WorkFailed, match="ACwAAAda"):
        work_through(
            rig.work,
            patience=timedelta(days=1),
            tell=rig.done.append,
            stopped=lambda: False,
            orders=put_back,
        )


def _raise(error: Exception) -> None:
    raise error


def test_a_missing_page_concerns_its_lead_only() -> None:
    """L5, K1: the next lead is written to."""
    where = scenario(
        PEOPLE, more='[[faults]]\nkind = "missing"\non = "lead"\nperson = "Ada Invented"\ntimes = 0'
    )
    rig = Rig(where)
    rig.run(days=1)
    assert [len(rig.sent(name)) for name in ("Ada", "Ben")] == [0, 1]
    skip = rig.enrolment("Ada").skip
    assert skip is not None
    assert skip.rule == "K1"
    assert Outcome.HALTED not in {done.outcome for done in rig.done}


def test_a_real_clock_is_waited_for_in_slices() -> None:
    """A signal is heard within a second; a simulated clock jumps."""
    clock = SimulatedClock(Rig(scenario(PEOPLE)).clock.now())
    start = clock.now()
    clock.simulated = False
    rest_until(
        clock, start + timedelta(hours=1), lambda: clock.now() - start >= timedelta(seconds=3)
    )
    assert clock.now() - start == timedelta(seconds=3)
    clock.simulated = True
    rest_until(clock, start + timedelta(hours=1), lambda: False)
    assert clock.now() - start == timedelta(hours=1)


def test_an_edit_moves_what_is_waiting() -> None:
    """S7: an earlier follow-up is due earlier; placing it twice moves nothing more."""
    rig = Rig(scenario("Ada credit accept-default 0.1"))
    rig.run(days=1)
    before = rig.enrolment("Ada").due_at
    slower = replace(CAMPAIGN, follow_ups=(FollowUp(20, "Later."),))
    rig.edit(slower)
    after = rig.enrolment("Ada").due_at
    assert before is not None
    assert after is not None
    assert after - before == timedelta(days=17)
    assert place_all(rig.work) == 0


def test_a_stint_works_no_further_than_it_was_told() -> None:
    """`until` is a wall: a message that is due after it is not sent."""
    rig = Rig(scenario("Ada credit accept-default 0.1"), policy=replace(POLICY))
    rig.run(days=3)
    assert len(rig.sent(kind=SendKind.MESSAGE)) == 1
