"""Saved pages as folders: `<page>/<case>/` with page.html, meta.toml and what was understood."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from bot.errors import WorkFailed
from bot.facts import Heard, Snapshot
from bot.record.states import State

PAGE, META, EXPECTED, ERROR = "page.html", "meta.toml", "expected.json", "error.json"
MADE_BY = "by the recorder"
_LANGUAGE = re.compile(r"<html[^>]*\blang=\"([a-z]{2})")


@dataclass(frozen=True, slots=True)
class Understood:
    """What a page object made of a page: a document for expected.json, or for error.json."""

    document: str
    is_error: bool

    @property
    def file(self) -> str:
        return ERROR if self.is_error else EXPECTED


@dataclass(frozen=True, slots=True)
class Case:
    """One folder."""

    path: Path

    @property
    def page(self) -> str:
        """What kind of page it is: the name of the folder above."""
        return self.path.absolute().parent.name

    @property
    def meta(self) -> dict[str, Any]:
        """What meta.toml says; nothing without one. Raises WorkFailed for one that is no TOML."""
        path = self.path / META
        if not path.is_file():
            return {}
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise WorkFailed(f"{path}: {error}") from error

    def heard(self) -> tuple[Heard, ...]:
        """What the page fetched. Raises WorkFailed for what the recorder would not write."""
        try:
            return tuple(
                Heard(each["url"], each["status"], each["body"])
                for each in self.meta.get("heard", [])
            )
        except (TypeError, KeyError) as error:
            place = self.path / META
            raise WorkFailed(f"{place}: heard: each has url, status and body") from error

    def put(self, understood: Understood, *, force: bool) -> bool:
        """Write what was understood; False, and nothing is touched, if somebody corrected it.

        meta.toml keeps the hash of what a machine wrote: another text is its owner's.
        """
        files = [self.path / name for name in (EXPECTED, ERROR)]
        there = [file for file in files if file.is_file()]
        known = self.meta.get("understood")
        if not force and any(known != _hash(_text(file)) for file in there):
            return False
        for file in there:
            file.unlink()
        (self.path / understood.file).write_text(understood.document, encoding="utf-8")
        self._sign(_hash(understood.document))
        return True

    def _sign(self, digest: str) -> None:
        path = self.path / META
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        line = f"understood = {json.dumps(digest)}\n"
        signed, count = re.subn(r"(?m)^understood = .*\n", line, text, count=1)
        path.write_text(signed if count else line + text, encoding="utf-8")


@dataclass
class Recording:
    """The folder of one recording, while it grows."""

    root: Path
    saved: set[State] = field(default_factory=set)

    def has(self, state: State) -> bool:
        """Whether such a page is there already."""
        return state in self.saved

    def add(self, state: State, snapshot: Snapshot, owner: str | None) -> Case:
        """Write a page, with a number to its name if there is another one of that name."""
        self.saved.add(state)
        name, number = state.case, 1
        while (self.root / state.page / name).exists():
            number += 1
            name = f"{state.case}-{number}"
        path = self.root / state.page / name
        path.mkdir(mode=0o700, parents=True)
        (path / PAGE).write_bytes(snapshot.html.encode("utf-8", "replace"))
        meta = _meta(snapshot, owner, state.case)
        (path / META).write_bytes(meta.encode("utf-8", "replace"))
        return Case(path)


def _meta(snapshot: Snapshot, owner: str | None, case: str) -> str:
    language = _LANGUAGE.search(snapshot.html[:2_000])
    told: dict[str, object] = {
        "url": snapshot.url,
        "status": snapshot.status,
        "owner": owner,
        "language": language[1] if language is not None else None,
        "made_by": MADE_BY,
        "shows": f"A page of the site, without its people: {case.replace('-', ' ')}.",
    }
    lines = [f"{key} = {_toml(value)}" for key, value in told.items() if value is not None]
    if snapshot.taken_at is not None:
        lines.append(f"taken_at = {snapshot.taken_at:%Y-%m-%dT%H:%M:%SZ}")
    for each in snapshot.heard:
        lines += ["", "[[heard]]", f"url = {_toml(each.url)}", f"status = {each.status}"]
        lines.append(f"body = {_toml(each.body)}")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """A string or a number as TOML has it: JSON's own spelling."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
