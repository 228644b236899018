"""Messages and labels -> an answer -> what follows (A1-A14).

The site's labels say yes or no; only the text can say whether a person wrote it. Recipients'
words are compared whole with the site's default texts and never searched for the site's phrases
(A14); only the wish to be left alone is searched for (A11).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from bot.facts import AnswerTexts, Label, Message, ThreadFacts, Witness
from bot.rules.texts import (
    default_sentences,
    is_blank,
    is_default,
    phrases,
    sentences,
    whole_words,
)

AT_ONCE = timedelta(minutes=1)  # a label and a text this close together are one answer


class Text(StrEnum):
    """What a recipient's message is, beside the site's default texts (A12)."""

    DEFAULT_YES = "default acceptance"
    DEFAULT_NO = "default rejection"
    EDITED_YES = "edited acceptance"
    EDITED_NO = "edited rejection"
    EDITED = "edited from both default texts"
    OWN = "own words"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row of the table of answers.

    answer  accepted, rejected, own-words, unreadable
    text    default, edited, unknown
    """

    answer: str
    text: str | None
    responder: bool
    sequence: str
    inbox: bool
    check: bool = False


MEANING = {
    "A1": Meaning("accepted", "default", False, "goes-on", True),
    "A2": Meaning("accepted", "edited", True, "stops", True),
    "A3": Meaning("rejected", "default", False, "waits", False),
    "A4": Meaning("rejected", "edited", False, "waits", False),
    "A5": Meaning("own-words", "unknown", True, "stops", True),
    "A6": Meaning("own-words", "unknown", True, "stops", True),
    "A8+": Meaning("accepted", "unknown", True, "stops", True, check=True),
    "A8-": Meaning("rejected", "unknown", False, "waits", False),
    "A9": Meaning("unreadable", "unknown", False, "held", True, check=True),
}
# A7 is one of A1, A2, A5 or A8+ after a rejection; A10 holds and A11 stops whatever row applies.


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a thread's answer is, and what it means.

    accepted      a fact of its own: an acceptance, or own words, was ever seen (C5)
    answered      anything of theirs is there
    words         their newest text, to be shown to the owner
    at            when the deciding event happened, if the site tells
    heard         how many things they said or pressed, whatever they mean
    """

    answer: str
    text: str | None
    rule: str | None
    responder: bool
    sequence: str
    inbox: bool
    check: bool
    accepted: bool
    answered: bool
    asks_to_stop: bool
    words: str
    at: datetime | None
    why: tuple[str, ...]
    heard: int = 0


NO_ANSWER = Judgement(
    answer="none",
    text=None,
    rule=None,
    responder=False,
    sequence="waits",
    inbox=False,
    check=False,
    accepted=False,
    answered=False,
    asks_to_stop=False,
    words="",
    at=None,
    why=("nothing of theirs is in the thread",),
)


@dataclass(frozen=True, slots=True)
class _Event:
    """A message of theirs, with the label that belongs to it, or a label without any text."""

    place: int
    label: Label | None
    text: Text | None
    words: str
    at: datetime | None
    source: str


def judge(
    thread: ThreadFacts,
    texts: AnswerTexts,
    owner_first_name: str | None,
    *,
    on_rejection: str = "wait",
    foreign_mine: bool = False,
) -> Judgement:
    """Say what the thread's answer is and what it means.

    on_rejection  "wait" or "stop": what A3 and A4 mean for the sequence (A13)
    foreign_mine  the owner wrote in the thread by hand and has not released it (A10)
    """
    theirs = [m for m in thread.messages if not m.mine]
    labels = tuple(w for w in thread.witnesses if w.label is not Label.REPLIED)
    replies = len(thread.witnesses) - len(labels)
    events = _events(replace(thread, witnesses=labels), texts, owner_first_name)
    judged = NO_ANSWER
    if replies > len(theirs):
        judged = _unclear(events, "the page's own data tells of a reply that is not shown")
    elif events:
        contradiction = _contradiction(events, labels)
        judged = _unclear(events, contradiction) if contradiction else _decide(events)
        if _replied_unseen(thread):
            judged = _with_unread(judged, "the page's own data tells of a later reply")
    judged = replace(judged, heard=len(events))
    if judged.answer == "rejected" and on_rejection == "stop":
        judged = replace(judged, sequence="stops")
    asks = any(asks_to_stop(m.text, texts, owner_first_name) for m in theirs)
    if asks:
        why = (*judged.why, "they ask not to be written to again")
        judged = replace(
            judged, rule="A11", sequence="stops", inbox=True, asks_to_stop=True, why=why
        )
    if foreign_mine and judged.sequence != "stops":
        why = (*judged.why, "the owner wrote in the thread by hand")
        judged = replace(judged, rule="A10", sequence="held", why=why)
    return judged


def _decide(events: list[_Event]) -> Judgement:
    """Walk through the events, oldest first; the newest decides, but own words stay (A5, A6)."""
    row, at, accepted, rejected_before, own = "", None, False, False, False
    why: list[str] = []
    shown, wordless = False, False
    for event in events:
        new = _row(event, row, own=own)
        if row in ("A3", "A4", "A8-") and new not in ("A3", "A4", "A8-", "A9"):
            rejected_before = True
        own = own or new in ("A5", "A6")
        accepted = accepted or new in ("A1", "A2", "A5", "A6", "A8+")
        shown = shown or MEANING[new].inbox
        rule = "A9" if event.text is Text.UNREADABLE and not own else new.rstrip("+-")
        why.append(f"{rule}: {event.source}")
        row, at = new, event.at
        wordless = wordless if event.text is Text.UNREADABLE else event.text is None
    meaning = MEANING[row]
    after_no = rejected_before and row in ("A1", "A2", "A5", "A6", "A8+")
    judged = Judgement(
        answer=meaning.answer,
        text=None if row in ("A1", "A3") and wordless else meaning.text,
        rule="A7" if after_no else row.rstrip("+-"),
        responder=meaning.responder,
        sequence=meaning.sequence,
        inbox=shown,
        check=meaning.check,
        accepted=accepted,
        answered=True,
        asks_to_stop=False,
        words=_shown_words(events),
        at=at,
        why=tuple(why),
    )
    unread = any(event.text is Text.UNREADABLE for event in events)
    return _with_unread(judged) if unread else judged


def _with_unread(judged: Judgement, *why: str) -> Judgement:
    """An answer beside something that cannot be read, which may be own words: the owner looks (A9).

    What is read besides is still the answer. Own words stop everything anyway, and are shown.
    """
    if judged.answer == "own-words":
        return judged
    if judged.sequence != "stops":
        judged = replace(judged, rule="A9", sequence="held")
    return replace(judged, inbox=True, check=True, why=(*judged.why, *why))


def _shown_words(events: list[_Event]) -> str:
    """What the owner is shown: their newest own text; a default text only if there is no other."""
    defaults = (Text.DEFAULT_YES, Text.DEFAULT_NO)
    theirs = [event for event in reversed(events) if event.words]
    own = [event for event in theirs if event.text not in defaults]
    return (own or theirs)[0].words if theirs else ""


def _row(event: _Event, before: str, *, own: bool) -> str:
    """The table's row that holds after *event*; own words are never taken back (A6)."""
    yes, no = event.label is Label.ACCEPTED, event.label is Label.REJECTED
    if own:
        return before
    if event.text is Text.UNREADABLE:
        return before or "A9"
    if event.text in (Text.EDITED_YES, Text.EDITED_NO) or (
        event.text is Text.EDITED and (yes or no)
    ):
        return "A4" if no or (not yes and event.text is Text.EDITED_NO) else "A2"
    if event.text in (Text.OWN, Text.EDITED):
        if before in ("A1", "A2", "A8+"):
            return "A6"
        return {Label.ACCEPTED: "A8+", Label.REJECTED: "A8-", None: "A5"}[event.label]
    # A label that comes after an edited or unrelated text belongs to it, and leaves it so; nor does
    # a default acceptance take back what they wrote with an earlier one.
    if yes or event.text is Text.DEFAULT_YES:
        return before if before in ("A2", "A8+") else "A1"
    return before if event.text is None and before in ("A4", "A8-") else "A3"


