"""Invented words, ids and numbers in the place of real ones, the same for the same all along.

What is invented is a keyed hash of what was there. The key belongs to one recording and is kept
nowhere: from a recording alone nobody finds the way back. Everything invented shows that it is,
so that a check knows it without the key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import blake2b
from typing import Protocol


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# A name is a head, one or more middles and an end; a word of prose a head and a tail. No word of
# any language that the site speaks should come out of them, and no name of a living person.
_HEADS = _words(
    "Brim Caul Drav Elph Fosk Grum Hesk Istr Jorv Kelm Lorg Mirv Nusk Orph Plim Quol Rusk Skam "
    "Trov Ulph Vork Wusk Yolm Zelk"
)
_MIDDLES = _words("ab ed il ov ur am en ib ok ut af ep uz og")
_ENDS = _words("anx ek irp od uth ash eph im orb ull ax evv isk omb urn yll ozz arl")
_PROSE_HEADS = _words(
    "bla cro dwi fle glo hib jun kra lum mop nub plo qui rim sko tam vel wob yib zog"
)
_PROSE_TAILS = _words("bo dle fa gur ka lim mo nep ru sil tu vop")
_NAME = re.compile(
    f"(?:{'|'.join(_HEADS)})(?:{'|'.join(_MIDDLES)})+(?:{'|'.join(_ENDS)})", re.IGNORECASE
)
_PROSE = re.compile(f"(?:{'|'.join(_PROSE_HEADS)})(?:{'|'.join(_PROSE_TAILS)})", re.IGNORECASE)

LEAD_MARK = "Invented0"
THREAD_MARK = "aW52ZW50ZWQ"  # "invented"
TOKEN_MARK = "inv0"  # noqa: S105 - it is the mark of what is no secret
NUMBER_MARK = "9900"
MAIL_DOMAIN = "invented.example"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Words(Protocol):
    """What stands in the place of a personal value. Each answer depends on the value alone."""

    def name(self, word: str) -> str:
        """A word of a name, title, company, place: no two real words become one."""

    def prose(self, word: str) -> str:
        """A word of what somebody wrote: many real words become one, so that nothing leads back."""

    def lead_id(self, value: str) -> str: ...

    def thread_id(self, value: str) -> str: ...

    def token(self, value: str) -> str: ...

    def number(self, digits: str) -> str: ...

    def digits(self, digits: str) -> str:
        """The digits in what somebody wrote."""

    def mail(self, address: str) -> str: ...

    def phone(self, number: str) -> str: ...


class Invented:
    """Words of one recording. *key* is its secret: at least 16 bytes that nobody keeps."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._given: dict[str, dict[str, str]] = {}
        self._taken: set[str] = set()

    def name(self, word: str) -> str:
        return _like(word, self._one("name", word.casefold(), self._name))

    def prose(self, word: str) -> str:
        number = self._hash("prose", word.casefold())
        head, tail = _PROSE_HEADS[number % 20], _PROSE_TAILS[number // 20 % 12]
        return _like(word, head + tail)

    def lead_id(self, value: str) -> str:
        made = self._one("lead", value, lambda number, _: LEAD_MARK + _spelled(number, 24))
        return value[:5] + made

    def thread_id(self, value: str) -> str:
        made = self._one(
            "thread", value.rstrip("="), lambda number, _: THREAD_MARK + _spelled(number, 32)
        )
        return f"2-{made}=="

    def token(self, value: str) -> str:
        return self._one("token", value, lambda number, _: TOKEN_MARK + _spelled(number, 6))

    def number(self, digits: str) -> str:
        return self._one("number", digits, lambda number, _: NUMBER_MARK + f"{number % 10**7:07d}")

    def digits(self, digits: str) -> str:
        number = self._hash("digits", digits)
        return str(number % 9 + 1) + str(number)[1 : len(digits)]

    def mail(self, address: str) -> str:
        made = self._one("mail", address.casefold(), lambda number, _: _spelled(number, 10))
        return f"{made.lower()}@{MAIL_DOMAIN}"

    def phone(self, number: str) -> str:
        return re.sub(r"\d", "0", number)  # nobody's

    def _name(self, number: int, attempt: int) -> str:
        made = ""
        for part in (_HEADS, *[_MIDDLES] * (1 + attempt // 4), _ENDS):
            number, place = divmod(number, len(part))
            made += part[place]
        return made

    def _one(self, kind: str, value: str, make: Callable[[int, int], str]) -> str:
        """The one that *value* was given before, or a new one that no other value has."""
        given = self._given.setdefault(kind, {})
        if value not in given:
            attempt = 0
            made = make(self._hash(kind, value), attempt)
            while f"{kind} {made}" in self._taken:
                attempt += 1
                made = make(self._hash(f"{kind} {attempt}", value), attempt)
            self._taken.add(f"{kind} {made}")
            given[value] = made
        return given[value]

    def _hash(self, kind: str, value: str) -> int:
        digest = blake2b(f"{kind}\0{value}".encode("utf-8", "replace"), key=self._key[:64])
        return int.from_bytes(digest.digest(), "big")


class Inspector:
    """Changes nothing that was invented, and notes everything else."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def name(self, word: str) -> str:
        return self._note("a word that was not invented", word, is_invented(word))

    def prose(self, word: str) -> str:
        return self._note("a word that was not invented", word, is_invented(word))

    def lead_id(self, value: str) -> str:
        return self._note("a lead's id", value, value[5:].startswith(LEAD_MARK))

    def thread_id(self, value: str) -> str:
        return self._note("a thread's id", value, value.startswith(f"2-{THREAD_MARK}"))

    def token(self, value: str) -> str:
        return self._note("an id or a token", value, value.startswith(TOKEN_MARK))

    def number(self, digits: str) -> str:
        return self._note("a number like an id", digits, digits.startswith(NUMBER_MARK))

    def digits(self, digits: str) -> str:
        return digits

    def mail(self, address: str) -> str:
        return self._note("an e-mail address", address, address.endswith(f"@{MAIL_DOMAIN}"))

    def phone(self, number: str) -> str:
        return self._note("a telephone number", number, not set(number) & set("123456789"))

    def _note(self, what: str, value: str, ours: bool) -> str:
        if not ours:
            self.found.append((what, value))
        return value


def is_invented(word: str) -> bool:
    """Whether a word is one of those that are made here."""
    return bool(_NAME.fullmatch(word) or _PROSE.fullmatch(word))


def _like(word: str, made: str) -> str:
    """*made* with the capitals of *word*."""
    if len(word) > 1 and word.isupper():
        return made.upper()
    return made.capitalize() if word[:1].isupper() else made.lower()


def _spelled(number: int, length: int) -> str:
    made = ""
    for _ in range(length):
        number, place = divmod(number, len(_LETTERS))
        made += _LETTERS[place]
    return made
