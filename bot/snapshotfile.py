"""A snapshot as a file: gzipped JSON, as evidence keeps it and `leadwright read` takes it."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime
from typing import Any

import orjson

from bot.facts import Heard, Snapshot

SUFFIX = ".json.gz"
MAGIC = b"\x1f\x8b"  # how such a file begins
MOST_BYTES = 64_000_000  # unpacked: a page of 5 MB, escaped, with all that it heard
_LEVEL = 1  # of 9: on such pages the others save less than a tenth more


class NoSnapshot(ValueError):
    """The bytes are no snapshot, or a damaged one."""


def pack(snapshot: Snapshot) -> bytes:
    """The same snapshot gives the same bytes."""
    return gzip.compress(orjson.dumps(snapshot), _LEVEL, mtime=0)


def unpack(packed: bytes) -> Snapshot:
    """What pack() was given. Raises NoSnapshot."""
    unzip = zlib.decompressobj(wbits=31)
    try:
        text = unzip.decompress(packed, MOST_BYTES)
        if not unzip.eof:
            raise NoSnapshot("it is cut off, or too large")
        return _snapshot(orjson.loads(text))
    except zlib.error:
        raise NoSnapshot("it is damaged") from None
    except (KeyError, TypeError, ValueError) as error:
        said = str(error) if isinstance(error, NoSnapshot) else "it holds no page"
        raise NoSnapshot(said) from None


def _snapshot(told: dict[str, Any]) -> Snapshot:
    """By hand: pydantic takes longer to import than a page to read."""
    html, url, status, at = told["html"], told["url"], told["status"], told["taken_at"]
    heard = [(each["url"], each["status"], each["body"]) for each in told["heard"]]
    texts = [html, *(each[0] for each in heard), *(each[2] for each in heard)]
    numbers = [each[1] for each in heard] + ([status] if status is not None else [])
    if url is not None:
        texts.append(url)
    if not all(type(text) is str for text in texts) or not all(type(n) is int for n in numbers):
        raise NoSnapshot("it holds no page")
    taken_at = datetime.fromisoformat(at).astimezone(UTC) if at is not None else None
    return Snapshot(html, url, status, taken_at, tuple(Heard(*each) for each in heard))
