"""TinyDB on SQLite: as TinyDB means it, at the cost of what changed, whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tinydb import Query, TinyDB, where
from tinydb.operations import increment
from tinydb.storages import MemoryStorage
from tinydb.table import Document

from bot.errors import StoreBroken, WorkFailed
from bot.store.storage import RowDB, SqliteStorage


@pytest.fixture(params=["memory", "file"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RowDB]:
    with RowDB(tmp_path / "rows.db") if request.param == "file" else RowDB() as tables:
        yield tables


class Stop(BaseException):
    """What no handler catches."""


DOCUMENTS = st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), max_size=3)
IDS = st.lists(st.integers(1, 9), max_size=3)
STEPS = st.one_of(
    st.tuples(st.just("insert"), DOCUMENTS),
    st.tuples(st.just("insert_multiple"), st.lists(DOCUMENTS, max_size=3)),
    st.tuples(st.just("update"), DOCUMENTS, st.integers(0, 3)),
    st.tuples(st.just("update_ids"), DOCUMENTS, IDS),
    st.tuples(st.just("increment"), st.integers(0, 3)),
    st.tuples(st.just("upsert"), DOCUMENTS, st.integers(0, 3)),
    st.tuples(st.just("upsert_id"), DOCUMENTS, st.integers(1, 9)),
    st.tuples(st.just("remove"), st.integers(0, 3)),
    st.tuples(st.just("remove_ids"), IDS),
    st.tuples(st.just("search"), st.integers(0, 3)),
    st.tuples(st.just("get_ids"), IDS),
    st.tuples(st.just("truncate")),
    st.tuples(st.just("drop")),
)


def take(db: TinyDB, step: tuple[Any, ...]) -> object:
    """Do one step and return what TinyDB answered; ours stand in the order of their ids."""
    has_a = Query().a
    match step:
        case ("insert", document):
            return db.insert(document)
        case ("insert_multiple", documents):
            return db.insert_multiple(documents)
        case ("update", document, value):
            return sorted(db.update(document, has_a == value))
        case ("update_ids", document, ids):
            return db.update(document, doc_ids=ids)
        case ("increment", value):
            return sorted(db.update(increment("a"), has_a == value))
        case ("upsert", document, value):
            return len(db.upsert(document, has_a == value))
        case ("upsert_id", document, doc_id):
            return db.upsert(Document(document, doc_id))
        case ("remove", value):
            return sorted(db.remove(has_a == value))
        case ("remove_ids", ids):
            return db.remove(doc_ids=list(dict.fromkeys(ids)))
        case ("search", value):
            found = (sorted(map(str, db.search(has_a == value))), db.count(has_a == value))
            return found, sorted(map(str, db.search(where("b") < value)))
        case ("get_ids", ids):
            return sorted(map(str, db.get(doc_ids=ids))), [db.contains(doc_id=one) for one in ids]
        case ("truncate",):
            return db.truncate()
        case ("drop",):
            return db.drop_tables()
    raise AssertionError(step)


@given(st.lists(STEPS, max_size=12))
def test_it_answers_as_tinydb_does(steps: list[tuple[Any, ...]]) -> None:
    """Whatever is done, TinyDB on rows says and holds what TinyDB in memory says and holds."""
    ours, theirs = RowDB(), TinyDB(storage=MemoryStorage)
    for step in steps:
        assert take(ours, step) == take(theirs, step)
        held = {document.doc_id: dict(document) for document in theirs}
        assert {document.doc_id: dict(document) for document in ours} == held
        assert (len(ours), ours.tables()) == (len(theirs), theirs.tables())
    ours.close()


def test_a_change_writes_what_changed(db: RowDB) -> None:
    """Changing one of a thousand documents writes one row, and changing nothing writes none."""
    db.insert_multiple({"n": number} for number in range(1000))
    before = db.storage.execute("SELECT total_changes()")[0][0]
    db.update({"n": -1}, doc_ids=[500])
    assert db.storage.execute("SELECT total_changes()")[0][0] - before == 1
    db.update({"n": 7}, where("n") == 7)
    assert db.storage.execute("SELECT total_changes()")[0][0] - before == 1


def fail_after(db: RowDB, work: Callable[[], object]) -> None:
    """Do *work* in a transaction that does not come to its end."""
    with db.storage.transaction():
        work()
        raise Stop


def test_tables_change_together(db: RowDB) -> None:
    """What several tables were told in a failed transaction is in none of them."""
    with pytest.raises(Stop):
        fail_after(db, lambda: (db.table("a").insert({"x": 1}), db.table("b").insert({"x": 2})))
    assert db.tables() == set()


def test_an_inner_failure_takes_back_its_own_part(db: RowDB) -> None:
    """A transaction goes on after an inner one that failed."""
    with db.storage.transaction():
        db.insert({"kept": True})
        with pytest.raises(Stop):
            fail_after(db, lambda: db.insert({"kept": False}))
    assert [dict(document) for document in db] == [{"kept": True}]


def test_a_refused_document_leaves_nothing(db: RowDB) -> None:
    """A document that JSON cannot hold is refused together with those beside it."""
    with pytest.raises(TypeError):
        db.insert_multiple([{"x": 1}, {"x": {1, 2}}])
    assert len(db) == 0


def test_names_differ_by_case_and_may_be_anything(db: RowDB) -> None:
    """Tables are told apart as TinyDB does it, not as SQLite does."""
    names = ['a"b', "Leads", "leads", "sqlite_x", "x_6c", "größe", ""]
    for number, name in enumerate(names):
        db.table(name).insert({"n": number})
    assert db.tables() == set(names)
    assert [db.table(name).all()[0]["n"] for name in names] == list(range(len(names)))
    db.drop_table("leads")
    assert db.tables() == set(names) - {"leads"}
    assert len(db.table("Leads")) == 1


def test_another_handle_is_believed(tmp_path: Path) -> None:
    """A search asks the file, not a cache: it sees what another process wrote meanwhile."""
    with RowDB(tmp_path / "rows.db") as ours, RowDB(tmp_path / "rows.db") as theirs:
        ours.insert({"n": 1})
        assert ours.count(where("n") == 1) == 1
        assert theirs.insert({"n": 1}) == 2
        assert ours.count(where("n") == 1) == 2
        assert ours.insert({"n": 1}) == 3


READ = """
import sys
from pathlib import Path
from bot.store.storage import RowDB
with RowDB(Path(sys.argv[1]), read_only=True) as db:
    print(len(db))
