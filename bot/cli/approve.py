"""`approve`: the texts that wait for their owner's release (S8), and the word on one of them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from bot import orders
from bot.cli.common import print_json, seat_of
from bot.cli.orders import answer, asked
from bot.cli.plain import plain, plain_lines, say
from bot.clock import SystemClock
from bot.errors import UsageError, WorkFailed
from bot.previews import Preview, Previews, previews_of
from bot.report import why_line
from bot.seat import Seat, view_of
from bot.store.store import Store


def command(
    name: str,
    lead: str | None,
    home: Path | None,
    campaign: str | None,
    new_subject: str | None,
    new_body: Path | None,
    decline: bool,
    as_json: bool,
) -> int:
    """Show what waits, or release or decline one text. What is given is sent in its place."""
    seat = seat_of(name, home)
    waiting = _previews(seat)
    if lead is None:
        if decline or new_subject is not None or new_body is not None:
            raise UsageError("name the lead whose text it is: `leadwright approve SEAT LEAD`")
        return _show(waiting, as_json=as_json)
    found = _one(waiting.shown, lead, campaign)
    if decline:
        return answer(asked(seat, orders.Decline(found.lead_id, found.campaign, found.step)))
    body = found.body if new_body is None else _read(new_body)
    subject = found.subject if new_subject is None else new_subject
    if found.why_not is not None and new_body is None:
        raise WorkFailed(f"{why_line(found.why_not)}: write a text with --body, or --decline")
    order = orders.Approve(found.lead_id, found.campaign, found.step, subject, body)
    return answer(asked(seat, order))


def _previews(seat: Seat) -> Previews:
    with Store.open(seat.paths.state, read_only=True) as store, store.snapshot():
        return previews_of(view_of(seat, store, SystemClock().now()), store)


def _show(waiting: Previews, *, as_json: bool) -> int:
    if as_json:
        print_json({"texts": waiting.shown, "waiting": waiting.waiting})
        return 0
    if not waiting.shown:
        say("no text waits for your release")
        return 0
    for each in waiting.shown:
        about = ", ".join(filter(None, (each.title, each.company)))
        say(f"{plain(each.name)} ({each.lead_id}){f', {plain(about)}' if about else ''}")
        say(f"{each.what}, {plain(each.campaign)}")
        if each.why_not is not None:
            say(f"    no text: {why_line(each.why_not)}")
        for line in filter(None, (each.subject, *each.body.splitlines())):
            say(f"    {plain_lines(line)}")
        say("")
    say(f"{len(waiting.shown)} of {waiting.waiting} that wait; release one with the lead's id")
    return 0


def _one(shown: Iterable[Preview], lead: str, campaign: str | None) -> Preview:
    """The text of a lead that waits. Raises UsageError if there is none, or more than one."""
    found = [each for each in shown if each.lead_id == lead and campaign in (None, each.campaign)]
    if not found:
        raise UsageError(f"no text for {lead} waits: `leadwright approve SEAT` shows those that do")
    if len(found) > 1:
        names = ", ".join(each.campaign for each in found)
        raise UsageError(f"texts of several campaigns wait for {lead}: --campaign {names}")
    return found[0]


def _read(path: Path) -> str:
    """A text from a file, or from the terminal ("-")."""
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
