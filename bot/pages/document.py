"""A snapshot as a tree that holds only what is visible, and the questions readers put to it.

Hidden is an element that has, or stands in one that has, `hidden`, `aria-hidden="true"`, an inline
`display:none` or `visibility:hidden`, or the snapshot's own mark. A degree that only screen readers
are kept from is shown: people see it, and a copy in words is read aloud (site.md, 2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cached_property, partial

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.errors import LayoutChanged, WrongPage
from bot.facts import Snapshot
from bot.pages.bounded import tree_of
from bot.pages.css import around, select
from bot.pages.scan import refuse, shown
from bot.pages.selectors import Selectors
from bot.pages.texts import Say, Texts

# The site's lines are short, and so are the paragraphs in which it says why it stops somebody.
LONGEST_LINE = 240
LONGEST_PARAGRAPH = 2_000
MOST_LEVELS = 6
# What a hook says is short, and few elements say it: more is a page that is broken, and reading it
# would take a time that grows with the square of its size.
LONGEST_TEXT = 5_000
MOST_ALIKE = 200
MOST_MATCHES = 10_000
MOST_PLACES = 2_000
MOST_PARTS = 200_000

_UNSEEN = (
    '[hidden], [aria-hidden="true" i], [data-leadwright-hidden], '
    "script, style, template, noscript, title, select"
)
_NOT_READ_ALOUD = '[aria-hidden="true" i]'
_STYLE_HIDES = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))\b", re.IGNORECASE
)
INLINE = frozenset(
    re.findall(
        r"\S+",
        "a abbr b bdi bdo cite code data em font i img kbd label li-icon mark q s small span "
        "strong sub sup svg time u var wbr",
    )
)
NOT_TEXT = frozenset(("textarea", "select", "iframe", "-comment"))
_INDENT = re.compile(r"\n[ \t\r\f]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A place where the site itself speaks. `node` is the smallest element that says it all."""

    node: LexborNode
    text: str
    match: re.Match[str]


