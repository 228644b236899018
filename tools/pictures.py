"""Takes the README's pictures: `make pictures`. The practice site's pages, in a real browser."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bot.browser import Browser
from bot.browser_finder import find
from bot.clock import SimulatedClock
from bot.demo import SCENARIO
from bot.model import Lead
from bot.pages.reader import Reader
from bot.practice import server
from bot.practice.people import PersonKind
from bot.site import LiveSite

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"


def take(folder: Path = FOLDER) -> list[Path]:
    """A lead with the open composer, and the thread after the send; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
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


if __name__ == "__main__":
    for path in take(*map(Path, sys.argv[1:2])):
        print(path)
