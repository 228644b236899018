"""The agent in a real browser on a site that works, judged by the site's own truth."""

from __future__ import annotations

import pytest
from browser.worlds import ADA, BASIL, OpenSite, balance, written
from cli.user import User

pytestmark = [pytest.mark.browser, pytest.mark.slow]

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
