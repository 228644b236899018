"""The documentation as a site, and what its pages say of the program."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from bot import errors
from bot.site import WHAT_TO_DO
from tools import messages

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FOREIGN = re.compile(r'(?:src|srcset|action)="(?:https?:)?//|<link[^>]*href="(?:https?:)?//')
LOADED = re.compile(r"url\(\s*['\"]?(?:https?:)?//|@import")


@cache
def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it."""
    into = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(into)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return into


def test_every_page_is_in_the_site_and_no_link_is_broken(site: Path) -> None:
    """Built strictly: a page outside the menu, or a link or heading that is not there, fails it."""
    pages = {path.stem for path in DOCS.glob("*.md")}
    assert pages == {path.stem for path in site.glob("*.html")} - {"404"}
    assert len(pages) > 20


def test_nothing_in_the_site_is_loaded_from_elsewhere(site: Path) -> None:
    """It can be read without a network: no font, script or picture is another's."""
    for path in site.rglob("*.html"):
        assert not FOREIGN.search(path.read_text(encoding="utf-8")), path.name
    for path in site.rglob("*.css"):
        assert not LOADED.search(path.read_text(encoding="utf-8")), path.name


def test_the_list_of_messages_is_the_programs_own() -> None:
    """docs/messages.md is what `python -m tools.messages` writes, with every class of errors."""
    assert messages.TARGET.read_text(encoding="utf-8") == messages.text()
    kinds = {kind for kind, _, _ in messages.MEANINGS}
    named = {
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.LeadwrightError)
    }
    told_by_kind = {errors.SeatHalted}
    never_shown = {
        errors.LeadwrightError,
        errors.MustWait,
        errors.PageError,
        errors.StopRequested,
    }
    assert named - kinds == told_by_kind | never_shown
    assert len(messages.raised()) > 100


def test_troubleshooting_has_every_exit_code_and_every_halt() -> None:
    """Each of the five codes has a heading, each halt a line."""
    text = page("troubleshooting.md")
    assert re.findall(r"^## (\d):", text, re.MULTILINE) == ["0", "1", "2", "3", "4"]
    for halt in WHAT_TO_DO:
        assert f"| `{halt}` |" in text


def test_the_rules_page_has_every_rule_once() -> None:
    """The numbers that the layout knows, each at the head of one line."""
    heads = re.findall(r"^\| \*{0,2}([CLKAST]\d{1,2})\*{0,2} \|", page("rules.md"), re.MULTILINE)
    counts = {"C": 12, "L": 6, "K": 8, "A": 14, "S": 8, "T": 8}
    assert heads == [
        f"{letter}{n}" for letter, count in counts.items() for n in range(1, count + 1)
    ]


def test_every_fact_of_the_site_has_a_grade() -> None:
    """A line of its tables ends with the grade of its evidence."""
    facts = [
        line
        for line in page("site.md").splitlines()
        if line.startswith("| ") and not line.startswith(("| Fact", "| Rule", "| Grade", "| **A**"))
    ]
    grade = re.compile(r"\| (?:-|\*{0,2}(?:A|B|C|\?|NF)\*{0,2}(?:; (?:A|B|C|\?|NF))*) \|$")
    graded = [line for line in facts if grade.search(line)]
    legend = [line for line in facts if re.match(r"\| \*\*(?:B|C|\?|NF)\*\* \|", line)]
    assert len(facts) == len(graded) + len(legend)
    assert len(graded) > 50


def test_the_readme_says_what_a_seats_owner_risks() -> None:
    """Before anything is installed: the terms, restricted accounts, and what the limits are for."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    said, _, _ = readme.partition("pipx install")
    said = " ".join(said.split())
    assert "against the site's terms, and accounts have been restricted for it" in said
    assert "careful, not permitted" in said


def test_every_option_that_the_docs_name_is_the_commands_own() -> None:
    """`leadwright COMMAND --option` in README and docs: the command knows that option."""
    known = _options()
    missing = [
        f"{path.name}: {command} {option}"
        for path in (ROOT / "README.md", *DOCS.glob("*.md"))
        if path.name != "commands.md"
        for said in re.findall(r"leadwright ((?:[\w.-]+ ?|--[\w-]+ ?)+)", path.read_text("utf-8"))
        for command in [_command(said, known)]
        for option in re.findall(r"--[\w-]+", said)
        if command and option not in known[command]
    ]
    assert missing == []


def _command(said: str, known: dict[str, set[str]]) -> str:
    """The command that some words begin with; empty if it is none."""
    words = said.split()
    return next((name for name in (" ".join(words[:2]), words[0]) if name in known), "")


def _options() -> dict[str, set[str]]:
    """The options of every command, by its name, as docs/commands.md has them."""
    parts = re.split(r"^## leadwright ", page("commands.md"), flags=re.MULTILINE)[1:]
    return {part.splitlines()[0]: set(re.findall(r"--[\w-]+", part)) | {"--help"} for part in parts}


def test_the_version_that_is_installed_is_the_programs() -> None:
    """Every wheel that README and docs name has the version of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for path in (ROOT / "README.md", *DOCS.glob("*.md")):
        for version in re.findall(r"leadwright-([\d.]+)-py3", path.read_text(encoding="utf-8")):
            assert version == project["version"], path.name
