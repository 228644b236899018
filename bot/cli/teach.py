"""`leadwright teach`: what each selector finds in a saved page, and what was understood."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from bot.cli.common import console, print_json, seat_of, table
from bot.cli.plain import plain, say
from bot.cli.read import READS, render_human, tell
from bot.errors import PageError, UsageError, WorkFailed
from bot.facts import Snapshot
from bot.pages.reader import Reader
from bot.pages.selectors import Selectors
from bot.pages.source import load, snapshot_of
from bot.pages.texts import Texts
from bot.record.folder import PAGE, Case, Understood
from bot.record.lesson import Hook, lesson
from bot.record.states import states


@dataclass(frozen=True, slots=True)
class Taught:
    """A saved page as it was given."""

    case: Case
    file: Path
    page: str
    snapshot: Snapshot
    owner: str | None


def teach(
    fixture: Path,
    page: str | None,
    selectors: Path | None,
    seat: str | None,
    home: Path | None,
    write: bool,
    force: bool,
    as_json: bool,
) -> int:
    """Show it all; with *write* keep what was understood. Exit code 1 if that was corrected."""
    reader = _reader(selectors, seat, home)
    taught = _taught(fixture, page, reader)
    hooks = lesson(reader, taught.snapshot, taught.page)
    understood = understand(reader, taught.page, taught.snapshot, taught.owner)
    written = write and taught.case.put(understood, force=force)
    if as_json:
        print_json(_document(taught, hooks, understood, written=written))
    else:
        _show(taught, hooks, understood)
    if written and not as_json:
        say(f"written: {taught.case.path / understood.file}; correct it where it is wrong")
    if write and not written:
        say("not written: somebody corrected what stands there (--force overwrites)", sys.stderr)
    return 1 if write and not written else 0


def understand(reader: Reader, page: str, snapshot: Snapshot, owner: str | None) -> Understood:
    """What the page object makes of a page, as the file that a case keeps of it."""
    try:
        return Understood(tell(page, reader, snapshot, owner) + "\n", is_error=False)
    except PageError as error:
        told = {"error": type(error).__name__, "key": error.key}
        document = orjson.dumps(told, option=orjson.OPT_INDENT_2).decode()
        return Understood(document + "\n", is_error=True)


def _reader(selectors: Path | None, seat: str | None, home: Path | None) -> Reader:
    """The shipped files, a seat's own over them, or those of a folder."""
    if selectors is not None and seat is not None:
        raise UsageError("--selectors and --seat: one of them")
    if seat is not None:
        return seat_of(seat, home).reader
    if selectors is None:
        return Reader.shipped()
    texts = selectors / "texts"
    return Reader(
        Selectors.load(selectors), Texts.load(texts) if texts.is_dir() else Texts.shipped()
    )


def _taught(fixture: Path, page: str | None, reader: Reader) -> Taught:
    file = fixture / PAGE if fixture.is_dir() else fixture
    if not file.is_file():
        raise WorkFailed(f"{file}: no such file; a case's folder or an HTML file is wanted")
    case = Case(file.parent)
    of_case = file.name == PAGE and case.page in READS
    kind = page or (case.page if of_case else "")
    meta = case.meta if of_case else {}
    snapshot = load(str(file), sys.stdin.buffer)
    if isinstance(snapshot, str):
        url, status = meta.get("url"), meta.get("status")
        told = snapshot_of(snapshot, kind, url, status, reader.selectors)
        snapshot = replace(told, heard=case.heard() if of_case else ())
    owner = meta.get("owner") or None
    if not kind:
        known = states(reader, snapshot, owner)
        if not known:
            raise UsageError(f"{file}: which page is it? --page with one of {', '.join(READS)}")
        kind = known[0].page
    return Taught(case, file, kind, snapshot, owner)


def _document(
    taught: Taught, hooks: tuple[Hook, ...], understood: Understood, *, written: bool
) -> dict[str, object]:
    told = orjson.loads(understood.document)
    return {
        "page": taught.page,
        "file": str(taught.file),
        "hooks": hooks,
        "missing": [f"{each.page}.{each.key}" for each in hooks if not each.matches],
        "understood": None if understood.is_error else told,
        "error": told if understood.is_error else None,
        "written": written,
    }


def _show(taught: Taught, hooks: tuple[Hook, ...], understood: Understood) -> None:
    out = console()
    grid = table("hook", "found", "spelling", "says", "CSS", title=f"{taught.page}: {taught.file}")
    for each in hooks:
        grid.row(
            f"{each.page}.{each.key}",
            _found(each),
            f"{each.spelling} of {each.of}" if each.spelling is not None else "",
            each.text or "",
            f"{each.css}  ({each.own})" if each.own is not None else each.css,
        )
    out.print(grid)
    missing = [each.key for each in hooks if not each.matches and each.page == taught.page]
    say(f"\nmissing of this page: {plain(', '.join(missing)) or 'nothing'}")
    if understood.is_error:
        told = orjson.loads(understood.document)
        say(f"not understood: {told['error']} at {taught.page}.{told['key']}")
    else:
        say("understood:\n" + render_human(understood.document))


def _found(hook: Hook) -> str:
    hidden = f" ({hook.hidden} hidden)" if hook.hidden else ""
    return f"{hook.matches or 'MISSING'}{hidden}"
