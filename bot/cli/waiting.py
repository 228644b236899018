"""A stint that waits for its turn with a browser: `python -m bot.cli.waiting`, and small.

A stint of a daemon becomes it, in the same process, with its ticket and the seat's lock in hand. It
becomes a stint again when its turn has come, or when the owner changed or ordered something. What
a stint needs (70 MB of it) is gone meanwhile: of two hundred seats all but a few wait. Nothing
heavy may be imported here.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import NoReturn

from bot import pulse
from bot.browser_turns import LOOK_SECONDS, VARIABLE, Ticket
from bot.cli.ending import ended, go_on
from bot.clock import SystemClock, rest
from bot.daemon import Signals, Watched
from bot.lock import SeatLock
from bot.places import SeatPaths
from bot.pulse import Pulse

FAR = 8  # whoever has more before it looks at the queue less often
FAR_LOOKS = 5
BEAT_LOOKS = 60  # the daemon takes a stint that tells nothing for one that hangs
STOPPED = "asked to stop while it waited for its turn with a browser"


def become(ticket: Ticket, at_once: int, paths: SeatPaths, lock: SeatLock, before: str) -> NoReturn:
    """Wait in place of this stint, whose store is closed by now.

    before  the owner's files as the stint found them (see told_of)
    """
    for fd in (ticket.fd, lock.fd):
        os.set_inheritable(fd, True)
    seat = (str(paths.home), paths.seat)
    place = (str(ticket.number), str(ticket.fd), str(at_once), before)
    go_on("bot.cli.waiting", *seat, *place, *sys.argv[1:])


def told_of(paths: SeatPaths) -> str:
    """The state of the files that end a wait, as one word."""
    files = Watched.of(paths).state()
    return blake2b(repr(files).encode(), digest_size=16).hexdigest()


def main() -> int:
    """Wait; the exit code of one that was asked to stop."""
    home, name, number, fd, at_once, before, *command = sys.argv[1:]
    paths = SeatPaths(Path(home), name)
    ticket = Ticket(paths.browsers, int(number), int(fd))
    if _turn_comes(ticket, int(at_once), paths, before):
        os.environ[VARIABLE] = f"{ticket.number}:{ticket.fd}"
        go_on("bot", *command)
    ticket.give_back()
    pulse.write(paths.folder, Pulse(SystemClock().now(), f"stopped: {STOPPED}", asleep=True))
    return 1


def _turn_comes(ticket: Ticket, at_once: int, paths: SeatPaths, before: str) -> bool:
    """Wait until the stint may go on; False: somebody asked it to stop."""
    signals, clock, looks, ahead = Signals(), SystemClock(), 0, at_once
    signals.listen()
    while not signals.asked():
        if looks % (FAR_LOOKS if ahead > FAR else 1) == 0:
            there = ticket.ahead(at_once)
            if there < at_once or told_of(paths) != before:
                return True
            if there != ahead or looks % BEAT_LOOKS == 0:
                pulse.write(paths.folder, waits(clock.now(), there - at_once))
            ahead = there
        looks += 1
        rest(LOOK_SECONDS)
    return False


def waits(now: datetime, before_it: int) -> Pulse:
    """What a seat tells while others have all browsers that may be open."""
    return Pulse(now, f"waits for its turn with a browser, {before_it} before it")


if __name__ == "__main__":
    sys.exit(ended(main))
