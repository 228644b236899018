"""What the tests of the commands share."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.user import User


@pytest.fixture
def user(tmp_path: Path) -> User:
    """A user with an empty home."""
    return User(tmp_path / "home")
