"""One process for each seat: a lock file that is held for life.

The lock belongs to the open file, not to the process: a stint that inherits the file keeps the seat
locked even if its daemon was killed. The file is never deleted; what stands in it is only told to
people. Nothing heavy may be imported here: a sleeping daemon needs it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from bot.clock import rest
from bot.errors import SeatBusy, WorkFailed

FILE = "lock"
FD_VARIABLE = "LEADWRIGHT_LOCK_FD"

_TRIES = 3
_BETWEEN_TRIES_SECONDS = 0.02  # holder() has the lock for less than that when it looks


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a seat: the process that took it; a stint of it may be what is left of it."""

    pid: int | None
    command: str

    def __str__(self) -> str:
        return f"process {self.pid} ({self.command})" if self.pid is not None else "a process"


class SeatLock:
    """A seat that is ours until close(), or until the last process that inherited it has ended."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def environment(self) -> dict[str, str]:
        """The environment for a child that is to adopt() the lock: start it with pass_fds=(fd,)."""
        return {**os.environ, FD_VARIABLE: str(self.fd)}

    def close(self) -> None:
        """Let go of the seat; may be called twice. A child that inherited it still holds it."""
        if self.fd >= 0:
            os.close(self.fd)  # never LOCK_UN: that would take it from the child too
            self.fd = -1

    def __enter__(self) -> SeatLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def hold(folder: Path) -> SeatLock:
    """Take a seat by its state folder, which must exist.

    Raises SeatBusy if it is held, WorkFailed if this user may not write there.
    """
    for attempt in range(_TRIES):
        try:
            fd = os.open(folder / FILE, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            why = f"{folder / FILE}: {error.strerror}: let this user write to it and to its folder"
            raise WorkFailed(why) from error
        if _taken(fd) and _is_file_of(fd, folder):
            _sign(fd)
            return SeatLock(fd)
        os.close(fd)
        if attempt + 1 < _TRIES:
            rest(_BETWEEN_TRIES_SECONDS)
    raise SeatBusy(f"{folder.name} is held by {_read(folder)}")


def adopt(folder: Path) -> SeatLock | None:
    """The lock that a daemon handed to this process; None if it handed none for this seat.

    It is not handed on to what this process starts: a browser must not keep the seat.
    """
    handed = os.environ.get(FD_VARIABLE, "")
    if not handed.isdecimal():
        return None
    fd = int(handed)
    if not _is_file_of(fd, folder) or not _taken(fd):
        return None
    os.set_inheritable(fd, False)
    return SeatLock(fd)


def holder(folder: Path) -> Holder | None:
    """Who holds a seat, None if nobody does. It is not taken by looking."""
    try:
        fd = os.open(folder / FILE, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(folder)
    finally:
        os.close(fd)
    return None


def _taken(fd: int) -> bool:
    """Lock an open file; True as well if it is locked through this very open file already."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_file_of(fd: int, folder: Path) -> bool:
    """Whether *fd* is the lock file that stands in the folder now."""
    try:
        ours, there = os.fstat(fd), (folder / FILE).stat()
    except OSError:
        return False
    return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)


def _sign(fd: int) -> None:
    text = json.dumps({"pid": os.getpid(), "command": shlex.join(sys.argv)})
    os.ftruncate(fd, 0)
    os.pwrite(fd, text.encode(), 0)


def _read(folder: Path) -> Holder:
    try:
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return Holder(int(told["pid"]), str(told["command"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Holder(None, "")
