"""Makes templates of the fixtures: the one source of markup (design.md).

A fixture shows an invented person. Its values are taken out, by hook where a hook marks them
and by their text elsewhere, and a slot stands in their place: one private-use character.
Filling is one pass over the text, and every value is escaped: it stays text whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from html import escape
from zlib import crc32

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.errors import WorkFailed
from bot.practice.pages import Source

_HASHED = re.compile(r"(?<=[\s\"'])(_[a-z][a-z-]*)_([a-z0-9]{5,6})(?=[\s\"'])")
_EMBER = re.compile(r"(?<![a-z])ember(\d+)")
_NUMBER = re.compile(r"\d+(?!.*\d)", re.DOTALL)


class Slot(IntEnum):
    """What can stand in a template; the number is the character that keeps its place."""

    NAME = 0xE001
    FIRST_NAME = 0xE002
    LEAD_ID = 0xE003
    TOKEN = 0xE004
    TITLE = 0xE005
    COMPANY = 0xE006
    LOCATION = 0xE007
    HEADLINE = 0xE008
    DEGREE = 0xE009
    CREDITS = 0xE00A
    OWNER = 0xE00B
    SUBJECT = 0xE00C
    TEXT = 0xE00D
    BODY = 0xE014  # finished markup: a text with its line breaks
    PAGE = 0xE015
    LISTING = 0xE017
    PAGES = 0xE016  # finished markup
    TIME = 0xE00E
    TIME_SHOWN = 0xE00F
    THREAD_ID = 0xE010
    ITEMS = 0xE011  # holds finished markup, not text
    ACTIVE = 0xE013
    MORE = 0xE012  # likewise

    @property
    def mark(self) -> str:
        return chr(self)


_FINISHED = frozenset((Slot.ITEMS, Slot.MORE, Slot.BODY, Slot.PAGES))


class Template:
    """Markup with slots."""

    def __init__(self, text: str) -> None:
        self.text = text

    def slotted(self, *pairs: tuple[str, Slot]) -> Template:
        """The same with each text that is not empty replaced by its slot, longest first."""
        text = self.text
        for old, slot in sorted(pairs, key=lambda pair: -len(pair[0])):
            text = text.replace(old, slot.mark) if old else text
        return Template(text)

    def slotted_word(self, word: str, slot: Slot) -> Template:
        """The same with a whole word replaced by a slot."""
        if not word:
            return self
        return Template(re.sub(rf"\b{re.escape(word)}\b", slot.mark, self.text))

    def fill(self, values: Mapping[Slot, str], *, render: int = 0) -> str:
        """The markup with *values*; ember numbers differ from one *render* to the next."""
        text = _EMBER.sub(lambda found: f"ember{int(found[1]) + render * 37}", self.text)
        table = {
            int(slot): value if slot in _FINISHED else escape(value)
            for slot, value in values.items()
        }
        return text.translate(table)


class Fixture:
    """A page of fixtures/ while slots are put into it."""

    def __init__(self, source: Source, build: int) -> None:
        self.place, self.url = source.place, source.url
        self._tree = LexborHTMLParser(_renamed(source.html, build))
        self.drop("script, img, link, iframe, base")
        for node in self.all("[data-leadwright-hidden]"):
            # What nobody saw when it was recorded: the site's own style sheet is not there.
            del node.attrs["data-leadwright-hidden"]
            node.attrs["hidden"] = ""

    def all(self, css: str, inside: LexborNode | None = None) -> list[LexborNode]:
        """Every match, in the page's order."""
        return (inside or self._tree).css(css)

    def maybe(self, css: str, inside: LexborNode | None = None) -> LexborNode | None:
        """The first match, if there is one."""
        return (inside or self._tree).css_first(css)

    def one(self, css: str, inside: LexborNode | None = None) -> LexborNode:
        """The first match. Raises WorkFailed if the fixture has none: nothing could be shown."""
        found = self.maybe(css, inside)
        if found is None:
            raise WorkFailed(f"{self.place} has no {css}")
        return found

    def text(self, css: str, inside: LexborNode | None = None) -> str:
        """What the first match says. Raises WorkFailed as `one` does."""
        return " ".join(self.one(css, inside).text().split())

    def maybe_text(self, css: str, inside: LexborNode | None = None) -> str:
        """What the first match says, empty if there is none."""
        found = self.maybe(css, inside)
        return " ".join(found.text().split()) if found is not None else ""

    def put(self, css: str, slot: Slot, inside: LexborNode | None = None) -> None:
        """Let every match hold the slot instead of its text."""
        for node in self.all(css, inside):
            node.inner_html = slot.mark

    def drop(self, css: str, inside: LexborNode | None = None) -> None:
        """Take every match out."""
        for node in self.all(css, inside):
            node.decompose()

    def empty(self, css: str) -> None:
        """Take out what stands in every match."""
        for node in self.all(css):
            node.inner_html = ""

    def replace_all(self, nodes: list[LexborNode], slot: Slot) -> None:
        """Let one slot stand in the place of all *nodes*, where the first of them stood."""
        nodes[0].insert_before(slot.mark)
        for node in nodes:
            node.decompose()

    def template(self) -> Template:
        """The whole body."""
        body = self._tree.body
        assert body is not None, "the parser makes a body"
        return Template(body.inner_html or "")


def number_slot(text: str, slot: Slot) -> str:
    """*text* with its last number made a slot: "Use 1 of 23 credits"."""
    return _NUMBER.sub(slot.mark, text, count=1)


def _renamed(html: str, build: int) -> str:
    """Hashed class names as another build of the site has them."""

    def other(found: re.Match[str]) -> str:
        return f"{found[1]}_{crc32(f'{build}{found[0]}'.encode()):08x}"[: len(found[0])]

    return _HASHED.sub(other, html)
