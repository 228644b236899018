"""Which spelling of a hook matched: counted by the reader, kept by the shell, told in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from fixtures.cases import case
from simulation.rig import Rig, scenario

from bot import log
from bot.canary import take_note
from bot.errors import PageError
from bot.facts import HookSeen
from bot.hooks import HookUse
from bot.model import Changes
from bot.pages.reader import Reader
from bot.report import slid_hooks, slid_line
from bot.rules.hooks import noted
from bot.store.memory import MemoryBook
from bot.store.store import Store

DAY = date(2026, 3, 2)
NEXT = DAY + timedelta(1)


def reader() -> Reader:
    """One that has counted nothing yet."""
    return Reader(Reader.shipped().selectors, Reader.shipped().texts)


def seen(spelling: int, pages: int = 1, css: str = ".new") -> HookSeen:
    return HookSeen("lead", "name", spelling, css, pages)


def after(*days: tuple[date, HookSeen]) -> HookUse:
    """The use of lead.name after these."""
    known: dict[str, HookUse] = {}
    for day, each in days:
        known |= {use.name: use for use in noted(known, [each], day)}
    return known["lead.name"]


def test_the_reader_counts_the_best_spelling_on_each_page_that_was_read() -> None:
    """A page counts once, however often it is asked; what was told is not told again."""
    counting, page = reader(), case("composer/older-classes").snapshot()
    counting.composer(page)
    counting.composer(page)
    counting.composer(case("composer/credit").snapshot())
    found = {(each.key, each.spelling): each.pages for each in counting.seen()}
    assert found["body", 0] == found["body", 1] == 1
    assert found["send_button", 0] == 2
    assert counting.seen() == ()


def test_a_page_that_cannot_be_read_counts_nothing() -> None:
    """What a page of another kind happens to match is no sign of anything."""
    counting = reader()
    with pytest.raises(PageError):
        counting.thread(case("lead/second-degree").snapshot())
    counting.halt(case("lead/second-degree").snapshot())
    assert counting.seen() == ()


def test_the_forms_of_a_page_are_no_fallbacks_of_each_other() -> None:
    """A lead list does not look like a search that has slid."""
    counting = reader()
    counting.results(case("results/list").snapshot())
    assert {each.spelling for each in counting.seen()} == {0}


def test_no_page_that_ships_has_slid_by_itself() -> None:
    """The usual fixture of each page is read by first choices alone: a warning means something."""
    counting = reader()
    for kind, name in (
        ("lead", "second-degree"),
        ("composer", "credit"),
        ("results", "search"),
        ("inbox", "list"),
        ("thread", "default-acceptance"),
    ):
        getattr(counting, kind)(case(f"{kind}/{name}").snapshot())
    assert not [each for each in counting.seen() if each.spelling]


def test_a_slide_is_a_fallback_on_a_later_day_than_the_first_choice() -> None:
    """On the same day it is none; where the first choice never matched there is nothing to lose."""
    assert not after((DAY, seen(0)), (DAY, seen(1))).slid
    assert not after((DAY, seen(1)), (NEXT, seen(2))).slid
    assert not after((DAY, seen(0)), (NEXT, seen(1)), (NEXT, seen(0))).slid
    slid = after((DAY, seen(0, 5)), (NEXT, seen(2, 3)), (NEXT, seen(1)))
    assert slid == HookUse("lead.name", ".new", (5, 1, 3), NEXT, 1, DAY)
    assert slid.slid
    (told,) = slid_hooks([slid])
    assert slid_line(told) == (
        "lead.name is found by fallback 1 only, since 2026-03-03; until 2026-03-02 it was .new"
    )


def test_another_first_choice_is_counted_anew() -> None:
    """Whoever mends the selector is not told of the old one."""
    mended = after((DAY, seen(0)), (NEXT, seen(1)), (NEXT, seen(0, css=".newest")))
    assert mended == HookUse("lead.name", ".newest", (1,), NEXT, 0, NEXT)


def test_both_books_keep_the_uses() -> None:
    """What is committed is what is read, by name, the newest record of each."""
    old = HookUse("thread.list", ".a", (1,), DAY, 0, DAY)
    new = replace(old, pages=(0, 4), last_day=NEXT, spelling=1)
    other = HookUse("lead.name", ".b", (0, 1), DAY, 1, None)
    with Store.open(None) as store:
        for book in (store, MemoryBook()):
            book.commit(Changes(hooks=(old,)))
            book.commit(Changes(hooks=(other, new)))
            assert book.hooks() == (other, new)


def test_a_stint_keeps_what_it_saw_and_warns_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One write for a stint; the log names the hook, and says it once."""
    rig = Rig(scenario("Ada credit"), book=MemoryBook())
    log.configure(tmp_path, now=rig.clock.now, terminal=False)
    told = [(seen(0),), (seen(1),), (seen(1),), ()]
    monkeypatch.setattr(rig.site, "hooks_seen", lambda: told.pop(0))
    for _ in range(4):
        take_note(rig.work)
        rig.clock.advance(timedelta(days=1))
    log.configure(None, now=rig.clock.now, terminal=False)
    (use,) = rig.store.hooks()
    assert use.pages == (1, 2)
    lines = (tmp_path / log.FILE).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1
    assert "lead.name" in lines[0]
