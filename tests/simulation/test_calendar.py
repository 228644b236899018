"""The calendar simulation: beside what the practice site then does, and from any state."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from simulation.outlook import FREE, compare, true_shares
from simulation.rig import CAMPAIGN, POLICY, Rig, scenario

from bot.clock import SimulatedClock
from bot.credits import Unexplained
from bot.model import Changes
from bot.outlook import Asked, Outlook, Range, look_out, prepare, spread
from bot.policy import CreditPolicy
from bot.rules.shares import Shares
from bot.store.memory import MemoryBook

NOBODY = Shares(0.0, 0.0, 0.0, 0.0, 0.0, (timedelta(days=1),))
EVERYBODY = replace(NOBODY, accept=1.0)


def ahead(
    rig: Rig, shares: Shares, days: int = 10, runs: int = 2, seed: int = 1, leads: int | None = None
) -> Outlook:
    book = rig.store
    assert isinstance(book, MemoryBook)
    before = tuple(book.enrolments())
    work = replace(rig.work, clock=SimulatedClock(rig.clock.now()))
    copy = book.copy()
    name = None if leads is None else CAMPAIGN.name
    work, assumes = prepare(work, copy, name, leads)
    outlook = look_out(work, copy, Asked(days, runs, seed, shares), assumes=assumes)
    assert tuple(book.enrolments()) == before, "the seat's own book stays as it is"
    return outlook


def rig_of(people: str, **more: object) -> Rig:
    return Rig(scenario(people), book=MemoryBook(), **more)  # type: ignore[arg-type]


def only(figure: int) -> Range:
    return Range(figure, figure, figure)


def test_it_is_not_far_from_what_the_practice_site_does() -> None:
    """The figures of 20 seeds are printed by `python -m simulation.outlook`; here are two."""
    found = [compare(seed, days=12, runs=6, before=8, leads=200) for seed in (1, 2)]
    off = [each.off() for each in found]
    assert statistics.mean(day for sends, _ in off for day in sends) < 4
    assert statistics.mean(day for _, balance in off for day in balance) < 3
    inside = sum((each.inside() for each in found), Counter[str]())
    assert inside["credit"] > 0.6 * inside["working"]
    assert inside["balance"] > 0.6 * inside["days"]
    for each in found:
        told, true = each.outlook.total.inmails, sum(d.credit + d.free for d in each.happened)
        assert abs(told.median - true) < 0.1 * true


def test_where_chance_has_no_part_it_tells_what_happens() -> None:
    """L1, C4, S2, S3: if everybody accepts after a day, day for day what then happens."""
    people = "\n".join(f"P{n} credit accept-default 1" for n in range(7))
    rig = rig_of(people, policy=replace(POLICY, inmails_per_day=3))
    rig.run(days=2)
    outlook = ahead(rig, EVERYBODY, days=12)
    start = rig.clock.now()
    assert {day.inmails for day in outlook.days} == {only(1), only(0)}
    rig.run(until=start.replace(hour=23, minute=0) + timedelta(days=11))
    sent = [d for d in rig.sent() if d.at >= start]
    for day in outlook.days:
        true = [d for d in sent if d.at.date() == day.day]
        assert day.inmails == only(sum(d.kind == "inmail" for d in true)), day.day
        assert day.messages == only(sum(d.kind == "message" for d in true)), day.day
    assert outlook.days[-1].balance == only(rig.truth.balance)


def test_the_same_seed_tells_the_same() -> None:
    """Nothing is asked of the machine; another seed draws other answers."""
    rig = rig_of("\n".join(f"P{n} credit" for n in range(40)))
    rig.run(days=2)
    shares = true_shares()
    assert ahead(rig, shares) == ahead(rig, shares)
    assert ahead(rig, shares).days != ahead(rig, shares, seed=2).days


def test_the_day_on_which_the_queue_is_empty_is_told() -> None:
    """With three InMails a day, seven leads are written to by the third working day."""
    rig = rig_of(
        "\n".join(f"P{n} free" for n in range(7)), policy=replace(POLICY, inmails_per_day=3)
    )
    rig.run(days=0.4)
    (queue,) = ahead(rig, NOBODY).queue
    assert (queue.left, queue.empty) == (only(0), 2)
    assert queue.median is not None
    assert queue.median.isoformat() == "2026-03-04"
    (queue,) = ahead(rig, NOBODY, days=2).queue
    assert (queue.left, queue.empty, queue.median) == (only(1), 0, None)


def test_what_the_grant_loses_to_the_cap_is_told() -> None:
    """C1, C2, C3: of 110 credits 10 expire before the next 50 come, and 120 is the cap."""
    policy = replace(POLICY, credits=CreditPolicy(cap=120))
    rig = Rig(scenario("Ada free", credits=110), policy=policy, book=MemoryBook())
    rig.run(days=0.4)
    march, april = ahead(rig, NOBODY, days=35).months
    assert (march.granted, march.cut) == (only(0), only(0))
    assert (april.month, april.granted, april.cut) == ("2026-04", only(20), only(30))


def test_a_grant_on_a_saturday_counts_on_its_day() -> None:
    """C1: nobody works then, and the balance of that day's end has it."""
    made = scenario("Ada free", start="2026-07-27T08:00:00Z")
    rig = Rig(made, book=MemoryBook())
    rig.run(days=0.4)
    friday, saturday = ahead(rig, NOBODY, days=6).days[-2:]
    assert (friday.balance, saturday.balance) == (only(0), only(50))
    assert saturday.granted == only(50)


