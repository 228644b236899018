"""Where on a page the site itself speaks, letter by letter, and in whose voice the rest is said."""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from bot.pages.document import INLINE, NOT_TEXT
from bot.record.known import KEPT, LONGEST, UNKNOWN, Known
from bot.record.words import Voice

MOST_LEVELS = 6  # as the readers climb
_NEAR = 2
_LONGEST_RAW = 800  # with the blanks of the source: no line is longer
_PROSE = frozenset(("general-blurb", "person-blurb"))
_WRITTEN = frozenset(("textarea", "blockquote"))


class Spoken:
    """What the site says on one page, however many pieces it comes in."""

    def __init__(self, root: LexborNode, known: Known, names: frozenset[str]) -> None:
        self._known, self._names = known, names
        self._masks: dict[int, list[str]] = {}
        seen: set[int] = set()
        for node in root.traverse(include_text=True):
            if node.is_text_node and known.may_speak(node.text(deep=False)):
                self._climb(node, seen)

    def mask(self, node: LexborNode) -> str | None:
        """What is known of a text's letters; None where nothing is."""
        told = self._masks.get(node.mem_id)
        return "".join(told) if told is not None else None

    def _climb(self, node: LexborNode, seen: set[int]) -> None:
        """Look at the elements around a text: any of them may say a known line as a whole."""
        here = node.parent
        for level in range(MOST_LEVELS):
            if here is None or here.mem_id in seen:
                return
            seen.add(here.mem_id)
            if not self._look(here, is_near=level < _NEAR):
                return
            here = here.parent

    def _look(self, element: LexborNode, *, is_near: bool) -> bool:
        """Note what an element says; whether its parents may say something that is known, too."""
        voice = voice_of(element)
        longest = LONGEST if is_near or voice is Voice.PROSE else _LONGEST_RAW
        length = 0
        pieces: list[tuple[LexborNode | None, str]] = []
        for node, text in _pieces(element):
            length += len(text)
            if length > longest:
                return False
            pieces.append((node, text))
        self._note(pieces, voice)
        if element.css_first("time") is not None:
            self._note([p for p in pieces if p[0] is None or not _in_time(p[0], element)], voice)
        return True

    def _note(self, pieces: list[tuple[LexborNode | None, str]], voice: Voice) -> None:
        text = "".join(text for _, text in pieces)
        mask = self._known.mask(text, self._names, interface=voice is Voice.PAGE)
        if mask is None:
            return
        place = 0
        for node, part in pieces:
            if node is not None:
                told = self._masks.setdefault(node.mem_id, [UNKNOWN] * len(part))
                for offset, mark in enumerate(mask[place : place + len(part)]):
                    # A name in a long line may be a line of the site's for itself.
                    if mark == KEPT or told[offset] == UNKNOWN:
                        told[offset] = mark
            place += len(part)


def voice_of(node: LexborNode) -> Voice:
    """In whose voice a text or an element speaks."""
    here: LexborNode | None = node
    while here is not None:
        marks = here.attributes if not here.is_text_node else {}
        marked = marks.get("data-anonymize")
        if marked is not None:
            return Voice.PROSE if marked in _PROSE else Voice.NAME
        if here.tag in _WRITTEN or marks.get("role") == "textbox" or "contenteditable" in marks:
            return Voice.PROSE
        if marks.get("data-x-message-content") == "message":
            return Voice.PROSE
        here = here.parent
    return Voice.PAGE


def _in_time(node: LexborNode, top: LexborNode) -> bool:
    here = node.parent
    while here is not None and here.mem_id != top.mem_id:
        if here.tag == "time":
            return True
        here = here.parent
    return False


def _pieces(element: LexborNode) -> Iterator[tuple[LexborNode | None, str]]:
    """Texts in order, and the breaks between blocks, as a reader sees them."""
    waiting: list[LexborNode | None] = [element]
    while waiting:
        here = waiting.pop()
        if here is None:
            yield None, "\n"
        elif here.is_text_node:
            yield here, here.text(deep=False)
        elif here.tag == "br":
            yield None, "\n"
        elif here.tag not in NOT_TEXT or here.mem_id == element.mem_id:
            if here.tag not in INLINE:
                yield None, "\n"
                waiting.append(None)
            waiting.extend(reversed(list(here.iter(include_text=True))))
