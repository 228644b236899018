"""Files of earlier versions: brought up to date whole or not at all, and read without waiting.

`states/version_N.sql` is a state as version N wrote it; a new step in schema.STEPS needs its own.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from unit.records import WHOLE, assert_holds

from bot.errors import StoreBroken, WorkFailed
from bot.model import Changes
from bot.store import schema
from bot.store.backup import back_up, restore
from bot.store.store import Store

STATES = Path(__file__).parent / "states"
VERSIONS = range(1, schema.VERSION + 1)


def written_by(version: int, path: Path) -> Path:
    """A state file as that version wrote it."""
    with sqlite3.connect(path) as file:
        file.executescript((STATES / f"version_{version}.sql").read_text(encoding="utf-8"))
    file.close()
    return path


def version_of(path: Path) -> int:
    """The version of a file, by SQLite alone."""
    file = sqlite3.connect(path)
    found: int = file.execute("PRAGMA user_version").fetchone()[0]
    file.close()
    return found


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program one version ahead: its tables have one more index."""
    step = ("CREATE INDEX leads_company ON leads ($.company)", "UPDATE leads SET doc = doc")
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, step))
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)


def test_every_version_has_a_file_that_it_wrote() -> None:
    """Whoever adds a step keeps a state of the new version."""
    assert {path.name for path in STATES.iterdir()} == {f"version_{n}.sql" for n in VERSIONS}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_of_each_version_is_brought_up_to_date(version: int, tmp_path: Path) -> None:
    """All records are as they were, and the next opening finds nothing to do."""
    path = written_by(version, tmp_path / "state.sqlite")
    for _ in range(2):
        with Store.open(path) as store:
            assert_holds(store, WHOLE)
    assert version_of(path) == schema.VERSION


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_of_each_version_is_read_as_it_lies(
    version: int, tmp_path: Path, next_version: None
) -> None:
    """Whoever only looks sees all of an older file, and leaves it as it is."""
    path = written_by(version, tmp_path / "state.sqlite")
    before = path.read_bytes()
    with Store.open(path, read_only=True) as store:
        assert_holds(store, WHOLE)
        with pytest.raises(WorkFailed, match="read only"):
            store.commit(Changes())
    assert path.read_bytes() == before


@pytest.mark.parametrize("version", VERSIONS)
def test_a_backup_of_each_version_is_restored(
    version: int, tmp_path: Path, next_version: None
) -> None:
    """An old copy can be taken and put back by a newer program."""
    old = written_by(version, tmp_path / "old.sqlite")
    back_up(old, tmp_path / "copy")
    restore(tmp_path / "copy", tmp_path / "state.sqlite", WHOLE.entries[0].at)
    with Store.open(tmp_path / "state.sqlite") as store:
        assert tuple(store.enrolments()) == WHOLE.enrolments
        assert store.seat().paused
    assert version_of(tmp_path / "state.sqlite") == schema.VERSION


def test_a_step_that_dies_leaves_the_version_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step is whole or not at all: the next start tries it again."""
    path = written_by(schema.VERSION, tmp_path / "state.sqlite")
    with monkeypatch.context() as broken:
        step = ("DELETE FROM leads", "CREATE INDEX leads_key ON leads ($.id)")  # that is there
        broken.setattr(schema, "STEPS", (*schema.STEPS, step))
        broken.setattr(schema, "VERSION", schema.VERSION + 1)
        with pytest.raises(StoreBroken, match="leads_key"):
            Store.open(path)
    with Store.open(path) as store:
        assert_holds(store, WHOLE)


def test_an_empty_file_is_a_state_that_has_not_begun(tmp_path: Path) -> None:
    """A first start that died before its first commit is no damage: readers and writers go on."""
    path = tmp_path / "state.sqlite"
    path.touch()
    with Store.open(path, read_only=True) as store:
        assert_holds(store, Changes())
    assert path.stat().st_size == 0
    with Store.open(path) as store:
        store.commit(WHOLE)
    with Store.open(path, read_only=True) as store:
        assert_holds(store, WHOLE)
