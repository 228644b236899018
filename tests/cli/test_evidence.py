"""`leadwright evidence`: what was decided, on which page, and that the page still says so."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli.user import CONFIG, User
from selectolax.lexbor import LexborHTMLParser

from bot.cli.evidence import evidence
from bot.cli.main import main
from bot.cli.read import read, tell
from bot.decided import Decision, in_words
from bot.errors import PageError, UsageError, WorkFailed
from bot.facts import Snapshot
from bot.pages.reader import Reader
from bot.pages.showable import showable
from bot.snapshotfile import pack
from bot.store.evidence import Evidence
from tests.fixtures.cases import Case, all_cases, case

AT = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
READER = Reader.shipped()


def keep(user: User, key: str, of: str, lead: str = "ACwAA1", *, owner: str = "") -> Path:
    """A decision on the page of a fixture case."""
    one = case(of)
    understood = in_words(READER.read(one.page, one.snapshot()))
    told = ("look", "held", "why so", "K3", lead, one.page, understood, owner)
    decision = Decision(f"{key}@20261116T093000", AT, *told)
    folder = user.seat / "evidence"
    return folder / Evidence(folder).keep(decision, one.snapshot())


@pytest.fixture
def owner(user: User) -> User:
    """A user with a seat and three decisions."""
    user.write("config.toml", CONFIG.format(url="http://127.0.0.1:9", pause="[40, 60]"))
    keep(user, "autumn/ACwAA1#0", "composer/credit")
    keep(user, "autumn/ACwAA1#0.1", "composer/line-missing")
    keep(user, "thread/2-x", "thread/default-acceptance", "ACwAA2", owner="Alice")
    return user


def run(owner: User, *words: str) -> int:
    return main(["evidence", "alice", "--home", str(owner.home), *words])


def test_the_list_tells_what_was_decided(owner: User, capsys: pytest.CaptureFixture[str]) -> None:
    """Time, decision, lead, rule and kind of page; of one lead if asked so."""
    assert run(owner) == 0
    out = capsys.readouterr().out
    for said in ("2026-11-16 09:30", "look held: why so", "ACwAA1", "K3", "composer", "thread/2-x"):
        assert said in out
    assert run(owner, "--lead", "ACwAA2", "--json") == 0
    (line,) = json.loads(capsys.readouterr().out)["decisions"]
    assert (line["lead_id"], line["kind"], line["rule"]) == ("ACwAA2", "thread", "K3")


def test_one_decision_is_shown_with_its_page(
    owner: User, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reading the page again gives what was understood; `read` on the file gives the same."""
    assert run(owner, "thread/2-x", "--json") == 0
    (shown,) = json.loads(capsys.readouterr().out)["decisions"]
    assert shown["again"]["same"] is True
    assert shown["again"]["read"]["rule"] == "A1"
    assert json.loads(read("thread", shown["decided"]["page"])) == shown["again"]["read"]
    assert run(owner, "thread/2-x") == 0
    out = capsys.readouterr().out
    assert "read again  the same" in out
    assert "goes-on" in out


def test_an_attempt_names_its_own_decisions_only(
    owner: User, capsys: pytest.CaptureFixture[str]
) -> None:
    """A whole name is one decision's, the beginning of one is that of several; none is an error."""
    counts = {"autumn/ACwAA1#0": 1, "autumn/ACwAA1#0.1": 1, "autumn/": 2, "autumn/ACwAA1#0.1@2": 1}
    for name, count in counts.items():
        assert run(owner, name, "--json") == 0
        assert len(json.loads(capsys.readouterr().out)["decisions"]) == count, name
    assert run(owner, "nothing") == 1
    assert "no decision nothing is kept" in capsys.readouterr().err


