"""What is read of a seat for its metrics: books at one moment, counts, processes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot import lock, meter, pulse
from bot.config import Settings, load
from bot.errors import LeadwrightError, UsageError
from bot.hooks import HookUse
from bot.meter import Meter
from bot.model import DayCounts, SeatState
from bot.places import SeatPaths
from bot.policy import SeatPolicy
from bot.processes import descendants, holds, proportional_bytes, resident_bytes
from bot.report import SeatStatus
from bot.rules import limits
from bot.standing import status_of
from bot.store.counting import Counts
from bot.store.store import Store


@dataclass(frozen=True, slots=True)
class Books:
    """A seat's state, as far as metrics tell of it."""

    status: SeatStatus
    counts: Counts
    state: SeatState
    today: DayCounts
    hooks: tuple[HookUse, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes; `daemon` is the process that holds the seat, `work` all below it."""

    daemon: int
    work: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All that is known of a seat at `now`; *books* are None where the state cannot be read."""

    policy: SeatPolicy
    now: datetime
    books: Books | None
    meter: Meter | None
    due_at: datetime | None
    memory: Memory | None


def settings_of(home: Path) -> Settings | None:
    """The configuration; None while it is wrong."""
    try:
        return load(home)
    except UsageError:
        return None


def figures_of(settings: Settings, name: str, now: datetime) -> Figures:
    """Look at one seat; nothing of it is changed, and nothing of another is needed."""
    paths = SeatPaths(settings.home, name)
    policy, told = settings.seat(name), pulse.read(paths.folder)
    counted = meter.read(paths.folder)
    due_at = counted.due_at if counted is not None else None
    if told is not None and told.next_at is not None:
        due_at = told.next_at
    return Figures(policy, now, books_of(policy, paths, now), counted, due_at, _memory(paths))


def books_of(policy: SeatPolicy, paths: SeatPaths, now: datetime) -> Books | None:
    """What the state says; None where it cannot be read."""
    try:
        with Store.open(paths.state, read_only=True) as store, store.snapshot():
            return Books(
                status=status_of(policy, paths.folder, store, now),
                counts=store.counts(),
                state=store.seat(),
                today=store.day(limits.local_day(now, policy.hours.zone)),
                hooks=store.hooks(),
            )
    except (LeadwrightError, OSError):
        return None


def _memory(paths: SeatPaths) -> Memory | None:
    """Of whoever holds the seat; None if nobody does, or it cannot be told."""
    try:
        holder = lock.holder(paths.folder)
    except OSError:
        return None
    if holder is None or holder.pid is None or not holds(holder.pid, paths.lock):
        return None
    resident = resident_bytes(holder.pid)
    if resident is None:
        return None
    below = (proportional_bytes(pid) for pid in descendants(holder.pid))
    return Memory(resident, sum(size for size in below if size is not None))
