"""Data files of the pages, those that ship and a seat's own: read, every fault with its line."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from bot.errors import Fault
from bot.tomltext import Document, read


def documents(root: Path) -> tuple[Document, ...]:
    """The TOML files of a folder, by name; none without the folder."""
    return tuple(_read(path) for path in sorted(root.glob("*.toml")))


def _read(path: Path) -> Document:
    try:
        return read(path, str(path))
    except OSError as error:
        fault = Fault(str(path), "-", error.strerror or str(error), "a file that can be read")
        return Document(str(path), "", None, (fault,))


def name_of(document: Document) -> str:
    """What a file is about: its name without the ending."""
    return Path(document.place).stem


def one_of(name: str, known: Iterable[str]) -> str:
    """What is allowed where *name* stands, the nearest first."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"{meant}one of {', '.join(names)}"
