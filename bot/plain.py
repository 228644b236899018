"""Text that others wrote, as what it is: nothing in it is obeyed, and nothing turns the rest.

A name, an answer or a cell may hold escape sequences, line breaks or marks that turn the direction
of writing. A person sees them as what they are.
"""

from __future__ import annotations

import re

FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
_JOINERS = "\u200c\u200d"  # scripts and emoji need them, and they move nothing


def plain(text: str) -> str:
    r"""*text* on one line: an escape sign becomes `\x1b`, a line break a space."""
    return "".join(map(_shown, text))


def plain_lines(text: str) -> str:
    """*text* with its line breaks, and nothing else that a terminal would obey."""
    return "\n".join(map(plain, text.splitlines()))


def _shown(sign: str) -> str:
    if sign.isprintable() or sign in _JOINERS:
        return sign
    return " " if sign.isspace() else sign.encode("unicode_escape").decode()


def defuse(cell: str) -> str:
    """A cell that a spreadsheet will not take for a formula."""
    return f"'{cell}" if FORMULA.match(cell) else cell
