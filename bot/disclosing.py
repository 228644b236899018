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

Not in here: what Leadwright does not keep or cannot reach, as what the browser remembers of pages,
the owner's own CSV files, exports, backups, a team file, what the owner was called about, and what
the site keeps.
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
    ids = (lead_id, *store.thread_ids(lead_id))
    rows, names = store.about(ids), naming(ids)
    kept = [each for each in Evidence(paths.evidence).telling(*ids) if _tells(each, names)]
    pages = _pages(paths, {each.page.name for each in kept})
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


def _tells(kept: Kept, names: re.Pattern[str]) -> bool:
    told = kept.decision
    return any(map(names.search, (told.lead_id or "", told.key, told.why, told.understood)))


def _pages(paths: SeatPaths, names: Iterable[str]) -> dict[str, str]:
    """The pages that are there and can be read; the decision tells of the others all the same."""
    found: dict[str, str] = {}
    for name in names:
        with suppress(WorkFailed):
            found[name] = Evidence(paths.evidence).load(name).html
    return found


def _files(paths: SeatPaths, names: re.Pattern[str]) -> list[tuple[Path, str]]:
    """What the seat was asked and answered, and what it tells of itself, where that names them."""
    small = [*paths.orders.glob("*"), *paths.folder.glob("*.json")]
    read = [(path, _text(path)) for path in sorted(small)]
    return [(path, text) for path, text in read if names.search(text)]


def _lines(path: Path, names: re.Pattern[str]) -> list[str]:
    return [line for line in _text(path).splitlines() if names.search(line)]


def _text(path: Path) -> str:
    """A file that a daemon may take away meanwhile."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
