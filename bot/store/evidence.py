"""The page behind each decision, kept as it was read.

A page is a compressed file named by its content, so the same page is kept once. `index.jsonl` says
which decision saw which page, one line each, only ever added to; a line that a crash has torn is
passed over. Cookies and headers never get here: a snapshot has none. Nothing is flushed to the disk
at once: a power cut may cost a page, never a decision, which stands in the state.
"""

from __future__ import annotations

import gzip
import os
import zlib
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

import orjson
from pydantic import TypeAdapter, ValidationError

from bot.errors import WorkFailed
from bot.facts import Snapshot

_LEVEL = 1  # of 9: on such pages the others save less than a tenth more
_SUFFIX = ".json.gz"
_snapshot: TypeAdapter[Snapshot] = TypeAdapter(Snapshot)


class Evidence:
    """The pages of one seat. The folder is made when the first one is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index = folder / "index.jsonl"

    def keep(self, decision: str, snapshot: Snapshot) -> str:
        """Keep a page under the key of the decision that it led to; return the page's name.

        Raises WorkFailed if it cannot be written.
        """
        name = _name(snapshot)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not (self._folder / name).exists():
                self._write(name, gzip.compress(orjson.dumps(snapshot), _LEVEL, mtime=0))
            self._note(decision, name, snapshot.taken_at)
        except OSError as error:
            raise WorkFailed(f"evidence cannot be kept in {self._folder}: {error}") from error
        return name

    def pages(self, decision: str) -> list[Path]:
        """The pages that a decision was taken on, in the order they were read."""
        if not self._index.exists():
            return []
        wanted = orjson.dumps(decision)
        found = (
            _page_of(line, decision)
            for line in self._index.read_bytes().splitlines()
            if wanted in line
        )
        return [self._folder / name for name in dict.fromkeys(found) if name is not None]

    def load(self, name: str) -> Snapshot:
        """A page as it was read. Raises WorkFailed if it is missing or damaged."""
        try:
            text = gzip.decompress((self._folder / Path(name).name).read_bytes())
            return _snapshot.validate_json(text)
        except (OSError, EOFError, zlib.error, ValidationError) as error:
            raise WorkFailed(f"evidence {name} cannot be read: {type(error).__name__}") from error

    def _write(self, name: str, packed: bytes) -> None:
        """All of the file or nothing of it; mode 0600 is that of a temporary file."""
        with NamedTemporaryFile(dir=self._folder, prefix=".", delete=False) as file:
            file.write(packed)
        Path(file.name).rename(self._folder / name)

    def _note(self, decision: str, name: str, at: datetime | None) -> None:
        line = orjson.dumps({"decision": decision, "page": name, "at": at}) + b"\n"
        descriptor = os.open(self._index, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            os.write(descriptor, b"\n" + line if torn else line)
        finally:
            os.close(descriptor)


def _name(snapshot: Snapshot) -> str:
    """The same page read again has the same name: the time is not part of it."""
    content = (snapshot.html, snapshot.url, snapshot.status, snapshot.heard)
    return sha256(orjson.dumps(content)).hexdigest()[:32] + _SUFFIX


def _page_of(line: bytes, decision: str) -> str | None:
    try:
        note = orjson.loads(line)
    except orjson.JSONDecodeError:  # torn by a crash
        return None
    return str(note["page"]) if note.get("decision") == decision else None
