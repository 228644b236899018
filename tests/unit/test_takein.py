"""A1-A11, C5, K8: what a thread that was read changes; a second reading changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.credits import Ledger
from bot.facts import AnswerTexts, Kind, Label, Message, ThreadFacts, Witness
from bot.model import (
    Attempt,
    AttemptState,
    Changes,
    DayCounts,
    Enrolment,
    KnownThread,
    Reason,
    SeatState,
    SentStep,
)
from bot.policy import Campaign, CreditPolicy, Hours, SeatPolicy
from bot.rules.credits import hold, open_ledger, spend
from bot.rules.takein import Reading, foreign_messages, take_in, unsettled
from bot.rules.texts import text_hash

NOW = datetime(2026, 3, 5, 10, tzinfo=UTC)
SENT_AT = NOW - timedelta(days=1)
POLICY = SeatPolicy("alice", Hours(ZoneInfo("UTC"), frozenset(range(5)), time(9), time(17)))
CAMPAIGN = Campaign("c", "a.csv", "S", "Hello", acceptance="Thank you")
YES = "Hi Robin,\nThanks for reaching out. I'd like to learn more."
NO = "Hi Robin,\nThanks for reaching out, but I'm not interested."
TEXTS = AnswerTexts(
    (YES.replace("Robin", "{first_name}"),), (NO.replace("Robin", "{first_name}"),), ("remove me",)
)
KEY = "c/L#0.1"
ATTEMPT = Attempt(
    KEY, "c/L", "L", "c", 0, AttemptState.SENT, SENT_AT, "S", "Hello", text_hash("Hello"),
    Kind.CREDIT, "lot", clicked_at=SENT_AT, ended_at=SENT_AT,
)  # fmt: skip
STEP = SentStep(0, SENT_AT, text_hash("Hello"), KEY, Kind.CREDIT)
INMAIL = Message(True, SENT_AT, "S", "Hello")


def ledger() -> Ledger:
    """Ten credits, one of them spent on the InMail."""
    opened = open_ledger(10, SENT_AT, POLICY.credits).ledger
    held, _ = hold(opened, KEY, "L", SENT_AT)
    return spend(held.ledger, KEY, "L", SENT_AT).ledger


def thread(*messages: Message, witnesses: tuple[Witness, ...] = ()) -> ThreadFacts:
    return ThreadFacts("t", "L", "Lou", messages, witnesses, can_write=True)


def reading(shown: ThreadFacts, **changes: object) -> Reading:
    given = Reading(
        thread=shown,
        known=KnownThread("t", "Lou", "L", "new", "old"),
        enrolments=(Enrolment("c/L", "L", "c", 1, kind=Kind.CREDIT, sent=(STEP,)),),
        attempts=(ATTEMPT,),
        seat=SeatState(threads_known=True),
        ledger=ledger(),
        today=DayCounts(date(2026, 3, 5)),
        policy=replace(POLICY, owner_first_name="Robin"),
        campaigns=(CAMPAIGN,),
        texts=TEXTS,
        now=NOW,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def after(before: Reading, changes: Changes) -> Reading:
    """The same thread, read again on the state that the first reading left."""
    return replace(
        before,
        known=changes.threads[0],
        enrolments=changes.enrolments or before.enrolments,
        seat=changes.seat or before.seat,
        ledger=changes.ledger or before.ledger,
        today=changes.days[0] if changes.days else before.today,
        now=before.now + timedelta(hours=1),
    )


def theirs(text: str | None, hours: int = 1) -> Message:
    return Message(False, SENT_AT + timedelta(hours=hours), None, text)


ANSWERS = {
    "A1": (thread(INMAIL, theirs(YES)), "goes-on", True),
    "A1 without text": (
        thread(INMAIL, witnesses=(Witness(Label.ACCEPTED, "event", 1),)), "goes-on", True
    ),
    "A2": (thread(INMAIL, theirs(f"{YES} Call me on Monday.")), "stops", True),
    "A3": (thread(INMAIL, theirs(NO)), "waits", False),
    "A4": (thread(INMAIL, theirs(f"{NO} Try my colleague.")), "waits", False),
    "A5": (thread(INMAIL, theirs("Who are you?")), "stops", True),
    "A6": (thread(INMAIL, theirs(YES), theirs("One more question", 2)), "stops", True),
    "A7": (thread(INMAIL, theirs(NO), theirs(YES, 2)), "goes-on", True),
    "A8": (
        thread(INMAIL, theirs("Sure"), witnesses=(Witness(Label.ACCEPTED, "label", 2),)),
        "stops", True,
    ),
    "A9": (thread(INMAIL, theirs(None)), "held", False),
    "A10": (thread(INMAIL, theirs(YES), Message(True, NOW, None, "By hand")), "held", True),
    "A11": (thread(INMAIL, theirs("Please remove me")), "stops", True),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS)
def test_each_answer_has_its_effects_once(case: str) -> None:
    """A1-A11, C5: sequence, acceptance and credit as the table says; a second reading adds none."""
    shown, sequence, accepted = ANSWERS[case]
    first = reading(shown)
    changes = take_in(first)
    (changed,) = changes.enrolments
    assert changed.answer is not None
    assert changed.answer.sequence == sequence
    assert (changed.accepted_at is not None) is accepted
    assert [entry.kind for entry in changes.entries] == (["refund"] if accepted else [])
    assert changes.opted_out == (("L",) if case == "A11" else ())
    again = take_in(after(first, changes))
    assert again.entries == ()
    assert again.ledger == changes.ledger
    assert again.enrolments == changes.enrolments
    assert again.days == ()


MESSAGES = st.lists(
    st.builds(
        Message,
        st.booleans(),
        st.none() | st.just(SENT_AT + timedelta(hours=2)),
        st.none(),
        st.sampled_from([YES, NO, "Hello", "By hand", "remove me", None, ""]),
    ),
    max_size=5,
)
WITNESSES = st.lists(
    st.builds(
        Witness,
        st.sampled_from(list(Label)),
        st.sampled_from(["label", "preview"]),
        st.none() | st.integers(0, 5),
    ),
    max_size=3,
)


@given(MESSAGES, WITNESSES, st.booleans(), st.booleans(), st.booleans())
def test_reading_a_thread_twice_changes_nothing_more(
    messages: list[Message], witnesses: list[Witness], ours: bool, old: bool, any_answer: bool
) -> None:
    """C5, C9, L1: credits, counts, answers and the owner's own writing are taken in once."""
    policy = replace(
        POLICY, credits=CreditPolicy(refund_on="any-answer" if any_answer else "acceptance")
    )
    shown = ThreadFacts("t", "L", "Lou", tuple(messages), tuple(witnesses), can_write=True)
    first = reading(shown, policy=policy, seat=SeatState(threads_known=not old))
    if not ours:
        queued = Enrolment("c/L", "L", "c", 1)
        first = replace(first, enrolments=(queued,), attempts=())
    changes = take_in(first)
    second = after(first, changes)
    again = take_in(second)
    assert again.entries == ()
    assert (again.days, again.seat) == ((), None)
    assert (again.enrolments or second.enrolments) == second.enrolments
    assert again.threads == changes.threads
    assert sum(1 for entry in changes.entries if entry.kind == "refund") <= 1


