"""The page behind each decision, kept as it was read, without the session's secrets.

A page is a compressed file named by its content, so the same page is kept once. `index.jsonl` says
which decision saw which page, one line each; a line that a crash has torn is passed over. Nothing
is flushed to the disk at once: a power cut may cost a page, never a decision, which stands in the
state. Only whoever holds the seat's lock writes here; anybody may read beside it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

import orjson
from pydantic import TypeAdapter, ValidationError

from bot.decided import Decision
from bot.errors import WorkFailed
from bot.facts import Snapshot
from bot.policy import EvidencePolicy
from bot.redaction import redact
from bot.snapshotfile import SUFFIX, NoSnapshot, pack, unpack

MEGABYTE = 1_000_000
MOST_LEADS_ASKED = 500  # in one pruning: what is left waits for the next
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Kept:
    """A decision, and the file of its page, which may be gone."""

    decision: Decision
    page: Path


class Evidence:
    """The pages of one seat. The folder is made when the first one is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._index = folder / "index.jsonl"

    def keep(self, decision: Decision, snapshot: Snapshot) -> str:
        """Keep a page with the decision that it led to; return the page's name.

        Raises WorkFailed if it cannot be written.
        """
        clean = redact(snapshot)
        name = _name(clean)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            packed = pack(clean)
            if not (self.folder / name).exists():
                self._write(name, packed)
            self._note({"page": name, "size": len(packed), **asdict(decision)})
        except OSError as error:
            raise WorkFailed(f"evidence cannot be kept in {self.folder}: {error}") from error
        return name

    def decisions(self) -> Iterator[Kept]:
        """All that is kept, the oldest first."""
        for note in self._notes():
            yield Kept(note.decision, self.folder / note.page)

    def newest(self) -> Kept | None:
        """The last decision whose page is still there."""
        for line in reversed(self._lines()):
            note = _note_of(line)
            if note is not None and (self.folder / note.page).exists():
                return Kept(note.decision, self.folder / note.page)
        return None

    def telling(self, *words: str) -> Iterator[Kept]:
        """Those whose line holds one of *words*, the oldest first; of many the rest is not read."""
        for note in self._notes(words):
            yield Kept(note.decision, self.folder / note.page)

    def load(self, name: str) -> Snapshot:
        """A page as it was read. Raises WorkFailed if it is missing or damaged."""
        try:
            return unpack((self.folder / Path(name).name).read_bytes())
        except FileNotFoundError:
            raise WorkFailed(f"evidence {name} is not there any more") from None
        except (OSError, ValueError, NoSnapshot) as error:  # a NUL in its name among them
            raise WorkFailed(f"evidence {name!r} cannot be read: {error}") from error

    def prune(self, now: datetime, policy: EvidencePolicy, is_open: Callable[[str], bool]) -> None:
        """Let go of what is too old or too much, the oldest first (see ports.Evidence).

        The new index stands whole before a page goes: after a crash a page without a decision is
        left, never a decision without its page; the next pruning takes it away. Raises WorkFailed.
        """
        if not self._index.exists():
            return
        notes = list(self._notes())
        try:
            kept = _kept(notes, now, policy, is_open)
            if len(kept) < len(notes):
                lines = b"".join(note.line + b"\n" for note in kept)
                self._write(self._index.name, lines)
            wanted = {note.page for note in kept}
            for path in self.folder.iterdir():
                ours = path.name.endswith(SUFFIX) or path.name.startswith(".")
                if ours and path.name not in wanted:
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise WorkFailed(f"evidence cannot be pruned in {self.folder}: {error}") from error

    def forget(self, tells: Callable[[str], bool]) -> int:
        """Take out the pages that tell of somebody, by *tells*, and all lines that do.

        Return how many pages went. A page that cannot be read is taken out too: nobody could say
        what it holds. Raises WorkFailed.
        """
        gone = {path.name for path in self.folder.glob("*" + SUFFIX) if self._tells(path, tells)}
        try:
            if self._index.exists():
                kept = [
                    note.line
                    for note in self._notes()
                    if note.page not in gone and not tells(note.line.decode())
                ]
                self._write(self._index.name, b"".join(line + b"\n" for line in kept))
            for name in gone:
                (self.folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise WorkFailed(f"evidence cannot be taken out of {self.folder}: {error}") from error
        return len(gone)

    def _tells(self, path: Path, tells: Callable[[str], bool]) -> bool:
        try:
            page = self.load(path.name)
        except WorkFailed:
            return True
        heard = (text for each in page.heard for text in (each.url, each.body))
        return tells("\n".join((page.url or "", page.html, *heard)))

    def _notes(self, words: tuple[str, ...] = ()) -> Iterator[_Note]:
        """The whole lines; with *words*, those that hold one of them: the rest is not read."""
        wanted = [orjson.dumps(word)[1:-1] for word in words]
        for line in self._lines():
            if wanted and not any(word in line for word in wanted):
                continue
            note = _note_of(line)
            if note is not None:
                yield note

    def _lines(self) -> list[bytes]:
        try:
            return self._index.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise WorkFailed(f"{self._index} cannot be read: {error.strerror}") from error

    def _write(self, name: str, content: bytes) -> None:
        """All of the file or nothing of it; mode 0600 is that of a temporary file."""
        with NamedTemporaryFile(dir=self.folder, prefix=".", delete=False) as file:
            file.write(content)
            if name == self._index.name:  # written anew: a power cut must not cost all of it
                file.flush()
                os.fsync(file.fileno())
        Path(file.name).replace(self.folder / name)

    def _note(self, note: dict[str, object]) -> None:
        line = orjson.dumps(note) + b"\n"
        descriptor = os.open(self._index, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            os.write(descriptor, b"\n" + line if torn else line)
        finally:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the index, as pydantic checks it. Older ones have a name and a page only."""

    page: str
    size: int = 0
    key: str = ""
    decision: str = ""
    at: datetime | None = None
    action: str = ""
    outcome: str = ""
    why: str = ""
    rule: str = ""
    lead_id: str | None = None
    kind: str = ""
    understood: str = ""
    owner: str = ""
    rehearsed: bool = False


@dataclass(frozen=True, slots=True)
class _Note:
    """A line of the index that is whole: what it says, and the line itself."""

    decision: Decision
    page: str
    size: int
    line: bytes


@cache
def _line() -> TypeAdapter[_Line]:
    """Built when it is first asked for: most commands need none."""
    return TypeAdapter(_Line)


def _note_of(line: bytes) -> _Note | None:
    """What a line says; None for one that a crash has torn, or that names no page of ours."""
    try:
        said = _line().validate_json(line)
    except ValidationError:
        return None
    if not said.page.endswith(SUFFIX) or Path(said.page).name != said.page:
        return None
    decision = Decision(
        key=said.key or said.decision,
        at=(said.at or _LONG_AGO).astimezone(UTC),
        action=said.action,
        outcome=said.outcome,
        why=said.why,
        rule=said.rule,
        lead_id=said.lead_id,
        kind=said.kind,
        understood=said.understood,
        owner=said.owner,
        rehearsed=said.rehearsed,
    )
    return _Note(decision, said.page, said.size, line)


def _kept(
    notes: list[_Note],
    now: datetime,
    policy: EvidencePolicy,
    is_open: Callable[[str], bool],
) -> list[_Note]:
    """The notes that stay. A page that several share counts until the last of them goes."""
    uses, sizes = Counter(note.page for note in notes), {note.page: note.size for note in notes}
    total = sum(sizes.values())
    oldest = now - timedelta(days=policy.keep_days)
    asked: dict[str, bool] = {}
    gone: set[int] = set()
    for number in _by_age(notes):
        note = notes[number]
        if note.decision.at >= oldest and total <= policy.max_megabytes * MEGABYTE:
            break
        lead = note.decision.lead_id
        if lead is not None and lead not in asked:
            if len(asked) == MOST_LEADS_ASKED:
                break
            asked[lead] = is_open(lead)
        if lead is not None and asked[lead]:
            continue
        gone.add(number)
        uses[note.page] -= 1
        if uses[note.page] == 0:
            total -= sizes[note.page]
    return [note for number, note in enumerate(notes) if number not in gone]


def _by_age(notes: list[_Note]) -> Iterable[int]:
    return sorted(range(len(notes)), key=lambda number: notes[number].decision.at)


def _name(snapshot: Snapshot) -> str:
    """The same page read again has the same name: the time is not part of it."""
    content = (snapshot.html, snapshot.url, snapshot.status, snapshot.heard)
    return sha256(orjson.dumps(content)).hexdigest()[:32] + SUFFIX
