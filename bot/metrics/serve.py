"""Serves numbers and health on this machine: read by anybody who asks here, changed by nobody.

The Host is checked as the desk's is: a page elsewhere may have its name point here, and would read
what its own browser fetches. There is no key: nothing told names a person or holds a secret.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder, generate_latest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.clock import Clock
from bot.config import MetricsSettings
from bot.desk.security import Names
from bot.errors import UsageError
from bot.loopback import is_loopback
from bot.metrics.collector import registry_of
from bot.metrics.health import Health, healthy, ready
from bot.serving import listen, server_of

INDEX = "leadwright: /metrics, /healthz, /readyz\n"


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is served: its listening socket, and its address."""

    listener: socket.socket
    server: uvicorn.Server
    address: str
    warning: str


def printed(home: Path, clock: Clock) -> str:
    """All metrics once, as text."""
    return generate_latest(registry_of(home, clock)).decode()


def prepare(home: Path, settings: MetricsSettings, clock: Clock) -> Place:
    """Listen, and make ready what answers. Raises WorkFailed if the port is taken."""
    listener = listen(settings.host, settings.port, "`leadwright metrics`")
    taken: int = listener.getsockname()[1]
    app = metrics_app(home, Names.of(settings.host, taken, settings.names), clock)
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    warning = ""
    if not is_loopback(settings.host):
        warning = f"warning: other machines can reach {settings.host}, and read how your seats do"
    return Place(listener, server_of(app), f"http://{name}:{taken}", warning)


def asked(settings: MetricsSettings, host: str | None, port: int | None) -> MetricsSettings:
    """The configured place, or the one that was asked for on the command line.

    Raises UsageError for an address that others can reach, where nobody said that it is meant.
    """
    host = settings.host if host is None else host
    if not settings.open_to_network and not is_loopback(host):
        raise UsageError(
            f"--host {host}: others could reach it; give an address of this machine alone, such as "
            "127.0.0.1, or write open_to_network = true into [metrics] of config.toml"
        )
    return replace(settings, host=host, port=settings.port if port is None else port)


def metrics_app(home: Path, names: Names, clock: Clock) -> ASGIApp:
    """What answers, as an ASGI application."""
    registry = registry_of(home, clock)
    inner = Starlette(
        routes=[
            Route("/", lambda _: PlainTextResponse(INDEX), methods=["GET"]),
            Route("/metrics", lambda request: _metrics(request, registry), methods=["GET"]),
            Route("/healthz", _answer(lambda: healthy(home, clock)), methods=["GET"]),
            Route("/readyz", _answer(lambda: ready(home, clock)), methods=["GET"]),
        ]
    )
    return _Door(inner, names)


def _metrics(request: Request, registry: CollectorRegistry) -> Response:
    encode, kind = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(registry), headers={"content-type": kind})


def _answer(look: Callable[[], Health]) -> Callable[[Request], Response]:
    def answer(_: Request) -> Response:
        found = look()
        return PlainTextResponse(found.text, 200 if found.well else 503)

    return answer


class _Door:
    """Lets in whoever asks by a name of ours."""

    def __init__(self, app: ASGIApp, names: Names) -> None:
        self._app, self._names = app, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if headers.get("host", "").lower() in self._names.hosts:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            refused = PlainTextResponse("Refused: this is not the name of this machine.\n", 421)
            await refused(scope, receive, send)
