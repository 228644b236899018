"""The commands that only look, and a scrape of the metrics, over 100,000 leads.

The seat is that of the desk's bench: it has worked for years.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import desk
from bench.timing import Goal, Report, timed
from bot.clock import SystemClock
from bot.metrics.serve import printed

GOAL_SECONDS = 0.6
LOOKING = (("status",), ("inbox", "bench"))
METHOD = (
    "{leads:,} leads, {sent:,} InMails sent, {entries:,} ledger entries; {runs} runs of each "
    "command in a process of its own, files in the cache; a scrape is what /metrics answers, "
    "without the network, in one process"
)


def measure(runs: int) -> Report:
    """Time each command, and a scrape."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        entries = desk.fill(home, SystemClock().now())
        series = [
            timed(f"leadwright {' '.join(words)}", runs, partial(_run, home, *words))
            for words in LOOKING
        ]
        scrape = timed("a scrape", runs, lambda: printed(home, SystemClock()))
    goals = [
        Goal(f"{each.name} in seconds", each.median, GOAL_SECONDS) for each in (*series, scrape)
    ]
    method = METHOD.format(leads=desk.LEADS, sent=desk.SENT, entries=entries, runs=runs)
    return Report("Commands", method, (*series, scrape), tuple(goals))


def _run(home: Path, *words: str) -> None:
    command = [sys.executable, "-m", "bot", *words, "--home", str(home)]
    subprocess.run(command, check=True, capture_output=True)
