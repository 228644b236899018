"""The inbox: what waits for its owner comes first, and every order on an answer is as told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from desk.homes import ANSWERED, Worked, empty
from desk.visitor import ANSWER, guest, post
from selectolax.lexbor import LexborHTMLParser
from starlette.testclient import TestClient

from bot.clock import stopwatch
from bot.model import Answer, Changes, Enrolment, Lead, Reason
from bot.store.evidence import Evidence
from bot.store.store import Which

TEXT = "Thank you! How about <b>Tuesday</b>?"
MANY = 10_000


def _text(client: TestClient, path: str) -> str:
    body = LexborHTMLParser(client.get(path).text).body
    assert body is not None
    return " ".join(body.text(separator=" ").split())


def _seen(client: TestClient, path: str = ANSWER) -> str:
    """What the page's forms say that the owner has seen."""
    field = LexborHTMLParser(client.get(path).text).css_first("input[name=seen]")
    assert field is not None
    return field.attributes["value"] or ""


def _change(home: Worked, change: Callable[[Enrolment], Enrolment]) -> None:
    with home.store() as store:
        enrolment = store.enrolment(f"founders/{ANSWERED}")
        assert enrolment is not None
        store.commit(Changes(enrolments=(change(enrolment),)))


def _replied(home: Worked) -> Enrolment:
    with home.store() as store:
        found = store.enrolment(f"founders/{ANSWERED}")
    assert found is not None
    return found


def test_what_is_to_be_checked_comes_first_and_then_the_newest(home: Worked) -> None:
    """A8, A9: each with its campaign, and the rule in words."""
    before = _text(guest(home), "/inbox")
    assert "Wrote in their own words (A5) · founders" in before

    def unreadable(enrolment: Enrolment) -> Enrolment:
        answer = enrolment.answer
        assert answer is not None
        return replace(enrolment, answer=replace(answer, rule="A9", check=True, sequence="held"))

    _change(home, unreadable)
    rows = LexborHTMLParser(guest(home).get("/inbox").text).css(".answers > li")
    first = rows[0].text(separator=" ")
    assert '"><svg onload=alert(3)>' in first
    assert "check" in first
    times = [row.css_first("time").attributes["datetime"] or "" for row in rows[1:]]  # type: ignore[union-attr]
    assert times == sorted(times, reverse=True)


def test_an_answer_that_is_done_leaves_the_open_ones(home: Worked) -> None:
    """And comes back if its owner says so, or when somebody says more (tests of the rules)."""
    client = guest(home)
    assert ANSWERED in client.get("/inbox?page=3").text + client.get("/inbox?page=4").text
    with home.store() as store:
        before = store.count_inbox(Which.OPEN)
    status, told = post(client, f"{ANSWER}/done", seen=_seen(client))
    assert (status, "is done" in told) == (200, True)
    assert ANSWERED in client.get("/inbox?show=done").text
    with home.store() as store:
        assert store.count_inbox(Which.OPEN) == before - 1
    assert "open again" in post(client, f"{ANSWER}/reopen", seen=_seen(client))[1]
    assert ANSWERED not in client.get("/inbox?show=done").text


def test_an_inbox_that_is_worked_says_so(home: Worked) -> None:
    """An empty list says what it means."""
    with home.store() as store:
        done = [replace(each, worked=home.now) for each in store.answers()]
        store.commit(Changes(enrolments=tuple(done)))
    client = guest(home)
    assert "All answers are worked" in _text(client, "/inbox")
    assert "0 answers open" in _text(client, "/")


def test_the_thread_is_shown_as_it_was_read_with_its_page(month: Worked) -> None:
    """A14: what they wrote is text; the page behind it is one click away."""
    client = guest(month)
    page = client.get(ANSWER).text
    assert "Hi &lt;Alice&gt; &amp; co" in page
    link = LexborHTMLParser(page).css_first('a[href*="/decisions/"]')
    assert link is not None
    shown = client.get(link.attributes["href"] or "")
    assert shown.status_code == 200
    assert "A page as it was read" in shown.text
    assert "A5: own-words, the sequence stops" in shown.text


def test_without_its_page_the_thread_is_what_the_books_know(home: Worked) -> None:
    """Our own confirmed messages, and the newest words of theirs."""
    for kept in Evidence(home.seat / "evidence").telling(ANSWERED):
        kept.page.unlink()
    seen = _text(guest(home), ANSWER)
    assert "not kept any more" in seen
    assert "May I ask how you find your first customers?" in seen
    answer = _replied(home).answer
    assert answer is not None
    assert answer.words.split()[0] in seen


