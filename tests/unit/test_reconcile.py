"""C9, C11, C12: the site's balance beside ours; a difference is explained once, whenever."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.credits import (
    SPEND_SHOWS_WITHIN,
    Account,
    BalanceReading,
    Cause,
    Entry,
    EntryKind,
    Ledger,
)
from bot.model import Attempt, AttemptState, SeatState
from bot.policy import CreditPolicy
from bot.rules.credits import Posted, hold, may_spend, open_ledger, refund, release, spend
from bot.rules.reconcile import found_cause, observe, overdue_refunds, spent_after_all

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
POLICY = CreditPolicy()
HOUR = timedelta(hours=1)


class Seat:
    """A ledger and, beside it, what the site does and when it shows it."""

    def __init__(self, balance: int) -> None:
        self.now, self.site = START, balance
        self.seat, self.ledger = SeatState(), Ledger()
        self.entries: list[Entry] = []
        self.late: list[datetime] = []
        self.hidden: list[str] = []
        self.number = 0
        self.look()

    def take(self, posted: Posted) -> None:
        self.ledger = posted.ledger
        self.entries += posted.entries

    def look(self, *, threads_read: bool = True, in_doubt: int = 0) -> None:
        self.site += sum(1 for at in self.late if at <= self.now)
        self.late = [at for at in self.late if at > self.now]
        found = observe(
            self.seat,
            self.ledger,
            self.site,
            self.now,
            POLICY,
            threads_read=threads_read,
            in_doubt=in_doubt,
        )
        self.seat = found.seat
        self.take(found.posted)

    def send(self) -> str:
        """One of our own credit InMails, start to end."""
        self.number += 1
        key = f"c/{self.number}#0.1"
        self.take(hold(self.ledger, key, "L", self.now)[0])
        self.take(spend(self.ledger, key, "L", self.now))
        self.site -= 1
        return key

    def accepted(self, key: str, lag: timedelta | None) -> None:
        """Its acceptance is read; the site gives the credit back after *lag*, or never."""
        self.take(refund(self.ledger, key, "L", self.now, POLICY))
        if lag is not None:
            self.late.append(self.now + lag)

    def find(self, key: str, credits: int) -> None:
        """The thread that explains a change of the balance is read."""
        cause = Cause(key, self.now, credits, "the owner sent by hand", "L")
        self.seat, posted = found_cause(self.seat, self.ledger, cause, self.now, POLICY)
        self.take(posted)

    def play(self, step: str, number: int) -> None:
        match step:
            case "wait":
                self.now += number * HOUR
            case "look":
                self.look()
            case "look-early":
                self.look(threads_read=False)
            case "send" if may_spend(self.ledger, self.seat.shortfall, POLICY) and self.site > 1:
                self.send()
            case "accepted" if may_spend(self.ledger, self.seat.shortfall, POLICY):
                if self.site > 1:
                    self.accepted(self.send(), min(number, 48) * HOUR)
            case "by-hand" if self.site > 0:
                self.number += 1
                self.site -= 1
                self.hidden.append(f"manual/{self.number}")
            case "by-hand-free":
                self.number += 1
                self.hidden.append(f"manual/{self.number}")
            case "found" if self.hidden:
                self.find(self.hidden.pop(number % len(self.hidden)), -1)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ("wait", "look", "look-early", "send", "accepted", "by-hand", "by-hand-free", "found")
        ),
        st.integers(1, 72),
    ),
    max_size=30,
)


@settings(max_examples=300)
@given(st.integers(0, 60), STEPS)
@example(5, [("by-hand", 1), ("look", 1), ("wait", 50), ("look", 1), ("found", 1)])
@example(5, [("by-hand", 1), ("found", 1), ("wait", 50), ("look", 1)])
@example(5, [("by-hand", 1), ("look", 1), ("found", 1), ("look", 1)])
def test_after_enough_looks_the_ledger_is_the_site(
    balance: int, steps: list[tuple[str, int]]
) -> None:
    """C9: whatever the order of hand, lag, cause and look, nothing is counted twice."""
    seat = Seat(balance)
    for step, number in steps:
        seat.play(step, number)
        available = seat.ledger.available
        assert available >= 0
        assert sum(credits for _, credits in seat.ledger.totals) == 0
    while seat.hidden:
        seat.play("found", 1)
    for _ in range(8):
        seat.now += 30 * HOUR
        seat.look()
    assert seat.ledger.available == seat.site
    assert seat.seat.unexplained is None
    assert seat.seat.shortfall == 0
    keys = [entry.key for entry in seat.entries]
    assert len(keys) == len(set(keys))


@settings(max_examples=200)
@given(st.integers(3, 60), STEPS)
def test_what_the_site_does_not_show_is_never_spent(
    balance: int, steps: list[tuple[str, int]]
) -> None:
    """C6, C9: after any look, what may be spent leaves the reserve in the site's own balance."""
    seat = Seat(balance)
    for step, number in steps:
        seat.play(step, number)
        seat.look(threads_read=False)
        if may_spend(seat.ledger, seat.seat.shortfall, POLICY):
            assert seat.site > POLICY.reserve


