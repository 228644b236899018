"""What the tests in a real browser share: a user's home, and practice sites that are stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.worlds import TWO_PEOPLE, WORLD, OpenSite
from cli.user import User

from bot.practice.faults import PlannedFault
from bot.practice.scenario import parse
from bot.practice.server import Running, start


@pytest.fixture
def user(tmp_path: Path) -> User:
    """A user with an empty home."""
    return User(tmp_path)


@pytest.fixture
def practice() -> Iterator[OpenSite]:
    """Starts practice sites for Ada (credit) and Basil (free), and stops them after the test."""
    running: list[Running] = []

    def open_site(
        *faults: PlannedFault, people: str = TWO_PEOPLE, top: str = "", credits: int = 20
    ) -> Running:
        scenario = parse(WORLD.format(top=top, people=people, credits=credits))
        running.append(start(scenario))
        for each in faults:
            running[-1].ask(lambda world, each=each: world.add_fault(each))  # type: ignore[misc]
        return running[-1]

    yield open_site
    for each in running:
        each.stop()
