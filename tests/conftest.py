"""What all tests share."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import settings

from bot.browser_finder import find
from tools.setup import QUICK

# No deadline: a loaded machine is not a failing test.
settings.register_profile("leadwright", deadline=None, max_examples=60)
settings.load_profile("leadwright")


def pytest_configure() -> None:
    """Every browser that is started is the quick one, where there is one; see whole_browser."""
    if QUICK.exists():
        os.environ["PATH"] = os.pathsep.join((str(QUICK.parent), *_other_places()))


@pytest.fixture
def whole_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser that owners have: what it keeps, and what its windows do, is its own."""
    monkeypatch.setenv("PATH", os.pathsep.join(_other_places()))


def _other_places() -> list[str]:
    here = os.environ.get("PATH", "").split(os.pathsep)
    return [place for place in here if place != str(QUICK.parent)]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """pytest-playwright's browser is the one that was found on this machine.

    It keeps its event loop for the whole session, so whatever else drives a browser does so in a
    process of its own.
    """
    sandboxed = os.geteuid() != 0
    return {**browser_type_launch_args, "executable_path": find(), "chromium_sandbox": sandboxed}
