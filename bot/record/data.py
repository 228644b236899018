"""The JSON that a page fetched: its structure and the site's own values stay, all else goes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from bot.facts import Heard
from bot.record.addresses import address
from bot.record.invented import Words
from bot.record.words import Voice, is_id, with_ids_replaced


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What the site enumerates (site.md, 3 to 6), and the names under which people's words come.
_VALUES = _words(
    "INMAIL INMAIL_ACCEPT INMAIL_DECLINE INMAIL_REPLY MESSAGE LSS_INMAIL NO_RESTRICTION DECLINE "
    "DISABLED UNSUBSCRIBE findCreditGrant"
)
_NAMES = frozenset(("fullName", "firstName", "lastName", "name"))
_PROSE = frozenset(("body", "subject", "systemMessageContent", "summary", "text"))
_KEY = re.compile(r"[a-z_$*][\w$.*]{0,59}")
_URN = re.compile(r"urn:li:([A-Za-z_]{1,40}):(.*)")
_ID = re.compile(r"^(?:ids?|urns?|tokens?)$|(?:Id|Urn|Token)s?$")
_BRACKET = re.compile(r"[\[{\]}]")
_DEEPEST = 100
_LARGEST = 9_999
_MILLISECONDS = range(10**12, 10**13)  # a time: 2001 to 2286

Say = Callable[[str, Voice], str]
"""Replaces a text as it is said in a voice."""


def heard(said: Heard, say: Say, words: Words) -> Heard:
    """What was heard, without anybody in it; an answer that is no JSON loses its text."""
    told = _read(said.body)
    body = ""
    if told is not None:
        body = orjson.dumps(_replaced(told, Voice.NAME, say, words)).decode()
    return Heard(address(said.url, words), said.status, body)


def names_in(said: Heard) -> Iterator[str]:
    """The names of people that an answer tells."""
    waiting = [_read(said.body)]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            yield from (here[key] for key in _NAMES & here.keys() if isinstance(here[key], str))
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)


def _read(body: str) -> Any:
    """A body's document; None for no JSON, or for one deeper than any page's own."""
    depth = 0
    for found in _BRACKET.finditer(body):
        depth += 1 if found[0] in "[{" else -1
        if depth > _DEEPEST:
            return None
    try:
        return orjson.loads(body)
    except ValueError:
        return None


def _replaced(value: Any, voice: Voice, say: Say, words: Words) -> Any:
    """A value, and all that is in it."""
    if isinstance(value, dict):
        return {_key(key, say, words): _of(key, each, say, words) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, voice, say, words) for each in value]
    if isinstance(value, str):
        return _text(value, voice, say, words)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        kept = abs(value) <= _LARGEST or value in _MILLISECONDS
        return value if kept else int(words.number(str(abs(value))))
    return 0.5  # a fraction tells nothing that any reader reads


def _of(key: str, value: Any, say: Say, words: Words) -> Any:
    """The value of a key, which tells what a text in it is."""
    if _ID.search(key) and isinstance(value, str) and not _URN.fullmatch(value):
        return with_ids_replaced(value, words) if is_id(value) else words.token(value)
    if _ID.search(key) and isinstance(value, int) and not isinstance(value, bool):
        return int(words.number(str(abs(value))))
    return _replaced(value, Voice.PROSE if key in _PROSE else Voice.NAME, say, words)


def _key(key: str, say: Say, words: Words) -> str:
    return key if _KEY.fullmatch(key) else _text(key, Voice.NAME, say, words)


def _text(text: str, voice: Voice, say: Say, words: Words) -> str:
    if text in _VALUES:
        return text
    urn = _URN.fullmatch(text)
    if urn is not None:
        inner = urn[2]
        plain = inner in ("(me)", "me")
        return f"urn:li:{urn[1]}:{inner if plain else say(inner, Voice.NAME)}"
    if text.startswith(("http://", "https://", "/sales")):
        return address(text, words)
    return say(text, voice)
