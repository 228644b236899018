"""Looks for people's words in what was logged.

A person's name may be a word that the program says itself: "free of charge" does not mean that a
company called "Free" stands in the log. So where a word is found, it is asked who said it: what
stands between the same words in one of the program's own sentences, or as the value of a fact that
only the program's own words can be, is the program's. All else is a person's.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

BOT = Path(__file__).parents[2] / "bot"
NOT_THE_PROGRAM = ("practice", "record", "demo.py", "data")
CLOSED = re.compile(
    r'"?\b(?:action|area|event|kind|level|outcome|rule)"?[=:]"?([\w-]+)"?(?=[\s,}]|$)'
)
"""Facts whose values are words of the program, as a line of the file or terminal has them."""


def words_of(text: str) -> tuple[str, ...]:
    """Words as they are compared."""
    return tuple(re.findall(r"\w+", re.sub(r"\\[nrt]", " ", text).casefold()))


@cache
def _own() -> frozenset[str]:
    """Every text in the program's source, docstrings apart."""
    found: set[str] = set()
    for path in BOT.rglob("*.py"):
        if path.relative_to(BOT).parts[0] in NOT_THE_PROGRAM:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        found |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in told
        }
    return frozenset(found)


@cache
def _own_runs() -> str:
    """The program's sentences as runs of words, a bar before and after each."""
    runs = (" ".join(words_of(text)) for text in sorted(_own()))
    return f" | {' | '.join(runs)} | "


def betrayed(log: str, people: Iterable[str]) -> list[str]:
    """The lines of *log* in which one of the words or texts of *people* is found, with it."""
    wanted: dict[str, set[tuple[str, ...]]] = {}
    for text in people:
        if found := words_of(text):
            wanted.setdefault(found[0], set()).add(found)
    return [
        f"{' '.join(phrase)}: {line}"
        for line in log.splitlines()
        for phrase in _in_line(line, wanted)
    ]


def _in_line(line: str, wanted: dict[str, set[tuple[str, ...]]]) -> Iterator[tuple[str, ...]]:
    told = words_of(CLOSED.sub(lambda fact: "" if fact[1] in _own() else fact[0], line))
    for at, word in enumerate(told):
        for phrase in wanted.get(word, ()):
            end = at + len(phrase)
            if told[at:end] == phrase and not _is_own(told, at, end):
                yield phrase


def _is_own(told: tuple[str, ...], at: int, end: int) -> bool:
    """Whether the words stand in a sentence of the program, with what is around them there.

    At the sentence's own end anything may follow, for there a fact is put in.
    """
    before = told[at - 1] if at else "|"
    after = told[end] if end < len(told) else "|"
    here = " ".join(told[at:end])
    runs = (f" {before} {here} {after} ", f" | {here} {after} ", f" {before} {here} | ")
    return any(run in _own_runs() for run in runs if run != f" | {here} | ")
