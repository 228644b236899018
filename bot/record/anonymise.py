"""A page without the people in it (pure): what may stay is listed, everything else is replaced.

The readers read the same on the page that comes out as on the one that went in, but for whom it is
about. What the site marks as personal (`data-anonymize`) tells first which words are somebody's
name; they are then told apart wherever they stand, in labels and in what people wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from selectolax.lexbor import LexborNode

from bot.facts import Snapshot
from bot.pages.bounded import tree_of
from bot.pages.scan import shown
from bot.pages.texts import fold
from bot.record import data
from bot.record.addresses import address
from bot.record.invented import Words
from bot.record.known import Known
from bot.record.markup import Attributes, written
from bot.record.spoken import Spoken, voice_of
from bot.record.words import Voice, name_words, replaced

_NAMED = '[data-anonymize="person-name"], [data-x--lead--name]'
_PICTURED = '[data-anonymize="headshot-photo"][alt]'
_OWNER = '[data-control-name="view_user_menu_from_app_header"], [data-x--dropdown-trigger--user]'


class Anonymiser:
    """Replaces people in the pages of one recording: the same person is the same on all of them.

    words  of this recording
    known  the site's own words
    owner  what is known of the seat's owner: names that are to be found everywhere
    """

    def __init__(self, words: Words, known: Known, owner: Iterable[str] = ()) -> None:
        self._words = words
        self._known = known
        self._names: frozenset[str] = frozenset()
        self._name_words: frozenset[str] = frozenset()
        self._learn(owner)

    def snapshot(self, page: Snapshot) -> Snapshot:
        """The page, its address and what it fetched, without the people in it."""
        tree = tree_of(shown(page.html))
        assert tree.root is not None, "a page that was read has a root"
        here = self._learn(_names_on(tree.root, page))
        heard = tuple(data.heard(each, self.text, self._words) for each in page.heard)
        url = address(page.url, self._words) if page.url is not None else None
        return replace(page, html=self._page(tree.root, here), url=url, heard=heard)

    def text(self, text: str, voice: Voice) -> str:
        """A text that stands for itself."""
        mask = None
        if voice is not Voice.NAME and self._known.may_speak(text):
            interface = voice is Voice.PAGE
            mask = self._known.mask(text, self._names, interface=interface)
        return replaced(text, self._words, voice, self._name_words, mask)

    def _learn(self, names: Iterable[str]) -> frozenset[str]:
        """Know these names from here on; what they are in plain letters."""
        plain = frozenset(filter(None, map(fold, names)))
        if not plain <= self._names:
            self._names |= plain
            self._name_words |= {word for name in plain for word in name_words(name)}
        return plain

    def _page(self, root: LexborNode, here: frozenset[str]) -> str:
        spoken = Spoken(root, self._known, self._names)
        attributes = Attributes(self._words, self.text, here, self._name_words)

        def said(node: LexborNode) -> str:
            text = node.text(deep=False)
            if not text.strip():
                return text
            voice = voice_of(node)
            mask = spoken.mask(node) if voice is not Voice.NAME else None
            return replaced(text, self._words, voice, self._name_words, mask)

        return written(root, said, attributes.of)


def _names_on(root: LexborNode, page: Snapshot) -> Iterator[str]:
    """The names that a page marks or fetched, before anything on it is replaced."""
    for node in root.css(_NAMED):
        yield node.text()
    for node in root.css(_PICTURED):
        yield node.attributes.get("alt") or ""
    for node in root.css(_OWNER):
        if not node.css(_NAMED):
            yield node.text()
    for said in page.heard:
        yield from data.names_in(said)
