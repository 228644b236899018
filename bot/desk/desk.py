"""What every screen stands on: a home, read anew for each request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.asking import ask, bare_seat
from bot.checking import checked_seat, checked_settings
from bot.clock import Clock
from bot.config import Settings
from bot.desk.look import Look
from bot.errors import LeadwrightError, UsageError
from bot.orders import Answered, Order
from bot.seat import Seat
from bot.store.store import Store

WAIT_SECONDS = 20  # a sleeping daemon answers within a few; one that works, after its step


@dataclass(frozen=True, slots=True)
class Desk:
    """A home and how it is shown. Nothing of it is kept between two requests."""

    home: Path
    clock: Clock
    look: Look

    def settings(self) -> Settings:
        """The configuration as it is now. Raises UsageError."""
        return checked_settings(self.home)

    def bare(self, name: str) -> Seat:
        """A seat without its campaigns, whatever is wrong with these; 404 if there is none."""
        settings = self.settings()
        if name not in settings.seats:
            raise HTTPException(404, f"there is no seat {name}")
        return bare_seat(settings, name)

    def seat(self, name: str) -> Seat:
        """A seat with its campaigns. Raises UsageError with every fault in them."""
        return checked_seat(self.bare(name).settings, name)

    @contextmanager
    def book(self, seat: Seat) -> Iterator[Store]:
        """The seat's state at one moment, to be read."""
        with Store.open(seat.paths.state, read_only=True) as store, store.snapshot():
            yield store

    def order(
        self, request: Request, seat: Callable[[], Seat], order: Order, page: Callable[[], Response]
    ) -> Response:
        """Give an order, and show what became of it.

        To htmx the answer alone, and the word that live parts are to look again (after the swap:
        said before it, it would be lost with a form that was replaced meanwhile); to a browser
        without scripts, *page* with the answer in it.
        """
        answered = self._answer(seat, order)
        request.scope["desk.answer"] = answered
        if request.headers.get("hx-request") != "true":
            return page()
        text = self.look.part("answer.html", answer=answered)
        return HTMLResponse(text, headers={"hx-trigger-after-swap": "refresh"})

    def _answer(self, seat: Callable[[], Seat], order: Order) -> Answered:
        try:
            found = seat()
            answered = ask(found, order, self.clock, seconds=WAIT_SECONDS)
        except UsageError as error:
            told = [str(error), *map(str, error.faults)]
            return Answered(done=False, text="\n".join(told))
        except LeadwrightError as error:
            return Answered(done=False, text=str(error))
        if answered is None:
            later = "it is left for the process that works it, and will be done at its next step"
            return Answered(done=True, text=f"{found.policy.name} has not answered yet: {later}")
        return Answered(answered.done, f"{found.policy.name}: {answered.text}")
