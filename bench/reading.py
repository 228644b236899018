"""A lead page of 200 kB: read by the parser, through the browser's locators, and by snapshot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, Route

from bench.timing import Goal, Report, in_turn
from bot.browser import Browser
from bot.browser_finder import find
from bot.facts import LeadFacts, Snapshot
from bot.pages.reader import Reader
from bot.shipped import folder

BYTES = 200_000
CASE = "lead/second-degree"
BASE = "https://www.linkedin.com"
LEAD = "/sales/lead/ACwAAB4HeWvN7FhlhV1sTlhWLb_PcUOco-lFc8,NAME_SEARCH,1eb7"
CARD = "#profile-card-section"
ROLE = '[data-sn-view-name="lead-current-role"]'
POST = (
    '<article class="_post_1a2b3c feed-shared-update-v2"><div class="_post-head_4d5e6f"><span>'
    'Shared in common</span><time datetime="2026-11-01T08:00:00Z">Nov 1</time></div><p>'
    "We moved the pumps by hand, and nobody noticed until the river did.</p>"
    "<ul><li><button>Like</button></li><li><button>Comment</button></li></ul></article>"
)
METHOD = (
    "{runs} runs each, in turn, on one page of {kilobytes} kB in a headless browser; the parser "
    "reads the HTML of a snapshot anew each time; eight fields are id, name, title, company, "
    "location, degree, the Message button and the overflow menu"
)


def measure(runs: int) -> Report:
    """Time the same eight fields by each way."""
    html, reader = page_of_200_kb(), Reader.shipped()
    with (
        TemporaryDirectory() as profile,
        Browser(Path(profile), find(), BASE, now=lambda: datetime.now(UTC)) as browser,
    ):
        browser.page.route("**/*", lambda route: _answer(route, html))
        browser.open(LEAD)
        seen = browser.snapshot([CARD])
        parsed = eight_fields(reader.lead(replace(seen)))
        shown = through_locators(browser.page)
        if parsed != shown:
            raise ValueError(f"two readings of one page differ: {parsed} and {shown}")
        series = in_turn(
            runs,
            ("the parser, 8 fields", lambda: reader.lead(replace(seen))),
            ("locators, the same 8 fields", lambda: through_locators(browser.page)),
            ("snapshot alone", lambda: browser.snapshot([CARD])),
            ("page.content() alone", browser.page.content),
            ("snapshot and parser", lambda: reader.lead(browser.snapshot([CARD]))),
        )
    parser, locators, _, _, both = series
    kilobytes = len(seen.html.encode()) // 1000
    return Report(
        "Reading a lead page",
        METHOD.format(runs=runs, kilobytes=kilobytes),
        series,
        (
            Goal("parse and read 8 fields in milliseconds", parser.median * 1000, 3.0),
            Goal("with the snapshot in milliseconds", both.median * 1000, 20.0),
            Goal("locators to snapshot and parser", locators.median / both.median),
        ),
    )


def page_of_200_kb() -> str:
    """The fixture's page with posts enough in it; each is visible, as on the real one."""
    html = (folder("fixtures") / CASE / "page.html").read_text(encoding="utf-8")
    posts = POST * ((BYTES - len(html.encode())) // len(POST))
    return html.replace("</main>", f"{posts}</main>", 1)


def eight_fields(facts: LeadFacts) -> tuple[object, ...]:
    """What is compared of a record."""
    return (
        facts.id,
        facts.name,
        facts.title,
        facts.company,
        facts.location,
        facts.degree,
        facts.can_message,
        facts.has_menu,
    )


def through_locators(page: Page) -> tuple[object, ...]:
    """The same fields as a script without a parser reads them."""
    card, role = page.locator(CARD), page.locator(ROLE)
    degree = card.locator('[class*="name-sublabel"]').inner_text()
    button = page.locator("button[data-anchor-send-inmail]").filter(visible=True)
    menu = page.locator("button[data-x--lead-actions-bar-overflow-menu]").filter(visible=True)
    return (
        page.url.split("/sales/lead/")[1].split(",")[0],
        card.locator("h1[data-x--lead--name]").inner_text().strip(),
        role.locator('[data-anonymize="job-title"]').inner_text().strip(),
        role.locator('[data-anonymize="company-name"]').inner_text().strip(),
        card.locator('[data-anonymize="location"]').inner_text().strip(),
        next(int(each) for each in degree if each in "123"),
        button.count() == 1,
        menu.count() == 1,
    )


def as_snapshot() -> Snapshot:
    """The page as it is saved: what can be read of it without a browser."""
    return Snapshot(page_of_200_kb(), BASE + LEAD)


def _answer(route: Route, html: str) -> None:
    """The page from memory, and nothing else: no request leaves the machine."""
    if route.request.resource_type == "document":
        route.fulfill(body=html, content_type="text/html; charset=utf-8")
    else:
        route.abort()
