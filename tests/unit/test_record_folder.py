"""What is kept of a page, under which name, and what a check and a lesson say of it."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree

import pytest

from bot.cli.main import main
from bot.cli.record import Recorder
from bot.facts import Snapshot
from bot.pages.reader import Reader
from bot.pages.texts import Texts
from bot.record.anonymise import Anonymiser
from bot.record.folder import Recording
from bot.record.invented import Invented
from bot.record.known import Known
from bot.record.states import states
from bot.record.words import Voice
from bot.shipped import folder
from tests.fixtures.cases import case

KNOWN = Known(Texts.shipped())


def new_recorder(root: Path) -> Recorder:
    """A recorder without a browser: it is shown fixtures."""
    anonymiser = Anonymiser(Invented(b"0" * 32), KNOWN, ["Alice"])
    return Recorder(Reader.shipped(), Recording(root), anonymiser, "Alice")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small recording of three fixtures, not to be changed."""
    recorder = new_recorder(tmp_path_factory.mktemp("recorded"))
    for name in ("lead/second-degree", "composer/credit", "thread/default-acceptance"):
        for _ in range(2):
            recorder.see(case(name).snapshot())
    return recorder.recording.root


@pytest.fixture
def recording(recorded: Path, tmp_path: Path) -> Path:
    """One page of it, to be changed."""
    copytree(recorded / "lead", tmp_path / "recording" / "lead")
    return tmp_path / "recording"


def saved(root: Path) -> list[str]:
    return sorted(str(path.parent.relative_to(root)) for path in root.rglob("page.html"))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("lead/second-degree", ["lead/second-degree"]),
        ("lead/unreachable", ["lead/unreachable"]),
        ("lead/pending", ["lead/pending"]),
        ("lead/message-in-menu", ["lead/message-in-menu"]),
        ("composer/credit", ["composer/credit"]),
        ("composer/free", ["composer/free"]),
        ("composer/typed", ["composer/credit-typed"]),
        ("composer/sent", ["composer/sent"]),
        ("composer/failed", ["composer/failed"]),
        ("composer/discard", ["composer/discard"]),
        ("results/search", ["results/search"]),
        ("results/list", ["results/list"]),
        ("results/last-page", ["results/search-last-page"]),
        ("inbox/empty", ["inbox/empty"]),
        ("thread/awaiting", ["inbox/list", "thread/awaiting"]),
        ("thread/default-acceptance", ["inbox/list", "thread/default-acceptance"]),
        ("thread/event-declined", ["inbox/list", "thread/event-declined"]),
        ("thread/deleted", ["inbox/list", "thread/deleted"]),
        ("thread/own-words", ["inbox/list", "thread/own-words"]),
        ("thread/rejection-then-acceptance", ["inbox/list", "thread/rejection-then-acceptance"]),
        ("halt/authwall", ["halt/authwall"]),
        ("halt/challenge", ["halt/challenge"]),
        ("halt/missing", ["halt/missing"]),
        ("halt/loading", []),
    ],
)
def test_a_page_is_kept_under_the_name_that_the_practice_site_knows(
    name: str, found: list[str]
) -> None:
    """Each state has the name of the fixture that shows the same; a shell is nothing yet."""
    one = case(name)
    told = states(Reader.shipped(), one.snapshot(), "Alice")
    assert [f"{each.page}/{each.case}" for each in told] == found


def test_a_lead_page_without_its_hooks_is_kept_to_be_taught() -> None:
    """A known address whose page nobody recognises is worth the most."""
    page = case("lead/second-degree").snapshot()
    html = page.html.replace("profile-card-section", "x").replace("feature-lead-top-card", "x")
    told = states(Reader.shipped(), Snapshot(html, page.url, 200), None)
    assert [(each.page, each.case) for each in told] == [("lead", "not-recognised")]


def test_a_state_is_kept_once_and_when_it_has_come_to_rest(tmp_path: Path) -> None:
    """A page that still changes is waited for; other people on the same page are no new state."""
    recorder = new_recorder(tmp_path / "recording")
    first, other = case("lead/second-degree").snapshot(), case("lead/second-id-family").snapshot()
    recorder.see(first)
    assert not recorder.recording.root.exists()
    for page in (first, other, other, first, first):
        recorder.see(page)
    assert saved(recorder.recording.root) == ["lead/second-degree"]


