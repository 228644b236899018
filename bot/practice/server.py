"""Serves the practice site on this machine: in a background thread, or in the foreground."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar

import uvicorn
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from bot.errors import WorkFailed
from bot.practice.app import site_app
from bot.practice.door import Connection, Connections
from bot.practice.model import World
from bot.practice.pages import Pages
from bot.practice.records import Truth
from bot.practice.scenario import Scenario, load

T = TypeVar("T")
Pace = Literal["manual", "real"]
# The site's own number for "you are a robot" (site.md, 1); uvicorn knows the standard ones only.
STATUS_PHRASES[999] = b"Request Denied"
LOCAL_HOSTS = ("127.0.0.1", "localhost")


class Running:
    """A practice site in a thread of this process; leaving the `with` block stops it.

    url    where it is, e.g. "http://127.0.0.1:41233"
    pages  what its markup is taken from
    model  the world; look at it from another thread through `ask` only
    """

    def __init__(self, world: World, listener: socket.socket, pages: Pages, *, pace: Pace) -> None:
        host, port = listener.getsockname()[:2]
        self.url = f"http://{host}:{port}"
        self.model = world
        self.pages = pages
        self._connections: Connections = {}
        self._server = _server(world, pace, pages, self._connections)
        self._listener = listener
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="practice site", daemon=True)
        self._thread.start()
        self._ready.wait()

    def ask(self, question: Callable[[World], T]) -> T:
        """Call *question* with the world, between two requests, and return its answer."""
        assert self._loop is not None, "the site is not running"
        answer: Future[T] = Future()

        def put() -> None:
            try:
                answer.set_result(question(self.model))
            except BaseException as error:  # noqa: BLE001 - it is raised again for the caller
                answer.set_exception(error)

        self._loop.call_soon_threadsafe(put)
        return answer.result()

    def truth(self) -> Truth:
        """What really happened so far."""
        return self.ask(World.truth)

    def stop(self) -> None:
        """Close the site; a second call does nothing."""
        self._server.should_exit = True
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        await self._server.serve(sockets=[self._listener])
        for each in self._connections.values():  # those that were slower than its patience
            each.transport.abort()
        await asyncio.sleep(0)  # what an abort leaves is done in the loop's next round


def start(
    scenario: Scenario | Path | str,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Pace = "manual",
    pages: Path | None = None,
) -> Running:
    """Serve *scenario* (or a shipped one by name) in the background; port 0 takes a free one.

    pages  a recording whose markup is shown where it has a page; the shipped one elsewhere

    Raises UsageError for a scenario with mistakes, WorkFailed if the port is taken, the host is
    not this machine, or a page lacks what is to be shown in it.
    """
    world = World(scenario if isinstance(scenario, Scenario) else load(scenario))
    return Running(world, _listen(host, port), Pages.of(pages), pace=clock)


def serve(
    scenario: Scenario | Path | str = "demo",
    port: int = 8765,
    *,
    clock: Pace = "manual",
    pages: Path | None = None,
) -> None:
    """Serve in the foreground until Ctrl-C. Raises what `start` raises."""
    world = World(scenario if isinstance(scenario, Scenario) else load(scenario))
    listener = _listen("127.0.0.1", port)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    found = Pages.of(pages)
    server = _server(world, clock, found, {})
    print("\n".join(filter(None, (_greeting(world, url, clock), found.told()))), flush=True)
    asyncio.run(server.serve(sockets=[listener]))


def _greeting(world: World, url: str, clock: Pace) -> str:
    first = world.scenario.searches[0] if world.scenario.searches else None
    search = f"/sales/search/people?savedSearchId={first.id}" if first is not None else ""
    time = "stands still until told" if clock == "manual" else "runs"
    return (
        f"The practice site is at {url}\n"
        f"  audience   {url}{search}\n"
        f"  inbox      {url}/sales/inbox/\n"
        f"  the truth  {url}/practice/truth\n"
        f"Its clock says {world.now:%Y-%m-%d %H:%M} UTC and {time};"
        f' move it: curl -d \'{{"now": "2026-03-09T09:00:00Z"}}\' {url}/practice/clock\n'
        f'Let an agent work it: site.base_url = "{url}". Ctrl-C ends it.'
    )


def _listen(host: str, port: int) -> socket.socket:
    if host not in LOCAL_HOSTS:
        raise WorkFailed(f"the practice site is served to this machine only, not on {host}")
    # asyncio switches Nagle's delay (40 ms a request) off only where the protocol is named.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise WorkFailed(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return listener


def _server(world: World, pace: Pace, pages: Pages, connections: Connections) -> uvicorn.Server:
    class Droppable(H11Protocol):
        """Lets the site break a connection off, as a network does."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            connections[transport.get_extra_info("peername")] = Connection(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            connections.pop(self.transport.get_extra_info("peername"), None)
            super().connection_lost(exc)

    app = site_app(world, connections, pages, real_time=pace == "real")
    config = uvicorn.Config(
        app,
        http=Droppable,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)