def adjustments(seat: Seat) -> int:
    """What all adjustments did to the balance."""
    return -sum(credits for account, credits in seat.ledger.totals if account is Account.ADJUSTED)


def test_a_difference_first_stands_as_unexplained() -> None:
    """C9: a shortfall lowers at once what may be spent, and is posted after 48 h."""
    seat = Seat(3)
    seat.site -= 2
    seat.look()
    assert seat.seat.unexplained is not None
    assert seat.seat.unexplained.credits == -2
    assert not may_spend(seat.ledger, seat.seat.shortfall, POLICY)
    assert adjustments(seat) == 0
    seat.now += 47 * HOUR
    seat.look()
    assert adjustments(seat) == 0
    seat.now += HOUR
    seat.look()
    assert adjustments(seat) == -2
    entry = seat.entries[-1]
    assert "expected 3" in entry.why
    assert "shows 1" in entry.why
    assert "by hand" in entry.why


def test_a_difference_that_grows_does_not_begin_anew() -> None:
    """C9: what has stood for 48 h is posted then; what came later, 48 h after it is noticed."""
    seat = Seat(10)
    posted = []
    for hour in range(0, 150, 10):
        seat.site += hour in (0, 30, 60, 100)
        seat.look()
        posted.append(adjustments(seat))
        seat.now += 10 * HOUR
    assert posted[4:6] == [0, 1], "the first one is posted after 48 h"
    assert posted[10] > 1, "the second and third after theirs"
    assert seat.seat.unexplained is not None
    assert seat.seat.unexplained.credits == seat.site - seat.ledger.available, "all of it is told"
    seat.now += 100 * HOUR
    seat.look()
    seat.now += 50 * HOUR
    seat.look()
    assert adjustments(seat) == 4


def test_a_balance_read_before_its_threads_explains_nothing() -> None:
    """C9: a rise or fall that an unread thread may explain is not even unexplained yet."""
    seat = Seat(10)
    seat.site += 1
    seat.look(threads_read=False)
    assert seat.seat.unexplained is None
    assert adjustments(seat) == 0


@pytest.mark.parametrize("credits", [-1, 1])
def test_a_cause_found_later_reverses_the_adjustment(credits: int) -> None:
    """C9: posted without a cause after 48 h, then found: one credit in all, under its cause."""
    seat = Seat(10)
    seat.site += credits
    seat.look()
    seat.now += 50 * HOUR
    seat.look()
    before = len(seat.entries)
    seat.find("manual/7", credits)
    later = seat.entries[before:]
    assert [entry.kind for entry in later] == [EntryKind.ADJUST] * 2
    assert sum(1 for entry in later if "reverses" in entry.why) == 1
    assert adjustments(seat) == credits
    assert seat.seat.adjusted == ()
    seat.look()
    assert seat.ledger.available == seat.site


def test_credits_of_attempts_in_doubt_are_no_difference() -> None:
    """C9, T3: a held credit may be out or not; the site's balance alone does not decide it."""
    ledger = open_ledger(10, START, POLICY).ledger
    held, _ = hold(ledger, "c/L#0.1", "L", START)
    for shown in (9, 10):
        found = observe(SeatState(), held.ledger, shown, START + HOUR, POLICY, in_doubt=1)
        assert found.seat.unexplained is None
        assert found.posted.entries == ()


def test_a_young_refund_is_no_difference() -> None:
    """C9, C11: the site has 48 h to show it; after that it is missing."""
    seat = Seat(10)
    seat.accepted(seat.send(), None)
    seat.now += 47 * HOUR
    seat.look()
    assert seat.seat.unexplained is None
    assert seat.seat.shortfall == 1
    seat.now += HOUR
    seat.look()
    assert seat.seat.unexplained is not None


