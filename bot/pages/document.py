"""A snapshot as a tree that holds only what is visible, and the questions readers put to it.

Hidden is an element that has, or stands in one that has, `hidden`, `aria-hidden="true"`, an inline
`display:none` or `visibility:hidden`, or the snapshot's own mark.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cached_property, partial

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.errors import LayoutChanged, WrongPage
from bot.facts import Snapshot
from bot.pages.selectors import Selectors
from bot.pages.texts import Say, Texts

MOST_BYTES = 5_000_000
# The parser is quadratic in the depth of a page: 4,000 nested elements take it 0.04 s, 10,000 a
# quarter of one, 200,000 six minutes. Few tags cannot nest deeply, so that only a page of many is
# looked through (measured 2026-11; browsers themselves stop at 512).
FEW_TAGS = 10_000
MOST_NESTED = 1_000
# It is quadratic in one element's attributes, too: 100,000 take it 43 s.
MOST_ATTRIBUTES = 1_000
LONG_TAG = 8_000  # characters; a shorter one has few attributes
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
MOST_ELEMENTS = 200_000
# Unicode's normal form takes a time that grows with the square of so many marks on one letter.
MOST_MARKS = 200

_UNSEEN = (
    '[hidden], [aria-hidden="true" i], [data-leadwright-hidden], '
    "script, style, template, noscript, title, select"
)
_STYLE_HIDES = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))\b", re.IGNORECASE
)
_TAG = re.compile(r"<(?:(?P<end>/)?(?P<name>[a-zA-Z][^\s/>]*)|!--)")
_BODY = re.compile(r"<body\b", re.IGNORECASE)
_NOSCRIPT = re.compile(r"<noscript\b", re.IGNORECASE)
_NOSCRIPT_END = re.compile(r"</noscript[^>]*>", re.IGNORECASE)
_LONG_TAG = re.compile(rf"<[^<>]{{{LONG_TAG},}}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
# Elements without an end tag, or whose end tag may be left out: they do not nest in themselves.
_FLAT = frozenset(
    re.findall(
        r"\S+",
        "area base br col embed hr img input link meta source track wbr p li dt dd option optgroup "
        "tr td th thead tbody tfoot colgroup",
    )
)
_RAW = frozenset(("script", "style", "textarea", "title", "iframe"))
INLINE = frozenset(
    re.findall(
        r"\S+",
        "a abbr b bdi bdo cite code data em font i img kbd label li-icon mark q s small span "
        "strong sub sup svg time u var wbr",
    )
)
NOT_TEXT = frozenset(("textarea", "select", "iframe", "-comment"))
_UNSEEN_IN_WORDS = re.compile(r"\u00ad|&shy;|&#173;|&#xad;|<wbr\s*/?>", re.IGNORECASE)
_FOREIGN = re.compile(r"[^\x00-\x7f]{200,}")
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
        self._tree = tree  # the nodes live as long as it does

    def all(self, page: str, key: str, scope: LexborNode | None = None) -> list[LexborNode]:
        """The visible matches, in document order, of the newest spelling that has any.

        Raises LayoutChanged where there are more than any page of the site has.
        """
        inside = scope if scope is not None else self.root
        name = (page, key)
        for spelling, css in enumerate(self.selectors.css(page, key)):
            # A list of selectors gives an element once for each of them that it matches.
            found = {node.mem_id: node for node in inside.css(css)}
            if len(found) > MOST_MATCHES:
                raise LayoutChanged(page, key, f"{len(found)} matches")
            if found:
                if spelling < self.found.get(name, spelling + 1):
                    self.found[name] = spelling
                return list(found.values())
        return []

    def union(self, page: str, key: str) -> list[LexborNode]:
        """The visible matches of all spellings together, as a click sees them."""
        found = (node for css in self.selectors.css(page, key) for node in self.root.css(css))
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
        matches = self.all(page, key, scope)
        if len(matches) > MOST_ALIKE:
            raise LayoutChanged(page, key, f"{len(matches)} matches")
        texts = {text_of(node) for node in matches}
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
        found: set[int] = set()
        for node in self.written_by_people:
            here: LexborNode | None = node
            while here is not None and here.mem_id not in found:
                found.add(here.mem_id)
                here = here.parent
        return found

    def lines(self, scope: LexborNode, texts: Texts, say: Say, *, whole: bool = True) -> list[Line]:
        """Where the site says *say* in *scope*, in document order.

        A name or a date may be a part of a line; what people wrote never is (A14). Where not the
        *whole* line is known, it is enough that a wording stands in it.

        Raises LayoutChanged for a page in which it might stand in thousands of places.
        """
        starts = texts.starts(say)
        if not texts.may_say(say, self._letters):
            return []
        match = texts.match if whole else texts.find
        found: dict[int, Line] = {}
        seen: set[int] = set()
        for node, said in self._text_nodes(scope):
            if not starts.search(said):
                continue
            parent = node.parent
            if parent is None or parent.mem_id in seen or self._silent.holds(parent):
                continue
            seen.add(parent.mem_id)
            if len(seen) > MOST_PLACES:
                raise LayoutChanged("page", say, f"more than {MOST_PLACES} places to look at")
            longest = LONGEST_LINE if whole else LONGEST_PARAGRAPH
            line = self._line_around(parent, scope, partial(match, say), longest)
            if line is not None:
                found.setdefault(line.node.mem_id, line)
        return list(found.values())

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
    ) -> Line | None:
        """The nearest element that says a known line, from the *parent* of a text upwards."""
        here: LexborNode | None = parent
        for _ in range(MOST_LEVELS):
            if here is None or here.tag in NOT_TEXT or here.mem_id in self._mixed:
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
            said = text_of(node, without_tag="time", most=LONGEST_PARAGRAPH)
            self._short_texts[node.mem_id] = said if len(said) <= LONGEST_PARAGRAPH else None
        return self._short_texts[node.mem_id]


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
    nested absurdly.
    """
    refuse(snapshot.html)
    tree = LexborHTMLParser(shown(snapshot.html))
    root = _root(tree)
    for node in root.css("[style]"):
        if _STYLE_HIDES.search(node.attributes.get("style") or ""):
            node.attrs["hidden"] = ""
    for node in outermost(root.css(_UNSEEN)):
        if node.tag == "html":
            raise WrongPage("page", "html", "the whole page is hidden")
        node.decompose()
    return Document(snapshot, tree, selectors)


