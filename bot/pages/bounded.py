"""A page is parsed with no more memory than a page may take."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from bot.errors import WrongPage

# Text that goes on after a tag which means nothing there is copied, as long as it is, for each of
# them: 400 kB of such a page took 480 MB, 1.6 MB of it more than six GB (measured 2026-11). Tags
# times length tells what cannot become much: this is at most some 60 MB.
HARMLESS = 1_000_000_000
MOST_BYTES = 250_000_000  # 5 MB of any other page took a hundred

_STATM = Path("/proc/self/statm")
_one_at_a_time = Lock()


def tree_of(html: str) -> LexborHTMLParser:
    """The parsed page. Raises WrongPage for one that takes too much memory.

    Only where the kernel tells how much this process has (Linux); elsewhere nothing is bounded.
    """
    if html.count("<") * len(html) <= HARMLESS:
        return LexborHTMLParser(html)
    try:
        with _no_more_than(MOST_BYTES):
            return LexborHTMLParser(html)
    except (SelectolaxError, MemoryError):
        raise WrongPage("page", "html", "it takes more memory than any page does") from None


@contextmanager
def _no_more_than(more: int) -> Iterator[None]:
    """Let this process take no more than so many bytes beside what it has."""
    with _one_at_a_time:
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        try:
            pages = int(_STATM.read_text(encoding="ascii").split()[0])
        except OSError:
            yield
            return
        most = pages * resource.getpagesize() + more
        if soft != resource.RLIM_INFINITY:
            most = min(most, soft)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
