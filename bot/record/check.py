"""Looks through a recording for what should not be there: anything that was not invented."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from bot.errors import WorkFailed
from bot.facts import Snapshot
from bot.pages.scan import MOST_BYTES
from bot.record.addresses import ELSEWHERE
from bot.record.anonymise import Anonymiser
from bot.record.folder import ERROR, EXPECTED, META, PAGE, Case
from bot.record.invented import LEAD_MARK, MAIL_DOMAIN, THREAD_MARK, Inspector
from bot.record.known import Known
from bot.record.words import Voice

_PATTERNS = (
    ("an e-mail address", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("a lead's id", re.compile(rf"\bAC[wo]AA(?!{LEAD_MARK})[\w-]{{6,}}")),
    ("a thread's id", re.compile(rf"\b2-(?!{THREAD_MARK})[A-Za-z0-9+/_-]{{12,}}(?:=|%3D)")),
    ("a token of a session", re.compile(r"\bajax:\d{8,}|\beyJ[\w-]{10,}\.|\bli_at\b|JSESSIONID")),
    ("image data", re.compile(r"data:image/|;base64,|\bsrcset=|<img[^>]*\ssrc=")),
    ("a script", re.compile(r"<script|<style|<!--")),
)
_TEXTS = {
    "name": Voice.NAME,
    "title": Voice.NAME,
    "company": Voice.NAME,
    "location": Voice.NAME,
    "id": Voice.NAME,
    "lead_id": Voice.NAME,
    "preview": Voice.PROSE,
    "text": Voice.PROSE,
    "subject": Voice.PROSE,
}
# What `read thread` says of an answer's text is no text of theirs.
_OURS = frozenset(("default", "edited", "unknown"))
_OUR_HOSTS = re.compile(f"{re.escape(ELSEWHERE)}|{re.escape(MAIL_DOMAIN)}")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What should not be there. `line` counts from 1."""

    file: str
    line: int
    what: str
    found: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}: {self.found}"


def check(root: Path, known: Known, owner: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Every finding in a folder, in the order of its files. Raises WorkFailed without one."""
    if not root.is_dir():
        raise WorkFailed(f"{root}: no such folder")
    names = [word for each in owner for word in each.split() if len(word) > 1]
    found: set[Finding] = set()
    pages = 0
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        place = str(file.relative_to(root))
        if file.name not in (PAGE, META, EXPECTED, ERROR) or file.stat().st_size > MOST_BYTES:
            found.add(Finding(place, 1, "a file that the recorder does not write", file.name))
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        pages += file.name == PAGE
        found |= set(_plainly(place, text, names))
        for what, value in _deeply(file, text, known):
            found.add(Finding(place, _line(text, value), what, value[:120]))
    if not pages:
        raise WorkFailed(f"{root}: no {PAGE} is in it")
    return tuple(sorted(found))


def _plainly(place: str, text: str, owner: list[str]) -> Iterator[Finding]:
    """What a look at each line finds."""
    patterns = list(_PATTERNS)
    if owner:
        words = "|".join(map(re.escape, owner))
        patterns.append(("the owner's name", re.compile(rf"\b(?:{words})\b", re.IGNORECASE)))
    for number, line in enumerate(_OUR_HOSTS.sub("", text).splitlines(), 1):
        for what, pattern in patterns:
            for found in pattern.finditer(line):
                yield Finding(place, number, what, found[0][:120])


def _deeply(file: Path, text: str, known: Known) -> Iterator[tuple[str, str]]:
    """What would be replaced if the file were recorded again: nothing that was invented is."""
    inspector = Inspector()
    anonymiser = Anonymiser(inspector, known)
    case = Case(file.parent)
    if file.name == PAGE:
        again = anonymiser.snapshot(Snapshot(text)).html
        yield from inspector.found
        if again != text and not inspector.found:
            yield "something that the recorder would not leave", _first_difference(text, again)
    elif file.name == META:
        url = case.meta.get("url")
        heard = case.heard()
        page = Snapshot("<p>", url if isinstance(url, str) else None, heard=heard)
        again_page = anonymiser.snapshot(page)
        yield from inspector.found
        kept = [(page.url, again_page.url)]
        kept += [(a.url, b.url) for a, b in zip(heard, again_page.heard, strict=True)]
        for was, left in kept:
            if was != left and not inspector.found:
                yield "something that the recorder would not leave", str(was)
    else:
        _read_strings(text, anonymiser)
        yield from inspector.found


def _read_strings(text: str, anonymiser: Anonymiser) -> None:
    """Let the anonymiser see every text of an expected.json."""
    try:
        waiting = [("", json.loads(text))]
    except ValueError:
        return
    while waiting:
        key, here = waiting.pop()
        if isinstance(here, dict):
            waiting += list(here.items())
        elif isinstance(here, list):
            waiting += [(key, each) for each in here]
        elif isinstance(here, str) and key in _TEXTS and here not in _OURS:
            anonymiser.text(here, _TEXTS[key])


def _first_difference(was: str, left: str) -> str:
    """The text from where it differs, back to the tag or word that it stands in."""
    at = next((n for n, (a, b) in enumerate(zip(was, left, strict=False)) if a != b), 0)
    start = max(was.rfind("<", 0, at), was.rfind("\n", 0, at)) + 1
    return was[start : at + 60].splitlines()[0] if was[start:] else was[-60:]


def _line(text: str, value: str) -> int:
    """The line in which a value stands, as it is or as HTML or JSON spell it; 1 if nowhere."""
    for spelled in (value, escape(value), escape(value, quote=False), json.dumps(value)[1:-1]):
        at = text.find(spelled)
        if at >= 0:
            return text.count("\n", 0, at) + 1
    return 1
