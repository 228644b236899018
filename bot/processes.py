"""What the kernel tells of a seat's processes: their memory. Where it tells nothing, None."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def holds(pid: int, path: Path, proc: Path = PROC) -> bool:
    """Whether a process has that file open.

    A number alone tells little: the process may have ended, and another may bear it now.
    """
    try:
        there = path.stat()
        opened = list((proc / str(pid) / "fd").iterdir())
    except OSError:
        return False
    for each in opened:
        with suppress(OSError):
            found = each.stat()
            if (found.st_dev, found.st_ino) == (there.st_dev, there.st_ino):
                return True
    return False


def resident_bytes(pid: int, proc: Path = PROC) -> int | None:
    """The memory that a process has resident, shared pages whole (VmRSS)."""
    return _bytes(proc / str(pid) / "status", "VmRSS")


def proportional_bytes(pid: int, proc: Path = PROC) -> int | None:
    """The same with shared pages divided among those that share them (Pss): these add up."""
    return _bytes(proc / str(pid) / "smaps_rollup", "Pss")


def descendants(pid: int, proc: Path = PROC) -> tuple[int, ...]:
    """Children of a process, and theirs."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        children = _children(waiting.pop(), proc)
        fresh = [child for child in children if child not in found and child != pid]
        found += fresh
        waiting += fresh
    return tuple(found)


def _children(pid: int, proc: Path) -> list[int]:
    told: list[int] = []
    with suppress(OSError):
        for task in (proc / str(pid) / "task").iterdir():
            words = (task / "children").read_text(encoding="ascii").split()
            told += [int(word) for word in words if word.isdecimal()]
    return told


def _bytes(path: Path, key: str) -> int | None:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    found = re.search(rf"^{key}:\s+(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) * 1024 if found is not None else None
