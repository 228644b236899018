"""A1-A14: what an answer is, and what it means."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import AnswerTexts, Label, Message, ThreadFacts, Witness
from bot.rules.answers import Judgement, judge
from bot.rules.texts import is_default, normalise, text_hash

YES = "Hi {first_name},\nThanks for reaching out. I'd like to learn more."
NO = "Hi {first_name},\nThanks for reaching out, but I'm not interested."
TEXTS = AnswerTexts((YES,), (NO,), ("please stop", "remove me", "do not contact me"))
START = datetime(2026, 3, 2, 9, tzinfo=UTC)

D_YES, D_NO = YES.replace("{first_name}", "Alice"), NO.replace("{first_name}", "Alice")
E_YES = "Hi Alice, I'd like to learn more. Could you send a deck?"
E_NO = "Hi Alice,\nThanks for reaching out, but I'm not interested. Maybe in autumn?"
OWN = "Who gave you my name?"
ACCEPTED, REJECTED = Label.ACCEPTED, Label.REJECTED


def mine(text: str = "Our InMail") -> Message:
    return Message(True, START, None, text)


def theirs(text: str | None, minutes: int = 60) -> Message:
    return Message(False, START + timedelta(minutes=minutes), None, text)


def label(said: Label, after: int | None, minutes: int | None = None) -> Witness:
    at = START + timedelta(minutes=minutes) if minutes is not None else None
    return Witness(said, "event", after, at)


def thread(*parts: Message | Witness) -> ThreadFacts:
    return ThreadFacts(
        id="2-abc",
        lead_id="ACwAA1",
        name="Bo Lind",
        messages=(mine(), *(part for part in parts if isinstance(part, Message))),
        witnesses=tuple(part for part in parts if isinstance(part, Witness)),
        can_write=True,
    )


def judged(*parts: Message | Witness, owner: str | None = "Alice", **options: object) -> Judgement:
    return judge(thread(*parts), TEXTS, owner, **options)  # type: ignore[arg-type]


# answer, text, rule, responder, sequence, inbox, check, accepted
ROWS = {
    "nothing yet": ([], "none None None False waits False False False"),
    "A1 default": ([theirs(D_YES)], "accepted default A1 False goes-on True False True"),
    "A1 with label": (
        [theirs(D_YES), label(ACCEPTED, 2)],
        "accepted default A1 False goes-on True False True",
    ),
    "A1 no text": ([label(ACCEPTED, 1)], "accepted None A1 False goes-on True False True"),
    "A1 by the list alone": (
        [label(ACCEPTED, None)],
        "accepted None A1 False goes-on True False True",
    ),
    "A2 edited": ([theirs(E_YES)], "accepted edited A2 True stops True False True"),
    "A2 label later": (
        [theirs(E_YES), label(ACCEPTED, 2, 300)],
        "accepted edited A2 True stops True False True",
    ),
    "A3 default": ([theirs(D_NO)], "rejected default A3 False waits False False False"),
    "A3 no text": ([label(REJECTED, 1)], "rejected None A3 False waits False False False"),
    "A4 edited": ([theirs(E_NO)], "rejected edited A4 False waits False False False"),
    "A4 by its label": (
        [theirs(E_YES), label(REJECTED, 2)],
        "rejected edited A4 False waits False False False",
    ),
    "A5 own words": ([theirs(OWN)], "own-words unknown A5 True stops True False True"),
    "A5 said twice": (
        [theirs(OWN), theirs(OWN, 90)],
        "own-words unknown A5 True stops True False True",
    ),
    "A5 then a default acceptance": (
        [theirs(OWN), theirs(D_YES, 90)],
        "own-words unknown A5 True stops True False True",
    ),
    "A4 edited from both": (
        [theirs(E_NO + " Or rather: I'd like to learn more."), label(REJECTED, 2)],
        "rejected edited A4 False waits False False False",
    ),
    "A6 later own words": (
        [theirs(D_YES), theirs(OWN, 90)],
        "own-words unknown A6 True stops True False True",
    ),
    "A6 after a label": (
        [label(ACCEPTED, 1, 60), theirs(OWN, 90)],
        "own-words unknown A6 True stops True False True",
    ),
    "A6 a rejection does not unsay own words": (
        [theirs(D_YES), theirs(OWN, 90), label(REJECTED, 3, 200)],
        "own-words unknown A6 True stops True False True",
    ),
    "A7 then accepted": (
        [theirs(D_NO), theirs(D_YES, 90)],
        "accepted default A7 False goes-on True False True",
    ),
    "A7 then own words": (
        [theirs(D_NO), label(REJECTED, 2), theirs(OWN, 90)],
        "own-words unknown A7 True stops True False True",
    ),
    "accepted, then rejected": (
        [theirs(D_YES), theirs(D_NO, 90)],
        "rejected default A3 False waits True False True",
    ),
    "A8 acceptance": (
        [theirs(OWN), label(ACCEPTED, 2)],
        "accepted unknown A8 True stops True True True",
    ),
    "A8 rejection": (
        [theirs(OWN), label(REJECTED, 2)],
        "rejected unknown A8 False waits False False False",
    ),
    "A8 by the list": (
        [theirs(OWN), label(REJECTED, None)],
        "rejected unknown A8 False waits False False False",
    ),
    "A9 unreadable": ([theirs(None)], "unreadable unknown A9 False held True True False"),
    "A9 after an acceptance": (
        [theirs(D_YES), theirs(None, 90)],
        "accepted default A9 False held True True True",
    ),
    "A9 after a rejection": (
        [theirs(D_NO), theirs(None, 90)],
        "rejected default A9 False held True True False",
    ),
    "A9 after an edited acceptance": (
        [theirs(E_YES), theirs(None, 90)],
        "accepted edited A2 True stops True True True",
    ),
    "A9 a later reply is heard of": (
        [theirs(D_YES), Witness(Label.REPLIED, "heard", 2, START + timedelta(hours=9))],
        "accepted default A9 False held True True True",
    ),
    "A2 then a default acceptance": (
        [theirs(E_YES), theirs(D_YES, 90)],
        "accepted edited A2 True stops True False True",
    ),
    "A4 by the list": (
        [theirs(E_YES), label(REJECTED, None)],
        "rejected edited A4 False waits False False False",
    ),
    "A6 the label of own words stands in the list": (
        [theirs(D_YES), theirs(OWN, 90), label(REJECTED, None)],
        "own-words unknown A6 True stops True False True",
    ),
    "A7 by the list": (
        [theirs(D_NO), theirs(OWN, 90), label(ACCEPTED, None)],
        "accepted unknown A7 True stops True True True",
    ),
    "A9 before an acceptance": (
        [theirs(None), theirs(D_YES, 90)],
        "accepted default A9 False held True True True",
    ),
    "A9 before a rejection": (
        [theirs(None), label(REJECTED, 2, 90)],
        "rejected None A9 False held True True False",
    ),
    "A9 before an edited acceptance": (
        [theirs(None), theirs(E_YES, 90)],
        "accepted edited A2 True stops True True True",
    ),
    "A9 beside own words": (
        [theirs(None), theirs(OWN, 90)],
        "own-words unknown A5 True stops True False True",
    ),
    "A9 label against text": (
        [theirs(D_YES), label(REJECTED, 2)],
        "unreadable unknown A9 False held True True False",
    ),
    "A9 thread against list": (
        [theirs(D_YES), label(REJECTED, None)],
        "unreadable unknown A9 False held True True False",
    ),
    "A9 two labels at one place": (
        [label(ACCEPTED, 1), label(REJECTED, 1)],
        "unreadable unknown A9 False held True True False",
    ),
    "A11 as own words": (
        [theirs("Please STOP, really.")],
        "own-words unknown A11 True stops True False True",
    ),
    "A11 in a rejection": (
        [theirs(E_NO + " Remove me from your list."), label(REJECTED, 2)],
        "rejected edited A11 False stops True False False",
    ),
    "A14 the site's words in theirs": (
        [theirs("Bo Lind accepted your InMail")],
        "own-words unknown A5 True stops True False True",
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_what_a_thread_means(row: str) -> None:
    """A1-A9, A11, A14: one row of the table each."""
    parts, wanted = ROWS[row]
    found = judged(*parts)
    told = (
        f"{found.answer} {found.text} {found.rule} {found.responder} {found.sequence} "
        f"{found.inbox} {found.check} {found.accepted}"
    )
    assert told == wanted, found.why


@pytest.mark.parametrize("parts", [[], [theirs(D_YES)], [theirs(D_NO)]])
def test_what_the_owner_wrote_by_hand_holds_the_sequence(parts: list[Message]) -> None:
    """A10: held until released; responder and inbox stay as the answers say."""
    plain, found = judged(*parts), judged(*parts, foreign_mine=True)
    assert (found.rule, found.sequence) == ("A10", "held")
    assert (found.responder, found.inbox) == (plain.responder, plain.inbox)


def test_the_owner_writing_by_hand_never_reopens_what_stopped() -> None:
    """A10, A5: a sequence that own words stopped stays stopped."""
    assert judged(theirs(OWN), foreign_mine=True).sequence == "stops"


def test_a_campaign_may_stop_at_a_rejection() -> None:
    """A13: "stop" is allowed for A3 and A4, and changes nothing else."""
    for text in (D_NO, E_NO):
        stops = judged(theirs(text), on_rejection="stop")
        assert stops.sequence == "stops"
        assert not stops.responder
    assert judged(theirs(D_YES), on_rejection="stop").sequence == "goes-on"


@pytest.mark.parametrize(
    "text",
    [
        "Hi Alice, Thanks for reaching out. I’d like to learn more.",
        "Hi Alice,\r\nThanks for reaching out.  I'd like to learn more",
        "Hi Alice,\n\nThanks for reaching out. I'd like\u00a0to learn more.",
    ],
)
def test_the_sites_own_variations_are_default(text: str) -> None:
    """A12: newline or space, curly apostrophe, missing full stop."""
    assert judged(theirs(text)).rule == "A1"


def test_an_unseen_letter_makes_a_text_their_own() -> None:
    """A12: what only looks like the site's text is not it."""
    for place in (0, 30, len(D_YES)):
        assert judged(theirs(D_YES[:place] + "\u200b" + D_YES[place:])).sequence != "goes-on"


