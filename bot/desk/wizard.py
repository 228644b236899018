"""The wizard: a campaign from its first word to its start, written as a file of its owner's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot import lock
from bot.configfile import DAYS
from bot.desk import making
from bot.desk.desk import WAIT_SECONDS, Desk
from bot.desk.drafts import DAYS_AHEAD, INVENTED, Count, Shown, Typed, counts_of, shown_on, typed_of
from bot.desk.making import People, laid_out, people_of, read_over
from bot.desk.security import form_of
from bot.errors import Fault, LeadwrightError, UsageError
from bot.forecast import Wanted, calendar_of
from bot.model import CampaignState, Lead
from bot.orders import Answered
from bot.outlook import Outlook
from bot.policy import Campaign
from bot.rules.wording import LEAD_VARIABLES
from bot.seat import Seat
from bot.store.memory import MemoryBook
from bot.store.store import Store

PATH = "/campaigns/new"
RUNS, SEED = 10, 1
OFFERED = 12  # leads to show the texts on
FIELDS = (
    "name",
    "audience",
    "signature",
    "on_rejection",
    "approve",
    "first_degree",
    "order",
    "working_days",
    "working_hours",
    "inmail.subject",
    "inmail.body",
    "acceptance.body",
    *(f"follow_up.{n}.{key}" for n in range(1, 6) for key in ("after_days", "body")),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What is wrong, by field; `others`: what belongs to none."""

    faults: tuple[Fault, ...] = ()

    def of(self, key: str) -> list[Fault]:
        """What is wrong at a field."""
        return [fault for fault in self.faults if self.field(fault) == key]

    @staticmethod
    def field(fault: Fault) -> str:
        """The field in which a fault is to be mended."""
        return next((key for key in FIELDS if f"{fault.key}.".startswith(f"{key}.")), "")


