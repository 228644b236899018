"""Which saved page the practice site shows a page with: a recording's where it has one."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bot.errors import WorkFailed
from bot.shipped import folder

_PAGE = "page.html"
_CANONICAL = re.compile(r'rel="canonical"[^>]*href="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Source:
    """One saved page. `place` names it to people."""

    place: str
    html: str
    url: str


@dataclass(frozen=True, slots=True)
class Pages:
    """The shipped pages, and those of a recording before them.

    taken  the cases that were taken from the recording so far
    """

    recording: Path | None = None
    taken: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, recording: Path | None) -> Pages:
        """Raises WorkFailed for a folder in which no page was recorded."""
        if recording is not None and not any(recording.glob(f"*/*/{_PAGE}")):
            raise WorkFailed(f"{recording}: no recorded page is in it, like lead/second-degree")
        return cls(recording)

    def find(self, case: str, language: str) -> Source:
        """The page of a case in a language, else in any. Raises WorkFailed if there is none."""
        shipped = folder("fixtures")
        if self.recording is not None and _speaks(self.recording / case, language):
            self.taken.append(case)
            return _read(self.recording / case)
        spoken = shipped / f"{case}-{language}"
        return _read(spoken if (spoken / _PAGE).is_file() else shipped / case)

    def told(self) -> str:
        """Which pages are the recording's, in a sentence; empty without one."""
        if self.recording is None:
            return ""
        taken = ", ".join(sorted(set(self.taken))) or "none of the pages that it shows"
        return f"From {self.recording}: {taken}. The rest ships with the program."


def _speaks(case: Path, language: str) -> bool:
    """Whether a page was recorded, in this language as far as it tells."""
    if not (case / _PAGE).is_file():
        return False
    return _meta(case).get("language", language) == language


@cache
def _read(case: Path) -> Source:
    path = case / _PAGE
    if not path.is_file():
        raise WorkFailed(f"{path} is missing: the practice site shows the fixtures' pages")
    html = path.read_text(encoding="utf-8")
    canonical = _CANONICAL.search(html)
    url = _meta(case).get("url") or (canonical[1] if canonical else "")
    return Source(str(path), html, str(url))


def _meta(case: Path) -> dict[str, object]:
    path = case / "meta.toml"
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkFailed(f"{path}: {error}") from error
