"""Selectors: data with proof. Each names its CSS and the saved page that shows it (design.md).

A seat may carry files of its own over those that ship: an entry there replaces the shipped one of
the same page and key, and only its CSS must be written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from bot.errors import Fault, UsageError
from bot.pages.datafiles import documents, name_of, one_of
from bot.shipped import folder
from bot.tomltext import Document

GRADES = ("A", "B", "C", "?", "NF")
_ALLOWED = {"css", "within", "grade", "proof", "absent", "clicked_only", "variants"}
_CASE = "a case under fixtures/, like lead/second-degree"
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
Tables = Mapping[str, Mapping[str, Any]]
"""The entries of one page by their key, as a file has them."""


@dataclass(frozen=True, slots=True)
class Selector:
    """One hook of a page.

    css           spellings, newest first; the first that matches is the one that counts. In the
                  files they may stand `within` another key of the page: then it holds only there
    grade         of the evidence behind it (site.md)
    proof         the case under fixtures/ that shows it
    absent        a case in which it must not match
    clicked_only  CSS of the browser's own dialect: never used for reading
    variants      the spellings are those of several forms of the page: none is a fallback
    own           the file of the seat that says so; None for what ships
    """

    page: str
    key: str
    css: tuple[str, ...]
    grade: str
    proof: str | None
    absent: str | None = None
    clicked_only: bool = False
    variants: bool = False
    own: str | None = None


@dataclass(frozen=True, slots=True)
class Selectors:
    """All hooks of all pages."""

    entries: tuple[Selector, ...]
    _by_name: dict[tuple[str, str], Selector]

    def css(self, page: str, key: str) -> tuple[str, ...]:
        """The spellings of a hook, newest first. Raises KeyError for a hook without an entry."""
        return self._by_name[page, key].css

    def get(self, page: str, key: str) -> Selector | None:
        """A hook's entry, if there is one."""
        return self._by_name.get((page, key))

    @property
    def own(self) -> tuple[Selector, ...]:
        """The hooks that a seat's own files say."""
        return tuple(each for each in self.entries if each.own is not None)

    @classmethod
    def load(cls, root: Path) -> Selectors:
        """Read `<page>.toml` files. Raises UsageError that tells every mistake at once."""
        found = documents(root)
        faults = [fault for each in found for fault in (*each.faults, *_all_faults(each))]
        if not found:
            faults.append(Fault(str(root), "*.toml", "no file", "one file for each page"))
        if faults:
            raise UsageError("the selectors cannot be used", tuple(faults))
        return _made({name_of(each): each.values or {} for each in found}, {})

    @classmethod
    def shipped(cls) -> Selectors:
        """Those that come with the program."""
        return _shipped()

    @classmethod
    def of_seat(cls, root: Path) -> Selectors:
        """Those that come with the program, with a seat's own files over them.

        Raises UsageError that tells every mistake of these files at once.
        """
        found = documents(root)
        if not found:
            return _shipped()
        pages = _shipped_pages()
        faults = [fault for each in found for fault in (*each.faults, *_own_faults(each, pages))]
        if faults:
            raise UsageError("the seat's own selectors cannot be used", tuple(faults))
        over = {name_of(each): each for each in found}
        return _made(pages, over)


@cache
def _shipped() -> Selectors:
    return Selectors.load(folder("selectors"))


@cache
def _shipped_pages() -> dict[str, Tables]:
    found = documents(folder("selectors"))
    return {name_of(each): each.values or {} for each in found}


def _made(pages: Mapping[str, Tables], over: Mapping[str, Document]) -> Selectors:
    """The hooks of *pages*, with the entries of checked files over them."""
    entries: list[Selector] = []
    for page, shipped in pages.items():
        document = over.get(page)
        written = document.values or {} if document is not None else {}
        tables = _merged(shipped, written)
        for key in tables:
            own = document.place if document is not None and key in written else None
            entries.append(_selector(page, key, tables, own))
    return Selectors(tuple(entries), {(each.page, each.key): each for each in entries})


