"""One seat put together: its configuration, store, browser and site, as a Work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.audience import read_csv
from bot.browser import Browser
from bot.browser_finder import find
from bot.campaigns import load_campaigns, used_steps_faults
from bot.clock import Clock
from bot.config import Settings
from bot.contacts import load_do_not_contact
from bot.errors import UsageError, WorkFailed
from bot.model import CampaignState, Lead
from bot.pages.reader import Reader
from bot.places import SeatPaths
from bot.policy import Campaign, SeatPolicy
from bot.ports import Site
from bot.rules.contacts import DoNotContact
from bot.site import LiveSite
from bot.stint import place_all
from bot.store.evidence import Evidence
from bot.store.store import Store
from bot.store.team import TeamFile
from bot.work import Work


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat's owner's files, checked: everything but its state."""

    settings: Settings
    policy: SeatPolicy
    paths: SeatPaths
    campaigns: tuple[Campaign, ...]
    contacts: DoNotContact


def load_seat(settings: Settings, name: str) -> Seat:
    """Read a seat's campaigns and lists. Raises UsageError with every fault at once."""
    policy = settings.seat(name)
    paths = SeatPaths(settings.home, name)
    states: tuple[CampaignState, ...] = ()
    if paths.state.exists():
        with Store.open(paths.state, read_only=True) as store:
            states = store.campaigns()
    campaigns = load_campaigns(paths, policy, settings.site.base_url, states)
    return Seat(settings, policy, paths, campaigns, load_do_not_contact(settings.home))


def open_store(seat: Seat) -> Store:
    """The seat's state, to be written: only by whoever holds its lock."""
    seat.paths.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Store.open(seat.paths.state)


@contextmanager
def at_work(seat: Seat, clock: Clock, *, dry_run: bool = False) -> Iterator[Work]:
    """Open what a stint needs; the browser only when something asks for it.

    A dry run's book is a copy, and its browser refuses to write (T5).
    """
    with ExitStack() as stack:
        store = stack.enter_context(open_store(seat))
        if dry_run:
            store = stack.enter_context(store.copy())
        site = LiveSite(
            lambda: stack.enter_context(_browser(seat, clock, dry_run)), Reader.shipped()
        )
        work = assemble(seat, store, site, clock, dry_run=dry_run)
        _refuse_used_steps(work)
        place_all(work)
        yield work


def assemble(seat: Seat, store: Store, site: Site, clock: Clock, *, dry_run: bool = False) -> Work:
    """A Work of these parts."""
    return Work(
        book=store,
        site=site,
        clock=clock,
        policy=seat.policy,
        campaigns=seat.campaigns,
        texts=Reader.shipped().texts.answers,
        contacts=seat.contacts,
        evidence=Evidence(seat.paths.evidence),
        read_audience=lambda audience: _read_audience(seat.paths, audience),
        team=TeamFile(Path(seat.policy.team_file)) if seat.policy.team_file else None,
        dry_run=dry_run,
    )


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


def _read_audience(paths: SeatPaths, audience: str) -> tuple[Iterable[Lead], tuple[str, ...]]:
    """A CSV audience: an absolute path, or one beside the campaign's file."""
    path = Path(audience).expanduser()
    if not path.is_absolute():
        path = paths.campaigns / path
    if not path.exists():
        raise WorkFailed(f"the audience {path} is not there")
    found = read_csv(path)
    return found.leads, found.columns


def _refuse_used_steps(work: Work) -> None:
    """Removing or reordering steps that were used is refused (S7)."""
    faults = tuple(
        fault
        for campaign in work.campaigns
        for fault in used_steps_faults(campaign, work.book.campaign(campaign.name))
    )
    if faults:
        raise UsageError("a running campaign was changed in what it has sent already", faults)
