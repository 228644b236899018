"""The owner's reply: sent once, as ordered, and only into the thread that they had seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from simulation.rig import CAMPAIGN, POLICY, Rig, check_promises, scenario
from simulation.test_crash import STEPS, Crash, Fragile, Fuse, owner_looks_up

from bot.model import AttemptState, Changes, Reason
from bot.orders import Done, Release, Reply, WithdrawReply
from bot.practice.people import What
from bot.practice.records import By, SendKind
from bot.report import lead_line
from bot.rules.apply import restored
from bot.rules.replies import mark_of
from bot.rules.why import View
from bot.store.store import Store, Which
from bot.verdict import compare

TEXT = "Thank you for your words. How about Tuesday?"
ADA = "ACwAAAda"
HALF_A_DAY = timedelta(hours=5)


def rig_with(answer: str, *, days: float = 2.2, more: str = "", **parts: Any) -> Rig:
    """A seat to which Ada has answered, in working hours."""
    told = f"{answer} 0.05" if answer else ""
    rig = Rig(scenario(f"Ada credit {told}\nBen credit", more=more), **parts)
    rig.run(days=days)
    return rig


def ordered(rig: Rig, text: str = TEXT, name: str = "Ada") -> Reply:
    """The order that the owner gives who sees the thread as the books have it."""
    return Reply(f"ACwAA{name}", text, mark_of(rig.enrolment(name)))


def replied(rig: Rig) -> list[str]:
    """Which texts of the owner's the agent delivered to Ada, by the site's truth."""
    of_campaign = (CAMPAIGN.acceptance, *(each.body for each in CAMPAIGN.follow_ups))
    told = [d.body for d in rig.sent("Ada", SendKind.MESSAGE)]
    return [body for body in told if "Thank you, Ada" not in body and body not in of_campaign]


def why(rig: Rig, name: str = "Ada") -> Any:
    """Why not today, as `leads list` tells it."""
    book = rig.store
    view = View(
        seat=book.seat(),
        ledger=book.ledger(),
        today=rig.work.today(),
        policy=rig.work.policy,
        campaigns=rig.work.campaigns,
        states=book.campaigns(),
        now=rig.clock.now(),
    )
    lead = book.lead(f"ACwAA{name}")
    assert lead is not None
    return lead_line(rig.enrolment(name), lead, view)


@pytest.mark.parametrize("answer", ["own-words", "accept-edited", "accept-other-text"])
def test_a_responder_is_replied_to_once_and_the_sequence_stays_stopped(answer: str) -> None:
    """A2, A5, A8: what was ordered arrives once; it is ours, and no message follows it (A10)."""
    rig = rig_with(answer)
    assert rig.order(ordered(rig)).done
    assert why(rig).next_step == "reply"
    rig.run(days=12)
    assert replied(rig) == [TEXT]
    ada = rig.enrolment("Ada")
    assert (ada.reply, ada.foreign) == (None, 0)
    assert ada.sent[-1].step == 7
    assert len(rig.sent("Ada")) == 2
    assert rig.store.campaign("founders").used == ((0, rig.store.campaign("founders").used[0][1]),)
    assert isinstance(rig.store, Store)
    assert rig.store.funnel("founders").follow_ups == 0
    lines = compare(rig.store, rig.truth, rig.work.policy, rig.clock.now())
    assert [line.told for line in lines if not line.kept] == []
    check_promises(rig)


def test_the_same_order_carried_out_again_sends_nothing_more() -> None:
    """T4: after a crash an order may be carried out a second time, before its send or after."""
    rig = rig_with("own-words")
    order = ordered(rig)
    assert rig.order(order).done
    assert rig.order(order).done
    rig.run(days=1)
    assert replied(rig) == [TEXT]
    assert "already" in rig.order(order).text
    rig.run(days=1)
    assert replied(rig) == [TEXT]


def test_another_reply_follows_when_they_wrote_again() -> None:
    """The same words may be sent once more to what they said since; each is a step of its own."""
    rig = rig_with("own-words")
    rig.order(ordered(rig))
    rig.run(days=1)
    rig.world.answer(ADA, What.OWN_WORDS)
    rig.run(days=1)
    assert rig.order(ordered(rig)).done
    rig.run(days=1)
    assert replied(rig) == [TEXT, TEXT]
    assert [sent.step for sent in rig.enrolment("Ada").sent] == [0, 7, 8]


def test_what_they_wrote_since_the_owner_looked_holds_the_reply() -> None:
    """T7: a new word in the thread stops it, and the owner is told."""
    rig = rig_with("own-words")
    assert rig.order(ordered(rig)).done
    rig.world.advance(rig.clock.now())
    rig.world.answer(ADA, What.OWN_WORDS)  # no look at the inbox has seen it
    rig.store.commit(_just_looked(rig))
    rig.run(days=1)
    assert replied(rig) == []
    told = why(rig).why_not
    assert told is not None
    assert told.rule == "T7"
    assert isinstance(rig.store, Store)
    assert [place.enrolment for place in rig.store.inbox(Which.OPEN, 9)] == ["founders/ACwAAAda"]
    assert rig.order(ordered(rig, "Then Wednesday.")).done, "one that was held makes room"
    rig.run(days=1)
    assert replied(rig) == ["Then Wednesday."]


def _just_looked(rig: Rig) -> Changes:
    seat = replace(rig.store.seat(), inbox_read_at=rig.clock.now())
    return Changes(seat=seat)


def test_a_button_pressed_without_a_word_holds_the_reply_too() -> None:
    """T7: own words stay own words (A6), and the owner still wants to know that they declined."""
    rig = rig_with("own-words")
    assert rig.order(ordered(rig)).done
    rig.world.advance(rig.clock.now())
    rig.world.answer(ADA, What.REJECT_WITHOUT_TEXT)
    rig.run(days=1)
    assert rig.enrolment("Ada").answer is not None
    assert replied(rig) == []


def test_an_order_for_a_thread_that_has_changed_is_refused() -> None:
    """T7: what the owner had not seen on the page is not replied to, nor done."""
    rig = rig_with("own-words")
    order, done = ordered(rig), Done(ADA, mark_of(rig.enrolment("Ada")))
    rig.world.answer(ADA, What.OWN_WORDS)
    rig.run(days=1)
    assert "T7" in rig.order(order).text
    assert not rig.order(done).done
    assert rig.enrolment("Ada").worked is None


def test_the_owners_own_hand_in_the_thread_holds_the_reply() -> None:
    """A10, T7: who answered on the site meanwhile does not want a second answer from the agent."""
    rig = rig_with("own-words")
    thread = rig.enrolment("Ada").thread_id
    assert thread is not None
    assert rig.order(ordered(rig)).done
    rig.world.advance(rig.clock.now())
    rig.world.send_message(thread, "Tuesday at ten?", by=By.OWNER)
    rig.run(days=1)
    assert replied(rig) == []


REFUSED = {"reject-default": "A3", "reject-edited": "A4", "asks-to-stop": "A11", "": "answered"}


@pytest.mark.parametrize(("answer", "rule"), REFUSED.items())
def test_who_said_no_or_nothing_is_not_replied_to(answer: str, rule: str) -> None:
    """A3, A4: the site takes no message; A11: they asked for none; S4: before an answer."""
    rig = rig_with(answer)
    answered = rig.order(ordered(rig))
    assert not answered.done
    assert rule in answered.text
    rig.run(days=2)
    assert replied(rig) == []


@pytest.mark.parametrize("text", ["", " \n\u200b", "x" * 1901, "a\tb"])
def test_a_text_that_the_site_does_not_take_is_refused(text: str) -> None:
    """S6: 1 to 1,900 characters that somebody can see."""
    rig = rig_with("own-words")
    assert "S6" in rig.order(ordered(rig, text)).text
    assert rig.enrolment("Ada").reply is None


def test_a_reply_is_withdrawn_before_it_is_sent() -> None:
    """Nothing goes out, and the answer is open again."""
    rig = rig_with("own-words")
    rig.order(ordered(rig))
    assert rig.order(WithdrawReply(ADA)).done
    assert rig.enrolment("Ada").worked is None
    rig.run(days=1)
    assert replied(rig) == []
    assert not rig.order(WithdrawReply(ADA)).done


def test_a_reply_waits_for_working_hours_and_counts_for_the_day() -> None:
    """L2, L3: the owner's word, too, is written in working hours, and is a message of the day."""
    rig = rig_with("own-words", days=2.5)
    now = rig.clock.now()
    assert rig.order(ordered(rig)).done
    told = why(rig).why_not
    assert told is not None
    assert told.rule == "L3"
    rig.run(days=0.9)
    sent = rig.sent("Ada", SendKind.MESSAGE)
    assert [d.body for d in sent] == [TEXT]
    assert sent[0].at.date() > now.date()
    assert rig.store.day(sent[0].at.date()).messages == 1


