"""The agent in a real browser on a site that misbehaves, judged by the site's own truth."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from browser.worlds import ADA, BASIL, OpenSite, fault
from cli.user import Said, User

from bot.practice.faults import FaultKind, Moment, PlannedFault
from bot.practice.records import By, SendKind
from bot.practice.server import Running

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ELEVEN, TWO = "2026-03-02T11:00:00Z", "2026-03-02T14:00:00Z"
THURSDAY, FRIDAY = "2026-03-05T14:00:00Z", "2026-03-06T14:00:00Z"
MONDAY_AFTER = "2026-03-09T14:00:00Z"
TUESDAY, WEDNESDAY = "2026-03-03T09:00:00Z", "2026-03-04T14:00:00Z"


def written(site: Running) -> list[str]:
    """Whom the page's messages reached, in order."""
    return [each.lead_id for each in site.truth().deliveries if each.by is By.PAGE]


def told(said: Said, lead_id: str) -> list[tuple[str, str, str]]:
    """What `run --json` says was done to one lead: action, outcome, rule."""
    assert said.code == 0, said.err
    return [
        (line["action"], line["outcome"], line["rule"])
        for line in said.lines
        if line["lead_id"] == lead_id and line["action"] != "read-inbox"
    ]


def balance(user: User) -> int:
    """The ledger's balance."""
    number: int = user.run("ledger", "alice", "--json").document["balance"]
    return number


def test_every_line_has_its_keys_and_words(user: User, practice: OpenSite) -> None:
    """`run --json` is one object a line, in the words of the contract."""
    site = practice()
    user.settle_in(site.url)
    said = user.stint()
    actions = {"look", "inmail", "message", "settle", "read-inbox", "read-balance", "import"}
    outcomes = {"done", "sent", "not-sent", "uncertain", "skipped", "held", "halted"}
    for line in said.lines:
        assert {"at", "action", "lead_id", "outcome", "why"} <= line.keys()
        assert line["at"].endswith("Z")
        assert line["action"] in actions | {"wait"}
        assert line["outcome"] in outcomes
    assert [line["outcome"] for line in said.lines if line["action"] == "inmail"] == ["sent"] * 2
    assert written(site) == [ADA, BASIL]
    assert balance(user) == site.truth().balance == 19


def test_a_sequence_goes_on_after_a_default_acceptance_only(user: User, practice: OpenSite) -> None:
    """A default acceptance gets its message (S2) and follow-up (S3); own words get none (A5)."""
    site = practice()
    user.settle_in(site.url)
    for at in ("2026-03-02T09:00:00Z", TUESDAY, WEDNESDAY, "2026-03-09T09:00:00Z"):
        assert user.stint(at=at).code == 0
    assert written(site) == [ADA, BASIL, ADA, ADA]
    shown = user.run("campaign", "show", "autumn", "--seat", "alice", "--json").document
    assert shown["sent"] == {"credit": 1, "free": 1}
    assert (shown["responders"], shown["follow_ups"]) == (1, 1)
    items = user.run("inbox", "alice", "--json").document["items"]
    assert [item["responder"] for item in items if item["lead_id"] == BASIL] == [True]
    assert balance(user) == 20  # the accepted credit came back (C5)


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
    assert site.truth().struck[kind] == 1
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


def test_an_error_toast_is_looked_up_before_another_try(user: User, practice: OpenSite) -> None:
    """An error is uncertain, two readings make it not sent, then one more InMail goes out (T3)."""
    site = practice(fault(FaultKind.SEND_ERROR, lead_id=ADA))
    user.settle_in(site.url)
    assert told(user.stint(), ADA) == [("inmail", "uncertain", "T3")]
    assert written(site) == [BASIL], "nothing was repeated while the end was not known"
    readings = told(user.stint(at=ELEVEN), ADA) + told(user.stint(at=TWO), ADA)
    assert readings[-1] == ("settle", "not-sent", "T3")
    user.stint(at=TUESDAY)
    inmails = [d for d in site.truth().deliveries if d.kind is SendKind.INMAIL]
    assert [each.lead_id for each in inmails] == [BASIL, ADA]
    assert balance(user) == site.truth().balance


@pytest.mark.parametrize("form_stays", [False, True])
def test_a_lost_response_is_never_sent_again(
    user: User, practice: OpenSite, form_stays: bool
) -> None:
    """A delivered InMail that nobody confirmed is found in its thread: one delivery, one credit."""
    site = practice(fault(FaultKind.LOST_RESPONSE, lead_id=ADA, form_stays=form_stays))
    user.settle_in(site.url)
    assert told(user.stint(), ADA) == [("inmail", "uncertain", "T3")]
    assert told(user.stint(at=ELEVEN), ADA) == [("settle", "sent", "T3")]
    assert written(site) == [ADA, BASIL]
    assert balance(user) == site.truth().balance == 19


def test_an_error_that_was_charged_is_explained_by_an_adjustment(
    user: User, practice: OpenSite
) -> None:
    """A credit that the site kept for nothing lowers what may be spent, and is posted (C9)."""
    silent = f'[[people]]\nname = "Ada Amberwood"\nid = "{ADA}"\n'
    site = practice(fault(FaultKind.SEND_ERROR, lose_credit=True), people=silent, credits=3)
    user.settle_in(site.url)
    for at in ("2026-03-02T09:00:00Z", ELEVEN, TWO, TUESDAY, THURSDAY, FRIDAY, MONDAY_AFTER):
        assert user.stint(at=at).code == 0
    assert balance(user) == site.truth().balance
    assert all(each.balance_before > 1 for each in site.truth().deliveries if each.cost)


def test_a_site_that_is_down_ends_the_stint_with_a_reason(user: User, practice: OpenSite) -> None:
    """No connection: exit 1, one clear line, nothing half done."""
    site = practice(fault(FaultKind.CONNECTION_RESET, on=Moment.LEAD, times=None))
    user.settle_in(site.url)
    message = user.stint().complains(1)
    assert "error:" in message
    assert written(site) == []
    assert balance(user) == 20
