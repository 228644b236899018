"""What the tests of the desk share: a home that was worked for a simulated month."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk.homes import Worked, worked


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Worked:
    """A worked home that is only looked at."""
    return worked(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def home(month: Worked, tmp_path: Path) -> Worked:
    """A worked home of the test's own."""
    return month.copied(tmp_path / "home")
