"""Which parts of a text are the site's own words, and which are a name that stands among them.

A text is looked at as the readers look at it: plain quotes, single spaces, case that does not
count. What is kept is told letter by letter, so that it holds for a text in many pieces.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.pages.texts import Say, Texts

# As long as the longest message that the site takes, twice over; and a little more than the
# longest line in which the readers look for the site's words.
LONGEST = 4_000
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
_SLOTS = {"{n}": r"\d{1,4}", "{name}": "(?P<name>.+?)", "{first_name}": "(?P<name>[^\\s,]+?)"}
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
_SENTENCE = re.compile(r"[.!?…]+|\n")


@dataclass(frozen=True, slots=True)
class _Phrase:
    """One wording. `first` has to occur in a text before the pattern is tried."""

    pattern: re.Pattern[str]
    first: str
    whole: bool
    is_price: bool = False


class Known:
    """The site's words: its catalogue with a seat's own texts, and its interface's."""

    def __init__(self, texts: Texts) -> None:
        self._phrases = tuple(_all(texts))
        self._interface = tuple(_interface())
        self._anywhere = tuple(each for each in self._phrases if not each.whole)
        self._any = _first_words((*self._phrases, *self._interface))
        self._any_anywhere = _first_words(self._anywhere)

    def may_speak(self, text: str) -> bool:
        """Whether a word of the site occurs in a text at all."""
        return self._any.search(_plain(text)) is not None

    def mask(self, text: str, names: frozenset[str], *, interface: bool) -> str | None:
        """A letter for each of *text*: KEPT, NAMED or UNKNOWN; None where nothing is known.

        names      what is known to be somebody's name: such a text is no word of the site's,
                   except where it may tell a price (the agent must never read one differently)
        interface  whether the interface may speak here, and dates may stand
        """
        if len(text) > LONGEST:
            return None
        is_long = len(text) > LONGEST_LINE and len(" ".join(text.split())) > LONGEST_LINE
        if is_long and self._any_anywhere.search(_plain(text)) is None:
            return None
        plain, origin = _fold(text)
        marks = [UNKNOWN] * len(plain)
        is_name = plain.strip() in names
        phrases = self._anywhere if is_long else self._phrases
        if interface and not is_long:
            phrases = (*phrases, *self._interface)
        lower = plain.lower()
        for phrase in phrases:
            if phrase.first in lower and (phrase.is_price or not is_name):
                _mark(marks, phrase, plain, names)
        if interface:
            for found in _dates().finditer(plain):
                _set(marks, found.span(), KEPT)
        if not any(mark != UNKNOWN for mark in marks):
            return None
        told = [UNKNOWN] * len(text)
        for place, mark in zip(origin, marks, strict=True):
            if mark != UNKNOWN:
                told[place] = mark
        return "".join(told)


def _first_words(phrases: Iterable[_Phrase]) -> re.Pattern[str]:
    words = sorted({each.first for each in phrases})
    return re.compile("|".join(map(re.escape, words)))


def _mark(marks: list[str], phrase: _Phrase, plain: str, names: frozenset[str]) -> None:
    """Note where a wording stands. A longer known one wins over a name, a known name over it."""
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
    """The catalogue's wordings. Those without a slot come last: they win over a name."""
    known = sorted(texts.phrases, key=lambda each: ("{name}" not in each.text, each.text))
    for each in known:
        if each.say is Say.STOP:
            words = _WORD.findall(_plain(each.text))
            yield _Phrase(
                re.compile(
                    r"(?<![\w'])" + r"[^\w']+".join(map(re.escape, words)) + r"(?![\w'])",
                    re.IGNORECASE,
                ),
                words[0],
                whole=False,
            )
        elif each.say in _DEFAULTS:
            yield _phrase(each.text.rstrip(".!"), whole=False)
            for sentence in _SENTENCE.split(each.text):
                if " " in sentence.strip() and "{" not in sentence:
                    yield _phrase(sentence.strip(), whole=False)
        else:
            anywhere = each.say in _ANYWHERE
            text = _OUTER_SLOT.sub("", each.text) if anywhere else each.text
            yield _phrase(text, whole=not anywhere, is_price=each.say in _PRICES)


def _phrase(text: str, *, whole: bool, is_price: bool = False) -> _Phrase:
    parts = _SLOT.split(_plain(text).strip())
    pattern = "".join(
        _REST if part == "{rest}" else _SLOTS.get(part, re.escape(part)) for part in parts
    )
    words = _LETTERS.findall(_SLOT.sub(" ", _plain(text)))
    if whole:
        pattern += r"[.!… ]*"
    return _Phrase(re.compile(pattern, re.IGNORECASE), max(words, key=len).lower(), whole, is_price)


def _interface() -> Iterable[_Phrase]:
    words = _data()
    for language in ("en", "de", "es"):
        for text in sorted(words[language], key=lambda each: "{name}" not in each):
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
    return " ".join(unicodedata.normalize("NFKC", text).translate(_QUOTES).split()).lower()


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
