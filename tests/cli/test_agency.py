"""Many seats on one machine, as the bench lets them work."""

from __future__ import annotations

import pytest

from bench import agency

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_four_seats_work_their_day_with_two_browsers() -> None:
    """Each writes to all of its people, once, and never are more browsers open than may be."""
    report = agency.measure(agency.Day(4, 10, (0, 0)), with_pauses=None)
    told = {goal.name: goal for goal in report.goals}
    assert told["browsers seen open at once"].value in (1, 2)
    assert told["minutes that the longest wait for a browser took"].value > 0
    assert {goal.is_met for goal in report.goals} <= {None, True}
