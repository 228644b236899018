"""What a seat's books do not hold, counted over its stints: one small file, replaced as a whole.

It is talk, not truth, and for machines alone (`leadwright metrics`). Numbers only grow, from one
process to the next; a file that cannot be read begins anew, which its reader takes for a restart.
One process writes at a time: the stint, and after its end the daemon that started it. Nothing heavy
may be imported here: a sleeping daemon needs it.
"""

from __future__ import annotations

import json
import math
import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

FILE = "meter.json"
LAG_BOUNDS = (1.0, 10.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0)
"""Seconds: an action that came late by no more than this; the last count is of all later ones."""

_LARGEST = 2**53  # what a metric, a float, holds exactly


@dataclass(slots=True)
class Meter:
    """Counts of a seat since its first stint.

    page_reads       by (page, result)
    actions          by (action, outcome)
    stints           by (exit code,)
    browser_seconds  during which a browser was open
    lags             how many due actions came late by LAG_BOUNDS, and later
    lag_seconds      all their delays together
    due_at           what is due next, as the last stint saw it; None: nothing, or being done
    """

    page_reads: Counter[tuple[str, ...]] = field(default_factory=Counter)
    actions: Counter[tuple[str, ...]] = field(default_factory=Counter)
    stints: Counter[tuple[str, ...]] = field(default_factory=Counter)
    browser_seconds: float = 0.0
    browsers: int = 0
    lags: list[int] = field(default_factory=lambda: [0] * (len(LAG_BOUNDS) + 1))
    lag_seconds: float = 0.0
    due_at: datetime | None = None

    def late(self, by: timedelta) -> None:
        """A due action was begun so much later; a clock that was set back makes none early."""
        seconds = max(0.0, by.total_seconds())
        self.lags[bisect_left(LAG_BOUNDS, seconds)] += 1
        self.lag_seconds += seconds


def write(folder: Path, meter: Meter) -> None:
    """Replace the seat's file, whole on the disk before it stands there; a failure tells nobody.

    Whoever counts must not end the work that is counted: a full disk ends it by itself.
    """
    told = {
        "page_reads": _listed(meter.page_reads),
        "actions": _listed(meter.actions),
        "stints": _listed(meter.stints),
        "browser_seconds": meter.browser_seconds,
        "browsers": meter.browsers,
        "lags": meter.lags,
        "lag_seconds": meter.lag_seconds,
        "due_at": meter.due_at.isoformat() if meter.due_at is not None else None,
    }
    new = folder / f"{FILE}.new"
    with suppress(OSError):
        with new.open("w", encoding="utf-8") as file:
            json.dump(told, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(folder / FILE)


def read(folder: Path) -> Meter | None:
    """The seat's meter; None if there is none, or it cannot be read."""
    try:
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        lags = [_number(count) for count in told["lags"]]
        due_at = told["due_at"]
        if len(lags) != len(LAG_BOUNDS) + 1:
            return None
        return Meter(
            page_reads=_counted(told["page_reads"], 2),
            actions=_counted(told["actions"], 2),
            stints=_counted(told["stints"], 1),
            browser_seconds=_seconds(told["browser_seconds"]),
            browsers=_number(told["browsers"]),
            lags=lags,
            lag_seconds=_seconds(told["lag_seconds"]),
            due_at=_moment(due_at) if due_at is not None else None,
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def count_stint(folder: Path, code: int) -> None:
    """Count a stint that ended with this exit code; below 0 it was a signal that ended it."""
    meter = read(folder) or Meter()
    meter.stints[("signal" if code < 0 else str(code),)] += 1
    write(folder, meter)


def _listed(counts: Mapping[tuple[str, ...], int]) -> list[list[str | int]]:
    return [[*labels, count] for labels, count in sorted(counts.items())]


def _counted(rows: list[list[str | int]], labels: int) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        if len(row) != labels + 1:
            raise ValueError("another number of labels")
        found[tuple(map(str, row[:-1]))] += _number(row[-1])
    return found


def _number(told: object) -> int:
    if not isinstance(told, int) or isinstance(told, bool) or not 0 <= told < _LARGEST:
        raise ValueError("no count")
    return told


def _seconds(told: object) -> float:
    if not isinstance(told, int | float) or not math.isfinite(told) or not 0 <= told < _LARGEST:
        raise ValueError("no seconds")
    return float(told)


def _moment(told: str) -> datetime:
    found = datetime.fromisoformat(told)
    if found.tzinfo is None:
        raise ValueError("no zone")
    return found
