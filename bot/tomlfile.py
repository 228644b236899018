"""Reading the owner's TOML files: every fault at once, with file, line, key and what is allowed."""

from __future__ import annotations

import json
import re
import types
from difflib import get_close_matches
from typing import Annotated, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from bot.errors import Fault
from bot.tomltext import Document, Key, dotted, line_of, shown

WRONG_TYPE = "wrong_type"  # our own kind of error, beside pydantic's
WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
MARK = "Value error, "  # what pydantic puts before a validator's own words


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


def from_json(value: object) -> object:
    """A list in an environment variable is written as JSON."""
    if not isinstance(value, Spoken):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError(
            'a list, in the environment written as JSON, e.g. ["mon", "tue"]'
        ) from None


Whole = Annotated[int, BeforeValidator(_whole)]
Truth = Annotated[bool, BeforeValidator(_truth)]


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
