"""Writes a page anew: every element, and of their attributes what is known to be nobody's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from html import escape

from selectolax.lexbor import LexborNode

from bot.record.addresses import address, captcha
from bot.record.invented import Words
from bot.record.words import Voice, with_ids_replaced


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_VOID = _words("area base br col embed hr img input link meta source track wbr")
# Their content is code, or is fetched, or is what a page without scripts shows.
_DROPPED = _words("script style template noscript base object embed source track -comment")
_LINKS = frozenset(("href", "action", "formaction", "xlink:href"))
_SPOKEN = _words(
    "aria-label alt title placeholder label summary aria-roledescription aria-description"
    " aria-valuetext aria-placeholder data-tooltip"
)
# Attributes of the page's own build that the readers look at (site.md), by how they begin.
_HOOKS = ("data-x-", "data-sn-", "data-control-", "data-anchor-", "data-test-", "data-sales-")
_ENUMERATED = re.compile(r"[a-z][a-z0-9_./:-]{0,59}|[A-Z_]{1,30}|\d{1,4}(?:x\d{1,4})?")
_COUNTED = re.compile(r"[a-z][a-z_-]{0,29}|\d{1,4}(?:x\d{1,4})?")
# Nobody writes into these but the site's own build.
_BUILT = _words(
    "type role width height size hidden lang dir rel tabindex rows cols autocomplete charset "
    "disabled checked selected readonly required multiple method name for id maxlength "
    "minlength inputmode loading colspan rowspan scope spellcheck d fill stroke points viewbox "
    "viewBox xmlns focusable datetime is contenteditable open transform cx cy r x y x1 x2 y1 y2 "
    "rx ry class data-anonymize"
)
_ARIA_REFS = _words(
    "aria-labelledby aria-describedby aria-controls aria-owns aria-activedescendant"
)
_NAME = re.compile(r"[a-zA-Z_:@][\w:.@-]{0,59}")
_PLAIN = re.compile(r"[\w\-:./ %#,]{0,200}", re.ASCII)
_WORD = re.compile(r"[a-z]+|[A-Z][A-Za-z]*|[A-Z]+", re.ASCII)
_DATE = re.compile(r"[\dT:.+Z -]{4,40}")
_DRAWN = re.compile(r"[\w\s,.()#-]{0,4000}", re.ASCII)
_HIDES = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))", re.IGNORECASE)
_DRAWINGS = frozenset(("d", "points", "transform", "viewBox", "viewbox"))
_PARTS = re.compile(r"[^A-Za-z0-9]+")


def written(
    root: LexborNode,
    said: Callable[[LexborNode], str],
    attributes: Callable[[LexborNode], dict[str, str | None]],
) -> str:
    """The page as HTML: *said* gives each text, *attributes* those of an element.

    Not recursive: a page may nest deeper than Python does.
    """
    parts = ["<!DOCTYPE html>"]
    waiting: list[LexborNode | str] = [root]
    while waiting:
        here = waiting.pop()
        if isinstance(here, str):
            parts.append(here)
        elif here.is_text_node:
            parts.append(escape(said(here), quote=False))
        elif (tag := here.tag or "") and _stays(here):
            marks = attributes(here)
            parts.append(f"<{tag}{''.join(_spelled(marks))}>")
            if tag not in _VOID:
                waiting.append(f"</{tag}>")
                waiting.extend(reversed(list(here.iter(include_text=True))))
    return "".join(parts)


def _stays(node: LexborNode) -> bool:
    tag, marks = node.tag or "", node.attributes
    if tag == "link":
        return marks.get("rel") == "canonical"
    if tag == "meta":
        return "charset" in marks
    return tag not in _DROPPED and re.fullmatch(r"[a-zA-Z][a-zA-Z0-9-]{0,40}", tag) is not None


def _spelled(marks: dict[str, str | None]) -> Iterator[str]:
    for name, value in marks.items():
        yield f" {name}" if value is None else f' {name}="{escape(value)}"'


class Attributes:
    """What stays of an element's attributes.

    say    replaces a text
    names  those on this page
    parts  the words of all known names, in lower case
    """

    def __init__(
        self,
        words: Words,
        say: Callable[[str, Voice], str],
        names: frozenset[str],
        parts: frozenset[str],
    ) -> None:
        self._words, self._say, self._parts = words, say, parts
        slugs = ("[^a-z0-9]?".join(map(re.escape, each.lower().split())) for each in names)
        long = sorted(slug for slug in slugs if "?" in slug)
        self._slugs = re.compile("|".join(long) or r"(?!)", re.IGNORECASE)

    def of(self, node: LexborNode) -> dict[str, str | None]:
        """The attributes that stay, with what stays of their values."""
        kept: dict[str, str | None] = {}
        for name, value in node.attributes.items():
            if not _NAME.fullmatch(name) or name.startswith("on") or not self._is_built(name):
                continue
            made = self._value(node, name, value or "")
            if made is not None:
                kept[name] = made if value is not None else None
        return kept

    def _value(self, node: LexborNode, name: str, value: str) -> str | None:
        """A value in its place; None drops the attribute."""
        if not value:
            return value
        if name in _LINKS:
            return address(value, self._words)
        if name == "src":
            return captcha(value) if node.tag == "iframe" else None
        if name in _SPOKEN:
            return self._say(value, _voice(node))
        if name == "value":
            return self._field(node, value)
        if name == "style":
            return ";".join(_HIDES.findall(value)) or None
        if name == "class":
            return " ".join(each for each in value.split() if self._is_built(each))
        if name in _DRAWINGS:
            return value if _DRAWN.fullmatch(value) else None
        if name == "datetime":
            return value if _DATE.fullmatch(value) else None
        if name in _BUILT or name in _ARIA_REFS:
            return self._other(value)
        if name.startswith(("aria-", "data-")):
            return self._unknown(name, value)
        return None

    def _field(self, node: LexborNode, value: str) -> str:
        """What stands in a field: typed words are somebody's, hidden ones are the site's keys."""
        kind = (node.attributes.get("type") or "text").lower()
        return self._say(value, Voice.PROSE) if kind in ("text", "search") else ""

    def _other(self, value: str) -> str:
        """A value of the page's own make: ids in it go, and all of it where it may be anything."""
        made = with_ids_replaced(value, self._words)
        if made != value:
            return made if self._is_urn(made) else self._words.token(value)
        if self._is_urn(value) or (_PLAIN.fullmatch(value) and self._is_built(value)):
            return value
        return self._words.token(value)

    def _unknown(self, name: str, value: str) -> str:
        """A value of an attribute that may hold anything: an enumerated word stays."""
        pattern = _ENUMERATED if name.startswith(_HOOKS) else _COUNTED
        said = {part.lower() for part in _PARTS.split(value)}
        if pattern.fullmatch(value) and self._is_built(value) and said.isdisjoint(self._parts):
            return value
        made = with_ids_replaced(value, self._words)
        return made if self._is_urn(made) else self._words.token(value)

    def _is_urn(self, value: str) -> bool:
        return re.fullmatch(r"urn:li:[A-Za-z_]{1,40}:\([\w,-]+\)", value) is not None

    def _is_built(self, value: str) -> bool:
        """Whether a word is of the site's build: no id, no number of somebody, nobody's name."""
        parts = _PARTS.split(value)
        return not any(map(_is_id, parts)) and self._slugs.search(value) is None


def _voice(node: LexborNode) -> Voice:
    """A label is the page's, but where the site marks its element as somebody's."""
    return Voice.NAME if "data-anonymize" in node.attributes else Voice.PAGE


@lru_cache(maxsize=4096)
def _is_id(part: str) -> bool:
    """Whether a run of letters and digits looks like an id: long and mixed, or a long number."""
    if re.fullmatch(r"[a-z]+\d{1,6}", part):
        return False  # "ember1234"
    digits = sum(map(str.isdigit, part))
    if digits:
        return digits > 5 or len(part) > 8
    turns = len(re.findall(r"[a-z][A-Z]", part))
    return len(part) > 14 and turns > 3
