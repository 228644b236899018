"""Serves the desk on this machine: in the foreground, or in a thread beside other work."""

from __future__ import annotations

import asyncio
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn

from bot.clock import Clock, rest
from bot.config import DeskSettings
from bot.desk.app import desk_app
from bot.desk.security import Key, Names
from bot.errors import WorkFailed
from bot.loopback import is_loopback
from bot.serving import listen, serve_until_stopped, server_of

_STARTS_WITHIN_TRIES = 500  # of 10 ms each


@dataclass(frozen=True, slots=True)
class Place:
    """A desk that can be served: its listening socket, and the link that opens it."""

    listener: socket.socket
    server: uvicorn.Server
    link: str
    warning: str


def link_to(settings: DeskSettings, key: Key, port: int) -> str:
    """What the owner opens in the browser."""
    everywhere = settings.host in ("0.0.0.0", "::")  # noqa: S104  compared, not bound
    host = "127.0.0.1" if everywhere else settings.host
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/?token={key.token}"


def prepare(
    home: Path,
    settings: DeskSettings,
    port: int | None,
    clock: Clock,
    shown: Clock | None = None,
) -> Place:
    """Listen, and make ready what answers; *port* in place of the configured one, 0: a free one.

    shown  the clock of the screens, where it is not the machine's: see desk_app()

    Raises WorkFailed if the port is taken, or something that is to be served is missing.
    """
    key = Key.kept(home)
    listener = listen(settings.host, settings.port if port is None else port, "desk")
    taken: int = listener.getsockname()[1]
    names = Names.of(settings.host, taken, settings.names)
    try:
        app = desk_app(home, key, names, clock, f"leadwright_desk_{taken}", shown)
    except WorkFailed:
        listener.close()
        raise
    return Place(listener, server_of(app), link_to(settings, key, taken), _warning(settings))


def serve(place: Place) -> None:
    """Serve in the foreground until Ctrl-C or SIGTERM."""
    serve_until_stopped(place.server, place.listener)


class Beside:
    """A desk in a thread of this process; leaving the `with` block stops it."""

    def __init__(self, place: Place) -> None:
        self.link = place.link
        self._place = place
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        for _ in range(_STARTS_WITHIN_TRIES):
            if self._place.server.started:
                return self
            rest(0.01)
        raise WorkFailed("the desk did not start")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._place.server.should_exit = True
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._place.server.serve(sockets=[self._place.listener]))


def _warning(settings: DeskSettings) -> str:
    if is_loopback(settings.host):
        return ""
    return (
        f"warning: other machines can reach {settings.host}. Whoever has the link works your seats,"
        " and it crosses the network unencrypted: put something with TLS in front, or use an SSH"
        " tunnel"
    )