def test_a_paused_seat_holds_a_reply_and_a_dry_run_rehearses_it() -> None:
    """S7, T5."""
    rig = rig_with("own-words")
    rig.order(ordered(rig))
    rig.store.commit(_paused(rig, paused=True))
    rig.run(days=1)
    assert replied(rig) == []
    rig.store.commit(_paused(rig, paused=False))
    with _copied(rig) as copy:
        rig.work = replace(rig.work, book=copy, dry_run=True)
        rig.run(days=0.5)
    assert replied(rig) == []
    assert [d.text for d in rig.done if "would send the reply" in d.why] == [TEXT]


def _paused(rig: Rig, *, paused: bool) -> Changes:
    return Changes(seat=replace(rig.store.seat(), paused=paused))


def _copied(rig: Rig) -> Store:
    assert isinstance(rig.store, Store)
    return rig.store.copy()


def test_a_default_acceptance_is_replied_to_and_its_sequence_goes_on() -> None:
    """A1: the owner may write between the messages; the next one keeps its days from there (S3)."""
    rig = rig_with("accept-default", days=2.1)
    assert rig.order(ordered(rig)).done
    rig.run(days=20)
    bodies = [d.body for d in rig.sent("Ada", SendKind.MESSAGE)]
    assert bodies == [
        "Thank you, Ada! When shall we talk?",
        TEXT,
        "A first follow-up.",
        "A second follow-up.",
    ]
    assert rig.store.campaign("founders").used[-1][0] == 3


