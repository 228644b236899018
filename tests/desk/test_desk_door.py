"""Who may come in, and what may be changed: asked as an attacker would."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from desk.homes import PAYLOADS, Worked, empty
from desk.visitor import COOKIE, DOWNLOADS, FILES, LIVE, ORIGIN, SCREENS, csrf, guest, stranger
from selectolax.lexbor import LexborHTMLParser
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from bot.clock import SimulatedClock
from bot.desk.app import desk_app
from bot.desk.security import KEY_FILE, Key, Names
from bot.errors import WorkFailed
from bot.model import Changes
from bot.policy import CreditPolicy
from bot.rules.credits import Posted, adjust

EVERY_GET = (*SCREENS, *LIVE, *FILES, *DOWNLOADS)
ORDERS = (
    "/seats/alice/pause",
    "/seats/alice/resume",
    "/campaigns/alice/founders/pause",
    "/campaigns/alice/founders/resume",
    "/approve/alice",
    "/approve/count",
    *(f"/leads/alice/ACwAAada/{word}" for word in ("release", "settle", "block", "forget")),
    "/theme",
)
POSTED = (*ORDERS, "/campaigns/new", "/campaigns/new/show")


def _digest(folder: Path) -> dict[str, str]:
    """What stands in every file of the home."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _is_paused(home: Worked) -> bool:
    with home.store() as store:
        return store.seat().paused


@pytest.mark.parametrize("path", ["/", "/no/such/page", *EVERY_GET])
def test_who_did_not_come_by_the_link_sees_nothing(month: Worked, path: str) -> None:
    """Every address is refused, with how to get the link, and nothing of a seat."""
    answer = stranger(month).get(path)
    assert answer.status_code == 401
    assert "leadwright dashboard" in answer.text
    assert "alice" not in answer.text
    assert not answer.cookies


def test_the_link_lets_a_browser_in_and_is_not_kept_in_its_address(month: Worked) -> None:
    """The token becomes a cookie that no script reads and no other site sends."""
    client = stranger(month)
    answer = client.get(f"/?token={month.key.token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    told = answer.headers["set-cookie"].lower()
    assert "httponly" in told
    assert "samesite=strict" in told
    assert month.key.token not in told
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("token", ["", "0" * 64, "wrong", "é"])
def test_a_wrong_token_opens_nothing(month: Worked, token: str) -> None:
    """Only the token of this home's key does."""
    client = stranger(month)
    answer = client.get("/", params={"token": token})
    assert answer.status_code == 401
    assert not client.cookies


def test_a_session_is_of_this_key_and_thirty_days_long(month: Worked, tmp_path: Path) -> None:
    """A cookie that was changed, made by another key, or grown old is none."""
    good = month.key.new_session(month.now)
    other = Key.kept(tmp_path).new_session(month.now)
    told, _, sign = good.rpartition(".")
    later = month.now + timedelta(days=29, hours=23)
    assert month.key.session(good, later) is not None
    assert month.key.session(good, later + timedelta(hours=2)) is None
    assert month.key.session("é", month.now) is None
    for bad in (other, "f" + good, f"{told}.{sign[:-1]}", "", ".", "a.b.c"):
        assert month.key.session(bad, month.now) is None
        cookie = {"cookie": f"{COOKIE}={bad}"}
        assert stranger(month).get("/", headers=cookie).status_code == 401


def test_a_session_grows_old_by_the_machines_clock(home: Worked) -> None:
    """A demo's screens show simulated weeks within a minute, and nobody is put out by them."""
    shown = SimulatedClock(home.now)
    names = Names.of("127.0.0.1", 8777)
    app = desk_app(home.home, home.key, names, home.clock, COOKIE, shown)
    client = TestClient(app, base_url=ORIGIN, follow_redirects=False)
    assert client.get(f"/?token={home.key.token}").status_code == 303
    shown.advance(timedelta(days=45))
    assert client.get("/").status_code == 200


def test_the_key_is_the_owners_alone_and_outlives_a_restart(tmp_path: Path) -> None:
    """It is kept with mode 0600; one that others may read, or that is none, is refused."""
    token = Key.kept(tmp_path).token
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert Key.kept(tmp_path).token == token
    (tmp_path / KEY_FILE).chmod(0o640)
    with pytest.raises(WorkFailed, match="others may read"):
        Key.kept(tmp_path)
    (tmp_path / KEY_FILE).write_text("", encoding="ascii")
    (tmp_path / KEY_FILE).chmod(0o600)
    with pytest.raises(WorkFailed, match="holds no key"):
        Key.kept(tmp_path)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8777", "127.0.0.1", "127.0.0.1:80", "127.0.0.1.evil:8777"],
)
def test_another_name_for_this_machine_is_refused(month: Worked, host: str) -> None:
    """A page elsewhere whose name was made to point here reads nothing, with or without cookie."""
    client = guest(month)
    assert client.get("/", headers={"host": host}).status_code == 421
    assert client.get(f"/?token={month.key.token}", headers={"host": host}).status_code == 421


