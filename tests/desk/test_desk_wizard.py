"""The wizard: from an empty form to a campaign that sends, and every mistake at its field."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from browser.worlds import ADA, BASIL, TWO_PEOPLE, WORLD
from cli.user import CONFIG, MONDAY, User
from desk.browsing import OpenDesk, violations
from desk.homes import PAYLOADS, Worked, empty
from desk.screens import SIZES, THEMES
from desk.visitor import guest, post
from playwright.sync_api import Page, expect
from selectolax.lexbor import LexborHTMLParser

from bot import orders
from bot.checking import check, checked_seat
from bot.clock import SimulatedClock
from bot.config import load
from bot.desk import making
from bot.desk.drafts import typed_of
from bot.errors import WorkFailed
from bot.forecast import Wanted, calendar_of
from bot.model import CampaignState, Changes
from bot.orders import Answered, Order
from bot.practice.scenario import parse
from bot.practice.server import start
from bot.seat import Seat
from bot.store.memory import MemoryBook

NEW = "/campaigns/new?seat=alice"
SEARCH = "/sales/search/people?savedSearchId=1"
GOOD = {
    "name": "spring",
    "audience": SEARCH,
    "inmail.subject": "Your work at {{ company }}",
    "inmail.body": "Hello {{ first_name }},\r\n\r\nshall we talk?",
    "follow_up.1.after_days": "4",
    "follow_up.1.body": "Still there?",
}
TABLE = (
    "Sales Navigator URL,First name,Hobby\r\n"
    "https://www.linkedin.com/sales/lead/ACwAAZoe-0001,Zoe,chess\r\n"
    "nobody,Nemo,none\r\n"
)


def texts(home: Worked, *, expected: int = 200, **form: str) -> LexborHTMLParser:
    """The page that comes back for a form."""
    status, text = post(guest(home), NEW, **form)
    assert status == expected
    return LexborHTMLParser(text)


def file_of(home: Worked, name: str = "spring.toml") -> Path:
    return home.seat / "campaigns" / name


def told(page: LexborHTMLParser) -> list[str]:
    """What stands at the fields, each with its field's name."""
    found = []
    for each in page.css(".fields [aria-describedby]"):
        for name in (each.attributes["aria-describedby"] or "").split():
            found += [
                f"{each.attributes['name']}: {' '.join(wrong.text().split())}"
                for wrong in page.css(f"#{name} .wrong")
            ]
    return found


def fill(page: Page, **fields: str) -> None:
    for label, text in fields.items():
        page.get_by_label(label.replace("_", " ").capitalize(), exact=True).fill(text)


@pytest.mark.browser
@pytest.mark.slow
def test_from_an_empty_form_to_inmails_on_the_site(tmp_path: Path, open_desk: OpenDesk) -> None:
    """What was typed, seen and counted is what the site delivers; nothing was written by hand."""
    site = start(parse(WORLD.format(top="", people=TWO_PEOPLE, credits=20)))
    try:
        user = User(tmp_path)
        user.write("config.toml", CONFIG.format(url=site.url, pause="[40, 60]"))
        home = Worked(tmp_path, datetime.fromisoformat(MONDAY))
        visit = open_desk(home)
        page = visit.page
        page.get_by_role("link", name="Campaigns").click()
        page.get_by_role("link", name="the wizard").click()
        fill(page, name="spring", subject="A question, {{ first_name }}")
        page.get_by_label("Search, lead list or CSV file").fill(SEARCH)
        fill(page, text="Hello {{ first_name }},\n\nshall we talk \U0001f642?")
        page.get_by_label("Signature").fill("Robin")
        expect(page.locator("#count-inmail-body")).to_have_text("36 of 1900 characters")
        expect(page.locator("#shown")).to_contain_text("A question, Ada")
        page.get_by_role("button", name="Create and start").click()
        status = page.get_by_role("status")
        expect(status).to_contain_text("spring is created and started")
        expect(status).to_contain_text("leadwright run alice")
        assert visit.wrong == []
        assert user.stint().code == 0
        sent = {each.lead_id: (each.subject, each.body) for each in site.truth().deliveries}
        assert sent == {
            lead: (f"A question, {name}", f"Hello {name},\n\nshall we talk \U0001f642?\n\nRobin")
            for lead, name in ((ADA, "Ada"), (BASIL, "Basil"))
        }
    finally:
        site.stop()


