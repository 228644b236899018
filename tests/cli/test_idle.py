"""The daemon of a seat that sleeps."""

from __future__ import annotations

import pytest

from bench import idle


@pytest.mark.slow
def test_a_daemon_that_sleeps_is_small() -> None:
    """At most 25 MB with its children, alone and beside another one, as the bench measures."""
    report = idle.measure(2)
    assert [goal.is_met for goal in report.goals[:2]] == [True, True], report.goals
    assert report.goals[0].value > 1, "something was measured"
