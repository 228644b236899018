"""Only so many browsers at once on a machine: whoever comes first goes first.

Each that wants one draws a numbered ticket, a file that it keeps locked while it lives. Those with
the lowest numbers go ahead. A process that is killed lets go of its lock, and so of its turn.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.clock import rest
from bot.errors import MustWait, WorkFailed

VARIABLE = "LEADWRIGHT_TICKET"  # "number:fd", from who waited to the stint that it becomes
DOOR = "door"  # whoever draws a ticket or looks through them holds it, for a moment
LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place in the queue, and while it is among the first, a browser."""

    folder: Path
    number: int
    fd: int

    def ahead(self, at_once: int) -> int:
        """How many came before; it is its turn when they are fewer than *at_once*.

        Whether they live is asked of those whose turn it is: of many that wait the others may have
        died, and are found when they are among the first.
        """
        with _door(self.folder):
            before = sorted(each for each in _tickets(self.folder) if each[0] < self.number)
            living = 0
            while before and living < at_once:
                living += _is_there(before.pop(0)[1])
            return living + len(before)

    def give_back(self) -> None:
        """The next one's turn."""
        with _door(self.folder):
            _path(self.folder, self.number).unlink(missing_ok=True)
            os.close(self.fd)


def draw(folder: Path) -> Ticket:
    """Draw a ticket; the folder is made. Raises WorkFailed if this user may not write there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _door(folder):
            last = max((number for number, _ in _tickets(folder)), default=0)
            fd = os.open(_path(folder, last + 1), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
            fcntl.flock(fd, fcntl.LOCK_EX)
    except OSError as error:
        why = f"{folder}: {error.strerror}: let this user write there"
        raise WorkFailed(why) from error
    return Ticket(folder, last + 1, fd)


def somebody_waits(folder: Path, at_once: int) -> bool:
    """Whether there are more tickets than turns; of one who died meanwhile it is not known yet."""
    return folder.is_dir() and len(_tickets(folder)) > at_once


def adopt(folder: Path) -> Ticket | None:
    """The ticket that this process waited with before it became a stint; None if it has none.

    It is not handed on to what this process starts.
    """
    number, _, fd = os.environ.pop(VARIABLE, "").partition(":")
    if not (number.isdecimal() and fd.isdecimal()):
        return None
    try:
        ours, there = os.fstat(int(fd)), _path(folder, int(number)).stat()
    except OSError:
        return None
    if (ours.st_dev, ours.st_ino) != (there.st_dev, there.st_ino):
        return None
    os.set_inheritable(int(fd), False)
    return Ticket(folder, int(number), int(fd))


@contextmanager
def turn(folder: Path, at_once: int, waiting: Callable[[Ticket, int], None]) -> Iterator[None]:
    """Wait until fewer than *at_once* have a browser, and keep the place until the end.

    waiting  called again and again meanwhile, with how many have to come before; it may raise, and
             keeps the place then if it raises MustWait
    """
    ticket, kept = adopt(folder) or draw(folder), False
    try:
        while (ahead := ticket.ahead(at_once)) >= at_once:
            waiting(ticket, ahead - at_once)
            rest(LOOK_SECONDS)
        yield
    except MustWait:
        kept = True
        raise
    finally:
        if not kept:
            ticket.give_back()


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:09}"


def _tickets(folder: Path) -> list[tuple[int, Path]]:
    return [(int(path.name), path) for path in folder.iterdir() if path.name.isdecimal()]


def _is_there(path: Path) -> bool:
    """Whether who drew a ticket lives; else it is taken away."""
    fd = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        path.unlink()
        return False
    finally:
        os.close(fd)


@contextmanager
def _door(folder: Path) -> Iterator[None]:
    fd = os.open(folder / DOOR, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
