"""`doctor` without a seat: what a machine lacks, and how to get it there."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import browser_finder
from bot.browser_check import browser_findings, driver_finding
from bot.cli.doctor import doctor_command
from bot.cli.setup import init
from bot.machine import Finding, Machine, findings

NOW = datetime(2126, 3, 2, 9, tzinfo=UTC)
RELEASES = {
    "debian": 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n',
    "mint": 'PRETTY_NAME="Mint 22"\nID=linuxmint\nID_LIKE="ubuntu debian"\n',
    "fedora": 'PRETTY_NAME="Fedora 42"\nID=fedora\n',
    "tumbleweed": 'PRETTY_NAME="Tumbleweed"\nID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n',
    "unheard-of": 'PRETTY_NAME="Unheard"\nID=unheard\n',
}


def machine(root: Path, release: str = "debian", **more: object) -> Machine:
    """A machine whose files lie below *root*, with a home of mode 700."""
    (root / "etc").mkdir(parents=True, exist_ok=True)
    (root / "etc/os-release").write_text(RELEASES[release], encoding="utf-8")
    home = root / "home"
    home.mkdir(mode=0o700, exist_ok=True)
    return Machine(**{"now": NOW, "home": home, "root": root, "user": "robin"} | more)  # type: ignore[arg-type]


def by_name(found: Machine) -> dict[str, Finding]:
    """What was found, by its name."""
    return {each.name: each for each in findings(found)}


def test_a_bare_machine_is_told_what_is_worse_and_what_to_do(tmp_path: Path) -> None:
    """No font, no screen and no systemd are notes with a next step, and nothing is missing."""
    found = by_name(machine(tmp_path))
    assert {name for name, each in found.items() if each.state == "note"} >= {
        "fonts", "screen", "systemd",
    }  # fmt: skip
    assert "missing" not in {each.state for each in found.values()}
    assert all(each.how for each in found.values() if each.state != "ok")
    assert found["fonts"].how == "`sudo apt-get install fonts-liberation`"
    assert "`sudo apt-get install xvfb x11vnc`" in found["screen"].how
    assert "`leadwright up`" in found["systemd"].how


def test_a_machine_that_has_all_is_in_order(tmp_path: Path) -> None:
    """With fonts, screen, systemd and lingering no note is left but those of disk and clock."""
    here = machine(tmp_path, screen=True)
    for name in ("run/systemd/system", "var/lib/systemd/linger", "usr/share/fonts/truetype"):
        (tmp_path / name).mkdir(parents=True)
    assert by_name(here)["lingering"].how == "`loginctl enable-linger`"
    (tmp_path / "var/lib/systemd/linger/robin").touch()
    (tmp_path / "usr/share/fonts/truetype/a.ttf").touch()
    left = {name for name, each in by_name(here).items() if each.state != "ok"}
    assert left <= {"disk", "clock"}


@pytest.mark.parametrize(
    ("release", "command"),
    [
        ("debian", "`sudo apt-get install chromium`"),
        ("mint", ""),  # Ubuntu's chromium is a snap: doctor's own way is better there
        ("fedora", "`sudo dnf install chromium`"),
        ("tumbleweed", "`sudo zypper install chromium`"),
        ("unheard-of", ""),
    ],
)
def test_each_distribution_has_its_own_way_to_a_browser(
    release: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is none, the machine's own command is told, and always doctor's."""
    monkeypatch.setattr(browser_finder, "PLACES", ())
    monkeypatch.setattr(browser_finder, "NAMES", ())
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "none"))
    (found,) = browser_findings(machine(tmp_path, release))
    assert found.state == "missing"
    assert command in found.how
    assert "`leadwright doctor --get-browser`" in found.how


def test_a_browser_that_shows_no_page_is_told_with_its_last_word(tmp_path: Path) -> None:
    """That it tells its version proves nothing; why the machine refuses is said if it is known."""
    browser = tmp_path / "chrome"
    browser.write_text(
        '#!/bin/sh\ncase "$*" in --version) echo Chromium 150;; *) echo "No sandbox" >&2; exit 1;; '
        "esac\n",
        encoding="utf-8",
    )
    browser.chmod(0o755)
    page = list(browser_findings(machine(tmp_path), str(browser)))[-1]
    assert (page.state, page.said) == ("missing", "the browser opens none: No sandbox")
    switch = tmp_path / "proc/sys/user/max_user_namespaces"
    switch.parent.mkdir(parents=True)
    switch.write_text("0\n", encoding="utf-8")
    page = list(browser_findings(machine(tmp_path), str(browser)))[-1]
    assert "programs may make no sandbox here" in page.how


def test_a_library_that_a_browser_lacks_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the loader does not find is told, with the command that brings it."""
    browser, ldd = tmp_path / "chrome", tmp_path / "bin/ldd"
    ldd.parent.mkdir()
    for path, says in ((browser, "exit 127"), (ldd, 'printf "\\tlibnss3.so => not found\\n"')):
        path.write_text(f"#!/bin/sh\n{says}\n", encoding="utf-8")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(ldd.parent), prepend=":")
    found = {each.name: each for each in browser_findings(machine(tmp_path), str(browser))}
    assert found["libraries"].said.endswith("lacks libnss3.so")
    assert "install-deps" in found["libraries"].how


def test_a_driver_that_does_not_start_is_told_with_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new Debian has no libatomic: the one command that brings it is told."""
    assert driver_finding(machine(tmp_path)).state == "ok"
    driver, ldd = tmp_path / "node", tmp_path / "bin/ldd"
    ldd.parent.mkdir()
    lacks = 'printf "\\tlibatomic.so.1 => not found\\n"'
    for path, says in ((driver, "exit 127"), (ldd, lacks)):
        path.write_text(f"#!/bin/sh\n{says}\n", encoding="utf-8")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(ldd.parent), prepend=":")
    found = driver_finding(machine(tmp_path), driver)
    assert found.said == "Playwright's does not start: it lacks libatomic.so.1"
    assert found.how == "`sudo apt-get install libatomic1`"


def test_a_full_disk_and_a_wrong_clock_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither can be worked with, so both count."""
    usage = type(shutil.disk_usage(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9 - 10**6, 10**6))
    found = by_name(machine(tmp_path, now=datetime(1971, 1, 1, tzinfo=UTC)))
    assert (found["disk"].state, found["clock"].state) == ("missing", "missing")
    assert "1 MB free" in found["disk"].said


def test_a_home_that_others_may_read_is_told(tmp_path: Path) -> None:
    """Sign-ins lie there; one line says how to shut it."""
    here = machine(tmp_path)
    assert by_name(here)["home"].state == "ok"
    here.home.chmod(0o755)
    assert by_name(here)["home"].how == f"`chmod 700 {here.home}`"
    here.home.rmdir()
    here.home.write_text("", encoding="utf-8")
    assert by_name(here)["home"].state == "missing"


def test_what_doctor_finds_is_one_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--json`: each thing with its state and what to do; the code is 2 for the owner's files."""
    init(tmp_path)
    assert doctor_command(None, tmp_path, False, True) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["ready"] is True
    assert {"name", "state", "said", "how"} == set(document["machine"][0])
    config = tmp_path / "config.toml"
    text = config.read_text("utf-8").replace("inmails_per_day = 10", "inmails_per_day = 11")
    config.write_text(text, encoding="utf-8")
    assert doctor_command(None, tmp_path, False, True) == 2
    document = json.loads(capsys.readouterr().out)
    assert (document["ready"], len(document["faults"])) == (False, 1)
