"""A seat waits while all browsers that may be open are (`at_once`), and is heard meanwhile."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest
from browser.test_daemon import ends, wait_for
from browser.worlds import ADA, BASIL, OpenSite, written
from cli.user import MONDAY, SEAT, User

from bot import meter, pulse
from bot.browser_turns import draw

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ONE = "\n[browser]\nat_once = 1\n"
STINT = ("run", SEAT, "--once", "--at", MONDAY, "--json")


def waits(user: User) -> Callable[[], bool]:
    """Whether the seat tells that it waits."""

    def told() -> bool:
        beat = pulse.read(user.seat)
        return beat is not None and "waits for its turn with a browser, 0 before it" in beat.doing

    return told


def browsers_counted(user: User) -> int:
    """How many browsers the seat's stints have opened, by their own count."""
    counted = meter.read(user.seat)
    assert counted is not None
    return counted.browsers


def test_a_seat_waits_for_its_turn_and_can_be_stopped_meanwhile(
    user: User, practice: OpenSite
) -> None:
    """Another seat has the only browser: no page is opened, a signal is heard, a turn is taken."""
    site = practice()
    user.settle_in(site.url, more=ONE)
    other = draw(user.home / "browsers")
    stint = user.start(*STINT)
    wait_for(waits(user), stint)
    assert "waits for its turn" in user.run("status", SEAT).out
    code, _ = ends(stint, signal.SIGTERM)
    assert (code, dict(site.truth().views)) == (1, {})
    assert browsers_counted(user) == 0, "waiting for one is no time of a browser"

    pulse.forget(user.seat, "waits")
    again = user.start(*STINT)
    wait_for(waits(user), again)
    other.give_back()
    out, err = again.communicate(timeout=60)
    assert again.returncode == 0, (out, err)
    assert written(site) == [ADA, BASIL]
    assert browsers_counted(user) == 1