def test_every_mistake_stands_at_its_field_in_the_words_of_check(home: Worked) -> None:
    """All at once, without scripts; nothing that was typed is lost, and nothing is written."""
    wrong = GOOD | {
        "name": "two words",
        "inmail.subject": "{{ colour }}",
        "inmail.body": "x" * 1901,
        "follow_up.1.after_days": "2",
        "follow_up.3.after_days": "soon",
        "follow_up.3.body": "{% for x in y %}",
        "working_hours": "9-17",
        "on_rejection": "write again",
        "word": "start",
    }
    page = texts(home, **wrong)
    file_of(home, "two.toml").write_text(typed_of(wrong).proposal.text, encoding="utf-8")
    faults = [fault for fault in check(home.home).faults if fault.place.endswith("two.toml")]
    file_of(home, "two.toml").unlink()
    assert len(faults) == 8
    assert sorted(told(page)) == sorted(
        f"{fault.key}: Found {fault.found}; {fault.allowed}" for fault in faults
    )
    area = page.css_first("textarea[name='inmail.body']")
    assert area is not None
    assert area.text().strip() == "x" * 1901
    days = page.css_first("input[name='follow_up.2.after_days']")
    assert days is not None, "the third follow-up moved up: the second was left empty"
    assert days.attributes["value"] == "soon"
    assert [path.name for path in file_of(home).parent.iterdir()] == ["founders.toml"]


@pytest.mark.parametrize("name", ["founders", "Founders", "kept", "gone"])
def test_a_name_that_was_used_is_refused(home: Worked, name: str) -> None:
    """Another campaign's, another file's, or that of one whose people the seat knows (S7)."""
    file_of(home, "kept.toml").write_text("not = 'a campaign'", encoding="utf-8")
    with home.store() as store:
        store.commit(Changes(campaigns=(CampaignState("gone", audience=SEARCH),)))
    before = file_of(home, "founders.toml").read_bytes()
    (said,) = told(texts(home, **GOOD | {"name": name, "word": "start"}))
    assert said.startswith(f"name: Found {name}; a name of its own")
    assert file_of(home, "founders.toml").read_bytes() == before


@pytest.mark.parametrize("path", ["~nobody-here/x.csv", "a\x00b.csv", "no/such.csv", "http://["])
def test_an_audience_that_is_none_is_told_at_its_field(home: Worked, path: str) -> None:
    """Whatever is wrong with a path or an address, it is a fault and never an error."""
    (said,) = told(texts(home, **GOOD | {"audience": path}))
    assert said.startswith("audience: Found")


def test_a_pasted_table_is_the_audience(home: Worked) -> None:
    """S5: its first lead shows the texts, its columns are variables; it lies beside the file."""
    form = GOOD | {
        "people": TABLE,
        "audience": "",
        "inmail.subject": "{{ first_name }}, {{ hobby }}",
    }
    page = texts(home, **form)
    assert told(page) == []
    assert page.body is not None
    seen = " ".join(page.body.text().split())
    assert "Zoe, chess" in seen
    assert "names 1 lead(s). 1 row(s) are left out: line 3" in seen
    assert not file_of(home).exists(), "it was only read over"
    texts(home, expected=303, **form | {"word": "start"})
    assert file_of(home, "spring.csv").read_text(encoding="utf-8").splitlines()[1].endswith("chess")
    campaign = next(
        c for c in checked_seat(load(home.home), "alice").campaigns if c.name == "spring"
    )
    assert campaign.audience == str(file_of(home, "spring.csv"))


def test_the_simulated_calendar_is_that_of_plan(tmp_path: Path) -> None:
    """The totals are those of `plan --days` with the campaign's file there, and none is made."""
    home = empty(tmp_path)
    form = GOOD | {"days": "14", "size": "30", "word": "calendar"}
    page = texts(home, **form)
    assert not file_of(home).exists()
    texts(home, expected=303, **form | {"word": "start"})
    seat = checked_seat(load(home.home), "alice")
    with home.store() as store:
        book = MemoryBook.of(store)
    wanted = Wanted(14, 10, 1, campaign="spring", leads=30)
    total = calendar_of(seat, book, home.now, wanted).total
    cells = page.css("#calendar tbody tr:last-child td")
    medians = [(cell.text().split() or [""])[0] for cell in cells[:4]]
    assert medians == [
        str(each.median) for each in (total.inmails, total.credit, total.free, total.messages)
    ]
    assert total.inmails.median > 0


