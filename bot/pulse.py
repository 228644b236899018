"""What a running seat tells of itself: one small file, replaced as a whole.

It is talk, not truth: whatever matters stands in the state. `status` reads it together with the
seat's lock, so a file left behind by a killed process deceives nobody.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

FILE = "pulse.json"


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the seat is doing, or when it goes on.

    doing      one line for a person
    next_at    when the next thing is due; None: not before the owner acts, or being worked on
    next_what  a word of `run --json`
    asleep     no stint is at work: it ended, and the next one is waited for
    """

    at: datetime
    doing: str
    next_at: datetime | None = None
    next_what: str = ""
    next_why: str = ""
    asleep: bool = False


def write(folder: Path, pulse: Pulse) -> None:
    """Replace the seat's pulse."""
    told = {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in asdict(pulse).items()
    }
    new = folder / f"{FILE}.new"
    new.write_text(json.dumps(told), encoding="utf-8")
    new.replace(folder / FILE)


def read(folder: Path) -> Pulse | None:
    """The seat's pulse; None if there is none, or it cannot be read."""
    try:
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        next_at = told["next_at"]
        return Pulse(
            at=datetime.fromisoformat(told["at"]),
            doing=str(told["doing"]),
            next_at=datetime.fromisoformat(next_at) if next_at else None,
            next_what=str(told["next_what"]),
            next_why=str(told["next_why"]),
            asleep=bool(told.get("asleep")),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget(folder: Path, words: Sequence[str]) -> None:
    """Take the pulse away if it tells of one of *words*; the next step writes another one."""
    told = read(folder)
    said = f"{told.doing} {told.next_why}" if told is not None else ""
    if any(word in said for word in words):
        (folder / FILE).unlink(missing_ok=True)
