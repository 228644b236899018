"""The README's pictures can be taken anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.pictures import FOLDER, take

pytestmark = pytest.mark.browser


def test_the_pictures_of_the_readme_are_taken_from_the_practice_site(tmp_path: Path) -> None:
    """`make pictures` makes every picture that stands in docs/pictures."""
    taken = take(tmp_path)
    assert {path.name for path in taken} == {path.name for path in FOLDER.glob("*.png")}
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in taken)
