"""A seat waits while all browsers that may be open are (`at_once`), and is heard meanwhile."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable

import pytest
from browser.test_daemon import ALWAYS, SHORT, ends, wait_for
from browser.worlds import ADA, BASIL, OpenSite, written
from cli.user import MONDAY, SEAT, User

from bot import meter, pulse
from bot.browser_turns import Ticket, draw
from bot.processes import descendants, proportional_bytes

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ONE = "\n[browser]\nat_once = 1\n"
LONG = "[20, 25]"  # a pause that is worth the start of another stint
MOST_MEGABYTES = 40  # of a daemon and what waits; a stint alone takes 80
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

    pulse.forget(user.seat, ["waits"])
    again = user.start(*STINT)
    wait_for(waits(user), again)
    other.give_back()
    out, err = again.communicate(timeout=60)
    assert again.returncode == 0, (out, err)
    assert written(site) == [ADA, BASIL]
    assert browsers_counted(user) == 1


def test_a_daemons_seat_waits_in_little_room_and_takes_orders(
    user: User, practice: OpenSite
) -> None:
    """Its stint becomes small, keeps its place, hears its owner, and goes on in its turn."""
    site = practice()
    other, daemon = _waiting_daemon(user, site.url)
    assert user.run("pause", SEAT).code == 0
    assert user.run("resume", SEAT).code == 0
    later = draw(user.home / "browsers")
    other.give_back()
    wait_for(lambda: written(site) == [ADA, BASIL], daemon)
    wait_for(lambda: later.ahead(1) == 0, daemon)  # its own is given back with its browser
    later.give_back()
    assert ends(daemon, signal.SIGTERM)[0] == 0


def test_a_seat_that_pauses_lets_another_have_its_browser(user: User, practice: OpenSite) -> None:
    """It gives its place back after an InMail, and goes on when its own pause is over."""
    site = practice()
    user.settle_in(site.url, pause=LONG, more=ALWAYS + ONE)
    daemon = user.start("run", SEAT)
    wait_for(lambda: len(list((user.home / "browsers").glob("[0-9]*"))) == 1, daemon)
    other = draw(user.home / "browsers")
    wait_for(lambda: other.ahead(1) == 0, daemon)
    assert written(site) == [ADA], "it had its turn, and the next one is not due yet"
    other.give_back()
    wait_for(lambda: written(site) == [ADA, BASIL], daemon)
    assert ends(daemon, signal.SIGTERM)[0] == 0
    assert browsers_counted(user) == 2


def test_a_daemon_ends_while_its_seat_waits(user: User, practice: OpenSite) -> None:
    """SIGTERM is heard at once, its place in the queue is free, and the seat tells of it."""
    site = practice()
    other, daemon = _waiting_daemon(user, site.url)
    assert ends(daemon, signal.SIGTERM)[0] == 0
    assert len(list((user.home / "browsers").glob("[0-9]*"))) == 1, "the other's"
    told = pulse.read(user.seat)
    assert told is not None
    assert "stopped" in told.doing
    other.give_back()


def _waiting_daemon(user: User, url: str) -> tuple[Ticket, subprocess.Popen[str]]:
    """The ticket of who has the only browser, and a daemon whose stint has become small."""
    user.settle_in(url, pause=SHORT, more=ALWAYS + ONE)
    other = draw(user.home / "browsers")
    daemon = user.start("run", SEAT)
    wait_for(waits(user), daemon)
    wait_for(lambda: _megabytes(daemon.pid) < MOST_MEGABYTES, daemon)
    return other, daemon


def _megabytes(pid: int) -> float:
    each = (pid, *descendants(pid))
    return sum(proportional_bytes(one) or 0 for one in each) / 1e6