def test_the_refund_audit_lists_what_the_site_did_not_show() -> None:
    """C11: one of two is missing 48 h later: one is listed, and none before that."""
    refunds = [
        Entry(
            f"refund/{n}", START + n * HOUR, EntryKind.REFUND, 1, Account.REFUNDED,
            Account.AVAILABLE, "accepted", f"refund/{n}", START + timedelta(days=90), f"L{n}",
        )
        for n in (1, 2)
    ]  # fmt: skip
    early = BalanceReading(START + 40 * HOUR, 8, 10, "inbox")
    late = BalanceReading(START + 60 * HOUR, 9, 10, "inbox")
    assert overdue_refunds(refunds, [early]) == ()
    assert overdue_refunds(refunds, [early, late]) == (refunds[1],)
    assert overdue_refunds(refunds, [replace(late, seen=10)]) == ()


def test_a_new_seat_opens_with_what_the_site_shows() -> None:
    """C12: the first balance opens the ledger, whatever was read before."""
    found = observe(SeatState(shortfall=4), Ledger(), 37, START, POLICY, threads_read=False)
    assert found.posted.ledger.available == 37
    assert found.seat.shortfall == 0
    assert all(entry.kind is EntryKind.OPENING for entry in found.posted.entries)


@pytest.mark.parametrize("noticed", ["not yet", "unexplained", "adjusted"])
def test_an_inmail_sent_after_all_costs_one_credit(noticed: str) -> None:
    """C4, C9, T3: its credit was released; it is spent once, however far the look had come."""
    seat = Seat(10)
    key = "c/L#0.1"
    posted, lot = hold(seat.ledger, key, "L", seat.now)
    seat.take(posted)
    seat.take(release(seat.ledger, key, "L", seat.now))
    seat.site -= 1
    for hours in {"not yet": [], "unexplained": [0], "adjusted": [0, 50]}[noticed]:
        seat.now += hours * HOUR
        seat.look()
    attempt = Attempt(
        key, "c/L", "L", "c", 0, AttemptState.NOT_SENT, START, "s", "b", "h", lot=lot.key
    )
    seat.seat, late = spent_after_all(seat.seat, seat.ledger, attempt, seat.now, POLICY)
    seat.take(late)
    assert seat.ledger.total(Account.SPENT) == 1
    assert seat.ledger.available == seat.site
    seat.look()
    assert seat.seat.unexplained is None
    assert adjustments(seat) == 0


def test_a_gap_takes_no_more_causes_than_it_holds() -> None:
    """C9: two InMails by hand, one of them free: one is posted, and nothing stays unexplained."""
    seat = Seat(10)
    seat.site -= 1
    seat.find("manual/1", -1)
    seat.find("manual/2", -1)
    seat.look()
    assert adjustments(seat) == -1
    assert seat.seat.unexplained is None
    assert [cause.key for cause in seat.seat.causes] == ["manual/2"]


def test_a_cause_is_remembered_while_a_held_credit_hides_it() -> None:
    """C9: what the owner spent by hand is found when the doubt that hid it has ended."""
    seat = Seat(10)
    posted, _ = hold(seat.ledger, "c/1#0.1", "L", seat.now)
    seat.take(posted)
    seat.site -= 1
    seat.find("manual/1", -1)
    for _ in range(4):
        seat.now += 24 * HOUR
        seat.look(in_doubt=1)
        assert adjustments(seat) == 0
    seat.take(release(seat.ledger, "c/1#0.1", "L", seat.now))
    seat.look()
    assert adjustments(seat) == -1
    assert seat.seat.unexplained is None


@pytest.mark.parametrize("since", [timedelta(hours=3), timedelta(hours=5)])
def test_a_refund_that_a_lagging_balance_only_seems_to_show_is_not_spent(since: timedelta) -> None:
    """C6: the site still shows two of two, one of which was spent three hours ago."""
    seat = Seat(2)
    key = seat.send()
    seat.now += since
    seat.take(refund(seat.ledger, key, "L", seat.now, POLICY))
    seat.site = 2  # a page that lags, or the refund that has come: nobody can tell them apart
    seat.look(threads_read=False)
    assert seat.ledger.available == 2
    assert may_spend(seat.ledger, seat.seat.shortfall, POLICY) is (since > SPEND_SHOWS_WITHIN)
