"""The agent in a real browser on a site that works, judged by the site's own truth."""

from __future__ import annotations

import json

import pytest
from browser.worlds import ADA, BASIL, OpenSite, balance, written
from cli.user import User

from bot.cli.read import read
from bot.decided import in_words
from bot.pages.reader import Reader
from bot.store.evidence import Evidence

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("whole_browser")]

TUESDAY, WEDNESDAY = "2026-03-03T09:00:00Z", "2026-03-04T14:00:00Z"


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
    check_evidence(user)


def check_evidence(user: User) -> None:
    """What was decided in this run is what reading its pages again gives; nothing is missing."""
    reader, store = Reader.shipped(), Evidence(user.seat / "evidence")
    kept = list(store.decisions())
    for each in kept:
        again = in_words(reader.read(each.decision.kind, store.load(each.page.name)))
        assert again == each.decision.understood, each.decision
    assert {each.decision.kind for each in kept} == {
        "inbox",
        "results",
        "composer",
        "sent",
        "thread",
    }
    sent = [each.decision for each in kept if each.decision.outcome == "sent"]
    assert [each.lead_id for each in sent] == [ADA, BASIL, ADA, ADA]
    for answered, rule in ((ADA, "A1"), (BASIL, "A5")):
        last = [e for e in kept if e.decision.lead_id == answered and e.decision.kind == "thread"][
            -1
        ]
        told = json.loads(read("thread", str(last.page)))
        assert told["rule"] == rule
        assert f"{rule}: {told['answer']}, the sequence {told['sequence']}" in {
            e.decision.why for e in kept if e.decision.lead_id == answered
        }
    listed = user.run("evidence", "alice", "--json").document["decisions"]
    assert [line["decision"] for line in listed] == [each.decision.key for each in kept]
