"""The texts that wait: seen, counted, edited, released, and nothing sent without that (S8)."""

from __future__ import annotations

import pytest
from desk.browsing import OpenDesk, violations
from desk.homes import Worked
from desk.screens import SIZES, THEMES
from desk.visitor import guest, post
from playwright.sync_api import expect
from selectolax.lexbor import LexborHTMLParser

from bot.approved import Approved
from bot.rules.approval import DECLINED

HOSTILE = "</textarea><script>alert('text')</script>"


@pytest.fixture
def asking(home: Worked) -> Worked:
    """A home whose campaign asks for its owner's release."""
    home.edit("audience =", 'approve = "each"\naudience =')
    return home


def first(home: Worked) -> tuple[str, str]:
    """The lead whose text stands first, and its card's name."""
    page = LexborHTMLParser(guest(home).get("/approve").text)
    card, lead = page.css_first("article"), page.css_first("article input[name=lead]")
    assert card is not None
    assert lead is not None
    return lead.attributes["value"] or "", card.attributes["id"] or ""


def released(home: Worked, lead: str) -> tuple[Approved, ...]:
    """What the books hold of a lead's released texts."""
    with home.store() as store:
        (enrolment,) = store.enrolments_of(lead)
        return enrolment.approved


def test_a_text_is_edited_counted_and_released(asking: Worked, open_desk: OpenDesk) -> None:
    """S8, S6: what stands in the form is what the books hold; the focus stays at its place."""
    lead, card = first(asking)
    visit = open_desk(asking)
    page = visit.page
    page.get_by_role("link", name="Look at them").click()
    text = page.locator(f"#{card}").get_by_label("Text")
    count = page.locator(f"#{card}-body-count")
    text.fill("a\U0001f642" * 634)
    expect(count).to_contain_text("1902 of 1900 characters")
    page.locator(f"#{card}").get_by_role("button", name="Release").click()
    expect(page.locator(f"#{card}-said")).to_contain_text("S1")
    assert released(asking, lead) == ()
    text.fill(f"Hello,\n\nmy own words. {HOSTILE}")
    page.locator(f"#{card}").get_by_role("button", name="Release").press("Enter")
    expect(page.locator(f"#{card}").get_by_role("status")).to_contain_text("released")
    expect(page.locator(f"#{card}").get_by_role("status")).to_be_focused()
    (kept,) = released(asking, lead)
    assert kept.body == f"Hello,\n\nmy own words. {HOSTILE}"
    page.reload()
    assert first(asking)[0] != lead
    assert visit.wrong == []


def test_a_text_is_declined_without_scripts(asking: Worked) -> None:
    """S8: as a browser without scripts sends the form; the whole page comes back."""
    lead, card = first(asking)
    fields = {"lead": lead, "campaign": "founders", "step": "0", "body": "x", "id": card}
    status, text = post(guest(asking), "/approve/alice", word="decline", **fields)
    assert (status, "gets nothing more" in text) == (200, True)
    with asking.store() as store:
        assert store.enrolments_of(lead)[0].skip == DECLINED


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"word": "release"},
        {"word": "x", "lead": "a", "step": "b"},
        *(
            {"word": "decline", "lead": "a", "campaign": "founders", "step": step}
            for step in ("-1", "7", "9" * 30, "0.0")
        ),
    ],
)
def test_a_form_that_is_not_this_pages_is_refused(asking: Worked, fields: dict[str, str]) -> None:
    """Nothing happens, and nothing breaks."""
    assert post(guest(asking), "/approve/alice", **fields)[0] == 400


def test_the_texts_that_wait_are_for_everybody(asking: Worked, open_desk: OpenDesk) -> None:
    """axe-core finds nothing in either colour, and nothing is cut off on a phone."""
    visit = open_desk(asking)
    page = visit.go("/approve")
    page.set_viewport_size(SIZES["phone"])
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        assert violations(page) == [], theme
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    assert visit.wrong == []
