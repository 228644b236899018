"""C1-C8 and C12: what any history does to the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.credits import Account, Entry, EntryKind, Ledger, Lot, add
from bot.policy import CreditPolicy
from bot.rules.credits import (
    Posted,
    accrue,
    adjust,
    expiry,
    hold,
    last_grant,
    may_spend,
    next_grant,
    open_ledger,
    refund,
    release,
    spend,
)

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2023, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))
POLICIES = st.builds(
    CreditPolicy,
    monthly=st.integers(1, 60),
    cap=st.integers(60, 200),
    renewal_day=st.integers(1, 31),
    renewal_zone=st.sampled_from(
        [ZoneInfo(n) for n in ("UTC", "Europe/Paris", "America/New_York")]
    ),
    reserve=st.integers(0, 3),
) | st.builds(CreditPolicy, months=st.none(), days=st.integers(30, 120))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["wait", "hold", "sent", "not-sent", "refund", "adjust", "refund-again"]),
        st.integers(-40, 400),
    ),
    max_size=40,
)


class History:
    """Plays steps on a ledger as the agent would, and counts beside it."""

    def __init__(self, seen: int, at: datetime, policy: CreditPolicy) -> None:
        self.policy, self.now = policy, at
        opened = open_ledger(seen, at, policy)
        self.ledger, self.entries = opened.ledger, list(opened.entries)
        self.open: list[tuple[str, Lot]] = []
        self.sent: list[str] = []
        self.refunded: list[str] = []
        self.number = 0

    def take(self, posted: Posted) -> None:
        self.ledger = posted.ledger
        self.entries.extend(posted.entries)

    def play(self, step: str, number: int) -> None:
        self.take(accrue(self.ledger, self.now, self.policy))
        if step == "wait":
            self.now += timedelta(hours=abs(number) * 3)
        elif step == "hold" and may_spend(self.ledger, 0, self.policy):
            self.number += 1
            key = f"c/{self.number}#0.1"
            posted, lot = hold(self.ledger, key, "ACwAA1", self.now)
            self.take(posted)
            self.open.append((key, lot))
        elif step == "sent" and self.open:
            key, _ = self.open.pop()
            self.take(spend(self.ledger, key, "ACwAA1", self.now))
            self.sent.append(key)
        elif step == "not-sent" and self.open:
            key, lot = self.open.pop()
            self.take(release(self.ledger, key, "ACwAA1", self.now))
        elif step == "refund" and self.sent:
            self.refunded.append(self.sent.pop())
            self.take(refund(self.ledger, self.refunded[-1], "ACwAA1", self.now, self.policy))
        elif step == "adjust" and number:
            self.number += 1
            posted = adjust(
                Posted(self.ledger),
                f"adjust/{self.number}",
                number % 9 - 4,
                self.now,
                self.policy,
                "?",
            )
            self.take(posted)


@given(st.integers(0, 150), MOMENTS, POLICIES, STEPS)
def test_any_history_keeps_its_word(
    seen: int, at: datetime, policy: CreditPolicy, steps: list[tuple[str, int]]
) -> None:
    """C1-C5, C10: nothing from nowhere, nothing below zero, nothing over the cap, no key twice."""
    history = History(min(seen, policy.cap), at, policy)
    for step, number in steps:
        history.play(step, number)
        ledger = history.ledger
        assert sum(total for _, total in ledger.totals) == 0
        assert ledger.available == sum(lot.left for lot in ledger.lots) >= 0
        assert ledger.held == len(history.open)
        assert ledger.available + ledger.held <= policy.cap
        assert all(lot.expires_at > lot.born_at for lot in ledger.lots)
    keys = [entry.key for entry in history.entries]
    assert len(keys) == len(set(keys))
    folded = Ledger()
    for entry in history.entries:
        folded = add(folded, entry)
    assert folded == history.ledger


DOUBTS = st.lists(
    st.tuples(
        st.sampled_from(["wait", "begin", "begin", "end"]), st.integers(0, 400), st.booleans()
    ),
    max_size=40,
)


A_LOT_EXPIRED_MEANWHILE = [
    ("begin", 0, False),
    *[("wait", 250, False)] * 3,
    ("begin", 0, True),
    ("end", 0, False),
]


@given(MOMENTS, DOUBTS)
@example(START, A_LOT_EXPIRED_MEANWHILE)
def test_in_whatever_order_doubts_end_the_lots_are_the_sites(
    at: datetime, steps: list[tuple[str, int, bool]]
) -> None:
    """C3: the site took its oldest credit at each click that was one; ours expire with its own."""
    policy = CreditPolicy(monthly=3, cap=10_000, months=None, days=20)
    opened = open_ledger(3, at, policy)
    ours, truth, now, number = opened.ledger, opened.ledger, at, 0
    doubts: list[tuple[str, bool]] = []
    for step, amount, sent in [*steps, *[("end", n, False) for n in range(len(steps))]]:
        ours, truth = accrue(ours, now, policy).ledger, accrue(truth, now, policy).ledger
        if step == "wait":
            now += timedelta(hours=amount)
        elif step == "begin" and ours.available and truth.available:
            number += 1
            key = f"c/{number}#0.1"
            doubts.append((key, sent))
            ours = hold(ours, key, "L", now)[0].ledger
            if sent:
                truth = spend(hold(truth, key, "L", now)[0].ledger, key, "L", now).ledger
        elif step == "end" and doubts:
            key, was_sent = doubts.pop(amount % len(doubts))
            end = spend if was_sent else release
            ours = end(ours, key, "L", now).ledger
    ours, truth = accrue(ours, now, policy).ledger, accrue(truth, now, policy).ledger
    assert {lot.key: lot.left for lot in ours.lots} == {lot.key: lot.left for lot in truth.lots}


@given(st.integers(0, 150), MOMENTS, POLICIES, STEPS)
def test_no_credit_outlives_its_life(
    seen: int, at: datetime, policy: CreditPolicy, steps: list[tuple[str, int]]
) -> None:
    """C3: after each accrual no lot is older than three months, or the configured days."""
    history = History(min(seen, policy.cap), at, policy)
    for step, number in steps:
        history.play(step, number)
        history.take(accrue(history.ledger, history.now, policy))
        assert all(lot.expires_at > history.now for lot in history.ledger.lots)


@given(st.integers(0, 150), MOMENTS, POLICIES, st.integers(1, 400))
def test_accruing_in_steps_is_accruing_at_once(
    seen: int, at: datetime, policy: CreditPolicy, days: int
) -> None:
    """C1, C3: how often the book is opened changes nothing."""
    opened = open_ledger(min(seen, policy.cap), at, policy).ledger
    end = at + timedelta(days=days)
    once = accrue(opened, end, policy)
    stepwise, entries = opened, []
    for day in range(0, days + 1, 7):
        posted = accrue(stepwise, at + timedelta(days=day), policy)
        stepwise, entries = posted.ledger, [*entries, *posted.entries]
    last = accrue(stepwise, end, policy)
    assert last.ledger == once.ledger
    assert (*entries, *last.entries) == once.entries
    assert accrue(once.ledger, end, policy).entries == ()


@given(MOMENTS, st.integers(1, 31), st.sampled_from(["UTC", "Europe/Paris", "Pacific/Auckland"]))
def test_there_is_one_renewal_a_month(at: datetime, day: int, zone: str) -> None:
    """C1: day 29-31 falls on the last day; leap days and clock changes do not move it."""
    policy = CreditPolicy(renewal_day=day, renewal_zone=ZoneInfo(zone))
    first = next_grant(at, policy)
    second = next_grant(first, policy)
    local, after = (moment.astimezone(policy.renewal_zone) for moment in (first, second))
    assert at < first <= at + timedelta(days=32)
    assert (after.year * 12 + after.month) - (local.year * 12 + local.month) == 1
    assert (local.hour, local.minute) in ((0, 0), (1, 0))
    tomorrow = local + timedelta(days=1)
    assert local.day == day or (local.day < day and tomorrow.month != local.month)
    assert last_grant(first, policy) == first


def test_a_grant_is_fifty_on_the_first_utc() -> None:
    """C1: 50 on the 1st, at midnight UTC."""
    opened = open_ledger(20, START, CreditPolicy()).ledger
    before = accrue(opened, datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC), CreditPolicy())
    after = accrue(opened, datetime(2026, 4, 1, tzinfo=UTC), CreditPolicy())
    assert before.entries == ()
    assert [(e.kind, e.credits) for e in after.entries] == [(EntryKind.GRANT, 50)]


def test_expiry_comes_before_the_grant_of_the_same_instant() -> None:
    """C1, C2, C3: a seat that spends nothing holds 150, and loses none of a grant to the cap."""
    policy = CreditPolicy()
    ledger = open_ledger(150, START, policy).ledger
    posted = accrue(ledger, START + timedelta(days=365), policy)
    assert EntryKind.CUT not in {entry.kind for entry in posted.entries}
    assert posted.ledger.available == 150


MOVED = [
    CreditPolicy(renewal_zone=ZoneInfo("America/New_York")),
    CreditPolicy(renewal_zone=ZoneInfo("Pacific/Auckland")),
    CreditPolicy(renewal_day=3),
    CreditPolicy(renewal_day=31),
]


@pytest.mark.parametrize("moved", MOVED)
def test_a_month_has_one_grant_wherever_the_renewal_is_moved(moved: CreditPolicy) -> None:
    """C1: an owner who corrects day or zone gets no second grant, and the next one in its month."""
    begun = open_ledger(20, START, CreditPolicy()).ledger
    april = accrue(begun, datetime(2026, 4, 2, tzinfo=UTC), CreditPolicy()).ledger
    rest = accrue(april, datetime(2026, 4, 28, tzinfo=UTC), moved)
    assert rest.entries == ()
    later = accrue(rest.ledger, datetime(2026, 7, 2, tzinfo=UTC), moved)
    grants = [each.key[:13] for each in later.entries if each.kind is EntryKind.GRANT]
    assert len(grants) == len(set(grants))
    assert "grant/2026-05" in grants


def test_an_expired_lot_gives_no_credit() -> None:
    """C3: what is not posted as expired yet is not held either; a hold that was is still spent."""
    ledger = open_ledger(70, START, CreditPolicy()).ledger
    late = ledger.lots[0].expires_at
    posted, lot = hold(ledger, "a#0.1", "ACwAA1", late)
    assert lot == ledger.lots[1]
    with pytest.raises(ValueError, match="no credit"):
        hold(ledger, "a#0.2", "ACwAA1", ledger.lots[1].expires_at)
    own = replace(posted.ledger.holds[0], expires_at=late)  # as a version before held it
    stuck = replace(posted.ledger, holds=(own,))
    assert spend(stuck, "a#0.1", "ACwAA1", late).ledger.held == 0


def test_a_lots_last_credit_comes_back_as_old_as_it_was() -> None:
    """C3: a lot that an attempt emptied is the same lot when the InMail was not sent."""
    ledger = open_ledger(1, START, CreditPolicy()).ledger
    posted, lot = hold(ledger, "a#0.1", "ACwAA1", START + timedelta(days=3))
    back = release(posted.ledger, "a#0.1", "ACwAA1", START + timedelta(days=4)).ledger
    assert back.lots == (lot,)


def test_a_gain_beyond_the_cap_is_cut_and_recorded() -> None:
    """C2: the cut is an entry of its own."""
    policy = CreditPolicy(cap=60)
    posted = accrue(open_ledger(40, START, policy).ledger, START + timedelta(days=31), policy)
    assert posted.ledger.available == 60
    assert [(e.kind, e.credits) for e in posted.entries] == [
        (EntryKind.GRANT, 20),
        (EntryKind.CUT, 30),
    ]


def test_the_oldest_credit_is_spent_first() -> None:
    """C3: holding takes from the lot that expires first."""
    ledger = open_ledger(70, START, CreditPolicy()).ledger
    posted, lot = hold(ledger, "a#0.1", "ACwAA1", START)
    assert lot == ledger.lots[0] == min(ledger.lots, key=lambda held: held.expires_at)
    assert posted.ledger.lots[0].left == lot.left - 1


def test_a_refund_starts_a_new_life() -> None:
    """C3, C5: three months from the day it returns."""
    policy = CreditPolicy()
    ledger = open_ledger(50, START, policy).ledger
    posted, _ = hold(ledger, "a#0.1", "ACwAA1", START)
    ledger = spend(posted.ledger, "a#0.1", "ACwAA1", START).ledger
    back = START + timedelta(days=10)
    refunded = refund(ledger, "a#0.1", "ACwAA1", back, policy)
    assert refunded.entries[0].expires_at == expiry(back, policy) == back + timedelta(days=92)
    assert refunded.ledger.available == 50


@pytest.mark.parametrize(("left", "shortfall", "may"), [(2, 0, True), (1, 0, False), (9, 8, False)])
def test_the_last_credit_is_kept(left: int, shortfall: int, may: bool) -> None:
    """C6, C9: none is spent on the last one, nor what the site does not show."""
    ledger = open_ledger(left, START, CreditPolicy()).ledger
    assert may_spend(ledger, shortfall, CreditPolicy()) is may


@given(st.integers(0, 400), MOMENTS, POLICIES)
def test_an_opening_is_what_the_site_shows(seen: int, at: datetime, policy: CreditPolicy) -> None:
    """C12: the opening balance is the site's, in lots that are marked as assumed."""
    opened = open_ledger(seen, at, policy)
    assert opened.ledger.available == seen
    assert opened.ledger.granted_to == at
    assert all("assumed" in entry.why for entry in opened.entries)


def test_months_end_on_a_shorter_months_last_day() -> None:
    """C3: three months from November 30 is the last of February, leap years included."""
    born = datetime(2027, 11, 30, 12, tzinfo=UTC)
    assert expiry(born, CreditPolicy()) == datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert expiry(born, CreditPolicy(months=None, days=90)) == born + timedelta(days=90)


def test_an_impossible_entry_is_refused() -> None:
    """C10: an entry that would take an account below nothing raises and changes nothing."""
    entry = Entry("spend/x", START, EntryKind.SPEND, 1, Account.HELD, Account.SPENT, "?")
    with pytest.raises(ValueError, match="more than there is"):
        add(Ledger(), entry)
