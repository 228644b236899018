"""The real site without a browser: what it makes of the pages that stand there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import cast

import pytest

from bot.browser import Browser
from bot.errors import NotLoaded, SeatHalted
from bot.facts import Snapshot
from bot.pages.reader import Reader
from bot.site import LiveSite
from tests.fixtures.cases import all_cases

CASES = {each.name: each for each in all_cases("thread", "halt", "composer")}
CHECK = CASES["halt/challenge"].snapshot()
THREAD = CASES["thread/own-words"].snapshot()


class Standing:
    """A browser in which a page stands, whatever is opened or clicked."""

    base_url = "https://www.linkedin.com"

    def __init__(self, page: Snapshot, refused: int | None = None) -> None:
        self.last, self.refused = page, refused

    def open(self, _path: str) -> int | None:
        return self.last.status

    def snapshot(self, _ready: Sequence[str] = (), **_how: object) -> Snapshot:
        return self.last

    def fill(self, _css: str, _text: str, **_what: object) -> None:
        """It takes everything."""

    def click_once(self, _css: str) -> None:
        """And says nothing."""

    def forget_heard(self) -> None:
        """Nothing was heard."""


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the watch is a second later."""
    ticks = count()
    monkeypatch.setattr("bot.site.stopwatch", lambda: float(next(ticks)))


def site_of(page: Snapshot, refused: int | None = None) -> LiveSite:
    standing = cast("Browser", Standing(page, refused))
    return LiveSite(lambda: standing, Reader.shipped())


def test_a_thread_that_stands_in_anothers_place_is_not_read() -> None:
    """K8, T3: the inbox opens its newest thread by itself; that is not the one asked for."""
    its_own = Reader.shipped().thread(THREAD).id
    assert its_own is not None
    assert site_of(THREAD).open_thread(its_own).facts.id == its_own
    with pytest.raises(NotLoaded, match="another thread"):
        site_of(THREAD).open_thread("2-another==")


@pytest.mark.parametrize("refused", [None, 429, 999])
def test_a_halt_after_the_click_is_one(refused: int | None) -> None:
    """L5: the site asks for a person, by its page or by what it answers to the click."""
    page = CHECK if refused is None else CASES["composer/sending"].snapshot()
    site = site_of(page, refused)
    site.click_send()
    with pytest.raises(SeatHalted):
        site.read_sent("Hello")


def test_a_halt_while_a_message_is_typed_is_one() -> None:
    """L5: nothing is clicked any more."""
    with pytest.raises(SeatHalted):
        site_of(CHECK).type_message("Hello")


def test_a_page_that_says_nothing_of_the_send_is_kept() -> None:
    """T3: why nobody knows how it ended can be shown."""
    page = Snapshot("<html><body><header>Sales Navigator</header><p>Hm.</p></body></html>")
    site = site_of(page)
    site.click_send()
    seen = site.read_sent("Hello")
    assert seen.page is page
    assert seen.facts.mine == ()


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<html aria-hidden='true'><body><p>Hm.</p></body></html>",
        f"<html><body>{'<div>' * 12_000}</body></html>",
        f"<html><body>{'x' * 5_000_001}</body></html>",
        CASES["halt/missing"].html,
    ],
)
def test_no_page_after_the_click_is_an_error(html: str) -> None:
    """T3: a click may have sent: whatever stands there then, its end is in doubt, no more."""
    site = site_of(Snapshot(html, "https://www.linkedin.com/sales/home"))
    site.click_send()
    assert site.read_sent("Hello").facts.became_thread is False
