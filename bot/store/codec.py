"""Records as JSON texts, and back.

orjson writes a frozen dataclass as it stands; pydantic reads it strictly into the same class: both
are compiled, and neither needs a second description of the records. Times are RFC 3339 in UTC with
all six digits of the second, so that texts sort as the times do and an SQL index can compare them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable
from dataclasses import fields
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any, TypeVar, cast

import orjson
from pydantic import TypeAdapter, ValidationError

from bot.errors import StoreBroken
from bot.model import Lead
from bot.rules.contacts import fold

R = TypeVar("R")


def time_text(at: datetime) -> str:
    """*at* as it stands in a document. Raises ValueError for a time without zone."""
    if at.tzinfo is None:
        raise ValueError(f"a time without zone: {at}")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def namesake(name: str, company: str) -> str:
    """One text for all spellings of a name at a company (K8)."""
    folded = (unicodedata.normalize("NFKC", part).casefold() for part in (name, company))
    return "\n".join(" ".join(part.split()) for part in folded)


def folded(name: str, company: str) -> str:
    """What a lead is searched and sorted by, however it is spelled: the name, then the company."""
    return f"{fold(name)}\n{fold(company)}"


def encode(record: object) -> str:
    """The record's document. A lead's also holds what it and its namesakes are found by."""
    if isinstance(record, Lead):
        shown = {field.name: getattr(record, field.name) for field in fields(record)}
        named = record.name, record.company
        return _dumped({**shown, "namesake": namesake(*named), "folded": folded(*named)})
    return _dumped(record)


def _dumped(value: object) -> str:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")


def decode(kind: type[R], text: str) -> R:
    """The record in a document. Raises StoreBroken if it is not one of *kind*."""
    record: R = _decoded(cast("Hashable", kind), text)
    return record


@lru_cache(maxsize=256)
def _decoded(kind: type, text: str) -> Any:
    """Records are frozen: what an action reads several times is made once."""
    try:
        return _adapter(kind).validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise StoreBroken(
            f"a {kind.__name__} on disk cannot be read: {where or 'document'}: {first['msg']}"
        ) from None


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    """Built when a record of its kind is first read: half of them are not needed by a command."""
    return TypeAdapter(kind)
