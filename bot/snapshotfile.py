"""A snapshot as a file: gzipped JSON, as evidence keeps it and `leadwright read` takes it."""

from __future__ import annotations

import gzip
import zlib

import orjson
from pydantic import TypeAdapter, ValidationError

from bot.facts import Snapshot

SUFFIX = ".json.gz"
MAGIC = b"\x1f\x8b"  # how such a file begins
MOST_BYTES = 64_000_000  # unpacked: a page of 5 MB, escaped, with all that it heard
_LEVEL = 1  # of 9: on such pages the others save less than a tenth more
_snapshot: TypeAdapter[Snapshot] = TypeAdapter(Snapshot)


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
        return _snapshot.validate_json(text)
    except zlib.error:
        raise NoSnapshot("it is damaged") from None
    except ValidationError:
        raise NoSnapshot("it holds no page") from None