@pytest.mark.parametrize("kind", [Kind.FREE, Kind.CREDIT])
def test_only_a_credit_inmail_gives_a_credit_back(kind: Kind) -> None:
    """C5: a free one has none to return."""
    enrolment = Enrolment("c/L", "L", "c", 1, sent=(replace(STEP, kind=kind),))
    changes = take_in(reading(thread(INMAIL, theirs(YES)), enrolments=(enrolment,)))
    assert len(changes.entries) == (kind is Kind.CREDIT)


@pytest.mark.parametrize(("days", "back"), [(90, 1), (91, 0)])
def test_any_answer_counts_for_ninety_days(days: int, back: int) -> None:
    """C5: `refund_on = "any-answer"`: a rejection returns the credit, a late one does not."""
    late = Message(False, SENT_AT + timedelta(days=days), None, NO)
    policy = replace(POLICY, credits=CreditPolicy(refund_on="any-answer"))
    now = NOW + timedelta(days=100)
    changes = take_in(reading(thread(INMAIL, late), policy=policy, now=now))
    assert len(changes.entries) == back


def test_own_words_that_look_like_a_label_are_data() -> None:
    """A14: "accepted your InMail", typed by the recipient, is own words."""
    changes = take_in(reading(thread(INMAIL, theirs("Lou accepted your InMail"))))
    (changed,) = changes.enrolments
    assert changed.answer is not None
    assert (changed.answer.rule, changed.answer.sequence) == ("A5", "stops")


def test_a_rejection_stops_where_the_campaign_says_so() -> None:
    """A13: "stop" is allowed; a follow-up to a rejection is not."""
    campaigns = (replace(CAMPAIGN, on_rejection="stop"),)
    changes = take_in(reading(thread(INMAIL, theirs(NO)), campaigns=campaigns))
    assert changes.enrolments[0].answer is not None
    assert changes.enrolments[0].answer.sequence == "stops"


BY_HAND = thread(Message(True, NOW, "S", "From my own hand"))
QUEUED = (Enrolment("c/L", "L", "c", 1), Enrolment("d/L", "L", "d", 2))


@pytest.mark.parametrize("known", [True, False])
def test_who_was_written_to_by_hand_gets_no_second_inmail(known: bool) -> None:
    """K4, K8, L1, C9: in no campaign; it counts, and may have cost, only if it is news."""
    before = reading(BY_HAND, enrolments=QUEUED, attempts=(), seat=SeatState(threads_known=known))
    changes = take_in(before)
    assert [e.skip.rule for e in changes.enrolments if e.skip is not None] == ["K4", "K4"]
    assert [day.manual for day in changes.days] == ([1] if known else [])
    causes = changes.seat.causes if changes.seat is not None else ()
    assert [cause.credits for cause in causes] == ([-1] if known else [])


