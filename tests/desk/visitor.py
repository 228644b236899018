"""A browser without a screen: asks the desk, and reads what comes as HTML."""

from __future__ import annotations

from desk.homes import ANSWERED, Worked
from selectolax.lexbor import LexborHTMLParser
from starlette.testclient import TestClient

from bot.clock import Clock
from bot.desk.app import desk_app
from bot.desk.security import Names

HOST = "127.0.0.1:8777"
ORIGIN = f"http://{HOST}"
COOKIE = "leadwright_desk"
ANSWER = f"/inbox/alice/{ANSWERED}"
SCREENS = (
    "/",
    "/campaigns",
    "/campaigns/alice/founders",
    "/leads/alice",
    "/leads/alice?q=a&sort=name&page=2",
    "/campaigns/new?seat=alice",
    "/approve",
    "/credits/alice",
    "/credits/alice?page=2",
    "/inbox",
    "/inbox?show=done",
    "/inbox?show=all&seat=alice&page=2",
    ANSWER,
    "/seats/alice/last-page",
)
LIVE = (
    "/live/today",
    "/live/campaigns",
    "/live/campaigns/alice/founders",
    "/live/inbox",
    f"/live{ANSWER}",
    "/live/credits/alice",
)
FILES = ("/static/desk.css", "/static/desk.js", "/static/htmx.min.js", "/static/icon.svg")
DOWNLOADS = (
    "/credits/alice/ledger.csv",
    "/credits/alice/ledger.journal",
    "/leads/alice/leads.csv?state=responded",
)


def stranger(home: Worked, clock: Clock | None = None) -> TestClient:
    """A browser that has not been here yet."""
    app = desk_app(home.home, home.key, Names.of("127.0.0.1", 8777), clock or home.clock, COOKIE)
    return TestClient(app, base_url=ORIGIN, follow_redirects=False)


def guest(home: Worked, clock: Clock | None = None) -> TestClient:
    """A browser that came by the link."""
    client = stranger(home, clock)
    assert client.get(f"/?token={home.key.token}").status_code == 303
    return client


def csrf(client: TestClient) -> str:
    """What the forms of this browser hold."""
    field = LexborHTMLParser(client.get("/").text).css_first("input[name=csrf]")
    assert field is not None
    return field.attributes["value"] or ""


def post(client: TestClient, path: str, **fields: str) -> tuple[int, str]:
    """Send a form as one of the desk's pages does; the status, and what is shown."""
    form = {"csrf": csrf(client), **fields}
    answer = client.post(path, data=form, headers={"origin": ORIGIN, "hx-request": "true"})
    return answer.status_code, answer.text
