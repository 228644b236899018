"""TinyDB on SQLite: a document is a row, a change costs what changed, tables commit together.

TinyDB stays the interface. Its tables only ever see two mappings: `Rows` to read from, which asks
the file for what is looked at, and `_Edits` to change, which remembers what was touched and writes
nothing else. TinyDB's own methods do the rest, so they mean here what they mean there; only the
order of documents is that of their ids.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson
from tinydb import Storage, TinyDB
from tinydb.queries import QueryLike
from tinydb.table import Document, Table

from bot.errors import StoreBroken, WorkFailed

BUSY_SECONDS = 5.0
"""How long another process's transaction is waited for."""

MEMORY = ":memory:"

_PASSING = {
    sqlite3.SQLITE_BUSY: "another process has it; try again",
    sqlite3.SQLITE_LOCKED: "another process has it; try again",
    sqlite3.SQLITE_FULL: "make room on the disk; nothing is lost",
    sqlite3.SQLITE_IOERR: "the disk fails, or is full; see to it before you go on",
    sqlite3.SQLITE_READONLY: "let this user write to it and to its folder",
    sqlite3.SQLITE_CANTOPEN: "let this user read it, and write to its folder",
    sqlite3.SQLITE_PERM: "let this user write to it and to its folder",
}
"""What is not the file's fault, by SQLite's primary code, and what to do."""

_OWN_ERRORS = (sqlite3.IntegrityError, sqlite3.ProgrammingError)
_AS_JSON = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
_PLAIN_NAME = re.compile(r"(?!sqlite_|x_)[a-z_][a-z0-9_]*")


def _quoted(name: str) -> str:
    """The SQL name of a TinyDB table.

    SQLite ignores case and keeps some names for itself: such names are spelled in hexadecimal.
    """
    return f'"{name}"' if _PLAIN_NAME.fullmatch(name) else f'"x_{name.encode().hex()}"'


def _unquoted(name: str) -> str:
    return bytes.fromhex(name.removeprefix("x_")).decode() if name.startswith("x_") else name


def _stands_still(path: Path) -> bool:
    """Whether a file lies where we cannot write, and nobody has it open.

    SQLite would want to make its side files there; whoever writes has made them already.
    """
    return not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists()


def _dumped(document: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(document), option=_AS_JSON).decode()