def test_a_reply_waits_is_told_and_can_be_withdrawn(home: Worked) -> None:
    """L3: the page says what it waits for; the same form sent twice is one reply."""
    client = guest(home)
    seen = _seen(client)
    assert "waits to be sent" in post(client, f"{ANSWER}/reply", text=TEXT, seen=seen)[1]
    assert "already" in post(client, f"{ANSWER}/reply", text=TEXT, seen=seen)[1]
    page = client.get(ANSWER).text
    assert "Thank you! How about &lt;b&gt;Tuesday&lt;/b&gt;?" in page
    assert "Outside working hours (L3)" in page
    assert 'id="reply-text"' not in page
    assert "1 reply waits to be sent" in _text(client, "/")
    assert "withdrawn" in post(client, f"{ANSWER}/withdraw")[1]
    assert _replied(home).reply is None


def test_a_reply_to_what_has_changed_is_refused_and_a_held_one_is_told(home: Worked) -> None:
    """T7: the form knows what its page has shown; Today tells of a reply that was overtaken."""
    client = guest(home)
    seen = _seen(client)

    def heard_more(enrolment: Enrolment) -> Enrolment:
        answer = enrolment.answer
        assert answer is not None
        return replace(enrolment, answer=replace(answer, heard=answer.heard + 1, words="And this."))

    post(client, f"{ANSWER}/reply", text=TEXT, seen=seen)
    _change(home, heard_more)
    assert "look again (T7)" in post(client, f"{ANSWER}/reply", text="Other.", seen=seen)[1]
    page = client.get(ANSWER).text
    assert "reply, held" in page
    assert "Another reply in its place" in page
    assert "is held: they wrote" in _text(client, "/")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"rule": "A11"}, "they asked not to be written to again (A11)"),
        ({"rule": "A4", "answer": "rejected"}, "the site takes no message then (A4)"),
    ],
)
def test_who_said_no_has_no_form(home: Worked, change: dict[str, str], told: str) -> None:
    """A4, A11: the page says why, and an order that comes all the same is refused."""

    def said_no(enrolment: Enrolment) -> Enrolment:
        assert enrolment.answer is not None
        return replace(enrolment, answer=replace(enrolment.answer, **change))  # type: ignore[arg-type]

    _change(home, said_no)
    client = guest(home)
    page = client.get(ANSWER).text
    assert told in page
    assert 'id="reply-text"' not in page
    assert "no reply" in post(client, f"{ANSWER}/reply", text=TEXT, seen=_seen(client))[1]
    assert _replied(home).reply is None


def test_a_text_is_marked_as_default_and_a_held_lead_released(home: Worked) -> None:
    """A12, K3: as by the commands."""
    client = guest(home)
    told = post(client, f"{ANSWER}/default", label="accepted", every="yes")[1]
    assert "is learnt as default (accepted)" in told
    _change(home, lambda enrolment: replace(enrolment, hold=Reason("A9", "cannot be read")))
    assert "Nothing goes on for them" in client.get(ANSWER).text
    assert "is released" in post(client, f"{ANSWER}/release")[1]


def test_nobody_is_404(month: Worked) -> None:
    """Neither a stranger nor a lead that has not answered, nor a seat that there is not."""
    client = guest(month)
    for path in ("/inbox/alice/ACwAAnobody", "/inbox/nobody/ACwAA1", "/inbox?seat=nobody"):
        assert client.get(path).status_code == 404
    assert client.get("/inbox?show=other&page=-1").status_code == 200


def test_ten_thousand_answers_are_no_reason_to_wait(tmp_path: Path) -> None:
    """The first page, and the last one, within a second."""
    home = empty(tmp_path)
    leads = [Lead(f"ACwAA{n}", f"Lead Number {n}") for n in range(MANY)]
    answers = [
        Answer(
            "own-words",
            "unknown",
            "A5",
            True,
            "stops",
            True,
            n % 50 == 0,
            home.now - timedelta(minutes=n),
            f"Words {n}.",
        )
        for n in range(MANY)
    ]
    found = [
        Enrolment(f"founders/{lead.id}", lead.id, "founders", n, answer=answers[n])
        for n, lead in enumerate(leads)
    ]
    with home.store() as store:
        store.commit(Changes(leads=tuple(leads), enrolments=tuple(found)))
    client = guest(home)
    client.get("/campaigns")  # what is imported late is not counted
    for path, told in (("/inbox", "Lead Number 0<"), ("/inbox?page=334", "Lead Number 9999<")):
        started = stopwatch()
        assert told in client.get(path).text
        assert stopwatch() - started < 1
