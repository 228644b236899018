"""Taking an audience in, page by page: where it stopped it goes on (K4, K8; site.md, 2).

Each page is loaded once and committed with the place of the next, whoever imports, so that a crash
costs one page. Two things end an audience before its last page, and its owner is told of both: the
site shows no more than 100 pages, and it may show the same page again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from bot import canary
from bot.audience import address_of
from bot.errors import PageError, WorkFailed
from bot.facts import ResultLead, ResultsFacts
from bot.model import CampaignState, Done, Import, Lead, Outcome
from bot.policy import Campaign
from bot.ports import Seen
from bot.reading import Enrolled, enrol
from bot.rules.wording import split_name
from bot.work import Work

PER_PAGE = 25
MOST_PAGES = 100  # a search shows no more than 2,500 people (site.md, 2)
CUT = (
    f"page {MOST_PAGES} was the last that the site shows: whoever comes after the "
    f"{MOST_PAGES * PER_PAGE:,} people of these pages is not imported; narrow the search, or split "
    "it in two"
)

Progress = Callable[[int, Enrolled], None]
"""Hears of each page: its number, and what came of all until then."""


@dataclass(frozen=True, slots=True)
class _Turned:
    """A page of an audience. `next_page` is None after the last, and `note` says if that is odd."""

    seen: Seen[ResultsFacts]
    leads: tuple[Lead, ...]
    mark: str
    next_page: int | None
    note: str = ""


def import_page(work: Work, action: Import) -> Done:
    """Take in the next page of a campaign's audience, or its CSV file."""
    campaign = work.campaign(action.campaign)
    if _is_file(campaign.audience):
        return _told(work, action, _import_file(work, campaign, campaign.audience))
    try:
        found, turned = _import_page(work, campaign, campaign.audience, action.page)
    except PageError as error:
        return canary.stopped_by(work, "import", error)
    canary.is_there(work, "results")
    done = _told(work, action, found)
    return work.keep(f"import/{campaign.name}/{action.page}", done, turned.seen)


def _told(work: Work, action: Import, found: Enrolled) -> Done:
    text = f"{found.new} new, {found.known} known, {len(found.refused)} refused"
    told = f"{text}; {found.note}" if found.note else text
    return work.done("import", Outcome.DONE, f"{action.campaign}, page {action.page}: {told}")


def import_pages(
    work: Work,
    name: str,
    source: str,
    progress: Progress = lambda _page, _found: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Enrolled:
    """Import a CSV file, a search or a list to its end, from where an earlier import stopped.

    Raises WorkFailed, with the page on which it will go on, if it is *stopped* between two pages.
    """
    campaign = work.campaign(name)
    if _is_file(source):
        found = _import_file(work, campaign, source)
        progress(1, found)
        return found
    page: int | None = next_page(work.book.campaign(name), campaign, source)
    total = Enrolled(0, 0, (), pages=0)
    while page is not None:
        found, turned = _import_page(work, campaign, source, page)
        total = total.plus(found)
        progress(page, total)
        page = turned.next_page
        if page is not None and stopped():
            raise WorkFailed(f"stopped; {goes_on(page)}")
    return total


def next_page(state: CampaignState, campaign: Campaign, source: str) -> int:
    """The page of *source* on which an import begins, or goes on."""
    if _is_own(campaign, source):
        begun = state.audience == campaign.audience
        return state.cursor if begun and state.cursor is not None else 1
    return dict(state.begun).get(address_of(source), 1)


def goes_on(page: int) -> str:
    """What the owner of an import that did not come to its end is told."""
    return f"what was read is kept, and the same command goes on at page {page}"


def _import_page(
    work: Work, campaign: Campaign, source: str, page: int
) -> tuple[Enrolled, _Turned]:
    """Load one page and commit its leads with the place of the next."""
    state = work.book.campaign(campaign.name)
    turned = _turn(work, source, page, state.last_page)
    state = replace(state, last_page=turned.mark, import_note=turned.note)
    if _is_own(campaign, source):
        state = replace(state, audience=campaign.audience, cursor=turned.next_page)
    else:
        others = tuple(pair for pair in state.begun if pair[0] != address_of(source))
        place = (address_of(source), turned.next_page) if turned.next_page is not None else None
        state = replace(state, begun=(*others, place) if place is not None else others)
    found = enrol(work, campaign, turned.leads, state)
    return replace(found, note=turned.note), turned


def _turn(work: Work, source: str, page: int, before: str) -> _Turned:
    """Load a page. One that shows the people of the page *before* is loaded once more.

    A site that insists is taken to be at its end: it would show that page for ever.
    """
    for last in (False, True):
        seen = work.site.read_results(source, page)
        cards = seen.facts.leads
        mark = _mark(cards)
        if page == 1 or not cards or mark != before:
            break
        if last:
            note = f"page {page} shows the same people as page {page - 1}: the import ends there"
            return _Turned(seen, (), mark, None, note)
    leads = tuple(_lead_of(card) for card in cards)
    if page >= MOST_PAGES:
        return _Turned(seen, leads, mark, None, CUT if len(leads) >= PER_PAGE else "")
    return _Turned(seen, leads, mark, page + 1 if seen.facts.next_page and cards else None)


def _import_file(work: Work, campaign: Campaign, source: str) -> Enrolled:
    """Take a CSV file in as a whole, its columns included."""
    leads, columns = work.read_audience(source)
    state = replace(work.book.campaign(campaign.name), columns=columns)
    if source == campaign.audience:
        state = replace(state, audience=source, cursor=None)
    return enrol(work, campaign, leads, state)


def _is_file(source: str) -> bool:
    return source.lower().endswith(".csv")


def _is_own(campaign: Campaign, source: str) -> bool:
    """Whether a source is the campaign's own audience, however it is spelled."""
    own = campaign.audience
    return not _is_file(own) and address_of(source) == address_of(own)


def _mark(cards: Sequence[ResultLead]) -> str:
    """What tells whether two pages show the same people in the same order."""
    return sha256("/".join(card.id for card in cards).encode()).hexdigest()[:16]


def _lead_of(card: ResultLead) -> Lead:
    first, last = split_name(card.name or "")
    return Lead(
        id=card.id,
        name=card.name or "",
        first_name=first,
        last_name=last,
        company=card.company or "",
        title=card.title or "",
        location=card.location or "",
        token=card.token or "",
    )