class Document:
    """A parsed page without what is hidden."""

    def __init__(self, snapshot: Snapshot, tree: LexborHTMLParser, selectors: Selectors) -> None:
        self.snapshot = snapshot
        self.selectors = selectors
        self.root = _root(tree)
        self.found: dict[tuple[str, str], int] = {}  # by hook, the best spelling that matched
        self._sayable: dict[Say, bool] = {}
        self._parts_read = 0
        self._tree = tree  # the nodes live as long as it does

    def all(self, page: str, key: str, scope: LexborNode | None = None) -> list[LexborNode]:
        """The visible matches, in document order, of the newest spelling that has any.

        Raises LayoutChanged where there are more than any page of the site has.
        """
        inside = scope if scope is not None else self.root
        name = (page, key)
        for spelling, css in enumerate(self.selectors.css(page, key)):
            # A list of selectors gives an element once for each of them that it matches.
            found = {node.mem_id: node for node in select(inside, css)}
            if len(found) > MOST_MATCHES:
                raise LayoutChanged(page, key, f"{len(found)} matches")
            if found:
                if spelling < self.found.get(name, spelling + 1):
                    self.found[name] = spelling
                return list(found.values())
        return []

    def few(self, page: str, key: str, scope: LexborNode | None = None) -> list[LexborNode]:
        """The matches where their texts are asked for one by one. Raises LayoutChanged for many."""
        return few(page, key, self.all(page, key, scope))

    def union(self, page: str, key: str) -> list[LexborNode]:
        """The visible matches of all spellings together, as a click sees them."""
        found = (node for css in self.selectors.css(page, key) for node in select(self.root, css))
        return list({node.mem_id: node for node in found}.values())

    def has(self, page: str, key: str, scope: LexborNode | None = None) -> bool:
        """Whether there is any visible match."""
        return bool(self.all(page, key, scope))

    def said(self, page: str, key: str, scope: LexborNode | None = None) -> str | None:
        """What the matches say, all the same; None if nothing is said, or two different things."""
        texts = self._texts(page, key, scope)
        return texts.pop() if len(texts) == 1 else None

    def one(self, page: str, key: str, scope: LexborNode | None = None) -> str:
        """What the matches say. Raises LayoutChanged if they say nothing, or different things."""
        texts = self._texts(page, key, scope)
        if len(texts) == 1:
            return texts.pop()
        raise LayoutChanged(page, key, f"{len(texts)} different texts" if texts else "no text")

    def _texts(self, page: str, key: str, scope: LexborNode | None) -> set[str]:
        """The texts of a hook's matches; one that is too long to be such a text counts as it is."""
        texts = {text_of(node) for node in self.few(page, key, scope)}
        if any(len(text) > LONGEST_TEXT for text in texts):
            raise LayoutChanged(page, key, f"a text of more than {LONGEST_TEXT} characters")
        return texts - {""}

    @cached_property
    def text(self) -> str:
        """Everything visible, roughly: to look whether a word occurs at all."""
        return self.root.text(separator=" ")

    @cached_property
    def _letters(self) -> str:
        """The same in lower case, and as one: a word may stand there in two elements."""
        return self.root.text(separator="").lower()

    @cached_property
    def written_by_people(self) -> list[LexborNode]:
        """What is never the site's word: messages, previews, posts, headlines, fields (A14)."""
        return self.all("app", "people")

    @cached_property
    def people(self) -> Within:
        """Whether something stands in what people wrote."""
        return Within(self.written_by_people)

    @cached_property
    def _silent(self) -> Within:
        """Where the site does not speak: people's words, and their names."""
        return Within((*self.written_by_people, *self.all("app", "names")))

    @cached_property
    def _texts_in(self) -> dict[int, list[tuple[LexborNode, str]]]:
        """The texts of the scopes in which the site's lines were looked for."""
        return {}

    @cached_property
    def _short_texts(self) -> dict[int, str | None]:
        """The texts of elements that may be a line, without dates; None for a longer one."""
        return {}

    @cached_property
    def _mixed(self) -> set[int]:
        """What holds people's words: such an element as a whole is not a line of the site."""
        return around(self.written_by_people)

    def lines(
        self,
        scope: LexborNode,
        texts: Texts,
        say: Say,
        *,
        whole: bool = True,
        by_anyone: bool = False,
    ) -> list[Line]:
        """Where the site says *say* in *scope*, in document order.

        A name or a date may be a part of a line; what people wrote never is (A14), unless it is
        asked for (*by_anyone*). Where not the *whole* line is known, it is enough that a wording
        stands in it.

        Raises LayoutChanged for a page in which it might stand in thousands of places.
        """
        starts = texts.starts(say)
        if not self._may_say(texts, say):
            return []
        match = texts.match if whole else texts.find
        found: dict[int, Line] = {}
        seen: set[int] = set()
        for node, said in self._text_nodes(scope):
            if not starts.search(said):
                continue
            parent = node.parent
            if parent is None or parent.mem_id in seen:
                continue
            if not by_anyone and self._silent.holds(parent):
                continue
            seen.add(parent.mem_id)
            if len(seen) > MOST_PLACES:
                raise LayoutChanged("page", say, f"more than {MOST_PLACES} places to look at")
            longest = LONGEST_LINE if whole else LONGEST_PARAGRAPH
            mixed = frozenset[int]() if by_anyone else self._mixed
            line = self._line_around(parent, scope, partial(match, say), longest, mixed)
            if line is not None:
                found.setdefault(line.node.mem_id, line)
        return list(found.values())

    def _may_say(self, texts: Texts, say: Say) -> bool:
        """Whether the words of *say* occur on the page at all, looked for once."""
        if say not in self._sayable:
            self._sayable[say] = texts.may_say(say, self._letters)
        return self._sayable[say]

    def _text_nodes(self, scope: LexborNode) -> list[tuple[LexborNode, str]]:
        """The texts in *scope* that hold more than spaces, in document order, looked for once."""
        if scope.mem_id not in self._texts_in:
            nodes = (node for node in scope.traverse(include_text=True) if node.is_text_node)
            texts = ((node, node.text(deep=False)) for node in nodes)
            self._texts_in[scope.mem_id] = [each for each in texts if not each[1].isspace()]
        return self._texts_in[scope.mem_id]

    def _line_around(
        self,
        parent: LexborNode,
        scope: LexborNode,
        match: Callable[[str], re.Match[str] | None],
        longest: int,
        mixed: AbstractSet[int],
    ) -> Line | None:
        """The nearest element that says a known line, from the *parent* of a text upwards."""
        here: LexborNode | None = parent
        for _ in range(MOST_LEVELS):
            if here is None or here.tag in NOT_TEXT or here.mem_id in mixed:
                return None
            said = self._short_text(here)
            if said is None or len(said) > longest:
                return None
            known = match(said)
            if known is not None:
                return Line(here, said, known)
            if here.mem_id == scope.mem_id:
                return None
            here = here.parent
        return None

    def _short_text(self, node: LexborNode) -> str | None:
        """The text of what may be a line, looked for once; None if it is too long for one."""
        if node.mem_id not in self._short_texts:
            said = _joined(self._counted(node), LONGEST_PARAGRAPH)
            self._short_texts[node.mem_id] = said if len(said) <= LONGEST_PARAGRAPH else None
        return self._short_texts[node.mem_id]

    def _counted(self, node: LexborNode) -> Iterator[str | _Break]:
        """What stands in *node*, without dates. Elements in elements are read again and again."""
        for part in _parts(node, (), without_tag="time"):
            self._parts_read += 1
            if self._parts_read > MOST_PARTS:
                raise LayoutChanged("page", "text", f"more than {MOST_PARTS} parts of lines")
            yield part