@pytest.mark.parametrize("name", ["Bob", "", "Alice B"])
def test_another_name_in_the_slot_is_an_edit(name: str) -> None:
    """A12: the slot holds the seat owner's own first name."""
    assert judged(theirs(YES.replace("{first_name}", name))).rule == "A2"


def test_without_the_owners_name_one_word_may_stand_there() -> None:
    """A12: nothing but a name can be in the slot."""
    assert judged(theirs(D_YES), owner=None).rule == "A1"
    spoken = YES.replace("{first_name}", "call me on 555")
    assert judged(theirs(spoken), owner=None).rule == "A2"


def test_a_greeting_alone_is_no_shared_sentence() -> None:
    """A2, A5: every answer begins with "Hi"; that edits nothing."""
    assert judged(theirs("Hi Alice,\nnot my topic at all")).rule == "A5"


def test_the_owner_is_shown_what_they_wrote_themselves() -> None:
    """A6: a default text after own words does not hide them."""
    assert judged(theirs(OWN), theirs(D_YES, 90)).words == OWN


@given(st.text(max_size=200))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    """A12: a text's hash does not depend on how often it was read."""
    once = normalise(text)
    assert normalise(once) == once or once.endswith(".")
    assert text_hash(text) == text_hash(text.replace("\n", "\r\n"))


