"""What a page's text is asked before it is parsed: whether it is one, and small enough.

Each question takes a time that is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata

from bot.errors import WrongPage

MOST_BYTES = 5_000_000
# The parser is quadratic in the depth of a page: 4,000 nested elements take it 0.04 s, 10,000 a
# quarter of one, 200,000 six minutes. Few tags cannot nest deeply, so that only a page of many is
# looked through (measured 2026-11; browsers themselves stop at 512).
FEW_TAGS = 10_000
MOST_NESTED = 1_000
# It is quadratic in one element's attributes, too: 100,000 take it 43 s.
MOST_ATTRIBUTES = 1_000
LONG_TAG = 8_000  # characters; a shorter one has few attributes
MOST_ELEMENTS = 200_000
# Unicode's normal form takes a time that grows with the square of so many marks on one letter.
MOST_MARKS = 200

_TAG = re.compile(r"<(?:(?P<end>/)?(?P<name>[a-zA-Z][^\s/>]*)|!--)")
_BODY = re.compile(r"<body\b", re.IGNORECASE)
_NOSCRIPT = re.compile(r"<noscript\b", re.IGNORECASE)
_NOSCRIPT_END = re.compile(r"</noscript[^>]*>", re.IGNORECASE)
# Looked for first: where there is none, as on most pages, it takes a third of _LONG_TAG's time.
_LONG = re.compile(rf"<[^<]{{{LONG_TAG},}}")
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
_SOFT_HYPHEN = "\u00ad"
# Each by itself is found fast, all together only slowly; hardly a page has one.
_SPELLED_OUT = re.compile(r"&(?:[sS][hH][yY]|#173|#[xX][aA][dD]);")
_WORD_BREAK = re.compile(r"<[wW][bB][rR]\s*/?>")
_FOREIGN = re.compile(r"[^\x00-\x7f]{200,}")


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
    whole = _WORD_BREAK.sub("", _SPELLED_OUT.sub("", html.replace(_SOFT_HYPHEN, "")))
    return unicodedata.normalize("NFC", whole)


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
    if _LONG.search(html) is None:
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
