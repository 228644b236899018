"""Leads on the desk: found, filtered, sorted; one lead's days, and the word on them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace

from desk.browsing import OpenDesk, violations
from desk.homes import FIXTURES, SITE, Worked
from desk.screens import SIZES, THEMES
from desk.visitor import guest, post
from playwright.sync_api import expect
from selectolax.lexbor import LexborHTMLParser

from bot.decided import Decision
from bot.facts import Kind, Snapshot
from bot.model import AttemptState, Changes, Enrolment, Reason
from bot.rules.sequence import state_of
from bot.store.evidence import Evidence


def rows(html: str) -> list[list[str]]:
    """The table, cell by cell."""
    table = LexborHTMLParser(html).css("#found tbody tr")
    return [[" ".join(cell.text().split()) for cell in row.css("th, td")] for row in table]


def some(home: Worked, state: str) -> Enrolment:
    """A lead in that state."""
    with home.store() as store:
        return next(each for each in store.enrolments() if state_of(each) == state)


def change(home: Worked, enrolment: Enrolment) -> None:
    with home.store() as store:
        store.commit(Changes(enrolments=(enrolment,)))


def test_a_lead_is_found_while_its_name_is_typed(month: Worked, open_desk: OpenDesk) -> None:
    """Without a reload; the address holds what was asked for, and the focus stays."""
    with month.store() as store:
        names = Counter(each.name for each in store.leads() if len(each.name.split()) == 2)
    name = next(
        each for each, count in names.items() if count == 1 and each.replace(" ", "").isalpha()
    )
    first, last = name.split()
    visit = open_desk(month)
    page = visit.go("/leads/alice")
    field = page.get_by_label("Name, company or id")
    field.press_sequentially(f"{last.upper()} {first.lower()}", delay=10)
    expect(page.locator("#found tbody tr")).to_have_count(1)
    expect(page.get_by_role("link", name=name)).to_be_visible()
    expect(field).to_be_focused()
    assert f"q={last.upper()}" in page.url
    field.fill("")
    page.get_by_label("State").select_option("responded")
    expect(page.locator("#found tbody tr").first).to_contain_text("responded")
    with month.store() as store:
        count = sum(state_of(each) == "responded" for each in store.enrolments())
    expect(page.locator("#found").get_by_role("status")).to_have_text(f"{count} leads")
    assert visit.wrong == []


def test_what_is_asked_for_is_listed_without_scripts(month: Worked) -> None:
    """Filter, order and page stand in the address; whatever else stands there does no harm."""
    client = guest(month)
    names = [row[0] for row in rows(client.get("/leads/alice?sort=name").text)]
    assert len(names) == 50
    second = rows(client.get("/leads/alice?sort=name&page=2").text)
    assert names[-1].casefold() <= second[0][0].casefold()
    last = client.get("/leads/alice?page=9999&sort=x&state=x&kind=x&q=").text
    assert 0 < len(rows(last)) <= 50
    assert "Nobody is found by that" in client.get("/leads/alice?q=nobody+at+all").text
    why = [row[-1] for row in rows(client.get("/leads/alice?state=skipped").text)]
    assert all("(K1)" in each for each in why)
    assert why


def test_the_download_is_the_list_with_formulas_defused(month: Worked) -> None:
    """All pages of it, and nothing that a spreadsheet would run."""
    text = guest(month).get("/leads/alice/leads.csv?sort=name").text.removeprefix("\ufeff")
    head, *body = csv.reader(io.StringIO(text))
    with month.store() as store:
        assert len(body) == len(list(store.enrolments()))
    assert head[0] == "name"
    assert not [cell for row in body for cell in row if cell[:1] in "=+-@\t\r" and cell]
    assert any("=HYPERLINK" in row[0] for row in body)


def test_a_leads_days_are_told_with_the_page_behind_each(home: Worked, open_desk: OpenDesk) -> None:
    """What was sent and answered, what it cost, and the page that was decided on."""
    enrolment = some(home, "responded")
    html = (FIXTURES / "lead" / "bare" / "page.html").read_text(encoding="utf-8")
    key = "look@1/2?x"
    why = "may be <b>written</b> to"
    decision = Decision(key, home.now, "look", "done", why, "K2", enrolment.lead_id)
    Evidence(home.seat / "evidence").keep(decision, Snapshot(html, f"{SITE}/x", 200, home.now))
    visit = open_desk(home)
    page = visit.go(f"/leads/alice/{enrolment.lead_id}")
    days = page.get_by_role("listitem").filter(has=page.get_by_role("time"))
    expect(days.first).to_contain_text("Look: done, may be <b>written</b> to (K2)")
    expect(page.get_by_text("InMail: sent (")).to_be_visible()
    expect(page.get_by_text("Answered: ")).to_be_visible()
    page.get_by_text("The text").last.click()
    expect(page.get_by_text("caught my eye").last).to_be_visible()
    page.set_viewport_size(SIZES["phone"])
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        assert violations(page) == [], theme
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    page.get_by_role("link", name="the page", exact=True).first.click()
    expect(page.get_by_role("heading", name="The page behind it")).to_be_visible()
    expect(page.get_by_text(key)).to_be_visible()
    page.get_by_role("link", name="the lead").click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    assert visit.wrong == []


def test_a_held_lead_is_released_from_its_page(home: Worked) -> None:
    """K3: the button is there while it is held, and the lead goes on after it."""
    queued = some(home, "queued")
    change(home, replace(queued, hold=Reason("K3", "the page did not say")))
    path = f"/leads/alice/{queued.lead_id}"
    assert "Held until you have looked" in guest(home).get(path).text
    assert "is released" in post(guest(home), f"{path}/release")[1]
    with home.store() as store:
        kept = store.enrolment(queued.key)
    assert kept is not None
    assert kept.hold is None


def test_an_uncertain_send_is_settled_from_its_page(home: Worked) -> None:
    """T3: as its owner says."""
    with home.store() as store:
        sent = (each for each in store.enrolments() if each.kind is Kind.FREE and each.inmail)
        waiting = next(sent)
        attempt, *_ = store.attempts_of(waiting.key)
        doubt = replace(
            attempt, state=AttemptState.UNCERTAIN, kind=Kind.FREE, ended_at=None, with_owner=True
        )
        open_ = replace(waiting, sending=attempt.key, sent=())
        store.commit(Changes(attempts=(doubt,), enrolments=(open_,)))
    elsewhere = f"/leads/alice/{some(home, 'queued').lead_id}/settle"
    assert post(guest(home), elsewhere, attempt=attempt.key, word="sent")[0] == 400
    path = f"/leads/alice/{waiting.lead_id}"
    assert "Whether a send went out is not known" in guest(home).get(path).text
    status, text = post(guest(home), f"{path}/settle", attempt=attempt.key, word="sent")
    assert (status, "is settled as sent" in text) == (200, True)
    assert post(guest(home), f"{path}/settle", attempt=attempt.key, word="perhaps")[0] == 400


def test_a_person_is_blocked_and_erased(home: Worked) -> None:
    """K5: the list first; erased, nothing of them is shown any more, and the address is gone."""
    lead = some(home, "rejected").lead_id
    path = f"/leads/alice/{lead}"
    assert "is on the do-not-contact list" in post(guest(home), f"{path}/block")[1]
    assert lead in (home.home / "do-not-contact.csv").read_text(encoding="utf-8")
    status, text = post(guest(home), f"{path}/forget")
    assert (status, "erased" in text) == (200, True), text
    assert guest(home).get(path).status_code == 404


def test_nobody_of_that_id_is_not_found(month: Worked) -> None:
    """A clear page, and none of another seat."""
    assert guest(month).get("/leads/alice/nobody").status_code == 404
    assert guest(month).get("/leads/nobody").status_code == 404
    assert guest(month).get("/seats/alice/decisions/none").status_code == 404


def test_a_lead_that_nothing_happened_to_says_so(home: Worked) -> None:
    """Imported, and its turn has not come."""
    seen = guest(home).get(f"/leads/alice/{some(home, 'queued').lead_id}").text
    assert "their turn has not come" in seen
