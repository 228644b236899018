"""The plug is pulled while a real browser works: nobody is written to twice, nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from process.machine import BLOWS
from process.plug import Life

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KILLS = 10  # `make soak` goes on to 200
SOON = timedelta(hours=4)  # long enough to settle what is in doubt (T3)


def test_books_and_site_agree_after_many_sigkills(tmp_path: Path) -> None:
    """T1-T4: daemon, stint, driver and browser die at random; then all promises are kept."""
    with Life(1, tmp_path, people=5) as life:
        tally = life.live(KILLS)
    assert tally.sigkills >= KILLS
    assert tally.sent > 0


@pytest.mark.parametrize("blow", BLOWS)
def test_each_part_may_die_while_a_send_is_on_its_way(blow: str, tmp_path: Path) -> None:
    """The request is out and its answer is not in: the end is looked up, never repeated (T3)."""
    with Life(3, tmp_path, people=2, send_ms=2500) as life:
        life.run_until(lambda: bool(life.site.truth().writes))
        life.strike(blow)
        assert life.tally.open_ == 1, "the intent was on the disk before the click (T1)"
        life.come_to_rest(SOON)
        life.check()
        assert life.tally.sent >= 1
