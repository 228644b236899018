"""Everything that is kept about one person, in one file that they may be given.

What erasing reaches (bot.forgetting) is what is told here: the state, the decisions about them with
the pages that these were taken on, and the lines of the log.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

import orjson

from bot.errors import WorkFailed
from bot.newfile import write_new
from bot.places import SeatPaths
from bot.store.about import naming
from bot.store.evidence import Evidence, Kept
from bot.store.store import Store

FORMAT = 1
README = """\
Everything that Leadwright keeps about one person for the seat {seat}, as it was at {at}.

person.json   what its state holds (by table), the decisions about them, the lines of its log, the
              orders and other small files that name them
pages/        the pages that decisions about them were taken on, as they were read, without the
              secrets of the owner's session; they may show others, too

Not in here: what Leadwright does not keep or cannot reach, as the owner's own CSV files, exports,
backups, a team file, what the owner was called about, and what the site keeps.
"""


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What went into the file."""

    file: Path
    rows: int
    decisions: int
    pages: int
    log_lines: int

    def __str__(self) -> str:
        return (
            f"{self.file}: {self.rows} rows of the state, {self.decisions} decisions with"
            f" {self.pages} pages, {self.log_lines} lines of the log"
        )


def disclose(paths: SeatPaths, store: Store, lead_id: str, file: Path, now: datetime) -> Disclosed:
    """Write all that is kept about a person into a new archive, which only this user may read.

    Raises WorkFailed for somebody who is not known, and where the file exists or cannot be written.
    """
    if store.lead(lead_id) is None:
        raise WorkFailed(f"there is no lead {lead_id}")
    names = naming((lead_id, *store.thread_ids(lead_id)))
    rows = store.about(names)
    kept = [each for each in Evidence(paths.evidence).decisions() if _tells(names, each)]
    pages = {
        page: html
        for page in {each.page.name for each in kept if _is_about(each, lead_id)}
        if (html := _html(paths, page)) is not None
    }
    lines = [line for path in sorted(paths.logs.glob("*")) for line in _lines(path, names)]
    content = {
        "format": FORMAT,
        "seat": paths.seat,
        "at": now,
        "lead_id": lead_id,
        "state": [asdict(row) for row in rows],
        "decisions": [{"page": each.page.name, **asdict(each.decision)} for each in kept],
        "log": lines,
        "files": [{"file": path.name, "text": text} for path, text in _files(paths, names)],
    }
    _write(file, README.format(seat=paths.seat, at=now.isoformat()), content, pages)
    return Disclosed(file, len(rows), len(kept), len(pages), len(lines))


def _write(file: Path, readme: str, content: object, pages: Mapping[str, str]) -> None:
    """The whole archive or nothing of it."""
    raw = BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", readme)
        options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z
        archive.writestr("person.json", orjson.dumps(content, option=options))
        for page, html in sorted(pages.items()):
            archive.writestr(f"pages/{page.partition('.')[0]}.html", html)
    write_new(file, raw.getvalue())


def _tells(names: re.Pattern[str], kept: Kept) -> bool:
    decision = kept.decision
    return any(names.search(text) for text in (decision.lead_id or "", decision.key, decision.why))


def _is_about(kept: Kept, lead_id: str) -> bool:
    return lead_id in (kept.decision.lead_id, kept.decision.key)