def test_a_reply_that_fails_three_times_is_its_owners() -> None:
    """T3: as every step; released, it is tried afresh."""
    failed = '[[faults]]\nkind = "send-error"\nnth = {}\n'
    rig = rig_with("own-words", more="".join(failed.format(n) for n in (3, 4, 5)))
    assert len(rig.sent()) == 2
    rig.order(ordered(rig))
    rig.run(days=2)
    hold = rig.enrolment("Ada").hold
    assert isinstance(hold, Reason)
    assert hold.rule == "T3"
    assert replied(rig) == []
    assert rig.order(Release(ADA)).done
    rig.run(days=1)
    assert replied(rig) == [TEXT]
    states = [a.state for a in rig.store.attempts_of("founders/ACwAAAda") if a.step == 7]
    assert states == [AttemptState.NOT_SENT] * 3 + [AttemptState.SENT]


def test_a_restored_backup_sends_no_reply_that_was_sent_since() -> None:
    """T4: the copy holds it as waiting; what stands in the thread is nobody's, so it is held."""
    rig = rig_with("own-words")
    rig.order(ordered(rig))
    copy = _copied(rig)
    rig.run(days=0.3)
    assert replied(rig) == [TEXT]
    copy.commit(restored(copy.seat(), copy.open_attempts(), rig.clock.now()))
    copy.commit(Changes(seat=replace(copy.seat(), paused=False)))
    rig.store = copy
    rig.restart()
    rig.run(days=2)
    assert replied(rig) == [TEXT]
    assert why(rig).why_not.rule == "T7"


def test_a_crash_at_any_moment_sends_a_reply_once() -> None:
    """T1, T3, T4: before and after each commit and each step on the site, around one reply."""
    moments = _reply_with_crash(0)[1]
    assert moments > 20
    for crash_at in range(1, moments + 1):
        rig, _ = _reply_with_crash(crash_at)
        assert replied(rig) == [TEXT], crash_at
        check_promises(rig)


def _reply_with_crash(crash_at: int) -> tuple[Rig, int]:
    rig = rig_with("own-words", policy=replace(POLICY, read_inbox_minutes=240))
    order = ordered(rig)
    fuse = Fuse(crash_at)
    rig.work = replace(
        rig.work,
        book=Fragile(rig.store, frozenset(("commit",)), fuse),  # type: ignore[arg-type]
        site=Fragile(rig.site, STEPS, fuse),  # type: ignore[arg-type]
    )
    end = rig.clock.now() + HALF_A_DAY
    try:
        rig.order(order)
        rig.run(until=end)
    except Crash:
        rig.restart()
        rig.order(order)  # it was not answered: it is carried out again
        rig.run(until=end)
    moments = fuse.count
    rig.restart()
    rig.run(days=1.5)
    owner_looks_up(rig)
    rig.run(days=2)
    return rig, moments