@given(st.text(max_size=120))
def test_no_words_of_theirs_become_a_default_answer(text: str) -> None:
    """A14: whatever they write, only the exact default text counts as one."""
    if is_default(text, (YES, NO), "Alice"):
        return
    found = judged(theirs(text))
    assert found.sequence != "goes-on"
    assert found.answer in ("accepted", "rejected", "own-words", "unreadable")


def test_a_reply_that_is_not_shown_is_to_be_looked_at() -> None:
    """A9: the page's own data tells of words of theirs that the thread does not show."""
    reply = Witness(Label.REPLIED, "heard", 1)
    assert judged(reply).rule == "A9"
    assert judged(reply, label(ACCEPTED, 1)).rule == "A9"
    assert judged(reply, theirs(OWN)).rule == "A5"
    assert judged(reply, theirs(D_YES), label(ACCEPTED, 2)).rule == "A1"


def test_a_label_without_its_time_contradicts_another_at_its_place() -> None:
    """A9: which of two different labels came later is not known, so neither counts."""
    assert judged(label(REJECTED, 1), label(ACCEPTED, 1, 60)).rule == "A9"
    assert judged(label(ACCEPTED, 1, 60), label(REJECTED, 1, 60)).rule == "A9"
    assert judged(label(ACCEPTED, 1, 60), label(REJECTED, 1, 3_000)).answer == "rejected"


