"""What the screens say of a seat, and what an order from there does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from desk.homes import CAMPAIGN, CONFIG, Worked, empty
from desk.visitor import guest, post
from selectolax.lexbor import LexborHTMLParser

from bot import orders
from bot.clock import rest
from bot.credits import BalanceReading
from bot.desk.credits import balance
from bot.model import Attempt, AttemptState, Changes
from bot.orders import Answered
from bot.plain import plain


def _seen(home: Worked, path: str) -> str:
    """The text of a screen, its white space folded."""
    body = LexborHTMLParser(guest(home).get(path).text).body
    assert body is not None
    return " ".join(body.text(separator=" ").split())


@contextmanager
def _daemon(home: Worked, answer: str) -> Iterator[list[orders.Order]]:
    """A process that holds the seat and answers the first order that comes."""
    taken: list[orders.Order] = []
    ended = threading.Event()

    def work() -> None:
        while not ended.is_set() and not taken:
            for ticket in orders.waiting(home.seat):
                taken.append(ticket.order)
                orders.done(ticket, Answered(done=True, text=answer))
            rest(0.005)

    with home.asleep():
        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield taken
        finally:
            ended.set()
            thread.join()


def test_a_seat_that_nobody_works_says_how_to_start_it(month: Worked) -> None:
    """Stopped, with the command; the day's sends against the limits, and both balances."""
    seen = _seen(month, "/")
    assert "stopped" in seen
    assert "leadwright run alice" in seen
    with month.store() as store:
        assert f"{store.ledger().available} in the ledger" in seen
        assert f"{store.seat().balance_seen} on the site" in seen
    assert "InMails today 10 of 10" in seen


def test_a_sleeping_seat_says_until_when_and_why(home: Worked) -> None:
    """What is waited for stands there with its rule, in the seat's own time zone."""
    with home.asleep():
        seen = _seen(home, "/")
    assert "sleeping" in seen
    assert "Sleeping until today, 17:40" in seen  # 15:40 UTC
    assert "a pause between two sends (L4)" in seen


def test_a_halted_seat_says_what_to_do_and_is_resumed(home: Worked) -> None:
    """L5: the site's question is told; the owner's word there ends the halt."""
    home.halt()
    seen = _seen(home, "/")
    assert "halted" in seen
    assert "security check" in seen
    status, text = post(guest(home), "/seats/alice/resume")
    assert (status, "alice: the seat goes on" in text) == (200, True)
    with home.store() as store:
        assert store.seat().halted is None


def test_pause_and_resume_are_orders_like_the_commands(home: Worked) -> None:
    """The seat is paused where nobody works it, and its button is the other one then."""
    client = guest(home)
    assert "Pause alice" in client.get("/").text
    assert "the seat is paused" in post(client, "/seats/alice/pause")[1]
    page = client.get("/").text
    assert "Resume alice" in page
    assert "Pause alice" not in page
    assert "the seat goes on" in post(client, "/seats/alice/resume")[1]


def test_who_works_the_seat_carries_the_order_out(home: Worked) -> None:
    """While a process holds the seat, the order is left for it and its answer is shown."""
    with _daemon(home, "done <b>as told</b>") as taken:
        _, text = post(guest(home), "/seats/alice/pause")
    assert taken == [orders.Pause()]
    assert "done &lt;b&gt;as told&lt;/b&gt;" in text
    with home.store() as store:
        assert not store.seat().paused, "only the holder of the seat changes it"


