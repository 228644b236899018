"""All that a seat's state holds about one person: their rows, and parts that name them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from bot.store import schema
from bot.store.storage import SqliteStorage

SHARED = ("seat", "readings", "days", "campaigns", "hooks")
"""Rows that are about everybody: only the parts that name the person are theirs."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row, or the part of one, as it is stored."""

    table: str
    content: Any


def about(storage: SqliteStorage, words: Sequence[str]) -> tuple[Row, ...]:
    """Whatever holds one of *words*: a person's id, the ids of their threads."""
    found: list[Row] = []
    for table in (*schema.KEYS, "seat", "readings"):
        held = " OR ".join("instr(doc, ?) > 0" for _ in words)
        for (text,) in storage.execute(f"SELECT doc FROM {table} WHERE {held}", tuple(words)):
            content = orjson.loads(text)
            parts = _naming(content, words) if table in SHARED else (content,)
            found += [Row(table, part) for part in parts]
    return tuple(found)


def _naming(content: Any, words: Sequence[str]) -> Iterator[Any]:
    """The smallest parts in which one of *words* stands."""
    if isinstance(content, dict | list):
        inside = [*content.values()] if isinstance(content, dict) else content
        if any(_holds(each, words) for each in inside if isinstance(each, str)):
            yield content
            return
        for each in inside:
            yield from _naming(each, words)


def _holds(text: str, words: Sequence[str]) -> bool:
    return any(word in text for word in words)
