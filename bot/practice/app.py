"""The practice site's web application: real URLs, shell documents, and what they fetch.

A page is a shell that a script fills: it asks the same address again with `fragment=…` for
what is to be shown, and fetches the JSON that the real page fetches.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.practice import control, heard
from bot.practice.control import json_response
from bot.practice.door import HALT_STATUS, SIGNED_IN, Connections, Doorman, session_of
from bot.practice.faults import FaultKind, Moment
from bot.practice.model import World
from bot.practice.pages import Pages
from bot.practice.records import (
    ComposerState,
    ResultsShown,
    SendResult,
    SendShown,
    ThreadShown,
    View,
)
from bot.practice.redesign import Redesigner
from bot.practice.render import Rendered, Renderer

STATIC = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css"}
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline';"
    " connect-src 'self'; form-action 'self'; frame-src 'self'; worker-src 'self';"
    " base-uri 'none'"
)
_HALT_ADDRESS = {
    FaultKind.LOGIN_WALL: "/authwall",
    FaultKind.SESSION_GONE: "/login",
    FaultKind.SECURITY_CHECK: "/checkpoint/challenge/verify",
    FaultKind.NO_SEAT: "/premium/products",
}


def site_app(world: World, connections: Connections, pages: Pages, *, real_time: bool) -> ASGIApp:
    """The site as an ASGI application. `connections` lets it break one off."""
    site = _Site(world, connections, pages)
    inner = Starlette(routes=[*control.routes(world), *site.routes()])
    return Doorman(Redesigner(inner, world), world, connections, real_time=real_time)


class _Site:
    def __init__(self, world: World, connections: Connections, pages: Pages) -> None:
        self._world = world
        self._connections = connections
        self._render = Renderer(world, pages)
        self._lost: SendResult | None = None
        self._lost_token = ""
        self._broken_path = ""
        self._assets = {
            f"{path.stem}.{sha256(path.read_bytes()).hexdigest()[:10]}{path.suffix}": path
            for path in STATIC.iterdir()
        }
        self._bytes = {name: path.read_bytes() for name, path in self._assets.items()}
        names = sorted(self._assets, key=lambda name: Path(name).suffix)
        self._style, self._script = (f"/static/{name}" for name in names)

    def routes(self) -> list[Route]:
        """All addresses of the site."""
        get = ["GET"]
        halts = {
            "/login": "login",
            "/uas/login": "login",
            "/sales/login": "login",
            "/authwall": "authwall",
            "/sales/contract-chooser": "contract-chooser",
            "/checkpoint/{rest:path}": "challenge",
            "/premium/{rest:path}": "no-seat",
        }
        return [
            Route("/sales/lead/{lead:path}", self.lead, methods=get),
            Route("/sales/people/{lead:path}", self.old_lead, methods=get),
            Route("/sales/search/people", self.search, methods=get),
            Route("/sales/lists/people", self.hub, methods=get),
            Route("/sales/lists/people/{list_id}", self.lead_list, methods=get),
            Route("/sales/inbox/{thread:path}", self.inbox, methods=get),
            Route("/sales/inbox", lambda _: RedirectResponse("/sales/inbox/"), methods=get),
            Route("/sales/home", self.plain, methods=get),
            Route("/sales/settings", self.plain, methods=get),
            Route("/", lambda _: RedirectResponse("/sales/home"), methods=get),
            Route("/sales", lambda _: RedirectResponse("/sales/home"), methods=get),
            Route("/checkpoint/lg/login-submit", self.login, methods=["POST"]),
            *(Route(path, self._standing(case), methods=get) for path, case in halts.items()),
            Route("/sales-api/salesApiMessageActions", self.act, methods=["POST"]),
            Route("/sales-api/{kind}/{rest:path}", self.read, methods=get),
            Route("/sales-api/{kind}", self.read, methods=get),
            Route("/static/{name}", self.static, methods=get),
            Route("/{rest:path}", self.unknown, methods=["GET", "POST"]),
        ]

    # Pages

    async def lead(self, request: Request) -> Response:
        lead_id, *rest = request.path_params["lead"].split(",")
        shown = self._world.lead(lead_id)
        if shown is None:
            return self._missing()
        token = self._world.token("", lead_id)
        if len(rest) != 2:
            return RedirectResponse(f"/sales/lead/{lead_id},NAME_SEARCH,{token}")
        match request.query_params.get("fragment"):
            case "page":
                page = self._render.lead(shown, token)
                return await self._page(request, Moment.LEAD, page, lead_id)
            case "composer":
                return self._composer(lead_id)
            case "credit-line":
                return await self._credit_line(request)
            case "sent":
                return self._sent(request)
            case "lost":
                return self._after_loss()
        return await self._document(request, Moment.LEAD, lead_id)

    async def old_lead(self, request: Request) -> Response:
        """Both old spellings lead to the new one."""
        lead_id, *rest = request.path_params["lead"].split(",")
        if len(rest) == 2 and rest[1] == "NAME_SEARCH":
            return RedirectResponse(f"/sales/lead/{lead_id},NAME_SEARCH,{rest[0]}")
        return RedirectResponse(f"/sales/lead/{lead_id}")

    async def search(self, request: Request) -> Response:
        wanted = request.query_params.get("savedSearchId")
        shown = self._world.search(wanted, _page_number(request))
        return await self._results(request, Moment.RESULTS, shown)

    async def lead_list(self, request: Request) -> Response:
        shown = self._world.lead_list(request.path_params["list_id"], _page_number(request))
        return await self._results(request, Moment.LIST, shown)

    async def hub(self, request: Request) -> Response:
        if request.query_params.get("fragment") == "page":
            return await self._page(request, Moment.OTHER, self._render.hub())
        return await self._document(request, Moment.OTHER)

    async def plain(self, request: Request) -> Response:
        """Home and settings: pages that nothing is read from."""
        if request.query_params.get("fragment") == "page":
            return await self._page(
                request, Moment.OTHER, self._render.home(_TITLES[request.url.path])
            )
        return await self._document(request, Moment.OTHER)

    async def inbox(self, request: Request) -> Response:
        thread_id = unquote(request.path_params["thread"])
        only = request.query_params.get("filter", "")
        moment = Moment.THREAD if thread_id else Moment.INBOX
        match request.query_params.get("fragment"):
            case "page":
                inbox = self._world.threads(0, 10_000, only)
                opened = thread_id or (inbox.threads[0].id if inbox.threads else "")
                thread = self._world.thread(opened)
                if thread is None and thread_id:
                    return self._missing()
                page = self._render.inbox(inbox, thread)
                return await self._page(request, moment, page)
            case "sent":
                return self._sent(request)
            case "lost":
                return self._after_loss()
        if thread_id and self._world.thread(thread_id) is None:
            return self._missing()
        return await self._document(request, moment)

    async def unknown(self, _: Request) -> Response:
        return self._missing()

    # What pages are made of

    async def _results(
        self, request: Request, moment: Moment, shown: ResultsShown | None
    ) -> Response:
        if shown is None:
            return self._missing()
        if request.query_params.get("fragment") == "page":
            table = moment is Moment.LIST
            return await self._page(request, moment, self._render.results(shown, table=table))
        return await self._document(request, moment)

    async def _document(
        self, request: Request, moment: Moment, lead_id: str | None = None
    ) -> Response:
        if request.url.path == self._broken_path:
            return await self._break_off(request)
        view = self._world.view(moment, lead_id)
        spoilt = await self._spoilt(request, view)
        if spoilt is not None:
            return spoilt
        late = self._world.scenario.delays.render + round(view.delay.total_seconds() * 1000)
        document = self._html(self._render.shell(self._script, self._style, late))
        for cookie in session_of(self._world.scenario.seed):
            document.set_cookie(cookie.name, cookie.value, max_age=SIGNED_IN, httponly=True)
        return document

    async def _page(
        self, request: Request, moment: Moment, page: Rendered, lead_id: str | None = None
    ) -> Response:
        """What fills the shell. A page that the script turned by itself is a view of its own."""
        late = 0
        if "turn" in request.query_params:
            view = self._world.view(moment, lead_id)
            if view.halt is not None or view.missing or view.reset:
                return await self._spoilt(request, view) or self._missing()
            late = self._world.scenario.delays.render + round(view.delay.total_seconds() * 1000)
        return json_response({"page": page, "late_ms": late})

    async def _spoilt(self, request: Request, view: View) -> Response | None:
        """The answer that a fault gives instead of the page, if one does."""
        if view.reset:
            return await self._break_off(request)
        if view.missing:
            return self._missing()
        if view.halt is None:
            return None
        if view.halt in _HALT_ADDRESS:
            return RedirectResponse(_HALT_ADDRESS[view.halt])
        status = HALT_STATUS.get(view.halt, 200)
        if view.halt is FaultKind.DENIED:
            return HTMLResponse("", status)
        case = "rate-limited" if view.halt is FaultKind.RATE_LIMIT else "restricted"
        return self._html(self._render.halt(case, self._style), status)

    def _composer(self, lead_id: str) -> Response:
        shown = self._world.composer(lead_id)
        if shown is None:
            return json_response({"composer": None})
        return json_response({"composer": self._render.composer(shown)})

    async def _credit_line(self, request: Request) -> Response:
        asked = request.query_params
        await _wait_ms(int(asked["late"]))
        line = self._render.credit_line(ComposerState(asked["state"]), int(asked["credits"]))
        return json_response({"line": line})

    def _sent(self, request: Request) -> Response:
        thread = self._world.just_sent(request.query_params.get("thread", ""))
        if thread is None:
            return self._missing()
        return json_response({"sent": self._render.sent(thread)})

    def _after_loss(self) -> Response:
        return json_response({"form_stays": self._lost is not None and self._lost.form_stays})

    def _standing(self, case: str) -> Callable[[Request], Awaitable[Response]]:
        async def page(_: Request) -> Response:
            return self._html(self._render.halt(case, self._style))

        return page

    def _missing(self) -> Response:
        return self._html(self._render.halt("missing", self._style), 404)

    def _html(self, text: str, status: int = 200) -> Response:
        headers = {"content-security-policy": _CSP, "cache-control": "no-store"}
        return HTMLResponse(text, status, headers)

    async def static(self, request: Request) -> Response:
        """A script or style sheet; its name changes with its content, so it may be kept."""
        name = request.path_params["name"]
        if name == "worker.js":
            return Response("", media_type="text/javascript")
        if name not in self._bytes:
            return Response(status_code=404)
        headers = {"cache-control": "public, max-age=31536000, immutable"}
        kind = _TYPES[self._assets[name].suffix]
        return Response(self._bytes[name], media_type=kind, headers=headers)

    # The JSON behind the pages

    async def read(self, request: Request) -> Response:
        """A read of the site's own data."""
        match request.path_params["kind"]:
            case "salesApiProfiles":
                return self._profile(request)
            case "salesApiCredits":
                return json_response(heard.credits(self._world.shown_balance()))
            case "salesApiMessagingThreads":
                return self._threads(request)
        return json_response({}, 404)

    def _profile(self, request: Request) -> Response:
        found = re.search(r"profileId:([\w-]+)", request.path_params.get("rest", ""))
        person = self._world.person(found[1]) if found is not None else None
        if person is None:
            return json_response({}, 404)
        return json_response(heard.profile(person, self._world.token("", person.id)))

    def _threads(self, request: Request) -> Response:
        wanted = unquote(request.path_params.get("rest", ""))
        if wanted:
            thread = self._world.thread(wanted)
            return json_response(heard.thread(thread, self._token(thread)) if thread else {})
        start = int(request.query_params.get("start", "0"))
        shown = self._world.threads(start, 20, request.query_params.get("filter", "")).threads
        return json_response(heard.threads(shown, tuple(self._token(each) for each in shown)))

    def _token(self, thread: ThreadShown) -> str:
        return self._world.token("", thread.person.id)

    async def act(self, request: Request) -> Response:
        """createMessage: the one way in which the pages send."""
        if request.query_params.get("action") != "createMessage":
            return json_response({}, 400)
        asked = orjson.loads(await request.body())["createMessageRequest"]
        token = asked.get("originToken", "")
        if token and token == self._lost_token:
            return await self._break_off(request)
        await _wait_ms(self._world.scenario.delays.send)
        if asked.get("threadId"):
            result = self._world.send_message(asked["threadId"], asked["body"])
        else:
            subject = asked.get("subject") or ""
            result = self._world.send_inmail(asked["recipients"][0], subject, asked["body"])
        if result.shown is SendShown.LOST:
            self._lost, self._lost_token = result, token
            return await self._break_off(request)
        if result.shown is not SendShown.SENT:
            return json_response({"message": result.reason}, 500)
        return json_response(
            {"value": {"messageId": result.message_id, "threadId": result.thread_id}}
        )

    async def login(self, _: Request) -> Response:
        """Somebody signs in: what asked for it is over."""
        if self._world.halt in (FaultKind.LOGIN_WALL, FaultKind.SESSION_GONE):
            self._world.lift()
        return RedirectResponse("/sales/home", 303)

    async def _break_off(self, request: Request) -> Response:
        """Drop the connection without an answer, as a network does.

        A browser tries again by itself where the connection had been used before (Chromium
        even with a POST); so the retry is dropped too, or nobody would see the fault.
        """
        assert request.client is not None, "a request without a connection"
        connection = self._connections[request.client.host, request.client.port]
        self._broken_path = request.url.path if connection.served > 1 else ""
        connection.transport.abort()
        await asyncio.sleep(0.05)
        return Response(status_code=503)


async def _wait_ms(milliseconds: int) -> None:
    if milliseconds > 0:
        await asyncio.sleep(milliseconds / 1000)


_TITLES = {
    "/sales/home": "Home",
    "/sales/settings": "Settings",
}


def _page_number(request: Request) -> int:
    asked = request.query_params.get("page", "1")
    return max(1, int(asked)) if asked.isdecimal() else 1