def test_an_unknown_credit_line_is_shown_and_not_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The owner reads the wording that has to be taught; on the disk it is replaced, as all is."""
    recorder = new_recorder(tmp_path / "recording")
    for _ in range(2):
        recorder.see(case("composer/line-unheard-of").snapshot())
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "saved composer/line-unknown"
    said = lines[1].partition("not known is its line: ")[2]
    assert said in case("composer/line-unheard-of").html
    kept = next((tmp_path / "recording").rglob("page.html")).read_text(encoding="utf-8")
    assert said
    assert said not in kept


def test_a_case_has_what_a_fixture_has(recorded: Path) -> None:
    """Page, address, owner, language and what was understood, of an invented person."""
    one = recorded / "lead" / "second-degree"
    expected = json.loads((one / "expected.json").read_text(encoding="utf-8"))
    meta = (one / "meta.toml").read_text(encoding="utf-8")
    assert (expected["page"], expected["degree"]) == ("lead", 2)
    assert expected["name"] in (one / "page.html").read_text(encoding="utf-8")
    assert expected["id"] in meta
    assert 'made_by = "by the recorder"' in meta
    assert 'language = "en"' in meta
    assert "Alice" not in meta


def checked(root: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, list[str]]:
    code = main(["record", "--check", str(root), *more])
    said = capsys.readouterr()
    return code, (said.out + said.err).splitlines()


def test_a_recording_is_clean(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the recorder wrote has nothing in it that was not invented."""
    capsys.readouterr()
    assert checked(recorded, capsys, "--owner", "Alice Example") == (0, ["clean"])


PLANTED = {
    "page.html": (
        ("</h1>", " Lovelace</h1>", "a word that was not invented: Lovelace"),
        ("</h1>", " a@b.org</h1>", "an e-mail address: a@b.org"),
        ("</h1>", " +44 20 7946 0958</h1>", "a telephone number: +44 20 7946 0958"),
        ("</h1>", " Alice</h1>", "the owner's name: Alice"),
        ("<main", '<img src="data:image/png;base64,aa"><main', "image data: "),
        ("<main", '<a href="/sales/lead/ACwAABcdefgh,x,y">-</a><main', "a lead's id: ACwAABcdefgh"),
        ("<main", "<script>1</script><main", "a script: <script"),
    ),
    "meta.toml": (
        ("status", 'x = "ajax:1234567890"\nstatus', "a token of a session: ajax:1234567890"),
        (
            "taken_at",
            '[[heard]]\nurl="/"\nstatus=200\nbody="{\\"name\\":\\"Ada\\"}"\ntaken_at',
            "invented: Ada",
        ),
    ),
    "expected.json": (('"why"', '"title": "Countess",\n"why"', "invented: Countess"),),
}


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [(file, *each) for file, planted in PLANTED.items() for each in planted],
)
def test_what_is_planted_is_named(
    recording: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    old: str,
    new: str,
    told: str,
) -> None:
    """File, line and what: for each sort of thing that must not be in a recording."""
    path = recording / "lead" / "second-degree" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    changed = text.replace(old, new, 1)
    path.write_text(changed, encoding="utf-8")
    capsys.readouterr()
    code, lines = checked(recording, capsys, "--owner", "Alice Example")
    assert code == 1
    found = [line for line in lines if told in line]
    assert found, lines
    assert found[0].startswith(f"lead/second-degree/{file}:")


