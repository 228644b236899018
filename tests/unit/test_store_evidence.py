"""The page behind each decision is kept, once, and survives a crash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from time import process_time
from timeit import timeit

import pytest

from bot.decided import Decision
from bot.errors import WorkFailed
from bot.facts import Heard, Snapshot
from bot.policy import EvidencePolicy
from bot.store.evidence import MEGABYTE, Evidence

PAGE = Snapshot(
    html="<html><body>„Guten Tag“</body></html>",
    url="https://practice.example/sales/lead/ACwAA1",
    status=200,
    taken_at=datetime(2026, 11, 23, 9, 30, 0, 123456, tzinfo=UTC),
    heard=(Heard("/sales-api/x", 200, '{"a": 1}'),),
)


NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
FOREVER = EvidencePolicy(max_megabytes=100_000, keep_days=3650)


def decided(key: str, *, days_ago: float = 0, lead: str | None = None) -> Decision:
    """A decision of so many days before NOW."""
    return Decision(key, NOW - timedelta(days=days_ago), "look", "skipped", "why", "K1", lead)


def names(evidence: Evidence) -> list[str]:
    return [kept.decision.key for kept in evidence.decisions()]


def files(evidence: Evidence) -> set[Path]:
    """The pages on disk."""
    return set(evidence.folder.glob("*.json.gz"))


def nobody(_lead: str) -> bool:
    return False


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence(tmp_path / "evidence")


def test_a_page_comes_back_as_it_was_read(evidence: Evidence) -> None:
    """What is loaded equals what was kept, with its address, time and what it heard."""
    assert evidence.load(evidence.keep(decided("autumn/ACwAA1#0.1"), PAGE)) == PAGE
    bare = Snapshot(html="")
    assert evidence.load(evidence.keep(decided("x"), bare)) == bare


def test_a_decision_comes_back_with_its_page(evidence: Evidence) -> None:
    """What was decided, in the order of the decisions, each with its own page."""
    other = replace(PAGE, html="<html>other</html>")
    given = [decided("a/1", days_ago=2, lead="ACwAA1"), decided("a/10", days_ago=1), decided("b")]
    pages = [
        evidence.keep(each, page) for each, page in zip(given, (PAGE, other, PAGE), strict=True)
    ]
    kept = list(evidence.decisions())
    assert [each.decision for each in kept] == given
    assert [each.page for each in kept] == [evidence.folder / name for name in pages]


def test_nothing_was_kept_yet(evidence: Evidence) -> None:
    """Before the first page there is no decision, nothing to prune, and no folder."""
    assert names(evidence) == []
    evidence.prune(NOW, FOREVER, nobody)
    assert not evidence.folder.exists()
    with pytest.raises(WorkFailed, match=r"nothing\.json\.gz is not there any more"):
        evidence.load("nothing.json.gz")


def test_the_same_page_is_kept_once(evidence: Evidence) -> None:
    """A page that is read again unchanged takes no more room; a changed one is another."""
    later = replace(PAGE, taken_at=datetime(2026, 11, 24, tzinfo=UTC))
    first = evidence.keep(decided("a"), PAGE)
    assert first == evidence.keep(decided("b"), later)
    assert first != evidence.keep(decided("c"), replace(PAGE, html=PAGE.html + " "))
    assert len(files(evidence)) == 2


def test_no_secret_touches_the_disk(evidence: Evidence) -> None:
    """What is kept was redacted first."""
    laden = replace(PAGE, html='<p>x</p><input type="hidden" name="csrfToken" value="s3cr3t">')
    assert "s3cr3t" not in evidence.load(evidence.keep(decided("a"), laden)).html


def test_a_torn_line_costs_only_itself(evidence: Evidence) -> None:
    """A crash in the middle of a line of the index loses that line, not those around it."""
    evidence.keep(decided("a"), PAGE)
    index = evidence.folder / "index.jsonl"
    index.write_bytes(index.read_bytes() + b'{"key":"b","pa')
    assert names(evidence) == ["a"]
    evidence.keep(decided("b"), PAGE)
    evidence.keep(decided("c"), PAGE)
    assert names(evidence) == ["a", "b", "c"]


def test_a_line_of_an_older_version_is_read(evidence: Evidence) -> None:
    """It has a name, a page and perhaps a time; one that names no page of ours is passed over."""
    page = evidence.keep(decided("a"), PAGE)
    index = evidence.folder / "index.jsonl"
    lines = [
        f'{{"decision":"old@1","page":"{page}","at":null}}',
        '{"decision":"x","page":"../../x"}',
    ]
    index.write_text("\n".join([*lines, "[]", "\x00", ""]))
    assert names(evidence) == ["old@1"]


def test_only_its_owner_may_read_it(evidence: Evidence) -> None:
    """The folder has mode 0700, its files 0600, and nothing half written is left."""
    evidence.keep(decided("a", days_ago=9), PAGE)
    evidence.keep(decided("b"), PAGE)
    evidence.prune(NOW, EvidencePolicy(keep_days=1), nobody)
    folder = evidence.folder
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 2


def test_a_damaged_page_is_said(evidence: Evidence) -> None:
    """A page that was cut is an error with its name, not an empty page."""
    name = evidence.keep(decided("a"), PAGE)
    path = evidence.folder / name
    whole = path.read_bytes()
    for damaged in (b"", whole[:-12], whole[:20] + b"\xff" * 20 + whole[40:], b"<html>"):
        path.write_bytes(damaged)
        with pytest.raises(WorkFailed, match=name):
            evidence.load(name)


def test_a_large_page_is_small_on_disk(evidence: Evidence) -> None:
    """A page of 200 kB takes a small part of that."""
    rows = "".join(f"<li class='_x{n}'>row {n}</li>" for n in range(8000))
    page = replace(PAGE, html=rows, taken_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=1))
    assert len(rows) > 200_000
    assert (evidence.folder / evidence.keep(decided("a"), page)).stat().st_size < 50_000


def test_what_is_too_old_goes(evidence: Evidence) -> None:
    """A shared page stays until the last of its decisions goes; what is left reads as before."""
    other = replace(PAGE, html="<p>other</p>")
    evidence.keep(decided("old", days_ago=40), PAGE)
    evidence.keep(decided("old, alone", days_ago=35), other)
    evidence.keep(decided("new", days_ago=20), PAGE)
    evidence.prune(NOW, EvidencePolicy(keep_days=30), nobody)
    assert names(evidence) == ["new"]
    (page,) = files(evidence)
    assert evidence.load(page.name).html == PAGE.html
    evidence.prune(NOW, EvidencePolicy(keep_days=10), nobody)
    assert (names(evidence), files(evidence)) == ([], set())
    evidence.keep(decided("again"), PAGE)
    assert names(evidence) == ["again"]


def test_what_is_too_much_goes_the_oldest_first(evidence: Evidence) -> None:
    """The pages together are no more than was configured, and not much less."""
    for number in range(8):
        noise = "".join(sha256(f"{number}/{n}".encode()).hexdigest() for n in range(6_000))
        evidence.keep(decided(f"{number}", days_ago=9 - number), replace(PAGE, html=noise))
    largest = max(page.stat().st_size for page in files(evidence))
    assert 8 * largest > 1.5 * MEGABYTE
    evidence.prune(NOW, EvidencePolicy(max_megabytes=1), nobody)
    total = sum(page.stat().st_size for page in files(evidence))
    assert MEGABYTE - largest < total <= MEGABYTE
    left = names(evidence)
    assert left == [f"{number}" for number in range(8 - len(left), 8)]


def test_a_shared_page_takes_room_until_its_last_decision_goes(evidence: Evidence) -> None:
    """Letting go of one of several decisions on a page makes no room."""
    one, other = (
        replace(PAGE, html="".join(sha256(f"{n}/{k}".encode()).hexdigest() for k in range(18_000)))
        for n in "ab"
    )
    for days, page in ((9, one), (8, one), (5, other), (1, one)):
        evidence.keep(decided(f"{days}", days_ago=days), page)
    evidence.prune(NOW, EvidencePolicy(max_megabytes=1), nobody)
    assert names(evidence) == ["1"]


def test_what_somebody_must_still_look_at_stays(evidence: Evidence) -> None:
    """T3, A8, A9: whatever its age, and even if the limit is passed."""
    evidence.keep(decided("asked", days_ago=400, lead="ACwAA1"), PAGE)
    evidence.keep(decided("done", days_ago=300, lead="ACwAA2"), replace(PAGE, html="<p>2"))
    evidence.keep(decided("seat", days_ago=300), replace(PAGE, html="<p>3"))
    evidence.prune(NOW, EvidencePolicy(), lambda lead: lead == "ACwAA1")
    assert names(evidence) == ["asked"]
    assert len(files(evidence)) == 1


def test_a_crash_while_pruning_loses_no_page_that_is_wanted(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever step is its last: each decision of the index has its page; the rest goes later."""
    for number in range(4):
        page = replace(PAGE, html=f"<p>{number}")
        evidence.keep(decided(f"{number}", days_ago=100 * (3 - number)), page)
    policy = EvidencePolicy(keep_days=150)
    for step in ("replace", "unlink"):
        with monkeypatch.context() as broken:
            broken.setattr(Path, step, _die)
            with pytest.raises(KeyboardInterrupt):
                evidence.prune(NOW, policy, nobody)
        assert all(kept.page.exists() for kept in evidence.decisions())
    evidence.prune(NOW, policy, nobody)
    assert names(evidence) == ["2", "3"]
    assert len(list(evidence.folder.iterdir())) == 3


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_ten_thousand_decisions_take_no_time(evidence: Evidence) -> None:
    """A stint's look at what may go costs a few readings of the index, no more."""
    evidence.keep(decided("0", days_ago=400, lead="ACwAA0"), PAGE)
    (page,) = files(evidence)
    (line,) = (evidence.folder / "index.jsonl").read_text().splitlines()
    lines = []
    for number in range(10_000):
        name = f"{number % 2_000:032x}.json.gz"
        if number < 2_000:
            (evidence.folder / name).hardlink_to(page)
        lines.append(line.replace(page.name, name).replace("ACwAA0", f"ACwAA{number}"))
    (evidence.folder / "index.jsonl").write_text("\n".join(lines) + "\n")
    reading = processor_time(lambda: list(evidence.decisions()))
    for days in (3650, 100):
        policy = EvidencePolicy(keep_days=days)
        assert processor_time(lambda: evidence.prune(NOW, policy, nobody)) < 5 * reading  # noqa: B023
    assert len(names(evidence)) == 9_500  # the rest at the next stints


def processor_time(work: Callable[[], object]) -> float:
    """Seconds, without the time of other processes and of collecting what other tests left."""
    return timeit(work, timer=process_time, number=1)
