"""The metrics of a seat that is at work on the practice site in a real browser."""

from __future__ import annotations

import signal

import pytest
from browser.test_daemon import ALWAYS, SHORT, ends, wait_for
from browser.worlds import OpenSite, written
from cli.user import SEAT, User
from unit.scraped import Numbers, read

from bot import meter

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def scrape(user: User) -> Numbers:
    return read(user.run("metrics", "--print").out)


def test_a_daemons_pages_stints_and_memory_are_told(user: User, practice: OpenSite) -> None:
    """What it sent, read and used; after its end the memory is absent, and the counts stay."""
    site = practice()
    user.settle_in(site.url, pause=SHORT, more=ALWAYS)
    daemon = user.start("run", SEAT)
    wait_for(lambda: scrape(user).get("seat_state", state="sleeping") == 1, daemon)
    found = scrape(user)
    assert ends(daemon, signal.SIGTERM)[0] == 0
    sent = sum(found.of("sends_total").values())
    assert sent == len(written(site)) == 2
    assert found.get("actions_total", action="inmail", outcome="sent") == 2
    assert (found.get("page_reads_total", page="lead", result="read") or 0) >= 2
    assert (found.get("browser_seconds_total") or 0) > 0.5
    assert found.get("stints_total", code="0") == found.get("browser_starts_total")
    assert 5_000_000 < (found.get("daemon_resident_memory_bytes") or 0) < 60_000_000
    assert found.get("work_proportional_memory_bytes") == 0
    after = scrape(user)
    assert after.get("daemon_resident_memory_bytes") is None
    assert after.counted == found.counted


def test_a_stint_alone_counts_itself_and_a_dry_run_counts_nothing(
    user: User, practice: OpenSite
) -> None:
    """T5: what is rehearsed did not happen; `run --once` has no daemon that would count it."""
    site = practice()
    user.settle_in(site.url)
    assert user.stint("--dry-run").code == 0
    assert not (user.seat / meter.FILE).exists()
    assert user.stint().code == 0
    found = scrape(user)
    assert found.get("stints_total", code="0") == 1
    assert found.get("browser_starts_total") == 1
    assert found.get("actions_total", action="inmail", outcome="sent") == len(written(site))
