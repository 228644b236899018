"""Reading the owner's tables: CSV in any usual encoding, with any usual delimiter."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from bot.errors import Fault, UsageError

FILE_MAX = 64 * 1024 * 1024  # bytes
CELL_MAX = 131_072  # characters; the csv module's own limit
ENCODINGS = ["cp1252", "utf_16_le", "utf_16_be"]  # what spreadsheets write, beside UTF-8
DELIMITERS = ",;\t|"
_SEPARATOR = re.compile(r"\s*sep=(.)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    line   the line of the file in which it begins, from 1
    cells  as many as the header has
    wrong  why the row cannot be used; the cells are empty then
    """

    line: int
    cells: tuple[str, ...]
    wrong: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as read: its header, and its rows without the blank ones."""

    place: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


def read_sheet(
    path: Path, known: frozenset[str] = frozenset(), mend: Callable[[str], str] = str
) -> Sheet:
    """Read a CSV file.

    known  column names, folded with fold_name(), that tell which delimiter is meant
    mend   what puts the text right before it is split into cells

    Raises UsageError if there is no such file, or no table in it.
    """
    text = mend(decoded(path))
    first, _, rest = text.partition("\n")
    told = _SEPARATOR.fullmatch(first)
    text = rest if told is not None else text
    delimiter = told[1] if told is not None else _delimiter(text, known)
    rows = _rows(text, delimiter, first_line=1 if told is None else 2)
    if not rows or rows[0].wrong is not None or not any(rows[0].cells):
        raise _unusable(path, "no header", "the first row names the columns")
    header = rows[0].cells
    return Sheet(str(path), header, tuple(_fitted(row, len(header)) for row in rows[1:]))


def with_rows(
    text: str, rows: Sequence[dict[str, str]], name_of: Callable[[str], str | None]
) -> str:
    """A table's text with *rows* at its end; a column that is missing is added to the header.

    rows     cells by column; empty ones need no column
    name_of  what a header's column is called in *rows*
    """
    wanted = dict.fromkeys(column for cells in rows for column, cell in cells.items() if cell)
    first, _, rest = text.partition("\n")
    told = _SEPARATOR.fullmatch(first)
    before, text = (f"{first}\n", rest) if told is not None else ("", text)
    head, _, body = text.partition("\n")
    delimiter = told[1] if told is not None else _delimiter(head, frozenset(wanted))
    header = next(csv.reader([head], delimiter=delimiter))
    columns = [name_of(cell) for cell in header]
    missing = [column for column in wanted if column not in columns]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow([*header, *missing])
    out.write(f"{body.rstrip()}\n" if body.strip() else "")
    for cells in rows:
        writer.writerow([cells.get(column or "", "") for column in (*columns, *missing)])
    return before + out.getvalue()


def fold_name(header: str) -> str:
    """A column's name without case, accents, spaces and signs: "E-Mail " is "email"."""
    plain = unicodedata.normalize("NFKD", header.casefold())
    return "".join(char for char in plain if char.isalnum())


def _unusable(path: Path, found: str, allowed: str) -> UsageError:
    return UsageError(f"{path} cannot be used", (Fault(str(path), "-", found, allowed),))


def decoded(path: Path) -> str:
    """The file's text, line breaks as they are. Raises UsageError."""
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_MAX + 1)
    except OSError as error:
        raise _unusable(path, error.strerror or "an error", "the path of a CSV file") from None
    except ValueError:  # a NUL in it
        raise _unusable(path, "no path", "the path of a CSV file") from None
    if len(raw) > FILE_MAX:
        raise _unusable(path, "a huge file", f"at most {FILE_MAX // 1024**2} MB: split it")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tried = ["utf-16"]
    else:
        tried = ["utf-8-sig"] if b"\0" not in raw else []
    for encoding in tried:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    damaged = _damaged(raw)
    if damaged is not None:
        found = "a letter that is not UTF-8, in a file that is otherwise"
        fault = Fault(str(path), "-", found, "save the whole file as UTF-8", damaged)
        raise UsageError(f"{path} cannot be used", (fault,))
    guess = from_bytes(raw, cp_isolation=ENCODINGS).best()
    if guess is None:
        raise _unusable(path, "characters that cannot be read", "save the file as UTF-8")
    return str(guess)


def _damaged(raw: bytes) -> int | None:
    """The line of the first wrong byte of a file that is mostly UTF-8: two lists put together.

    Read as another encoding, each of its other names would become a different one in silence.
    """
    text = raw.decode("utf-8", "surrogateescape")
    wrong = [place for place, letter in enumerate(text) if "\udc80" <= letter <= "\udcff"]
    right = sum(not letter.isascii() for letter in text) - len(wrong)
    # Two letters of another encoding may make one of UTF-8 by chance, three and more do not.
    is_mostly = right >= 3 and right > 2 * len(wrong)
    return text.count("\n", 0, wrong[0]) + 1 if wrong and is_mostly else None


def _delimiter(text: str, known: frozenset[str]) -> str:
    """The delimiter that makes most sense of the header."""

    def sense(delimiter: str) -> tuple[int, int]:
        rows = _rows(text[:CELL_MAX].split("\n", 1)[0], delimiter)
        cells = rows[0].cells if rows else ()
        return sum(fold_name(cell) in known for cell in cells), len(cells)

    return max(DELIMITERS, key=sense)


def _rows(text: str, delimiter: str, first_line: int = 1) -> list[Row]:
    """All rows that are not blank, the header among them."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    while True:
        line = first_line + reader.line_num
        try:
            cells = tuple(cell.strip() for cell in next(reader))
        except StopIteration:
            return rows
        except csv.Error as error:
            rows.append(Row(line, (), _not_csv(error, line, first_line + reader.line_num - 1)))
            continue
        if any(cells):
            rows.append(Row(line, cells))


def _not_csv(error: csv.Error, line: int, last: int) -> str:
    """Why a row cannot be read, and which lines were lost with it."""
    at_end = "unexpected end" in str(error)
    wrong = "a quote is opened and not closed" if at_end else f"not CSV: {error}"
    return wrong if last == line else f"{wrong}; nothing was read of the lines {line} to {last}"


def _fitted(row: Row, width: int) -> Row:
    """The row with as many cells as the header: empty ones at its end may be left out."""
    if row.wrong is not None:
        return row
    if any(row.cells[width:]):
        text = f"it has {len(row.cells)} cells, the header has {width}: is a comma not in quotes?"
        return Row(row.line, (), text)
    return Row(row.line, (row.cells + ("",) * width)[:width])