def test_an_acceptance_of_the_owners_inmail_is_a_cause_once() -> None:
    """C9: it may have returned a credit; it is no acceptance of ours."""
    accepted = replace(BY_HAND, messages=(*BY_HAND.messages, theirs(YES, 30)))
    before = reading(accepted, enrolments=(), attempts=())
    changes = take_in(before)
    assert changes.seat is not None
    assert [cause.credits for cause in changes.seat.causes] == [-1, 1]
    assert take_in(after(before, changes)).seat is None


def test_an_open_attempt_is_no_reason_to_end_its_enrolment() -> None:
    """T3: a thread that does not show our text yet leaves the attempt to be settled."""
    waiting = replace(QUEUED[0], sending=KEY)
    changes = take_in(reading(BY_HAND, enrolments=(waiting,), attempts=()))
    assert changes.enrolments == ()


def test_the_owners_messages_are_counted_beside_ours() -> None:
    """A10: known from our own attempts; a copy more than we sent is the owner's."""
    twice = thread(INMAIL, INMAIL, Message(True, NOW, None, "By hand"))
    assert foreign_messages(twice, (ATTEMPT,)) == 2
    assert foreign_messages(thread(INMAIL, theirs("Hello")), (ATTEMPT,)) == 0


def test_what_the_owner_writes_in_our_thread_counts_for_its_day_once() -> None:
    """L2, A10: today's messages by hand take their place in the day; older ones took theirs."""
    hand, older = Message(True, NOW, None, "By hand"), NOW - timedelta(days=3)
    shown = thread(INMAIL, theirs(YES), replace(hand, at=older, text="Before"), hand)
    before = reading(shown)
    changes = take_in(before)
    assert [day.manual_messages for day in changes.days] == [1]
    assert changes.enrolments[0].foreign == 2
    second = after(before, changes)
    assert take_in(second).days == ()
    more = thread(*shown.messages, replace(hand, text="And more"))
    (day,) = take_in(replace(second, thread=more)).days
    assert day.manual_messages == 2


def test_a_released_lead_is_held_again_only_by_a_new_message() -> None:
    """A10: what the owner had written when they released it holds it no more."""
    hand = Message(True, NOW, None, "By hand")
    enrolment = replace(reading(BY_HAND).enrolments[0], released=1)
    shown = thread(INMAIL, theirs(YES), hand)
    once = take_in(reading(shown, enrolments=(enrolment,)))
    more = take_in(
        reading(thread(*shown.messages, replace(hand, text="More")), enrolments=(enrolment,))
    )
    assert [c.enrolments[0].answer.sequence for c in (once, more) if c.enrolments[0].answer] == [
        "goes-on",
        "held",
    ]


def test_a_thread_that_can_be_read_again_lets_its_lead_go() -> None:
    """A9: a hold for a page that could not be read ends when it can."""
    held = replace(reading(BY_HAND).enrolments[0], hold=Reason("A9", "cannot be read"))
    by_owner = replace(held, hold=Reason("K3", "look at it"))
    shown = thread(INMAIL, theirs(YES))
    assert take_in(reading(shown, enrolments=(held,))).enrolments[0].hold is None
    assert take_in(reading(shown, enrolments=(by_owner,))).enrolments[0].hold is not None


def tried(number: int, state: AttemptState) -> Attempt:
    return replace(ATTEMPT, key=f"c/L#0.{number}", state=state)


UNSETTLED = {
    "an uncertain one": ((AttemptState.UNCERTAIN,), ["c/L#0.1"]),
    "one thought not sent": ((AttemptState.NOT_SENT,), ["c/L#0.1"]),
    "of two tries the open one": ((AttemptState.NOT_SENT, AttemptState.UNCERTAIN), ["c/L#0.2"]),
    "none beside a sent one": ((AttemptState.NOT_SENT, AttemptState.SENT), []),
    "none beside one being written": ((AttemptState.NOT_SENT, AttemptState.HELD), []),
}


@pytest.mark.parametrize("case", UNSETTLED)
def test_a_text_in_the_thread_settles_one_attempt(case: str) -> None:
    """T3, K4: a step is sent once, however many tries it took and copies stand there."""
    states, wanted = UNSETTLED[case]
    attempts = tuple(tried(n, state) for n, state in enumerate(states, 1))
    found = unsettled(reading(thread(INMAIL, INMAIL), attempts=attempts))
    assert [attempt.key for attempt in found] == wanted


def test_the_answer_keeps_its_witnesses() -> None:
    """What agreed on an answer is kept with it, a witness of the list too."""
    shown = thread(theirs(YES), witnesses=(Witness(Label.ACCEPTED, "preview", None),))
    shown = replace(shown, why=("the site says accepted (preview)",))
    changed = take_in(reading(shown)).enrolments[0]
    assert changed.answer is not None
    assert changed.answer.why == (
        "the site says accepted (preview)",
        "A1: their message is the default acceptance",
    )
