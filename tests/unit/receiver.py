"""A program that is called: a real HTTP server on this machine, as unkind as a test wants it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANGS, DIES = -1, -2  # in the place of a status


@dataclass(frozen=True, slots=True)
class Got:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def delivery(self) -> str:
        """Its delivery id."""
        return self.headers["Leadwright-Delivery"]


@dataclass(slots=True)
class Receiver:
    """What came, and how the next ones are answered: the last answer stays."""

    port: int = 0
    answers: list[int] = field(default_factory=lambda: [200])
    got: list[Got] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where it listens; the path is to be kept secret."""
        return f"http://127.0.0.1:{self.port}/hidden-path?key=hidden-key"

    def answer(self, got: Got) -> int:
        """Take a request; the status to answer with."""
        self.got.append(got)
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if 200 <= status < 300:
            self.taken.append(got.headers.get("Leadwright-Delivery", ""))
        return status


@contextmanager
def receiver() -> Iterator[Receiver]:
    """One that listens."""
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status = told.answer(Got(self.path, dict(self.headers.items()), body))
            if status == HANGS:
                told.released.wait(60)
            if status in (HANGS, DIES):
                self.close_connection = True
                return
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
