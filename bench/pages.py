"""How long each reader takes for its page: a fixture, parsed and read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from bench.timing import Report, timed
from bot.facts import Snapshot
from bot.pages.reader import Reader
from bot.pages.source import snapshot_of
from bot.shipped import folder

CASES = {
    "lead": "second-degree",
    "composer": "credit",
    "results": "search",
    "inbox": "twenty",
    "thread": "default-acceptance",
    "balance": "header",
    "halt": "none-lead",
}
METHOD = "{runs} runs of each reader on one fixture of its kind, parsed anew each time"


def measure(runs: int) -> Report:
    """Time every reader."""
    reader = Reader.shipped()
    readers: dict[str, Callable[[Snapshot], object]] = {
        "lead": reader.lead,
        "composer": reader.composer,
        "results": reader.results,
        "inbox": reader.inbox,
        "thread": reader.thread,
        "balance": reader.balance,
        "halt": reader.halt,
    }
    series = tuple(
        timed(kind, runs, partial(_read_anew, read, _page(reader, kind)))
        for kind, read in readers.items()
    )
    return Report("Reading a page", METHOD.format(runs=runs), series)


def _read_anew(read: Callable[[Snapshot], object], page: Snapshot) -> None:
    """Read a copy: a snapshot that was parsed already would not be parsed again."""
    read(replace(page))


def _page(reader: Reader, kind: str) -> Snapshot:
    path = folder("fixtures") / kind / CASES[kind] / "page.html"
    return snapshot_of(path.read_text(encoding="utf-8"), kind, None, None, reader.selectors)