def test_a_strange_file_and_an_empty_folder_are_told(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A picture beside the pages is named; a folder without pages is no clean recording."""
    (recording / "lead" / "shot.png").write_bytes(b"\x89PNG")
    capsys.readouterr()
    code, lines = checked(recording, capsys)
    assert (code, lines[0].split(": ")[1]) == (1, "a file that the recorder does not write")
    (tmp_path / "none").mkdir()
    assert main(["record", "--check", str(tmp_path / "none")]) == 1
    assert "no page.html" in capsys.readouterr().err


def test_record_wants_a_seat_or_a_folder() -> None:
    """Neither is wrong usage."""
    assert main(["record"]) == 2


def test_what_the_owner_learnt_from_an_answer_is_no_word_of_the_site(tmp_path: Path) -> None:
    """A learned default text (A12) was written by somebody: a recording does not keep it."""
    texts = tmp_path / "texts"
    texts.mkdir()
    line = 'acceptance = ["Hi {first_name}, my parrot Rex says yes to your kind words."]\n'
    (texts / "learned.toml").write_text(line, encoding="utf-8")
    anonymiser = Anonymiser(Invented(b"0" * 32), Known(Texts.of_seat(texts)))
    said = anonymiser.text("Hi Alice, my parrot Rex says yes to your kind words.", Voice.PROSE)
    assert "parrot" not in said
    (texts / "learned.toml").rename(texts / "en.toml")
    anonymiser = Anonymiser(Invented(b"0" * 32), Known(Texts.of_seat(texts)))
    said = anonymiser.text("Hi Alice, my parrot Rex says yes to your kind words.", Voice.PROSE)
    assert "my parrot Rex says yes" in said
    assert "Alice" not in said


def taught(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert main(["teach", *words, "--json"]) == 0
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    return document


def test_teach_shows_what_each_selector_finds(capsys: pytest.CaptureFixture[str]) -> None:
    """Which spelling, how many, what it says, what nobody sees, and what is missing."""
    told = taught(capsys, str(folder("fixtures") / "lead" / "second-degree"))
    hooks = {(each["page"], each["key"]): each for each in told["hooks"]}  # type: ignore[attr-defined]
    name, button = hooks["lead", "name"], hooks["lead", "message_button"]
    assert (name["matches"], name["spelling"], name["text"]) == (1, 1, "Quilla Marrowby")
    assert (button["matches"], button["hidden"]) == (1, 1)
    assert "lead.overflow_message_item" in told["missing"]  # type: ignore[operator]
    assert ("app", "header") in hooks
    assert told["understood"]["name"] == "Quilla Marrowby"  # type: ignore[index]


def test_teach_tries_other_selectors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A corrected file shows at once what it finds, and a broken one what it misses."""
    copytree(folder("selectors"), tmp_path / "selectors")
    file = tmp_path / "selectors" / "lead.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("'h1[data-x--lead--name]',", "'h1.gone',", 1), encoding="utf-8")
    page = str(folder("fixtures") / "lead" / "second-degree")
    told = taught(capsys, page, "--selectors", str(tmp_path / "selectors"))
    (name,) = [each for each in told["hooks"] if each["key"] == "name"]  # type: ignore[attr-defined]
    assert name["spelling"] == 2


def test_teach_writes_and_leaves_what_was_corrected(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The expected file is the machine's until somebody corrects it; then only --force writes."""
    one = recording / "lead" / "second-degree"
    expected = one / "expected.json"
    expected_text = expected.read_text(encoding="utf-8")
    assert main(["teach", str(one), "--write"]) == 0
    corrected = expected_text.replace('"degree": 2', '"degree": 3')
    expected.write_text(corrected, encoding="utf-8")
    capsys.readouterr()
    assert main(["teach", str(one), "--write"]) == 1
    assert "--force" in capsys.readouterr().err
    assert expected.read_text(encoding="utf-8") == corrected
    assert main(["teach", str(one), "--write", "--force"]) == 0
    assert expected.read_text(encoding="utf-8") == expected_text
    shipped = folder("fixtures") / "lead" / "second-degree"
    before = (shipped / "expected.json").read_bytes()
    assert main(["teach", str(shipped), "--write"]) == 1, "a fixture made by hand is somebody's"
    assert (shipped / "expected.json").read_bytes() == before


def test_teach_tells_the_page_of_a_lone_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An HTML file says by itself what it is; one that does not is asked for --page."""
    page = tmp_path / "saved.html"
    page.write_text(case("thread/awaiting").html, encoding="utf-8")
    assert taught(capsys, str(page), "--page", "thread")["error"] is None
    assert taught(capsys, str(page))["page"] == "inbox"
    page.write_text("<p>nothing</p>", encoding="utf-8")
    assert main(["teach", str(page)]) == 2
    assert "--page" in capsys.readouterr().err
