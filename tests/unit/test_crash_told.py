"""A crash that nobody foresaw, as a daemon's output tells it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bot import lock

CRASHES = """
from bot.cli import main
main.app = lambda _argv: int('<b>Ada Invented</b>')
main.main()
"""


@pytest.mark.parametrize("by_a_daemon", [True, False])
def test_a_daemons_stint_tells_where_it_crashed_and_names_nobody(*, by_a_daemon: bool) -> None:
    """What a library's error says may quote a page; to whoever sits before it, it is told."""
    seat = {lock.FD_VARIABLE: "9"} if by_a_daemon else {}
    ran = subprocess.run(
        [sys.executable, "-c", CRASHES],
        env=os.environ | seat,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "ending.py" in ran.stderr
    assert "ValueError" in ran.stderr
    assert ("Ada" in ran.stderr) is not by_a_daemon
    assert ("a fault of the program" in ran.stderr) is by_a_daemon
