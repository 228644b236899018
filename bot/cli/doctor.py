"""`doctor`: is this machine ready; and for a seat, do its pages have the hooks that are needed."""

from __future__ import annotations

from pathlib import Path

from bot.cli.common import seat_of
from bot.cli.orders import asked
from bot.cli.plain import say
from bot.cli.setup import doctor, tell
from bot.config import home_folder
from bot.errors import SeatHalted
from bot.orders import LookAtHooks
from bot.store.store import Store

LONGEST_LOOK_SECONDS = 180  # a page that does not come is waited for, and so is a second one


def doctor_command(name: str | None, home: Path | None) -> int:
    """`leadwright doctor [SEAT]`: exit code 1 if anything is missing, or any hook is broken.

    The seat's live pages are opened and read only if all of its files are right. Raises SeatHalted
    for a seat that waits for its owner: then no page is opened (L5).
    """
    found = doctor(home_folder(home), name)
    tell(found)
    if found.faults or name is None:
        return 1 if found.faults else 0
    seat = seat_of(name, home)
    answered = asked(seat, LookAtHooks(), seconds=LONGEST_LOOK_SECONDS)
    with Store.open(seat.paths.state, read_only=True) as store:
        halted = store.seat().halted
    if halted is not None:
        raise SeatHalted(halted.kind, f"the seat is halted: {halted.reason}")
    say(answered.text)
    return 0 if answered.done else 1