class Within:
    """Whether an element stands in one of some elements, or is one; each is looked up once."""

    def __init__(self, nodes: Iterable[LexborNode]) -> None:
        self._known = {node.mem_id: True for node in nodes}

    def holds(self, node: LexborNode | None) -> bool:
        """Whether *node* stands in one of them, or is one of them."""
        path: list[int] = []
        while node is not None and node.mem_id not in self._known:
            path.append(node.mem_id)
            node = node.parent
        found = node is not None and self._known[node.mem_id]
        self._known.update(dict.fromkeys(path, found))
        return found

    def add(self, node: LexborNode) -> None:
        """One more; what stands in it must not have been asked for yet."""
        self._known[node.mem_id] = True


def _root(tree: LexborHTMLParser) -> LexborNode:
    if tree.root is None:
        raise WrongPage("page", "html", "there is nothing in it")
    return tree.root


def parse(snapshot: Snapshot, selectors: Selectors) -> Document:
    """Parse a page and drop what is hidden.

    Raises WrongPage for what is no page: empty, binary, more than 5 MB or 200,000 elements, or
    nested absurdly, or such as the parser would need hundreds of MB for.
    """
    refuse(snapshot.html)
    tree = tree_of(shown(snapshot.html))
    root = _root(tree)
    for node in root.css("[style]"):
        if _STYLE_HIDES.search(node.attributes.get("style") or ""):
            node.attrs["hidden"] = ""
    _show_degrees(root, selectors)
    for node in outermost(root.css(_UNSEEN)):
        if node.tag == "html":
            raise WrongPage("page", "html", "the whole page is hidden")
        node.decompose()
    return Document(snapshot, tree, selectors)


def _show_degrees(root: LexborNode, selectors: Selectors) -> None:
    """What says the degree is seen, though it is not read aloud; what it stands in decides, too."""
    for css in selectors.css("app", "degree"):
        for node in outermost(select(root, css)):
            for each in (node, *node.css(_NOT_READ_ALOUD)):
                if (each.attributes.get("aria-hidden") or "").lower() == "true":
                    del each.attrs["aria-hidden"]


def outermost(nodes: Iterable[LexborNode]) -> list[LexborNode]:
    """Those of *nodes* (in document order) that stand in no other of them."""
    seen = Within(())
    found = []
    for node in nodes:
        if not seen.holds(node.parent):
            found.append(node)
        seen.add(node)
    return found


