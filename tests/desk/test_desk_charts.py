"""Charts: numbers in, a picture out that tells the same."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from bot.desk.charts import Bar, Point, Segment, bars, steps

START = datetime(2026, 3, 2, tzinfo=UTC)
values = st.lists(st.integers(0, 400), min_size=1, max_size=30)


@given(values, st.integers(1, 300), st.integers(0, 40))
def test_a_line_stays_within_its_picture(numbers: list[int], cap: int, ahead: int) -> None:
    """Whatever the values, and however far they reach, nothing is drawn outside."""
    points = [Point(START + timedelta(hours=n), value) for n, value in enumerate(numbers)]
    until = points[-1].at
    coming = [Point(until + timedelta(days=ahead), 500)] if ahead else []
    picture = steps(points, until, title="Credits", zone=UTC, cap=cap, ahead=coming)
    svg = LexborHTMLParser(picture).css_first("svg.chart")
    assert svg is not None
    for path in svg.css("path"):
        words = (path.attributes["d"] or "").split()
        moves = list(itertools.pairwise(words))
        across = [float(number) for letter, number in moves if letter in "MH"]
        up = [float(number) for letter, number in moves if letter == "V"]
        assert all(0 <= x <= 100 for x in across)
        assert all(0 <= y <= 240 for y in up)
    for element in svg.css("line, text"):
        x = (element.attributes.get("x1") or element.attributes.get("x") or "").rstrip("%")
        assert 0 <= float(x) <= 100


def test_a_line_holds_its_value_until_it_changes() -> None:
    """A balance is a step from one entry to the next, not a slope."""
    points = [Point(START, 10), Point(START + timedelta(days=5), 5)]
    until = START + timedelta(days=10)
    picture = steps(points, until, title="Credits", zone=UTC, cap=10)
    line = LexborHTMLParser(picture).css_first("path.line")
    assert line is not None
    assert (line.attributes["d"] or "").startswith("M 0.00 16.0 H 50.00 V ")
    assert "Credits: 10 at the beginning, 5 now" in picture


def test_nothing_is_no_picture() -> None:
    """A ledger without entries has no line."""
    assert steps([], START, title="", zone=UTC, cap=150) == ""


def test_bars_are_of_one_scale() -> None:
    """The longest fills the width; parts stand one after the other; names are text."""
    rows = [
        Bar("Leads", (Segment("leads", 200),)),
        Bar("<b>Sent</b>", (Segment("credit", 50), Segment("free", 25)), "(<i>)"),
    ]
    picture = LexborHTMLParser(bars(rows, title="Funnel"))
    shapes = [(s.attributes["x"], s.attributes["width"]) for s in picture.css("rect.shade-1")]
    assert shapes == [("0.00%", "100.00%"), ("0.00%", "25.00%"), ("25.00%", "12.50%")]
    assert not picture.css("b, i")


def test_bars_of_nothing_are_drawn() -> None:
    """A campaign without leads divides by nothing."""
    assert "0.00%" in bars([Bar("Leads", (Segment("leads", 0),))], title="Funnel")
