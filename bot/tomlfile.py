"""Reading the owner's TOML files: every fault at once, with file, line, key and what is allowed."""

from __future__ import annotations

import re
import tomllib
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from bot.errors import Fault

Key = tuple[int | str, ...]

FOUND_MAX = 60  # characters of a wrong value that are shown
WRONG_TYPE = "wrong_type"  # our own kind of error, beside pydantic's
WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
MARK = "Value error, "  # what pydantic puts before a validator's own words
HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\-\"' ]+?)\s*\]\]?\s*(#.*)?")
OPENING = re.compile(r"""=\s*("{3}|'{3})\\?\s*$""")
PAIR = re.compile(r"\s*([\w.\-\"' ]+?)\s*=\s*(.*)")


class Table(BaseModel):
    """A table of a TOML file; every field's description says what may stand there."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Spoken(str):
    """A value of the environment, where a number and a truth are text as well."""

    __slots__ = ()


def _whole(value: object) -> object:
    """Keep pydantic from reading "3", 3.0 or true as a number."""
    if isinstance(value, Spoken) and WHOLE.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise PydanticCustomError(WRONG_TYPE, "a whole number")


def _truth(value: object) -> object:
    """Keep pydantic from reading "no", 0 or 1.0 as a truth."""
    if isinstance(value, bool | Spoken):
        return value
    raise PydanticCustomError(WRONG_TYPE, "true or false, without quotes")


Whole = Annotated[int, BeforeValidator(_whole)]
Truth = Annotated[bool, BeforeValidator(_truth)]


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
    try:
        return Document(place, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).partition(" (at ")
        line = re.search(r"line (\d+)", where)
        number = int(line[1]) if line is not None else None
        fault = Fault(place, "-", "a line that is not TOML", f"the reader says: {what}", number)
        return Document(place, text, None, (fault,))


def faults_of(error: ValidationError, model: type[BaseModel], document: Document) -> list[Fault]:
    """What pydantic found wrong, in plain words."""
    return [
        _fault(detail["type"], detail["loc"], detail["input"], detail["msg"], model, document)
        for detail in error.errors(include_url=False)
    ]


def _fault(
    kind: str, path: Key, value: object, message: str, model: type[BaseModel], document: Document
) -> Fault:
    path = tuple(part for part in path if part != "[key]")
    found = "nothing" if kind == "missing" else shown(value)
    if kind == WRONG_TYPE and isinstance(value, str) and not isinstance(value, Spoken):
        found = f'the text "{found}"'
    if kind == "extra_forbidden":
        allowed = _known_keys(model, path)
    elif message.startswith(MARK):
        allowed = message.removeprefix(MARK)
    else:
        allowed = _description(model, path) or message
    return Fault(document.place, dotted(path), found, allowed, line_of(document.text, path))


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


# --- what may stand there -------------------------------------------------------------------------


def _description(model: type[BaseModel], path: Key) -> str | None:
    """The description of the innermost field of *path* that has one."""
    best: str | None = None
    here: object = model
    for part in path:
        table = _table_in(here)
        if table is not None:
            field = _field(table, part)
            if field is None:
                return best
            best, here = field.description or best, field.annotation
        else:
            here = _member(here)
    return best


def _known_keys(model: type[BaseModel], path: Key) -> str:
    here: object = model
    for part in path[:-1]:
        table = _table_in(here)
        field = _field(table, part) if table is not None else None
        here = field.annotation if field is not None else _member(here)
    table = _table_in(here)
    names = [field.alias or name for name, field in table.model_fields.items()] if table else []
    near = get_close_matches(str(path[-1]), names, n=1)
    meant = f" (did you mean {near[0]}?)" if near else ""
    return f"this key is unknown{meant}; known here are {', '.join(names)}"


def _field(table: type[BaseModel], part: int | str) -> FieldInfo | None:
    for name, field in table.model_fields.items():
        if part in (name, field.alias):
            return field
    return None


def _member(annotation: object) -> object:
    """What an array or a table of tables holds."""
    members = [member for member in get_args(annotation) if member is not Ellipsis]
    return members[-1] if members else None


def _table_in(annotation: object) -> type[BaseModel] | None:
    """The table that *annotation* is, or may be."""
    if get_origin(annotation) in (Union, types.UnionType):
        return next((t for a in get_args(annotation) if (t := _table_in(a)) is not None), None)
    is_table = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return annotation if is_table else None  # type: ignore[return-value]
