"""One seat: its owner's files, its state, and the Work that they make with a site."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from bot import learned, log
from bot.audience import Audience, Refused, read_csv
from bot.campaigns import load_campaigns
from bot.clock import Clock
from bot.config import Settings
from bot.contacts import load_do_not_contact
from bot.credits import EntryKind
from bot.errors import WorkFailed
from bot.facts import AnswerTexts
from bot.forgetting import forget
from bot.model import CampaignState, Lead
from bot.pages.reader import Reader
from bot.pages.texts import Texts
from bot.places import SeatPaths
from bot.policy import Campaign, SeatPolicy
from bot.ports import Book, Site
from bot.private import refuse_shared
from bot.reading import contacted, refusal
from bot.rules import limits
from bot.rules.audit import Books, CreditAudit, attempt_of, audit
from bot.rules.calling import destinations
from bot.rules.contacts import DoNotContact
from bot.rules.credits import accrue
from bot.rules.why import View
from bot.store import backup
from bot.store.evidence import Evidence
from bot.store.outbox import Caller
from bot.store.store import Store
from bot.store.team import TeamFile
from bot.work import Work

MOST_ROWS_LOGGED = 100  # of one file: the log is to hold other news as well

_log = log.get("audience")


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat's owner's files, checked: everything but its state.

    own  reads pages with the owner's own selectors and texts; None without such files
    """

    settings: Settings
    policy: SeatPolicy
    paths: SeatPaths
    campaigns: tuple[Campaign, ...]
    contacts: DoNotContact
    own: Reader | None = None

    @property
    def reader(self) -> Reader:
        """What the seat's pages are read with."""
        return self.own or Reader.shipped()


def load_seat(settings: Settings, name: str) -> Seat:
    """Read a seat's campaigns and lists. Raises UsageError with every fault at once."""
    policy = settings.seat(name)
    paths = SeatPaths(settings.home, name)
    states: tuple[CampaignState, ...] = ()
    if paths.state.exists():
        with Store.open(paths.state, read_only=True) as store:
            states = store.campaigns()
    campaigns = load_campaigns(paths, policy, settings.site.base_url, states)
    contacts = load_do_not_contact(settings.home)
    return Seat(settings, policy, paths, campaigns, contacts, own_reader(paths))


def own_reader(paths: SeatPaths) -> Reader | None:
    """What the owner's own selectors and texts make; None without any. Raises UsageError."""
    if not paths.selectors.is_dir() and not paths.texts.is_dir():
        return None
    return Reader.of_seat(paths.selectors, paths.texts)


class OwnCatalogue:
    """A seat's default texts: those that ship, and the owner's own."""

    def __init__(self, seat: Seat) -> None:
        self._folder = seat.paths.texts
        self._answers = seat.reader.texts.answers

    @property
    def answers(self) -> AnswerTexts:
        """Those of now."""
        return self._answers

    def learn(self, label: str, text: str) -> None:
        """Write it into the owner's own files, and read them again."""
        learned.add(self._folder, label, text)
        self._answers = Texts.of_seat(self._folder).answers


def open_store(seat: Seat) -> Store:
    """The seat's state, to be written: only by whoever holds its lock.

    Raises UsageError where others on this machine may read it.
    """
    seat.paths.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    refuse_shared(seat.paths)
    backup.finish(seat.paths.state)
    store = Store.open(seat.paths.state, caller=caller_of(seat.policy))
    store.outbox.begin(caller_of(seat.policy))
    return store


def caller_of(policy: SeatPolicy) -> Caller:
    """Who is called about a seat."""
    return Caller(policy.name, destinations(policy.notify), policy.notify.texts)


def view_of(seat: Seat, book: Book, now: datetime) -> View:
    """What the reasons of the seat's leads depend on, with the owner's lists as they are now."""
    return View(
        seat=book.seat(),
        ledger=accrue(book.ledger(), now, seat.policy.credits).ledger,
        today=book.day(limits.local_day(now, seat.policy.hours.zone)),
        policy=seat.policy,
        campaigns=seat.campaigns,
        states=book.campaigns(),
        now=now,
        refusal=partial(refusal, seat.contacts, book.opted_out()),
        contacted=lambda enrolment, lead: contacted(book, lead, but=enrolment.key),
        open_attempts=book.open_attempts(),
    )


def audit_of(seat: Seat, store: Store, now: datetime) -> CreditAudit:
    """What the owner may ask of the seat's credits (C3, C9, C11)."""
    policy, entries, readings = seat.policy.credits, tuple(store.entries()), tuple(store.readings())
    posted = accrue(store.ledger(), now, policy)
    refunds = [entry for entry in entries if entry.kind is EntryKind.REFUND]
    found = [store.attempt(attempt_of(entry)) for entry in refunds]
    attempts = {each.key: each for each in found if each is not None}
    owners = {key: store.enrolment(each.enrolment) for key, each in attempts.items()}
    return audit(
        Books(
            seat=store.seat(),
            ledger=posted.ledger,
            entries=(*entries, *posted.entries),
            readings=readings,
            attempts=attempts,
            enrolments={key: each for key, each in owners.items() if each is not None},
            policy=policy,
            now=now,
        )
    )


def assemble(seat: Seat, book: Book, site: Site, clock: Clock, *, dry_run: bool = False) -> Work:
    """A Work of these parts; a book that is no store is a copy, and nobody is forgotten there."""
    return Work(
        book=book,
        site=site,
        clock=clock,
        policy=seat.policy,
        campaigns=seat.campaigns,
        catalogue=OwnCatalogue(seat),
        contacts=seat.contacts,
        evidence=Evidence(seat.paths.evidence),
        reading=seat.reader.mark,
        selector=seat.reader.first_spelling,
        read_audience=lambda audience: _read_audience(seat.paths, audience),
        refused_rows=lambda source: _refused_rows(seat.paths, source),
        forget=partial(_forget, seat.paths, book) if isinstance(book, Store) else None,
        team=TeamFile(Path(seat.policy.team_file)) if seat.policy.team_file else None,
        dry_run=dry_run,
    )


def _forget(paths: SeatPaths, store: Store, lead_id: str) -> str:
    return str(forget(paths, store, lead_id))


def _read_audience(paths: SeatPaths, audience: str) -> tuple[Iterable[Lead], tuple[str, ...]]:
    """The leads and columns of a CSV audience; the rows that are left out are logged."""
    found = _audience(paths, audience)
    for row in found.refused[:MOST_ROWS_LOGGED]:
        _log.warning("a row was refused", file=row.file, line=row.line, why=row.reason)
    if len(found.refused) > MOST_ROWS_LOGGED:
        _log.warning("more rows were refused", count=len(found.refused) - MOST_ROWS_LOGGED)
    return found.leads, found.columns


def _refused_rows(paths: SeatPaths, source: str) -> Sequence[Refused]:
    """The rows of a CSV file that are no leads; none for an address of the site."""
    return _audience(paths, source).refused if source.lower().endswith(".csv") else ()


def _audience(paths: SeatPaths, audience: str) -> Audience:
    """A CSV audience: an absolute path, or one beside the campaign's file."""
    path = Path(audience).expanduser()
    if not path.is_absolute():
        path = paths.campaigns / path
    if not path.exists():
        raise WorkFailed(
            f"the audience {path} is not there: put the list there, or correct the path"
        )
    return read_csv(path)
