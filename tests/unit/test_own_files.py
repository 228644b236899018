"""A seat's own selectors and texts over those that ship."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.checking import check
from bot.cli.doctor import doctor_command
from bot.cli.setup import init
from bot.errors import UsageError
from bot.pages.reader import Reader
from bot.pages.selectors import Selectors
from bot.pages.texts import Say, Texts
from bot.places import SeatPaths
from bot.seat import own_reader

SHIPPED, WORDS = Selectors.shipped(), Texts.shipped()


def seat(home: Path, **files: str) -> SeatPaths:
    """Alice's folder with own files: `selectors_lead` is selectors/lead.toml."""
    for name, text in files.items():
        kind, _, page = name.partition("_")
        path = SeatPaths(home, "alice").folder / kind / f"{page}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return SeatPaths(home, "alice")


def faults_of(paths: SeatPaths) -> list[str]:
    with pytest.raises(UsageError) as caught:
        own_reader(paths)
    return [str(fault) for fault in caught.value.faults]


def test_a_seat_without_own_files_reads_with_what_ships(tmp_path: Path) -> None:
    """No file, no difference."""
    assert own_reader(seat(tmp_path)) is None
    assert Selectors.of_seat(tmp_path) is SHIPPED
    assert Texts.of_seat(tmp_path) is WORDS


def test_an_own_selector_replaces_the_shipped_one(tmp_path: Path) -> None:
    """Only the CSS is needed; grade and proof stay, and so does every other hook."""
    text = '[send_button]\ncss = ["form button.new", "form button.old"]\n'
    found = own_reader(seat(tmp_path, selectors_composer=text))
    assert found is not None
    mended, before = found.selectors.get("composer", "send_button"), SHIPPED.entries
    assert mended is not None
    assert [each.rpartition(" ")[2] for each in mended.css] == ["button.new", "button.old"]
    assert mended.css[0].startswith("#message-overlay form"), "it holds within its outlet still"
    assert (mended.grade, mended.proof) == ("A", "composer/credit")
    assert found.selectors.own == (mended,)
    assert len(found.selectors.entries) == len(before)
    assert found.css("lead", "name") == SHIPPED.css("lead", "name")


def test_an_own_outlet_moves_what_stands_within_it(tmp_path: Path) -> None:
    """A hook that holds within another follows it."""
    found = own_reader(seat(tmp_path, selectors_composer='[outlet]\ncss = "#panels"\n'))
    assert found is not None
    assert found.css("composer", "form")[1] == "#panels form:has(textarea)"


def test_own_wordings_stand_beside_those_that_ship(tmp_path: Path) -> None:
    """A wording is added, in a known language or a new one; the shipped ones still count."""
    found = Texts.of_seat(
        seat(tmp_path, texts_en='sent = ["Off it goes"]\n', texts_it='sent = ["Inviato"]\n').texts
    )
    for said in ("Off it goes", "Inviato", "Message sent"):
        assert found.match(Say.SENT, said), said
    assert [each.language for each in found.own] == ["en", "it"]


def test_an_own_entry_may_replace_the_shipped_wordings_of_its_language(tmp_path: Path) -> None:
    """With `replace = true` English says it no more as it ships; German does."""
    text = '[sent]\nreplace = true\nown = ["Off it goes"]\n'
    found = Texts.of_seat(seat(tmp_path, texts_en=text).texts)
    assert found.match(Say.SENT, "Off it goes")
    assert not found.match(Say.SENT, "Message sent")
    german = next(
        each.text for each in WORDS.phrases if each.language == "de" and each.say == "sent"
    )
    assert found.match(Say.SENT, german)


def test_every_mistake_of_both_folders_is_told_at_once(tmp_path: Path) -> None:
    """File, line, key, and what is allowed, the nearest first."""
    paths = seat(
        tmp_path,
        selectors_composer='[send_buton]\ncss = ".x"\n\n[body]\ncss = "p["\ngrad = 1\n',
        selectors_composr='[body]\ncss = ".x"\n',
        selectors_lead="name = 3\n[card]\ncss = 4\n",
        selectors_inbox="[item\n",
        texts_en='snet = ["x"]\n[sent]\nreplace = 1\nown = ["{n}"]\nZ = ["y"]\n',
    )
    told = "\n".join(faults_of(paths))
    for expected in (
        "composer.toml:1: send_buton: found an unknown key; did you mean send_button?",
        "composer.toml:5: body.css: found p[; CSS that the page's parser knows",
        "composer.toml:6: body.grad: found an unknown key; did you mean grade?",
        "composr.toml: -: found the unknown page composr; did you mean composer?",
        "lead.toml:1: name: found 3; a table",
        "lead.toml:3: card.css: found 4; CSS",
        "inbox.toml:1: -: found a line that is not TOML",
        "en.toml:1: snet: found an unknown key; did you mean sent?",
        "en.toml:3: sent.replace: found 1; true or false",
        "en.toml:4: sent.own: found '{n}'; a wording",
        "en.toml:5: sent.Z: found Z; one of A,",
    ):
        assert expected in told
    assert len(told.splitlines()) == 11


@pytest.mark.parametrize(
    "css", ["a >> b", "button:has-text('Send')", "", "..x", "form button, form a"]
)
def test_css_that_could_not_be_acted_on_is_refused(tmp_path: Path, css: str) -> None:
    """The parser itself is asked; a list would leave its outlet."""
    text = f'[send_button]\ncss = "{css}"\n'
    assert len(faults_of(seat(tmp_path, selectors_composer=text))) == 1
    if "," in css:
        return
    with pytest.raises(UsageError):
        Reader.of_seat(seat(tmp_path).selectors, tmp_path)


def test_check_and_doctor_tell_what_is_wrong_and_what_is_in_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The owner sees which of their files count, and every mistake before a stint does."""
    init(tmp_path)
    paths = seat(
        tmp_path, selectors_lead='[name]\ncss = "h1.new"\n', texts_en='sent = ["Off", "Gone"]\n'
    )
    lines = check(tmp_path).lines
    assert f"alice: own selector lead.name: {paths.selectors / 'lead.toml'}" in lines
    assert f"alice: own texts sent: 2 in {paths.texts / 'en.toml'}" in lines
    seat(tmp_path, selectors_lead='[name]\ncss = "h1["\n')
    assert [fault.key for fault in check(tmp_path).faults] == ["name.css"]
    assert doctor_command("alice", tmp_path, False, False) == 2
    assert "lead.toml:2: name.css: found h1[" in capsys.readouterr().out