def _events(thread: ThreadFacts, texts: AnswerTexts, owner_first_name: str | None) -> list[_Event]:
    """Their messages and the site's labels in order; a label joins the text it belongs to.

    A label without a place (a list's preview, a filter) joins the newest text where that does not
    say as much itself; alone it is an answer without a text.
    """
    labels = [witness for witness in thread.witnesses if witness.after is not None]
    events = []
    for place, message in enumerate(thread.messages):
        if not message.mine:
            own = [w for w in labels if _belongs(w, place, thread.messages)]
            labels = [w for w in labels if w not in own]
            events.append(_message_event(place, message, own, texts, owner_first_name))
    events += [
        _Event(w.after or 0, w.label, None, "", w.at, f"the site says {w.label} ({w.source})")
        for w in labels
    ]
    events = list(_without_echoes(sorted(events, key=_in_order)))
    floating = next((w for w in thread.witnesses if w.after is None), None)
    if floating is not None and _joins(floating, events):
        source = f"the site says {floating.label} ({floating.source})"
        if not events:
            return [_Event(0, floating.label, None, "", floating.at, source)]
        last = events[-1]
        events[-1] = replace(last, label=floating.label, source=f"{last.source}, and {source}")
    return events


def _message_event(
    place: int,
    message: Message,
    labels: list[Witness],
    texts: AnswerTexts,
    owner_first_name: str | None,
) -> _Event:
    text = _classify(message, texts, owner_first_name)
    source = f"their message is {_named(text)}"
    label = labels[0].label if labels else None
    if label is not None:
        source += f", and the site says {label} ({', '.join(w.source for w in labels)})"
    return _Event(place, label, text, (message.text or "").strip(), message.at, source)


