"""What several commands share: printing, loading, the seat's times."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bot.checking import checked_seat, checked_settings
from bot.cli.tables import Grid, console, moment, print_json, table
from bot.config import home_folder
from bot.errors import SeatHalted, UsageError
from bot.model import HALTED_SEAT, Halted
from bot.seat import Seat

__all__ = [
    "Grid",
    "campaign_of",
    "console",
    "moment",
    "print_json",
    "refuse_halted",
    "seat_of",
    "table",
]


def campaign_of(seat: Seat, name: str, also: Iterable[str] = ()) -> str:
    """The name of one of the seat's campaigns, or *also* one of these. Raises UsageError."""
    known = {*(campaign.name for campaign in seat.campaigns), *also}
    if name not in known:
        there = ", ".join(sorted(known)) or "none yet"
        raise UsageError(f"{seat.policy.name} has no campaign {name}; there is {there}")
    return name


def seat_of(name: str, home: Path | None) -> Seat:
    """A seat by its name. Raises UsageError with all that is wrong in the home."""
    return checked_seat(checked_settings(home_folder(home)), name)


def refuse_halted(halted: Halted | None) -> None:
    """Raises SeatHalted for a seat that is (L5)."""
    if halted is not None:
        raise SeatHalted(halted.kind, f"{HALTED_SEAT}: {halted.reason}")


def refuse(home: Path) -> int:
    """Tell all that is wrong in a home whose configuration is; 0 if nothing is any more."""
    checked_settings(home)
    return 0
