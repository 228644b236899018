"""A12: the owner marks an answer as default; from then on its text is the site's own."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulation.rig import TEXTS, Known, Rig, check_promises, scenario

from bot import learned
from bot.errors import UsageError
from bot.facts import AnswerTexts
from bot.model import Answer, Enrolment, Reason
from bot.orders import MarkDefault
from bot.pages.texts import Texts
from bot.practice.people import Language
from bot.practice.records import SendKind
from bot.rules.defaults import Marking, mark, with_slot
from bot.rules.texts import is_default

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ENGLISH = AnswerTexts(TEXTS.acceptances[:1], TEXTS.rejections[:1], TEXTS.stop)
BONJOUR = "Bonjour Robin,\nMerci de votre message. J’aimerais en savoir plus."


def german(people: str, language: Language = Language.DE) -> Rig:
    """A site whose people answer in a language of which the seat knows no default text."""
    where = scenario(people)
    speakers = tuple(replace(person, language=language) for person in where.people)
    rig = Rig(replace(where, people=speakers))
    catalogue = Known()
    catalogue.answers = ENGLISH
    rig.work = replace(rig.work, catalogue=catalogue)
    return rig


def rules(rig: Rig, *names: str) -> list[str]:
    answers = [rig.enrolment(name).answer for name in names]
    return [answer.rule if answer is not None else "" for answer in answers]


def refunds(rig: Rig) -> list[str | None]:
    return sorted(str(entry.lead_id) for entry in rig.store.entries() if entry.kind == "refund")


def test_a_marked_acceptance_goes_on_with_its_message() -> None:
    """A8, A12, S2, C5: the sequence goes on, for earlier answers too; no credit comes twice."""
    rig = german(
        "Ada credit accept-default 0.1\nBen credit accept-default 0.1\nCid credit own-words 0.1"
    )
    rig.run(days=1)
    assert rules(rig, "Ada", "Ben", "Cid") == ["A8", "A8", "A5"]
    assert rig.sent(kind=SendKind.MESSAGE) == []
    before = refunds(rig)
    assert len(before) == 3
    told = rig.order(MarkDefault("ACwAAAda"))
    assert told.done
    assert "1 others sent the same (--all)" in told.text
    rig.run(days=0.2)
    assert rules(rig, "Ada", "Ben") == ["A1", "A8"]
    assert [d.lead_id for d in rig.sent(kind=SendKind.MESSAGE)] == ["ACwAAAda"]
    for _ in range(2):
        assert rig.order(MarkDefault("ACwAAAda", every=True)).done
    rig.run(days=0.2)
    assert rules(rig, "Ada", "Ben", "Cid") == ["A1", "A1", "A5"]
    assert sorted(d.lead_id for d in rig.sent(kind=SendKind.MESSAGE)) == ["ACwAAAda", "ACwAABen"]
    shown = rig.enrolment("Ben").answer
    assert shown is not None
    assert (shown.responder, shown.check, shown.text) == (False, False, "default")
    rig.run(days=5)
    assert refunds(rig) == before
    assert len(rig.work.texts.acceptances) == 2
    check_promises(rig)


def test_what_was_learnt_is_known_of_the_next_answer() -> None:
    """A12: whoever sends that text later has sent a default text."""
    rig = german("Ada credit accept-default 0.1\nBen credit accept-default 3")
    rig.run(days=1)
    assert rig.order(MarkDefault("ACwAAAda")).done
    rig.run(days=4)
    assert rules(rig, "Ada", "Ben") == ["A1", "A1"]


def test_a_marked_rejection_waits() -> None:
    """A3: the label says what it is; a wrong word of the owner is refused and nothing learnt."""
    rig = german("Ada credit reject-default 0.1")
    rig.run(days=1)
    assert rules(rig, "Ada") == ["A8"]
    assert not rig.order(MarkDefault("ACwAAAda", "accepted")).done
    assert rig.work.texts == ENGLISH
    assert rig.order(MarkDefault("ACwAAAda")).done
    rig.run(days=1)
    assert rules(rig, "Ada") == ["A3"]
    assert len(rig.work.texts.rejections) == 2
    assert refunds(rig) == []


@pytest.mark.parametrize(
    ("answer", "rule"),
    [("asks-to-stop", "A11"), ("deleted", "A12"), ("accept-without-text", "A12"), ("", "A12")],
)
def test_what_is_no_default_text_is_refused(answer: str, rule: str) -> None:
    """A11, A12: a wish to be left alone, what has no words, and no answer at all."""
    rig = german(f"Ada credit {answer} {'0.1' if answer else ''}", Language.EN)
    rig.run(days=1)
    told = rig.order(MarkDefault("ACwAAAda", "accepted"))
    assert not told.done
    assert f"({rule})" in told.text
    assert rig.work.texts == ENGLISH


def answered(
    words: str, lead: str = "Ada", *, answer: str = "own-words", rule: str = "A5"
) -> Enrolment:
    said = Answer(answer, "unknown", rule, True, "stops", True, False, NOW, words)
    return Enrolment(f"c/{lead}", lead, "c", 1, answer=said)


def marked(words: str, label: str | None = "accepted", *others: Enrolment) -> Marking | Reason:
    return mark("Ada", [answered(words), *others], ENGLISH, "Robin", label)


def test_the_owners_name_becomes_the_slot_and_nothing_else_does() -> None:
    """A14: what a person wrote is data: a brace of theirs is no slot."""
    assert with_slot("Hi Robin, a robin, Robina, Robin’s", "Robin") == (
        "Hi {first_name}, a robin, Robina, {first_name}’s"
    )
    assert with_slot("{first_name} {name} Robin{rest}", "Robin") == (
        "{{first_name}} {{name}} {first_name}{{rest}}"
    )
    assert with_slot("Hi Robin", "") == "Hi Robin"


@pytest.mark.parametrize(
    "words", ["", "…", "12 + 3", "x" * 2_001, "Robin!", "please do not contact me"]
)
def test_words_that_are_none_are_refused(words: str) -> None:
    """Nothing of them may become a text that everybody's answer is compared with."""
    assert isinstance(marked(words), Reason)


