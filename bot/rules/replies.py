"""What the owner may reply to whom, and what they had seen when they did (T7, A3, A4, A11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from bot.model import Answer, Attempt, Enrolment, Reason
from bot.replies import FIRST_REPLY, Reply, is_reply
from bot.rules.texts import is_blank, text_hash
from bot.rules.wording import BODY_MAX, CONTROLS, length

SENT_ALREADY = "it is sent, or is being sent, already"
WAITS_ALREADY = "it waits to be sent already"


def same_answer(one: Answer | None, other: Answer | None) -> bool:
    """Whether two readings show the owner the same: nothing of theirs was added, or taken back."""
    return _shown(one) == _shown(other)


def mark_of(enrolment: Enrolment) -> str:
    """What identifies a thread as the owner has seen it: their words, and the owner's own by hand.

    A reply of ours, or a message of the sequence, leaves it as it is.
    """
    shown = (*_shown(enrolment.answer), enrolment.foreign)
    return sha256(repr(shown).encode()).hexdigest()[:16]


def _shown(answer: Answer | None) -> tuple[str, int, str]:
    return (answer.answer, answer.heard, answer.words) if answer is not None else ("none", 0, "")


def answered(enrolments: Sequence[Enrolment]) -> Enrolment | None:
    """The place in which a person answered: of several campaigns only one wrote to them (K4)."""
    return next((each for each in enrolments if each.answer is not None), None)


def changed(enrolment: Enrolment, seen: str) -> Reason | None:
    """Why the owner's word is not taken: they had not seen the thread as it is now (T7)."""
    if seen == mark_of(enrolment):
        return None
    return Reason("T7", "the thread has changed since you looked: look again")


def repeated(enrolment: Enrolment, attempts: Sequence[Attempt], text: str, seen: str) -> str | None:
    """What became of this very reply, if it was given before: it is never sent twice (T4).

    attempts  of the enrolment
    """
    for attempt in attempts:
        same = (attempt.reply_to, attempt.text_hash) == (seen, text_hash(text))
        if is_reply(attempt.step) and same and attempt.state != "not-sent":
            return SENT_ALREADY
    waiting = enrolment.reply
    if waiting is not None and (waiting.seen, waiting.text) == (seen, text):
        return WAITS_ALREADY
    return None


def refusal(enrolment: Enrolment, text: str) -> Reason | None:
    """Why nothing can be replied now (A3, A4, A11, S4, S6, T3); None: it may."""
    return _by_answer(enrolment) or _by_state(enrolment) or _by_text(text)


def _by_answer(enrolment: Enrolment) -> Reason | None:
    answer = enrolment.answer
    if answer is None or answer.answer == "none" or enrolment.inmail is None:
        return Reason("S4", "they have not answered: until then the site takes no message")
    if answer.rule == "A11":
        return Reason("A11", "they asked not to be written to again")
    if answer.answer == "rejected":
        rule = answer.rule if answer.rule in ("A3", "A4") else "A8"
        return Reason(rule, "they rejected the InMail: the site takes no message then")
    return None


def _by_state(enrolment: Enrolment) -> Reason | None:
    if enrolment.skip is not None:
        return enrolment.skip
    if enrolment.sending is not None:
        return Reason("T3", "a send to them is under way, or how it ended is not known yet")
    if enrolment.hold is not None:
        held = enrolment.hold
        return Reason(held.rule, f"they are held, release them first: {held.text}")
    if enrolment.reply is not None and enrolment.reply.seen == mark_of(enrolment):
        return Reason("T4", "another reply to them waits: withdraw it first")
    return None


def _by_text(text: str) -> Reason | None:
    found = 0 if is_blank(text) else length(text)
    if not 1 <= found <= BODY_MAX:
        return Reason("S6", f"the text has {found} characters, of 1 to {BODY_MAX}")
    if CONTROLS.search(text.replace("\n", "")):
        return Reason("S6", "a control character is in it: write it without tabs and the like")
    return None


def replying(
    enrolment: Enrolment, attempts: Sequence[Attempt], text: str, now: datetime
) -> Enrolment:
    """The enrolment with a reply that waits; its answer is worked. Give it a text that fits."""
    steps = [attempt.step for attempt in attempts if is_reply(attempt.step)]
    step = max(steps, default=FIRST_REPLY - 1) + 1
    reply = Reply(step, text, now, mark_of(enrolment))
    return replace(enrolment, reply=reply, worked=now, not_before=None)
