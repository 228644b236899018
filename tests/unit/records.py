"""A state with one of everything, for the tests of the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.credits import Account, BalanceReading, Entry, EntryKind, Ledger, add
from bot.facts import Kind
from bot.model import (
    Answer,
    Attempt,
    AttemptState,
    CampaignState,
    Changes,
    DayCounts,
    Enrolment,
    Halted,
    KnownThread,
    Lead,
    Phase,
    Reason,
    SeatState,
    SentStep,
)
from bot.store.store import Store

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def lead(number: int) -> Lead:
    return Lead(f"ACwAA{number}", f"Lead Number {number}", company=f"Firm {number % 7}")


def enrolment(number: int, campaign: str = "autumn") -> Enrolment:
    lead_id = f"ACwAA{number}"
    return Enrolment(f"{campaign}/{lead_id}", lead_id, campaign, number)


def attempt(number: int, step: int = 0, this_try: int = 1) -> Attempt:
    return Attempt(
        key=f"autumn/ACwAA{number}#{step}.{this_try}",
        enrolment=f"autumn/ACwAA{number}",
        lead_id=f"ACwAA{number}",
        campaign="autumn",
        step=step,
        state=AttemptState.HELD,
        held_at=NOW,
        subject="s",
        body="b",
        text_hash="h",
        kind=Kind.CREDIT,
    )


def grant(number: int, credits: int = 50) -> Entry:
    key = f"grant/{number}"
    return Entry(
        key=key,
        at=NOW + timedelta(days=number),
        kind=EntryKind.GRANT,
        credits=credits,
        source=Account.GRANTED,
        target=Account.AVAILABLE,
        why="monthly grant",
        lot=key,
        expires_at=NOW + timedelta(days=number + 90),
    )


WHOLE = Changes(
    seat=SeatState(
        halted=Halted("login", "asks to sign in", NOW), ramp_days=(TODAY,), adjusted=(("a", -1),)
    ),
    ledger=add(Ledger(), grant(1)),
    entries=(grant(1),),
    leads=(replace(lead(1), extra=(("shoe", "44"), ("city", "Łódź"))), lead(2)),
    enrolments=(
        replace(
            enrolment(1),
            kind=Kind.CREDIT,
            sent=(SentStep(0, NOW, "h", "autumn/ACwAA1#0.1", Kind.CREDIT),),
            answer=Answer("accepted", "edited", "A2", True, "stops", True, False, NOW, "words"),
            hold=Reason("A10", "the owner wrote", NOW),
            tries=((0, 1),),
            phase=Phase.REST,
        ),
        enrolment(2),
    ),
    attempts=(replace(attempt(1), lacks=(NOW, NOW), proofs=("text",)),),
    days=(DayCounts(TODAY, 1, 2, 3, 4),),
    threads=(KnownThread("2-abc", "Lead Number 1", "ACwAA1", "seen"),),
    campaigns=(CampaignState("autumn", used=((0, "hash"),), columns=("shoe",)),),
    readings=(BalanceReading(NOW, 50, 50, "inbox"),),
    opted_out=("ACwAA9",),
)


def assert_holds(store: Store, changes: Changes) -> None:
    """The store holds these records and no others."""
    assert store.seat() == (changes.seat or SeatState())
    assert store.ledger() == (changes.ledger or Ledger())
    assert tuple(store.entries()) == changes.entries
    assert tuple(store.leads()) == changes.leads
    assert tuple(store.enrolments()) == changes.enrolments
    assert tuple(store.days()) == changes.days
    assert tuple(store.threads()) == changes.threads
    assert store.campaigns() == changes.campaigns
    assert tuple(store.readings()) == changes.readings
    assert store.opted_out() == frozenset(changes.opted_out)
    assert store.open_attempts() == changes.attempts
