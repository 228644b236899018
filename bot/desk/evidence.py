"""The page behind a decision, as the browser saw it: shown in a frame in which nothing runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.desk.desk import Desk
from bot.desk.security import CSP
from bot.errors import PageError, WorkFailed
from bot.pages.showable import showable
from bot.seat import Seat
from bot.snapshotfile import SUFFIX
from bot.store.evidence import Evidence, Kept

# Of what was read from a site, whatever `showable` left in it: an origin of its own, no scripts, no
# forms, nothing fetched. The page around it lets the frame go nowhere but to this desk.
KEPT_CSP = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'self'; sandbox"
)
FRAME_CSP = f"{CSP}; frame-src 'self'"


class LastPage:
    """The newest page that is kept of a seat, and every other by its name."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Their addresses."""
        return [
            Route("/seats/{seat}/last-page", self.page, methods=["GET"]),
            Route("/seats/{seat}/decided/{key:path}", self.decision, methods=["GET"]),
            Route("/seats/{seat}/decisions/{page}", self.decided, methods=["GET"]),
            Route("/seats/{seat}/pages/{page}", self.kept, methods=["GET"]),
        ]

    def page(self, request: Request) -> Response:
        """What the browser last saw, and what was decided on it."""
        seat = self._desk.bare(request.path_params["seat"])
        newest = Evidence(seat.paths.evidence).newest()
        if newest is None:
            raise HTTPException(404, f"no page of {seat.policy.name} is kept yet")
        return self._shown(request, seat, newest, "The page it last saw")

    def decision(self, request: Request) -> Response:
        """The page that a decision was taken on, by the decision's name."""
        seat, key = self._desk.bare(request.path_params["seat"]), request.path_params["key"]
        kept = _of_name(Evidence(seat.paths.evidence), key)
        if kept is None:
            raise HTTPException(404, f"no page of the decision {key} is kept any more")
        return self._shown(request, seat, kept, "The page behind it")

    def decided(self, request: Request) -> Response:
        """The page of that name, and what was decided on it last."""
        seat, name = self._desk.bare(request.path_params["seat"]), request.path_params["page"]
        told = Evidence(seat.paths.evidence).telling(name)
        newest = _last(each for each in told if each.page.name == name and each.page.exists())
        if newest is None:
            raise HTTPException(404, f"{name} is not kept any more")
        return self._shown(request, seat, newest, "A page as it was read")

    def _shown(self, request: Request, seat: Seat, kept: Kept, heading: str) -> Response:
        now: datetime = self._desk.clock.now()
        return self._desk.look.page(
            request,
            "last_page.html",
            headers={"content-security-policy": FRAME_CSP},
            heading=heading,
            seat=seat.policy.name,
            zone=seat.policy.hours.zone,
            now=now,
            decision=kept.decision,
            address=f"/seats/{seat.policy.name}/pages/{quote(kept.page.name, safe='')}",
        )

    def kept(self, request: Request) -> Response:
        """A kept page by its file's name."""
        seat = self._desk.bare(request.path_params["seat"])
        name = request.path_params["page"]
        if not name.endswith(SUFFIX):
            raise HTTPException(404, f"{name} is no page of {seat.policy.name}")
        try:
            text = showable(Evidence(seat.paths.evidence).load(name))
        except (WorkFailed, PageError) as error:
            raise HTTPException(404, str(error)) from error
        return HTMLResponse(text, headers={"content-security-policy": KEPT_CSP})


def _of_name(evidence: Evidence, key: str) -> Kept | None:
    """The last decision of that name whose page is still there."""
    found = (each for each in evidence.telling(key) if each.decision.key == key)
    return _last(each for each in found if each.page.exists())


def _last(kept: Iterable[Kept]) -> Kept | None:
    newest = deque(kept, maxlen=1)
    return newest[0] if newest else None