def outside(nodes: Iterable[LexborNode], others: Iterable[LexborNode]) -> list[LexborNode]:
    """Those of *nodes* that stand in none of *others*, and are none of them."""
    within = Within(others)
    return [node for node in nodes if not within.holds(node)]


def few(page: str, key: str, nodes: list[LexborNode]) -> list[LexborNode]:
    """*nodes*, whose texts may be asked for one by one: they may stand in each other.

    Raises LayoutChanged where there are more than any page of the site has.
    """
    if len(nodes) > MOST_ALIKE:
        raise LayoutChanged(page, key, f"{len(nodes)} matches")
    return nodes


def is_inside(node: LexborNode, others: Iterable[LexborNode]) -> bool:
    """Whether *node* stands in one of *others*, or is one of them."""
    return Within(others).holds(node)


def text_of(
    node: LexborNode,
    without: Iterable[LexborNode] = (),
    *,
    most: int = LONGEST_TEXT,
) -> str:
    """The visible text in one line; what stands in fields and in *without* is left out.

    most  a text of more letters is not read to its end, but a little beyond that number
    """
    return _joined(_parts(node, without), most)


def _joined(parts: Iterable[str | _Break], most: int) -> str:
    said: list[str] = []
    letters = 0
    for part in parts:
        words = part if isinstance(part, str) else " "
        said.append(words)
        letters += len("".join(words.split()))
        if letters > most:
            break
    return " ".join("".join(said).split())


def body_of(node: LexborNode, without: Iterable[LexborNode] = ()) -> str:
    """A message as it was written, line by line: <br> and the borders of blocks break lines.

    A line break in the source counts too, as the site may show it, unless it is an indent.
    """
    text = ""
    for part in _parts(node, without):
        if part is _Break.LINE or (part is _Break.BLOCK and not text.endswith("\n")):
            text = text.rstrip(" \n") + "\n" * (1 + text.endswith("\n"))
        elif isinstance(part, str):
            plain = _INDENT.sub(" ", part) if part.strip() else " "
            text += plain.lstrip() if text.endswith("\n") else plain
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()


class _Break(Enum):
    LINE = "<br>"
    BLOCK = "the border of a block"


def _parts(
    node: LexborNode, without: Iterable[LexborNode], without_tag: str = ""
) -> Iterator[str | _Break]:
    """Texts and breaks in order. Not recursive: a page may nest deeper than Python does."""
    skipped = {each.mem_id for each in without}
    waiting = [(iter((node,)), False)]
    while waiting:
        nodes, is_block = waiting[-1]
        here = next(nodes, None)
        if here is None:
            waiting.pop()
            if is_block:
                yield _Break.BLOCK
        elif here.is_text_node:
            yield here.text(deep=False)
        elif here.tag == "br":
            yield _Break.LINE
        elif here.tag not in NOT_TEXT and here.tag != without_tag and here.mem_id not in skipped:
            is_block = here.tag not in INLINE
            if is_block:
                yield _Break.BLOCK
            waiting.append((here.iter(include_text=True), is_block))


def time_of(node: LexborNode) -> datetime | None:
    """A <time>'s moment in UTC; None if it does not say one with its offset."""
    said = (node.attributes.get("datetime") or "").strip()
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return _from_milliseconds(said)
    return moment.astimezone(UTC) if moment.tzinfo is not None else None


def _from_milliseconds(said: str) -> datetime | None:
    if not said.isascii() or not said.isdigit() or not 12 <= len(said) <= 14:
        return None
    return datetime.fromtimestamp(int(said) / 1000, UTC)


def is_enabled(button: LexborNode) -> bool:
    """Whether a button can be clicked."""
    marks = button.attributes
    off = "disabled" in marks or (marks.get("aria-disabled") or "").lower() == "true"
    fieldset = button.parent
    while fieldset is not None and not off:
        off = fieldset.tag == "fieldset" and "disabled" in fieldset.attributes
        fieldset = fieldset.parent
    return not off


def value_of(field: LexborNode) -> str:
    """What stands in an input or a textarea."""
    if field.tag == "input":
        return field.attributes.get("value") or ""
    return field.text()
