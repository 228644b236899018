"""Sends whose end was not seen, in a real browser, judged by the site's own truth (T3)."""

from __future__ import annotations

import pytest
from browser.worlds import ADA, BASIL, ELEVEN, OpenSite, balance, fault, told, written
from cli.user import User

from bot.practice.faults import FaultKind
from bot.practice.records import SendKind

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TWO, TUESDAY = "2026-03-02T14:00:00Z", "2026-03-03T09:00:00Z"
THURSDAY, FRIDAY = "2026-03-05T14:00:00Z", "2026-03-06T14:00:00Z"
MONDAY_AFTER = "2026-03-09T14:00:00Z"


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
