"""The text of a TOML file and where its keys stand: faults that name file, line and key.

Light: what a file may hold is checked elsewhere (bot.tomlfile, bot.pages).
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import Fault

Key = tuple[int | str, ...]

FOUND_MAX = 60  # characters of a wrong value that are shown
HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\-\"' ]+?)\s*\]\]?\s*(#.*)?")
OPENING = re.compile(r"""=\s*("{3}|'{3})\\?\s*$""")
PAIR = re.compile(r"\s*([\w.\-\"' ]+?)\s*=\s*(.*)")


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read. `values` is what the TOML says; None if it says nothing that can be read."""

    place: str
    text: str
    values: Mapping[str, Any] | None
    faults: tuple[Fault, ...] = ()

    def fault(self, path: Key, found: str, allowed: str, text_line: int | None = None) -> Fault:
        """A fault at *path*; *text_line*: the line within the text that stands there, from 1."""
        line = line_of(self.text, path)
        if line is not None and text_line is not None:
            opening = self.text.splitlines()[line - 1]
            # TOML leaves out a line break that follows the opening quotes.
            line += text_line - (0 if OPENING.search(opening) is not None else 1)
        return Fault(self.place, dotted(path), shown(found), allowed, line)


def read(path: Path, place: str) -> Document:
    """Read *path*; what is wrong with it as TOML is among the faults. Raises OSError."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        fault = Fault(place, "-", "other characters than UTF-8", "save the file as UTF-8")
        return Document(place, "", None, (fault,))
    return parse(text, place)


def parse(text: str, place: str) -> Document:
    """What a file with this text says; what is wrong with it as TOML is among the faults."""
    try:
        return Document(place, text, tomllib.loads(text))
    except (ValueError, RecursionError) as error:  # huge numbers and deep nesting among them
        what, _, where = str(error).partition(" (at ")
        line = re.search(r"line (\d+)", where)
        number = int(line[1]) if line is not None else None
        fault = Fault(place, "-", "a line that is not TOML", f"the reader says: {what}", number)
        return Document(place, text, None, (fault,))


def quoted(text: object) -> str:
    """A text as TOML writes it: JSON's escapes are TOML's, which escapes DEL besides."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def dotted(path: Key) -> str:
    """A key as the owner would say it; members of an array are counted from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path) or "-"


def shown(value: object) -> str:
    """A wrong value, short enough for one line."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list) and any(isinstance(member, Mapping) for member in value):
        return f"{len(value)} tables"
    text = str(value)
    text = " ".join(text.split()) or '""'
    return text if len(text) <= FOUND_MAX else f"{text[: FOUND_MAX - 1]}…"


# --- where a key stands ---------------------------------------------------------------------------


def line_of(text: str, path: Key) -> int | None:
    """The 1-based line of *path*, or of the nearest table or key around it that is written."""
    best, best_depth = None, 0
    for number, written in _keys(text):
        depth = len(written)
        if written == path[:depth] and (depth > best_depth or written == path):
            best, best_depth = number, depth
    return best


def _keys(text: str) -> Sequence[tuple[int, Key]]:
    """Each line that names a table or a key, with its full path."""
    found: list[tuple[int, Key]] = []
    table: Key = ()
    arrays: dict[Key, int] = {}
    closing = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if closing:
            closing = "" if closing in line else closing
            continue
        header, pair = HEADER.fullmatch(line), PAIR.match(line)
        if header is not None:
            table = _parts(header[2])
            if header[1] == "[[":
                arrays[table] = arrays.get(table, -1) + 1
                table = (*table, arrays[table])
            found.append((number, table))
        elif pair is not None:
            found.append((number, (*table, *_parts(pair[1]))))
            closing = next((q for q in ('"""', "'''") if pair[2].count(q) == 1), "")
    return found


def _parts(name: str) -> Key:
    return tuple(part.strip(" \"'") for part in name.split("."))
