"""The data behind the readers: selectors and the site's own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import UsageError, WorkFailed
from bot.pages.selectors import GRADES, Selectors
from bot.pages.texts import Say, Texts
from bot.shipped import folder

TEXTS = Texts.shipped()


def write(root: Path, name: str, text: str) -> Path:
    (root / name).write_text(text, encoding="utf-8")
    return root


def test_selectors_is_a_folder_of_data() -> None:
    """A Python file in selectors/ would shadow the standard library's module of that name."""
    assert list(folder("selectors").rglob("*.py")) == []


def test_a_missing_folder_is_named() -> None:
    """An installation that is not whole says what is missing."""
    with pytest.raises(WorkFailed, match="nothing-like-it"):
        folder("nothing-like-it")  # type: ignore[arg-type]


def test_spellings_keep_their_order(tmp_path: Path) -> None:
    """The newest spelling stands first; one spelling may be plain text."""
    text = '[a]\ncss = [".new", ".old"]\ngrade = "A"\nproof = "x/y"\n'
    text += '[b]\ncss = ".b"\ngrade = "?"\nproof = "x/y"\n'
    found = Selectors.load(write(tmp_path, "lead.toml", text))
    assert found.css("lead", "a") == (".new", ".old")
    assert found.css("lead", "b") == (".b",)


def test_a_hook_may_hold_within_another_only(tmp_path: Path) -> None:
    """Every place of the outer hook is joined with every spelling of the inner one."""
    text = '[outlet]\ncss = ["#a", "#b"]\ngrade = "A"\nproof = "x/y"\n'
    text += '[form]\nwithin = "outlet"\ncss = ["form", ".f"]\ngrade = "A"\nproof = "x/y"\n'
    found = Selectors.load(write(tmp_path, "composer.toml", text))
    assert found.css("composer", "form") == ("#a form, #b form", "#a .f, #b .f")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[a]\ncss = ""\ngrade = "A"\nproof = "x/y"', "a.css"),
        ('[a]\ncss = []\ngrade = "A"\nproof = "x/y"', "a.css"),
        ('[a]\ngrade = "A"\nproof = "x/y"', "a.css"),
        ('[a]\ncss = "b"\ngrade = "D"\nproof = "x/y"', "a.grade"),
        ('[a]\ncss = "b"\nproof = "x/y"', "a.grade"),
        ('[a]\ncss = "b"\ngrade = "A"', "a.proof"),
        ('[a]\ncss = "b"\ngrade = "A"\nproof = 1', "a.proof"),
        ('[a]\ncss = "b"\ngrade = "A"\nproof = "x/y"\nabsent = ""', "a.absent"),
        ('[a]\ncss = "b"\ngrade = "A"\nproof = "x/y"\nwithin = "z"', "a.within"),
        ('[a]\ncss = "b"\ngrade = "A"\nproof = "x/y"\nscc = "b"', "a.scc"),
        ("a = 1", "a"),
        ("a = ", "-"),
    ],
)
def test_a_mistake_in_the_selectors_is_named(tmp_path: Path, text: str, key: str) -> None:
    """File and key of each mistake are told."""
    with pytest.raises(UsageError) as caught:
        Selectors.load(write(tmp_path, "lead.toml", text))
    assert [fault.key for fault in caught.value.faults] == [key]
    assert "lead.toml" in caught.value.faults[0].place


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Whoever mends the data mends it in one go."""
    write(tmp_path, "lead.toml", "[a]\n[b]\n")
    write(tmp_path, "inbox.toml", "[c]\n")
    with pytest.raises(UsageError) as caught:
        Selectors.load(tmp_path)
    assert {fault.key.split(".")[0] for fault in caught.value.faults} == {"a", "b", "c"}


@pytest.mark.parametrize("load", [Selectors.load, Texts.load])
def test_an_empty_folder_is_a_mistake(tmp_path: Path, load: object) -> None:
    """Nothing to read is not nothing to find."""
    assert callable(load)
    with pytest.raises(UsageError):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[credit_lime]\nA = []", "credit_lime"),
        ('[sent]\nD = ["x"]', "sent.D"),
        ('[sent]\nA = "x"', "sent.A"),
        ('[sent]\nA = ["{number}"]', "sent.A"),
        ("sent = 1", "sent"),
    ],
)
def test_a_mistake_in_the_texts_is_named(tmp_path: Path, text: str, key: str) -> None:
    """File and key of each mistake are told."""
    with pytest.raises(UsageError) as caught:
        Texts.load(write(tmp_path, "en.toml", text))
    assert [fault.key for fault in caught.value.faults] == [key]


def test_every_wording_has_a_grade_and_is_found_by_itself() -> None:
    """Each wording matches what it says, and its first word to look for stands in it."""
    for phrase in TEXTS.phrases:
        said = phrase.text.replace("{n}", "7").replace("{name}", "Quilla").replace("{rest}", "")
        said = said.replace("{first_name}", "Alice")
        assert phrase.grade in GRADES
        assert TEXTS.match(phrase.say, said), phrase
        assert TEXTS.starts(phrase.say).search(said), phrase


def test_case_space_and_quotes_do_not_count() -> None:
    """The site's words are the same in any of the shapes that they arrive in."""
    for said in (
        "Sorry, you’ve used up all your  InMail credits.",
        "SORRY, YOU'VE USED UP ALL YOUR INMAIL CREDITS",
    ):
        assert TEXTS.match(Say.NONE_LEFT, said)
    found = TEXTS.match(Say.BALANCE, "InMail\u00a0credits:\n149 left")
    assert found is not None
    assert found["n"] == "149"


def test_a_whole_wording_is_wanted() -> None:
    """A14: a sentence around the site's words makes them a quotation."""
    assert TEXTS.match(Say.FREE_LINE, "It says: Free to Open Profile") is None
    assert TEXTS.match(Say.CREDIT_LINE, "Use 1 of many credits") is None
    assert TEXTS.find(Say.HALT_RATE_LIMITED, "Sorry: too many requests, friend") is not None


def test_what_nobody_knows_is_not_in_the_catalogue() -> None:
    """K3: the Spanish line of a free InMail is not known, so it stays unknown."""
    assert {phrase.language for phrase in TEXTS.phrases if phrase.say is Say.FREE_LINE} == {
        "en",
        "de",
    }


def test_the_default_answers_hold_the_owners_place() -> None:
    """A12: every default text has the owner's first name in its place."""
    answers = TEXTS.answers
    assert answers.acceptances
    assert answers.rejections
    assert all("{first_name}" in text for text in (*answers.acceptances, *answers.rejections))


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "pt"])
def test_every_language_knows_how_people_ask_to_be_left_alone(language: str) -> None:
    """A11: the wish is heard in each language of the catalogue."""
    stops = [each for each in TEXTS.phrases if each.say is Say.STOP and each.language == language]
    assert len(stops) >= 20
