"""Finding a browser, and getting one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from bot import browser_finder
from bot.browser_finder import find, install, main
from bot.errors import WorkFailed

ANSWERS = "#!/bin/sh\necho Chromium 150.0\n"
STUB = "#!/bin/sh\necho 'this command needs the chromium snap' >&2\nexit 1\n"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of this folder alone, on a machine without any browser, as root."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.setattr(browser_finder, "PLACES", ())
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return folder


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def python(programs: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Put *text* in the place of the Python that would start `playwright install`."""
    monkeypatch.setattr(sys, "executable", str(program(programs / "python", text)))


def test_the_configured_browser_comes_first(programs: Path, tmp_path: Path) -> None:
    """What the owner names is used, whatever else there is."""
    program(programs / "chromium", ANSWERS)
    own = program(tmp_path / "own", ANSWERS)
    assert find(str(own)) == own


def test_a_configured_browser_that_does_not_start_is_not_replaced(
    programs: Path, tmp_path: Path
) -> None:
    """The owner's word counts: the message names the key, and no other browser is taken."""
    program(programs / "chromium", ANSWERS)
    with pytest.raises(WorkFailed, match="executable"):
        find(str(tmp_path / "nowhere"))


def test_a_browser_that_is_missing_is_told_from_one_that_does_not_answer(
    programs: Path, tmp_path: Path
) -> None:
    """Only the first is lasting: a daemon tries again where the machine was only slow."""
    slow = program(tmp_path / "slow", STUB)
    for configured, lasting in ((str(tmp_path / "nowhere"), True), (str(slow), False), ("", True)):
        with pytest.raises(WorkFailed) as caught:
            find(configured)
        assert caught.value.lasting is lasting
    program(programs / "chromium", STUB)
    with pytest.raises(WorkFailed) as caught:
        find()
    assert not caught.value.lasting


def test_an_installed_browser_is_preferred_to_playwrights(programs: Path, tmp_path: Path) -> None:
    """PATH, then the usual places, then what Playwright downloaded, the newest first."""
    below = tmp_path / "playwright"
    program(below / "chromium-1000" / "chrome-linux" / "chrome", ANSWERS)
    newer = program(below / "chromium-2000" / "chrome-linux64" / "chrome", ANSWERS)
    assert find() == newer
    installed = program(programs / "chromium", ANSWERS)
    assert find() == installed
    chrome = program(programs / "google-chrome", ANSWERS)
    assert find() == chrome


def test_a_name_alone_is_no_browser(programs: Path) -> None:
    """A program that only tells what to install does not count, nor does one of another kind."""
    program(programs / "chromium-browser", STUB)
    program(programs / "chrome", "#!/bin/sh\necho Something else 1.0\n")
    with pytest.raises(WorkFailed, match=r"chromium-browser.*--get-browser"):
        find()


def test_nothing_is_installed_where_a_browser_is(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set-up twice is set-up once; what was chosen is said."""
    there = program(programs / "chromium", ANSWERS)
    python(programs, monkeypatch, "#!/bin/sh\ntouch $0.was-run\n")
    said: list[str] = []
    assert install(said.append) == there
    assert said == [f"browser: Chromium 150.0 at {there}"]
    assert not list(programs.glob("*.was-run"))


def test_playwright_is_asked_first_then_the_package_manager(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What failed is told with its last words, and the next way is tried."""
    target = programs / "chromium"
    python(programs, monkeypatch, "#!/bin/sh\necho no network >&2\nexit 1\n")
    ready = program(programs.parent / "package", ANSWERS)
    installs = f'#!/bin/sh\n[ "$1" = install ] || exit 0\n/bin/cp {ready} {target}\n'
    program(programs / "apt-get", installs)
    said: list[str] = []
    assert install(said.append) == target
    assert "playwright install did not help: no network" in said[1]
    assert said[-1] == f"browser: Chromium 150.0 at {target}"


def test_when_nothing_helps_the_next_step_is_told(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1, in plain words."""
    python(programs, monkeypatch, "#!/bin/sh\nexit 1\n")
    assert main(["--install"]) == 1
    assert "by hand" in capsys.readouterr().err


def test_without_root_no_package_manager_is_tried(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is asked for a password: sudo is used only if it needs none."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    python(programs, monkeypatch, "#!/bin/sh\necho $* >&2\nexit 1\n")
    program(programs / "apt-get", "#!/bin/sh\nexit 0\n")
    program(programs / "sudo", "#!/bin/sh\nexit 1\n")
    said: list[str] = []
    with pytest.raises(WorkFailed):
        install(said.append)
    assert len(said) == 2
    assert "install chromium" in said[1]
    assert "--with-deps" not in said[1]


def test_what_the_driver_lacks_is_installed_first(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser alone is no use: its driver is made to start, or it is said what it lacks."""
    node, said = programs / "node", []
    program(node, "#!/bin/sh\nexit 127\n")
    program(programs / "ldd", '#!/bin/sh\nprintf "\\tlibatomic.so.1 => not found\\n"\n')
    monkeypatch.setattr(browser_finder.driver, "path", lambda: node)
    monkeypatch.setattr(browser_finder, "_as_root", list)
    with pytest.raises(WorkFailed, match=r"lacks libatomic\.so\.1"):
        browser_finder.install(said.append)
    program(programs / "apt-get", f"#!/bin/sh\nprintf '#!/bin/sh\\necho v26\\n' > {node}\n")
    program(programs / "chromium", "#!/bin/sh\necho Chromium 150.0\n")
    assert browser_finder.install(said.append) == programs / "chromium"
    assert "lacks libatomic.so.1; trying apt-get install libatomic1" in said[0]
