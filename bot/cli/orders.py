"""Commands that change a seat: they take its lock, or leave an order for the daemon and wait."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

from bot import asking, orders
from bot.checking import checked_settings
from bot.cli.common import campaign_of, seat_of
from bot.cli.plain import say
from bot.clock import SystemClock
from bot.errors import WorkFailed
from bot.orders import Answered, Order
from bot.places import home_folder
from bot.seat import Seat

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


def asked(seat: Seat, order: Order, *, seconds: float | None = None) -> Answered:
    """Carry the order out here, or have whoever holds the seat do it. Raises WorkFailed.

    seconds  for how long the holder's answer is waited for; None: WAIT_SECONDS
    """
    seconds = WAIT_SECONDS if seconds is None else seconds
    answered = asking.ask(seat, order, SystemClock(), seconds=seconds)
    return answered if answered is not None else _not_yet(seat, seconds)


def _bare_seat(name: str, home: Path | None) -> Seat:
    return asking.bare_seat(checked_settings(home_folder(home)), name)


def left(seat: Seat, order: Order, seconds: float = WAIT_SECONDS) -> Answered:
    """Leave an order for whoever works the seat, and wait for its answer. Raises WorkFailed."""
    answered = orders.leave_and_wait(seat.paths.folder, order, seconds=seconds)
    return answered if answered is not None else _not_yet(seat, seconds)


def _not_yet(seat: Seat, seconds: float) -> NoReturn:
    raise WorkFailed(
        f"the order is left for the process that works {seat.policy.name}, which has not "
        f"answered within {seconds:g} s; it will be carried out at its next step"
    )


def answer(answered: Answered) -> int:
    """Tell what became of an order; return the exit code."""
    say(answered.text, sys.stdout if answered.done else sys.stderr)
    return 0 if answered.done else 1