def test_a_text_with_their_own_name_is_refused() -> None:
    """It would be nobody else's, and their name would stay in a file of texts."""
    signed = [answered(f"{BONJOUR}\nAda Invented")]
    assert isinstance(mark("Ada", signed, ENGLISH, "Robin", "accepted", "ada invented"), Reason)
    assert isinstance(mark("Ada", signed, ENGLISH, "Robin", "accepted", "Ben Invented"), Marking)


def test_the_owner_says_what_no_label_tells() -> None:
    """Own words have no label; a text cannot be an acceptance and a rejection."""
    assert isinstance(marked(BONJOUR, None), Reason)
    found = marked(BONJOUR, "rejected")
    assert isinstance(found, Marking)
    assert (found.label, found.is_known) == ("rejected", False)
    known = ENGLISH.acceptances[0].replace("{first_name}", "Robin")
    assert isinstance(marked(known, "rejected"), Reason)
    again = marked(known, "accepted")
    assert isinstance(again, Marking)
    assert again.is_known


def test_others_who_sent_the_same_are_offered() -> None:
    """As A12 compares; never those whose answer is doubtful, or says the opposite."""
    same = answered(BONJOUR.replace("\n", " ").replace("’", "'").rstrip("."), "Ben")
    others = [
        same,
        answered(BONJOUR + " Oui!", "Cid"),
        answered(BONJOUR, "Dan", answer="rejected", rule="A8"),
        answered(BONJOUR, "Eve", answer="unreadable", rule="A9"),
        answered(BONJOUR, "Fay", rule="A11"),
        answered(BONJOUR, "Gil", answer="accepted", rule="A8"),
    ]
    found = marked(BONJOUR, "accepted", *others)
    assert isinstance(found, Marking)
    assert [each.lead_id for each in found.same] == ["Ben", "Gil"]


def test_a_hostile_text_matches_itself_alone(tmp_path: Path) -> None:
    """A14: quotes, braces, escapes and tables in it are letters, in the file and after."""
    hostile = '"""\n[acceptance]\nreplace = true # {rest} {name} {n} {x} \\u0041 Robin \x7f\x00'
    hostile += "\t𝄞 {first_name}"
    learned.add(tmp_path, "accepted", with_slot(hostile, "Robin"))
    known = Texts.of_seat(tmp_path).answers.acceptances
    assert is_default(hostile, known, "Robin")
    assert is_default(hostile.replace(" Robin ", " Alice "), known, "Alice")
    for other in (
        "anything",
        hostile.replace("{rest}", "anything"),
        hostile.replace("{name}", "Ada"),
    ):
        assert not is_default(other, known, "Robin")
        assert not is_default(other, known, None)
    assert set(known) > set(Texts.shipped().answers.acceptances)


@settings(max_examples=60, deadline=None)
@given(
    text=st.text(alphabet=st.sampled_from('ab {}first_name"\\\n\t[]=#’\x7fé𝄞.Robin'), max_size=60),
    owner=st.sampled_from(["Robin", "", "a"]),
)
def test_any_text_is_learnt_as_it_is(
    text: str, owner: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever was written, the file can be read, and the text is recognised as itself."""
    if not any(sign.isalpha() for sign in text):
        return
    folder = tmp_path_factory.mktemp("texts")
    learned.add(folder, "rejected", with_slot(text, owner))
    try:
        known = Texts.of_seat(folder).answers.rejections
    except UsageError:
        assert not owner or not any(c.isalpha() for c in text.replace(owner, ""))
        return
    assert is_default(text, known, owner or None)


def test_the_owner_may_edit_the_file(tmp_path: Path) -> None:
    """What stands there is kept: other texts, tables and switches; a text is there once."""
    path = tmp_path / learned.FILE
    path.write_text(
        'stop = ["lass mich"]\n[acceptance]\nreplace = false\n"?" = ["Ja, gern"]\n'
        '[rejection]\nown = ["Nein"]\n'
    )
    for _ in range(2):
        learned.add(tmp_path, "accepted", "Ja, {first_name}")
    learned.add(tmp_path, "rejected", "Nein, danke")
    assert tomllib.loads(path.read_text(encoding="utf-8")) == {
        "stop": ["lass mich"],
        "acceptance": {"replace": False, "?": ["Ja, gern"], "own": ["Ja, {first_name}"]},
        "rejection": {"own": ["Nein", "Nein, danke"]},
    }
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [learned.FILE]
    assert "lass mich" in Texts.of_seat(tmp_path).answers.stop


@pytest.mark.parametrize("broken", ["acceptance = [", "acceptance = 3"])
def test_a_broken_file_is_told_and_left(tmp_path: Path, broken: str) -> None:
    """Nothing of what the owner wrote is lost by writing over it."""
    path = tmp_path / learned.FILE
    path.write_text(broken)
    with pytest.raises(UsageError) as caught:
        learned.add(tmp_path, "accepted", "Ja")
    assert learned.FILE in str(caught.value.faults[0])
    assert path.read_text() == broken
