"""All that a seat's state holds about one person: their rows, and parts that name them."""

from __future__ import annotations

import re
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


def about(storage: SqliteStorage, ids: Sequence[str]) -> tuple[Row, ...]:
    """Whatever names one of *ids*: a person's, and those of their threads."""
    found: list[Row] = []
    names, held = naming(ids), " OR ".join("instr(doc, ?) > 0" for _ in ids)
    for table in (*schema.KEYS, "seat", "readings"):
        for (text,) in storage.execute(f"SELECT doc FROM {table} WHERE {held}", tuple(ids)):
            content = orjson.loads(text)
            if table in SHARED:
                found += [Row(table, part) for part in _parts(content, names)]
            elif names.search(text):
                found.append(Row(table, content))
    return tuple(found)


def naming(ids: Sequence[str]) -> re.Pattern[str]:
    """Finds one of *ids* as a whole: one person's may be the beginning of another's."""
    either = "|".join(map(re.escape, ids))
    return re.compile(rf"(?<![\w-])(?:{either})(?![\w-])")


def _parts(content: Any, names: re.Pattern[str]) -> Iterator[Any]:
    """The smallest parts in which somebody is named."""
    if isinstance(content, dict | list):
        inside = [*content.values()] if isinstance(content, dict) else content
        if any(names.search(each) for each in inside if isinstance(each, str)):
            yield content
            return
        for each in inside:
            yield from _parts(each, names)
