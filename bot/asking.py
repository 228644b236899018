"""The owner's word for a seat: carried out here, or left for whoever holds the seat."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from bot import lock, orders
from bot.carry_out import ALWAYS, SHORT, carry_out, carry_out_all
from bot.clock import Clock
from bot.config import Settings
from bot.errors import SeatBusy
from bot.orders import Answered, Order
from bot.places import SeatPaths
from bot.rules.contacts import DoNotContact
from bot.seat import Seat
from bot.work import Work
from bot.workplace import at_work, opened


def ask(seat: Seat, order: Order, clock: Clock, *, seconds: float) -> Answered | None:
    """Carry *order* out, or leave it and wait for its answer; None: none within *seconds*.

    One that is left is carried out at the next step of the process that holds the seat. Raises
    what opening the seat raises.
    """
    try:
        held = take(seat)
    except SeatBusy:
        return _left(seat, order, clock, seconds)
    with held, _place(order)(seat, clock) as work:
        # What was left and not waited for comes first: the owner's last word is the one that holds.
        carry_out_all(work, seat.paths.folder, of=_before(order))
        return carry_out(work, order)


def _place(order: Order) -> Callable[[Seat, Clock], AbstractContextManager[Work]]:
    return opened if isinstance(order, ALWAYS) else at_work


def _before(order: Order) -> tuple[type, ...]:
    """What may be carried out on the way: with the files at hand that its own place has."""
    return ALWAYS if isinstance(order, ALWAYS) else SHORT


def _left(seat: Seat, order: Order, clock: Clock, seconds: float) -> Answered | None:
    """Leave *order* and wait for its answer; carried out here if the seat becomes free meanwhile.

    Who held it may have been another short command, which looks at no orders any more.
    """
    folder = seat.paths.folder

    def try_it() -> None:
        with suppress(SeatBusy), take(seat), _place(order)(seat, clock) as work:
            carry_out_all(work, folder, of=(*_before(order), type(order)))

    return orders.leave_and_wait(folder, order, seconds=seconds, meanwhile=try_it)


def take(seat: Seat) -> lock.SeatLock:
    """Hold the seat. Raises SeatBusy if another process does."""
    seat.paths.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return lock.hold(seat.paths.folder)


def bare_seat(settings: Settings, name: str) -> Seat:
    """A seat without its campaigns and lists: an owner who edits them can still say stop.

    Raises UsageError if there is no such seat.
    """
    policy = settings.seat(name)
    return Seat(settings, policy, SeatPaths(settings.home, name), (), DoNotContact())
