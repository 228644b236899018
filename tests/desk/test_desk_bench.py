"""The benchmark of the desk measures what it says, on a seat that is small."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from bench import desk
from bench.timing import Report

pytestmark = pytest.mark.browser


def small() -> Report:
    """The bench on a small seat, in a process of its own: two loops do not go into one."""
    desk.LEADS, desk.SENT, desk.SKIPPED, desk.DECISIONS = 120, 40, 20, 20
    desk.FILTERS = ("zoe",)
    return desk.measure(1)


def test_every_screen_and_filter_of_the_bench_has_a_figure() -> None:
    """In the real process and a real browser; what is typed finds its rows."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        found = pool.submit(small).result()
    assert all(series.median > 0 for series in found.series)
    assert [goal.name for goal in found.goals if not goal.value > 0] == []
