"""Takes the README's pictures: `make pictures`. The practice site and the desk, in a browser."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bot.browser import Browser
from bot.browser_finder import find
from bot.clock import SimulatedClock
from bot.config import DeskSettings
from bot.demo import SCENARIO
from bot.desk.serve import Beside, prepare
from bot.model import Lead
from bot.pages.reader import Reader
from bot.practice import server
from bot.practice.people import PersonKind
from bot.site import LiveSite

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "pictures"
PICTURED = ("today", "campaigns", "campaign", "wizard", "leads", "inbox", "credits", "ahead")


def take(folder: Path = FOLDER) -> list[Path]:
    """Take all of them; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    return [*_practice_site(folder), *_desk(folder)]


def _practice_site(folder: Path) -> list[Path]:
    """A lead with the open composer, and the thread after the send."""
    with server.start(SCENARIO) as site, tempfile.TemporaryDirectory() as profile:
        clock = SimulatedClock(site.ask(lambda world: world.now))
        people = site.ask(lambda world: world.scenario.people)
        person = next(each for each in people if each.kind is PersonKind.CREDIT)
        with Browser(Path(profile), find(), site.url, now=clock.now, simulated=True) as browser:
            live = LiveSite(lambda: browser, Reader.shipped())
            live.open_lead(Lead(person.id, person.name))
            live.open_composer()
            live.type_inmail("A question", f"Hello {person.first_name},\nmay I ask one question?")
            composer = folder / "composer.png"
            browser.page.screenshot(path=composer)
            live.click_send()
            live.read_sent(f"Hello {person.first_name},\nmay I ask one question?")
            browser.open("/sales/inbox/")
            live.read_inbox(lambda _id, _mark: True)
            inbox = folder / "inbox.png"
            browser.page.screenshot(path=inbox)
    return [composer, inbox]


def _desk(folder: Path) -> Iterator[Path]:
    """Every screen in both colours, and the first one on a phone: a seat of the tests' own."""
    homes, screens = _of_tests("homes"), _of_tests("screens")
    with tempfile.TemporaryDirectory() as place, sync_playwright() as driver:
        home = homes.worked(Path(place), calm=True)
        desk = Beside(prepare(home.home, DeskSettings(), 0, home.clock))
        chromium = driver.chromium.launch(
            executable_path=find(), chromium_sandbox=os.geteuid() != 0
        )
        with home.asleep(), desk:
            page = chromium.new_page(viewport=screens.SIZES["wide"], reduced_motion="reduce")
            page.goto(desk.link)
            for name in (
                "today",
                "campaigns",
                "campaign",
                "wizard",
                "leads",
                "inbox",
                "credits",
                "ahead",
            ):
                page.goto(desk.link.partition("/?")[0] + screens.SCREENS[name])
                for theme in screens.THEMES:
                    page.emulate_media(color_scheme=theme)
                    yield _shot(page, folder / f"desk-{name}-{theme}.png")
            page.goto(desk.link.partition("/?")[0] + screens.SCREENS["inbox"])
            page.locator(".answers .name").first.click()
            page.get_by_label("Your reply").wait_for()
            yield _shot(page, folder / "desk-answer-dark.png")
            page.goto(desk.link.partition("/?")[0])
            page.set_viewport_size(screens.SIZES["phone"])
            yield _shot(page, folder / "desk-today-phone.png")
            chromium.close()


def _of_tests(name: str) -> Any:
    """A module of tests/desk."""
    if str(ROOT / "tests") not in sys.path:
        sys.path.insert(0, str(ROOT / "tests"))
    return importlib.import_module(f"desk.{name}")


def _shot(page: Page, path: Path) -> Path:
    page.screenshot(path=path)
    return path


if __name__ == "__main__":
    for path in take(*map(Path, sys.argv[1:2])):
        print(path)
