"""Takes old lines out of log files, also of one that another process may be adding to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import orjson

CUT = ".cut"  # the file in the making; what a crash leaves of it is written over or taken away


def files(folder: Path) -> tuple[Path, ...]:
    """The log's files, those that were rotated among them."""
    return tuple(path for path in sorted(folder.glob("*.log*")) if path.suffix != CUT)


def oldest(path: Path) -> datetime | None:
    """When the first line that says so was written."""
    with path.open("rb") as file:
        return next((at for line in file if (at := _time_of(line)) is not None), None)


def drop_old(folder: Path, before: datetime) -> int:
    """Take out the lines from *before*, and files in which none is left; how many lines went."""
    gone = 0
    for path in files(folder):
        first = oldest(path)
        if first is None or first < before:
            gone += _cut(path, before)
    for left in folder.glob(f"*{CUT}"):
        left.unlink(missing_ok=True)
    return gone


def _cut(path: Path, before: datetime) -> int:
    with path.open("rb") as file:
        lines = file.readlines()
        kept = _kept(lines, before)
        if kept:
            _replace(path, kept)
        else:
            path.unlink()
        added = file.read()  # written into the old file since it was read
    if added:
        with open(path, "ab", opener=_private) as new:
            new.write(added)
    return len(lines) - len(kept)


def _kept(lines: Sequence[bytes], before: datetime) -> Sequence[bytes]:
    """From the first line on that is new enough; one without a time goes with those before it."""
    for number, line in enumerate(lines):
        at = _time_of(line)
        if at is not None and at >= before:
            return lines[number:]
    return ()


def _replace(path: Path, lines: Sequence[bytes]) -> None:
    new = path.with_name(path.name + CUT)
    with open(new, "wb", opener=_private) as file:
        file.writelines(lines)
    new.replace(path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _time_of(line: bytes) -> datetime | None:
    try:
        return datetime.fromisoformat(orjson.loads(line)["at"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
