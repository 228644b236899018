"""Whoever stands on a page is somebody else afterwards, and the readers see no other difference."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from bot.cli.read import tell
from bot.errors import PageError
from bot.facts import Heard, Snapshot
from bot.pages.reader import Reader
from bot.pages.texts import Texts
from bot.record.anonymise import Anonymiser
from bot.record.invented import Inspector, Invented, is_invented
from bot.record.known import Known
from bot.record.words import Voice, with_ids_replaced
from tests.fixtures.cases import PAGES, Case, all_cases, case

ROOT = Path(__file__).parents[2]
KNOWN = Known(Texts.shipped())
KEY = b"of a test, no secret"
IDS, NAMES = ("id", "lead_id"), ("name", "title", "company", "location")
WRITTEN = ("preview", "text", "subject")
each_kind = pytest.mark.parametrize("page", PAGES)


@dataclass(frozen=True, slots=True)
class Changed:
    """A fixture, the page that came out of it, and whoever changed it."""

    case: Case
    was: Snapshot
    now: Snapshot
    words: Invented
    anonymiser: Anonymiser


@cache
def changed(one: Case) -> Changed:
    words = Invented(KEY)
    anonymiser = Anonymiser(words, KNOWN, [one.owner] if one.owner else [])
    was = one.snapshot()
    return Changed(one, was, anonymiser.snapshot(was), words, anonymiser)


def all_changed(page: str) -> Iterator[Changed]:
    return map(changed, all_cases(page))


def told(page: str, snapshot: Snapshot, owner: str | None) -> Any:
    """What is read, or which error it is."""
    try:
        return json.loads(tell(page, Reader.shipped(), snapshot, owner))
    except PageError as error:
        return {"error": type(error).__name__, "key": error.key}


def differences(one: Changed, was: Any, now: Any, key: str = "") -> Iterator[str]:
    """Where what is read now is not what was read, with the people replaced."""
    if isinstance(was, dict) and was.keys() == now.keys():
        for name in was:
            yield from differences(one, was[name], now[name], name)
    elif isinstance(was, list) and len(was) == len(now):
        for before, after in zip(was, now, strict=True):
            yield from differences(one, before, after, key)
    elif now not in mapped(one, was, key):
        yield f"{one.case.name} {key}: {was!r} became {now!r}"


def mapped(one: Changed, was: Any, key: str) -> list[Any]:
    """What may stand where *was* stood; what people wrote is replaced word by word."""
    say = one.anonymiser.text
    if not isinstance(was, str):
        return [was]
    if key in IDS:
        return [with_ids_replaced(was, one.words)]
    if key in NAMES:
        return [say(was, Voice.NAME), say(was, Voice.PAGE)]
    if key in WRITTEN:
        return [was, *(say(was, voice) for voice in Voice)]
    head, colon, rest = was.partition(": ")
    return [was, head + colon + say(rest, Voice.PAGE)]


@each_kind
def test_the_readers_read_the_same(page: str) -> None:
    """Every fixture reads as before, with invented people in the place of those in it."""
    found: list[str] = []
    for one in all_changed(page):
        owner = one.anonymiser.text(one.case.owner, Voice.NAME) if one.case.owner else None
        was, now = told(page, one.was, one.case.owner), told(page, one.now, owner)
        found += differences(one, was, now)
    assert not found


@each_kind
def test_no_marked_word_is_left(page: str) -> None:
    """No word that the site marks as somebody's stands anywhere in what comes out."""
    ours = words_of_the_site()
    for one in all_changed(page):
        left = set(re.findall(r"[^\W\d_]{4,}", said(one.now.html)))
        for node in LexborHTMLParser(one.was.html).css("[data-anonymize]"):
            for word in re.findall(r"[^\W\d_]{4,}", node.text()):
                assert word not in left or word.lower() in ours, f"{one.case.name}: {word}"


