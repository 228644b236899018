"""Limits, hours, credits and the dry run, over days: judged by what the site delivered."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from simulation.rig import CAMPAIGN, HOURS, PARIS, POLICY, Rig, check_promises, scenario

from bot.errors import LockedOut
from bot.facts import Kind
from bot.model import Changes, Outcome, Wait
from bot.policy import CreditPolicy, Hours
from bot.ports import Site
from bot.practice.purse import CreditCause
from bot.practice.records import By, SendKind
from bot.rules import apply, limits
from bot.rules.wording import Wording
from bot.sending import _click

MANY = "\n".join(f"P{number} credit" for number in range(30))
FREE = "\n".join(f"F{number} free" for number in range(12))
ALWAYS = Hours(PARIS, frozenset(range(7)), time(0), time(23, 59, 59))


def by_day(rig: Rig) -> list[int]:
    """How many InMails went out on each of the seat's calendar days."""
    days = Counter(limits.local_day(d.at, PARIS) for d in rig.sent(kind=SendKind.INMAIL))
    return [count for _, count in sorted(days.items())]


def test_a_day_has_ten_inmails_and_midnight_is_the_seats() -> None:
    """L1: around midnight in Paris, not in London, the next ten begin."""
    start = "2026-03-02T22:20:00Z"
    policy = replace(POLICY, hours=ALWAYS)
    rig = Rig(scenario(MANY, credits=50, start=start), policy=policy)
    rig.run(days=1.5)
    assert by_day(rig) == [10, 10, 10]
    first_of_next = rig.sent()[10].at
    assert first_of_next >= datetime(2026, 3, 2, 23, tzinfo=UTC)


@pytest.mark.parametrize("start", ["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"])
def test_a_day_of_23_or_25_hours_has_ten_inmails(start: str) -> None:
    """L1, L3: a daylight-saving change gives nobody an eleventh."""
    lots = "2026-03-01" if "-03-" in start else "2026-10-01"
    text = scenario(MANY, credits=50, start=start)
    text = replace(text, lots=(replace(text.lots[0], granted=_at(lots)),))
    rig = Rig(text, policy=replace(POLICY, hours=ALWAYS))
    rig.run(days=3)
    assert by_day(rig) == [10, 10, 10]


