"""What is kept of the hooks that pages are read by (T8): which matched, and which no longer do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class HookUse:
    """Which spelling of a hook the pages matched, and when last.

    name       "<page>.<key>"
    css        its first choice; another one is counted anew
    pages      how many pages each spelling was the best match on, the first choice first
    last_day   the newest day on which any matched
    spelling   the best of that day
    first_day  the newest day on which the first choice matched; None: it never did
    """

    name: str
    css: str
    pages: tuple[int, ...]
    last_day: date
    spelling: int
    first_day: date | None

    @property
    def slid(self) -> bool:
        """It matched by its first choice before, and only by a fallback on the newest day."""
        return self.first_day is not None and self.first_day < self.last_day


@dataclass(frozen=True, slots=True)
class BrokenHook:
    """A hook that no longer matches: it stops the actions that need it (T8).

    selector   its first spelling
    why        what was found instead
    since      when that was first seen
    looked_at  when it was seen last
    last_day   the newest day on which it matched; None if none is known
    reading    the mark of the selectors and texts that did not find it
    """

    page: str
    key: str
    selector: str
    why: str
    since: datetime
    looked_at: datetime
    last_day: date | None
    reading: str

    @property
    def name(self) -> str:
        """As it is told: "<page>.<key>"."""
        return f"{self.page}.{self.key}"