def words_of_the_site() -> set[str]:
    """Every word of the catalogue and of the interface, in lower case."""
    interface = tomllib.loads((ROOT / "bot/record/interface.toml").read_text(encoding="utf-8"))
    texts = [each.text for each in Texts.shipped().phrases]
    texts += [text for language in ("en", "de", "es") for text in interface[language]]
    return set(re.findall(r"[^\W\d_]{4,}", " ".join(texts).lower()))


def said(html: str) -> str:
    """All texts and labels of a page."""
    tree = LexborHTMLParser(html)
    labels = (node.attributes.get("aria-label") or "" for node in tree.css("[aria-label]"))
    return " ".join((tree.root.text(separator=" ") if tree.root else "", *labels))


@each_kind
def test_nothing_is_left_to_replace(page: str) -> None:
    """Who looks again at what came out finds invented words only, and changes nothing."""
    for one in map(changed, all_cases(page)[::3]):  # each third: the command has tests of its own
        inspector = Inspector()
        again = Anonymiser(inspector, KNOWN).snapshot(one.now)
        assert inspector.found == [], one.case.name
        assert (again.html, again.url) == (one.now.html, one.now.url), one.case.name


def test_the_same_person_is_the_same_on_every_page() -> None:
    """Lead, composer, inbox and thread of one recording show one invented person."""
    anonymiser = Anonymiser(Invented(KEY), KNOWN, ["Alice"])
    reader = Reader.shipped()
    pages = {
        name: anonymiser.snapshot(case(name).snapshot())
        for name in ("lead/second-degree", "composer/credit", "inbox/list", "thread/awaiting")
    }
    lead = reader.lead(pages["lead/second-degree"])
    composer = reader.composer(pages["composer/credit"])
    thread = reader.thread(pages["thread/awaiting"])
    inbox = reader.inbox(pages["inbox/list"])
    assert lead.name not in (None, "Quilla Marrowby")
    assert (lead.id, lead.name) == (composer.lead_id, composer.name)
    assert (lead.id, lead.name) == (thread.lead_id, thread.name)
    assert lead.name in [each.name for each in inbox.threads]
    assert thread.id in [each.id for each in inbox.threads]
    first = str(lead.name).split()[0]
    assert f"Message {lead.name}" in pages["lead/second-degree"].html
    assert f"Hello {first}" not in pages["thread/awaiting"].html, "prose is replaced"
    assert first in str(thread.messages[0].text), "a known name is found in it all the same"


def test_another_key_invents_another_person() -> None:
    """What stands in a recording tells nothing of the next one's."""
    page = case("lead/second-degree").snapshot()
    html = {Anonymiser(Invented(key), KNOWN).snapshot(page).html for key in (b"1" * 16, b"2" * 16)}
    assert len(html) == 2


PERSON = '<span data-anonymize="person-name">Ada Lovelace</span>'


@pytest.mark.parametrize(
    "html",
    [
        "<p>ada@lovelace.example</p>",
        "<p>+44 20 7946 0958</p>",
        '<p title="Lovelace, Ada">x</p>',
        '<a href="https://lovelace.example/?u=0958">x</a>',
        '<a href="/in/ada-lovelace-0958">x</a>',
        '<a href="javascript:lovelace()">x</a>',
        '<a href="/sales/search/people?query=(keywords:lovelace)#lovelace">x</a>',
        '<img src="https://media.example/lovelace.jpg" srcset="lovelace2.jpg 2x">',
        '<img src="data:image/png;base64,bG92ZWxhY2U=">',
        '<div style="background:url(lovelace.png);display:none">x</div>',
        '<script>"lovelace"</script><style>.lovelace{}</style><!-- lovelace -->',
        "<template><b>lovelace</b></template><noscript>lovelace</noscript>",
        '<input type="hidden" name="csrfToken" value="ajax:0958lovelace">',
        '<input type="text" value="lovelace 0958"><textarea>lovelace</textarea>',
        '<div data-member="lovelace" data-id="urn:li:member:09580958" data-x--y="Lovelace">x</div>',
        '<div id="card-ada-lovelace" class="row card--ada-lovelace" onclick="lovelace()">x</div>',
        '<meta name="author" content="Lovelace"><link rel="icon" href="lovelace.png">',
        '<code style="display:none">{"publicIdentifier":"lovelace-0958"}</code>',
        "<p>Lovelace</p><p>lovelace</p><p>LOVELACE</p><p>Love<b>lace</b> Lovelace’s</p>",
        '<button aria-label="Message Lovelace">x</button><svg><text>Lovelace</text></svg>',
        '<iframe src="https://lovelace.example/0958"></iframe>',
    ],
)
def test_a_name_hides_nowhere(html: str) -> None:
    """Attributes, addresses, code, comments and fields lose what is somebody's, as texts do."""
    page = Snapshot(
        f"<html><body>{PERSON}{html}</body></html>", "https://www.linkedin.com/sales/home"
    )
    left = Anonymiser(Invented(KEY), KNOWN).snapshot(page).html.lower()
    assert not re.search(r"lovelace|0958|\bada\b|bG92ZWxhY2U".lower(), left)


