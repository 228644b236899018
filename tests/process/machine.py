"""A machine for the processes under test: its clock can be set, its processes can be killed."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

from bot.clock import SystemClock

CLOCK_FOLDER = Path(__file__).parent / "clock"


class Part(StrEnum):
    """Which of a seat's processes one is."""

    DAEMON = "daemon"
    STINT = "stint"
    DRIVER = "driver"
    BROWSER = "browser"
    HELPER = "helper"


class Machine:
    """Knows its processes by a mark in their environment, and their children by their parents."""

    def __init__(self, folder: Path, start: datetime) -> None:
        self._mark = f"PLUG_LIFE={uuid4().hex}"
        self._file = folder / "clock"
        self._clock = SystemClock()
        self.set_clock(start)

    @property
    def variables(self) -> dict[str, str]:
        """What a process is started with, to be one of this machine's."""
        name, _, value = self._mark.partition("=")
        return {name: value, "PLUG_CLOCK": str(self._file), "PYTHONPATH": str(CLOCK_FOLDER)}

    def now(self) -> datetime:
        """What the machine's clock says."""
        return self._clock.now() + self._off

    def set_clock(self, to: datetime) -> None:
        """Set it, also back; whole, so that nobody reads half a number."""
        self._off = to.astimezone(UTC) - self._clock.now()
        new = self._file.with_suffix(".new")
        new.write_text(str(self._off.total_seconds()), encoding="ascii")
        new.replace(self._file)

    def move_clock(self, by: timedelta) -> None:
        """Set it ahead, or back."""
        self.set_clock(self.now() + by)

    def processes(self) -> dict[Part, list[int]]:
        """The ids of all that live, by what they are."""
        found: dict[Part, list[int]] = {part: [] for part in Part}
        family = {pid for pid in _all() if self._mark.encode() in _read(pid, "environ")}
        parents = {pid: _parent(pid) for pid in _all()}
        while more := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= more
        for pid in family:
            words = [word.decode() for word in _read(pid, "cmdline").split(b"\0")]
            if any(words):  # a zombie has none
                found[_part(words)].append(pid)
        return found

    def kill(self, *parts: Part) -> int:
        """SIGKILL to all of these parts at once; how many processes that were."""
        living = self.processes()
        pids = [pid for part in parts for pid in living[part]]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(pids)


BLOWS = {
    "all at once": tuple(Part),
    "the daemon": (Part.DAEMON,),
    "the stint": (Part.STINT,),
    "the driver": (Part.DRIVER,),
    "the browser": (Part.BROWSER,),
}
"""What is killed together."""


def _part(words: list[str]) -> Part:
    if "bot.idle" in words:
        return Part.DAEMON
    if "bot" in words and "run" in words:  # a daemon for its first moment, too
        return Part.STINT if "--once" in words else Part.DAEMON
    if any("playwright/driver" in word for word in words):
        return Part.DRIVER
    if any(word.startswith("--user-data-dir=") for word in words):
        is_main = not any(word.startswith("--type=") for word in words)
        return Part.BROWSER if is_main else Part.HELPER
    return Part.HELPER


def _all() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:  # it has just ended
        return b""


def _parent(pid: int) -> int:
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0
