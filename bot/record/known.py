"""Which parts of a text are the site's own words, and which are a name that stands among them.

A text is looked at as the readers look at it: plain quotes, single spaces, case that does not
count. What is kept is told letter by letter, so that it holds for a text in many pieces.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.pages.texts import Say, Texts

# As long as the longest message that the site takes, twice over; and a little more than the
# longest line in which the readers look for the site's words.
LONGEST = 4_000
# The seat's file of default texts that its owner found in answers: somebody wrote them to us, so
# that a recording does not keep them.
LEARNED = "learned"
LONGEST_LINE = 300

# What stands in the place of a letter: itself, a name's, or something that nobody knows.
KEPT, NAMED, UNKNOWN = "k", "n", " "

_SLOT = re.compile(r"(\{[a-z_]+\})")
_OUTER_SLOT = re.compile(r"^\{(?:rest|name)\}\s*|\s*\{(?:rest|name)\}$")
_WORD = re.compile(r"[\w']+")
_LETTERS = re.compile(r"[^\W\d_]+")
_QUOTES = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "‛": "'", "`": "'", "´": "'"}
    | {"“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"'}
)
# A name may be anything, so the words around one have to be said whole. `_` marks a place whose
# letters are not known; `_name` one that holds a name.
_SLOTS = {"{n}": r"\d{1,4}", "{name}": "(?P<name>.{1,120}?)", "{first_name}": "(?P<name>[^\\s,]+?)"}
_REST = r"(?P<rest>.*)"
# The readers look for these anywhere in a line; the others are lines of their own.
_ANYWHERE = (
    Say.FAILED,
    Say.NO_RESULTS,
    Say.HALT_CHALLENGE,
    Say.HALT_RESTRICTED,
    Say.HALT_UNUSUAL,
    Say.HALT_RATE_LIMITED,
    Say.HALT_MISSING,
)
_DEFAULTS = (Say.ACCEPTANCE, Say.REJECTION)
_PRICES = (Say.CREDIT_LINE, Say.FREE_LINE, Say.NONE_LEFT, Say.BALANCE)
_DIGIT = re.compile(r"\d")
_ENDS = ".!… "
_SENTENCE = re.compile(r"[.!?…]+|\n")


@dataclass(frozen=True, slots=True)
class _Phrase:
    """One wording. `first` has to occur in a text before the pattern is tried.

    whole  a line of its own; else it may stand anywhere in one
    text   in lower case, without its end
    """

    pattern: re.Pattern[str]
    first: str
    whole: bool
    text: str
    is_price: bool = False
    slotted: bool = False


class Known:
    """The site's words: its catalogue with a seat's own texts, and its interface's."""

    def __init__(self, texts: Texts) -> None:
        whole, self._anywhere = _parted(_all(texts), lambda each: each.whole)
        slotted, exact = _parted(whole, lambda each: each.slotted)
        prices, exact = _parted(exact, lambda each: each.is_price)
        self._slotted = (*slotted, *self._anywhere)
        labels, plain_labels = _parted(_interface(), lambda each: each.slotted)
        self._slotted_labels = (*self._slotted, *labels)
        self._prices = _texts_of(prices)
        self._site, self._interface = _texts_of(exact), _texts_of(plain_labels)
        every = (*whole, *self._anywhere, *labels, *plain_labels)
        firsts = {re.escape(each.first) for each in every if each.first}
        self._any = re.compile("|".join(sorted(firsts)))

    def may_speak(self, text: str) -> bool:
        """Whether a word of the site, or a date, occurs in a text at all."""
        said = _plain(text).lower()
        if self._any.search(said) or self._anywhere[0].pattern.search(said):
            return True
        return _DIGIT.search(said) is not None and _dates().search(said) is not None

    def mask(self, text: str, names: frozenset[str], *, interface: bool) -> str | None:
        """A letter for each of *text*: KEPT, NAMED or UNKNOWN; None where nothing is known.

        names      what is known to be somebody's name: such a text is no word of the site's,
                   except where it may tell a price (the agent must never read one differently)
        interface  whether the interface may speak here, and dates may stand
        """
        if len(text) > LONGEST:
            return None
        said = _plain(text)
        is_name, lower = said in names, said.lower()
        exact = self._is_exact(lower.rstrip(_ENDS), is_name=is_name, interface=interface)
        phrases = self._slotted_labels if interface else self._slotted
        is_short = len(said) <= LONGEST_LINE
        phrases = phrases if is_short else self._anywhere
        tried = [
            each
            for each in phrases
            if each.first in lower
            and (each.is_price or not is_name)
            and (each.whole or each.pattern.search(said))
        ]
        dated = interface and is_short and _dates().search(lower) is not None
        if not (exact or tried or dated):
            return None
        plain, origin = _fold(text)
        marks = [KEPT if exact else UNKNOWN] * len(plain)
        for phrase in tried:
            _mark(marks, phrase, plain, names)
        for found in _dates().finditer(plain) if dated else ():
            _set(marks, found.span(), KEPT)
        told = [UNKNOWN] * len(text)
        for place, mark in zip(origin, marks, strict=True):
            told[place] = mark
        return "".join(told)

    def _is_exact(self, lower: str, *, is_name: bool, interface: bool) -> bool:
        """Whether a text is, as a whole, a known one without a slot."""
        if lower in self._prices:
            return True
        return not is_name and (lower in self._site or (interface and lower in self._interface))


