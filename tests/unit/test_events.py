"""What is told of a commit and of a look: once, in one transaction with what it is of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from unit.records import NOW, attempt, enrolment, lead

from bot import due
from bot.calls import FOR_PEOPLE, TOPICS, Call, Destination, Event, Topic
from bot.errors import StoreBroken
from bot.facts import Kind
from bot.hooks import BrokenHook
from bot.model import Answer, AttemptState, Changes, DayCounts, Halted, SeatState
from bot.rules import events
from bot.rules.audit import LotAhead, RefundDue
from bot.store.erase import Erased
from bot.store.outbox import Caller
from bot.store.store import Store

ALL = Destination("0" * 16, "all", TOPICS, "json://all.example")
OWNER = Destination("1" * 16, "owner", FOR_PEOPLE, "json://owner.example")
CALLER = Caller("alice", (ALL,))
YES = Answer("accepted", "default", "A1", False, "goes-on", True, False, NOW, "Sure.", heard=1)
OWN = Answer("own-words", None, "A5", True, "stops", True, False, NOW, "Call me!", heard=2)
NO = Answer("rejected", "default", "A3", False, "waits", False, False, NOW, "No.", heard=1)
HALT = Halted("login", "the site asks to sign in", NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A seat that tells everything, with one lead to whom an InMail is under way."""
    with Store.open(tmp_path / "state.sqlite", caller=CALLER) as opened:
        opened.commit(Changes(leads=(lead(1),), enrolments=(enrolment(1),), attempts=(attempt(1),)))
        yield opened


def told(store: Store) -> list[str]:
    """What is to be told, in its order."""
    return [call.event.topic.value for call in sorted(store.outbox.waiting(), key=_by_time)]


def _by_time(call: Call) -> tuple[int, datetime]:
    return call.tries, call.event.at


def answered(answer: Answer, accepted: bool = False) -> Changes:
    at = NOW if accepted else None
    return Changes(enrolments=(replace(enrolment(1), answer=answer, accepted_at=at),))


def test_a_send_is_told_when_it_is_known_to_be_sent(store: Store) -> None:
    """Not when it is begun or in doubt; and not again when its record is committed again."""
    assert told(store) == []
    sent = replace(attempt(1), state=AttemptState.SENT, clicked_at=NOW)
    store.commit(Changes(attempts=(replace(sent, state=AttemptState.UNCERTAIN),)))
    assert told(store) == []
    store.commit(Changes(attempts=(sent,)))
    store.commit(Changes(attempts=(replace(sent, proofs=("text",)),)))
    (call,) = store.outbox.waiting()
    person = call.event.person
    assert (call.event.topic, call.event.step, call.event.kind) == (Topic.SENT, 0, Kind.CREDIT)
    assert person is not None
    assert (person.id, person.name, call.event.campaign) == ("ACwAA1", "Lead Number 1", "autumn")


def test_an_answer_is_told_for_what_it_is(store: Store) -> None:
    """An acceptance is one and is shown; own words after it are another answer, no other one."""
    store.commit(answered(YES, accepted=True))
    assert told(store) == ["answer", "accepted"]
    store.commit(answered(replace(YES, check=True), accepted=True))
    assert told(store) == ["answer", "accepted"]
    store.commit(answered(OWN, accepted=True))
    assert told(store) == ["answer", "accepted", "answer"]


def test_a_rejection_wants_nobody(store: Store) -> None:
    """It is told to programs; the owner's inbox does not show it, and they are not called."""
    store.commit(answered(NO))
    assert told(store) == ["rejected"]
    store.commit(answered(replace(NO, why=("more",))))
    assert told(store) == ["rejected"]


def test_words_are_told_only_where_the_owner_says_so(tmp_path: Path) -> None:
    """What recipients wrote does not stand in the outbox otherwise."""
    for texts in (False, True):
        caller = replace(CALLER, texts=texts)
        with Store.open(tmp_path / f"{texts}.sqlite", caller=caller) as store:
            store.commit(answered(OWN))
            said = store.outbox.waiting()[0].event.said
            assert said is not None
            assert said.words == (OWN.words if texts else "")


def test_a_halt_and_a_broken_hook_are_told_once(store: Store) -> None:
    """L5, T8: each since it began, whatever else of the seat is committed."""
    hook = BrokenHook("thread", "form", ".form", "no match", NOW, NOW, None, "mark")
    store.commit(Changes(seat=SeatState(halted=HALT)))
    store.commit(Changes(seat=SeatState(halted=HALT, broken=(hook,))))
    later = replace(hook, looked_at=NOW + timedelta(hours=1))
    store.commit(Changes(seat=SeatState(halted=HALT, broken=(later,))))
    assert told(store) == ["halted", "broken-hook"]
    store.commit(Changes(seat=SeatState()))
    again = replace(HALT, since=NOW + timedelta(days=1))
    store.commit(Changes(seat=SeatState(halted=again)))
    assert told(store) == ["halted", "broken-hook", "halted"]


