"""The practice site looks like a recording where it has the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import WorkFailed
from bot.practice.model import World
from bot.practice.pages import Pages
from bot.practice.people import Language
from bot.practice.render import Renderer
from bot.practice.scenario import load
from tests.fixtures.cases import case


def keep(root: Path, name: str, html: str, language: str = "en") -> Path:
    """Put one page into a recording."""
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "page.html").write_text(html, encoding="utf-8")
    meta = f'url = "{case(name).meta["url"]}"\nlanguage = "{language}"\n'
    (folder / "meta.toml").write_text(meta, encoding="utf-8")
    return folder


def lead_page(pages: Pages, language: Language = Language.EN) -> str:
    """The page of somebody on a practice site that looks so."""
    world = World(replace(load("small"), language=language))
    render = Renderer(world, pages)
    person = next(p for p in world.scenario.people if p.kind == "credit" and not p.message_in_menu)
    shown = world.lead(person.id)
    assert shown is not None
    html = render.lead(shown, "token").html
    assert person.name in html
    return html


MARKED = case("lead/second-degree").html.replace("<main", "<main data-test-recorded", 1)


def test_a_recorded_page_is_shown_and_told(tmp_path: Path) -> None:
    """Its markup is shown with other people in it; what is not recorded ships, and is named so."""
    keep(tmp_path, "lead/second-degree", MARKED)
    pages = Pages.of(tmp_path)
    assert "data-test-recorded" in lead_page(pages)
    assert pages.told() == f"From {tmp_path}: lead/second-degree. The rest ships with the program."
    assert "data-test-recorded" not in lead_page(Pages())


def test_a_page_in_another_language_is_not_taken(tmp_path: Path) -> None:
    """An English recording does not make a German site half English."""
    keep(tmp_path, "lead/second-degree", MARKED)
    assert "data-test-recorded" not in lead_page(Pages.of(tmp_path), Language.DE)


def test_what_nobody_saw_stays_unseen(tmp_path: Path) -> None:
    """The snapshot's mark hides: the style sheet that hid it is not in a recording."""
    html = MARKED.replace("<main", "<p data-leadwright-hidden>secret of a sheet</p><main", 1)
    keep(tmp_path, "lead/second-degree", html)
    assert '<p hidden="">secret of a sheet</p>' in lead_page(Pages.of(tmp_path))


def test_a_page_without_a_hook_is_named(tmp_path: Path) -> None:
    """What cannot be filled is an error with file and hook, and so is a folder without pages."""
    folder = keep(tmp_path, "lead/second-degree", MARKED.replace("data-x--lead--name", "data-x"))
    with pytest.raises(WorkFailed, match=f"{folder}/page.html has no h1"):
        lead_page(Pages.of(tmp_path))
    with pytest.raises(WorkFailed, match="no recorded page"):
        Pages.of(tmp_path / "lead")