def test_the_desks_own_names_are_answered(month: Worked) -> None:
    """Those of the loopback, with the port, and those that the configuration gives."""
    names = Names.of("192.0.2.7", 8777, ("Desk.example",))
    for host in ("127.0.0.1", "localhost", "[::1]", "192.0.2.7", "desk.example"):
        assert f"{host}:8777" in names.hosts
    assert guest(month).get("/", headers={"host": "LOCALHOST:8777"}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:8765", "https://127.0.0.1:8777", ""]
)
def test_another_pages_requests_are_refused(home: Worked, origin: str) -> None:
    """Of another site, another port or another scheme: neither read nor written."""
    client = guest(home)
    form = {"csrf": csrf(client)}
    assert client.get("/live/today", headers={"origin": origin}).status_code == 403
    for path in POSTED:
        assert client.post(path, data=form, headers={"origin": origin}).status_code == 403
    assert not _is_paused(home)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_page_embeds_is_refused(month: Worked, site: str) -> None:
    """An image, a script or a fetch of another page gets nothing; a link that is clicked does."""
    client = guest(month)
    headers = {"sec-fetch-site": site, "sec-fetch-mode": "no-cors"}
    assert client.get("/credits/alice/ledger.csv", headers=headers).status_code == 403
    headers["sec-fetch-mode"] = "navigate"
    assert client.get("/", headers=headers).status_code == 200


def test_there_are_no_web_sockets(month: Worked) -> None:
    """One is refused before it is opened, from wherever it comes, with a cookie too."""
    client = guest(month)
    for path in ("/", "/live/today"):
        for origin in (ORIGIN, "http://evil.example"):
            with (
                pytest.raises(WebSocketDisconnect) as refused,
                client.websocket_connect(path, headers={"origin": origin}),
            ):
                pass
            assert refused.value.code == 1008  # by the door, before any screen is asked


@pytest.mark.parametrize("path", POSTED)
def test_a_form_needs_the_token_of_its_session(home: Worked, path: str) -> None:
    """Without it, with another session's, or not as a form: refused, and nothing is changed."""
    client = guest(home)
    ours = {"origin": ORIGIN}
    for form in ({"more": ""}, {"csrf": ""}, {"csrf": csrf(guest(home))}):
        assert client.post(path, data=form, headers=ours).status_code == 403
    assert client.post(path, json={"csrf": csrf(client)}, headers=ours).status_code == 415
    big = {"csrf": csrf(client), "more": "x" * 500_000}
    assert client.post(path, data=big, headers=ours).status_code == 413
    bad = b"csrf=%ff"
    as_form = {"content-type": "application/x-www-form-urlencoded", **ours}
    assert client.post(path, content=bad, headers=as_form).status_code == 400
    assert client.post(path, data={"csrf": csrf(client)}).status_code == 403  # without an origin
    assert not _is_paused(home)


def test_a_form_without_scripts_is_known_by_the_browsers_own_word(home: Worked) -> None:
    """Such a form's origin is "null", as every page forbids to tell it; the browser vouches."""
    client = guest(home)
    headers = {"origin": "null", "sec-fetch-site": "same-origin"}
    answer = client.post("/seats/alice/pause", data={"csrf": csrf(client)}, headers=headers)
    assert answer.status_code == 200
    assert "the seat is paused" in answer.text
    assert _is_paused(home)


def test_nothing_is_changed_by_looking(home: Worked) -> None:
    """No file of the home is another after every screen was asked for, orders' addresses too."""
    client = guest(home)
    before = _digest(home.home)
    for path in EVERY_GET:
        assert client.get(path).status_code == 200, path
    for path in ORDERS:
        assert client.get(path).status_code == 405
        assert client.put(path).status_code == 405
    assert _digest(home.home) == before