def shown(html: str) -> str:
    """The source of a page as this parser should be given it."""
    return _as_shown(_as_with_scripts(html))


def _as_with_scripts(html: str) -> str:
    """The page without the <noscript> of its head: this parser would move its text to the body."""
    body = _BODY.search(html)
    head, rest = (html[: body.start()], html[body.start() :]) if body is not None else (html, "")
    first, *parts = _NOSCRIPT.split(head)
    ends = (_NOSCRIPT_END.search(part) for part in parts)
    kept = (part[end.end() :] for part, end in zip(parts, ends, strict=True) if end is not None)
    return "".join((first, *kept, rest))


def _as_shown(html: str) -> str:
    """The page without marks that nobody sees within a word: a known word must stay one."""
    return unicodedata.normalize("NFC", _UNSEEN_IN_WORDS.sub("", html))


def refuse(html: str) -> None:
    """Look through the text before the parser sees it; takes time linear in its length."""
    if not html.strip():
        raise WrongPage("page", "html", "the page is empty")
    if len(html) > MOST_BYTES or (
        len(html) * 4 > MOST_BYTES and len(html.encode("utf-8", "replace")) > MOST_BYTES
    ):
        raise WrongPage("page", "html", f"more than {MOST_BYTES // 1_000_000} MB is not read")
    if "\0" in html:
        raise WrongPage("page", "html", "this is binary, not a page")
    if "<" not in html:
        raise WrongPage("page", "html", "this is plain text, not a page")
    tags = html.count("<") - html.count("</")
    if tags > MOST_ELEMENTS:
        raise WrongPage("page", "html", f"more than {MOST_ELEMENTS:,} elements")
    if _most_marks(html) > MOST_MARKS:
        raise WrongPage("page", "html", f"more than {MOST_MARKS} marks on one letter")
    if tags > FEW_TAGS and _depth(html) > MOST_NESTED:
        raise WrongPage("page", "html", f"more than {MOST_NESTED} elements nested in each other")
    if _most_attributes(html) > MOST_ATTRIBUTES:
        raise WrongPage("page", "html", f"an element with more than {MOST_ATTRIBUTES} attributes")


def _depth(html: str) -> int:
    """How deep elements nest, counted until it is too deep; rather too much where tags cross."""
    opened: list[str] = []
    deepest, place = 0, 0
    while deepest <= MOST_NESTED and (found := _TAG.search(html, place)) is not None:
        place, name = found.end(), (found["name"] or "").lower()
        if not name or (name in _RAW and not found["end"]):
            end = re.compile(re.escape(f"</{name}") if name else "-->", re.I).search(html, place)
            if end is None:
                break
            place = end.start()
        elif name in _FLAT:
            continue
        elif not found["end"]:
            opened.append(name)
            deepest = max(deepest, len(opened))
        elif opened and opened[-1] == name:
            opened.pop()
    return deepest


def _most_attributes(html: str) -> int:
    """A bound for the attributes of one element, over the tags that are long."""
    if max(map(len, html.split("<"))) < LONG_TAG:
        return 0
    tags = (_QUOTED.sub("", found[0]) for found in _LONG_TAG.finditer(html))
    return max((len(tag.replace("/", " ").split()) for tag in tags), default=0)


def _most_marks(html: str) -> int:
    """How many combining marks follow each other, in what has many letters beyond ASCII."""
    if len(html.encode("utf-8", "replace")) - len(html) <= MOST_MARKS:
        return 0
    most = 0
    for run in _FOREIGN.finditer(html):
        marks = 0
        for letter in run[0]:
            marks = marks + 1 if unicodedata.combining(letter) else 0
            most = max(most, marks)
    return most


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


def is_inside(node: LexborNode, others: Iterable[LexborNode]) -> bool:
    """Whether *node* stands in one of *others*, or is one of them."""
    return Within(others).holds(node)


def text_of(
    node: LexborNode,
    without: Iterable[LexborNode] = (),
    *,
    without_tag: str = "",
    most: int = LONGEST_TEXT,
) -> str:
    """The visible text in one line; what stands in fields and in *without* is left out.

    most  a text of more letters is not read to its end, but a little beyond that number
    """
    said: list[str] = []
    letters = 0
    for part in _parts(node, without, without_tag):
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
    waiting: list[LexborNode | None] = [node]
    while waiting:
        here = waiting.pop()
        if here is None:
            yield _Break.BLOCK
        elif here.is_text_node:
            yield here.text(deep=False)
        elif here.tag == "br":
            yield _Break.LINE
        elif here.tag not in NOT_TEXT and here.tag != without_tag and here.mem_id not in skipped:
            if here.tag not in INLINE:
                yield _Break.BLOCK
                waiting.append(None)
            waiting.extend(reversed(list(here.iter(include_text=True))))


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
