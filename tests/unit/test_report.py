"""What a person is shown: why not today, the ledger, the inbox."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from simulation.rig import CAMPAIGN, POLICY, Rig, scenario

from bot import report
from bot.credits import Entry
from bot.facts import Kind
from bot.model import (
    Answer,
    Attempt,
    AttemptState,
    CampaignState,
    DayCounts,
    Enrolment,
    Halted,
    Lead,
    Reason,
    SentStep,
)
from bot.rules.credits import open_ledger
from bot.rules.why import View
from bot.store.store import Funnel

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
LEAD = Lead("L", "Lou Invented")
NEW = Enrolment("founders/L", "L", "founders", 1)
ANSWER = Answer("accepted", "default", "A1", False, "goes-on", True, False, NOW, "Hi")
SENT = SentStep(0, NOW - timedelta(days=2), "h", "founders/L#0.1", Kind.CREDIT)
YES = replace(NEW, sent=(SENT,), answer=ANSWER, accepted_at=NOW)
TODAY = DayCounts(NOW.date())
HALTED = Halted("login", "sign in", NOW)
DOUBT = Attempt(
    "founders/L#0.1", NEW.key, "L", "founders", 0, AttemptState.UNCERTAIN, NOW, "s", "b", "h",
    look_at=NOW + timedelta(minutes=10),
)  # fmt: skip


def view(**changes: object) -> View:
    rig = Rig(scenario("Ada credit"))
    ledger = open_ledger(10, NOW, POLICY.credits).ledger
    states = (CampaignState("founders"),)
    seat = replace(rig.store.seat(), threads_known=True)
    given = View(seat, ledger, TODAY, POLICY, (CAMPAIGN,), states, NOW)
    return replace(given, **changes)  # type: ignore[arg-type]


def seat(**changes: object) -> object:
    return replace(view().seat, **changes)  # type: ignore[arg-type]


CASES: dict[str, tuple[Enrolment, dict[str, object], str | None]] = {
    "K7 its turn will come": (NEW, {}, "K7"),
    "L5 halted": (NEW, {"seat": seat(halted=HALTED)}, "L5"),
    "S7 paused": (NEW, {"seat": seat(paused=True)}, "S7"),
    "S7 its campaign": (NEW, {"states": (CampaignState("founders", paused=True),)}, "S7"),
    "S7 without a file": (NEW, {"campaigns": ()}, "S7"),
    "T3 a retry": (replace(NEW, not_before=NOW + timedelta(hours=1)), {}, "T3"),
    "L3 at night": (NEW, {"now": NOW + timedelta(hours=12)}, "L3"),
    "L1 the day is full": (NEW, {"today": replace(TODAY, inmails=10)}, "L1"),
    "L6 lead pages": (NEW, {"today": replace(TODAY, lead_pages=80)}, "L6"),
    "C7 no credits": (
        replace(NEW, kind=Kind.CREDIT),
        {"ledger": open_ledger(1, NOW, POLICY.credits).ledger},
        "C7",
    ),
    "K5 on the owner's list since": (NEW, {"refusal": lambda lead: Reason("K5", lead.id)}, "K5"),
    "K5 before a pause": (
        NEW,
        {"seat": seat(paused=True), "refusal": lambda lead: Reason("K5", lead.id)},
        "K5",
    ),
    "S4 no answer": (replace(NEW, sent=(SENT,)), {}, "S4"),
    "S2 due now": (YES, {}, None),
    "L2 the day's messages": (YES, {"today": replace(TODAY, messages=50)}, "L2"),
    "S3 later": (
        replace(YES, sent=(SENT, replace(SENT, step=1, at=NOW - timedelta(days=1)))),
        {},
        "S3",
    ),
    "K4 written to from elsewhere": (
        NEW,
        {"contacted": lambda each, _lead: Reason("K4", each.key)},
        "K4",
    ),
    "K8 a new seat": (NEW, {"seat": seat(threads_known=False)}, "K8"),
    "L4 between two sends": (YES, {"seat": seat(last_send_at=NOW)}, "L4"),
    "A10 the owner wrote": (
        replace(YES, answer=replace(ANSWER, rule="A10", sequence="held"), foreign=2),
        {},
        "A10",
    ),
    "T3 looked up later": (
        replace(NEW, sending=DOUBT.key),
        {"open_attempts": (DOUBT,)},
        "T3",
    ),
    "K3 held": (replace(NEW, hold=Reason("K3", "?")), {}, "K3"),
}


@pytest.mark.parametrize("case", CASES)
def test_why_not_today(case: str) -> None:
    """T6: every lead that is not written to now has a rule; what lifts by itself says when."""
    enrolment, changes, rule = CASES[case]
    why = report.lead_line(enrolment, LEAD, view(**changes)).why_not
    assert (why.rule if why is not None else None) == rule
    if rule in ("L1", "L2", "L3", "L4", "L6", "C7", "T3"):
        assert why is not None
        assert why.until is not None
        assert why.until > NOW


def test_a_leads_line_says_what_the_owner_wrote_and_when_a_rule_lifts() -> None:
    """T6, A10: one line with rule and time, and the messages by hand."""
    line = report.lead_line(replace(YES, foreign=2), LEAD, view(now=NOW + timedelta(hours=12)))
    assert line.by_hand == 2
    assert report.why_line(line.why_not) == "outside working hours (L3), until 2026-03-04 08:00"
    assert report.why_line(None) == ""


def entries() -> tuple[Entry, ...]:
    rig = Rig(scenario("Ada credit accept-default 0.1\nBen credit"))
    rig.run(days=40)
    return tuple(rig.store.entries())


def test_the_months_add_up() -> None:
    """C10: the balance at each month's end is what the entries until then give."""
    (march, first), (april, second) = report.months(entries())
    assert (march, april) == ("2026-03", "2026-04")
    assert first["available"] == 20 - first["spend"] + first["refund"] == 19
    assert second["available"] == 69
    assert second["grant"] == 50