def test_a_label_belongs_to_the_message_that_is_nearest_to_it() -> None:
    """A5, A6: of two messages in one minute the second was labelled; the first stays own words."""
    first = Message(False, START + timedelta(seconds=10), None, OWN)
    second = Message(False, START + timedelta(seconds=50), None, D_YES)
    for after in (2, 3):
        told = Witness(ACCEPTED, "event", after, second.at)
        assert judged(first, second, told).rule == "A5", after
    early = Witness(ACCEPTED, "event", 1, first.at)
    assert judged(first, second, early).rule == "A8"


def test_a_reply_that_is_shown_is_no_news() -> None:
    """A9: what the page's own data calls a reply stands there, to the minute or later."""
    heard = Witness(Label.REPLIED, "heard", 2, START + timedelta(minutes=60, seconds=30))
    assert judged(theirs(D_YES), heard).sequence == "goes-on"
    assert judged(theirs(OWN), replace(heard, at=START + timedelta(hours=9))).rule == "A5"


@pytest.mark.parametrize(
    "text",
    [
        "Do not contact me again",
        "Do not please contact me.",
        "DO NOT, ever, contact me!",
        "Dó not cóntact mé",
        "\u200bPlease do\u00ad not contact\u2060 me",
    ],
)
def test_a_wish_to_be_left_alone_is_heard(text: str) -> None:
    """A11: without accents, whatever nobody sees in it, and with a please."""
    assert judged(theirs(text)).rule == "A11"


@pytest.mark.parametrize("sign", ["'", "\u2019", "\u00b4", "`", "\u02bc", "\u2032"])
def test_an_apostrophe_is_one_however_it_is_typed(sign: str) -> None:
    """A11, A12: an accent and a prime stand for it on many keyboards."""
    known = AnswerTexts((YES,), (NO,), ("don't contact me",))
    wish = thread(theirs(f"Don{sign}t contact me again"))
    assert judge(wish, known, "Alice").rule == "A11"
    assert judged(theirs(D_YES.replace("'", sign))).rule == "A1"


@pytest.mark.parametrize(
    "greeting", ["Hi, ", "Alice, ", "Hi Alice - ", "Hey Alice: ", "Dear Ms. Alice Smith, ", ""]
)
def test_a_greeting_does_not_hide_that_a_text_is_edited(greeting: str) -> None:
    """A4: the rest is the site's sentence, whoever is greeted how."""
    assert (
        judged(theirs(f"{greeting}Thanks for reaching out, but I'm not interested.")).rule == "A4"
    )


def test_a_learnt_text_is_known_by_itself() -> None:
    """A12: as it was marked, whatever stood in it for an apostrophe; and no half of it edits."""
    learnt = "Im Moment: kein Interesse, I\u00b4m sorry."
    known = AnswerTexts((YES,), (NO, learnt), ())
    assert judge(thread(theirs(learnt)), known, "Alice").rule == "A3"
    other = "Danke, kein Interesse. Bitte rufen Sie mich im M\u00e4rz an!"
    short = AnswerTexts((YES,), (NO, "Danke, kein Interesse."), ())
    assert (
        judge(thread(theirs("Heute: kein Interesse. Im M\u00e4rz?")), short, "Alice").rule == "A5"
    )
    assert judge(thread(theirs(other)), short, "Alice").rule == "A4"


def test_a_label_before_something_unreadable_has_no_text() -> None:
    """A1, A9: what was accepted without words is not called a default text."""
    found = judged(label(ACCEPTED, 1, 60), theirs(None, 90))
    assert (found.answer, found.text, found.rule) == ("accepted", None, "A9")
