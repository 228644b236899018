"""How long the command line takes to say what it can do."""

from __future__ import annotations

import subprocess
import sys

from bench.timing import Goal, Report, timed

GOAL_SECONDS = 0.35
METHOD = "{runs} runs of `leadwright --help` in a process of its own, files in the cache"


def measure(runs: int) -> Report:
    """Time the start."""
    series = timed("leadwright --help", runs, _help)
    goals = (Goal("start-up in seconds", series.median, GOAL_SECONDS),)
    return Report("Start-up", METHOD.format(runs=runs), (series,), goals)


def _help() -> None:
    subprocess.run([sys.executable, "-m", "bot", "--help"], check=True, capture_output=True)
