"""`leadwright evidence`: which decisions were taken on which pages. Only reads, beside a daemon."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from bot.checking import checked_settings
from bot.cli.common import console, moment, print_json, table
from bot.cli.plain import plain, say
from bot.cli.read import render_human, tell
from bot.config import SeatPaths, home_folder
from bot.decided import in_words
from bot.errors import PageError, UsageError, WorkFailed
from bot.facts import Snapshot
from bot.pages.reader import Reader
from bot.pages.showable import showable
from bot.seat import own_reader
from bot.store.evidence import Evidence, Kept

MOST_SHOWN = 20  # in full at once
MOST_LISTED = 500  # lines for a person; --json has all


@dataclass(frozen=True, slots=True)
class Line:
    """One decision, in the list."""

    decision: str
    at: datetime
    action: str
    outcome: str
    rule: str
    why: str
    lead_id: str | None
    kind: str
    understood: str
    rehearsed: bool
    page: str


@dataclass(frozen=True, slots=True)
class Again:
    """What reading the page again gives.

    read   what `leadwright read` prints; None if it cannot be read, then `error` says why
    same   it is understood as it was then; None for a page that cannot be read again
    """

    understood: str | None
    same: bool | None
    read: Any = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """One decision in full."""

    decided: Line
    again: Again


def evidence(
    seat: str,
    decision: str | None,
    lead: str | None,
    html: Path | None,
    home: Path | None,
    as_json: bool,
) -> int:
    """List what is kept, or show what one name stands for. Exit code 1 if its page is gone."""
    settings = checked_settings(home_folder(home))
    policy = settings.seat(seat)
    paths = SeatPaths(settings.home, policy.name)
    store = Evidence(paths.evidence)
    kept = [each for each in store.decisions() if lead is None or each.decision.lead_id == lead]
    if decision is None:
        lines = [_line(each) for each in kept]
        if as_json:
            print_json({"decisions": lines})
        else:
            _print_list(lines)
        return 0
    found = _named(kept, decision)
    if not found:
        raise WorkFailed(f"no decision {decision} is kept; `leadwright evidence {seat}` lists all")
    if html is not None:
        return _write_html(store, found, html)
    reader = own_reader(paths) or Reader.shipped()
    shown = [Shown(_line(each), _again(store, reader, each)) for each in found[-MOST_SHOWN:]]
    if as_json:
        print_json({"decisions": shown})
    else:
        for number, each in enumerate(shown):
            _print(each, blank=number > 0)
        if len(found) > len(shown):
            say(f"\n{len(found) - len(shown)} older ones have such a name, too")
    return 1 if all(each.again.understood is None and each.again.error for each in shown) else 0


def _named(kept: Iterable[Kept], name: str) -> list[Kept]:
    """Those of this name or this attempt; else those whose name begins so."""
    all_kept = list(kept)
    exact = [k for k in all_kept if k.decision.key == name or k.decision.key.startswith(f"{name}@")]
    return exact or [k for k in all_kept if k.decision.key.startswith(name)]


def _line(kept: Kept) -> Line:
    decision = kept.decision
    return Line(
        decision=decision.key,
        at=decision.at,
        action=decision.action,
        outcome=decision.outcome,
        rule=decision.rule,
        why=decision.why,
        lead_id=decision.lead_id,
        kind=decision.kind,
        understood=decision.understood,
        rehearsed=decision.rehearsed,
        page=str(kept.page),
    )


def _again(store: Evidence, reader: Reader, kept: Kept) -> Again:
    """Read the page of a decision again, with the texts and selectors of today."""
    decision = kept.decision
    try:
        snapshot = store.load(kept.page.name)
    except WorkFailed as error:
        return Again(None, None, error=str(error))
    if not decision.kind:
        return Again(None, None)
    try:
        understood = in_words(reader.read(decision.kind, snapshot))
        said = orjson.loads(tell(decision.kind, reader, snapshot, decision.owner or None))
    except PageError as error:
        same = str(error) == decision.understood
        return Again(str(error), same if decision.understood else None, error=str(error))
    same = understood == decision.understood
    return Again(understood, same if decision.understood else None, said)


def _print_list(lines: Sequence[Line]) -> None:
    grid = table("time (UTC)", "what", "lead", "rule", "page", "decision")
    for line in lines[-MOST_LISTED:]:
        what = f"{_what(line)}: {line.why}" if line.why else _what(line)
        grid.row(
            moment(line.at), what, line.lead_id or "", line.rule, line.kind or "", line.decision
        )
    console().print(grid if lines else "no page was kept yet")
    if len(lines) > MOST_LISTED:
        say(f"{len(lines) - MOST_LISTED} older ones: --lead, the beginning of a name, or --json")


def _what(line: Line) -> str:
    rehearsed = " (dry run)" if line.rehearsed else ""
    return f"{line.action} {line.outcome}{rehearsed}".strip()


def _print(shown: Shown, *, blank: bool) -> None:
    line, again = shown.decided, shown.again
    if blank:
        print()
    say(f"{plain(line.decision)}")
    rule = f" ({line.rule})" if line.rule else ""
    told = {
        "at": f"{moment(line.at)} UTC",
        "decided": f"{_what(line)}{rule}",
        "why": line.why,
        "lead": line.lead_id or "",
        "page": f"{line.kind} {line.page}".strip(),
        "understood": line.understood,
    }
    for name, text in told.items():
        if text:
            say(f"  {name:<12}{plain(text)}")
    if again.error is not None and again.understood is None:
        say(f"  {'read again':<12}{plain(again.error)}")
    elif again.same:
        say(f"  {'read again':<12}the same")
    elif again.understood is not None:
        say(f"  {'read again':<12}{plain(again.understood)}")
    if again.read is not None:
        document = orjson.dumps(again.read).decode()
        say("\n".join(f"    {each}" for each in render_human(document).splitlines()))


def _write_html(store: Evidence, found: Sequence[Kept], path: Path) -> int:
    """Write the one page. Raises UsageError for several, WorkFailed where it cannot be written."""
    pages = {each.page for each in found}
    if len(pages) > 1:
        names = ", ".join(each.decision.key for each in found[-MOST_SHOWN:])
        raise UsageError(f"--html writes one page; {len(pages)} pages have such a name: {names}")
    snapshot: Snapshot = store.load(pages.pop().name)
    try:
        path.write_text(showable(snapshot), encoding="utf-8")
    except OSError as error:
        raise WorkFailed(f"{path} cannot be written: {error.strerror or error}") from error
    say(f"written to {plain(str(path))}; nothing in it runs")
    return 0