def test_a_seat_that_stays_halted_is_no_news() -> None:
    """L5: also when the call is long delivered and forgotten."""
    halted = SeatState(halted=HALT)
    before = events.Before(halted, {}, {}, {})
    assert events.events_of(Changes(seat=halted), before, texts=False) == ()


def test_what_is_refused_is_not_told(store: Store) -> None:
    """T4: no call without what it tells of, and none of a commit that was taken back."""
    second = replace(attempt(1), key="spring/ACwAA1#0.1", enrolment="spring/ACwAA1")
    with pytest.raises(StoreBroken, match="K4"):
        store.commit(Changes(seat=SeatState(halted=HALT), attempts=(second,)))
    assert told(store) == []


def test_a_seat_that_calls_nobody_writes_nothing(tmp_path: Path) -> None:
    """Without a destination the outbox stays empty, and no deliverer is started."""
    with Store.open(tmp_path / "state.sqlite", caller=Caller("alice")) as store:
        store.commit(Changes(seat=SeatState(halted=HALT)))
        assert store.outbox.calls(10) == ()
    assert due.read(tmp_path) is None


def test_a_copy_calls_nobody(store: Store) -> None:
    """T5: what a dry run rehearses on its copy is told to no one."""
    with store.copy() as copy:
        copy.commit(Changes(seat=SeatState(halted=HALT)))
        assert told(copy) == []


def test_a_deliverer_is_called_before_the_commit(store: Store, tmp_path: Path) -> None:
    """A crash right after the commit leaves the word that something is due."""
    assert due.read(tmp_path) is None
    with suppress(RuntimeError), store.tables.storage.transaction():
        store.commit(Changes(seat=SeatState(halted=HALT)))
        assert due.read(tmp_path) == due.Due(due.AT_ONCE, 1)
        raise RuntimeError
    assert told(store) == []


def test_a_person_who_is_erased_is_told_of_no_more(store: Store) -> None:
    """K5: what waits about them goes with them; other calls stay."""
    store.commit(answered(YES, accepted=True))
    store.commit(Changes(seat=SeatState(halted=HALT)))
    store.erase([Erased("ACwAA1", "erased-1")])
    assert told(store) == ["halted"]


def test_the_deliverers_word_does_not_bring_an_erased_call_back(store: Store) -> None:
    """K5: it may have the call in its hand while the person is erased."""
    store.commit(answered(NO))
    (call,) = store.outbox.waiting()
    store.erase([Erased("ACwAA1", "erased-1")])
    store.outbox.update(replace(call, tries=1))
    assert store.outbox.calls(10) == ()


def lot(unused: int, days: int) -> LotAhead:
    return LotAhead(20, NOW, NOW + timedelta(days=days), days, False, unused)


def test_credits_about_to_expire_are_told_once_for_each_lot() -> None:
    """C3: those that the present pace does not use, in the last week."""
    found = list(events.expiring((lot(3, 6), lot(0, 3), lot(9, 7)), NOW))
    assert [event.figures for event in found] == [(("credits", 3), ("days_left", 6))]
    later = list(events.expiring((lot(2, 6),), NOW + timedelta(days=1)))
    assert later[0].what == found[0].what


def test_a_missing_refund_is_told_once_for_each_inmail() -> None:
    """C11: with whom the InMail went to."""
    refund = RefundDue("ACwAA1", "autumn/ACwAA1#0.1", NOW, None, None, NOW, NOW, ())
    leads = {"ACwAA1": lead(1)}
    (found,) = events.missing((refund,), leads, NOW)
    (again,) = events.missing((refund,), leads, NOW + timedelta(days=5))
    assert found.what == again.what == "autumn/ACwAA1#0.1"
    assert found.person is not None


def test_an_empty_queue_is_told_again_after_an_import() -> None:
    """Once for as many leads as the campaign has."""
    names = [event.what for count in (5, 5, 9) for event in events.emptied({"autumn": count}, NOW)]
    assert names == ["autumn/5", "autumn/5", "autumn/9"]


def test_a_summary_counts_the_day() -> None:
    """Both what the agent did and what the owner did by hand."""
    counts = DayCounts(NOW.date(), inmails=3, manual=1, messages=5, manual_messages=2)
    told = events.summary(counts, (("credits", 12),), NOW.date(), NOW)
    assert dict(told.figures) == {
        "inmails": 4,
        "inmails_by_hand": 1,
        "messages": 5,
        "messages_by_hand": 2,
        "credits": 12,
    }


def test_the_outbox_stays_small(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ended long ago goes; of far too many the oldest go, and one that waited is given up."""
    monkeypatch.setattr("bot.store.outbox.MOST_ROWS", 3)
    for number in range(5):
        found = Event(Topic.DAILY_SUMMARY, str(number), NOW)
        store.outbox.announce(CALLER, (found,))
    first, second, *_ = store.outbox.waiting()
    store.outbox.update(replace(first, delivered_at=datetime(2020, 1, 1, tzinfo=UTC)))
    store.outbox.prune(NOW)
    assert not store.outbox.has(first)
    assert [call.key for call in store.outbox.given_up()] == [second.key]
    store.outbox.prune(NOW)
    assert len(store.outbox.calls(10)) == 3
