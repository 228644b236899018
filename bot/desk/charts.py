"""Charts as SVG: numbers in, markup out. No styles inside: the style sheet knows the classes.

Places are percentages of the picture's width, so that a chart is as wide as its page while its
letters keep their size.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from markupsafe import Markup, escape

HEIGHT = 240  # of a line chart, in pixels
_TOP, _BOTTOM = 16, 28  # room above the highest value, and below for the days
_MOST_TICKS = 6
_STEPS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 10_000)  # from line to line of the grid
_NEAR = 0.6  # of the cap: from there on it is shown
_ROW = 52  # of a bar and its words


@dataclass(frozen=True, slots=True)
class Point:
    """A value from a moment on."""

    at: datetime
    value: int


@dataclass(frozen=True, slots=True)
class Band:
    """What a value may be at a moment: most likely between `low` and `high`."""

    at: datetime
    low: int
    median: int
    high: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar; `shade` is one of the style sheet's classes, shade-1 to shade-4."""

    name: str
    value: int
    shade: int = 1


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: a name, and its parts one after the other."""

    name: str
    parts: tuple[Segment, ...]
    note: str = ""

    @property
    def value(self) -> int:
        """All parts together."""
        return sum(part.value for part in self.parts)


def steps(
    points: Sequence[Point],
    until: datetime,
    *,
    title: str,
    zone: tzinfo,
    cap: int,
    ahead: Sequence[Point] = (),
    bands: Sequence[Band] = (),
    marks: Sequence[tuple[datetime, str]] = (),
) -> Markup:
    """A value over time, which holds from each point to the next, up to *until*.

    cap    the highest value that can be, where the scale ends unless a value is above it
    ahead  what is expected after *until*; drawn apart from what was
    bands  between what it will be, most likely
    marks  moments with a word, e.g. when credits expire
    """
    if not points:
        return Markup("")
    start = points[0].at
    end = max([until, *(point.at for point in ahead), *(at for at, _ in marks)])
    values = [point.value for point in (*points, *ahead)]
    highest = max([1, *values, *(band.high for band in bands)])
    # A cap that is far away would only press the line down.
    top = max(cap, highest) if highest > cap * _NEAR else math.ceil(highest * 1.15)
    scale = _Scale(start, max(end, start + timedelta(hours=1)), top)
    last = points[-1].value
    drawn = [
        *_grid(scale, cap),
        *_days(scale, zone),
        *_marks(scale, marks),
        _lines(scale, points, until, ahead, bands),
        _upright(scale, until, "now", "now"),
    ]
    text = f"{title}: {points[0].value} at the beginning, {last} now"
    return _svg("steps", HEIGHT, text, drawn)


def bars(rows: Sequence[Bar], *, title: str) -> Markup:
    """Bars of one scale under each other, each with its words above it; a funnel."""
    most = max([1, *(row.value for row in rows)])
    drawn: list[str] = []
    for number, row in enumerate(rows):
        y = number * _ROW
        drawn.append(f'<text class="name" x="0" y="{y + 16}">{escape(row.name)}</text>')
        told = f"{row.value} {row.note}".strip()
        drawn.append(f'<text class="value" x="100%" y="{y + 16}">{escape(told)}</text>')
        drawn.append(f'<rect class="ground" x="0" y="{y + 24}" width="100%" height="14" rx="3"/>')
        left = 0.0
        for part in row.parts:
            width = 100 * part.value / most
            shape = f'x="{left:.2f}%" y="{y + 24}" width="{width:.2f}%" height="14" rx="3"'
            named = f"<title>{escape(part.name)}: {part.value}</title>"
            drawn.append(f'<rect class="shade-{part.shade}" {shape}>{named}</rect>')
            left += width
    said = ", ".join(f"{row.name} {row.value}" for row in rows)
    return _svg("bars", len(rows) * _ROW, f"{title}: {said}", drawn)


@dataclass(frozen=True, slots=True)
class _Scale:
    start: datetime
    end: datetime
    top: int

    def x(self, at: datetime) -> str:
        """Percent of the width."""
        return f"{100 * ((at - self.start) / (self.end - self.start)):.2f}"

    def y(self, value: int) -> str:
        """Pixels from above."""
        room = HEIGHT - _TOP - _BOTTOM
        return f"{_TOP + room * (1 - value / self.top):.1f}"


def _grid(scale: _Scale, cap: int) -> Iterator[str]:
    step = next(step for step in _STEPS if scale.top / step <= 5)
    for value in range(0, scale.top + 1, step):
        kind = "cap" if value == cap else "grid"
        y = scale.y(value)
        yield f'<line class="{kind}" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
        yield f'<text class="tick" x="0" y="{float(y) - 3:.1f}">{value}</text>'


def _days(scale: _Scale, zone: tzinfo) -> Iterator[str]:
    """A few days below the line, never so near the edges that they are cut."""
    span = scale.end - scale.start
    for number in range(_MOST_TICKS):
        at = scale.start + span * ((number + 0.5) / _MOST_TICKS)
        local = at.astimezone(zone)
        told = f"{local.day} {local:%b}" if span < timedelta(days=300) else f"{local:%b %y}"
        kind = "tick middle" if number % 2 == 0 else "tick middle spare"
        yield f'<text class="{kind}" x="{scale.x(at)}%" y="{HEIGHT - 8}">{told}</text>'


def _marks(scale: _Scale, marks: Sequence[tuple[datetime, str]]) -> Iterator[str]:
    return (_upright(scale, at, "mark", word) for at, word in marks)


def _upright(scale: _Scale, at: datetime, kind: str, word: str) -> str:
    x, ends = scale.x(at), f'y1="{_TOP}" y2="{HEIGHT - _BOTTOM}"'
    named = f"<title>{escape(word)}</title>"
    return f'<line class="{kind}" x1="{x}%" x2="{x}%" {ends}>{named}</line>'


def _lines(
    scale: _Scale,
    points: Sequence[Point],
    until: datetime,
    ahead: Sequence[Point],
    bands: Sequence[Band],
) -> str:
    """Lines and band, in a picture of their own that is stretched to the chart's width."""
    was = _path(scale, [*points, Point(until, points[-1].value)])
    ground = f"{was} V {HEIGHT - _BOTTOM} H 0 Z"
    drawn = [f'<path class="area" d="{ground}"/>', f'<path class="line" d="{was}"/>']
    if bands:
        drawn.append(f'<path class="band" d="{_around(scale, until, points[-1].value, bands)}"/>')
    if ahead:
        coming = _path(scale, [Point(until, points[-1].value), *ahead])
        drawn.append(f'<path class="line ahead" d="{coming}"/>')
    size = f'width="100%" height="{HEIGHT}" viewBox="0 0 100 {HEIGHT}"'
    return f'<svg {size} preserveAspectRatio="none">{"".join(drawn)}</svg>'


def _around(scale: _Scale, start: datetime, value: int, bands: Sequence[Band]) -> str:
    """The outline of a band: there along its upper edge, back along the lower one."""
    begin = f"{scale.x(start)} {scale.y(value)}"
    there = [f"L {scale.x(band.at)} {scale.y(band.high)}" for band in bands]
    back = [f"L {scale.x(band.at)} {scale.y(band.low)}" for band in reversed(bands)]
    return " ".join([f"M {begin}", *there, *back, "Z"])


def _path(scale: _Scale, points: Sequence[Point]) -> str:
    first = points[0]
    turns = [f"M {scale.x(first.at)} {scale.y(first.value)}"]
    for before, after in pairwise(points):
        turns.append(f"H {scale.x(after.at)}")
        if after.value != before.value:
            turns.append(f"V {scale.y(after.value)}")
    return " ".join(turns)


def _svg(kind: str, height: int, text: str, drawn: Sequence[str]) -> Markup:
    head = f'<svg class="chart {kind}" width="100%" height="{height}" role="img"'
    label = f'aria-label="{escape(text)}"'
    return Markup(f"{head} {label}>{''.join(drawn)}</svg>")  # noqa: S704  numbers, escaped words
