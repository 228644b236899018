"""Commands that change a seat: they take its lock, or leave an order for the daemon and wait."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot import lock, orders
from bot.audience import kind_of
from bot.carry_out import ALWAYS, carry_out, import_from
from bot.checking import checked_settings
from bot.cli.common import campaign_of, print_json, seat_of
from bot.cli.plain import plain, say
from bot.clock import SystemClock
from bot.errors import SeatBusy, SeatHalted, UsageError, WorkFailed
from bot.orders import Answered, Imported, Order
from bot.places import SeatPaths, home_folder
from bot.reading import MOST_PAGES, Enrolled
from bot.rules.contacts import DoNotContact
from bot.seat import Seat
from bot.work import Work
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


def import_leads(source: str, campaign: str, name: str, home: Path | None, as_json: bool) -> int:
    """Import a CSV file, a search or a list, and tell what became of each lead."""
    seat = seat_of(name, home)
    given = Path(source).expanduser()
    if source.lower().endswith(".csv"):
        source = str(given.absolute())
    _check_source(source, seat.settings.site.base_url)
    campaign_of(seat, campaign)
    try:
        held = _taken(seat)
    except SeatBusy:
        answered = _left(seat, orders.ImportLeads(campaign, source))
        return _answer(answered) if answered.imported is None else _tell(answered.imported, as_json)
    with held, at_work(seat, SystemClock()) as work, _Progress() as progress:
        found = _imported(work, campaign, source, progress.show)
    return _tell(found, as_json)


def _tell(found: Imported, as_json: bool) -> int:
    """What an import did. Rows that are no leads are told on stderr: the file wants mending."""
    for one in found.refused:
        if one.file is not None:
            say(f"{one.file}:{one.line}: {plain(one.text)}", sys.stderr)
    if as_json:
        print_json(found)
        return 0
    say(str(found))
    for one in found.refused:
        if one.lead_id is not None:
            say(f"  {one.lead_id}: {plain(one.text)} ({one.rule})")
    return 0


def _check_source(source: str, base_url: str) -> None:
    """Raises UsageError for what is no audience, or one of another site."""
    try:
        kind = kind_of(source)
    except ValueError as error:
        raise UsageError(f"{source}: {error}") from None
    host, ours = urlsplit(source.strip()).netloc, urlsplit(base_url).netloc
    if kind != "csv" and host and host.casefold() != ours.casefold():
        raise UsageError(f"{source}: an address of {ours} is allowed, the site in config.toml")


def _imported(
    work: Work, campaign: str, source: str, show: Callable[[int, Enrolled], None]
) -> Imported:
    """Import, unless the seat is halted; a halt that the import meets is committed (L5)."""
    halted = work.book.seat().halted
    if halted is not None and not source.lower().endswith(".csv"):
        raise SeatHalted(halted.kind, f"the seat is halted: {halted.reason}")
    try:
        return import_from(work, campaign, source, show)
    except SeatHalted as halt:
        work.halt(halt)
        raise


class _Progress:
    """Tells on stderr how far an import is: a bar where somebody watches, else a line a page.

    How many pages there are is not known before the last; a search has at most MOST_PAGES.
    """

    def __init__(self) -> None:
        out = Console(stderr=True, highlight=False)
        columns = (
            SpinnerColumn(),
            TextColumn("page {task.completed} of at most {task.total}"),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
        )
        self._watched = out.is_terminal
        self._bar = Progress(*columns, console=out, transient=True, disable=not self._watched)
        self._task = self._bar.add_task("opening the first page", total=MOST_PAGES)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, page: int, found: Enrolled) -> None:
        """*page* is taken in; *found* is what came of all until now."""
        counted = f"{found.new} new, {found.known} known, {len(found.refused)} refused"
        self._bar.update(self._task, completed=page, description=counted)
        if not self._watched:
            print(f"page {page}: {counted}", file=sys.stderr)


def _ask(seat: Seat, order: Order) -> int:
    return _answer(asked(seat, order))


def asked(seat: Seat, order: Order) -> Answered:
    """Carry the order out here, or have whoever holds the seat do it. Raises WorkFailed."""
    try:
        held = _taken(seat)
    except SeatBusy:
        return _left(seat, order)
    place = opened if isinstance(order, ALWAYS) else at_work
    with held, place(seat, SystemClock()) as work:
        return carry_out(work, order)


def _bare_seat(name: str, home: Path | None) -> Seat:
    """A seat without its campaigns and lists: an owner who edits them can still say stop."""
    settings = checked_settings(home_folder(home))
    policy = settings.seat(name)
    return Seat(settings, policy, SeatPaths(settings.home, name), (), DoNotContact())


def _taken(seat: Seat) -> lock.SeatLock:
    seat.paths.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return lock.hold(seat.paths.folder)


def _left(seat: Seat, order: Order) -> Answered:
    answered = orders.leave_and_wait(seat.paths.folder, order, seconds=WAIT_SECONDS)
    if answered is None:
        raise WorkFailed(
            f"the order is left for the process that works {seat.policy.name}, which has not "
            f"answered within {WAIT_SECONDS} s; it will be carried out at its next step"
        )
    return answered


def _answer(answered: Answered) -> int:
    say(answered.text, sys.stdout if answered.done else sys.stderr)
    return 0 if answered.done else 1
