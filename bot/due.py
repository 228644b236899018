"""When a seat's calls are to be delivered: one small file beside its state, replaced as a whole.

The sleeper looks at it every second, so nothing heavy may be imported here. It is talk, not truth:
what is to be delivered stands in the state's outbox. A moment too early costs a look, and whoever
commits a call says so before the commit: never too late.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

FILE = "calls.json"
AT_ONCE = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Due:
    """When to look at the outbox next. `waiting`: how many calls of it are not delivered."""

    at: datetime
    waiting: int = 0


def write(folder: Path, due: Due | None) -> None:
    """Replace the file; None: there is nothing to wait for. Raises OSError."""
    if due is None:
        (folder / FILE).unlink(missing_ok=True)
        return
    new = folder / f"{FILE}.{os.getpid()}.new"
    told = {"at": due.at.astimezone(UTC).isoformat(), "waiting": due.waiting}
    new.write_text(json.dumps(told), encoding="ascii")
    new.replace(folder / FILE)


def read(folder: Path) -> Due | None:
    """What the file says; None without one. One that cannot be read is due at once."""
    try:
        told = json.loads((folder / FILE).read_text(encoding="ascii"))
        return Due(datetime.fromisoformat(told["at"]), int(told["waiting"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return Due(AT_ONCE)
