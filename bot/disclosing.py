"""Everything that is kept about one person, in one file that they may be given.

What erasing reaches (bot.forgetting) is what is told here: the state, the decisions about them with
the pages that these were taken on, and the lines of the log.
"""

from __future__ import annotations

import os
import zipfile
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import orjson

from bot.errors import WorkFailed
from bot.places import SeatPaths
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
    words = (lead_id, *store.thread_ids(lead_id))
    rows = store.about(words)
    kept = list(Evidence(paths.evidence).telling(*words))
    theirs = {each.page: each for each in kept if _is_about(each, lead_id)}
    lines = [line for path in sorted(paths.logs.glob("*")) for line in _lines(path, words)]
    content = {
        "format": FORMAT,
        "seat": paths.seat,
        "at": now,
        "lead_id": lead_id,
        "state": [asdict(row) for row in rows],
        "decisions": [{"page": each.page.name, **asdict(each.decision)} for each in kept],
        "log": lines,
        "files": [{"file": path.name, "text": text} for path, text in _files(paths, words)],
    }
    options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z
    try:
        fd = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(fd, "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", README.format(seat=paths.seat, at=now.isoformat()))
            archive.writestr("person.json", orjson.dumps(content, option=options))
            pages = sum(_put(archive, paths, each) for each in theirs.values())
    except FileExistsError:
        raise WorkFailed(f"{file} exists already: name another file") from None
    except OSError as error:
        raise WorkFailed(f"{file} cannot be written: {error.strerror}") from error
    return Disclosed(file, len(rows), len(kept), pages, len(lines))


def _is_about(kept: Kept, lead_id: str) -> bool:
    return lead_id in (kept.decision.lead_id or kept.decision.key) and kept.page.exists()


def _put(archive: zipfile.ZipFile, paths: SeatPaths, kept: Kept) -> bool:
    page = Evidence(paths.evidence).load(kept.page.name)
    archive.writestr(f"pages/{kept.page.name.partition('.')[0]}.html", page.html)
    return True


def _files(paths: SeatPaths, words: tuple[str, ...]) -> list[tuple[Path, str]]:
    """What the seat was asked and answered, and what it tells of itself, where that names them."""
    small = [*paths.orders.glob("*"), *paths.folder.glob("*.json")]
    read = [(path, path.read_text(encoding="utf-8", errors="replace")) for path in sorted(small)]
    return [(path, text) for path, text in read if any(word in text for word in words)]


def _lines(path: Path, words: tuple[str, ...]) -> list[str]:
    text = path.read_text(encoding="utf-8", errors="replace")
    return [line for line in text.splitlines() if any(word in line for word in words)]
