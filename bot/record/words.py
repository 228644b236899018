"""Replaces words, numbers and ids in a text; what holds it, and where it stands, is kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import unquote

from bot.record.invented import Words
from bot.record.known import KEPT, NAMED

_LEAD = r"AC[wo]AA[A-Za-z0-9_-]*"
_THREAD = r"2-[A-Za-z0-9+/_-]{10,}(?:={1,2}|(?:%3D){1,2})?"
_IDS = re.compile(
    rf"(?P<lead>{_LEAD})(?P<rest>(?:(?:,|%2C)(?![a-z]+:)[\w-]*)*)"
    rf"|(?P<thread>{_THREAD})"
    r"|(?P<auth>authToken:)(?P<token>[\w-]+)"
    r"|(?P<mail>[^\s<>()\[\]\"',;:@]+@[^\s<>()\[\]\"',;:@]+\.\w+)",
    re.IGNORECASE,
)
_COMMA = re.compile(r"(,|%2C)", re.IGNORECASE)
_NO_TOKEN = {"", "name_search", "undefined", "null", "name"}
_PHONE = re.compile(r"(?<![\w-])\+?\d[\d\s().\-/]{5,}\d(?![\w-])")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?")
_HONOURS = frozenset(("dr", "prof", "mr", "mrs", "ms", "herr", "frau", "sr", "sra"))
# "2nd", "500+", "1K+", "3.º": a number that the site itself writes.
_SHORT = re.compile(r"\d{1,4}(st|nd|rd|th|k|m|x|h|d|w|mo|yr|yrs)?", re.IGNORECASE)
_JOINED = re.compile(r"[^\W\d_][-_.]$")
_ORDINALS = "ªº"
MOST_DIGITS = 4  # a longer number may be somebody's


class Voice(StrEnum):
    """Who says a text: that decides what may stay, and how much of it can be told apart."""

    NAME = "a name, a title, a company, a place"
    PROSE = "what somebody wrote"
    PAGE = "anything else on the page"


def replaced(text: str, words: Words, voice: Voice, names: frozenset[str], mask: str | None) -> str:
    """*text* with everything that is not known to be the site's replaced.

    names  words (in lower case) of names: they are told apart in prose, too
    mask   as Known.mask() gives it, for each letter of *text*
    """
    made: list[str] = []
    last = 0
    for found in _IDS.finditer(text):
        if mask is not None and KEPT in mask[found.start() : found.end()]:
            continue
        made.append(_plain(text, last, found.start(), words, voice, names, mask))
        made.append(_id(found, words))
        last = found.end()
    made.append(_plain(text, last, len(text), words, voice, names, mask))
    return "".join(made)


def with_ids_replaced(text: str, words: Words) -> str:
    """*text* with the ids, tokens and addresses of the site's own shape replaced, no more."""
    return _IDS.sub(lambda found: _id(found, words), text)


def is_id(text: str) -> bool:
    """Whether a text is an id of the site's own shape and nothing else."""
    return _IDS.fullmatch(text) is not None


def name_words(name: str) -> set[str]:
    """The words of a name, in lower case, as they are told apart in prose."""
    tokens = (text.casefold() for kind, text in _tokens(name) if kind == "L")
    return {token for token in tokens if token not in _HONOURS}


def _id(found: re.Match[str], words: Words) -> str:
    if found["lead"] is not None:
        lead = words.lead_id(found["lead"])
        parts = _COMMA.split(found["rest"])
        tokens = [
            part if _COMMA.fullmatch(part) or part.lower() in _NO_TOKEN else words.token(part)
            for part in parts
        ]
        return lead + "".join(tokens)
    if found["thread"] is not None:
        thread = words.thread_id(unquote(found["thread"]))
        return thread.replace("=", "%3D") if "%3D" in found["thread"].upper() else thread
    if found["auth"] is not None:
        return found["auth"] + words.token(found["token"])
    return words.mail(found["mail"])


def _plain(
    text: str,
    start: int,
    end: int,
    words: Words,
    voice: Voice,
    names: frozenset[str],
    mask: str | None,
) -> str:
    """A part without ids: runs of the same mark are replaced each for itself."""
    made: list[str] = []
    place = start
    while place < end:
        mark = mask[place] if mask is not None else " "
        stop = place + 1
        while mask is not None and stop < end and mask[stop] == mark:
            stop += 1
        stop = stop if mask is not None else end
        part = text[place:stop]
        if mark == KEPT:
            made.append(part)
        else:
            made.append(_run(part, words, Voice.NAME if mark == NAMED else voice, names))
        place = stop
    return "".join(made)


def _run(text: str, words: Words, voice: Voice, names: frozenset[str]) -> str:
    text = _PHONE.sub(lambda found: _dialled(found[0], words), text)
    made: list[str] = []
    for kind, token in _tokens(text):
        # The number at the end of "somebody-1234" is a part of who that is.
        is_tail = kind == "N" and _JOINED.search("".join(made[-2:])) is not None
        said = Voice.PROSE if is_tail else voice
        made.append(_token(kind, token, words, said, names) if kind else token)
    return "".join(made)


def _dialled(number: str, words: Words) -> str:
    """A number with its blanks and strokes: seven digits and more may be a telephone's."""
    if _DATE.fullmatch(number) or sum(map(str.isdigit, number)) < 7:
        return number
    return words.phone(number)


def _token(kind: str, token: str, words: Words, voice: Voice, names: frozenset[str]) -> str:
    if kind == "L":
        plain = token.casefold()
        if plain in _HONOURS and voice is not Voice.PROSE:
            return token
        return (
            words.prose(token) if voice is Voice.PROSE and plain not in names else words.name(token)
        )
    if kind == "N" and set(token) == {"0"}:
        return token
    if kind == "N":
        if len(token) > MOST_DIGITS:
            return words.number(token)
        return words.digits(token) if voice is Voice.PROSE else token
    if voice is not Voice.PROSE and _SHORT.fullmatch(token):
        return token
    return words.token(token)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Runs of letters ("L"), of digits ("N"), of both ("M"), and what stands between them ("")."""
    place = 0
    while place < len(text):
        kinds = {_kind(text[place])}
        stop = place + 1
        while stop < len(text) and bool(_kind(text[stop])) == bool("".join(kinds)):
            kinds.add(_kind(text[stop]))
            stop += 1
        yield ("M" if kinds == {"L", "N"} else "".join(kinds)), text[place:stop]
        place = stop


def _kind(letter: str) -> str:
    if letter in _ORDINALS or "\ufe00" <= letter <= "\ufe0f":
        return ""
    category = unicodedata.category(letter)[0]
    return {"L": "L", "M": "L", "N": "N"}.get(category, "")
