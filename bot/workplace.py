"""A seat at work: its store is open, and a browser as soon as something asks for it.

Apart from seat.py, so that a command that only looks does not wait for Playwright's import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from bot.browser import Browser
from bot.browser_finder import find
from bot.browser_turns import Ticket, turn
from bot.campaigns import used_steps_faults
from bot.canary import renew
from bot.clock import Clock
from bot.errors import UsageError
from bot.seat import Seat, assemble, open_store
from bot.site import LiveSite
from bot.sparing import switches
from bot.stint import place_all
from bot.work import Work


def _in_silence(*_: object) -> None:
    """Who waits for a browser, or opens one, and tells nobody."""


@contextmanager
def at_work(
    seat: Seat,
    clock: Clock,
    *,
    dry_run: bool = False,
    waiting: Callable[[Ticket, int], None] = _in_silence,
) -> Iterator[Work]:
    """Open what work needs, and make it ready: see opened() and make_ready()."""
    with opened(seat, clock, dry_run=dry_run, waiting=waiting) as work:
        make_ready(work)
        yield work


@contextmanager
def opened(
    seat: Seat,
    clock: Clock,
    *,
    dry_run: bool = False,
    waiting: Callable[[Ticket, int], None] = _in_silence,
    opens: Callable[[], None] = _in_silence,
) -> Iterator[Work]:
    """Open the store, and the browser only when something asks for it and it is the seat's turn.

    A dry run's book is a copy, and its browser refuses to write (T5).

    waiting  told again and again until the turn comes, with the place in the queue and how many
             wait before
    opens    told when it has come: the browser starts now
    """
    with ExitStack() as stack:
        store = stack.enter_context(open_store(seat))
        if dry_run:
            store = stack.enter_context(store.copy())

        def browser() -> Browser:
            at_once = seat.settings.browser.at_once
            stack.enter_context(turn(seat.paths.browsers, at_once, waiting))
            opens()
            return stack.enter_context(_browser(seat, clock, dry_run))

        site = LiveSite(browser, seat.reader)
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
        switches=switches(seat.settings.browser.block, seat.settings.site.base_url),
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
