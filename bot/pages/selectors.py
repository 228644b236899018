"""Selectors: data with proof. Each names its CSS and the saved page that shows it (design.md)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.errors import Fault, UsageError
from bot.shipped import folder

GRADES = ("A", "B", "C", "?", "NF")
_ALLOWED = {"css", "within", "grade", "proof", "absent", "clicked_only"}
_CASE = "a case under fixtures/, like lead/second-degree"


@dataclass(frozen=True, slots=True)
class Selector:
    """One hook of a page.

    css           spellings, newest first; the first that matches is the one that counts. In the
                  files they may stand `within` another key of the page: then it holds only there
    grade         of the evidence behind it (site.md)
    proof         the case under fixtures/ that shows it
    absent        a case in which it must not match
    clicked_only  CSS of the browser's own dialect: never used for reading
    """

    page: str
    key: str
    css: tuple[str, ...]
    grade: str
    proof: str | None
    absent: str | None = None
    clicked_only: bool = False


@dataclass(frozen=True, slots=True)
class Selectors:
    """All hooks of all pages."""

    entries: tuple[Selector, ...]
    _by_name: dict[tuple[str, str], Selector]

    def css(self, page: str, key: str) -> tuple[str, ...]:
        """The spellings of a hook, newest first. Raises KeyError for a hook without an entry."""
        return self._by_name[page, key].css

    @classmethod
    def load(cls, root: Path) -> Selectors:
        """Read `<page>.toml` files. Raises UsageError that tells every mistake at once."""
        return _load(root)

    @classmethod
    def shipped(cls) -> Selectors:
        """Those that come with the program."""
        return _load(folder("selectors"))


@cache
def _load(root: Path) -> Selectors:
    entries: list[Selector] = []
    faults: list[Fault] = []
    for path in sorted(root.glob("*.toml")):
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            faults.append(Fault(str(path), "", "no TOML", str(error)))
            continue
        for key, entry in table.items():
            wrong = tuple(_faults(str(path), key, entry))
            outer = table.get(entry.get("within")) if not wrong else None
            if not wrong and "within" in entry and not isinstance(outer, dict):
                wrong = (Fault(str(path), f"{key}.within", repr(entry["within"]), "a key above"),)
            faults.extend(wrong)
            if not wrong:
                entries.append(_selector(path.stem, key, entry, outer))
    if not entries and not faults:
        faults.append(Fault(str(root), "*.toml", "no file", "one file for each page"))
    if faults:
        raise UsageError("the selectors cannot be used", tuple(faults))
    return Selectors(tuple(entries), {(each.page, each.key): each for each in entries})


def _selector(page: str, key: str, entry: dict[str, Any], outer: dict[str, Any] | None) -> Selector:
    css = _spellings(entry["css"])
    if outer is not None:
        places = _spellings(outer["css"])
        css = tuple(", ".join(f"{place} {each}" for place in places) for each in css)
    return Selector(
        page=page,
        key=key,
        css=css,
        grade=entry["grade"],
        proof=entry.get("proof"),
        absent=entry.get("absent"),
        clicked_only=entry.get("clicked_only", False),
    )


def _spellings(css: str | list[str]) -> tuple[str, ...]:
    return (css,) if isinstance(css, str) else tuple(css)


def _faults(place: str, key: str, entry: object) -> list[Fault]:
    """What is wrong with one entry."""
    if not isinstance(entry, dict):
        return [Fault(place, key, repr(entry), "a table with css, grade and proof")]
    found = [
        Fault(place, f"{key}.{name}", "an unknown key", f"one of {', '.join(sorted(_ALLOWED))}")
        for name in sorted(entry.keys() - _ALLOWED)
    ]
    css = entry.get("css")
    spellings = [css] if isinstance(css, str) else css
    if not isinstance(spellings, list) or not spellings or not all(map(_is_text, spellings)):
        found.append(Fault(place, f"{key}.css", repr(css), "CSS, or a list of it, newest first"))
    if entry.get("grade") not in GRADES:
        wanted = f"one of {', '.join(GRADES)}"
        found.append(Fault(place, f"{key}.grade", repr(entry.get("grade")), wanted))
    clicked_only = entry.get("clicked_only", False)
    if not isinstance(clicked_only, bool):
        found.append(Fault(place, f"{key}.clicked_only", repr(clicked_only), "true or false"))
    found += [
        Fault(place, f"{key}.{name}", repr(entry[name]), _CASE)
        for name in ("proof", "absent")
        if name in entry and not _is_text(entry[name])
    ]
    if "proof" not in entry and clicked_only is not True:
        found.append(Fault(place, f"{key}.proof", "nothing", _CASE))
    return found


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
