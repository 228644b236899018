"""`leads import`: a file, a search or a list, with a bar while somebody watches."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.asking import take
from bot.audience import kind_of
from bot.browser_turns import Ticket
from bot.carry_out import import_from
from bot.cli.common import campaign_of, print_json, refuse_halted, seat_of
from bot.cli.orders import answer, left
from bot.cli.plain import plain, say
from bot.clock import SystemClock
from bot.daemon import Signals
from bot.errors import BrowserGone, LeadwrightError, SeatBusy, SeatHalted, UsageError, WorkFailed
from bot.importing import MOST_PAGES, goes_on, next_page
from bot.model import HALTED_SEAT
from bot.orders import Imported, ImportLeads
from bot.reading import Enrolled
from bot.store.store import Store
from bot.work import Work
from bot.workplace import at_work

TOLD_EACH = 10  # pages, where nobody watches


def import_leads(source: str, campaign: str, name: str, home: Path | None, as_json: bool) -> int:
    """Import a CSV file, a search or a list, and tell what became of each lead.

    A signal stops it after the page that is being read; the error says where it goes on.
    """
    seat = seat_of(name, home)
    given = Path(source).expanduser()
    if source.lower().endswith(".csv"):
        source = str(given.absolute())
    _check_source(source, seat.settings.site.base_url)
    campaign_of(seat, campaign)
    try:
        held = take(seat)
    except SeatBusy:
        answered = left(seat, ImportLeads(campaign, source))
        if answered.imported is None:
            if answered.text.startswith(HALTED_SEAT):
                with Store.open(seat.paths.state, read_only=True) as store:
                    refuse_halted(store.seat().halted)
            return answer(answered)
        return _tell(answered.imported, as_json)
    signals = Signals()
    signals.listen()

    def waiting(_: Ticket, ahead: int) -> None:
        progress.waits(ahead)
        if signals.asked():
            raise BrowserGone("asked to stop while it waited for its turn with a browser")

    with (
        held,
        _Progress(quiet=as_json) as progress,
        at_work(seat, SystemClock(), waiting=waiting) as work,
    ):
        found = _imported(work, campaign, source, progress, signals)
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
    if found.note is not None:
        say(found.note)
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
    work: Work, campaign: str, source: str, progress: _Progress, signals: Signals
) -> Imported:
    """Import, unless the seat is halted; a halt that the import meets is committed (L5).

    Whatever breaks a search off, its error tells where it goes on.
    """
    if source.lower().endswith(".csv"):
        return import_from(work, campaign, source, progress.show)
    refuse_halted(work.book.seat().halted)

    def place() -> int:
        return next_page(work.book.campaign(campaign), work.campaign(campaign), source)

    progress.begin(place())
    try:
        return import_from(work, campaign, source, progress.show, signals.asked)
    except SeatHalted as halt:
        work.halt(halt)
        progress.say(goes_on(place()))
        raise
    except WorkFailed:  # it was stopped, and says so itself
        raise
    except LeadwrightError:
        progress.say(goes_on(place()))
        raise


class _Progress:
    """Tells on stderr how far an import is: a bar where somebody watches, else a line now and then.

    How many pages there are is not known before the last; a search has at most MOST_PAGES.

    quiet  stderr is not watched by a person either: only what broke off is told
    """

    def __init__(self, *, quiet: bool) -> None:
        out = Console(stderr=True, highlight=False)
        columns = (
            SpinnerColumn(),
            TextColumn("page {task.completed} of at most {task.total}"),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
        )
        self._watched, self._quiet = out.is_terminal and not quiet, quiet
        self._bar = Progress(*columns, console=out, transient=True, disable=not self._watched)
        self._task = self._bar.add_task("opening the first page", total=MOST_PAGES)
        self._first = 1
        self._waits = False

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def waits(self, ahead: int) -> None:
        """Other seats have all browsers that may be open."""
        told = f"waiting for a turn with a browser, {ahead} before it"
        self._bar.update(self._task, description=told)
        if not self._waits and not self._watched and not self._quiet:
            self.say(told)
        self._waits = True

    def begin(self, page: int) -> None:
        """The import begins on *page*, or goes on there."""
        self._first = page
        if page > 1:
            self._bar.update(self._task, completed=page - 1, description="going on")
            if not self._quiet:
                self.say(f"going on at page {page}, where the last import stopped")

    def show(self, page: int, found: Enrolled) -> None:
        """*page* is taken in; *found* is what came of all until now."""
        counted = f"{found.new} new, {found.known} known, {len(found.refused)} refused"
        self._bar.update(self._task, completed=page, description=counted)
        if not self._watched and not self._quiet and (page == self._first or page % TOLD_EACH == 0):
            self.say(f"page {page}: {counted}")

    def say(self, text: str) -> None:
        """A line on stderr, above the bar if there is one."""
        if self._watched:
            self._bar.console.print(text, markup=False)
        else:
            say(text, sys.stderr)