def test_a_page_that_reads_otherwise_today_says_so(
    owner: User, capsys: pytest.CaptureFixture[str]
) -> None:
    """The seat's own texts are read with: a changed catalogue shows in old evidence."""
    own = '[acceptance]\nreplace = true\nown = ["Something else entirely"]\n'
    owner.write("seats/alice/texts/en.toml", own)
    assert run(owner, "thread/2-x", "--json") == 0
    (shown,) = json.loads(capsys.readouterr().out)["decisions"]
    assert shown["again"]["read"]["rule"] != "A1"
    page, home = shown["decided"]["page"], str(owner.home)
    assert main(["read", "thread", page, "--seat", "alice", "--home", home, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == shown["again"]["read"]
    assert main(["read", "thread", page, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rule"] == "A1"


@pytest.mark.parametrize("damage", ["gone", "cut", "other"])
def test_damaged_or_missing_evidence_is_one_clear_line(
    owner: User, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The decision is still told; of its page that it is gone, or cannot be read."""
    page = keep(owner, "x", "lead/second-degree")
    if damage == "gone":
        page.unlink()
    else:
        page.write_bytes(page.read_bytes()[:99] if damage == "cut" else b"<html>")
    assert run(owner, "x") == 1
    out = capsys.readouterr().out
    assert "why so" in out
    assert ("not there any more" if damage == "gone" else "cannot be read") in out
    assert run(owner, "x", "--html", str(owner.home / "x.html")) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    if damage == "cut":
        with pytest.raises(WorkFailed, match="no page kept as evidence"):
            read("lead", str(page))


def test_nothing_kept_and_no_seat(user: User, capsys: pytest.CaptureFixture[str]) -> None:
    """A seat that never ran has no decisions; a seat that there is not is wrong usage."""
    user.write("config.toml", CONFIG.format(url="http://127.0.0.1:9", pause="[40, 60]"))
    assert run(user) == 0
    assert "no page was kept yet" in capsys.readouterr().out
    with pytest.raises(UsageError):
        evidence("bob", None, None, None, user.home, as_json=False)


def test_html_is_one_page(owner: User, capsys: pytest.CaptureFixture[str]) -> None:
    """The page is written for one decision; several are told by name."""
    path = owner.home / "page.html"
    assert run(owner, "thread/2-x", "--html", str(path)) == 0
    capsys.readouterr()
    wanted = json.loads(read("thread", str(path), owner="Alice"))
    assert (wanted["rule"], wanted["id"] is not None) == ("A1", True)
    assert run(owner, "autumn/", "--html", str(path)) == 2
    assert run(owner, "--html", str(path)) == 2
    assert "name it" in capsys.readouterr().err


HOSTILE = """<!doctype html><html lang="en" onload="x()"><head><base href="//evil.example/">
<script>steal()</script><meta http-equiv="refresh" content="0;url=//evil.example"></head>
<body onclick="x()"><a href=" java&#10;script:x()">a</a>
<iframe srcdoc="<script>x()</script>"></iframe>
<svg><script>x()</script><a xlink:href="javascript:x()">b</a></svg><form action="javascript:x()">
<button formaction="javascript:x()">c</button></form><object data="data:text/html,x"></object>
<img src="x" onerror="x()"><p>The words</p></body></html>"""


def test_a_written_page_runs_nothing() -> None:
    """No script, handler, frame or address to run; a policy forbids the rest; its words stay."""
    html = showable(Snapshot(HOSTILE, "https://site.example/--><script>x()</script>"))
    tree = LexborHTMLParser(html)
    assert not tree.css("script, iframe, object, base, link, meta[http-equiv=refresh]")
    policy = tree.css_first('head > meta[http-equiv="Content-Security-Policy"]')
    assert policy is not None
    assert "default-src 'none'" in (policy.attributes["content"] or "")
    for node in tree.css("*"):
        for name, value in node.attributes.items():
            assert not name.startswith("on")
            assert not re.match(r"\s*(javascript|data:text)", "".join((value or "").split()))
    assert "The words" in html


SHOWN = [one for one in all_cases("lead", "thread", "composer") if not one.meta.get("heard")]


@pytest.mark.parametrize("one", SHOWN, ids=lambda one: one.name)
def test_a_written_page_reads_the_same(one: Case, tmp_path: Path) -> None:
    """What a person looks at says what the agent read; only what the page heard is not in it."""
    path = tmp_path / "page.html"
    try:
        wanted = tell(one.page, READER, one.snapshot(), one.owner)
        path.write_text(showable(one.snapshot()), encoding="utf-8")
    except PageError:
        return
    assert json.loads(
        read(one.page, str(path), owner=one.owner, url=one.snapshot().url)
    ) == json.loads(wanted)


@pytest.mark.parametrize("one", all_cases(), ids=lambda one: one.name)
def test_read_takes_a_kept_page(one: Case, tmp_path: Path) -> None:
    """Address, status and the page's own JSON come with it: `read` gives the same again."""
    path = tmp_path / "page.json.gz"
    path.write_bytes(pack(one.snapshot()))
    try:
        wanted = tell(one.page, READER, one.snapshot(), one.owner)
    except PageError as error:
        with pytest.raises(type(error)):
            read(one.page, str(path), owner=one.owner)
        return
    assert read(one.page, str(path), owner=one.owner) == wanted
