"""Text on its way to a terminal: what others wrote is shown, and never obeyed.

A name, an answer or a cell may hold escape sequences, line breaks or marks that turn the direction
of writing. A person sees them as what they are; `--json` has the text itself.
"""

from __future__ import annotations

import io
import sys
from typing import TextIO

_JOINERS = "\u200c\u200d"  # scripts and emoji need them, and they move nothing


def plain(text: str) -> str:
    r"""*text* on one line: an escape sign becomes `\x1b`, a line break a space."""
    return "".join(map(_shown, text))


def plain_lines(text: str) -> str:
    """*text* with its line breaks, and nothing else that a terminal would obey."""
    return "\n".join(map(plain, text.splitlines()))


def say(text: str, to: TextIO | None = None) -> None:
    """Print *text*, which may quote others, to stdout or to another stream."""
    print(plain_lines(text), file=sys.stdout if to is None else to)


def take_every_letter() -> None:
    r"""Let a stream that cannot write a letter (an ASCII terminal) show its number: `\u2026`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _shown(sign: str) -> str:
    if sign.isprintable() or sign in _JOINERS:
        return sign
    return " " if sign.isspace() else sign.encode("unicode_escape").decode()
