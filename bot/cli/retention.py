"""`retention`: what a seat keeps about people, since when, and what goes next."""

from __future__ import annotations

from pathlib import Path

from bot.cli.common import console, moment, print_json, seat_of, table
from bot.cli.plain import say
from bot.clock import SystemClock
from bot.kept import Retention, retention_of
from bot.store.store import Store

MEGABYTE = 1_000_000


def retention(name: str, home: Path | None, most: int, as_json: bool) -> int:
    """Print what is kept, and who is forgotten next."""
    seat = seat_of(name, home)
    with Store.open(seat.paths.state, read_only=True) as store, store.snapshot():
        found = retention_of(seat, store, SystemClock().now(), most)
    if as_json:
        print_json(found)
        return 0
    grid = table("kept", "where", "count", "MB", "oldest (UTC)", "for")
    for each in found.kept:
        days = f"{each.days} days" if each.days else "good"
        size = f"{each.bytes / MEGABYTE:.1f}" if each.bytes else ""
        grid.row(each.what, each.where, str(each.count), size, moment(each.oldest), days)
    console().print(grid)
    _print_leads(found)
    return 0


def _print_leads(found: Retention) -> None:
    if not (found.leads_days or found.unanswered_days):
        say("no lead is forgotten by age: [retention] leads_days is 0")
        return
    say(f"leads to be forgotten at the next start: {found.now}; later: {found.later}")
    if found.next:
        grid = table("next", "name", "over since (UTC)", "forgotten from (UTC)")
        for each in found.next:
            grid.row(each.lead_id, each.name, moment(each.since), moment(each.goes))
        console().print(grid)
    for stay in found.stays:
        say(f"{stay.count} stay ({stay.rule}): {stay.text}")
