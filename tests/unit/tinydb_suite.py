"""The conftest.py of TinyDB's own tests, when they run on our storage: TinyDB(…) makes a RowDB.

Beside tests that need TinyDB's storages for what they are (a middleware around one, a storage of
the test's own), which get what they ask for.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tinydb
from tinydb import JSONStorage
from tinydb.storages import MemoryStorage, Storage
from tinydb.table import Table

from bot.store.storage import RowDB, RowTable, SqliteStorage

TheirTinyDB = tinydb.TinyDB


class CachingTable(RowTable):
    """With the query cache on, as TinyDB has it; the seat's own tables have none."""

    def __init__(
        self,
        storage: Storage,
        name: str,
        cache_size: int = Table.default_query_cache_capacity,
        persist_empty: bool = False,
    ) -> None:
        super().__init__(storage, name, cache_size=cache_size, persist_empty=persist_empty)


class TinyDB(RowDB):
    """Named as theirs is, because it is asked for its name."""

    table_class = CachingTable

    def __new__(cls, *args: Any, **options: Any) -> Any:
        if options.get("storage", JSONStorage) not in (JSONStorage, MemoryStorage):
            return TheirTinyDB(*args, **options)
        return super().__new__(cls)

    def __init__(self, *args: Any, storage: type[Storage] = JSONStorage, **_json: Any) -> None:
        super().__init__(*(() if storage is MemoryStorage else args[:1]))


tinydb.TinyDB = TinyDB


@pytest.fixture(params=["memory", "file"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TinyDB]:
    """Three documents, in memory and in a file."""
    made = (
        TinyDB(tmp_path / "test.db") if request.param == "file" else TinyDB(storage=MemoryStorage)
    )
    made.drop_tables()
    made.insert_multiple({"int": 1, "char": char} for char in "abc")
    yield made
    made.close()


@pytest.fixture
def storage() -> SqliteStorage:
    """An empty one."""
    return SqliteStorage()
