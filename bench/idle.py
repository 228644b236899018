"""The memory of daemons that sleep: one alone, and each of many."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.timing import Goal, Report
from bot import pulse
from bot.clock import SystemClock
from bot.configfile import DAYS
from bot.places import SeatPaths
from bot.processes import descendants, proportional_bytes

MANY = 200
AT_ONCE = 4  # first stints, so that two cores are not the measure
GOAL_MEGABYTES = 25.0
METHOD = (
    "Pss of the process and its children, by the kernel's count, after a first stint that found no "
    "working hours; alone, and the largest of {many} on this machine"
)
SEAT = '[seats.{name}]\nworking_days = ["{day}"]\n'


def measure(many: int = MANY) -> Report:
    """Let them fall asleep, and look."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        names = [f"seat-{number}" for number in range(many)]
        in_four_days = DAYS[(SystemClock().now() + timedelta(days=4)).weekday()]
        tables = [SEAT.format(name=name, day=in_four_days) for name in names]
        (home / "config.toml").write_text("".join(tables), encoding="utf-8")
        with ExitStack() as stack:
            pids = [stack.enter_context(_started(home, names[0]))]
            _wait_for(home, names[0])
            alone = _at_rest(pids)[0]
            for start in range(1, many, AT_ONCE):
                pids += [stack.enter_context(_started(home, n)) for n in names[start:][:AT_ONCE]]
                for name in names[start:][:AT_ONCE]:
                    _wait_for(home, name)
            each = _at_rest(pids)
            for pid in pids:
                os.kill(pid, signal.SIGTERM)  # all at once: each takes a second to hear it
    goals = (
        Goal("megabytes alone", alone, GOAL_MEGABYTES),
        Goal(f"megabytes of the largest of {many}", max(each), GOAL_MEGABYTES),
        Goal(f"megabytes of {many} together", sum(each)),
    )
    return Report("Idle daemons", METHOD.format(many=many), (), goals)


@contextmanager
def _started(home: Path, name: str) -> Iterator[int]:
    command = [sys.executable, "-m", "bot", "run", name, "--home", str(home)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            yield process.pid
        finally:
            process.terminate()


def _wait_for(home: Path, name: str) -> None:
    """Until its stint tells that it ends. Raises RuntimeError after a minute."""
    clock = SystemClock()
    folder = SeatPaths(home, name).folder
    for _ in range(600):
        told = pulse.read(folder)
        if told is not None and told.asleep:
            return
        clock.sleep_until(clock.now() + timedelta(seconds=0.1))
    raise RuntimeError(f"{name} does not fall asleep")


def _at_rest(pids: list[int]) -> list[float]:
    """Megabytes of each, when the last stint's process has ended, too."""
    clock = SystemClock()
    clock.sleep_until(clock.now() + timedelta(seconds=3))
    return [_megabytes(pid) for pid in pids]


def _megabytes(pid: int) -> float:
    """Of a process and its children. Raises RuntimeError where the kernel does not tell."""
    found = [proportional_bytes(each) for each in (pid, *descendants(pid))]
    if None in found:
        raise RuntimeError("the kernel does not tell the memory of processes")
    return sum(each or 0 for each in found) / 1e6
