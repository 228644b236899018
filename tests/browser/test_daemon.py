"""`leadwright run` in the foreground: stints, signals, orders, and one process for each seat."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable

import pytest
from browser.worlds import ADA, OpenSite, fault, written
from cli.user import SEAT, User

from bot.clock import rest, stopwatch
from bot.practice.faults import FaultKind, Moment

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# The daemon has no simulated clock: it is always working time, and a pause is short.
SHORT = "[1, 2]"
ALWAYS = """\
working_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
working_hours = "00:00-24:00"
"""
STOPS_WITHIN_SECONDS = 12  # the promise is ten; the machine may be loaded


def wait_for(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait in real time until something happened, or the process ended."""
    started = stopwatch()
    while not happened():
        assert process.poll() is None, process.communicate()
        assert stopwatch() - started < 60, "it did not happen within a minute"
        rest(0.1)


def ends(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str]:
    """Send a signal; the exit code, and what stood on stderr."""
    started = stopwatch()
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert stopwatch() - started < STOPS_WITHIN_SECONDS
    assert "Traceback" not in err
    return process.returncode, err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_the_middle_of_a_send_ends_it_in_ten_seconds(
    user: User, practice: OpenSite, number: signal.Signals
) -> None:
    """Exit 0, and what was under way is in the books: the next start sends nothing twice (T4)."""
    site = practice(top="delays_ms = { send = 5000 }")
    user.settle_in(site.url, pause=SHORT, more=ALWAYS)
    daemon = user.start("run", SEAT)
    wait_for(lambda: any(write.what for write in site.truth().writes), daemon)
    code, _ = ends(daemon, number)
    assert code == 0
    assert user.run("status", SEAT, "--json").document["seats"][0]["state"] == "stopped"
    assert user.run("run", SEAT, "--once").code == 0
    assert written(site).count(ADA) == 1


def test_a_daemon_sleeps_holds_its_seat_and_takes_orders(user: User, practice: OpenSite) -> None:
    """Exit 4 for a second process; `pause` and `resume` reach the first; SIGTERM ends it."""
    site = practice()
    user.settle_in(site.url, pause=SHORT, more=ALWAYS)
    daemon = user.start("run", SEAT)

    def state() -> str:
        word: str = user.run("status", SEAT, "--json").document["seats"][0]["state"]
        return word

    wait_for(lambda: len(written(site)) == 2 and state() == "sleeping", daemon)
    shown = user.run("status", SEAT, "--json").document["seats"][0]
    assert shown["next"]["at"].endswith("Z")
    for words in (("run", SEAT), ("run", SEAT, "--once")):
        message = user.run(*words).complains(4)
        assert f"held by process {daemon.pid}" in message
    assert user.run("pause", SEAT).code == 0
    assert user.run("status", SEAT, "--json").document["seats"][0]["paused"] is True
    assert user.run("resume", SEAT).code == 0
    assert user.run("status", SEAT, "--json").document["seats"][0]["paused"] is False
    assert ends(daemon, signal.SIGTERM)[0] == 0


def test_a_daemon_ends_when_the_site_asks_for_its_owner(user: User, practice: OpenSite) -> None:
    """Exit 3 with a plain reason (L5)."""
    site = practice(fault(FaultKind.SECURITY_CHECK, on=Moment.LEAD))
    user.settle_in(site.url, pause=SHORT, more=ALWAYS)
    assert user.run("run", SEAT).code == 3
    message = user.run("run", SEAT).complains(3)
    assert "challenge" in message
    assert written(site) == []


def test_a_wrong_configuration_ends_a_daemon_at_once(user: User, practice: OpenSite) -> None:
    """Exit 2, with what is wrong."""
    user.settle_in("http://127.0.0.1:9", more="inmails_per_day = 11\n")
    assert "inmails_per_day" in user.run("run", SEAT).complains(2)
