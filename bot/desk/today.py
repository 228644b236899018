"""Today: how each seat stands, what it did last and does next, and what waits for its owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import orders
from bot.asking import bare_seat
from bot.credits import Lot
from bot.desk.desk import Desk
from bot.errors import LeadwrightError
from bot.facts import Kind
from bot.model import Attempt, AttemptState, DayCounts, SeatState
from bot.policy import SeatPolicy
from bot.report import SeatStatus, step_name
from bot.rules import limits
from bot.rules.credits import next_grant
from bot.rules.replies import changed
from bot.seat import Seat
from bot.standing import status_of
from bot.store.store import Store

LATELY = 6  # sends that are shown
LIVE = "/live/today"


@dataclass(frozen=True, slots=True)
class Send:
    """One of the last sends, or what was meant to be one."""

    at: datetime
    what: str
    name: str
    cost: str
    state: str


@dataclass(frozen=True, slots=True)
class Need:
    """What waits for the owner, the command that ends it, and the screen where that is done."""

    text: str
    command: str
    screen: str = ""


@dataclass(frozen=True, slots=True)
class Money:
    """The seat's credits, as far as the day's work depends on them."""

    ledger: int
    site: int | None
    seen_at: datetime | None
    held: int
    reserve: int
    difference: int
    grant_at: datetime
    monthly: int
    next_lot: Lot | None


@dataclass(frozen=True, slots=True)
class Card:
    """One seat of the page.

    last  what was done last, and when; None before the first start
    pages  whether there is a page that the browser last saw
    """

    status: SeatStatus
    zone: ZoneInfo
    today: DayCounts
    messages_per_day: int
    lead_pages_per_day: int
    money: Money
    last: tuple[datetime, str] | None
    pages: bool
    lately: tuple[Send, ...]
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """A seat whose state cannot be read."""

    seat: str
    text: str


class Today:
    """The first screen."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Its addresses."""
        return [
            Route("/", self.page, methods=["GET"]),
            Route(LIVE, self.live, methods=["GET"]),
            Route("/seats/{seat}/pause", self.pause, methods=["POST"]),
            Route("/seats/{seat}/resume", self.resume, methods=["POST"]),
        ]

    def page(self, request: Request) -> Response:
        """The whole screen."""
        look = self._desk.look
        part = look.live(request, LIVE, "today_part.html", **self._facts())
        answer = request.scope.get("desk.answer")
        return look.page(request, "today.html", tab="Today", part=part, answer=answer)

    def live(self, request: Request) -> Response:
        """What changes by itself."""
        return self._desk.look.again(request, LIVE, "today_part.html", **self._facts())

    def pause(self, request: Request) -> Response:
        """Pause a seat, whatever is wrong with its campaigns."""
        return self._order(request, orders.Pause())

    def resume(self, request: Request) -> Response:
        """Resume a seat after a pause or a halt: the owner's word (L5)."""
        return self._order(request, orders.Resume())

    def _order(self, request: Request, order: orders.Order) -> Response:
        seat = self._desk.bare(request.path_params["seat"])
        return self._desk.order(request, lambda: seat, order, lambda: self.page(request))

    def _facts(self) -> dict[str, object]:
        settings, now = self._desk.settings(), self._desk.clock.now()
        seats = [bare_seat(settings, name) for name in settings.seats]
        return {"now": now, "cards": [self._card(seat, now) for seat in seats]}

    def _card(self, seat: Seat, now: datetime) -> Card | Broken:
        try:
            with self._desk.book(seat) as store:
                return card(seat, store, now)
        except LeadwrightError as error:
            return Broken(seat.policy.name, str(error))


def card(seat: Seat, store: Store, now: datetime) -> Card:
    """What is shown of a seat at *now*."""
    policy, state = seat.policy, store.seat()
    attempts = store.newest_attempts(LATELY)
    return Card(
        status=status_of(policy, seat.paths.folder, store, now),
        zone=policy.hours.zone,
        today=store.day(limits.local_day(now, policy.hours.zone)),
        messages_per_day=policy.messages_per_day,
        lead_pages_per_day=policy.lead_pages_per_day,
        money=_money(policy, state, store, now),
        last=_last(state, store, attempts),
        pages=(seat.paths.evidence / "index.jsonl").exists(),
        lately=tuple(_send(store, attempt) for attempt in attempts),
        needs=_needs(seat, store, now),
    )


def _money(policy: SeatPolicy, state: SeatState, store: Store, now: datetime) -> Money:
    ledger = store.ledger()
    gap = state.unexplained
    return Money(
        ledger=ledger.available,
        site=state.balance_seen,
        seen_at=state.balance_read_at,
        held=ledger.held,
        reserve=policy.credits.reserve,
        difference=gap.credits if gap is not None else 0,
        grant_at=next_grant(now, policy.credits),
        monthly=policy.credits.monthly,
        next_lot=ledger.lots[0] if ledger.lots else None,
    )


def _send(store: Store, attempt: Attempt) -> Send:
    return Send(
        at=attempt.ended_at or attempt.clicked_at or attempt.held_at,
        what=step_name(attempt.step),
        name=_name(store, attempt.lead_id),
        cost="–" if attempt.step else "1 credit" if attempt.kind is Kind.CREDIT else "free",
        state=attempt.state,
    )


def _name(store: Store, lead_id: str) -> str:
    lead = store.lead(lead_id)
    return lead.name if lead is not None and lead.name else lead_id


def _last(
    state: SeatState, store: Store, attempts: Sequence[Attempt]
) -> tuple[datetime, str] | None:
    """The newest of the last send and the last reading of the inbox."""
    done = []
    if attempts:
        send = _send(store, attempts[0])
        done.append((send.at, f"{send.what} to {send.name}: {send.state}"))
    if state.inbox_read_at is not None:
        done.append((state.inbox_read_at, "inbox read"))
    return max(done, default=None)


def _needs(bare: Seat, store: Store, now: datetime) -> tuple[Need, ...]:
    """What goes on only after the owner's word (T3, K3, K8, A9, A10, S8)."""
    seat = bare.policy.name
    needs = [
        Need(
            f"Whether the {step_name(attempt.step)} to {_name(store, attempt.lead_id)} went out is "
            "not known. Look into the thread, then say so.",
            f"leadwright settle '{attempt.key}' sent|not-sent --seat {seat}",
        )
        for attempt in store.open_attempts()
        if attempt.state is AttemptState.UNCERTAIN and attempt.with_owner
    ]
    held = sum(store.funnel(campaign.name).held for campaign in store.campaigns())
    if held:
        leads = "lead is" if held == 1 else "leads are"
        needs.append(
            Need(
                f"{held} {leads} held until you have looked.",
                f"leadwright release LEAD --seat {seat}",
            )
        )
    waiting = sum(store.count_previews(campaign.name, now) for campaign in store.campaigns())
    if waiting:
        texts = "text waits" if waiting == 1 else "texts wait"
        need = f"{waiting} {texts} for your release, and hold nobody else up (S8)."
        needs.append(Need(need, f"leadwright approve {seat}", "/approve"))
    needs += [
        Need(
            f"The reply to {_name(store, each.lead_id)} is held: they wrote, or you did by hand, "
            "since you gave it. Look at the thread in the inbox, then reply again or withdraw it.",
            f"leadwright reply {each.lead_id} --withdraw --seat {seat}",
        )
        for each in store.replies()
        if each.reply is not None and changed(each, each.reply.seen) is not None
    ]
    return tuple(needs)
