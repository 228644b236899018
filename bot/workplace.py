"""A seat at work: its store is open, and a browser as soon as something asks for it.

Apart from seat.py, so that a command that only looks does not wait for Playwright's import.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bot.browser import Browser
from bot.browser_finder import find
from bot.campaigns import used_steps_faults
from bot.canary import renew
from bot.clock import Clock
from bot.errors import UsageError
from bot.seat import Seat, assemble, open_store
from bot.site import LiveSite
from bot.stint import place_all
from bot.work import Work


@contextmanager
def at_work(seat: Seat, clock: Clock, *, dry_run: bool = False) -> Iterator[Work]:
    """Open what work needs, and make it ready: see opened() and make_ready()."""
    with opened(seat, clock, dry_run=dry_run) as work:
        make_ready(work)
        yield work


@contextmanager
def opened(seat: Seat, clock: Clock, *, dry_run: bool = False) -> Iterator[Work]:
    """Open the store, and the browser only when something asks for it.

    A dry run's book is a copy, and its browser refuses to write (T5).
    """
    with ExitStack() as stack:
        store = stack.enter_context(open_store(seat))
        if dry_run:
            store = stack.enter_context(store.copy())
        site = LiveSite(lambda: stack.enter_context(_browser(seat, clock, dry_run)), seat.reader)
        yield assemble(seat, store, site, clock, dry_run=dry_run)


def make_ready(work: Work) -> None:
    """Take in what changed in the campaigns' files. Raises UsageError for what S7 refuses."""
    _refuse_used_steps(work)
    place_all(work)
    renew(work)


def _browser(seat: Seat, clock: Clock, dry_run: bool) -> Browser:
    return Browser(
        seat.paths.profile,
        find(seat.settings.browser.executable),
        seat.settings.site.base_url,
        now=clock.now,
        headless=seat.settings.browser.headless,
        dry_run=dry_run,
        simulated=clock.simulated,
    )


def _refuse_used_steps(work: Work) -> None:
    """Removing or reordering steps that were used is refused (S7)."""
    faults = tuple(
        fault
        for campaign in work.campaigns
        for fault in used_steps_faults(campaign, work.book.campaign(campaign.name))
    )
    if faults:
        raise UsageError("a running campaign was changed in what it has sent already", faults)
