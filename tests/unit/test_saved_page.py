"""`leadwright read`: a saved page in, JSON or one clear line out."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.read import read, render_human
from bot.clock import stopwatch
from bot.errors import LeadwrightError, UsageError, WorkFailed, WrongPage
from bot.shipped import folder
from tests.fixtures.cases import case

KEYS = {
    "lead/second-degree": "page id name title company location degree kind can_message why",
    "composer/credit": "page lead_id name kind credits why",
    "results/search": "page leads unfilled next_page",
    "inbox/list": "page credits threads",
    "thread/awaiting": "page id lead_id name messages "
    "answer text responder sequence inbox rule why",
    "balance/header": "page credits",
    "halt/login": "page halt",
}


def saved(name: str) -> str:
    return str(folder("fixtures") / name / "page.html")


def page(html: str, kind: str = "thread", **options: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(
        read(kind, "-", stdin=io.BytesIO(html.encode()), **options)  # type: ignore[arg-type]
    )
    return found


@pytest.mark.parametrize("name", KEYS)
def test_the_keys_are_those_of_the_contract(name: str) -> None:
    """Each kind prints its keys, in their order."""
    kind = name.partition("/")[0]
    found = json.loads(read(kind, saved(name), url=case(name).meta.get("url")))
    assert list(found) == KEYS[name].split()
    assert found["page"] == kind


def test_lists_have_the_keys_of_the_contract() -> None:
    """Leads, threads and messages print theirs."""
    leads = json.loads(read("results", saved("results/search")))["leads"]
    assert list(leads[0]) == ["id", "name", "title", "company", "location", "degree"]
    threads = json.loads(read("inbox", saved("inbox/list")))["threads"]
    assert list(threads[0]) == ["id", "name", "preview", "at"]
    messages = json.loads(read("thread", saved("thread/awaiting")))["messages"]
    assert list(messages[0]) == ["from", "at", "subject", "text"]
    assert messages[0]["at"] == "2026-11-12T10:04:00Z"


THREAD = (
    '<html><head>{head}</head><body>{body}<div class="thread-container"><article '
    'aria-label="Message from you"><div data-x-message-content="message"><p>Hi</p></div></article>'
    "</div></body></html>"
)
ADDRESS = "https://www.linkedin.com/sales/inbox/2-abc%3D%3D"
COMMENT = f"<!-- saved from url=(0048){ADDRESS} -->"


@pytest.mark.parametrize(
    "html",
    [
        THREAD.format(head=f'<link rel="canonical" href="{ADDRESS}">', body=""),
        THREAD.format(head=f'<meta property="og:url" content="{ADDRESS}">', body=""),
        THREAD.format(head="", body=f'<a class="_permalink_x1" href="{ADDRESS}">link</a>'),
        COMMENT + THREAD.format(head="", body=""),
        "<!DOCTYPE html>\n" + COMMENT + THREAD.format(head="", body=""),
        COMMENT + THREAD.format(head='<link rel="canonical" href="https://x/sales/">', body=""),
    ],
)
def test_a_page_tells_its_own_address(html: str) -> None:
    """The canonical link, a permalink to itself, or the browser's comment, where it fits."""
    assert page(html)["id"] == "2-abc=="


def test_the_given_address_wins() -> None:
    """What the caller says stands above what the page says."""
    html = THREAD.format(head=f'<link rel="canonical" href="{ADDRESS}">', body="")
    assert page(html, url="https://x/sales/inbox/2-xyz%3D")["id"] == "2-xyz="


def test_an_address_that_nobody_tells_is_null() -> None:
    """An address is never made up."""
    assert page(THREAD.format(head="", body=""))["id"] is None
    lead = Path(saved("lead/second-degree")).read_text(encoding="utf-8")
    bare = re.sub(r'href="[^"]*"', "", lead)
    assert page(lead, "lead", url=case("lead/second-degree").meta["url"])["id"] is not None
    told = page(bare, "lead")
    assert (told["id"], told["name"]) == (None, page(lead, "lead")["name"])


