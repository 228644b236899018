"""What is kept goes when its owner's days are over: done once a day by whoever works the seat.

Nothing is asked of the site. Whatever dies in between has let go of too little, and the next stint
goes on (see bot.forgetting).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import oldlogs, orders
from bot.errors import WorkFailed
from bot.forgetting import forget_all
from bot.model import Changes
from bot.places import SeatPaths
from bot.rules import limits
from bot.rules.retention import Fate, Person, fate
from bot.seat import Seat, audit_of
from bot.store.store import Store

MOST_LEADS = 200  # that are forgotten in one stint: the others go with the next ones
MARKED_TOGETHER = 1_000
SET_ASIDE = "state.replaced-*"
NEVER = datetime(1, 1, 2, tzinfo=UTC)  # before everything, in any zone


@dataclass(frozen=True, slots=True)
class LetGo:
    """What went in one stint."""

    leads: int = 0
    log_lines: int = 0
    orders: int = 0
    states: int = 0

    def __str__(self) -> str:
        told = (
            (self.leads, "leads forgotten"),
            (self.log_lines, "lines of the log"),
            (self.orders, "answered orders"),
            (self.states, "files of states that were set aside"),
        )
        return ", ".join(f"{what}: {count}" for count, what in told if count)


def let_go(seat: Seat, store: Store, now: datetime) -> LetGo:
    """Let go of what is old enough. Ask only as the holder of the seat's lock.

    Raises WorkFailed where the folder cannot be written.
    """
    kept, paths = seat.policy.retention, seat.paths
    try:
        return LetGo(
            leads=_forget_the_old(seat, store, now),
            log_lines=oldlogs.drop_old(paths.logs, ago(now, kept.logs_days)),
            orders=orders.drop_old(paths.folder, ago(now, kept.orders_days)),
            states=_drop_states(paths, ago(now, kept.replaced_days)),
        )
    except OSError as error:
        text = f"what is old cannot be let go in {paths.folder}: {error.strerror}"
        raise WorkFailed(text) from error


def _forget_the_old(seat: Seat, store: Store, now: datetime) -> int:
    """Forget whose time has come, and note the day when all of them are gone.

    Who was skipped before anything happened has no time of their own: theirs counts from now on.
    """
    today = limits.local_day(now, seat.policy.hours.zone)
    if not seat.policy.retention.lets_leads_go or store.seat().let_go == today:
        return 0
    gone, undated = [], []
    fates = Fates(seat, store, now)
    for lead_id in store.perhaps_over(ago(now, fates.fewest_days)):
        found = fates.of(lead_id)
        if found.may_go(now):
            gone.append(lead_id)
        elif found.stays is None and found.since is None:
            undated += [replace(each, over=now) for each in store.enrolments_of(lead_id)]
        if len(gone) == MOST_LEADS:
            break
    for start in range(0, len(undated), MARKED_TOGETHER):
        store.commit(Changes(enrolments=tuple(undated[start : start + MARKED_TOGETHER])))
    if gone:
        forget_all(seat.paths, store, gone)
    if len(gone) < MOST_LEADS:
        store.commit(Changes(seat=replace(store.seat(), let_go=today)))
    return len(gone)


@dataclass(slots=True)
class Fates:
    """What becomes of a seat's leads; what concerns all of them is looked up once."""

    seat: Seat
    store: Store
    now: datetime
    _in_doubt: frozenset[str] = field(init=False)
    _unread: frozenset[str] = field(init=False)
    _refunds: frozenset[str | None] = field(init=False)
    _asked: str = field(init=False)

    def __post_init__(self) -> None:
        self._in_doubt = frozenset(each.lead_id for each in self.store.open_attempts())
        self._unread = self.store.unread_leads()
        audit = audit_of(self.seat, self.store, self.now)
        self._refunds = frozenset(
            each.lead_id for each in (*audit.refunds_expected, *audit.refunds_missing)
        )
        self._asked = orders.unanswered(self.seat.paths.folder)

    def of(self, lead_id: str) -> Fate:
        """What becomes of one lead."""
        person = Person(
            lead_id,
            self.store.enrolments_of(lead_id),
            self.seat.campaigns,
            in_doubt=lead_id in self._in_doubt,
            unread=lead_id in self._unread,
            refund_due=lead_id in self._refunds,
            asked=lead_id in self._asked,
        )
        return fate(person, self.seat.policy.retention)

    @property
    def fewest_days(self) -> int:
        """After how many days somebody may go at the earliest."""
        kept = self.seat.policy.retention
        return min(each for each in (kept.leads_days, kept.unanswered_days) if each)


def _drop_states(paths: SeatPaths, before: datetime) -> int:
    """Take away what a restore set aside; a file is as old as its name."""
    old = [path for path in set_aside(paths) if changed_at(path) < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def set_aside(paths: SeatPaths) -> tuple[Path, ...]:
    """The states that a restore moved out of its way, with their side files."""
    return tuple(sorted(paths.folder.glob(SET_ASIDE)))


def changed_at(path: Path) -> datetime:
    """When a file was written or got its name, whichever came later."""
    found = path.stat()
    return datetime.fromtimestamp(max(found.st_mtime, found.st_ctime), UTC)


def ago(now: datetime, days: int) -> datetime:
    """What is older goes; with 0 nothing is (0: for good)."""
    return now - timedelta(days=days) if days else NEVER
