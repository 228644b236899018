"""The benchmark's arithmetic, and its cheap measurements; the browser's part is `make bench`."""

from __future__ import annotations

from itertools import count

import pytest

from bench import commands, desk, pages, reading, store
from bench.timing import Goal, Series, ratio, timed
from bot.pages.reader import Reader


def test_a_ratio_is_of_medians() -> None:
    """One slow run in a series does not move the ratio."""
    ours, theirs = Series("ours", (3.0, 3.0, 90.0)), Series("theirs", (2.0, 0.1, 2.0))
    assert ratio(ours, theirs) == pytest.approx(1.5)


def test_half_of_the_runs_lie_between_the_quartiles() -> None:
    """The spread tells where the middle half lies, and one run has none."""
    assert Series("five", (5.0, 1.0, 4.0, 2.0, 3.0)).quartiles == (2.0, 4.0)
    assert Series("one", (7.0,)).quartiles == (7.0, 7.0)


def test_a_goal_at_its_bound_is_met() -> None:
    """A goal is a bound that may be reached and not passed; without one nothing is judged."""
    assert Goal("at", 1.15, 1.15).is_met is True
    assert Goal("over", 1.151, 1.15).is_met is False
    assert Goal("told", 9.0).is_met is None


def test_the_warm_up_is_not_counted() -> None:
    """So many runs are timed as were asked for, after one more that is not."""
    calls = count()
    assert len(timed("calls", 3, lambda: next(calls)).seconds) == 3
    assert next(calls) == 4


def test_what_needs_no_browser_can_be_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every reader and the store have a figure, and no figure is nothing."""
    monkeypatch.setattr(store, "SIZES", (100, 200))
    monkeypatch.setattr(store, "STOCK_SIZES", (100, 200))
    monkeypatch.setattr(store, "FINISHED", 150)
    read, stored = pages.measure(2), store.measure(2)
    assert [series.name for series in read.series] == list(pages.CASES)
    assert all(series.median > 0 for series in (*read.series, *stored.series))


def test_the_page_of_the_reading_bench_is_as_large_as_it_says() -> None:
    """200 kB, and all eight fields of the lead are read from it."""
    assert 195_000 < len(reading.page_of_200_kb().encode()) <= reading.BYTES
    assert None not in reading.eight_fields(Reader.shipped().lead(reading.as_snapshot()))


def test_the_commands_of_the_bench_are_run_on_its_seat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each in a process of its own, and a scrape; every figure has its goal."""
    for name, few in (("LEADS", 60), ("SENT", 20), ("SKIPPED", 10), ("DECISIONS", 5)):
        monkeypatch.setattr(desk, name, few)
    found = commands.measure(1)
    assert [series.name for series in found.series] == [
        "leadwright status",
        "leadwright inbox bench",
        "a scrape",
    ]
    assert all(goal.value > 0 and goal.at_most == 0.6 for goal in found.goals)
