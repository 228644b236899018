"""The README's pictures can be taken anew."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools.pictures import FOLDER

pytestmark = pytest.mark.browser


def test_the_pictures_of_the_readme_are_taken_from_the_practice_site(tmp_path: Path) -> None:
    """`make pictures` makes every picture that stands in docs/pictures."""
    command = [sys.executable, "-m", "tools.pictures", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    taken = [Path(line) for line in done.stdout.splitlines()]
    assert {path.name for path in taken} == {path.name for path in FOLDER.glob("*.png")}
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in taken)
