"""`read`: each kind of saved page, and everything that is no such page."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from cli.user import User

FIXTURES = Path(__file__).parents[2] / "fixtures"
KEYS = {
    "lead": {"id", "name", "title", "company", "location", "degree", "kind", "can_message", "why"},
    "composer": {"lead_id", "name", "kind", "credits", "why"},
    "results": {"leads", "unfilled", "next_page"},
    "inbox": {"credits", "threads"},
    "thread": {
        *("id", "lead_id", "name", "messages", "answer", "text"),
        *("responder", "sequence", "inbox", "rule", "why"),
    },
    "balance": {"credits"},
    "halt": {"halt"},
}


def saved(kind: str) -> Path:
    """One saved page of a kind that is read without an error."""
    cases = sorted(FIXTURES.joinpath(kind).glob("*/expected.json"))
    assert cases, f"there are saved pages of {kind}"
    return cases[0].with_name("page.html")


def address(page: Path) -> tuple[str, ...]:
    """The option that tells a saved page's address."""
    url = tomllib.loads(page.with_name("meta.toml").read_text(encoding="utf-8")).get("url")
    return ("--url", url) if url else ()


@pytest.mark.parametrize("kind", KEYS)
def test_each_kind_of_page_has_its_keys(user: User, kind: str) -> None:
    """The JSON holds at least what the contract names, and the page's kind."""
    page = saved(kind)
    words = ("read", kind, str(page), *address(page), "--json")
    document = user.run(*words, homeless=True).document
    assert document["page"] == kind
    assert document.keys() >= KEYS[kind]


def test_a_page_may_come_from_a_pipe(user: User) -> None:
    """`-` reads stdin, and says the same as the file."""
    page = saved("thread")
    piped = user.run("read", "thread", "-", "--json", stdin=page.read_bytes(), homeless=True)
    filed = user.run("read", "thread", str(page), "--json", homeless=True)
    assert piped.document == filed.document


def test_a_status_can_be_a_halt(user: User) -> None:
    """`--status` and `--url` say what the HTML does not hold (L5)."""
    for options, word in (
        (("--status", "429"), "rate-limited"),
        (("--status", "999"), "rate-limited"),
        (("--url", "https://www.linkedin.com/checkpoint/challenge/x"), "challenge"),
    ):
        words = ("read", "halt", str(saved("lead")), *options, "--json")
        assert user.run(*words, homeless=True).document["halt"] == word


def test_people_read_the_same_without_json(user: User) -> None:
    """Without `--json` the same is told in lines of plain text."""
    page = saved("lead")
    said = user.run("read", "lead", str(page), *address(page), homeless=True)
    assert said.code == 0
    with pytest.raises(json.JSONDecodeError):
        json.loads(said.out)


@pytest.mark.parametrize(("kind", "other"), [("lead", "inbox"), ("thread", "lead")])
def test_the_wrong_kind_of_page_is_an_error(user: User, kind: str, other: str) -> None:
    """Exit 1 and one line: what was expected and what it looks like."""
    message = user.run("read", kind, str(saved(other)), "--json", homeless=True).complains(1)
    assert message.count("\n") == 1
    assert "expected" in message
    assert "looks like" in message


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"  \n ", id="blank"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, id="binary"),
        pytest.param(b"<html>" + b"a" * 50_000_000, id="50 MB"),
        pytest.param(b"<div>" * 200_000, id="200,000 deep"),
        pytest.param(b"hello", id="no page"),
        pytest.param(b'{"page": "lead"}', id="JSON"),
    ],
)
def test_what_is_no_page_is_one_clear_line(user: User, tmp_path: Path, content: bytes) -> None:
    """Exit 1, one line, no traceback, and quickly."""
    page = tmp_path / "page.html"
    page.write_bytes(content)
    message = user.run("read", "lead", str(page), "--json", homeless=True, seconds=20).complains(1)
    assert message.count("\n") == 1


def test_a_file_that_is_not_there_is_one_clear_line(user: User, tmp_path: Path) -> None:
    """Exit 1 for a missing file and for a folder."""
    for source in (tmp_path / "missing.html", tmp_path):
        assert str(source) in user.run("read", "lead", str(source), homeless=True).complains(1)
