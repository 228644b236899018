"""How something is served by this machine: the socket, and the server behind it."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from bot.errors import WorkFailed


def server_of(app: ASGIApp) -> uvicorn.Server:
    """A server of *app* that says nothing of itself, and logs nothing."""
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # the token of a desk's link would stand in it
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


def serve_until_stopped(server: uvicorn.Server, listener: socket.socket) -> None:
    """Serve in the foreground until Ctrl-C or SIGTERM."""
    with suppress(KeyboardInterrupt):
        asyncio.run(server.serve(sockets=[listener]))


def listen(host: str, port: int, what: str) -> socket.socket:
    """A listening socket; port 0: a free one. Raises WorkFailed if the port is taken.

    what  is to be served there, in the error
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's delay (40 ms a request) off only where the protocol is named.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(64)
    except OSError as error:
        listener.close()
        raise WorkFailed(
            f"cannot listen on {host}:{port}: {error.strerror}; another {what} may run already, "
            "else choose another --port"
        ) from error
    return listener