@dataclass(frozen=True, slots=True)
class Preview:
    """The texts on one lead. `columns`: of the CSV file, as variables."""

    lead: Lead
    offered: tuple[Lead, ...]
    counts: tuple[Count, ...]
    texts: tuple[Shown, ...]
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown beside the form itself."""

    preview: Preview
    people: People
    told: Told = Told()
    notice: str = ""
    trouble: str = ""
    text: str = ""
    outlook: Outlook | None = None


class Wizard:
    """The screen on which a campaign is made."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Its addresses."""
        return [
            Route(PATH, self.fresh, methods=["GET"]),
            Route(PATH, self.asked, methods=["POST"]),
            Route(f"{PATH}/show", self.show, methods=["POST"]),
        ]

    def fresh(self, request: Request) -> Response:
        """The empty form."""
        seat = self._seat(request)
        typed = typed_of({})
        return self._page(request, seat, typed, self._beside(seat, typed))

    def show(self, request: Request) -> Response:
        """The texts on a lead, and their lengths, while they are written."""
        seat, typed = self._seat(request), typed_of(form_of(request))
        page = self._beside(seat, typed)
        text = self._desk.look.part("wizard_shown.html", preview=page.preview, live=True)
        return HTMLResponse(text)

    def asked(self, request: Request) -> Response:
        """Read the form over; simulate, or create, if that is asked for and nothing is wrong."""
        seat, form = self._seat(request), form_of(request)
        typed, word = typed_of(form), form.get("word", "")
        with self._desk.book(seat) as store:
            states = store.campaigns()
        with laid_out(seat, typed.proposal) as folder:
            read = read_over(seat, typed.proposal, folder, states)
            if read.campaign is None:
                page = replace(self._beside(seat, typed), told=Told(read.faults))
                return self._page(request, seat, typed, page)
            if word == "calendar":
                page = self._simulated(seat, typed, read.campaign)
                return self._page(request, seat, typed, page)
        if word in ("paused", "start"):
            return self._create(request, seat, typed, states, paused=word == "paused")
        notice = "Everything is in order. Nothing is written until you create the campaign."
        page = replace(self._beside(seat, typed), notice=notice, text=typed.proposal.text)
        return self._page(request, seat, typed, page)

    def _create(
        self,
        request: Request,
        seat: Seat,
        typed: Typed,
        states: Sequence[CampaignState],
        *,
        paused: bool,
    ) -> Response:
        proposal, clock = typed.proposal, self._desk.clock
        try:
            making.create(seat, proposal, clock, states, paused=paused, seconds=WAIT_SECONDS)
        except LeadwrightError as error:
            page = replace(self._beside(seat, typed), trouble=str(error))
            return self._page(request, seat, typed, page)
        name = quote(typed.draft.name, safe="")
        return RedirectResponse(f"/campaigns/{seat.policy.name}/{name}?new", 303)

    def _simulated(self, seat: Seat, typed: Typed, campaign: Campaign) -> Page:
        """The coming days with the campaign, as if it were started now."""
        page = self._beside(seat, typed)
        try:
            whole = self._desk.seat(seat.policy.name)
            whole = replace(whole, campaigns=(*whole.campaigns, campaign))
            with self._desk.book(seat) as store:
                book = MemoryBook.of(store)
            size = None if campaign.audience.lower().endswith(".csv") else typed.size
            wanted = Wanted(typed.days, RUNS, SEED, campaign=campaign.name, leads=size)
            return replace(page, outlook=calendar_of(whole, book, self._desk.clock.now(), wanted))
        except UsageError as error:
            told = [str(error), *map(str, error.faults)]
            return replace(page, trouble="\n".join(told))
        except LeadwrightError as error:
            return replace(page, trouble=str(error))

    def _beside(self, seat: Seat, typed: Typed) -> Page:
        with laid_out(seat, typed.proposal) as folder:
            people = people_of(typed.proposal, folder)
        with self._desk.book(seat) as store:
            preview = _preview(typed, people, store)
        return Page(preview, people)

    def _page(self, request: Request, seat: Seat, typed: Typed, page: Page) -> Response:
        return self._desk.look.page(
            request,
            "wizard.html",
            tab="Campaigns",
            seat=seat.policy,
            seats=tuple(self._desk.settings().seats),
            site=seat.settings.site.base_url,
            action=f"{PATH}?{urlencode({'seat': seat.policy.name})}",
            typed=typed,
            page=page,
            week=DAYS,
            ahead=DAYS_AHEAD,
        )

    def _seat(self, request: Request) -> Seat:
        """The seat that is asked for, or the only one; 404 without."""
        seats = tuple(self._desk.settings().seats)
        name = request.query_params.get("seat", seats[0] if seats else "")
        if not name:
            raise HTTPException(
                404, "there is no seat yet: add a table [seats.NAME] to config.toml"
            )
        return self._desk.bare(name)


def _preview(typed: Typed, people: People, store: Store) -> Preview:
    first = (*people.leads[:OFFERED], *islice(store.leads(), OFFERED))[:OFFERED]
    everybody: Iterable[Lead] = (*people.leads, *first)
    lead = next((each for each in everybody if each.id == typed.lead), None)
    lead = lead or (store.lead(typed.lead) if typed.lead else None)
    lead = lead or (first[0] if first else INVENTED)
    columns = people.columns or tuple(name for name, _ in lead.extra)
    return Preview(
        lead=lead,
        offered=first,
        counts=counts_of(typed.draft, lead),
        texts=tuple(shown_on(typed.draft, lead)),
        variables=(*LEAD_VARIABLES, *columns),
    )


def made(seat: Seat, name: str, *, paused: bool) -> Answered:
    """What is told of a campaign that was just created."""
    state = "is created, paused" if paused else "is created and started"
    text = f"{name} {state}; its file is {seat.paths.campaigns / f'{name}.toml'}."
    if lock.holder(seat.paths.folder) is None:
        who = seat.policy.name
        text += f"\n{who} is not running now: `leadwright run {who}` works it."
    return Answered(done=True, text=text)
