"""Measured times, and what may be said of them."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import stopwatch


@dataclass(frozen=True, slots=True)
class Series:
    """The seconds that each run of one thing took, in the order they were run."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Seconds. Raises statistics.StatisticsError without a run."""
        return statistics.median(self.seconds)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Seconds below which a quarter, and three quarters, of the runs ended."""
        if len(self.seconds) < 2:
            return self.median, self.median
        low, _, high = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return low, high


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure, and the bound that it should not exceed; None: it is told for comparison."""

    name: str
    value: float
    at_most: float | None = None

    @property
    def is_met(self) -> bool | None:
        """None where there is no bound."""
        return None if self.at_most is None else self.value <= self.at_most


@dataclass(frozen=True, slots=True)
class Report:
    """One measurement: how it was done, what came out, and what it is held against."""

    title: str
    method: str
    series: tuple[Series, ...]
    goals: tuple[Goal, ...] = ()


def ratio(ours: Series, theirs: Series) -> float:
    """The median of one series over that of another."""
    return ours.median / theirs.median


def timed(name: str, runs: int, once: Callable[[], object]) -> Series:
    """Do *once* one time to warm up, then *runs* times with the watch on."""
    once()
    return Series(name, tuple(_seconds(once) for _ in range(runs)))


def in_turn(runs: int, *things: tuple[str, Callable[[], object]]) -> tuple[Series, ...]:
    """Do each of *things* (a name, and what is done) once to warm up, then *runs* times in turn.

    What slows the machine down for a while slows all of them down.
    """
    for _, once in things:
        once()
    rounds = [[_seconds(once) for _, once in things] for _ in range(runs)]
    return tuple(
        Series(name, tuple(seconds))
        for (name, _), seconds in zip(things, zip(*rounds, strict=True), strict=True)
    )


def _seconds(once: Callable[[], object]) -> float:
    started = stopwatch()
    once()
    return stopwatch() - started


def host() -> str:
    """The machine, and how busy others keep it: a figure means little without both."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, load {load}"
    )
