"""`inbox`: looked at often, and of no campaign. Light: what a command imports is its wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bot import report
from bot.cli.late import do
from bot.cli.tables import console, moment, print_json, table
from bot.config import SeatPaths, home_folder, load
from bot.errors import UsageError
from bot.model import Enrolment, Lead
from bot.report import InboxItem
from bot.store.store import Store, Which


def inbox(name: str, home: Path | None, every: bool, most: int, as_json: bool) -> int:
    """Print the answers for the owner; *most* in the table, 0: all of them. Of no campaign."""
    state = _state_of(name, home_folder(home))
    which = Which.ALL if every else Which.OPEN
    with Store.open(state, read_only=True) as store, store.snapshot():
        there = store.count_inbox(which)
        # All are in another order: those to check come first once they are read.
        limit = most if most and not every and not as_json else there
        items = report.inbox_items(with_leads(store, _answered(store, which, limit)), every=every)
    if as_json:
        print_json({"items": items})
        return 0
    print_inbox(items[: most or None])
    if 0 < most < there:
        print(f"{most} of {there} answers: --most N shows more, --most 0 all")
    return 0


def _answered(store: Store, which: Which, most: int) -> Iterator[Enrolment]:
    found = (store.enrolment(place.enrolment) for place in store.inbox(which, most))
    return (enrolment for enrolment in found if enrolment is not None)


def print_inbox(items: Sequence[InboxItem]) -> None:
    """The answers as a table; what recipients wrote is shown as plain text."""
    grid = table("answered (UTC)", "lead", "campaign", "answer", "check", "text")
    for item in items:
        what = f"{item.answer} ({item.rule})"
        check = "check" if item.check else "done" if item.done else ""
        row = [moment(item.at), item.name, item.campaign, what, check, item.text]
        grid.row(*row)
    console().print(grid if items else "no answers yet")


def with_leads(
    store: Store, enrolments: Iterator[Enrolment] | tuple[Enrolment, ...]
) -> Iterator[tuple[Enrolment, Lead]]:
    for enrolment in enrolments:
        lead = store.lead(enrolment.lead_id)
        if lead is not None:
            yield enrolment, lead


def _state_of(name: str, home: Path) -> Path:
    """A seat's state. Raises UsageError with all that is wrong in the home."""
    try:
        load(home).seat(name)
    except UsageError as error:
        if error.faults:
            do("common", "refuse", home)
        raise
    return SeatPaths(home, name).state
