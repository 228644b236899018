"""How the site's module fills a page of a search: all of it, or none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from bot.browser import Browser
from bot.errors import NotLoaded
from bot.facts import Snapshot
from bot.pages.reader import Reader
from bot.site import LiveSite

FIXTURES = Path(__file__).parents[2] / "fixtures" / "results"
SEARCH = "/sales/search/people?savedSearchId=1"


class Saved:
    """A browser that shows saved pages: one for each time that an address is opened."""

    base_url = "http://127.0.0.1:9"
    refused = None

    def __init__(self, *cases: str) -> None:
        self._pages = [FIXTURES.joinpath(case, "page.html").read_text("utf-8") for case in cases]
        self.opened: list[str] = []

    def open(self, path: str) -> None:
        self.opened.append(path)

    def snapshot(self, ready: Sequence[str] = (), **_: object) -> Snapshot:
        return Snapshot(self._pages[len(self.opened) - 1], url=self.opened[-1])

    def scroll_to(self, spellings: Sequence[str], number: int) -> None: ...

    def scroll_through(self, spellings: Sequence[str]) -> None: ...


def site(browser: Saved) -> LiveSite:
    return LiveSite(lambda: cast("Browser", browser), Reader.shipped())


def test_a_page_that_stays_unfilled_is_loaded_once_more() -> None:
    """The second load has them all: these are the page's people."""
    browser = Saved("search", "filled")
    seen = site(browser).read_results(SEARCH, 3)
    assert browser.opened == [f"http://127.0.0.1:9{SEARCH}&page=3"] * 2
    assert (seen.facts.unfilled, len(seen.facts.leads)) == (0, 25)


def test_a_page_that_never_fills_is_not_loaded() -> None:
    """Two loads, then an error that tells how many are missing: never a shorter list."""
    browser = Saved("search", "search")
    with pytest.raises(NotLoaded, match=r"\d+ cards stay empty"):
        site(browser).read_results(SEARCH, 3)
    assert len(browser.opened) == 2
