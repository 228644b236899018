"""What is mutated: the saved pages, with what they say and what they do not say."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache

from bot.facts import Heard, Snapshot
from tests.fixtures.cases import all_cases

# The readers that decide something get most of the pages.
OFTEN = {"composer": 6, "thread": 6, "lead": 2, "inbox": 2, "results": 2, "balance": 1, "halt": 1}


@dataclass(frozen=True, slots=True)
class Page:
    """A page on its way to a reader.

    says    "free" or "accepted" if the case it came from says so
    never   the mutator took that away, or put the words where they do not count: whatever the page
            is now, it does not say so
    raw     the bytes of a file, if it is to be read as one
    """

    case: str
    kind: str
    html: str
    url: str | None
    status: int | None
    owner: str | None
    heard: tuple[Heard, ...] = ()
    says: str | None = None
    never: bool = False
    raw: bytes | None = None
    done: tuple[str, ...] = ()

    @property
    def snapshot(self) -> Snapshot:
        """As a browser would have handed it over."""
        return Snapshot(self.html, self.url, self.status, None, self.heard)

    def with_html(self, html: str) -> Page:
        """The same page with other markup."""
        return replace(self, html=html)


@cache
def pages() -> tuple[Page, ...]:
    """All cases of fixtures/, each as often as its reader is worth."""
    found: list[Page] = []
    for one in all_cases():
        snapshot = one.snapshot()
        page = Page(
            case=one.name,
            kind=one.page,
            html=snapshot.html,
            url=snapshot.url,
            status=snapshot.status,
            owner=one.owner,
            heard=snapshot.heard,
            says=_says(one.path.joinpath("expected.json")),
        )
        found += [page] * OFTEN[one.page]
    return tuple(found)


@cache
def pages_of(kind: str) -> tuple[Page, ...]:
    """The cases of one kind, each once."""
    return tuple(dict.fromkeys(page for page in pages() if page.kind == kind))


def _says(expected: object) -> str | None:
    try:
        told = json.loads(expected.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    except FileNotFoundError:
        return None
    if told.get("kind") == "free":
        return "free"
    return "accepted" if told.get("answer") == "accepted" else None
