"""An error in words that name nobody: where it was raised and of what type, with its causes.

What a library's error says may quote the page that it failed on; only what the program itself
says of one of its own errors is told.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from types import TracebackType

from bot.errors import LeadwrightError


def told(error: BaseException) -> str:
    """The error and what it came of, in the order in which it happened."""
    return "\n".join(reversed([_one(each) for each in _chain(error)]))


def without_words(
    _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
) -> None:
    """As sys.excepthook: a crash that nobody foresaw."""
    said = "a fault of the program; what the error says is left out, it may name people"
    sys.stderr.write(f"{told(error)}\n{said}\n")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        before = None if error.__suppress_context__ else error.__context__
        error = error.__cause__ or before


def _one(error: BaseException) -> str:
    said = f": {error}" if isinstance(error, LeadwrightError) else ""
    return "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__ + said
