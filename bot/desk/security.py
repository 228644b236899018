"""Who may come in: the key and what is made of it, and the door that every request passes.

The desk answers to its own names only (a page elsewhere may have its name point here), to browsers
that came by the link only, and changes nothing but by a POST of its own pages. Whatever is shown
may quote a stranger: no script but ours runs, and nothing is loaded from elsewhere.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Self, cast
from urllib.parse import parse_qs, parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.clock import Clock
from bot.errors import WorkFailed

KEY_FILE = "desk.key"
KEPT_FOR = timedelta(days=30)
MOST_BYTES = 400_000  # of a form: a campaign's seven texts in the longest spelling

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that came by the link. `csrf` stands in each of its forms."""

    csrf: str


class Key:
    """The desk's secret; link, sessions and their form tokens are made of it."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @classmethod
    def kept(cls, home: Path) -> Self:
        """The key of a home, made at the first start, so that a link outlives the desk's restarts.

        Raises WorkFailed if others may read it, or if it is no key.
        """
        path = home / KEY_FILE
        try:
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_hex(32) + "\n")
        except FileExistsError:
            pass
        if path.stat().st_mode & 0o077:
            raise WorkFailed(f"others may read {path}: delete it, and a new key is made")
        try:
            secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except ValueError:
            secret = b""
        if len(secret) < 32:
            raise WorkFailed(f"{path} holds no key: delete it, and a new one is made")
        return cls(secret)

    @property
    def token(self) -> str:
        """What the link holds."""
        return self._made("link")

    def new_session(self, now: datetime) -> str:
        """A cookie's value."""
        told = f"{int(now.timestamp()):x}.{secrets.token_hex(16)}"
        return f"{told}.{self._made('session', told)}"

    def session(self, cookie: str, now: datetime) -> Session | None:
        """The session of a cookie; None if it is none of ours, or too old."""
        told, _, sign = cookie.rpartition(".")
        if not hmac.compare_digest(sign.encode(), self._made("session", told).encode()):
            return None
        issued = int(told.partition(".")[0], 16)
        if now.timestamp() - issued > KEPT_FOR.total_seconds():
            return None
        return Session(self._made("form", told))

    def _made(self, *what: str) -> str:
        return hmac.new(self._secret, "/".join(what).encode(), sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Names:
    """What the desk is called: `hosts` as in a Host header, with port where it is not 80."""

    hosts: frozenset[str]

    @classmethod
    def of(cls, host: str, port: int, more: tuple[str, ...] = ()) -> Self:
        """The names of a desk that listens there."""
        own = (f"[{host}]" if ":" in host else host, "127.0.0.1", "localhost", "[::1]", *more)
        return cls(frozenset(f"{name.lower()}:{port}" for name in own))

    def is_ours(self, origin: str) -> bool:
        """Whether a page of this origin is one of the desk's own."""
        scheme, _, host = origin.partition("://")
        return scheme == "http" and host.lower() in self.hosts


def session_of(request: Request) -> Session:
    """The session that the door found."""
    return cast("Session", request.scope["desk.session"])


def form_of(request: Request) -> Mapping[str, str]:
    """The fields of a POST, which the door has read; of a name given twice, the last."""
    return cast("Mapping[str, str]", request.scope["desk.form"])


class Door:
    """Lets in what is allowed, and puts the headers on whatever goes out."""

    def __init__(self, app: ASGIApp, key: Key, names: Names, clock: Clock, cookie: str) -> None:
        self._app = app
        self._key = key
        self._names = names
        self._clock = clock
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":  # there are none here
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refused = self._refused(scope) or await self._entered(scope, receive)
        if refused is not None:
            await refused(scope, receive, sealed)
            return
        await self._app(scope, receive, sealed)

    def _refused(self, scope: Scope) -> Response | None:
        """What is wrong with where a request comes from, or goes to."""
        headers = Headers(scope=scope)
        if headers.get("host", "").lower() not in self._names.hosts:
            return _no("this is not the name of this desk", 421)
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return _no("only GET and POST", 405)
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "")
        if scope["method"] == "POST":
            # Without a script a form says "null", since no page tells where it was (no-referrer).
            ours = site == "same-origin" if origin == "null" else self._names.is_ours(origin or "")
            return None if ours else _no("this form is not one of the desk's own pages", 403)
        foreign = origin is not None and not self._names.is_ours(origin)
        link = headers.get("sec-fetch-mode") == "navigate"
        if foreign or (site in ("cross-site", "same-site") and not link):
            return _no("another page asked for this", 403)
        return None

    async def _entered(self, scope: Scope, receive: Receive) -> Response | None:
        """The way in by the link, or what is missing; None: a known browser, with a right form."""
        now = self._clock.now()
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if scope["path"] == "/" and "token" in query:
            return self._by_link(query["token"][-1], now)
        headers = Headers(scope=scope)
        cookies = cookie_parser(headers.get("cookie", ""))
        session = self._key.session(cookies.get(self._cookie, ""), now)
        if session is None:
            return _ask_for_link()
        scope["desk.session"] = session
        return await _read_form(scope, receive, session) if scope["method"] == "POST" else None

    def _by_link(self, token: str, now: datetime) -> Response:
        if not hmac.compare_digest(token.encode(), self._key.token.encode()):
            return _ask_for_link()
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            self._cookie,
            self._key.new_session(now),
            max_age=int(KEPT_FOR.total_seconds()),
            httponly=True,
            samesite="strict",
        )
        return answer


async def _read_form(scope: Scope, receive: Receive, session: Session) -> Response | None:
    """Read a form for form_of(); what is wrong with it, if anything is."""
    if (
        not Headers(scope=scope)
        .get("content-type", "")
        .startswith("application/x-www-form-urlencoded")
    ):
        return _no("a form is expected", 415)
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return _no("the form did not arrive whole", 400)
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_BYTES:
            return _no("this form is too large", 413)
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict")
    except ValueError:
        return _no("this form is not UTF-8", 400)
    form = dict(pairs)
    if not hmac.compare_digest(form.get("csrf", "").encode(), session.csrf.encode()):
        return _no("this form is of another session: reload the page, and try again", 403)
    scope["desk.form"] = form
    return None


def _no(why: str, status: int) -> Response:
    return PlainTextResponse(f"Refused: {why}.\n", status)


_STYLE = (
    "body{font:1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;"
    "color-scheme:light dark;background:light-dark(#f6f7f9,#14171a);"
    "color:light-dark(#1b1f24,#e6e9ec)}"
    "code{font-size:1.05em}"
)


def _ask_for_link() -> Response:
    """The page of a browser that is not known. Its one style is named to the CSP by its hash."""
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Leadwright: the desk'
        ' is closed</title><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main><h1>This browser is not known here</h1>"
        "<p>The desk opens by the link that <code>leadwright dashboard</code> prints when it"
        " starts, and after that for 30 days in the same browser.</p><p>Where it runs already, ask"
        " for the link again with <code>leadwright dashboard --link</code>.</p></main></body>"
        "</html>"
    )
    digest = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
    csp = CSP.replace("style-src 'self'", f"style-src 'sha256-{digest}'")
    return HTMLResponse(page, 401, {"content-security-policy": csp})
