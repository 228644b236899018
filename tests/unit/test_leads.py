"""K1-K4, K6: who may be written to, by the lead's page and then by the composer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.credits import Ledger
from bot.facts import ComposerFacts, ComposerKind, Kind, LeadFacts
from bot.model import Enrolment
from bot.policy import CreditPolicy
from bot.rules.credits import open_ledger
from bot.rules.leads import Go, Leave, Purse, Then, before_composer, decide

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
PAGE = LeadFacts("L", "Lou Invented", None, None, None, 2, Kind.UNKNOWN, can_message=True)
COMPOSER = ComposerFacts("L", "Lou Invented", ComposerKind.CREDIT, 10)
QUEUED = Enrolment("c/L", "L", "c", 1, kind=Kind.FREE)


def purse(credits: int | None = 10, shortfall: int = 0) -> Purse:
    policy = CreditPolicy()
    opened = credits is not None
    ledger = open_ledger(credits, NOW, policy).ledger if credits is not None else Ledger()
    assert (ledger.granted_to is not None) is opened
    return Purse(ledger, shortfall, policy)


def page(**changes: object) -> LeadFacts:
    return replace(PAGE, **changes)  # type: ignore[arg-type]


def panel(kind: ComposerKind = ComposerKind.CREDIT, **changes: object) -> ComposerFacts:
    return replace(COMPOSER, kind=kind, **changes)  # type: ignore[arg-type]


PAGES = {
    "K1 the page alone rarely proves the kind": (page(), "skip", None),
    "K1 a credit lead is asked of the composer": (page(kind=Kind.CREDIT), "skip", None),
    "K4 an InMail is pending": (page(kind=Kind.PENDING), "skip", (Then.SKIP, "K4")),
    "K1 switched off": (page(kind=Kind.UNREACHABLE, can_message=False), "skip", (Then.SKIP, "K1")),
    "K4 first degree": (page(kind=Kind.FIRST_DEGREE), "skip", (Then.SKIP, "K4")),
    "K4 first degree is wanted": (page(kind=Kind.FIRST_DEGREE), "message", None),
    "K3 no button and no reason": (page(can_message=False), "skip", (Then.HOLD, "K3")),
    "K6 another person's page": (page(id="M"), "skip", (Then.HOLD, "K6")),
    "K6 before all else": (page(id="M", kind=Kind.PENDING), "skip", (Then.HOLD, "K6")),
}


@pytest.mark.parametrize("case", PAGES)
def test_what_the_page_decides(case: str) -> None:
    """K1, K3, K4, K6: one row of the table; None asks the composer."""
    facts, first_degree, wanted = PAGES[case]
    left = before_composer(facts, "L", first_degree)
    assert (None if left is None else (left.then, left.reason.rule)) == wanted


COMPOSERS = {
    "K2 credit": (panel(), purse(), Go(Kind.CREDIT)),
    "K2 free": (panel(ComposerKind.FREE, credits=None), purse(), Go(Kind.FREE)),
    "C7 free without any credit": (
        panel(ComposerKind.FREE, credits=None), purse(0), Go(Kind.FREE)
    ),
    "C12 free before the ledger is open": (
        panel(ComposerKind.FREE, credits=None), purse(None), Go(Kind.FREE)
    ),
    "C6 the last credit": (panel(), purse(1), (Then.WAIT, Kind.CREDIT, "C6")),
    "C6 the last but one": (panel(), purse(2), Go(Kind.CREDIT)),
    "C6 the site shows the last": (panel(credits=1), purse(9), (Then.WAIT, Kind.CREDIT, "C6")),
    "C9 what the site does not show": (panel(), purse(9, 8), (Then.WAIT, Kind.CREDIT, "C6")),
    "C12 the ledger is not open": (panel(), purse(None), (Then.WAIT, Kind.CREDIT, "C12")),
    "C7 none left": (
        panel(ComposerKind.NONE_LEFT, credits=None), purse(), (Then.WAIT, Kind.CREDIT, "C7")
    ),
    "K3 no credit line": (
        panel(ComposerKind.UNKNOWN, credits=None), purse(), (Then.HOLD, Kind.UNKNOWN, "K3")
    ),
    "K4 first degree": (
        panel(ComposerKind.FIRST_DEGREE), purse(), (Then.SKIP, Kind.FIRST_DEGREE, "K4")
    ),
    "K6 another addressee": (panel(lead_id="M"), purse(), (Then.RETRY, Kind.FREE, "K6")),
    "K6 no addressee": (panel(lead_id=None), purse(), (Then.RETRY, Kind.FREE, "K6")),
    "K6 before the credit line": (
        panel(ComposerKind.FREE, lead_id="M"), purse(), (Then.RETRY, Kind.FREE, "K6")
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", COMPOSERS)
def test_what_the_composer_decides(case: str) -> None:
    """K2, K3, K6, C6, C7: its credit line has the last word, whatever was read earlier."""
    facts, what_is_there, wanted = COMPOSERS[case]
    decision = decide(facts, QUEUED, what_is_there, "skip", NOW)
    if isinstance(decision, Leave):
        assert (decision.then, decision.kind, decision.reason.rule) == wanted
    else:
        assert decision == wanted


def test_a_first_degree_lead_is_written_to_where_the_campaign_says_so() -> None:
    """K4: skipped unless the campaign says otherwise; it costs nothing."""
    facts = panel(ComposerKind.FIRST_DEGREE, credits=None)
    assert decide(facts, QUEUED, purse(0), "message", NOW) == Go(Kind.FIRST_DEGREE)


def test_a_wrong_addressee_is_met_once_more_on_another_day() -> None:
    """K6: closed and tried again the next day; the second time its owner is asked."""
    first = decide(panel(lead_id="M"), QUEUED, purse(), "skip", NOW)
    assert isinstance(first, Leave)
    assert first.reason.until == NOW + timedelta(hours=20)
    again = decide(panel(lead_id="M"), replace(QUEUED, tries=((0, 1),)), purse(), "skip", NOW)
    assert isinstance(again, Leave)
    assert (again.then, again.kind) == (Then.HOLD, Kind.UNKNOWN)


def test_the_owner_is_told_what_the_composer_showed() -> None:
    """K3, T6: the reason names what stood there."""
    facts = panel(ComposerKind.UNKNOWN, credits=None, why=("two credit lines",))
    left = decide(facts, QUEUED, purse(), "skip", NOW)
    assert isinstance(left, Leave)
    assert left.reason.text == "two credit lines"
