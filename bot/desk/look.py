"""How pages are made: templates that escape whatever they are given, and parts that stay alive.

A live part asks for itself anew every few seconds and says what it shows (`seen`). Where that is
what it would get, the answer is empty, so nothing on the page moves, and no focus is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.desk.security import session_of
from bot.plain import plain, plain_lines

THEME_COOKIE = "leadwright_theme"
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Tab:
    """An entry of the navigation."""

    name: str
    path: str


TABS = (
    Tab("Today", "/"),
    Tab("Campaigns", "/campaigns"),
    Tab("Leads", "/leads"),
    Tab("Approve", "/approve"),
    Tab("Inbox", "/inbox"),
    Tab("Credits", "/credits"),
)


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "plain": plain,
        "plain_lines": plain_lines,
        "stamp": _stamp,
        "moment": _moment,
        "day": _day,
        "share": _share,
        "opening": _opening,
        "piece": lambda part: quote(part, safe=""),
    }
    return made


class Look:
    """The templates."""

    def __init__(self) -> None:
        self._environment = _environment()

    def part(self, template: str, **facts: object) -> Markup:
        """A piece of a page. Text is escaped; only what is Markup stands as it is."""
        return Markup(self._environment.get_template(template).render(**facts))  # noqa: S704

    def page(
        self,
        request: Request,
        template: str,
        *,
        tab: str = "",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **facts: object,
    ) -> Response:
        """A whole page. *tab*: which entry of the navigation is the present one."""
        theme = request.cookies.get(THEME_COOKIE, "")
        text = self.part(
            template,
            tabs=TABS,
            tab=tab,
            theme=theme if theme in THEMES else "auto",
            themes=THEMES,
            here=_here(request),
            csrf=session_of(request).csrf,
            **facts,
        )
        return HTMLResponse(text, status, headers)

    def live(self, request: Request, url: str, template: str, **facts: object) -> Markup:
        """A part that asks *url* for itself."""
        inner = self.part(template, csrf=session_of(request).csrf, **facts)
        return self.part("live.html", url=url, mark=_mark(inner), inner=inner)

    def again(self, request: Request, url: str, template: str, **facts: object) -> Response:
        """The answer to a live part: itself, or nothing if it is as it was."""
        inner = self.part(template, csrf=session_of(request).csrf, **facts)
        if request.query_params.get("seen") == _mark(inner):
            return Response(status_code=204)
        return HTMLResponse(self.part("live.html", url=url, mark=_mark(inner), inner=inner))


def download(text: str, kind: str, name: str) -> Response:
    """A file to be kept, of a type that runs nothing."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=headers)


def number_of(request: Request, name: str) -> int:
    """The number of a page that is asked for; whatever is no number is the first."""
    asked = request.query_params.get(name, "1")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 1


def _mark(inner: Markup) -> str:
    return sha256(inner.encode()).hexdigest()[:16]


def _here(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


# --- filters ------------------------------------------------------------------------------------


def _stamp(at: datetime) -> str:
    """For the `datetime` of a <time>."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(at: datetime, zone: tzinfo, now: datetime) -> str:
    """A time for people, in the seat's zone."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    named = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((local.date() - today).days)
    day = named or f"{local:%a} {local.day} {local:%b}"
    year = "" if named or local.year == today.year else f" {local.year}"
    return f"{day}{year}, {local:%H:%M}"


def _opening(text: str) -> str:
    """The first letter as a sentence begins."""
    return text[:1].upper() + text[1:]


def _day(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %Y}"


def _share(part: int, whole: int) -> str:
    """A share in percent; nothing of nothing is a dash."""
    return f"{100 * part / whole:.0f} %" if whole else "–"
