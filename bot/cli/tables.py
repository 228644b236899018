"""How commands print: JSON documents, and tables whose cells are text as it is."""

from __future__ import annotations

import sys
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.plain import plain_lines

WIDE = 200  # columns when nobody watches: a table in a file is not folded


def print_json(document: object) -> None:
    """One JSON document on stdout; times as RFC 3339 in UTC."""
    if sys.stdout is None:  # it was closed before we came
        return
    options = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_NON_STR_KEYS
    sys.stdout.buffer.write(orjson.dumps(_plain(document), option=options) + b"\n")
    sys.stdout.buffer.flush()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {key: _plain(part) for key, part in asdict(value).items()}
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value


def console() -> Console:
    """Where tables are printed: as wide as the terminal, uncoloured when it is none."""
    terminal = Console(highlight=False)
    return terminal if terminal.is_terminal else Console(width=WIDE, highlight=False)


class Grid(Table):
    """A table whose cells are text as it is: no markup, no emoji by name, nothing obeyed."""

    def row(self, *cells: str) -> None:
        """Add one row. Numbers are for the reader to align: pass them as text."""
        self.add_row(*(Text(plain_lines(cell)) for cell in cells))


def table(*columns: str, title: str | None = None) -> Grid:
    """An empty table."""
    made = Grid(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def moment(at: datetime | None) -> str:
    """A time for people, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if at is not None else ""