def test_a_campaign_that_was_never_started_can_be_told() -> None:
    """So many leads of unknown kind, in a paused seat whose campaign is paused too."""
    rig = rig_of("Ada credit")
    rig.store.commit(Changes(seat=replace(rig.store.seat(), paused=True)))
    rig.store.commit(Changes(campaigns=(replace(rig.store.campaign("founders"), paused=True),)))
    outlook = ahead(rig, replace(NOBODY, free=FREE), days=4, leads=200)
    assert outlook.days[0].inmails == only(10)
    assert outlook.total.free.median > 5
    told = " ".join(outlook.assumes)
    assert "taken as resumed" in told
    assert "taken as started" in told
    assert "200 leads" in told


def test_a_difference_that_stands_today_stays() -> None:
    """C9: what the site does not show is not spent, and the ledger follows it after 48 hours."""
    rig = rig_of("\n".join(f"P{n} credit" for n in range(60)))
    rig.run(days=1)
    seat, balance = rig.store.seat(), rig.store.ledger().available
    missing = Unexplained(-4, rig.clock.now(), balance, balance - 4)
    rig.store.commit(Changes(seat=replace(seat, unexplained=missing, shortfall=4)))
    plain = ahead(rig, NOBODY, days=6)
    assert plain.total.credit == only(balance - 4 - POLICY.credits.reserve)
    assert plain.days[-1].balance == only(POLICY.credits.reserve)


def test_an_answer_that_is_there_unread_is_read() -> None:
    """A thread that has changed holds an answer, whatever the shares."""
    rig = rig_of("Ada credit\nBea credit")
    rig.run(days=1)
    ada = rig.enrolment("Ada")
    thread = rig.store.thread_of(ada.lead_id)
    assert thread is not None
    rig.store.commit(Changes(threads=(replace(thread, seen="2026-03-03T09:00:00+00:00|Yes"),)))
    assert ahead(rig, replace(NOBODY, accept=0.001), days=1).total.messages == only(1)


def test_what_came_since_the_inbox_was_read_is_read_next() -> None:
    """Over a weekend: Friday's InMail may have been answered, and nobody knows it on Sunday."""
    people = "\n".join(f"P{n} credit" for n in range(5))
    rig = rig_of(people, policy=replace(POLICY, inmails_per_day=1))
    rig.run(days=6.4)
    assert rig.clock.now().weekday() == 6
    outlook = ahead(rig, EVERYBODY, days=2)
    assert outlook.total.messages == only(1)


@pytest.mark.parametrize(
    ("figures", "wanted"),
    [([5], (5, 5, 5)), ([3, 1, 2], (1, 2, 3)), (range(1, 11), (1, 5, 9)), (range(21), (2, 10, 18))],
)
def test_a_range_is_made_of_figures_that_were_there(
    figures: object, wanted: tuple[int, int, int]
) -> None:
    """Nearest rank: 10, 50 and 90 of 100."""
    assert spread(figures) == Range(*wanted)  # type: ignore[arg-type]