class Slow:
    """A site whose composer takes ten seconds, as a browser's may."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.rig: Rig | None = None

    def __getattr__(self, name: str) -> Any:
        if name == "open_composer" and self.rig is not None:
            self.rig.clock.advance(timedelta(seconds=10))
        return getattr(self._site, name)


@pytest.mark.parametrize("offset", range(0, 130, 5))
def test_a_credit_may_expire_while_a_composer_opens(offset: int) -> None:
    """C3, T4: whatever the moment, what expired is not spent, and every send has its entry."""
    lots = [
        f"{{ granted = 2026-0{month}-01T00:00:00Z, credits = {credits} }}"
        for month, credits in ((4, 30), (5, 50), (6, 50))
    ]
    world = scenario(MANY, start="2026-06-30T23:40:00Z", lots=", ".join(lots))
    west = Hours(ZoneInfo("America/Los_Angeles"), frozenset(range(7)), time(9), time(17, 30))
    slow: list[Slow] = []

    def slowly(site: Site) -> Site:
        slow.append(Slow(site))
        return cast("Site", slow[0])

    policy = replace(POLICY, hours=west, pause_seconds=(115, 125))
    rig = Rig(world, policy=policy, on_site=slowly)
    slow[0].rig = rig
    rig.clock.advance(timedelta(seconds=offset))
    rig.world.advance(rig.clock.now())
    rig.run(until=datetime(2026, 7, 1, 0, 20, tzinfo=UTC))
    assert len(rig.sent()) == 10
    ledger = rig.work.accrue()
    assert (ledger.held, ledger.available) == (0, rig.truth.balance)


def _at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def test_owners_inmails_count_once_they_are_seen() -> None:
    """L1, C9: three sent by hand leave seven of the day, and the ledger follows its site."""
    rig = Rig(scenario(MANY, credits=40), policy=replace(POLICY, pause_seconds=(1200, 1300)))
    rig.run(days=0.001)
    for number in (27, 28, 29):
        rig.world.send_inmail(f"ACwAAP{number}", "Hello", "From my own hand.", by=By.OWNER)
    rig.run(days=0.6)
    assert len(rig.sent()) == 7
    rig.run(days=4)
    assert rig.store.ledger().available == rig.truth.balance
    adjusted = [e.credits for e in rig.store.entries() if e.kind == "adjust"]
    assert adjusted == [1, 1, 1]
    check_promises(rig)


def test_a_pause_lies_between_two_sends() -> None:
    """L4: never less than the configured range, never the same for all."""
    rig = Rig(scenario(MANY, credits=40))
    rig.run(days=1)
    gaps = [after.at - before.at for before, after in pairwise(rig.sent())]
    assert min(gaps) >= timedelta(seconds=40)
    assert max(gaps) <= timedelta(seconds=180)
    assert len(set(gaps)) > 3


def test_a_ramp_holds_on_the_first_days() -> None:
    """L4: three, five, then ten."""
    rig = Rig(scenario(MANY, credits=40), policy=replace(POLICY, ramp=(3, 5)))
    rig.run(days=3)
    assert by_day(rig) == [3, 5, 10]


def test_a_click_after_hours_is_not_made() -> None:
    """L3: the hours are asked again at the click; what was typed is given up, nothing is lost."""
    rig = Rig(scenario("Ada credit\nBen credit", start="2026-03-02T16:29:59Z"))
    inner = rig.site.type_inmail

    def slowly(subject: str, body: str) -> object:
        rig.clock.advance(timedelta(seconds=5))
        return inner(subject, body)

    rig.site.type_inmail = slowly  # type: ignore[assignment, method-assign]
    rig.run(days=0.2)
    assert rig.sent() == []
    assert rig.store.ledger().held == 0
    rig.run(days=1)
    assert all(limits.is_open(d.at, HOURS) for d in rig.sent())
    assert len(rig.sent()) == 2


def test_credit_leads_wait_and_free_ones_go_on() -> None:
    """C6, C7, C8, L6: the reserve stays, free ones are written to, and the grant resumes it all."""
    rig = Rig(scenario(f"{MANY}\n{FREE}", credits=4), policy=replace(POLICY, lead_pages_per_day=20))
    rig.run(days=6)
    assert rig.truth.balance == 1
    assert sum(d.cost for d in rig.sent()) == 3
    assert len([d for d in rig.sent() if not d.cost]) == 12
    pages = {limits.local_day(d.at, PARIS) for d in rig.done}
    assert all(rig.store.day(day).lead_pages <= 20 for day in pages)
    rig.run(until=datetime(2026, 4, 4, tzinfo=UTC))
    assert sum(d.cost for d in rig.sent()) == 30
    check_promises(rig)


def test_a_site_without_credits_is_believed() -> None:
    """C7, C9: "no credits left" counts as a balance of 0, whatever the ledger thought."""
    rig = Rig(scenario(f"{MANY}\nFay free", credits=3))
    rig.run(days=0.00001)
    while rig.world.balance() > 0:
        rig.world.purse.spend(rig.world.now, CreditCause.LOST, "ACwAAP29")
    rig.run(days=1)
    assert [d.lead_id for d in rig.sent() if not d.cost] == ["ACwAAFay"]
    assert rig.store.seat().shortfall > 0


def test_a_clock_that_was_set_back_sends_nothing_early() -> None:
    """L1, L4: after an hour back the pause still counts from the last send, and the day's count."""
    rig = Rig(scenario(MANY, credits=40))
    rig.run(days=0.008)
    sent, last = len(rig.sent()), rig.sent()[-1].at
    assert 0 < sent < 10
    rig.clock._now -= timedelta(hours=1)
    rig.run(days=1)
    after = rig.sent()[sent:]
    assert min(d.at for d in after) > last
    assert by_day(rig)[0] <= 10
    check_promises(rig)


def test_a_clock_that_was_set_back_still_reads_the_inbox() -> None:
    """A time in the future is no reason to skip a look at the answers."""
    rig = Rig(scenario("Ada credit"), campaigns=(), policy=replace(POLICY, hours=ALWAYS))
    rig.run(days=0.1)
    rig.clock._now -= timedelta(days=1)
    looks = len(rig.done)
    rig.run(days=0.2)
    read_at = rig.store.seat().inbox_read_at
    assert len(rig.done) >= looks
    assert read_at is not None
    assert read_at <= rig.clock.now()


