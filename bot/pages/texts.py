"""The site's own words in every language that is known: data with grades (selectors/texts).

A seat may carry files of its own beside those that ship. A wording there is one more; an entry with
`replace = true` stands in the place of that language's shipped wordings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from bot.errors import Fault, UsageError
from bot.facts import AnswerTexts
from bot.pages.datafiles import documents, name_of, one_of
from bot.pages.selectors import GRADES
from bot.shipped import folder
from bot.tomltext import Document


class Say(StrEnum):
    """What the site says; the keys of the catalogue."""

    CREDIT_LINE = "credit_line"
    FREE_LINE = "free_line"
    NONE_LEFT = "none_left"
    BALANCE = "balance"
    SWITCHED_OFF = "switched_off"
    RELATIONSHIP = "relationship"
    ADDRESSED_TO = "addressed_to"
    SEND = "send"
    NEXT = "next"
    SENT = "sent"
    FAILED = "failed"
    FROM_YOU = "from_you"
    MESSAGE_FROM = "message_from"
    YOU = "you"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ACCEPTED_LABEL = "accepted_label"
    DECLINED_LABEL = "declined_label"
    ACCEPTED_PREVIEW = "accepted_preview"
    DECLINED_PREVIEW = "declined_preview"
    LOADING = "loading"
    NO_RESULTS = "no_results"
    NO_THREADS = "no_threads"
    HALT_CHALLENGE = "halt_challenge"
    HALT_RESTRICTED = "halt_restricted"
    HALT_UNUSUAL = "halt_unusual"
    HALT_RATE_LIMITED = "halt_rate_limited"
    HALT_MISSING = "halt_missing"
    ACCEPTANCE = "acceptance"
    REJECTION = "rejection"
    STOP = "stop"


OWN = "own"  # the grade of a wording that a seat's own file has, where it tells no other
REPLACE = "replace"

_SLOTS = {
    "{n}": r"(?P<n>\d{1,4})",
    "{name}": r"(?P<name>.+?)",
    "{first_name}": r"(?P<first_name>.+?)",
    "{rest}": r".*",
}
_SLOT = re.compile(r"(\{[a-z_]+\})")
_BRACES = re.compile(r"(\{[a-z_]+\})|\{\{|\}\}")  # a doubled one is no slot's
_OUTER_SLOT = re.compile(r"^\{(?:rest|name)\}\s*|\s*\{(?:rest|name)\}$")
_WORD = re.compile(r"[^\W\d_]+")
# Case does not count, but only that of plain letters: to Unicode a long s is an s.
_SAME = re.IGNORECASE | re.ASCII
_QUOTES = str.maketrans({"‘": "'", "’": "'", "‛": "'", "`": "'", "´": "'", "“": '"', "”": '"'})


def fold(text: str) -> str:
    """*text* with plain quotes and single spaces; its case is kept, as names have one.

    Letters stay what they are: one that only looks like the site's, a fullwidth one say, is not it.
    """
    return " ".join(unicodedata.normalize("NFC", text).translate(_QUOTES).split())


@cache
def _pattern(text: str) -> re.Pattern[str]:
    parts = (_SLOTS.get(part, re.escape(part)) for part in _SLOT.split(fold(text)))
    return re.compile("".join(parts), _SAME)


@cache
def _words(text: str) -> tuple[str, ...]:
    words = _WORD.findall(_SLOT.sub(" ", fold(text)).lower())
    return tuple(sorted(words, key=len, reverse=True))


@cache
def _starts(texts: tuple[str, ...]) -> re.Pattern[str]:
    words = {max(_WORD.findall(_SLOT.sub(" ", text)), key=len) for text in texts}
    return re.compile("|".join(map(re.escape, sorted(words))) or r"(?!)", _SAME)


@dataclass(frozen=True, slots=True)
class Phrase:
    """One wording of the site, as its catalogue tells it; `grade` is that of the evidence.

    own  the file of the seat that says so; None for what ships
    """

    say: Say
    language: str
    text: str
    grade: str
    own: str | None = None


@dataclass(frozen=True, slots=True)
class Texts:
    """All wordings of all languages together: a page may be in any of them."""

    phrases: tuple[Phrase, ...]
    _texts: dict[Say, tuple[str, ...]]

    def match(self, say: Say, said: str) -> re.Match[str] | None:
        """The whole of *said* is a wording of *say*; a final full stop does not count."""
        plain = fold(said)
        for text in self.of(say):
            for end in (plain, plain.rstrip(".!… ")):
                found = _pattern(text).fullmatch(end)
                if found is not None:
                    return found
        return None

    def find(self, say: Say, said: str) -> re.Match[str] | None:
        """A wording of *say* stands somewhere in *said*."""
        plain = fold(said)
        found = (_pattern(_OUTER_SLOT.sub("", text)).search(plain) for text in self.of(say))
        return next((match for match in found if match is not None), None)

    def may_say(self, say: Say, letters: str) -> bool:
        """Whether all words of a wording occur in *letters*, a page's text in lower case."""
        return any(all(word in letters for word in _words(text)) for text in self.of(say))

    def starts(self, say: Say) -> re.Pattern[str]:
        """What to look for first: the longest word of each wording of *say*."""
        return _starts(self.of(say))

    def of(self, say: Say) -> tuple[str, ...]:
        """The wordings of *say*, with their `{slots}`; empty if none is known."""
        return self._texts.get(say, ())

    @property
    def answers(self) -> AnswerTexts:
        """What the rules of answers need (A11, A12)."""
        return AnswerTexts(self.of(Say.ACCEPTANCE), self.of(Say.REJECTION), self.of(Say.STOP))

    @property
    def own(self) -> tuple[Phrase, ...]:
        """The wordings that a seat's own files say."""
        return tuple(each for each in self.phrases if each.own is not None)

    @classmethod
    def load(cls, root: Path) -> Texts:
        """Read `<language>.toml` files. Raises UsageError that tells every mistake at once."""
        found = documents(root)
        faults = [fault for each in found for fault in (*each.faults, *_faults(each, GRADES))]
        if not found:
            faults.append(Fault(str(root), "*.toml", "no file", "one file for each language"))
        if faults:
            raise UsageError("the site's texts cannot be used", tuple(faults))
        return _made(phrase for each in found for phrase in _phrases(each))

    @classmethod
    def shipped(cls) -> Texts:
        """Those that come with the program."""
        return _shipped()

    @classmethod
    def of_seat(cls, root: Path) -> Texts:
        """Those that come with the program, and a seat's own files beside them.

        Raises UsageError that tells every mistake of these files at once.
        """
        found = documents(root)
        if not found:
            return _shipped()
        allowed = (*GRADES, OWN, REPLACE)
        faults = [fault for each in found for fault in (*each.faults, *_faults(each, allowed))]
        if faults:
            raise UsageError("the seat's own texts cannot be used", tuple(faults))
        gone = {
            (Say(key), name_of(each))
            for each in found
            for key, entry in (each.values or {}).items()
            if isinstance(entry, dict) and entry.get(REPLACE) is True
        }
        kept = [each for each in _shipped().phrases if (each.say, each.language) not in gone]
        own = (phrase for each in found for phrase in _phrases(each, own=each.place))
        return _made([*kept, *own])


