"""HOME/do-not-contact.csv: who must not be written to (K5), and how a person is erased.

Columns: lead (id or Sales Navigator address), name, company, hash, note. A row forbids a person by
`lead`, a person by `name` and `company`, everybody at a company by `company` alone, or an erased
person by `hash`.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile

from bot.audience import COLUMN_OF, parse_lead
from bot.errors import Fault, UsageError
from bot.rules.contacts import DoNotContact, fold, fold_company, keyed_hash
from bot.table import Row, decoded, fold_name, read_sheet, with_rows

FILE = "do-not-contact.csv"
KEY_FILE = "do-not-contact.key"
HEADER = "lead,name,company,hash,note"
HASH = re.compile(r"[0-9a-f]{64}")
NOTES = ("note", "notes", "comment", "reason", "added", "date")


@dataclass(frozen=True, slots=True)
class _Named:
    """One row's cells, by what they are."""

    lead: str = ""
    name: str = ""
    company: str = ""
    hash: str = ""


def load_do_not_contact(home: Path) -> DoNotContact:
    """The do-not-contact list; a home without one forbids nobody.

    Raises UsageError with every malformed row: a row that is not understood might be somebody.
    """
    path = home / FILE
    if not path.exists():
        return DoNotContact()
    sheet = read_sheet(path, frozenset(("lead", "name", "company", "hash")))
    columns = [_column(header) for header in sheet.header]
    faults = [
        _fault(path, 1, header, f"the columns are {HEADER.replace(',', ', ')}")
        for header, column in zip(sheet.header, columns, strict=True)
        if column is None
    ]
    contacts = DoNotContact(key=_key(home))
    for row in sheet.rows:
        added = _with_row(contacts, row, columns)
        if isinstance(added, str):
            faults.append(_fault(path, row.line, ", ".join(filter(None, row.cells)), added))
        else:
            contacts = added
    if faults:
        raise UsageError(f"{path} is wrong in {len(faults)} place(s)", tuple(faults))
    return contacts


def block(home: Path, *, lead: str = "", name: str = "", company: str = "", note: str = "") -> bool:
    """Add a row to the list; False if the list forbids all of it already.

    Raises UsageError for a row that the list could not be read with, and for a list that is wrong.
    """
    with _held(home):
        return _block(home, lead, name, company, note)


def _block(home: Path, lead: str, name: str, company: str, note: str) -> bool:
    known = load_do_not_contact(home)
    cells = {"lead": lead, "name": name, "company": company, "note": note}
    columns = list(cells)
    row = Row(0, tuple(cells.values()), None)
    added = _with_row(known, row, [column if column != "note" else "" for column in columns])
    if isinstance(added, str):
        raise UsageError(f"nobody was blocked: {added}")
    if added == known:
        return False
    _append(home / FILE, [cells])
    return True


def erase(home: Path, ids: Sequence[str]) -> tuple[str, ...]:
    """Add the keyed hash of each of *ids* to the list, and nothing else of them; return these.

    All are in the list, on the disk, or none.
    """
    with _held(home):
        known = load_do_not_contact(home).hashes
        key = _key(home)
        if not key:  # or an empty one, of a disk that was full
            key = secrets.token_bytes(32)
            _write_whole(home / KEY_FILE, key)  # without it the hashes would keep nobody off
        digests = tuple(keyed_hash(key, each) for each in ids)
        fresh = [digest for digest in dict.fromkeys(digests) if digest not in known]
        if fresh:
            _append(home / FILE, [{"hash": digest} for digest in fresh])
    return digests


@contextmanager
def _held(home: Path) -> Iterator[None]:
    """One process at a time changes the list: it is the home's, and each seat has its own."""
    descriptor = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _append(path: Path, rows: Sequence[dict[str, str]]) -> None:
    """Add rows to the list as its owner keeps it; the new file appears whole, on the disk."""
    old = decoded(path) if path.exists() else HEADER
    _write_whole(path, with_rows(old, rows, _name_of).encode())


def _write_whole(path: Path, content: bytes) -> None:
    """Put a file there at once, on the disk; it is its owner's alone, or as open as it was."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        new = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if path.exists():
                shutil.copymode(path, new)
            new.replace(path)
        except OSError:
            new.unlink(missing_ok=True)
            raise


def _name_of(header: str) -> str | None:
    """What a column holds, notes by their own name."""
    column = _column(header)
    return "note" if column == "" and fold_name(header) else column


def _key(home: Path) -> bytes:
    path = home / KEY_FILE
    return path.read_bytes() if path.exists() else b""


def _column(header: str) -> str | None:
    """What a column is: a field of _Named, "" for a note, None if it is not known."""
    plain = fold_name(header)
    if plain in NOTES or not plain:
        return ""
    known = "hash" if plain == "hash" else COLUMN_OF.get(plain)
    return known if known in ("lead", "name", "company", "hash") else None


def _with_row(contacts: DoNotContact, row: Row, columns: list[str | None]) -> DoNotContact | str:
    """The list with *row*, or what should stand there."""
    if row.wrong is not None:
        return row.wrong
    cells = zip(columns, row.cells, strict=True)
    named = _Named(**{column: cell for column, cell in cells if column})
    if named.hash:
        return _with_hash(contacts, named.hash.lower())
    company, name = fold_company(named.company), fold(named.name)
    if name and company:
        contacts = replace(contacts, named=contacts.named | {(name, company)})
    if named.lead:
        ref = parse_lead(named.lead)
        if ref is None:
            return "a lead is a Sales Navigator address (/sales/lead/…) or its id"
        return replace(contacts, people=contacts.people | {ref.id})
    if not company:
        return "a name needs its company beside it, or give the lead's address"
    if not name:
        return replace(contacts, companies=contacts.companies | {company})
    return contacts


def _with_hash(contacts: DoNotContact, digest: str) -> DoNotContact | str:
    if HASH.fullmatch(digest) is None:
        return "a hash has 64 digits from 0 to f"
    if not contacts.key:
        return f"hashes can only be compared with their key, {KEY_FILE}, which is missing"
    return replace(contacts, hashes=contacts.hashes | {digest})


def _fault(path: Path, line: int, found: str, allowed: str) -> Fault:
    return Fault(str(path), f"line {line}", found or "nothing", allowed, line)