def _in_order(event: _Event) -> tuple[int, bool]:
    """A label with *n* messages before it stands before message *n* (from 0)."""
    return (event.place, event.text is not None)


def _without_echoes(events: list[_Event]) -> Iterable[_Event]:
    """Several witnesses of one fact are one event, unless something stands between them."""
    last: _Event | None = None
    for event in events:
        if last is None or event.text is not None or event.label != _said(last):
            yield event
            last = event


def _said(event: _Event) -> Label | None:
    """What an event says by itself: its label, else its text."""
    if event.label is not None:
        return event.label
    if event.text in (Text.DEFAULT_YES, Text.EDITED_YES):
        return Label.ACCEPTED
    return Label.REJECTED if event.text in (Text.DEFAULT_NO, Text.EDITED_NO) else None


def _joins(floating: Witness, events: list[_Event]) -> bool:
    """Whether a label without a place was given with the newest text.

    To own or edited words it is news, where it is not what was said before, or by them.
    """
    newest = events[-1] if events else None
    before = next((said for said in map(_said, reversed(events)) if said is not None), None)
    if before is None:
        return True
    if newest is None or newest.label is not None or before is floating.label:
        return False
    return newest.text in (Text.OWN, Text.EDITED, Text.EDITED_YES, Text.EDITED_NO)


def _belongs(witness: Witness, place: int, messages: tuple[Message, ...]) -> bool:
    """Whether a label was given with this message: beside it, and nearest to its time."""
    if witness.after not in (place, place + 1) or not _at_once(witness, messages[place]):
        return False
    later = messages[place + 1 : place + 2] if witness.after == place + 1 else ()
    return not any(
        not each.mine and _at_once(witness, each) and _nearer(witness, each, messages[place])
        for each in later
    )