@cache
def _shipped() -> Texts:
    return Texts.load(folder("selectors") / "texts")


def _made(phrases: Iterable[Phrase]) -> Texts:
    every = tuple(phrases)
    known = {say: tuple(each.text for each in every if each.say is say) for say in Say}
    return Texts(every, known)


def _phrases(document: Document, own: str | None = None) -> Iterator[Phrase]:
    """The wordings of a checked file."""
    for key, entry in (document.values or {}).items():
        by_grade = {OWN: entry} if isinstance(entry, list) else entry
        for grade, texts in by_grade.items():
            if grade != REPLACE:
                for text in texts:
                    yield Phrase(Say(key), name_of(document), text, grade, own)


# --- what is wrong ------------------------------------------------------------------------------


def _faults(document: Document, allowed: tuple[str, ...]) -> Iterator[Fault]:
    """What is wrong with a language's file."""
    known = [str(say) for say in Say]
    for key, entry in (document.values or {}).items():
        if key not in known:
            yield document.fault((key,), "an unknown key", one_of(key, known))
        elif isinstance(entry, list) and OWN in allowed:
            yield from _list_faults(document, (key,), entry)
        elif not isinstance(entry, dict) or not entry:
            wanted = "a table from grades to lists of wordings"
            if OWN in allowed:
                wanted = f"a list of wordings, or {wanted}, {OWN} or {REPLACE}"
            yield document.fault((key,), repr(entry), wanted)
        else:
            yield from _entry_faults(document, key, entry, allowed)


def _entry_faults(
    document: Document, key: str, entry: Mapping[str, Any], allowed: tuple[str, ...]
) -> Iterator[Fault]:
    for grade, texts in entry.items():
        if grade not in allowed:
            yield document.fault((key, grade), grade, f"one of {', '.join(allowed)}")
        if grade == REPLACE:
            if not isinstance(texts, bool):
                yield document.fault((key, grade), repr(texts), "true or false")
        elif not isinstance(texts, list):
            yield document.fault((key, grade), repr(texts), "a list of wordings")
        else:
            yield from _list_faults(document, (key, grade), texts)


def _list_faults(
    document: Document, place: tuple[str, ...], texts: list[object]
) -> Iterator[Fault]:
    for text in texts:
        bare = _BRACES.sub(r"\1", text) if isinstance(text, str) else ""
        if not _WORD.search(_SLOT.sub(" ", bare)):
            yield document.fault(
                place, repr(text), "a wording: a text with a word beside its slots"
            )
            continue
        for slot in sorted(set(_SLOT.findall(bare)) - _SLOTS.keys()):
            yield document.fault(place, slot, f"one of {', '.join(_SLOTS)}")
