"""Whether a home's seats are well, in a line for each that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.clock import Clock
from bot.metrics.collector import HALTS, one_of
from bot.metrics.figures import Books, books_of, settings_of
from bot.places import SeatPaths

WRONG = "the configuration is wrong: `leadwright check` tells where"


@dataclass(frozen=True, slots=True)
class Health:
    """The verdict, and its lines; none of them quotes a page or a person."""

    well: bool
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """As it is answered."""
        return "".join(f"{line}\n" for line in self.lines or ("no seats yet",))


def healthy(home: Path, clock: Clock) -> Health:
    """Whether configuration and states can be read, whatever the daemons do."""
    return _of_each(home, clock, lambda _: "")


def ready(home: Path, clock: Clock) -> Health:
    """Whether each seat is being worked: readable, not halted (L5), held by its daemon."""
    return _of_each(home, clock, _why_not_ready)


def _why_not_ready(books: Books) -> str:
    """Why a seat is not being worked; empty if it is. A pause is its owner's word, and no fault."""
    halted, seat = books.state.halted, books.status.seat
    if halted is not None:
        kind = one_of(HALTS, halted.kind)
        return f"halted ({kind}): see `leadwright status {seat}`, then `leadwright resume {seat}`"
    if books.status.state == "stopped":
        return f"no daemon works it: `leadwright run {seat}`"
    return ""


def _of_each(home: Path, clock: Clock, why_not: Callable[[Books], str]) -> Health:
    settings = settings_of(home)
    if settings is None:
        return Health(well=False, lines=(WRONG,))
    lines, well = [], True
    for name, policy in settings.seats.items():
        books = books_of(policy, SeatPaths(home, name), clock.now())
        if books is None:
            why = f"its state cannot be read: `leadwright status {name}` tells why"
        else:
            why = why_not(books)
        paused = ", paused" if books is not None and books.status.paused else ""
        word = f"{books.status.state}{paused}" if books is not None else ""
        lines.append(f"{name}: {f'NOT WELL, {why}' if why else f'well, {word}'}")
        well = well and not why
    return Health(well, tuple(lines))