def test_the_owner_is_given_or_read_from_the_header() -> None:
    """A12: a default text is one for this owner only."""
    given = json.loads(read("thread", saved("thread/default-acceptance"), owner="Alice"))
    told = json.loads(read("thread", saved("thread/default-acceptance")))
    other = json.loads(read("thread", saved("thread/default-acceptance"), owner="Bob"))
    assert (given["rule"], told["rule"], other["rule"]) == ("A1", "A1", "A2")


def bad_files(folder_: Path) -> dict[str, tuple[Path, str]]:
    """Files that are no page, and a word of what is said of each."""
    made = {
        "empty": (b"", "empty"),
        "blank": (b" \n\t", "empty"),
        "binary": (b"\x89PNG\r\n\x00\x01\x02", "binary"),
        "latin": ("<p>Zo\xeb</p>".encode("latin-1"), "utf-8"),
        "unknown-charset": (b"<meta charset=klingon><p>\xff\xff</p>", "klingon"),
    }
    found = {}
    for name, (raw, word) in made.items():
        (folder_ / name).write_bytes(raw)
        found[name] = (folder_ / name, word)
    with (folder_ / "huge").open("wb") as file:
        file.truncate(50_000_000)
    found["huge"] = (folder_ / "huge", "5 MB")
    found["folder"] = (folder_, "folder")
    found["missing"] = (folder_ / "none.html", "No such file")
    return found


def test_what_is_no_page_is_one_clear_line(tmp_path: Path) -> None:
    """Every bad file is refused by its name and reason, at once."""
    for path, word in bad_files(tmp_path).values():
        started = stopwatch()
        with pytest.raises(WorkFailed, match=word) as caught:
            read("lead", str(path))
        assert stopwatch() - started < 2
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_an_endless_stream_is_not_read_to_its_end() -> None:
    """No more is taken from a stream than a page may have."""

    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size: int = -1) -> bytes:
            assert size > 0, "all of an endless stream was asked for"
            self.taken += size
            return b"x" * size

    stream = Endless()
    with pytest.raises(WorkFailed, match="5 MB"):
        read("lead", "-", stdin=stream)  # type: ignore[arg-type]
    assert stream.taken < 6_000_000


def test_other_encodings_are_read_where_they_are_named() -> None:
    """A page in another encoding is read if it says so, or has a mark that does."""
    html = THREAD.format(head='<meta charset="iso-8859-1">', body="").replace("Hi", "Zo\xeb")
    for raw in (
        html.encode("latin-1"),
        html.encode("utf-16"),
        b"\xef\xbb\xbf" + html.replace("iso-8859-1", "utf-8").encode(),
    ):
        found = json.loads(read("thread", "-", stdin=io.BytesIO(raw)))
        assert found["messages"][0]["text"] == "Zo\xeb"


def test_an_unknown_kind_is_wrong_usage() -> None:
    """The kinds that there are are named."""
    with pytest.raises(UsageError, match="lead, composer"):
        read("soup", "-", stdin=io.BytesIO(b"<p>"))


def test_a_wrong_page_is_an_error_of_exit_code_one() -> None:
    """The message says what was expected and what the page looks like."""
    with pytest.raises(
        WrongPage, match="expected a lead page; this looks like the inbox"
    ) as caught:
        read("lead", saved("inbox/list"))
    assert caught.value.exit_code == 1
    assert isinstance(caught.value, LeadwrightError)


def test_people_read_the_same_without_control_characters() -> None:
    """The table says what the JSON says, and a page cannot steer the terminal."""
    text = render_human(read("thread", saved("thread/own-words")))
    assert "own-words" in text
    assert "not told" in text
    html = THREAD.format(head="", body="").replace("Hi", "a\x1b[31mred\u202e")
    shown = render_human(read("thread", "-", stdin=io.BytesIO(html.encode())))
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_reading_imports_no_browser() -> None:
    """A saved page is read without Playwright, a store or a web server being loaded."""
    code = (
        "import sys, bot.cli.read; "
        "print([m for m in ('playwright', 'tinydb', 'starlette', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