"""


def test_another_process_reads_while_we_write(tmp_path: Path) -> None:
    """A reader sees the last committed state, never half a transaction, and is never kept out."""
    path = tmp_path / "rows.db"

    def seen() -> int:
        words = [sys.executable, "-c", READ, str(path)]
        return int(subprocess.run(words, capture_output=True, check=True).stdout)

    with RowDB(path) as db:
        db.insert({"n": 1})
        with db.storage.transaction():
            db.insert({"n": 2})
            assert seen() == 1
        assert seen() == 2
    assert seen() == 2


def test_a_snapshot_is_of_one_moment(tmp_path: Path) -> None:
    """Reads that belong together do not see what is committed between them."""
    with RowDB(tmp_path / "rows.db") as ours, RowDB(tmp_path / "rows.db") as theirs:
        ours.insert({"n": 1})
        with theirs.storage.snapshot():
            assert len(theirs) == 1
            ours.insert({"n": 2})
            assert len(theirs) == 1
        assert len(theirs) == 2


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    """The file and SQLite's files beside it have mode 0600."""
    with RowDB(tmp_path / "rows.db") as db:
        db.insert({"n": 1})
        modes = {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert modes == {0o600}


def test_what_is_no_database_is_broken(tmp_path: Path) -> None:
    """A file of something else is refused when it is opened, and not touched."""
    path = tmp_path / "rows.db"
    path.write_bytes(b"this is a letter, not a database " * 200)
    before = path.read_bytes()
    with pytest.raises(StoreBroken, match=r"rows\.db"):
        SqliteStorage(path)
    assert path.read_bytes() == before


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    """A file that cannot be opened is work that failed, not a broken store."""
    with pytest.raises(WorkFailed, match=r"rows\.db"):
        SqliteStorage(tmp_path / "nowhere" / "rows.db")
    with pytest.raises(WorkFailed, match=r"rows\.db"):
        SqliteStorage(tmp_path / "rows.db", read_only=True)


def test_what_is_read_only_stays_as_it_is(tmp_path: Path) -> None:
    """A connection that reads cannot write, whatever it is asked."""
    with RowDB(tmp_path / "rows.db") as db:
        db.insert({"n": 1})
    with RowDB(tmp_path / "rows.db", read_only=True) as db, pytest.raises(WorkFailed):
        db.insert({"n": 2})
    with RowDB(tmp_path / "rows.db", read_only=True) as db:
        assert len(db) == 1