@pytest.mark.parametrize("path", ["/", "/credits/alice", "/static/desk.js", "/no/such", *DOWNLOADS])
@pytest.mark.parametrize("known", [True, False])
def test_every_answer_is_sealed(month: Worked, path: str, known: bool) -> None:
    """Nothing is sniffed, kept, framed, told to others, or loaded from elsewhere."""
    client = guest(month) if known else stranger(month)
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    policy = headers["content-security-policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "base-uri 'none'"):
        assert rule in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("path", [*SCREENS, *LIVE])
def test_what_strangers_wrote_is_text(month: Worked, path: str) -> None:
    """No element, attribute or address of a page comes from a name; and nothing is inline."""
    page = LexborHTMLParser(guest(month).get(path).text)
    scripts = page.css("script")
    assert all(each.attributes.get("src", "").startswith("/static/") for each in scripts)
    assert not any(each.text() for each in scripts)
    frames = page.css("iframe")
    assert all(frame.attributes["sandbox"] == "" for frame in frames)
    assert not page.css("style, object, embed, base, img:not([src^='/static/'])")
    for element in page.css("*"):
        names = [name.lower() for name in element.attributes]
        assert not [name for name in names if name.startswith("on") or name == "style"]
        assert "javascript:" not in str(element.attributes.values()).lower()


def test_a_kept_page_runs_nothing_and_leads_nowhere(month: Worked) -> None:
    """It is of an origin of its own, without scripts, and only this desk may frame it."""
    client = guest(month)
    frame = LexborHTMLParser(client.get("/seats/alice/last-page").text).css_first("iframe")
    assert frame is not None
    answer = client.get(frame.attributes["src"] or "")
    policy = answer.headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'self'; sandbox")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert not LexborHTMLParser(answer.text).css("script, iframe, [onerror]")


@pytest.mark.parametrize(
    "name", ["x.json.gz", "..%2f..%2fdesk.key", "index.jsonl", "%2e%2e/state.sqlite"]
)
def test_only_kept_pages_are_shown(month: Worked, name: str) -> None:
    """A name that is no page's, or leads out of the folder, is not there."""
    assert guest(month).get(f"/seats/alice/pages/{name}").status_code == 404


def test_every_payload_is_shown_as_it_was_written(month: Worked) -> None:
    """What attacks is seen by the owner, letter for letter; what turns the writing, by number."""
    client = guest(month)
    with month.store() as store:
        last = -(-len(list(store.entries())) // 50)
    numbers = (last - 1, last)  # there the first stand that were written to
    pages = [LexborHTMLParser(client.get(f"/credits/alice?page={n}").text) for n in numbers]
    shown = " ".join(page.body.text() for page in pages if page.body is not None)
    for payload in PAYLOADS:
        told = re.sub("[\u202a-\u202e]", lambda sign: f"\\u{ord(sign[0]):04x}", payload)
        assert told in shown


def test_downloads_run_nothing(home: Worked) -> None:
    """They are kept as files of a type without scripts, and a spreadsheet finds no formula."""
    with home.store() as store:
        posted = adjust(Posted(store.ledger()), "x", -1, home.now, CreditPolicy(), "=1+1\n@x")
        store.commit(Changes(ledger=posted.ledger, entries=posted.entries))
    client = guest(home)
    csv = client.get("/credits/alice/ledger.csv")
    assert csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert csv.headers["content-disposition"] == 'attachment; filename="alice-ledger.csv"'
    assert "'=1+1 @x" in csv.text
    assert not re.search(r"(^|,)\"?[=+@\t]", csv.text.replace("\r", ""), re.MULTILINE)
    journal = client.get("/credits/alice/ledger.journal")
    assert journal.headers["content-type"] == "text/plain; charset=utf-8"
    assert journal.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "x"])
def test_the_switch_of_colours_leads_nowhere_else(month: Worked, back: str) -> None:
    """Where to go back to is one of the desk's own pages, whatever the form says."""
    client = guest(month)
    form = {"csrf": csrf(client), "theme": "dark", "back": back}
    answer = client.post("/theme", data=form, headers={"origin": ORIGIN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert 'data-theme="dark"' in client.get("/").text


def test_a_theme_that_is_none_of_ours_is_not_taken(month: Worked) -> None:
    """A cookie is text of others as well."""
    client = guest(month)
    client.cookies.set("leadwright_theme", '"><script>')
    assert 'data-theme="auto"' in client.get("/").text


def test_no_place_leads_out_of_the_static_files(tmp_path: Path) -> None:
    """Files are served by a list of names, not by a path."""
    client: TestClient = guest(empty(tmp_path))
    for name in (
        "../desk.key",
        "..%2fdesk.key",
        "%2e%2e/app.py",
        "desk.css/../../app.py",
        "app.py",
    ):
        assert client.get(f"/static/{name}").status_code == 404