def _merged(shipped: Tables, written: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What a seat writes of a hook replaces that part of it; the rest stays as it ships."""
    return {key: {**entry, **written.get(key, {})} for key, entry in shipped.items()}


def _selector(page: str, key: str, tables: Tables, own: str | None) -> Selector:
    entry = tables[key]
    css = _spellings(entry["css"])
    if "within" in entry:
        places = _spellings(tables[entry["within"]]["css"])
        css = tuple(", ".join(f"{place} {each}" for place in places) for each in css)
    return Selector(
        page=page,
        key=key,
        css=css,
        grade=entry["grade"],
        proof=entry.get("proof"),
        absent=entry.get("absent"),
        clicked_only=entry.get("clicked_only", False),
        variants=entry.get("variants", False),
        own=own,
    )


def _spellings(css: str | list[str]) -> tuple[str, ...]:
    return (css,) if isinstance(css, str) else tuple(css)


# --- what is wrong ------------------------------------------------------------------------------


def _all_faults(document: Document) -> Iterator[Fault]:
    """What is wrong with a page's file."""
    tables = document.values or {}
    for key, entry in tables.items():
        yield from _faults(document, key, entry, tables)


def _own_faults(document: Document, pages: Mapping[str, Tables]) -> Iterator[Fault]:
    """What is wrong with a seat's own file: each entry must make a whole one with the shipped."""
    if document.values is None:
        return
    page = name_of(document)
    if page not in pages:
        yield Fault(document.place, "-", f"the unknown page {page}", one_of(page, pages))
        return
    shipped = pages[page]
    tables = dict(shipped)
    for key, entry in document.values.items():
        if key not in shipped:
            yield document.fault((key,), "an unknown key", one_of(key, shipped))
        elif isinstance(entry, dict):
            tables[key] = {**shipped[key], **entry}
    for key, entry in document.values.items():
        if key in shipped:
            whole = tables[key] if isinstance(entry, dict) else entry
            yield from _faults(document, key, whole, tables)


def _faults(document: Document, key: str, entry: object, tables: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with one entry."""
    if not isinstance(entry, dict):
        return [document.fault((key,), repr(entry), "a table with css, grade and proof")]
    found = [
        document.fault((key, name), "an unknown key", one_of(name, _ALLOWED))
        for name in sorted(entry.keys() - _ALLOWED)
    ]
    if entry.get("grade") not in GRADES:
        wanted = f"one of {', '.join(GRADES)}"
        found.append(document.fault((key, "grade"), repr(entry.get("grade")), wanted))
    found += [
        document.fault((key, name), repr(entry[name]), "true or false")
        for name in ("clicked_only", "variants")
        if not isinstance(entry.get(name, False), bool)
    ]
    found += [
        document.fault((key, name), repr(entry[name]), _CASE)
        for name in ("proof", "absent")
        if name in entry and not _is_text(entry[name])
    ]
    if "proof" not in entry and entry.get("clicked_only") is not True:
        found.append(document.fault((key, "proof"), "nothing", _CASE))
    within = entry.get("within")
    if within is not None and not (_is_text(within) and isinstance(tables.get(within), dict)):
        found.append(document.fault((key, "within"), repr(within), "another key of the page"))
    return found + _css_faults(document, key, entry)


def _css_faults(document: Document, key: str, entry: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with an entry's spellings; the parser itself says what is no CSS."""
    css = entry.get("css")
    spellings: Sequence[object] = [css] if isinstance(css, str) else css or []
    if not isinstance(spellings, list) or not spellings or not all(map(_is_text, spellings)):
        allowed = "CSS, or a list of it, newest first"
        return [document.fault((key, "css"), repr(css), allowed)]
    found = []
    for each in map(str, spellings):
        if entry.get("clicked_only") is not True and not _is_css(each):
            allowed = "CSS that the page's parser knows (no :has-text, no ::part, no >>)"
            found.append(document.fault((key, "css"), each, allowed))
        elif "within" in entry and _is_list(each):
            allowed = "one selector a spelling, without a comma: it holds within another key"
            found.append(document.fault((key, "css"), each, allowed))
    return found


@cache
def _is_css(css: str) -> bool:
    try:
        LexborHTMLParser("<p>").css(css)
    except SelectolaxError:
        return False
    return True


def _is_list(css: str) -> bool:
    """Whether a comma parts selectors, outside of quotes and brackets."""
    bare, inner = "", _QUOTED.sub("", css)
    while bare != inner:
        bare, inner = inner, _BRACKETS.sub("", inner)
    return "," in bare


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
