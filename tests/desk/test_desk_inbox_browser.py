"""An answer worked in a real browser: from the inbox to the reply that the practice site got."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from desk.browsing import OpenDesk
from desk.homes import Worked, empty
from playwright.sync_api import expect
from simulation.rig import Rig, scenario

from bot.config import load
from bot.practice.people import What
from bot.practice.records import SendKind
from bot.seat import load_seat

pytestmark = pytest.mark.browser

TEXT = "Thank you, Ada!\nHow about Tuesday at ten?"
ADA = "ACwAAAda"


def _answered(folder: Path) -> tuple[Worked, Rig]:
    """A home to whose seat Ada has answered, and the site that it is worked on."""
    home = empty(folder)
    seat = load_seat(load(folder), "alice")
    seat.paths.folder.mkdir(exist_ok=True)
    rig = Rig(
        scenario("Ada credit own-words 0.05\nBen credit"),
        campaigns=seat.campaigns,
        policy=seat.policy,
        path=seat.paths.state,
    )
    rig.run(days=2.2)
    return replace(home, now=rig.clock.now()), rig


def test_an_answer_is_worked_from_the_inbox_to_the_reply(
    tmp_path: Path,
    open_desk: OpenDesk,
) -> None:
    """The owner reads, writes and sends; the site gets it once, and the page shows it there."""
    home, rig = _answered(tmp_path)
    visit = open_desk(home)
    page = visit.page
    page.get_by_role("link", name="1 answer open").click()
    page.get_by_role("link", name="Ada Invented").click()
    expect(page.get_by_text("Wrote in their own words (A5)")).to_be_visible()
    page.get_by_label("Your reply").fill(TEXT)
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_text("waits to be sent")).to_be_visible()
    expect(page.get_by_text("reply, not sent yet")).to_be_visible()
    expect(page.get_by_label("Your reply")).to_have_count(0)
    assert rig.sent("Ada", SendKind.MESSAGE) == []
    visit.go("/inbox")
    expect(page.get_by_text("All answers are worked")).to_be_visible()
    rig.run(days=0.2)
    assert [sent.body for sent in rig.sent("Ada", SendKind.MESSAGE)] == [TEXT]
    page.get_by_role("link", name="Done 1").click()
    page.get_by_role("link", name="Ada Invented").click()
    expect(page.locator(".talk > li.mine").last).to_contain_text("reply")
    expect(page.get_by_label("Your reply")).to_have_value("")
    assert visit.wrong == []
    rig.store.close()


def test_what_is_being_written_stays_when_the_thread_changes(
    tmp_path: Path,
    open_desk: OpenDesk,
) -> None:
    """Ada writes again meanwhile: the page shows it by itself, and the half-written reply stays."""
    home, rig = _answered(tmp_path)
    page = open_desk(home).go(f"/inbox/alice/{ADA}")
    page.get_by_label("Your reply").fill("Half a rep")
    seen = page.locator("input[name=seen]").first
    before = seen.input_value()
    rig.world.answer(ADA, What.OWN_WORDS)
    rig.run(days=0.2)
    answer = rig.enrolment("Ada").answer
    assert answer is not None
    assert answer.heard == 2
    page.evaluate("document.body.dispatchEvent(new Event('refresh'))")
    expect(seen).not_to_have_value(before)
    expect(page.locator(".talk > li.theirs")).to_contain_text(answer.words)
    expect(page.get_by_label("Your reply")).to_have_value("Half a rep")
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_text("waits to be sent")).to_be_visible()
    rig.store.close()
