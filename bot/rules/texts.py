"""Texts compared as A12 wants it, and what identifies a text we sent (T1)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

SLOT = "{first_name}"
_HOLE = "\ufdd0"  # stands for the slot while texts are compared: it is no character of any language
_BRACES = re.compile(r"\{\{|\}\}|\{first_name\}")

_QUOTES = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "‛": "'", "`": "'", "´": "'", "ʼ": "'", "′": "'"}
    | {"“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"'}
)
_SOFT_HYPHEN = "\u00ad"  # no page shows it, so it does not tell two texts apart
# They hide no wish to be left alone (soft hyphen, zero-width space, word joiner, byte order mark).
# A text with one of the last three in it is not the site's own, though it looks so.
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")
_SENTENCE = re.compile(r"[.!?…]+|\n")
_GREETING = re.compile(r"^[^\s,]{1,30}( [^\s,]{1,30}){0,3} ?[,:;–-]\s*")
# What may stand in a wish to be left alone, and says nothing.
_FILLERS = frozenset(("bitte", "ever", "please"))
_WORD = re.compile(r"[\w']+")
_ANY_NAME = r"[^\W\d_][\w'\-]{0,39}"


@lru_cache(maxsize=1024)
def normalise(text: str) -> str:
    """NFKC, plain quotes, single spaces, no final full stop: what a text's hash is made of (T1).

    It stays as it is, for hashes are kept.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_QUOTES).replace(_SOFT_HYPHEN, "")
    return " ".join(folded.split()).removesuffix(".").rstrip()


@lru_cache(maxsize=1024)
def comparable(text: str) -> str:
    """What a person wrote, as A12 compares it: normalise() with every sign for an apostrophe.

    Unicode's form alone would make two characters of an accent that stands for one.
    """
    return normalise(text.translate(_QUOTES))


def is_blank(text: str | None) -> bool:
    """Whether there is nothing in a text that anybody could see."""
    kinds = (unicodedata.category(char) for char in text or "")
    return all(kind[0] in "ZC" for kind in kinds)


@lru_cache(maxsize=1024)
def text_hash(text: str) -> str:
    """The identity of a text we sent (T1): hex SHA-256 of its normalised form."""
    return sha256(normalise(text).encode()).hexdigest()


def is_default(text: str, defaults: Iterable[str], owner_first_name: str | None) -> bool:
    """Whether *text* is one of the site's default texts (A12).

    Without the owner's name one word may stand in its place: the site puts a first name there,
    and whoever changes nothing else has written nothing of their own.
    """
    plain, shapes = comparable(text), map(_opened, defaults)
    if owner_first_name:
        return any(plain == comparable(d.replace(_HOLE, owner_first_name)) for d in shapes)
    patterns = (re.escape(comparable(d)).replace(_HOLE, _ANY_NAME) for d in shapes)
    return any(re.fullmatch(pattern, plain) for pattern in patterns)


def literal(text: str) -> str:
    """*text* as a default text that means itself: its braces, doubled, are no slots."""
    return text.replace("{", "{{").replace("}", "}}")


@lru_cache(maxsize=1024)
def _opened(default: str) -> str:
    """A default text with a hole for the name, and its doubled braces single."""
    bare = default.replace(_HOLE, "")
    return _BRACES.sub(lambda found: _HOLE if found[0] == SLOT else found[0][0], bare)


@lru_cache(maxsize=64)
def default_sentences(defaults: tuple[str, ...]) -> frozenset[str]:
    """The sentences of default texts, without those that hold the slot, or a greeting with it."""
    found: set[str] = set()
    for text in map(_opened, defaults):
        greeting = _GREETING.match(text)
        bare = greeting is not None and _HOLE in greeting[0]
        found |= _parts_of(_GREETING.sub("", text) if bare else text)
    return frozenset(found)


def sentences(text: str) -> frozenset[str]:
    """The sentences of a text, compared without case; a greeting is none."""
    return frozenset(_parts_of(text) | _parts_of(_GREETING.sub("", text.strip())))


def _parts_of(text: str) -> set[str]:
    folded = unicodedata.normalize("NFKC", text.translate(_QUOTES)).translate(_QUOTES).strip()
    parts = (" ".join(part.split()).strip(" ,;:-") for part in _SENTENCE.split(folded))
    return {part.casefold() for part in parts if " " in part and _HOLE not in part}


def whole_words(text: str) -> str:
    """The words of a text between single spaces, to be compared as whole words.

    Without accents, as many write, and without please.
    """
    letters = unicodedata.normalize("NFD", comparable(_UNSEEN.sub("", text)).casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return f" {' '.join(word for word in _WORD.findall(plain) if word not in _FILLERS)} "


@lru_cache(maxsize=64)
def phrases(known: tuple[str, ...]) -> tuple[str, ...]:
    """The words of each phrase, as whole_words() gives them."""
    return tuple(map(whole_words, known))
