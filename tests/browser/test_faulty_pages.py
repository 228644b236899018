"""Pages that come late, wrong or not at all, in a real browser, judged by the site's own truth."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from browser.worlds import ADA, BASIL, ELEVEN, OpenSite, balance, fault, told, written
from cli.user import MONDAY, SEAT, User

from bot.practice.faults import FaultKind, Moment, PlannedFault

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LATE: dict[str, Any] = {"times": None, "delay": timedelta(milliseconds=1500)}


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([fault(FaultKind.LATE_RENDER, **LATE)], id="late rendering"),
        pytest.param([fault(FaultKind.LATE_CREDIT_LINE, **LATE)], id="late credit line"),
        pytest.param(
            [fault(FaultKind.LAGGING_THREAD), fault(FaultKind.LAGGING_BALANCE)], id="lagging books"
        ),
        pytest.param([fault(FaultKind.CONNECTION_RESET, on=Moment.LEAD)], id="one lost connection"),
    ],
)
def test_a_slow_site_is_waited_for(
    user: User, practice: OpenSite, faults: list[PlannedFault]
) -> None:
    """What comes late is waited for; both are written to, once, and the credit is booked (T2)."""
    site = practice(*faults)
    user.settle_in(site.url)
    said = user.stint()
    assert told(said, ADA)[-1:] == [("inmail", "sent", "T2")]
    assert told(user.stint(at=ELEVEN), ADA) == []
    assert written(site) == [ADA, BASIL]
    assert balance(user) == site.truth().balance == 19


@pytest.mark.parametrize(
    ("kind", "outcome", "rule"),
    [
        (FaultKind.WRONG_ADDRESSEE, "skipped", "K6"),
        (FaultKind.NO_CREDIT_LINE, "held", "K3"),
        (FaultKind.NO_COMPOSER, "skipped", "K3"),
    ],
)
def test_a_composer_that_cannot_be_trusted_sends_nothing(
    user: User, practice: OpenSite, kind: FaultKind, outcome: str, rule: str
) -> None:
    """Another addressee (K6), no credit line or no composer (K3): closed, and nothing is sent."""
    site = practice(fault(kind, lead_id=ADA, times=None))
    user.settle_in(site.url)
    said = user.stint()
    assert told(said, ADA) == [("look", outcome, rule)]
    assert written(site) == [BASIL]
    assert site.truth().struck[kind] >= 1, "the look before the first send may meet it, too"
    assert balance(user) == site.truth().balance == 20
    lead = next(x for x in user.run("leads", "list", "--seat", "alice", "--json").document["leads"]
                if x["id"] == ADA)  # fmt: skip
    assert lead["why_not"]["rule"], "every lead that waits says which rule keeps it (T6)"


def test_a_missing_lead_page_concerns_its_lead_only(user: User, practice: OpenSite) -> None:
    """The lead is skipped as unreachable and the seat goes on (L5, K1)."""
    site = practice(fault(FaultKind.MISSING, on=Moment.LEAD, lead_id=ADA, times=None))
    user.settle_in(site.url)
    assert told(user.stint(), ADA) == [("look", "skipped", "K1")]
    assert written(site) == [BASIL]


def test_a_site_that_is_down_ends_the_stint_with_a_reason(user: User, practice: OpenSite) -> None:
    """No connection: exit 1, one clear line, nothing half done."""
    site = practice(fault(FaultKind.CONNECTION_RESET, on=Moment.LEAD, times=None))
    user.settle_in(site.url)
    message = user.stint().complains(1)
    assert "error:" in message
    assert written(site) == []
    assert balance(user) == 20


def test_a_driver_that_dies_at_its_start_is_told_in_a_line(user: User, practice: OpenSite) -> None:
    """Playwright has no class for it; it is a browser that is gone, not a traceback."""
    site = practice()
    user.settle_in(site.url)
    said = user.run(
        "run", SEAT, "--once", "--at", MONDAY, variables={"PLAYWRIGHT_NODEJS_PATH": "/bin/false"}
    )
    assert "the browser's driver did not start" in said.complains(1)
    assert written(site) == []
