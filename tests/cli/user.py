"""A user at a terminal: a home folder, and `leadwright` run in it as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from cli.nursery import Nursery

SEAT = "alice"
CAMPAIGN = "autumn"
MONDAY = "2026-03-02T09:00:00Z"  # a working hour in Paris; the practice site starts at eight

CONFIG = """\
[site]
base_url = "{url}"
[seats.alice]
timezone = "Europe/Paris"
pause_seconds = {pause}
"""
CAMPAIGN_FILE = """\
name = "autumn"
type = "acquisition-inmail"
audience = "{audience}"
[inmail]
subject = "Your work"
body = "Dear {{{{ first_name }}}}, shall we talk?"
[acceptance]
body = "Thank you, {{{{ first_name }}}}."
[[follow_up]]
after_days = 3
body = "One more word, {{{{ first_name }}}}."
"""
SEARCH = "/sales/search/people?savedSearchId=1"


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """One object a line (`run --json`)."""
        return [json.loads(line) for line in self.out.splitlines()]

    def complains(self, code: int) -> str:
        """The message of a command that failed as it should: *code*, and never a traceback."""
        assert self.code == code, (self.code, self.out, self.err)
        assert "Traceback" not in self.err + self.out
        assert self.err.strip(), "a failure says why"
        return self.err


@dataclass(frozen=True, slots=True)
class User:
    """Runs commands with `--home`; no variable of the developer's own shell reaches them."""

    home: Path

    def run(
        self,
        *words: str,
        stdin: bytes = b"",
        variables: Mapping[str, str] | None = None,
        homeless: bool = False,
        seconds: float = 120,
        prefix: Sequence[str] = (),
    ) -> Said:
        """Run a command to its end; *prefix* is what it is run by."""
        more = variables or {}
        if not prefix and all(name.startswith("LEADWRIGHT_") for name in more):
            return self._fork(self._words(words, homeless=homeless), stdin, more, seconds)
        done = subprocess.run(
            [*prefix, sys.executable, "-m", "bot", *self._words(words, homeless=homeless)],
            input=stdin,
            capture_output=True,
            env=_environment(more),
            timeout=seconds,
            check=False,
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    def _fork(
        self, words: Sequence[str], stdin: bytes, more: Mapping[str, str], seconds: float
    ) -> Said:
        with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
            given.write(stdin)
            given.seek(0)
            files = [file.fileno() for file in (given, out, err)]
            code = _nursery().run(words, _environment(more), files, seconds)
            out.seek(0)
            err.seek(0)
            return Said(code, out.read().decode(), err.read().decode())

    def start(
        self,
        *words: str,
        stdout: int | IO[bytes] = subprocess.PIPE,
        stderr: int | IO[bytes] = subprocess.PIPE,
        variables: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[str]:
        """Start a command and leave it running."""
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *self._words(words, homeless=False)],
            stdout=stdout,
            stderr=stderr,
            text=True,
            env=_environment(variables or {}),
        )

    def stint(self, *words: str, at: str = MONDAY) -> Said:
        """Work the seat once on a simulated clock."""
        return self.run("run", SEAT, "--once", "--at", at, "--json", *words)

    def settle_in(
        self, url: str, *, audience: str = SEARCH, pause: str = "[40, 60]", more: str = ""
    ) -> None:
        """Write a configuration with one seat, and one campaign."""
        self.write("config.toml", CONFIG.format(url=url, pause=pause) + more)
        self.write(
            f"seats/{SEAT}/campaigns/{CAMPAIGN}.toml", CAMPAIGN_FILE.format(audience=audience)
        )

    def write(self, name: str, text: str) -> Path:
        """Write a file of the home."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    @property
    def seat(self) -> Path:
        """The seat's folder."""
        return self.home / "seats" / SEAT

    def _words(self, words: Sequence[str], *, homeless: bool) -> list[str]:
        return [*words] if homeless else [*words, "--home", str(self.home)]


@cache
def _nursery() -> Nursery:
    return Nursery.open(_environment({}))


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """The developer's own, without what configures the program or slows its start."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("LEADWRIGHT_", "PYTHONDONTWRITEBYTECODE"))
    }
    return {**kept, "NO_COLOR": "1", **more}