class _Told:
    """SQLite's errors about a file, in the words of bot.errors."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, _OWN_ERRORS):
            return
        if isinstance(error, sqlite3.DatabaseError):
            code = getattr(error, "sqlite_errorcode", None)
            way_out = _PASSING.get(code & 0xFF) if code is not None else None
            if way_out is not None:
                raise WorkFailed(f"{self._path}: {error}: {way_out}") from error
            raise StoreBroken(f"{self._path}: {error}; restore a backup") from error
        if isinstance(error, OSError):
            raise WorkFailed(f"{self._path}: {error.strerror}") from error


class SqliteStorage(Storage):
    """One SQLite file, or the memory of this process (":memory:").

    Raises WorkFailed while the file cannot be reached (locked, disk full, not ours to write), and
    StoreBroken when it is damaged or no SQLite file at all.
    """

    def __init__(
        self, path: str | Path = MEMORY, *, read_only: bool = False, journal: str = "WAL"
    ) -> None:
        super().__init__()
        self._path = str(path)
        self._told = _Told(self._path)
        self._depth = 0
        with self._told:
            self._connection = self._connect(read_only=read_only)
        try:
            if self._path != MEMORY and not read_only:
                self.execute(f"PRAGMA journal_mode = {journal}")
                self.execute("PRAGMA synchronous = FULL")
            self.execute("SELECT count(*) FROM sqlite_master")
        except BaseException:
            self._connection.close()
            raise

    def _connect(self, *, read_only: bool) -> sqlite3.Connection:
        if self._path == MEMORY:
            return sqlite3.connect(MEMORY, isolation_level=None)
        path = Path(self._path).absolute()
        if not read_only:  # SQLite gives its side files the mode of the main one
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        address = f"{path.as_uri()}?mode={'ro' if read_only else 'rw'}"
        if read_only and _stands_still(path):
            address += "&immutable=1"
        return sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)

    # --- SQL ------------------------------------------------------------------------------------

    def execute(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return all its rows."""
        with self._told:
            return self._connection.execute(statement, values).fetchall()

    def execute_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each of *rows*."""
        with self._told:
            self._connection.executemany(statement, rows)

    def define(self, name: str, values: int, function: Callable[..., str]) -> None:
        """Let statements call *function*, which takes so many *values*."""
        self._connection.create_function(name, values, function, deterministic=True)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is on disk together, or, after any exception, not at all.

        May be nested: an inner one that fails takes back only its own part.
        """
        name, self._depth = f"depth_{self._depth}", self._depth + 1
        outer = self._depth == 1
        try:
            self.execute("BEGIN IMMEDIATE" if outer else f"SAVEPOINT {name}")
            yield
            self.execute("COMMIT" if outer else f"RELEASE {name}")
        except BaseException:
            self._undo(None if outer else name)
            raise
        finally:
            self._depth -= 1

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read inside is of one moment, whatever another process commits meanwhile."""
        if self._connection.in_transaction:
            yield
            return
        self.execute("BEGIN")
        try:
            yield
        finally:
            self._undo(None)

    def _undo(self, savepoint: str | None) -> None:
        if not self._connection.in_transaction:  # SQLite may have rolled back by itself
            return
        if savepoint is None:
            self._connection.execute("ROLLBACK")
        else:
            self._connection.execute(f"ROLLBACK TO {savepoint}")
            self._connection.execute(f"RELEASE {savepoint}")

    def copy_to(self, other: SqliteStorage) -> None:
        """Make *other* hold all that is here, as it is at one moment."""
        with self._told:
            self._connection.backup(other._connection)

    # --- what TinyDB asks of a storage ----------------------------------------------------------

    def read(self) -> dict[str, Any] | None:
        """The tables by name; None if there is none. A table is a view that reads when asked."""
        return {name: Rows(self, name) for name in self.names()} or None

    def write(self, data: Mapping[str, Mapping[Any, Any]]) -> None:
        """Make *data* the content; a table that is still the view of itself is left alone."""
        with self.transaction():
            for name in self.names() - set(data):
                self.execute(f"DROP TABLE {_quoted(name)}")
            for name, documents in data.items():
                if not (isinstance(documents, Rows) and documents.shows(self, name)):
                    edits = self.edits(name)
                    edits.clear()
                    edits.update({int(doc_id): dict(doc) for doc_id, doc in documents.items()})
                    edits.save()

    def close(self) -> None:
        """Close the file; may be called twice."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- tables ---------------------------------------------------------------------------------

    @property
    def path(self) -> str:
        """The file, or ":memory:"."""
        return self._path

    def names(self) -> set[str]:
        """The names of all tables."""
        found = self.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%'"
            " ESCAPE '~'"
        )
        return {_unquoted(name) for (name,) in found}

    def edits(self, name: str) -> _Edits:
        """The changes to one table, which is created if it is new. Ask inside a transaction."""
        columns = "id INTEGER PRIMARY KEY, doc TEXT NOT NULL"
        self.execute(f"CREATE TABLE IF NOT EXISTS {_quoted(name)} ({columns})")
        return _Edits(Rows(self, name))


class Rows(Mapping[str, dict[str, Any]]):
    """The documents of one table by id, in the order of ids; each look reads the file."""

    def __init__(self, storage: SqliteStorage, name: str) -> None:
        self.storage = storage
        self.table = _quoted(name)

    def shows(self, storage: SqliteStorage, name: str) -> bool:
        """Whether this is the view of that table."""
        return self.storage is storage and self.table == _quoted(name)

    def text(self, doc_id: str | int) -> str | None:
        """A document's JSON."""
        found = self.storage.execute(f"SELECT doc FROM {self.table} WHERE id = ?", (doc_id,))
        return found[0][0] if found else None

    def ids(self) -> list[int]:
        """All ids, ascending."""
        return [row[0] for row in self.storage.execute(f"SELECT id FROM {self.table} ORDER BY id")]

    def last_id(self) -> int:
        """The largest id, 0 if there is none."""
        return int(self.storage.execute(f"SELECT max(id) FROM {self.table}")[0][0] or 0)

    def __getitem__(self, doc_id: str) -> dict[str, Any]:
        text = self.text(doc_id)
        if text is None:
            raise KeyError(doc_id)
        return dict(orjson.loads(text))

    def __iter__(self) -> Iterator[str]:
        return iter([str(doc_id) for doc_id in self.ids()])

    def __len__(self) -> int:
        return int(self.storage.execute(f"SELECT count(*) FROM {self.table}")[0][0])

    def items(self) -> Any:  # an iterator that parses as it goes serves wherever a view would
        """(id, document), all as they are now, each parsed when its turn comes."""
        found = self.storage.execute(f"SELECT id, doc FROM {self.table} ORDER BY id")
        return ((str(doc_id), orjson.loads(text)) for doc_id, text in found)


