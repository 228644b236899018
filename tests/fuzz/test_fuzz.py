"""Broken pages: a PageError or what stands there, and never free or accepted by mistake."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from fuzz.oracle import says_so
from fuzz.pages import Page, pages
from fuzz.reads import drawn, read
from fuzz.witness import WITNESSES
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.facts import Heard
from bot.pages.reader import Reader
from tests.fixtures.cases import PAGES

PARTS, READS = 2, 700  # `make fuzz` goes on to a million
EACH_WITNESS = 50


@pytest.mark.parametrize("part", range(PARTS))
def test_mutated_pages_keep_the_promises(part: int) -> None:
    """Mutated fixtures from seeds: no error but a PageError, nothing said that is not there."""
    reader, wrong = Reader.shipped(), {}
    for seed in range(part * READS, (part + 1) * READS):
        found = read(drawn(Random(seed)), reader)
        if found.wrong:
            wrong[seed] = found.wrong
    assert wrong == {}, "again: PYTHONPATH=tests python -m fuzz --reads 1 --seed N"


@pytest.mark.parametrize("make", WITNESSES, ids=lambda make: make.__name__)
def test_a_witness_that_is_not_there_is_not_read(make: object) -> None:
    """Words in other letters, hidden, or in somebody else's mouth are neither free nor accepted."""
    reader = Reader.shipped()
    assert callable(make)
    drawn_pages = [make(Random(seed)) for seed in range(EACH_WITNESS)]
    assert {page.never for page in drawn_pages} == {True}
    assert {read(page, reader).wrong for page in drawn_pages} == {""}


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_hypothesis_finds_no_page_that_breaks_a_promise(random: Random) -> None:
    """The same, drawn by hypothesis, which makes what fails small."""
    assert read(drawn(random), Reader.shipped()).wrong == ""


@given(
    kind=st.sampled_from(PAGES),
    html=st.text(),
    url=st.none() | st.text(),
    body=st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(str),
)
def test_any_text_is_refused_or_read(kind: str, html: str, url: str | None, body: str) -> None:
    """Whatever is handed over as page, address and the page's own data: a PageError or a record."""
    heard = tuple(
        Heard(f"https://www.linkedin.com/sales-api/{name}?q=x", 200, body)
        for name in ("salesApiProfiles", "salesApiCredits", "salesApiMessagingThreads")
    )
    page = Page("none", kind, html, url, None, None, heard)
    assert read(page, Reader.shipped()).wrong == ""


def test_the_oracle_knows_every_page_that_says_so() -> None:
    """The oracle is no empty promise: it finds free and accepted where the fixtures show them."""
    says = [page for page in dict.fromkeys(pages()) if page.says is not None]
    assert Counter(page.says for page in says)["accepted"] > 20
    assert [page.case for page in says if not says_so(page, page.says or "")] == []


def test_a_failure_would_be_seen() -> None:
    """A page that is read as free and must not be, and one that takes another error, are told."""
    free = next(page for page in pages() if page.case == "composer/free")
    reader = Reader.shipped()
    assert read(replace(free, never=True), reader).wrong == "read as free, and does not say so"
    assert read(replace(free, kind="no such kind"), reader).wrong.startswith("KeyError")
