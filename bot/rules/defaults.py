"""What the owner may take for one of the site's default texts (A12)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from bot.facts import AnswerTexts
from bot.model import Answer, Enrolment, Reason
from bot.rules.answers import asks_to_stop
from bot.rules.texts import SLOT, is_default, literal

ACCEPTED, REJECTED = "accepted", "rejected"
MOST_CHARACTERS = 2_000  # an answer to an InMail is no longer


@dataclass(frozen=True, slots=True)
class Marking:
    """A text that a recipient sent, as a default text.

    words     as it was sent
    template  as the catalogue has it: with the slot in place of the owner's first name, and every
              other brace doubled, since what somebody wrote is data
    label     accepted or rejected
    is_known  the catalogue has it already
    same      others who sent the same, and were not taken to have sent a default text
    """

    lead_id: str
    words: str
    template: str
    label: str
    is_known: bool
    same: tuple[Enrolment, ...]


def mark(
    lead_id: str,
    answered: Iterable[Enrolment],
    texts: AnswerTexts,
    owner_first_name: str,
    label: str | None = None,
    name: str = "",
) -> Marking | Reason:
    """The answer of a lead as a default text, or why it can be none.

    answered  all enrolments with an answer
    label     the owner's word, where no label of the site tells
    name      the lead's own: what holds it is nobody else's text, and no place to keep it
    """
    every = tuple(answered)
    answer = next((e.answer for e in every if e.lead_id == lead_id and e.answer is not None), None)
    if answer is None:
        return Reason("A12", f"{lead_id} has not answered")
    refused = _refusal(answer, texts, owner_first_name)
    if refused is not None:
        return refused
    if name and name.casefold() in answer.words.casefold():
        return Reason("A12", "their own name stands in it: no text of the site's has that")
    told = answer.answer if answer.answer in (ACCEPTED, REJECTED) else None
    if told is None and label is None:
        return Reason("A12", f"the site does not say what it is: add --as {ACCEPTED} or {REJECTED}")
    if told is not None and label not in (None, told):
        return Reason("A12", f"it was {told}, and a default text cannot be both")
    meant = told or label or ""
    same_sort, others = texts.acceptances, texts.rejections
    if meant == REJECTED:
        same_sort, others = others, same_sort
    if is_default(answer.words, others, owner_first_name):
        return Reason("A12", f"it is one of the site's other default texts, not {meant}")
    template = with_slot(answer.words, owner_first_name)
    same = (e for e in every if e.lead_id != lead_id and _may_be(e.answer, meant))
    return Marking(
        lead_id=lead_id,
        words=answer.words,
        template=template,
        label=meant,
        is_known=is_default(answer.words, same_sort, owner_first_name),
        same=tuple(e for e in same if _says(e.answer, template, owner_first_name)),
    )


def with_slot(words: str, owner_first_name: str) -> str:
    """Words as a default text: the owner's name becomes the slot, all else means itself."""
    plain = unicodedata.normalize("NFC", words)
    if not owner_first_name:
        return literal(plain)
    name = re.escape(unicodedata.normalize("NFC", owner_first_name))
    return SLOT.join(map(literal, re.split(rf"(?<!\w){name}(?!\w)", plain)))


def _refusal(answer: Answer, texts: AnswerTexts, owner_first_name: str) -> Reason | None:
    """Why words can be nobody's default text."""
    if answer.rule == "A11" or asks_to_stop(answer.words, texts, owner_first_name):
        return Reason("A11", "they ask not to be written to again: that is no default text")
    own = with_slot(answer.words, owner_first_name).replace(SLOT, "")
    if not any(sign.isalpha() for sign in own):
        return Reason("A12", "there are no words in it")
    if len(answer.words) > MOST_CHARACTERS:
        return Reason("A12", f"it has more than {MOST_CHARACTERS} characters")
    if answer.rule == "A9":
        return Reason("A9", "what they answered cannot be told: look at the thread")
    return None


def _may_be(answer: Answer | None, label: str) -> bool:
    """Whether the site says nothing else of it, and nobody has taken it for a default text."""
    return (
        answer is not None
        and answer.text != "default"
        and answer.rule not in ("A9", "A11")
        and answer.answer in (label, "own-words")
    )


def _says(answer: Answer | None, template: str, owner_first_name: str) -> bool:
    return answer is not None and is_default(answer.words, (template,), owner_first_name)
