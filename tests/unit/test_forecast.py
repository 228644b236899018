"""`plan`: what the agent would write, on a copy, where nothing can be typed or clicked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from simulation.rig import CAMPAIGN, POLICY, Rig, scenario

from bot.config import BrowserSettings, Settings, SiteSettings
from bot.facts import Kind
from bot.forecast import AssumedSite, look_ahead
from bot.model import Changes, Enrolment, Lead
from bot.orders import Reply
from bot.places import SeatPaths
from bot.report import Planned
from bot.rules import limits
from bot.rules.contacts import DoNotContact
from bot.rules.replies import mark_of
from bot.seat import Seat


def seat(home: Path, **policy: object) -> Seat:
    changed = replace(POLICY, **policy)  # type: ignore[arg-type]
    paths = SeatPaths(home, "alice")
    settings = Settings(home, SiteSettings(), BrowserSettings(), {"alice": changed})
    return Seat(settings, changed, paths, (CAMPAIGN,), DoNotContact())


def ahead(rig: Rig, home: Path, days: int, **policy: object) -> Planned:
    with rig.store.copy() as book:
        return look_ahead(seat(home, **policy), book, rig.clock.now(), days)


def test_it_tells_the_days_inmails_and_writes_nothing(tmp_path: Path) -> None:
    """T6, L1: so many a day in working hours, with text and cost; the book is as it was."""
    people = "\n".join(f"P{n} credit" for n in range(8))
    rig = Rig(scenario(people), policy=replace(POLICY, inmails_per_day=1))
    rig.run(days=0.4)
    before = tuple(rig.store.enrolments())
    planned = ahead(rig, tmp_path, 4, inmails_per_day=2)
    assert len(planned.actions) == 1 + 3 * 2
    assert all(limits.is_open(action.at, POLICY.hours) for action in planned.actions)
    assert {action.kind for action in planned.actions} == {Kind.CREDIT}
    assert all("Hello P" in action.text for action in planned.actions)
    assert tuple(rig.store.enrolments()) == before
    assert len(rig.sent()) == 1


def test_a_due_follow_up_is_told_on_its_day(tmp_path: Path) -> None:
    """S3: the follow-ups of an accepted thread come when they are due, if nobody answers."""
    rig = Rig(scenario("Ada credit accept-default 0.1"))
    rig.run(days=1)
    planned = ahead(rig, tmp_path, 14)
    assert [action.text for action in planned.actions] == [
        "A first follow-up.",
        "A second follow-up.",
    ]
    rig.run(days=14)
    told, done = planned.actions, rig.sent("Ada")[2:]
    assert [action.at.date() for action in told] == [delivery.at.date() for delivery in done]


def test_what_holds_the_rest_is_told_with_its_rule(tmp_path: Path) -> None:
    """T6, C7: leads that wait for credits name the rule and the day of the next grant."""
    people = "\n".join(f"P{n} credit" for n in range(6))
    rig = Rig(scenario(people, credits=3))
    rig.run(days=1)
    planned = ahead(rig, tmp_path, 2)
    assert planned.actions == ()
    waiting = [held for held in planned.held if held.rule == "C7"]
    assert {held.until for held in waiting} == {datetime(2026, 4, 1, tzinfo=UTC)}
    assert len(waiting) >= 1


def test_a_halted_seat_would_write_nothing(tmp_path: Path) -> None:
    """L5: and every lead says so."""
    rig = Rig(scenario("Ada credit\nBen credit"), policy=replace(POLICY, inmails_per_day=1))
    rig.run(days=0.4)
    rig.store.commit(Changes(seat=replace(rig.store.seat(), paused=True)))
    planned = ahead(rig, tmp_path, 5)
    assert planned.actions == ()
    assert ("ACwAABen", "S7") in {(held.lead_id, held.rule) for held in planned.held}


def test_the_assumed_site_takes_no_writing() -> None:
    """T5: neither typing nor clicking is possible in a forecast."""
    rig = Rig(scenario("Ada credit"))
    site = AssumedSite(rig.store, 50)
    for write in (
        lambda: site.type_inmail("S", "B"),
        lambda: site.type_message("B"),
        site.click_send,
        lambda: site.read_sent("B"),
    ):
        with pytest.raises(AssertionError):
            write()


@pytest.mark.parametrize(
    ("kind", "shown"),
    [(None, "credit"), (Kind.CREDIT, "credit"), (Kind.FREE, "free")],
)
def test_it_assumes_what_was_read_last(kind: Kind | None, shown: str) -> None:
    """K2: a lead that was never looked at is assumed to cost a credit."""
    rig = Rig(scenario("Ada credit"))
    rig.store.commit(Changes(enrolments=(Enrolment("founders/L", "L", "founders", 1, kind=kind),)))
    site = AssumedSite(rig.store, 50)
    site.open_lead(Lead("L", "Lou Invented"))
    assert site.open_composer().facts.kind == shown


def test_an_assumed_thread_holds_only_what_was_sent() -> None:
    """T3: a try that was not sent does not stand in the thread."""
    failed = '[[faults]]\nkind = "send-error"\ntimes = 1'
    rig = Rig(scenario("Ada credit accept-default 0.1", more=failed))
    rig.run(days=1)
    states = [a.state for a in rig.store.attempts_of("founders/ACwAAAda")]
    assert "not-sent" in states
    thread_id = rig.enrolment("Ada").thread_id
    assert thread_id is not None
    messages = AssumedSite(rig.store, 50).open_thread(thread_id).facts.messages
    assert len(messages) == states.count("sent")


@pytest.mark.parametrize("answer", ["own-words", "accept-edited"])
def test_a_reply_that_waits_is_told_and_nothing_follows_it(tmp_path: Path, answer: str) -> None:
    """T7: the thread is taken to be as its owner saw it; the sequence stays stopped."""
    rig = Rig(scenario(f"Ada credit {answer} 0.1"))
    rig.run(days=1)
    assert rig.order(Reply("ACwAAAda", "How about Tuesday?", mark_of(rig.enrolment("Ada")))).done
    assert [action.text for action in ahead(rig, tmp_path, 14).actions] == ["How about Tuesday?"]