def test_a_paused_campaign_is_paused_before_its_file_is_there(
    home: Worked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S7: who works the seat never sees it unpaused; without its answer nothing is written."""
    asked: list[tuple[Order, bool]] = []
    answers: list[Answered | None] = [None, Answered(done=True, text="done")]

    def ask(
        _seat: Seat, order: Order, _clock: SimulatedClock, *, seconds: float
    ) -> Answered | None:
        del seconds
        asked.append((order, file_of(home).exists()))
        return answers.pop(0)

    monkeypatch.setattr(making, "ask", ask)
    page = texts(home, **GOOD | {"word": "paused"})
    assert page.body is not None
    assert "nothing is created yet" in page.body.text()
    assert not file_of(home).exists()
    texts(home, expected=303, **GOOD | {"word": "paused"})
    assert asked == [(orders.PauseCampaign("spring", coming=True), False)] * 2
    assert file_of(home).exists()


def test_what_was_left_paused_starts_when_it_is_started(home: Worked) -> None:
    """S7: an earlier try that was paused and never written does not hold the campaign."""
    with home.store() as store:
        store.commit(Changes(campaigns=(CampaignState("spring", paused=True),)))
    texts(home, expected=303, **GOOD | {"word": "start"})
    with home.store() as store:
        assert not store.campaign("spring").paused


def test_a_file_that_appears_meanwhile_is_not_written_over(home: Worked) -> None:
    """Nor is a half of the campaign left: its table goes with it."""
    seat = checked_seat(load(home.home), "alice")
    file_of(home).write_text("the owner's own", encoding="utf-8")
    proposal = typed_of(GOOD | {"people": TABLE}).proposal
    with pytest.raises(WorkFailed, match="choose another name"):
        making.create(seat, proposal, home.clock, (), paused=False, seconds=0)
    assert file_of(home).read_text(encoding="utf-8") == "the owner's own"
    assert not file_of(home, "spring.csv").exists()


def test_the_counter_is_of_the_filled_text_on_the_chosen_lead(home: Worked) -> None:
    """S6: UTF-16 units with values and signature; what cannot be filled says why (S5)."""
    with home.store() as store:
        lead = list(store.leads())[40]
    form = GOOD | {
        "lead": lead.id,
        "inmail.subject": "\U0001f642 {{ first_name }}",
        "signature": "R",
    }
    form |= {"follow_up.1.body": "{{ hobby }}"}
    status, text = post(guest(home), "/campaigns/new/show?seat=alice", **form)
    assert status == 200
    page = LexborHTMLParser(text)
    count = page.css_first("#count-inmail-subject")
    assert count is not None
    assert count.text().startswith(f"{3 + len(lead.first_name)} of 200")
    assert "the template needs hobby, which is not known (S5)" in text


@pytest.mark.browser
def test_what_attacks_is_text_in_every_field(home: Worked, open_desk: OpenDesk) -> None:
    """It comes back as it was typed, in the fields and on the lead; no script of it runs.

    So filled, and wrong at every field, it is for everybody, in both colours and on a phone.
    """
    visit = open_desk(home)
    page = visit.go(NEW)
    for each in page.locator("summary").all()[2:]:
        each.click()
    page.get_by_text("Or paste a CSV table here").click()
    attack = "</textarea>" + "".join(PAYLOADS) + "'\"`"
    fields = page.locator(".fields input:not([type=hidden]):not([type=checkbox]), .fields textarea")
    for field in fields.all():
        field.fill(attack)
    expect(page.locator("#shown")).to_contain_text("</textarea>")
    page.get_by_role("button", name="Create and start").click()
    expect(page.get_by_role("alert").filter(has_text="to put right")).to_be_visible()
    values = [field.input_value() for field in fields.all()]
    assert [value for value in values if value != attack] == ["100"], "a size that is none"
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        assert violations(page) == [], theme
    page.set_viewport_size(SIZES["phone"])
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    assert violations(page) == []
    assert visit.wrong == []


def test_a_seat_that_knows_nobody_shows_an_invented_lead(tmp_path: Path) -> None:
    """And a home without seats says what to do first."""
    assert "an invented lead" in guest(empty(tmp_path / "a")).get(NEW).text
    bare = guest(empty(tmp_path / "b", "[site]\n"))
    assert "[seats.NAME]" in bare.get("/campaigns/new").text