def _at_once(witness: Witness, message: Message) -> bool:
    """Whether they may have come together, as far as their times are known."""
    if witness.at is None or message.at is None:
        return True
    return abs(witness.at - message.at) <= AT_ONCE


def _nearer(witness: Witness, one: Message, other: Message) -> bool:
    """Whether a label's time is nearer to that of *one* message than to the *other*'s."""
    if witness.at is None or one.at is None or other.at is None:
        return False
    return abs(witness.at - one.at) < abs(witness.at - other.at)


def _replied_unseen(thread: ThreadFacts) -> bool:
    """Whether the page's own data tells of a reply after all that the thread shows of them."""
    theirs = [message for message in thread.messages if not message.mine]
    return any(
        witness.label is Label.REPLIED
        and witness.at is not None
        and all(each.at is not None and each.at < witness.at - AT_ONCE for each in theirs)
        for witness in thread.witnesses
    )


def _contradiction(events: list[_Event], witnesses: tuple[Witness, ...]) -> str | None:
    """Why the witnesses cannot all be right; None if they can."""
    for event in events:
        yes = event.label is Label.ACCEPTED and event.text is Text.DEFAULT_NO
        no = event.label is Label.REJECTED and event.text is Text.DEFAULT_YES
        if yes or no:
            return f"{event.source}: label and text contradict each other"
    if _says_both(witnesses):
        return "the site says both accepted and rejected at one place"
    newest = next((said for said in map(_said, reversed(events)) if said is not None), None)
    if any(w.after is None and w.label is not newest for w in witnesses):
        return "the thread and the list say different things"
    return None


def _says_both(witnesses: Iterable[Witness]) -> bool:
    """Whether two witnesses of one place differ, and no time tells which of them came later."""
    places: dict[int | None, list[Witness]] = {}
    for witness in witnesses:
        places.setdefault(witness.after, []).append(witness)
    for place, here in places.items():
        timed = sorted((w.at, w.label) for w in here if w.at is not None and place is not None)
        differ = len({witness.label for witness in here}) > 1
        if differ and len(timed) < len(here):
            return True
        if any(b[1] is not a[1] and b[0] - a[0] <= AT_ONCE for a, b in pairwise(timed)):
            return True
    return False


def _unclear(events: list[_Event], why: str) -> Judgement:
    """Contradicting witnesses: never a guess, never an acceptance (A9)."""
    meaning = MEANING["A9"]
    return replace(
        NO_ANSWER,
        answer=meaning.answer,
        text=meaning.text,
        rule="A9",
        sequence=meaning.sequence,
        inbox=meaning.inbox,
        check=meaning.check,
        answered=True,
        words=_shown_words(events),
        at=events[-1].at if events else None,
        why=(why,),
    )


def _classify(message: Message, texts: AnswerTexts, owner_first_name: str | None) -> Text:
    if message.text is None or is_blank(message.text):
        return Text.UNREADABLE
    if is_default(message.text, texts.acceptances, owner_first_name):
        return Text.DEFAULT_YES
    if is_default(message.text, texts.rejections, owner_first_name):
        return Text.DEFAULT_NO
    said = sentences(message.text)
    yes = not said.isdisjoint(default_sentences(texts.acceptances))
    no = not said.isdisjoint(default_sentences(texts.rejections))
    if yes and not no:
        return Text.EDITED_YES
    if yes and no:
        return Text.EDITED
    return Text.EDITED_NO if no else Text.OWN


def asks_to_stop(text: str | None, texts: AnswerTexts, owner_first_name: str | None) -> bool:
    """Whether the words ask not to be written to again (A11); the site's own words never do."""
    defaults = (*texts.acceptances, *texts.rejections)
    if text is None or is_default(text, defaults, owner_first_name):
        return False
    words = whole_words(text)
    return any(phrase in words for phrase in phrases(texts.stop))


def _named(text: Text) -> str:
    return f"the {text}" if text in (Text.DEFAULT_YES, Text.DEFAULT_NO) else str(text)