def test_what_the_page_fetched_keeps_its_structure_only() -> None:
    """Names, ids, tokens and texts go from the JSON; enumerated values, credits and times stay."""
    person = "urn:li:fs_salesProfile:(ACwAAB12345,NAME_SEARCH,tok9)"
    body = {
        "elements": [{"type": "LSS_INMAIL", "value": 149, "id": "m-1", "memberId": 7_654_321}],
        "fullName": "Ada Lovelace",
        "messages": [
            {"type": "INMAIL_ACCEPT", "body": "Ring Ada", "deliveredAt": 1_780_000_000_000}
        ],
        "participants": {person: {"entityUrn": person, "picture": "https://media.example/ada.jpg"}},
        "degree": 2,
        "openLink": True,
    }
    url = (
        "https://www.linkedin.com/sales-api/salesApiProfiles/"
        "(profileId:ACwAAB12345,authType:NAME_SEARCH,authToken:tok9)?decoration=%28ada%29"
    )
    page = Snapshot(
        "<p>x", None, heard=(Heard(url, 200, json.dumps(body)), Heard(url, 500, "Ada!"))
    )
    first, second = Anonymiser(Invented(KEY), KNOWN).snapshot(page).heard
    left = json.loads(first.body)
    assert left["elements"][0]["value"] == 149
    assert (left["elements"][0]["type"], left["degree"], left["openLink"]) == (
        "LSS_INMAIL",
        2,
        True,
    )
    assert left["messages"][0]["type"] == "INMAIL_ACCEPT"
    assert left["messages"][0]["deliveredAt"] == 1_780_000_000_000
    (key,) = left["participants"]
    assert left["participants"][key]["entityUrn"] == key
    lead = re.search(r"\((ACwAA\w+),NAME_SEARCH,(\w+)\)", key)
    assert lead is not None
    assert f"(profileId:{lead[1]},authType:NAME_SEARCH,authToken:{lead[2]})" in first.url
    assert second.body == ""
    assert not re.search(r"ada|lovelace|tok9|B12345|7654321|m-1", first.url + first.body, re.I)


@given(st.text(max_size=60))
def test_any_text_is_replaced_or_the_sites(text: str) -> None:
    """Whatever somebody is called, no letter of it stays, and where words part is kept."""
    left = Anonymiser(Invented(KEY), KNOWN).text(text, Voice.NAME)
    words = re.findall(r"[A-Za-z]{4,}", re.sub(r"inv0\w{6}", " ", left))
    assert all(is_invented(word) or word.lower() in ("herr", "frau", "prof") for word in words)
    assert [c for c in text if c.isspace()] == [c for c in left if c.isspace()]


def test_the_time_is_kept() -> None:
    """A recording tells when it was made, and when each message came."""
    page = Snapshot('<time datetime="2026-11-12T10:04:00.000Z">Nov 12</time>', None, 200)
    now = datetime(2026, 11, 26, tzinfo=UTC)
    left = Anonymiser(Invented(KEY), KNOWN).snapshot(Snapshot(page.html, None, 200, now))
    assert (left.status, left.taken_at) == (200, now)
    assert '<time datetime="2026-11-12T10:04:00.000Z">Nov 12</time>' in left.html
