"""Campaigns: the table, and one campaign's page with its funnel and its texts."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import orders
from bot.checking import checked_seat
from bot.config import Settings
from bot.desk.charts import Bar, Segment, bars
from bot.desk.desk import Desk
from bot.desk.wizard import made
from bot.errors import Fault, LeadwrightError, UsageError
from bot.policy import Campaign
from bot.report import CampaignLine, campaign_line, step_name
from bot.seat import Seat
from bot.store.store import Store

LIVE = "/live/campaigns"


@dataclass(frozen=True, slots=True)
class Block:
    """One seat's table. `faults`: what is wrong with its files; `text`: why there is no table."""

    seat: str
    lines: tuple[CampaignLine, ...] = ()
    text: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One text of a campaign."""

    name: str
    when: str
    body: str
    subject: str = ""


class Campaigns:
    """The screens of the campaigns."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Their addresses."""
        one = "/campaigns/{seat}/{campaign}"
        return [
            Route("/campaigns", self.table, methods=["GET"]),
            Route(LIVE, self.live_table, methods=["GET"]),
            Route(one, self.page, methods=["GET"]),
            Route(f"{LIVE}/{{seat}}/{{campaign}}", self.live_page, methods=["GET"]),
            Route(f"{one}/pause", self.pause, methods=["POST"]),
            Route(f"{one}/resume", self.resume, methods=["POST"]),
        ]

    def table(self, request: Request) -> Response:
        """All campaigns of all seats."""
        look = self._desk.look
        part = look.live(request, LIVE, "campaigns_part.html", blocks=self._blocks())
        return look.page(request, "campaigns.html", tab="Campaigns", part=part)

    def live_table(self, request: Request) -> Response:
        """What changes by itself."""
        return self._desk.look.again(request, LIVE, "campaigns_part.html", blocks=self._blocks())

    def page(self, request: Request) -> Response:
        """One campaign."""
        look, seat = self._desk.look, self._seat(request)
        campaign = _campaign_of(seat, request.path_params["campaign"])
        line = self._line(seat, campaign.name)
        answer = request.scope.get("desk.answer")
        if answer is None and "new" in request.query_params:
            answer = made(seat, campaign.name, paused=line.state == "paused")
        part = look.live(request, _live(seat, campaign), "campaign_part.html", **_facts(seat, line))
        return look.page(
            request,
            "campaign.html",
            tab="Campaigns",
            part=part,
            seat=seat.policy.name,
            campaign=campaign,
            steps=steps_of(campaign),
            answer=answer,
        )

    def live_page(self, request: Request) -> Response:
        """What changes by itself."""
        seat = self._seat(request)
        campaign = _campaign_of(seat, request.path_params["campaign"])
        facts = _facts(seat, self._line(seat, campaign.name))
        return self._desk.look.again(request, _live(seat, campaign), "campaign_part.html", **facts)

    def pause(self, request: Request) -> Response:
        """Pause a campaign: it sends nothing and goes on reading answers (S7)."""
        return self._order(request, orders.PauseCampaign)

    def resume(self, request: Request) -> Response:
        """Let a paused campaign go on."""
        return self._order(request, orders.ResumeCampaign)

    def _order(
        self,
        request: Request,
        order: type[orders.PauseCampaign] | type[orders.ResumeCampaign],
    ) -> Response:
        name = request.path_params["campaign"]
        _campaign_of(self._seat(request), name)
        return self._desk.order(
            request, lambda: self._seat(request), order(name), lambda: self.page(request)
        )

    def _seat(self, request: Request) -> Seat:
        return self._desk.seat(request.path_params["seat"])

    def _line(self, seat: Seat, name: str) -> CampaignLine:
        with self._desk.book(seat) as store:
            return campaign_line(store.campaign(name), store.funnel(name))

    def _blocks(self) -> list[Block]:
        settings = self._desk.settings()
        return [self._block(settings, name) for name in settings.seats]

    def _block(self, settings: Settings, name: str) -> Block:
        try:
            seat = checked_seat(settings, name)
            with self._desk.book(seat) as store:
                return Block(name, _lines(seat, store))
        except UsageError as error:
            return Block(name, text=str(error), faults=error.faults)
        except LeadwrightError as error:
            return Block(name, text=str(error))


def _campaign_of(seat: Seat, name: str) -> Campaign:
    found = next((each for each in seat.campaigns if each.name == name), None)
    if found is None:
        raise HTTPException(404, f"{seat.policy.name} has no campaign {name}")
    return found


def _lines(seat: Seat, store: Store) -> tuple[CampaignLine, ...]:
    names = (campaign.name for campaign in seat.campaigns)
    return tuple(campaign_line(store.campaign(name), store.funnel(name)) for name in names)


def _live(seat: Seat, campaign: Campaign) -> str:
    return f"{LIVE}/{seat.policy.name}/{quote(campaign.name, safe='')}"


def _facts(seat: Seat, line: CampaignLine) -> dict[str, object]:
    return {"seat": seat.policy.name, "line": line, "chart": funnel(line)}


def funnel(line: CampaignLine) -> object:
    """The picture of how far a campaign's leads have come."""
    sent = line.sent.credit + line.sent.free
    rows = (
        Bar("Leads", (Segment("leads", line.leads, 4),)),
        Bar(
            "InMails sent",
            (Segment("credit", line.sent.credit, 1), Segment("free", line.sent.free, 2)),
            f"({line.sent.credit} credit, {line.sent.free} free)",
        ),
        Bar("Accepted", (Segment("accepted", line.accepted, 1),), _of(line.accepted, sent)),
        Bar("Responders", (Segment("responders", line.responders, 1),), _of(line.responders, sent)),
        Bar("Rejected", (Segment("rejected", line.rejected, 3),), _of(line.rejected, sent)),
    )
    return bars(rows, title=f"Funnel of {line.name}")


def _of(part: int, whole: int) -> str:
    return f"({100 * part / whole:.0f} % of sent)" if whole else ""


def steps_of(campaign: Campaign) -> list[Step]:
    """The campaign's texts in their order, as the owner wrote them."""
    steps = [Step(step_name(0), "first", campaign.body, campaign.subject)]
    if campaign.acceptance is not None:
        steps.append(Step(step_name(1), "on the day of the acceptance", campaign.acceptance))
    for number, follow_up in enumerate(campaign.follow_ups):
        before = "acceptance" if number == 0 else "message before"
        when = f"{follow_up.after_days} days after the {before}"
        steps.append(Step(step_name(number + 2), when, follow_up.body))
    return steps
