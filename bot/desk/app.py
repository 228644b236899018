"""The desk's web application: its screens, its files, and what is shown when something is wrong."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.clock import Clock
from bot.desk.ahead import DaysAhead
from bot.desk.answer import Answered
from bot.desk.approve import Approve
from bot.desk.campaigns import Campaigns
from bot.desk.credits import Credits
from bot.desk.desk import Desk
from bot.desk.evidence import LastPage
from bot.desk.inbox import Inbox
from bot.desk.lead import LeadPage
from bot.desk.leads import Leads
from bot.desk.look import THEME_COOKIE, THEMES, Look
from bot.desk.security import Door, Key, Names, form_of
from bot.desk.today import Today
from bot.desk.wizard import Wizard
from bot.errors import LeadwrightError, UsageError, WorkFailed

HERE = Path(__file__).parent
FILES = {
    "desk.css": (HERE / "static" / "desk.css", "text/css"),
    "desk.js": (HERE / "static" / "desk.js", "text/javascript"),
    "icon.svg": (HERE / "static" / "icon.svg", "image/svg+xml"),
    "htmx.min.js": (HERE / "vendor" / "htmx.min.js", "text/javascript"),
}
YEAR_SECONDS = 365 * 24 * 3600

Handler = Callable[[Request, Exception], Response]


def desk_app(
    home: Path, key: Key, names: Names, clock: Clock, cookie: str, shown: Clock | None = None
) -> ASGIApp:
    """The desk of a home as an ASGI application.

    cookie  name of the session's cookie: two desks on one machine need two, for a browser does
            not tell ports apart
    shown   the clock of the screens, where it is not the one that sessions grow old by
    Raises WorkFailed if a file that is to be served is missing.
    """
    desk = Desk(home, shown or clock, Look())
    screens = (
        Today(desk),
        Wizard(desk),
        Campaigns(desk),
        Leads(desk),
        LeadPage(desk),
        Approve(desk),
        Inbox(desk),
        Answered(desk),
        Credits(desk),
        DaysAhead(desk),
        LastPage(desk),
    )
    routes = [route for screen in screens for route in screen.routes()]
    files = _files()
    inner = Starlette(
        routes=[
            *routes,
            Route("/theme", _theme, methods=["POST"]),
            Route("/static/{name}", files, methods=["GET"]),
        ],
        exception_handlers={
            HTTPException: _missing(desk),
            LeadwrightError: _trouble(desk),
            OSError: _no_access(desk),
        },
    )
    return Door(inner, key, names, clock, cookie)


def _files() -> Callable[[Request], Response]:
    """Serves what stands in FILES, and nothing else."""
    absent = [path for path, _ in FILES.values() if not path.is_file()]
    if absent:
        raise WorkFailed(
            f"{absent[0]} is missing, and the desk needs it: `python tools/vendor.py` in a "
            "checkout, else reinstall"
        )
    loaded = {name: (path.read_bytes(), kind) for name, (path, kind) in FILES.items()}

    def serve(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in loaded:
            return Response(status_code=404)
        content, kind = loaded[name]
        return Response(content, media_type=kind)

    return serve


def _theme(request: Request) -> Response:
    """Light, dark, or as the machine has it; kept by the browser."""
    form = form_of(request)
    back = form.get("back", "/")
    # A path of the desk's own: "//host" and "/\host" would lead elsewhere.
    local = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    answer = RedirectResponse(back if local else "/", 303)
    theme = form.get("theme", "")
    if theme in THEMES:
        answer.set_cookie(
            THEME_COOKIE, theme, max_age=YEAR_SECONDS, httponly=True, samesite="strict"
        )
    return answer


def _missing(desk: Desk) -> Handler:
    def show(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        text = error.detail if error.status_code == 404 else f"{error.status_code} {error.detail}"
        return desk.look.page(
            request, "trouble.html", status=error.status_code, text=text, faults=()
        )

    return show


def _no_access(desk: Desk) -> Handler:
    """A disk that is full, or a file that may not be written: what, and why."""

    def show(request: Request, error: Exception) -> Response:
        assert isinstance(error, OSError)
        refused = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
        next_step = ": let this user write there" if refused else ""
        text = f"{error.filename or 'a file'}: {error.strerror or error}{next_step}"
        return desk.look.page(request, "trouble.html", status=503, text=text, faults=())

    return show


def _trouble(desk: Desk) -> Handler:
    """An error that was raised on purpose says what to do; so it is shown."""

    def show(request: Request, error: Exception) -> Response:
        faults = error.faults if isinstance(error, UsageError) else ()
        return desk.look.page(request, "trouble.html", status=503, text=str(error), faults=faults)

    return show
