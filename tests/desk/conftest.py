"""What the tests of the desk share: a home that was worked for a simulated month."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk.browsing import OpenDesk, Visit, listen
from desk.homes import Worked, worked
from desk.screens import SIZES
from playwright.sync_api import Browser, BrowserContext

from bot.config import DeskSettings
from bot.desk.serve import Beside, prepare


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Worked:
    """A worked home that is only looked at."""
    return worked(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def home(month: Worked, tmp_path: Path) -> Worked:
    """A worked home of the test's own."""
    return month.copied(tmp_path / "home")


@pytest.fixture
def open_desk(browser: Browser) -> Iterator[OpenDesk]:
    """Opens a desk on a home, by its link."""
    desks: list[Beside] = []
    contexts: list[BrowserContext] = []

    def visit(home: Worked) -> Visit:
        place = prepare(home.home, DeskSettings(), 0, home.clock)
        desks.append(Beside(place).__enter__())
        context = browser.new_context(
            viewport=SIZES["wide"], color_scheme="light", reduced_motion="reduce"
        )
        contexts.append(context)
        made = Visit(context.new_page(), place.link.partition("/?")[0], place)
        listen(made)
        made.page.goto(place.link)
        return made

    yield visit
    for context in contexts:
        context.close()
    for desk in desks:
        desk.__exit__(None, None, None)
