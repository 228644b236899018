"""What happens to a request before the practice site looks at it: clock, notes, halts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from starlette.types import ASGIApp, Receive, Scope, Send

from bot.clock import stopwatch
from bot.practice.control import json_response
from bot.practice.faults import FaultKind
from bot.practice.model import World

HALT_STATUS = {
    FaultKind.LOGIN_WALL: 401,
    FaultKind.SESSION_GONE: 401,
    FaultKind.RATE_LIMIT: 429,
    FaultKind.DENIED: 999,
}


SIGNED_IN = 365 * 86_400  # seconds for which a browser stays so, started anew or not


@dataclass(slots=True)
class Connection:
    """One connection of a browser. `served` counts its requests, the present one included."""

    transport: asyncio.Transport
    served: int = 0


@dataclass(frozen=True, slots=True)
class Cookie:
    """What a browser that is signed in carries."""

    name: str
    value: str


def session_of(seed: int) -> tuple[Cookie, ...]:
    """The cookies of a scenario's session: invented, and they open nothing."""
    drawn = [sha256(f"{name}/{seed}".encode()).hexdigest() for name in ("li_at", "JSESSIONID")]
    return (
        Cookie("li_at", f"AQED{drawn[0]}{drawn[0][:8]}"),
        Cookie("JSESSIONID", f"ajax:{int(drawn[1][:15], 16):019}"),
    )


Connections = dict[tuple[str, int], Connection]


class Doorman:
    """Moves the clock and notes what could write, before anything else sees a request."""

    def __init__(
        self, inner: ASGIApp, world: World, connections: Connections, *, real_time: bool
    ) -> None:
        self._inner = inner
        self._world = world
        self._connections = connections
        self._real_time = real_time
        self._opened = stopwatch()
        self._start = world.now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host, port = scope["client"]
        self._connections[host, port].served += 1
        headers = {
            key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]
        }
        try:
            self._move_clock(headers.get("x-leadwright-now"))
        except ValueError as error:
            refusal = json_response({"refused": f"X-Leadwright-Now: {error}"}, 400)
            await refusal(scope, receive, send)
            return
        if not scope["path"].startswith("/practice/"):
            self._note(scope, headers)
        data = scope["path"].startswith("/sales-api/") or b"fragment=" in scope["query_string"]
        if data and self._world.halt is not None:
            # The page's own data stops with the page (L5): the script then reloads the document.
            closed = json_response({}, HALT_STATUS.get(self._world.halt, 403))
            await closed(scope, receive, send)
            return
        await self._inner(scope, receive, send)

    def _move_clock(self, told: str | None) -> None:
        """Raises ValueError for a time that is not RFC 3339."""
        if told is not None:
            now = datetime.fromisoformat(told)
            if now.tzinfo is None:
                raise ValueError(f"{told} has no offset")
            self._world.advance(now.astimezone(UTC))
        elif self._real_time:
            self._world.advance(self._start + timedelta(seconds=stopwatch() - self._opened))

    def _note(self, scope: Scope, headers: dict[str, str]) -> None:
        """T5: whatever could change something on a site, however it came."""
        what = ""
        if headers.get("upgrade", "").lower() == "websocket":
            what = "web socket"
        elif headers.get("service-worker") == "script":
            what = "service worker"
        elif scope["method"] not in ("GET", "HEAD"):
            what = "request"
        elif b"action=" in scope["query_string"]:
            what = "read with an action"
        if what:
            self._world.record_write(scope["method"], scope["path"], what)