# --- the dry run ----------------------------------------------------------------------------------


def test_a_dry_run_reads_decides_and_writes_nothing() -> None:
    """T5: everything is rendered, kind and cost are told, and nobody gets anything."""
    rig = Rig(scenario("Ada credit\nBen free\nCid unreachable"), dry_run=True)
    rig.run(days=1)
    assert rig.site.clicks == 0
    assert rig.truth.deliveries == ()
    told = {d.lead_id: (d.kind, d.text) for d in rig.done if d.text}
    assert told["ACwAAAda"][0] == Kind.CREDIT
    assert told["ACwAABen"][0] == Kind.FREE
    assert "Hello Ada," in told["ACwAAAda"][1]
    assert "ACwAACid" not in told


def test_a_forced_click_is_locked_out_in_a_dry_run() -> None:
    """T5: the first of the two locks raises, and nothing was written of a click."""
    rig = Rig(scenario("Ada credit\nBen free"), policy=replace(POLICY, inmails_per_day=1))
    rig.run(days=0.1)
    work = replace(rig.work, dry_run=True)
    enrolment = rig.enrolment("Ben")
    attempt, changes = apply.begin(
        work.scene(enrolment), enrolment, 0, Wording("S", "B"), Kind.FREE
    )
    rig.store.commit(changes)
    lead = rig.store.lead("ACwAABen")
    assert lead is not None
    rig.site.open_lead(lead)
    panel = rig.site.open_composer()
    with pytest.raises(LockedOut):
        _click(work, attempt, "InMail", panel)
    stored = rig.store.attempt(attempt.key)
    assert stored is not None
    assert stored.clicked_at is None
    assert rig.sent("Ben") == []


# --- halted, paused, waiting ----------------------------------------------------------------------


def test_a_paused_campaign_reads_on_and_sends_nothing() -> None:
    """S7: answers are taken in, messages wait until it goes on."""
    rig = Rig(scenario("Ada credit accept-default 1"))
    rig.run(days=0.1)
    state = rig.store.campaign("founders")
    rig.store.commit(Changes(campaigns=(replace(state, paused=True),)))
    rig.run(days=2)
    answer = rig.enrolment("Ada").answer
    assert answer is not None
    assert answer.rule == "A1"
    assert rig.sent(kind=SendKind.MESSAGE) == []
    rig.store.commit(Changes(campaigns=(replace(state, paused=False),)))
    rig.run(days=1)
    assert len(rig.sent(kind=SendKind.MESSAGE)) == 1


def test_once_ends_when_the_next_thing_is_more_than_a_pause_away() -> None:
    """L4: `run --once` does what is due now, pauses between sends included."""
    rig = Rig(scenario("Ada credit\nBen free"))
    end = rig.run_once()
    assert len(rig.sent()) == 2
    assert isinstance(end.wait, Wait)
    assert end.wait.until is not None
    assert end.wait.until - rig.clock.now() > timedelta(seconds=180)


def test_a_seat_whose_refunds_follow_any_answer_agrees_with_its_site() -> None:
    """C5: `refund_on = "any-answer"` gives a rejected InMail's credit back, once."""
    people = "Ada credit reject-default\nBen credit reject-edited\nCid credit accept-default"
    where = scenario(people, more='[[faults]]\nkind = "late-render"')
    any_answer = replace(where.credits, refund_on=type(where.credits.refund_on)("any-answer"))
    policy = replace(POLICY, credits=CreditPolicy(refund_on="any-answer"))
    rig = Rig(replace(where, credits=any_answer), policy=policy)
    rig.run(days=20)
    assert [e.kind for e in rig.store.entries()].count("refund") == 3
    assert rig.store.ledger().available == rig.truth.balance
    assert not [e for e in rig.store.entries() if e.kind == "adjust"]


def test_every_decision_keeps_its_page() -> None:
    """Promise four: the page behind a decision is kept under the decision's own name."""
    rig = Rig(scenario("Ada credit accept-default 0.1\nCid unreachable"))
    rig.run(days=1)
    kept = " ".join(rig.evidence.kept)
    for name in ("founders/ACwAAAda#0@", "founders/ACwAAAda#1@", "founders/ACwAACid#0@", "thread/"):
        assert name in kept
    assert CAMPAIGN.name in kept
    assert Outcome.SENT in {d.outcome for d in rig.done}
