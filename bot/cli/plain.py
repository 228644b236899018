"""Text on its way to a terminal: what others wrote is shown, and never obeyed.

`--json` has the text itself.
"""

from __future__ import annotations

import io
import sys
from typing import TextIO

from bot.plain import plain, plain_lines

__all__ = ["plain", "plain_lines", "say", "take_every_letter"]


def say(text: str, to: TextIO | None = None) -> None:
    """Print *text*, which may quote others, to stdout or to another stream."""
    print(plain_lines(text), file=sys.stdout if to is None else to)


def take_every_letter() -> None:
    r"""Let a stream that cannot write a letter (an ASCII terminal) show its number: `\u2026`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