class _Edits(MutableMapping[int, dict[str, Any]]):
    """The documents of one table for the time of one change; save() writes what differs."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._found: dict[int, str] = {}
        self._now: dict[int, dict[str, Any]] = {}
        self._gone: set[int] = set()
        self._cleared = False

    def __getitem__(self, doc_id: int) -> dict[str, Any]:
        if doc_id not in self._now:
            text = None if self._cleared or doc_id in self._gone else self._rows.text(doc_id)
            if text is None:
                raise KeyError(doc_id)
            self._found[doc_id] = text
            self._now[doc_id] = orjson.loads(text)
        return self._now[doc_id]

    def __contains__(self, doc_id: object) -> bool:
        if doc_id in self._now:
            return True
        if self._cleared or doc_id in self._gone or not isinstance(doc_id, int):
            return False
        return self._rows.text(doc_id) is not None

    def __setitem__(self, doc_id: int, document: dict[str, Any]) -> None:
        self._now[doc_id] = document
        self._gone.discard(doc_id)

    def __delitem__(self, doc_id: int) -> None:
        if doc_id not in self:
            raise KeyError(doc_id)
        self._now.pop(doc_id, None)
        self._gone.add(doc_id)

    def __iter__(self) -> Iterator[int]:
        kept = [] if self._cleared else [i for i in self._rows.ids() if i not in self._gone]
        known = set(kept)
        return iter(kept + [doc_id for doc_id in self._now if doc_id not in known])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def clear(self) -> None:
        """Take out every document."""
        self._cleared = True
        self._now.clear()
        self._found.clear()
        self._gone.clear()

    def save(self) -> None:
        """Write what was changed, put in and taken out."""
        storage, table = self._rows.storage, self._rows.table
        texts = {doc_id: _dumped(document) for doc_id, document in self._now.items()}
        changed = [(i, text) for i, text in texts.items() if self._found.get(i) != text]
        if self._cleared:
            storage.execute(f"DELETE FROM {table}")
        if self._gone:
            gone = ((doc_id,) for doc_id in self._gone)
            storage.execute_many(f"DELETE FROM {table} WHERE id = ?", gone)
        if changed:
            storage.execute_many(
                f"INSERT INTO {table} (id, doc) VALUES (?, ?)"
                " ON CONFLICT (id) DO UPDATE SET doc = excluded.doc",
                changed,
            )


class RowTable(Table):
    """A TinyDB table that reads and writes rows instead of the whole file.

    Queries are not cached unless a size is asked for: another process may have written.
    """

    default_query_cache_capacity = 0
    _storage: SqliteStorage
    _next_id: Any

    def __init__(
        self,
        storage: Storage,
        name: str,
        cache_size: int = default_query_cache_capacity,
        persist_empty: bool = False,
    ) -> None:
        # TinyDB's own default was bound when its class was made; the class variable changes nothing
        super().__init__(storage, name, cache_size=cache_size, persist_empty=persist_empty)

    def get(
        self,
        cond: QueryLike | None = None,
        doc_id: int | None = None,
        doc_ids: list[int] | None = None,
    ) -> Any:
        """As in TinyDB; a list of ids costs as many rows, not the table."""
        if doc_id is not None or doc_ids is None:
            one: Callable[..., Any] = super().get
            return one(cond, doc_id=doc_id)
        table = self._read_table()
        found = ((wanted, table.get(str(wanted))) for wanted in sorted(set(doc_ids)))
        return [
            self.document_class(document, self.document_id_class(wanted))
            for wanted, document in found
            if document is not None
        ]

    def _read_table(self) -> Any:
        return Rows(self._storage, self.name) if self.name in self._storage.names() else {}

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        with self._storage.transaction():
            edits = self._storage.edits(self.name)
            updater(edits)
            edits.save()
        self.clear_cache()

    def _get_next_id(self) -> int:
        # an id is not given twice while we live, nor one that another process has taken meanwhile
        table = self._read_table()
        taken = table.last_id() if isinstance(table, Rows) else 0
        free = max(self._next_id or 1, taken + 1)
        self._next_id = free + 1
        return free


class RowDB(TinyDB):
    """TinyDB with rows: RowDB(path), or RowDB() in memory."""

    table_class = RowTable
    default_storage_class: Any = SqliteStorage
    _storage: SqliteStorage

    @property
    def storage(self) -> SqliteStorage:
        """The file."""
        return self._storage


__all__ = ["MEMORY", "Document", "RowDB", "RowTable", "Rows", "SqliteStorage"]
