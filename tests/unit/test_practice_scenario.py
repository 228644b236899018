"""Scenario files: what they may hold, and that every mistake is told at once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bot.errors import UsageError
from bot.practice.faults import FaultKind
from bot.practice.people import PersonKind, What
from bot.practice.scenario import PER_PAGE, SHIPPED, load, parse

SMALLEST = """
start = 2026-03-02T08:00:00Z
[owner]
first_name = "Robin"
name = "Robin Example"
[[people]]
count = 3
"""


@pytest.mark.parametrize("name", sorted(path.stem for path in SHIPPED.glob("*.toml")))
def test_a_shipped_scenario_is_right(name: str) -> None:
    """Each loads, and draws the same people each time."""
    assert load(name) == load(name)


def test_the_demo_shows_everything() -> None:
    """A1-A11: every answer, every kind, three pages, faults, and never a halt."""
    demo = load("demo")
    assert len(demo.searches[0].lead_ids) > 2 * PER_PAGE
    assert {step.what for person in demo.people for step in person.plan} == set(What)
    assert {person.kind for person in demo.people} == set(PersonKind)
    assert any(person.written_before is not None for person in demo.people)
    assert 20 <= sum(lot.credits for lot in demo.lots) <= 30
    kinds = {fault.kind for fault in demo.faults}
    assert not any(kind.halts for kind in kinds)
    assert {
        FaultKind.LATE_RENDER,
        FaultKind.SEND_ERROR,
        FaultKind.LOST_RESPONSE,
        FaultKind.LAGGING_BALANCE,
        FaultKind.WRONG_ADDRESSEE,
        FaultKind.NO_CREDIT_LINE,
    } <= kinds


def test_the_bench_has_two_hundred_people_and_waits_for_nothing() -> None:
    """What is measured there is the agent, not the site."""
    bench = load("bench")
    assert len(bench.people) == 200
    assert {person.kind for person in bench.people} == {PersonKind.CREDIT, PersonKind.FREE}
    assert (bench.faults, vars_of(bench.delays)) == ((), {0})


def vars_of(delays: object) -> set[int]:
    """All values of a record."""
    return {getattr(delays, name) for name in delays.__slots__}  # type: ignore[attr-defined]


def test_no_two_drawn_people_share_a_name() -> None:
    """K8: who has the same name and company is the same person, and only where it is written."""
    many = parse(SMALLEST.replace("count = 3", "count = 6000"))
    assert max(Counter(person.name for person in many.people).values()) == 1
    assert len({person.id for person in many.people}) == 6000


def test_every_mistake_is_told_at_once() -> None:
    """The owner of the file mends it in one go."""
    wrong = SMALLEST.replace("count = 3", 'count = 0\nkind = "rich"\ncolour = "blue"')
    with pytest.raises(UsageError) as caught:
        parse(wrong, place="mine.toml")
    assert {fault.key for fault in caught.value.faults} == {
        "people.0.count",
        "people.0.kind",
        "people.0.colour",
    }
    assert {fault.place for fault in caught.value.faults} == {"mine.toml"}


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ('searches = ["9"]', "people.0.searches"),
        ('lists = ["9"]', "people.0.lists"),
        ('[[faults]]\nkind = "429"\nperson = "Nobody"', "faults.0.person"),
        ('[[faults]]\nkind = "429"\non = "send"', "faults.0"),
        ("delay_days = [3, 1]", "people.0"),
        ("degree = 1", "people.0"),
        ('name = "Ada Amberwood"', "people.0"),
    ],
)
def test_what_does_not_fit_together_is_a_mistake(more: str, key: str) -> None:
    """Names that nobody has, and values that contradict each other."""
    with pytest.raises(UsageError) as caught:
        parse(SMALLEST + more)
    assert [fault.key for fault in caught.value.faults] == [key]


def test_a_path_means_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scenario of one's own is named by its path, as typed; a name alone is a shipped one."""
    shipped = SHIPPED.joinpath("small.toml").read_text(encoding="utf-8")
    own = tmp_path / "mine.toml"
    own.write_text(shipped.replace("\nseed = ", "\nseed = 9"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for source in (str(own), "mine.toml", "./mine.toml", own):
        assert load(source).seed != load("small").seed


def test_a_file_that_is_not_there_says_what_is(tmp_path: Path) -> None:
    """The shipped scenarios are named."""
    for source in (tmp_path / "none.toml", "none"):
        with pytest.raises(UsageError, match="bench, demo, small"):
            load(source)


def test_a_file_that_is_not_toml_is_a_usage_error() -> None:
    """No traceback for a missing quote."""
    with pytest.raises(UsageError, match="not TOML"):
        parse("start = ")
