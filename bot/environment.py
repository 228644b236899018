"""Which LEADWRIGHT_ variables there are: any other is a slip that would go unseen."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from pydantic.fields import FieldInfo

from bot import browser_turns, lock
from bot.configfile import PREFIX, ConfigFile, SeatTable
from bot.errors import Fault
from bot.tomlfile import Table
from bot.tomltext import shown

PLACE = "the environment"
OURS = ("LEADWRIGHT_HOME", lock.FD_VARIABLE, browser_turns.VARIABLE)  # not of the configuration


def variable(*path: str) -> str:
    """The variable of a key: `seats`, `alice`, `order` is LEADWRIGHT_SEATS__ALICE__ORDER."""
    return PREFIX + "__".join(path).upper()


def unknown_variables(seats: Iterable[str]) -> list[Fault]:
    """Every LEADWRIGHT_ variable that names no value of the configuration.

    seats  those of config.toml: the environment overrides their values, it makes no seat
    """
    known = (*OURS, *_known(seats))
    return [
        Fault(PLACE, name, shown(value), _allowed(name.upper(), known))
        for name, value in os.environ.items()
        if name.upper().startswith(PREFIX) and name.upper() not in known
    ]


def _allowed(name: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(name, known, n=1)
    meant = f" (did you mean {near[0]}?)" if near else ""
    if name.startswith(variable("seats", "")):
        return f"this variable is unknown{meant}; a seat is a table in config.toml first"
    begin = ", ".join(variable(section, "") for section in ConfigFile.model_fields)
    return f"this variable is unknown{meant}; all begin with {begin}"


def _known(seats: Iterable[str]) -> Iterator[str]:
    for section, field in ConfigFile.model_fields.items():
        if section != "seats":
            yield from _keys(field, section)
    for seat in seats:
        for key, field in SeatTable.model_fields.items():
            yield from _keys(field, "seats", seat, key)


def _keys(field: FieldInfo, *path: str) -> Iterator[str]:
    """The variable of a value, or those of a table's values."""
    kind = field.annotation
    if isinstance(kind, type) and issubclass(kind, Table):
        for key, inner in kind.model_fields.items():
            yield from _keys(inner, *path, key)
    else:
        yield variable(*path)
