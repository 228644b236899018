"""The site as it changes: from now on a class, an attribute or a text is called something else.

Pages, what fills them, and the script that knows them change together, as in a release.
Its JSON does not: that is another team's.
"""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.practice.model import World

_DATA = ("/sales-api/", "/practice/")
_SCRIPT = re.compile(rb'(?<=\.js)(?=")')


class Redesigner:
    """Serves everything but data as the redesigns so far want it."""

    def __init__(self, inner: ASGIApp, world: World) -> None:
        self._inner = inner
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        redesigns = self._world.redesigns
        if not redesigns or scope["type"] != "http" or scope["path"].startswith(_DATA):
            await self._inner(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def hold_back(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body") or start is None:
                return
            for each in redesigns:
                body = each.apply(body)
            headers = MutableHeaders(scope=start)
            if headers.get("content-type", "").startswith("text/html"):
                # A script that is kept by its name needs another one.
                body = _SCRIPT.sub(b"?%d" % len(redesigns), body)
            headers["content-length"] = str(len(body))
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self._inner(scope, receive, hold_back)
