"""What the kernel tells of processes, and what is made of a kernel that tells nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bot.processes import descendants, holds, proportional_bytes, resident_bytes

MEGABYTE = 1_000_000


def test_a_process_has_memory_and_children() -> None:
    """Ours is larger than a megabyte, and knows its children, and theirs."""
    inner = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-c", inner], stdin=subprocess.PIPE) as child:
        try:
            found: tuple[int, ...] = ()
            while len(found) < 2 and child.poll() is None:
                found = descendants(os.getpid())
            assert child.pid in found
            for pid in found:
                assert (proportional_bytes(pid) or 0) >= 0
        finally:
            child.communicate(b"\n\n")
    resident, shared = resident_bytes(os.getpid()), proportional_bytes(os.getpid())
    assert resident is not None
    assert shared is not None
    assert MEGABYTE < shared <= resident


def test_a_number_is_a_process_of_ours_only_if_it_holds_the_file(tmp_path: Path) -> None:
    """The number of a process that ended may be another's by now."""
    mine, other = tmp_path / "lock", tmp_path / "other"
    other.touch()
    with mine.open("w"):
        assert holds(os.getpid(), mine)
        assert not holds(os.getpid(), other)
    assert not holds(os.getpid(), mine)
    assert not holds(os.getpid(), tmp_path / "gone")


def test_where_the_kernel_tells_nothing_nothing_is_told(tmp_path: Path) -> None:
    """A machine without /proc, a process that is gone, and a file that says something else."""
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "status").write_text("VmRSS:\t lots kB\n")
    for pid in (7, 8):
        assert resident_bytes(pid, tmp_path) is None
        assert proportional_bytes(pid, tmp_path) is None
        assert descendants(pid, tmp_path) == ()
        assert not holds(pid, tmp_path / "7" / "status", tmp_path)