def test_the_journal_balances() -> None:
    """C10: double entry: what one account gains another loses, in a form that hledger reads."""
    journal = report.hledger(entries())
    moved = [int(line.split()[1]) for line in journal.splitlines() if line.startswith("    cre")]
    assert sum(moved) == 0
    hledger = shutil.which("hledger")
    if hledger is not None:
        told = subprocess.run(
            [hledger, "-f-", "bal", "credits:available", "-N"], input=journal, text=True,
            capture_output=True, check=True,
        )  # fmt: skip
        assert told.stdout.split()[0] == "69"


def test_the_inbox_shows_what_the_rules_show() -> None:
    """A1-A9: what is to be checked first, then the newest; a rejection only on request."""
    shown = [
        (replace(YES, answer=replace(ANSWER, at=NOW - timedelta(hours=h), **changes)), LEAD)
        for h, changes in (
            (3, {"rule": "A5"}),
            (2, {"rule": "A3", "inbox": False}),
            (9, {"rule": "A9", "check": True}),
            (1, {}),
        )
    ]
    assert [item.rule for item in report.inbox_items([*shown, (NEW, LEAD)])] == ["A9", "A1", "A5"]
    assert [item.rule for item in report.inbox_items(shown, every=True)] == ["A9", "A1", "A3", "A5"]


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (CampaignState("c"), "importing"),
        (CampaignState("c", cursor=None), "active"),
        (CampaignState("c", cursor=None, paused=True), "paused"),
    ],
)
def test_a_campaign_has_one_word_for_its_state(state: CampaignState, word: str) -> None:
    """interface.md: the funnel beside it is the store's."""
    line = report.campaign_line(state, Funnel(leads=5, credit=2, free=1, held=1))
    assert (line.state, line.leads, line.sent.credit, line.sent.free) == (word, 5, 2, 1)
