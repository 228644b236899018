"""The page behind each decision is kept, once, and survives a crash."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import WorkFailed
from bot.facts import Heard, Snapshot
from bot.store.evidence import Evidence

PAGE = Snapshot(
    html="<html><body>„Guten Tag“</body></html>",
    url="https://practice.example/sales/lead/ACwAA1",
    status=200,
    taken_at=datetime(2026, 11, 23, 9, 30, 0, 123456, tzinfo=UTC),
    heard=(Heard("/sales-api/x", 200, '{"a": 1}'),),
)


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence(tmp_path / "evidence")


def test_a_page_comes_back_as_it_was_read(evidence: Evidence) -> None:
    """What is loaded equals what was kept, with its address, time and what it heard."""
    assert evidence.load(evidence.keep("autumn/ACwAA1#0.1", PAGE)) == PAGE
    bare = Snapshot(html="")
    assert evidence.load(evidence.keep("x", bare)) == bare


def test_pages_are_found_by_decision(evidence: Evidence, tmp_path: Path) -> None:
    """A decision has its own pages, in the order they were read, and no other's."""
    other = replace(PAGE, html="<html>other</html>")
    names = [evidence.keep("a/1", PAGE), evidence.keep("a/1", other), evidence.keep("a/10", other)]
    assert evidence.pages("a/1") == [tmp_path / "evidence" / name for name in names[:2]]
    assert evidence.pages("a/10") == [tmp_path / "evidence" / names[2]]
    assert [evidence.pages(key) for key in ("a", "page", names[0])] == [[], [], []]


def test_nothing_was_kept_yet(evidence: Evidence) -> None:
    """Before the first page there is no page of any decision, and no folder."""
    assert evidence.pages("a") == []
    with pytest.raises(WorkFailed, match=r"nothing\.json\.gz"):
        evidence.load("nothing.json.gz")


def test_the_same_page_is_kept_once(evidence: Evidence, tmp_path: Path) -> None:
    """A page that is read again unchanged takes no more room; a changed one is another."""
    later = replace(PAGE, taken_at=datetime(2026, 11, 24, tzinfo=UTC))
    assert evidence.keep("a", PAGE) == evidence.keep("b", later)
    assert evidence.keep("c", replace(PAGE, html=PAGE.html + " ")) != evidence.keep("a", PAGE)
    assert len(list((tmp_path / "evidence").glob("*.json.gz"))) == 2
    assert len(evidence.pages("a")) == len(evidence.pages("b")) == 1


def test_a_torn_line_costs_only_itself(evidence: Evidence, tmp_path: Path) -> None:
    """A crash in the middle of a line of the index loses that line, not those around it."""
    evidence.keep("a", PAGE)
    index = tmp_path / "evidence" / "index.jsonl"
    index.write_bytes(index.read_bytes() + b'{"decision":"b","pa')
    assert evidence.pages("b") == []
    evidence.keep("b", PAGE)
    evidence.keep("c", PAGE)
    assert [len(evidence.pages(key)) for key in "abc"] == [1, 1, 1]


def test_only_its_owner_may_read_it(evidence: Evidence, tmp_path: Path) -> None:
    """The folder has mode 0700, its files 0600, and nothing half written is left."""
    evidence.keep("a", PAGE)
    folder = tmp_path / "evidence"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 2


def test_a_damaged_page_is_said(evidence: Evidence, tmp_path: Path) -> None:
    """A page that was cut is an error with its name, not an empty page."""
    name = evidence.keep("a", PAGE)
    path = tmp_path / "evidence" / name
    whole = path.read_bytes()
    for damaged in (b"", whole[:-12], whole[:20] + b"\xff" * 20 + whole[40:], b"<html>"):
        path.write_bytes(damaged)
        with pytest.raises(WorkFailed, match=name):
            evidence.load(name)


def test_a_large_page_is_small_on_disk(evidence: Evidence, tmp_path: Path) -> None:
    """A page of 200 kB takes a small part of that."""
    rows = "".join(f"<li class='_x{n}'>row {n}</li>" for n in range(8000))
    page = replace(PAGE, html=rows, taken_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=1))
    assert len(rows) > 200_000
    assert (tmp_path / "evidence" / evidence.keep("a", page)).stat().st_size < 50_000
