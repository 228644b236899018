"""One InMail per person, over all seats that share a team file (K4)."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import StoreBroken, WorkFailed
from bot.store.team import TeamFile

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def test_the_first_seat_has_the_person(tmp_path: Path) -> None:
    """K4: the first claim holds, for that seat again and again, and against all others."""
    team = TeamFile(tmp_path / "team.db")
    assert team.holder("ACwAA1") is None
    assert team.claim("ACwAA1", "alice", NOW)
    assert not TeamFile(tmp_path / "team.db").claim("ACwAA1", "bob", NOW)
    assert team.claim("ACwAA1", "alice", NOW)
    assert team.claim("ACwAA2", "bob", NOW)
    assert [team.holder(f"ACwAA{n}") for n in (1, 2, 3)] == ["alice", "bob", None]


CLAIM = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from bot.store.team import TeamFile
sys.stdin.readline()
team = TeamFile(Path(sys.argv[1]))
for number in range(40):
    if team.claim(f"L{number}", sys.argv[2], datetime(2026, 11, 23, tzinfo=UTC)):
        print(f"L{number}")
"""


def test_seats_that_race_never_both_win(tmp_path: Path) -> None:
    """K4: of several processes that claim the same people at once, each person goes to one."""
    path = str(tmp_path / "team.db")
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM, path, seat],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seat in ("alice", "bob", "carol")
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    won = Counter(word for racer in racers for word in racer.communicate()[0].split())
    assert [racer.returncode for racer in racers] == [0, 0, 0]
    assert won == Counter(f"L{number}" for number in range(40))


def test_a_file_that_cannot_be_used_claims_nobody(tmp_path: Path) -> None:
    """K4: without the team file nobody may be written to: it is an error, not a yes."""
    with pytest.raises(WorkFailed):
        TeamFile(tmp_path / "nowhere" / "team.db").claim("L1", "alice", NOW)
    (tmp_path / "team.db").write_text("not a database " * 100)
    with pytest.raises(StoreBroken):
        TeamFile(tmp_path / "team.db").claim("L1", "alice", NOW)
