"""What the tests in a real browser share: a user's home, and practice sites that are stopped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.worlds import TWO_PEOPLE, WORLD, OpenSite
from cli.user import User

from bot.browser_finder import find
from bot.practice.faults import PlannedFault
from bot.practice.scenario import parse
from bot.practice.server import Running, start


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """pytest-playwright's browser is the one that was found on this machine.

    It keeps its event loop for the whole session, so whatever else drives a browser does so in a
    process of its own.
    """
    sandboxed = os.geteuid() != 0
    return {**browser_type_launch_args, "executable_path": find(), "chromium_sandbox": sandboxed}


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