def test_an_order_that_nobody_answers_stays(home: Worked, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said that it will be done later, and it is there."""
    monkeypatch.setattr("bot.desk.desk.WAIT_SECONDS", 0)
    with home.asleep():
        _, text = post(guest(home), "/seats/alice/pause")
        assert "has not answered yet" in text
        assert [ticket.order for ticket in orders.waiting(home.seat)] == [orders.Pause()]


def test_a_campaign_is_paused_and_resumed_on_its_page(home: Worked) -> None:
    """S7: from the desk as from the command."""
    client = guest(home)
    assert "founders is paused" in post(client, "/campaigns/alice/founders/pause")[1]
    assert "Resume campaign" in client.get("/campaigns/alice/founders").text
    assert "founders goes on" in post(client, "/campaigns/alice/founders/resume")[1]


def test_an_uncertain_send_asks_for_the_owner(home: Worked) -> None:
    """T3: the name, and the command that settles it, stand above the day's figures."""
    with home.store() as store:
        first = next(store.enrolments())
        attempt = Attempt(
            key=f"{first.key}#5.1",
            enrolment=first.key,
            lead_id=first.lead_id,
            campaign=first.campaign,
            step=5,
            state=AttemptState.UNCERTAIN,
            held_at=home.now - timedelta(days=2),
            subject="",
            body="a text",
            text_hash="a",
            with_owner=True,
        )
        store.commit(Changes(attempts=(attempt,)))
    seen = _seen(home, "/")
    assert "is not known" in seen
    assert f"leadwright settle '{attempt.key}' sent|not-sent --seat alice" in seen


def test_the_page_that_the_browser_last_saw_is_shown(month: Worked) -> None:
    """With what was decided on it, and why; a seat without one has no link to it."""
    assert "the page it last saw" in _seen(month, "/")
    seen = _seen(month, "/seats/alice/last-page")
    assert "inmail: skipped (K1)" in seen
    assert "the lead <b>cannot</b> be written to" in seen


def test_a_seat_without_kept_pages_has_no_link(tmp_path: Path) -> None:
    """What cannot be shown is not offered, and its address says so."""
    home = empty(tmp_path)
    assert "the page it last saw" not in _seen(home, "/")
    assert "no page of alice is kept yet" in _seen(home, "/seats/alice/last-page")


def test_the_table_of_campaigns_agrees_with_the_books(month: Worked) -> None:
    """Every count of the funnel stands in the row, and the rates are of what was sent."""
    with month.store() as store:
        funnel = store.funnel("founders")
    row = LexborHTMLParser(guest(month).get("/campaigns").text).css_first("tbody tr")
    assert row is not None
    cells = [cell.text(strip=True) for cell in row.css("th, td")]
    sent = funnel.credit + funnel.free
    counts = [funnel.leads, funnel.credit, funnel.free, funnel.accepted, funnel.rejected]
    counts += [funnel.responders, funnel.follow_ups]
    assert cells[:9] == ["founders", "active", *map(str, counts)]
    rates = [f"{100 * part / sent:.0f} %" for part in (funnel.accepted, funnel.responders)]
    assert cells[9:] == [*rates, str(funnel.held), str(funnel.skipped)]


def test_a_campaigns_page_shows_funnel_and_texts(month: Worked) -> None:
    """Its picture has a name that tells the figures, and its texts are those of the file."""
    page = LexborHTMLParser(guest(month).get("/campaigns/alice/founders").text)
    chart = page.css_first("svg.bars")
    assert chart is not None
    with month.store() as store:
        assert f"Accepted {store.funnel('founders').accepted}" in str(
            chart.attributes["aria-label"]
        )
    letters = [letter.text() for letter in page.css(".letter")]
    assert len(letters) == 4
    assert "this is my last note <script>alert('text')</script>." in letters[3]


def test_the_ledger_is_paged_from_the_newest(month: Worked) -> None:
    """Every entry stands on one page; a page that is not there is the last."""
    client = guest(month)
    with month.store() as store:
        count = len(list(store.entries()))
    pages = -(-count // 50)
    shown = []
    for asked, number in (("1", 1), ("999", pages), ("0", 1), ("٣", 1), ("9" * 40, 1)):
        page = LexborHTMLParser(client.get("/credits/alice", params={"page": asked}).text)
        shown.append(len(page.css("section[aria-labelledby=ledger] tbody tr")))
        assert page.body is not None
        assert f"Page {number} of {pages}" in page.body.text()
    assert shown == [50, count - 50 * (pages - 1), 50, 50, 50]


def test_the_line_of_the_balance_ends_at_the_balance(month: Worked) -> None:
    """C10: it is the sum of the entries, at every moment as at the end."""
    with month.store() as store:
        entries, available = list(store.entries()), store.ledger().available
    points = balance(entries)
    assert points[-1].value == available
    assert min(point.value for point in points) >= 0
    assert [point.at for point in points] == sorted({point.at for point in points})


def test_a_refund_that_is_missing_is_listed(home: Worked) -> None:
    """C11: with the name of its lead, when a look at the balance 48 h later lacks it."""
    assert "None: every refund" in _seen(home, "/credits/alice")
    with home.store() as store:
        refund = next(entry for entry in store.entries() if entry.kind == "refund")
        lead = store.lead(refund.lead_id or "")
        late = BalanceReading(refund.at + timedelta(hours=49), 0, 100, "inbox")
        store.commit(Changes(readings=(late,)))
    assert lead is not None
    missing = LexborHTMLParser(guest(home).get("/credits/alice").text).css_first(
        "section[aria-labelledby=missing]"
    )
    assert missing is not None
    assert plain(lead.name) in missing.text()


def test_a_live_part_is_sent_only_when_it_changed(home: Worked) -> None:
    """So nothing on a page moves, and no focus is lost, while nothing happens."""
    client = guest(home)
    part = LexborHTMLParser(client.get("/").text).css_first(".live")
    assert part is not None
    address = part.attributes["hx-get"] or ""
    assert client.get(address).status_code == 204
    post(client, "/seats/alice/pause")
    answer = client.get(address)
    assert answer.status_code == 200
    assert "Resume alice" in answer.text


def test_a_home_without_seats_says_what_to_do(tmp_path: Path) -> None:
    """Every screen is there, and tells the first step."""
    home = empty(tmp_path, "[site]\n")
    for path in ("/", "/campaigns", "/credits"):
        assert "[seats.NAME]" in _seen(home, path)


def test_a_seat_that_was_never_worked_says_what_to_do(tmp_path: Path) -> None:
    """Its screens tell the command that starts it, and nothing is made by looking."""
    home = empty(tmp_path)
    for path in ("/", "/campaigns/alice/founders", "/credits/alice"):
        assert "leadwright run alice" in _seen(home, path)
    assert not (home.seat / "state.sqlite").exists()


def test_several_seats_stand_side_by_side(home: Worked) -> None:
    """Each has its card and its table, and the ledgers can be changed between."""
    (home.home / "config.toml").write_text(CONFIG + "[seats.bob]\n", encoding="utf-8")
    assert "Pause bob" in _seen(home, "/")
    links = LexborHTMLParser(guest(home).get("/credits/alice").text).css(".seats a")
    assert [link.attributes["href"] for link in links] == ["/credits/alice", "/credits/bob"]


@pytest.mark.parametrize("path", ["/seats/x", "/credits/bob", "/campaigns/alice/none", "/live/x"])
def test_what_is_not_there_is_said(month: Worked, path: str) -> None:
    """Another seat, another campaign, another address: a page, not an error."""
    answer = guest(month).get(path)
    assert answer.status_code == 404
    assert "This cannot be shown" in answer.text


def test_a_wrong_campaign_is_told_where_it_matters(home: Worked) -> None:
    """With file, line, key and what is allowed; the seat can be seen and paused all the same."""
    wrong = CAMPAIGN.replace("after_days = 4", "after_days = 2")
    (home.seat / "campaigns" / "founders.toml").write_text(wrong, encoding="utf-8")
    seen = _seen(home, "/campaigns")
    assert "founders.toml:17 follow_up.1.after_days : found 2" in seen
    assert "Pause alice" in _seen(home, "/")
    client = guest(home)
    assert client.get("/campaigns/alice/founders").status_code == 503
    assert "the seat is paused" in post(client, "/seats/alice/pause")[1]


def test_a_wrong_configuration_is_told(home: Worked) -> None:
    """The page says file, line and key, and goes when it is put right."""
    (home.home / "config.toml").write_text(CONFIG + "inmails = 3\n", encoding="utf-8")
    client = guest(home)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "seats.alice.inmails" in answer.text
    (home.home / "config.toml").write_text(CONFIG, encoding="utf-8")
    assert client.get("/").status_code == 200


def test_a_damaged_state_is_told_and_the_others_are_shown(home: Worked) -> None:
    """One seat's broken file hides no other seat."""
    (home.home / "config.toml").write_text(CONFIG + "[seats.bob]\n", encoding="utf-8")
    (home.seat / "state.sqlite").write_bytes(b"not a state" * 100)
    seen = _seen(home, "/")
    assert "unreadable" in seen
    assert "Pause bob" in seen


def test_a_seat_that_is_paused_says_so(home: Worked) -> None:
    """S7: it is seen at once that nothing is sent."""
    with home.store() as store:
        store.commit(Changes(seat=replace(store.seat(), paused=True)))
    assert "Paused: nothing is sent" in _seen(home, "/")
