"""The default texts that a seat's owner marked: a file of the seat's own texts (A12).

`texts/learned.toml` is read like the other files of that folder, and may be edited like them; it is
written anew, as a whole or not at all, whenever a text is added.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from bot.errors import Fault, UsageError, WorkFailed
from bot.tomltext import quoted

FILE = "learned.toml"
_HEAD = """\
# Default texts that were marked with `leadwright default`. {first_name} is your own first name; a
# brace that belongs to a text is doubled. This file is written anew when another text is marked:
# comments in it are lost then, texts that you add or take out are not.
"""
_KEYS = {"accepted": "acceptance", "rejected": "rejection"}
OWN = "own"  # where an entry is a table: the wordings that the owner knows of


def add(folder: Path, label: str, text: str) -> None:
    """Add a default text (with its slots) to the file in *folder*, unless it stands there.

    Raises UsageError if the file cannot be understood, WorkFailed if it cannot be written.
    """
    path = folder / FILE
    try:
        entries = _entries(path)
        texts = _texts(path, entries, _KEYS[label])
        if text in texts:
            return
        texts.append(text)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, _HEAD + "".join(_lines(entries)))
    except OSError as error:
        raise WorkFailed(f"{path} cannot be written: {error.strerror or error}") from error


def _entries(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fault = Fault(str(path), "-", "no TOML", str(error))
        raise UsageError("the learned texts cannot be read", (fault,)) from None


def _texts(path: Path, entries: dict[str, Any], key: str) -> list[str]:
    """The list that a text of this sort is added to; made if there is none."""
    entry = entries.setdefault(key, [])
    texts = entry.setdefault(OWN, []) if isinstance(entry, dict) else entry
    if not isinstance(texts, list):
        fault = Fault(str(path), key, repr(texts), "a list of wordings")
        raise UsageError("the learned texts cannot be read", (fault,))
    return texts


def _write(path: Path, text: str) -> None:
    """All of the file, on the disk, or nothing of it; mode 0600 is that of a temporary file."""
    with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".new", delete=False) as file:
        file.write(text.encode("utf-8", "replace"))
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)


def _lines(entries: Mapping[str, Any]) -> Iterator[str]:
    """TOML: lists first, since what follows a table's head belongs to it."""
    for key, value in sorted(entries.items(), key=lambda entry: isinstance(entry[1], dict)):
        if isinstance(value, dict):
            yield f"\n[{quoted(key)}]\n"
            yield from _lines(value)
        elif isinstance(value, list):
            texts = "".join(f"    {quoted(each)},\n" for each in value)
            yield f"{quoted(key)} = [\n{texts}]\n"
        else:
            yield f"{quoted(key)} = {quoted(value)}\n"
