"""The log's door: silent, and light, until somebody says where its lines go (bot.loglines).

What a line may hold, and what never gets into one, is said there. A command that only looks logs
nothing, and need not wait for what writes logs.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

FILE = "leadwright.log"

_open: list[Callable[[str], Any]] = []  # what gives the log of an area, once it is configured


class Log:
    """The log of one part of the program: one line for each call, with its facts."""

    def __init__(self, area: str) -> None:
        self._area = area

    def debug(self, event: str, **facts: object) -> None:
        self._say("debug", event, facts)

    def info(self, event: str, **facts: object) -> None:
        self._say("info", event, facts)

    def warning(self, event: str, **facts: object) -> None:
        self._say("warning", event, facts)

    def error(self, event: str, **facts: object) -> None:
        self._say("error", event, facts)

    def _say(self, level: str, event: str, facts: dict[str, object]) -> None:
        for of_area in _open:
            getattr(of_area(self._area), level)(event, **facts)


def get(area: str) -> Log:
    """The log of one part of the program, e.g. "agent"; silent until configure()."""
    return Log(area)


def configure(
    folder: Path | None,
    *,
    now: Callable[[], datetime],
    terminal: bool,
    level: str = "INFO",
    file: str = FILE,
    stream: TextIO | None = None,
) -> None:
    """Say where lines go; calling again replaces what was. See loglines.configure()."""
    lines = importlib.import_module("bot.loglines")
    lines.configure(folder, now=now, terminal=terminal, level=level, file=file, stream=stream)
    _open[:] = [lines.get]
