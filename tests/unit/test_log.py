"""The log says what was done and why, and never what people wrote."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import log, loglines
from bot.errors import BrowserGone
from bot.model import Lead

NOW = datetime(2026, 11, 23, 9, 30, 0, 250000, tzinfo=UTC)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _silent_afterwards() -> Iterator[None]:
    yield
    log.configure(None, now=lambda: NOW, terminal=False)


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / log.FILE).read_text().splitlines()]


def test_a_line_holds_time_event_and_facts(tmp_path: Path) -> None:
    """Each line is one JSON object with the clock's time in UTC, the event and its facts."""
    log.configure(tmp_path, now=lambda: NOW, terminal=False)
    log.get("agent").info("sent", lead_id="ACwAA1", rule="T2", credits=49, proofs=("text",))
    assert lines(tmp_path) == [
        {
            "at": "2026-11-23T09:30:00.250000Z",
            "level": "info",
            "area": "agent",
            "event": "sent",
            "lead_id": "ACwAA1",
            "rule": "T2",
            "credits": 49,
            "proofs": ["text"],
        }
    ]
    assert (tmp_path / log.FILE).stat().st_mode & 0o777 == 0o600


def test_what_people_wrote_never_gets_in(tmp_path: Path) -> None:
    """Texts, names and cookies are left out by key, records by type, on file and terminal."""
    stream = io.StringIO()
    log.configure(tmp_path, now=lambda: NOW, terminal=True, stream=stream)
    log.get("agent").info(
        "sent",
        lead_id="ACwAA1",
        body="secret-1",
        subject="secret-2",
        name="secret-3",
        words="secret-4",
        cookie="secret-5",
        text="secret-6",
        lead=Lead("ACwAA1", "secret-7"),
        leads=[Lead("ACwAA1", "secret-8"), {"name": "secret-9"}],
    )
    said = (tmp_path / log.FILE).read_text() + stream.getvalue()
    assert "secret" not in said
    assert said.count("ACwAA1") == 2
    (line,) = lines(tmp_path)
    assert line["left_out"] == ["body", "cookie", "name", "subject", "text", "words"]
    assert (line["lead"], line["leads"]) == ("<Lead>", ["<Lead>", "<dict>"])


def test_the_terminal_is_plain_unless_it_can_show_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours stand only on a terminal, and not when NO_COLOR is set."""
    monkeypatch.delenv("NO_COLOR", raising=False)

    def said(stream: io.StringIO) -> str:
        log.configure(None, now=lambda: NOW, terminal=True, stream=stream)
        log.get("agent").warning("careful", lead_id="ACwAA1")
        return stream.getvalue()

    plain = "2026-11-23 09:30:00Z warning: careful  lead_id=ACwAA1\n"
    assert said(io.StringIO()) == plain
    assert said(Terminal()) == f"\x1b[33m{plain[:-1]}\x1b[0m\n"
    monkeypatch.setenv("NO_COLOR", "1")
    assert said(Terminal()) == plain


def test_a_line_is_a_line(tmp_path: Path) -> None:
    """A14: what a page says neither breaks a line, nor commands the terminal, nor fakes a time."""
    stream = io.StringIO()
    log.configure(tmp_path, now=lambda: NOW, terminal=True, stream=stream)
    log.get("x").info("held", why="a\n2026-01-01 \x1b[31mfake", at="1999", level="none")
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()
    (line,) = lines(tmp_path)
    assert (line["at"], line["level"]) == ("2026-11-23T09:30:00.250000Z", "info")


def test_levels_are_kept(tmp_path: Path) -> None:
    """What is below the level is not written."""
    log.configure(tmp_path, now=lambda: NOW, terminal=False, level="WARNING")
    out = log.get("x")
    for say in (out.debug, out.info, out.warning, out.error):
        say("event")
    assert [line["level"] for line in lines(tmp_path)] == ["warning", "error"]


def test_an_error_keeps_its_traceback_off_the_terminal(tmp_path: Path) -> None:
    """The file has the traceback, the terminal one line with the error's type."""
    stream = io.StringIO()
    log.configure(tmp_path, now=lambda: NOW, terminal=True, stream=stream)
    with pytest.raises(ValueError, match="broken") as caught:
        int("broken")
    log.get("x").error("failed", error=caught.value)
    assert stream.getvalue() == "2026-11-23 09:30:00Z error: failed  error=ValueError\n"
    (line,) = lines(tmp_path)
    assert "test_log.py" in str(line["traceback"])


def test_of_a_librarys_error_only_the_type_is_told(tmp_path: Path) -> None:
    """Its message may quote a page; what the program itself says of it is told."""
    log.configure(tmp_path, now=lambda: NOW, terminal=False)
    with pytest.raises(BrowserGone) as caught:
        _click()
    log.get("x").error("the stint failed", error=caught.value, why=str(caught.value))
    (line,) = lines(tmp_path)
    told = str(line["traceback"])
    assert "Ada" not in str(line)
    assert told.index("ValueError") < told.index("BrowserGone: the click failed")


ELEMENT = '<button aria-label="Message Ada">'


def _click() -> None:
    try:
        int(ELEMENT)
    except ValueError as error:
        raise BrowserGone("the click failed") from error


def test_the_file_is_rotated_and_stays_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full file makes room for a new one; all are the owner's alone."""
    monkeypatch.setattr(loglines, "_MAX_BYTES", 500)
    log.configure(tmp_path, now=lambda: NOW, terminal=False)
    for number in range(60):
        log.get("x").info("event", number=number)
    files = sorted(file.name for file in tmp_path.iterdir())
    assert files == [log.FILE, *(f"{log.FILE}.{n}" for n in range(1, 6))]
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
    assert lines(tmp_path)[-1]["number"] == 59


SILENT = "from bot import log; log.get('x').error('event')"
HEAVY = ("rich", "asyncio", "pydantic", "structlog", "playwright", "tinydb", "jinja2")
LIGHT = f"import sys, bot.cli.sleeper; print([n for n in {HEAVY} if n in sys.modules])"


def test_the_log_is_silent_and_the_daemon_light() -> None:
    """Unconfigured the log says nothing at all, and the daemon imports no heavy library."""
    for code, expected in ((SILENT, ""), (LIGHT, "[]\n")):
        words = [sys.executable, "-W", "error", "-c", code]
        ended = subprocess.run(words, capture_output=True, text=True, check=True)
        assert (ended.stdout, ended.stderr) == (expected, "")


def test_a_full_disk_is_said_once_and_ends_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log that cannot be written is no reason to stop, and no reason for a traceback."""
    (tmp_path / log.FILE).symlink_to("/dev/full")
    log.configure(tmp_path, now=lambda: NOW, terminal=False)
    for _ in range(3):
        log.get("agent").info("sent")
    assert capsys.readouterr().err == f"the log {tmp_path / log.FILE} cannot be written\n"