def _parted(
    phrases: Iterable[_Phrase], test: Callable[[_Phrase], bool]
) -> tuple[tuple[_Phrase, ...], tuple[_Phrase, ...]]:
    """Those that pass the test, and the others."""
    every = tuple(phrases)
    return tuple(filter(test, every)), tuple(each for each in every if not test(each))


def _texts_of(phrases: Iterable[_Phrase]) -> frozenset[str]:
    return frozenset(each.text for each in phrases)


def _mark(marks: list[str], phrase: _Phrase, plain: str, names: frozenset[str]) -> None:
    """Note where a wording stands. The site's words win over a name, but not over a known one."""
    places = (_whole(phrase, plain),) if phrase.whole else tuple(phrase.pattern.finditer(plain))
    for found in places:
        if found is None:
            continue
        slots = {key: found.span(key) for key, said in found.groupdict().items() if said}
        inside = {place for start, end in slots.values() for place in range(start, end)}
        for place in range(found.start(), found.end()):
            if place not in inside:
                marks[place] = KEPT
        named = slots.get("name")
        if named is not None:
            certain = found["name"] in names
            for place in range(*named):
                marks[place] = NAMED if certain or marks[place] == UNKNOWN else marks[place]


def _whole(phrase: _Phrase, plain: str) -> re.Match[str] | None:
    start = len(plain) - len(plain.lstrip())
    return phrase.pattern.fullmatch(plain, start, len(plain.rstrip()))


def _set(marks: list[str], span: tuple[int, int], mark: str) -> None:
    for place in range(*span):
        marks[place] = mark


def _all(texts: Texts) -> Iterator[_Phrase]:
    """The catalogue's wordings."""
    yield _stops(texts.of(Say.STOP))  # whole phrases, of the seat's own files too
    for each in texts.phrases:
        if each.language == LEARNED:
            continue
        if each.say in _DEFAULTS:
            yield _phrase(each.text.rstrip(_ENDS), whole=False)
            for sentence in _SENTENCE.split(each.text):
                if " " in sentence.strip() and "{" not in sentence:
                    yield _phrase(sentence.strip(), whole=False)
        elif each.say is not Say.STOP:
            anywhere = each.say in _ANYWHERE
            text = _OUTER_SLOT.sub("", each.text) if anywhere else each.text
            yield _phrase(text, whole=not anywhere, is_price=each.say in _PRICES)


def _stops(phrases: Iterable[str]) -> _Phrase:
    """All that asks not to be written to again: whole words, whatever stands between them (A11)."""
    words = (map(re.escape, _WORD.findall(_plain(each))) for each in phrases)
    known = "|".join(r"[^\w']+".join(each) for each in words)
    pattern = rf"(?<![\w'])(?:{known or '(?!)'})(?![\w'])"
    return _Phrase(re.compile(pattern, re.IGNORECASE), "", whole=False, text="")


def _phrase(text: str, *, whole: bool, is_price: bool = False) -> _Phrase:
    plain = _plain(text)
    parts = _SLOT.split(plain)
    pattern = "".join(
        _REST if part == "{rest}" else _SLOTS.get(part, re.escape(part)) for part in parts
    )
    return _Phrase(
        re.compile(pattern + (r"[.!… ]*" if whole else ""), re.IGNORECASE),
        max(_LETTERS.findall(_SLOT.sub(" ", plain)), key=len, default="").lower(),
        whole,
        plain.lower().rstrip(_ENDS),
        is_price,
        len(parts) > 1,
    )


def _interface() -> Iterable[_Phrase]:
    words = _data()
    for language in ("en", "de", "es"):
        for text in words[language]:
            yield _phrase(text, whole=True)


@cache
def _data() -> dict[str, Any]:
    path = Path(__file__).with_name("interface.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _dates() -> re.Pattern[str]:
    words = _data()
    month = f"(?:{'|'.join(sorted(words['months'], key=len, reverse=True))})"
    span = f"(?:{'|'.join(sorted(words['spans'], key=len, reverse=True))})"
    return re.compile(
        rf"\b\d{{1,2}}\.? {month}\b\.?(?:,? \d{{4}}\b)?|\b{month}\b\.? \d{{1,2}}\b(?:, \d{{4}}\b)?"
        rf"|\b{month}\b\.? \d{{4}}\b|\b\d{{1,3}} ?{span}\b",
        re.IGNORECASE,
    )


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).translate(_QUOTES).split())


def _fold(text: str) -> tuple[str, list[int]]:
    """*text* with plain quotes and single spaces, and where each of its letters stood."""
    letters: list[str] = []
    origin: list[int] = []
    for place, letter in enumerate(text):
        if letter.isspace():
            if letters and letters[-1] != " ":
                letters.append(" ")
                origin.append(place)
            continue
        plain = letter if letter.isascii() else unicodedata.normalize("NFKC", letter)
        for each in plain.translate(_QUOTES):
            letters.append(each)
            origin.append(place)
    return "".join(letters), origin
