"""Where the site asks for a person the seat halts, clicks nothing, and waits (L5)."""

from __future__ import annotations

import pytest
from browser.worlds import ADA, BASIL, ELEVEN, OpenSite, fault, written
from cli.user import CAMPAIGN, SEARCH, User

from bot.practice.faults import FaultKind, Moment
from bot.practice.model import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (FaultKind.LOGIN_WALL, "login"),
        (FaultKind.SESSION_GONE, "login"),
        (FaultKind.SECURITY_CHECK, "challenge"),
        (FaultKind.RESTRICTION, "restricted"),
        (FaultKind.NO_SEAT, "no-seat"),
        (FaultKind.RATE_LIMIT, "rate-limited"),
        (FaultKind.DENIED, "rate-limited"),
    ],
)
def test_a_halt_stops_everything(
    user: User, practice: OpenSite, kind: FaultKind, word: str
) -> None:
    """Exit 3 and a plain reason; no page is opened again (L5)."""
    site = practice(fault(kind, on=Moment.LEAD))
    user.settle_in(site.url)
    halted = user.stint()
    assert halted.code == 3
    assert [line["outcome"] for line in halted.lines][-1] == "halted"
    status = user.run("status", "alice", "--json")
    assert status.code == 3
    shown = status.document["seats"][0]
    assert (shown["state"], shown["halt"]["kind"]) == ("halted", word)
    assert shown["halt"]["what_to_do"]
    assert shown["halt"]["since"]

    views = dict(site.truth().views)
    assert "halted" in user.stint(at=ELEVEN).complains(3)
    assert dict(site.truth().views) == views, "a halted seat opens no page"


@pytest.mark.parametrize("kind", [FaultKind.LOGIN_WALL, FaultKind.RATE_LIMIT])
def test_a_halted_seat_goes_on_when_its_owner_says_so(
    user: User, practice: OpenSite, kind: FaultKind
) -> None:
    """`resume` is the owner's word: what was due is done, once (L5)."""
    site = practice(fault(kind, on=Moment.LEAD))
    user.settle_in(site.url)
    assert user.stint().code == 3
    site.ask(World.lift)
    assert user.run("resume", "alice").code == 0
    assert user.stint(at=ELEVEN).code == 0
    assert written(site) == [ADA, BASIL]


def test_a_resume_without_a_cure_halts_again(user: User, practice: OpenSite) -> None:
    """Nothing is done to get around a check: it is met once more, and the seat halts (L5)."""
    site = practice(fault(FaultKind.SECURITY_CHECK, on=Moment.INBOX))
    user.settle_in(site.url)
    assert user.stint().code == 3
    assert user.run("resume", "alice").code == 0
    assert user.stint(at=ELEVEN).code == 3
    assert written(site) == []


def test_a_halt_that_an_import_meets_is_kept(user: User, practice: OpenSite) -> None:
    """L5: `leads import` halts the seat as a stint would, and opens no page of a halted one."""
    site = practice(fault(FaultKind.SECURITY_CHECK, on=Moment.RESULTS))
    user.settle_in(site.url)
    words = ("leads", "import", SEARCH, "--campaign", CAMPAIGN, "--seat", "alice")
    user.run(*words).complains(3)
    assert user.run("status", "alice", "--json").document["seats"][0]["halt"]["kind"] == "challenge"
    views = dict(site.truth().views)
    user.run(*words).complains(3)
    assert dict(site.truth().views) == views
