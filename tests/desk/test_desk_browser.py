"""The desk in a real browser: every screen, both colours, both widths, and the keyboard alone."""

from __future__ import annotations

import pytest
from desk.browsing import OpenDesk, violations
from desk.homes import Worked
from desk.screens import SCREENS, SIZES, THEMES
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_is_for_everybody(month: Worked, open_desk: OpenDesk, screen: str) -> None:
    """In both colours and both widths axe-core finds nothing, and nothing is cut off at the side.

    No script of a stranger runs there, and none is even tried.
    """
    visit = open_desk(month)
    page = visit.go(SCREENS[screen])
    for theme, ground in THEMES.items():
        page.emulate_media(color_scheme=theme)
        expect(page.locator("body")).to_have_css("background-color", ground)
        for size in SIZES.values():
            page.set_viewport_size(size)
            assert violations(page) == [], (theme, size)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], (theme, size)
    assert visit.wrong == []


def test_a_kept_page_is_seen_and_nothing_in_it_runs(month: Worked, open_desk: OpenDesk) -> None:
    """Its links lead neither out of the machine nor to another page of the desk."""
    visit = open_desk(month)
    visit.page.get_by_role("link", name="the page it last saw").click()
    frame = visit.page.frame_locator("iframe")
    for link in ("out", "in"):
        expect(frame.get_by_role("link", name=link)).to_be_visible()
    assert visit.wrong == []
    frame.get_by_role("link", name="out").click()
    expect(visit.page.get_by_role("heading", name="The page it last saw")).to_be_visible()
    assert not [each.url for each in visit.page.frames if "evil.example" in each.url]
    assert len(visit.page.context.pages) == 1


def test_a_halted_seat_is_resumed_and_paused_by_keyboard_alone(
    home: Worked, open_desk: OpenDesk
) -> None:
    """L5: from the skip link on; the answer is told, the focus stays where it was."""
    home.halt()
    visit = open_desk(home)
    page = visit.page
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Resume alice")
    for _ in range(5):
        page.keyboard.press("Tab")
        if button.evaluate("it => it === document.activeElement"):
            break
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    status = page.get_by_role("status")
    expect(status).to_contain_text("the seat goes on")
    pause = page.get_by_role("button", name="Pause alice")
    expect(pause).to_be_focused()
    page.keyboard.press("Space")
    expect(status).to_contain_text("the seat is paused")
    expect(page.get_by_role("button", name="Resume alice")).to_be_focused()
    assert visit.wrong == []


def test_what_happens_is_seen_without_a_reload(home: Worked, open_desk: OpenDesk) -> None:
    """The screen follows the seat by itself, and leaves the focus where it is."""
    visit = open_desk(home)
    page = visit.page
    page.clock.install()
    page.reload()
    page.evaluate("document.body.dataset.first = 'yes'")
    link = page.get_by_role("link", name="Credits")
    link.focus()
    with home.asleep():
        page.clock.fast_forward("00:06")
        expect(page.get_by_text("Sleeping until")).to_be_visible(timeout=15_000)
    expect(link).to_be_focused()
    assert page.evaluate("document.body.dataset.first") == "yes"
    assert visit.wrong == []


def test_a_desk_that_was_closed_is_told(home: Worked, open_desk: OpenDesk) -> None:
    """What is shown then is not of now, and the page says so."""
    visit = open_desk(home)
    visit.page.wait_for_function("window.htmx !== undefined")
    visit.place.server.should_exit = True
    alert = visit.page.get_by_role("alert")
    visit.page.evaluate("htmx.trigger(document.body, 'refresh')")
    expect(alert).to_contain_text("does not answer", timeout=15_000)


def test_the_switch_of_colours_works_without_scripts(month: Worked, open_desk: OpenDesk) -> None:
    """It wins over the machine's, and stays on the next screen."""
    visit = open_desk(month)
    visit.go("/credits/alice?page=2")
    visit.page.get_by_role("button", name="Dark").click()
    assert visit.page.url.endswith("/credits/alice?page=2")
    expect(visit.page.locator("body")).to_have_css("background-color", THEMES["dark"])
    visit.page.get_by_role("link", name="Today").click()
    expect(visit.page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert visit.wrong == []


def test_a_campaign_is_paused_by_a_click(home: Worked, open_desk: OpenDesk) -> None:
    """S7: found from the table, paused on its page, and seen there at once."""
    visit = open_desk(home)
    visit.page.get_by_role("link", name="Campaigns").click()
    visit.page.get_by_role("link", name="founders").click()
    visit.page.get_by_role("button", name="Pause campaign").click()
    expect(visit.page.get_by_role("status")).to_contain_text("founders is paused")
    expect(visit.page.get_by_role("button", name="Resume campaign")).to_be_visible()
    assert visit.wrong == []


def test_the_ledger_is_downloaded(month: Worked, open_desk: OpenDesk) -> None:
    """C10: as a file, under the seat's name."""
    visit = open_desk(month)
    visit.go("/credits/alice")
    with visit.page.expect_download() as kept:
        visit.page.get_by_role("link", name="CSV").click()
    assert kept.value.suggested_filename == "alice-ledger.csv"
    assert visit.wrong == []


def test_a_browser_without_the_cookie_is_told_how_to_get_in(
    month: Worked, open_desk: OpenDesk, browser: Browser
) -> None:
    """The page of the closed door is for everybody as well, and that of what is not there."""
    visit = open_desk(month)
    assert violations(visit.go("/no/such/screen")) == []
    context = browser.new_context(viewport=SIZES["phone"])
    try:
        page = context.new_page()
        page.goto(visit.base)
        expect(page.get_by_role("heading")).to_have_text("This browser is not known here")
        assert violations(page) == []
    finally:
        context.close()
