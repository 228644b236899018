"""The audit of credits: what expires, what is cut, which refunds are due, what was done by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from simulation.rig import Rig, scenario

from bot.credits import Cause, Ledger, Lot, Unexplained
from bot.model import SeatState
from bot.policy import CreditPolicy
from bot.practice.records import By
from bot.rules import audit as rules
from bot.rules.audit import Books, CreditAudit, LotAhead, attempt_of, grant_ahead, lots_ahead
from bot.rules.credits import open_ledger

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
DAY = timedelta(days=1)
POLICY = CreditPolicy()
LOTS = st.lists(st.tuples(st.integers(1, 120), st.integers(1, 50)), max_size=5).map(
    lambda drawn: tuple(
        Lot(f"grant/{number}", NOW - DAY, NOW + days * DAY, left)
        for number, (days, left) in enumerate(sorted(drawn))
    )
)
PACES = st.integers(0, 10)


@given(LOTS, PACES)
def test_what_expires_unused_is_what_a_walk_through_the_days_leaves(
    lots: tuple[Lot, ...], pace: int
) -> None:
    """C3: so many credits a day, the oldest first, and no lot after its end."""
    left = [lot.left for lot in lots]
    for day in range(1, 121):
        wanted = pace
        for place, lot in enumerate(lots):
            taken = min(wanted, left[place]) if lot.expires_at >= NOW + day * DAY else 0
            left[place] -= taken
            wanted -= taken
    assert [lot.unused for lot in lots_ahead(lots, pace, NOW)] == left


@given(st.integers(0, 200), st.floats(0, 12), st.integers(30, 160), st.integers(0, 40))
def test_a_grant_is_cut_by_what_goes_beyond_the_cap(
    seen: int, pace: float, cap: int, days: int
) -> None:
    """C1, C2: never more than the grant, never below the cap, and the reserve is not spent."""
    policy = replace(POLICY, cap=cap)
    now = NOW + days * DAY
    ledger = open_ledger(min(seen, cap), now, policy).ledger
    grant = grant_ahead(ledger, pace, now, policy)
    assert grant is not None
    assert grant.at > now
    assert 0 <= grant.cut <= policy.monthly
    assert 0 <= grant.balance_before <= ledger.available
    kept = grant.balance_before + policy.monthly - grant.cut
    assert kept == cap or grant.cut == 0
    assert kept <= cap


def test_a_ledger_that_is_not_open_has_no_next_grant() -> None:
    """C12: before the site has shown a balance nothing is forecast."""
    assert grant_ahead(Ledger(), 1, NOW, POLICY) is None


def audited(rig: Rig, **seat: object) -> CreditAudit:
    store = rig.store
    entries = tuple(store.entries())
    found = [store.attempt(attempt_of(entry)) for entry in entries if entry.kind == "refund"]
    attempts = {each.key: each for each in found if each is not None}
    state: SeatState = replace(store.seat(), **seat)  # type: ignore[arg-type]
    return rules.audit(
        Books(
            seat=state,
            ledger=store.ledger(),
            entries=entries,
            readings=tuple(store.readings()),
            attempts=attempts,
            enrolments={key: rig.enrolment(each.lead_id[5:]) for key, each in attempts.items()},
            policy=POLICY,
            now=rig.clock.now(),
        )
    )


def test_a_refund_is_expected_and_then_missing() -> None:
    """C5, C11: with its InMail, its answer and where the pages are; the site gives it too late."""
    made = scenario("Ada credit accept-default 0.1", credits=20)
    rig = Rig(replace(made, credits=replace(made.credits, refund_delay=timedelta(hours=90))))
    rig.run(days=1)
    found = audited(rig)
    (due,) = found.refunds_expected
    assert found.refunds_missing == ()
    assert (due.lead_id, due.answer, due.attempt) == (
        "ACwAAAda",
        "accepted (A1)",
        "founders/ACwAAAda#0.1",
    )
    assert due.inmail_at is not None
    assert due.answered_at is not None
    assert due.inmail_at < due.answered_at <= due.booked_at == due.shows_until - timedelta(hours=48)
    assert due.evidence == (due.attempt, f"thread/{rig.enrolment('Ada').thread_id}")
    rig.run(days=2)
    found = audited(rig)
    assert [each.attempt for each in found.refunds_missing] == [due.attempt]
    assert found.refunds_expected == ()


def test_a_refund_that_has_shown_is_not_expected() -> None:
    """C11: as many are named as the last reading of the balance lacks."""
    rig = Rig(scenario("Ada credit accept-default 0.1\nBen credit accept-default 0.1"))
    rig.run(days=1)
    assert len(audited(rig).refunds_expected) == 2
    rig.run(days=0.2)
    assert audited(rig).refunds_expected == ()


def test_what_the_owner_sent_by_hand_is_told_as_such() -> None:
    """C9, L1: it lowers the balance under its own name; what shows no difference waits."""
    rig = Rig(scenario("Ada credit\nBen unreachable\nZoe credit"))
    rig.run(days=0.2)
    rig.world.advance(rig.clock.now())
    by_hand = person(rig, "Stranger")
    rig.world.send_inmail(by_hand, "By hand", "From my own hand.", by=By.OWNER)
    rig.run(days=0.2)
    day = rig.store.day(rig.clock.now().date())
    assert (day.manual, day.inmails) == (1, 2)
    (line,) = audited(rig).adjustments
    assert (line.credits, line.by_hand, line.lead_id) == (-1, True, by_hand)
    cause = Cause("manual/t", NOW, -1, "the owner sent by hand", "ACwAAYve")
    (waiting,) = audited(rig, causes=(cause,)).by_hand
    assert (waiting.lead_id, waiting.credits) == ("ACwAAYve", -1)


def person(rig: Rig, name: str) -> str:
    """Somebody whom the search does not find."""
    known = rig.world.scenario.people[0]
    stranger = replace(known, id=f"ACwAA{name}", name=f"{name} Invented", plan=())
    rig.world._people[stranger.id] = stranger
    return stranger.id


def test_a_difference_says_since_when_and_until_when() -> None:
    """C9: what the site shows and we do not is named for 48 hours, then adjusted."""
    rig = Rig(scenario("Ada credit"))
    rig.run(days=1)
    since = rig.clock.now() - timedelta(hours=7)
    gap = audited(rig, unexplained=Unexplained(-2, since, 19, 17)).unexplained
    assert gap is not None
    assert (gap.credits, gap.hours, gap.until) == (-2, 7, since + timedelta(hours=48))


def test_the_pace_is_that_of_four_weeks() -> None:
    """Credits spent a day, since the ledger began where that is later."""
    rig = Rig(scenario("\n".join(f"P{n} credit" for n in range(12)), credits=30))
    rig.run(days=4)
    found = audited(rig)
    assert 2.9 <= found.pace <= 3.1
    assert all(isinstance(lot, LotAhead) for lot in found.lots)
    rig.run(days=40)
    assert audited(rig).pace == 0
