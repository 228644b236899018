"""Commands that change a seat: they take its lock, or leave an order for the daemon and wait."""

from __future__ import annotations

import sys
from pathlib import Path

from bot import lock, orders
from bot.carry_out import ALWAYS, carry_out
from bot.checking import checked_settings
from bot.cli.common import campaign_of, seat_of
from bot.cli.plain import say
from bot.clock import SystemClock
from bot.errors import SeatBusy, WorkFailed
from bot.orders import Answered, Order
from bot.places import SeatPaths, home_folder
from bot.rules.contacts import DoNotContact
from bot.seat import Seat
from bot.workplace import at_work, opened

WAIT_SECONDS = 60  # a stint looks for orders before each cycle


def pause(name: str, home: Path | None) -> int:
    """Pause the seat, whatever is wrong with its campaigns."""
    return _ask(_bare_seat(name, home), orders.Pause())


def resume(name: str, home: Path | None) -> int:
    """Resume the seat: the owner's word (L5)."""
    return _ask(_bare_seat(name, home), orders.Resume())


def release(lead: str, name: str, home: Path | None) -> int:
    """Release a held lead."""
    return _ask(seat_of(name, home), orders.Release(lead))


def forget(lead: str, name: str, home: Path | None) -> int:
    """Erase a person from everything that is kept (K5)."""
    return _ask(_bare_seat(name, home), orders.Forget(lead))


def settle(attempt: str, sent: bool, name: str, home: Path | None) -> int:
    """Settle an uncertain attempt as its owner has seen it (T3)."""
    return _ask(seat_of(name, home), orders.SettleByOwner(attempt, sent))


def pause_campaign(campaign: str, name: str, home: Path | None) -> int:
    """Pause a campaign (S7)."""
    seat = seat_of(name, home)
    return _ask(seat, orders.PauseCampaign(campaign_of(seat, campaign)))


def resume_campaign(campaign: str, name: str, home: Path | None) -> int:
    """Resume a campaign (S7)."""
    seat = seat_of(name, home)
    return _ask(seat, orders.ResumeCampaign(campaign_of(seat, campaign)))


def _ask(seat: Seat, order: Order) -> int:
    return answer(asked(seat, order))


def asked(seat: Seat, order: Order, *, seconds: float = WAIT_SECONDS) -> Answered:
    """Carry the order out here, or have whoever holds the seat do it. Raises WorkFailed.

    seconds  for how long the holder's answer is waited for
    """
    try:
        held = taken(seat)
    except SeatBusy:
        return left(seat, order, seconds)
    place = opened if isinstance(order, ALWAYS) else at_work
    with held, place(seat, SystemClock()) as work:
        return carry_out(work, order)


def _bare_seat(name: str, home: Path | None) -> Seat:
    """A seat without its campaigns and lists: an owner who edits them can still say stop."""
    settings = checked_settings(home_folder(home))
    policy = settings.seat(name)
    return Seat(settings, policy, SeatPaths(settings.home, name), (), DoNotContact())


def taken(seat: Seat) -> lock.SeatLock:
    """The seat's lock. Raises SeatBusy if another process has it."""
    seat.paths.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return lock.hold(seat.paths.folder)


def left(seat: Seat, order: Order, seconds: float = WAIT_SECONDS) -> Answered:
    """Leave an order for whoever works the seat, and wait for its answer. Raises WorkFailed."""
    answered = orders.leave_and_wait(seat.paths.folder, order, seconds=seconds)
    if answered is None:
        raise WorkFailed(
            f"the order is left for the process that works {seat.policy.name}, which has not "
            f"answered within {seconds:g} s; it will be carried out at its next step"
        )
    return answered


def answer(answered: Answered) -> int:
    """Tell what became of an order; return the exit code."""
    say(answered.text, sys.stdout if answered.done else sys.stderr)
    return 0 if answered.done else 1
