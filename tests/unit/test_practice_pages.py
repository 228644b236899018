"""The practice site's pages are the fixtures' pages with other people in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape

import pytest

from bot.practice.model import World
from bot.practice.people import Language, Person, What
from bot.practice.records import By
from bot.practice.render import Renderer
from bot.practice.scenario import load
from bot.practice.wording import INTERFACE

SLOTS = range(0xE000, 0xF900)  # private-use characters: a slot that nobody filled
OF_FIXTURES = ("Underhedge", "Marrowby", "Quilla", "Caspian", "Alice Example", "Feldweg")


def pages(language: Language, person: Person, *answers: What) -> Iterator[tuple[str, str]]:
    """Every page that has to do with one person, by name."""
    site = World(replace(load("small"), language=language, people=(person,), searches=(), lists=()))
    render = Renderer(site)
    yield "empty inbox", render.inbox(site.threads(), None).html
    yield "home", render.home("Home").html
    composer = site.composer(person.id)
    if composer is not None:
        yield "composer", render.composer(composer).html
    site.send_inmail(person.id, "Hello", "Shall we talk?\nYours", by=By.OWNER)
    lead = site.lead(person.id)
    assert lead is not None
    yield "lead", render.lead(lead, "aB1c").html
    for answer in answers if site.threads().total else ():
        site.answer(person.id, answer)
    for thread in site.threads().threads:
        page = render.inbox(site.threads(), thread)
        yield from (("inbox", page.html), ("sent", render.sent(thread).panel))
        yield from (("toast", page.failed), ("question", page.discard), ("menu", page.menu))


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("index", range(6))
def test_no_slot_is_left_open_and_nobody_of_the_fixture_is_left(
    language: Language, index: int
) -> None:
    """A page speaks of the scenario's people only, in each language."""
    person = replace(load("small").people[index], written_before=None)
    answers = (What.REJECT_DEFAULT, What.ACCEPT_WITHOUT_TEXT, What.DELETED)
    for count in range(len(answers) + 1):
        for name, html in pages(language, person, *answers[:count]):
            assert not [char for char in html if ord(char) in SLOTS], name
            assert not [other for other in OF_FIXTURES if other in html], name


@pytest.mark.parametrize(
    ("answers", "lines", "form"),
    [
        ((), ["Awaiting reply from Ada Amberwood"], False),
        ((What.ACCEPT_OTHER_TEXT,), ["accepted your InMail"], True),
        ((What.ACCEPT_WITHOUT_TEXT,), ["accepted your InMail"], True),
        ((What.REJECT_DEFAULT,), ["declined your InMail"], False),
        ((What.REJECT_WITHOUT_TEXT,), ["declined your InMail"], False),
        ((What.OWN_WORDS,), [], True),
        (
            (What.REJECT_DEFAULT, What.ACCEPT_DEFAULT),
            ["declined your InMail", "accepted your InMail"],
            True,
        ),
    ],
)
def test_a_thread_shows_what_was_answered(
    answers: tuple[What, ...], lines: list[str], form: bool
) -> None:
    """A1-A8: texts and the site's own lines stand in order, the form where one may write."""
    person = replace(load("small").people[0], plan=())
    site = World(replace(load("small"), people=(person,), searches=(), lists=()))
    site.send_inmail(person.id, "Hello", "Shall we talk?", by=By.OWNER)
    for answer in answers:
        site.answer(person.id, answer)
    (thread,) = site.threads().threads
    html = Renderer(site).inbox(site.threads(), thread).html.partition("thread-container")[2]
    said = [escape(each.text).replace("\n", "<br>") for each in site.truth().answers]
    for wanted in (said, lines):
        places = [html.find(text) for text in wanted]
        assert -1 not in places
        assert places == sorted(places)
    assert ('data-x-conversation-widget="compose-form"' in html) == form
    others = {"accepted your InMail", "declined your InMail", "Awaiting reply"}
    assert not [line for line in others if line in html and not any(line in own for own in lines)]


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("table", [False, True])
def test_only_the_last_page_of_results_has_no_way_forward(language: Language, table: bool) -> None:
    """25 a page; the way to the next one is there while there is one, in each language."""
    site = World(replace(load("small"), language=language))
    render = Renderer(site)
    listing = site.scenario.searches[0].id
    for number, forward in ((1, True), (2, False)):
        shown = site.search(listing, number)
        assert shown is not None
        html = render.results(shown, table=table).html
        assert not [char for char in html if ord(char) in SLOTS]
        assert not [other for other in OF_FIXTURES if other in html]
        word = INTERFACE[language].next
        (button,) = re.findall(rf'<button[^>]*aria-label="{word}"[^>]*>', html)
        assert ("disabled" not in button) == forward
