"""The commands that only show: they read the state beside a running daemon."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot import report
from bot.checking import checked_seat, checked_settings
from bot.cli.common import campaign_of, console, moment, print_json, seat_of, table
from bot.cli.look import with_leads
from bot.cli.plain import plain, say
from bot.clock import SystemClock
from bot.config import home_folder
from bot.report import CampaignLine, SeatStatus
from bot.rules.reconcile import overdue_refunds
from bot.seat import Seat, view_of
from bot.standing import status_of
from bot.store.store import Store


@contextmanager
def _state(seat: Seat) -> Iterator[Store]:
    with Store.open(seat.paths.state, read_only=True) as store:
        yield store


def status(name: str | None, home: Path | None, as_json: bool) -> int:
    """Print one seat or all; exit code 3 if the one that was asked for is halted."""
    settings = checked_settings(home_folder(home))
    seats = [_status(checked_seat(settings, one)) for one in ([name] if name else settings.seats)]
    if as_json:
        print_json({"seats": seats})
    else:
        for found in seats:
            _print_status(found)
        if not seats:
            print("no seats yet: add a table [seats.NAME] to config.toml")
    return 3 if name is not None and seats[0].state == "halted" else 0


def _status(seat: Seat) -> SeatStatus:
    with _state(seat) as store:
        return status_of(seat.policy, seat.paths.folder, store, SystemClock().now())


def _print_status(found: SeatStatus) -> None:
    paused = ", paused" if found.paused else ""
    site = "not read yet" if found.credits.site is None else f"{found.credits.site} on the site"
    print(f"{found.seat}: {found.state}{paused}")
    if found.halt is not None:
        say(f"  halted since {moment(found.halt.since)}: {plain(found.halt.what_to_do)}")
        print(f"  when that is done: leadwright resume {found.seat}")
    if found.doing:
        say(f"  {plain(found.doing)}")
    print(f"  credits  {found.credits.ledger} in the ledger, {site}")
    print(f"  today    {report.today_line(found.today)}")
    if found.answers or found.replies:
        print(f"  inbox    {found.answers} open, {found.replies} of your replies not sent yet")
    if found.calls.waiting or found.calls.given_up:
        told = f"{found.calls.waiting} wait, {found.calls.given_up} were given up"
        print(f"  calls    {told}: leadwright notify list {found.seat}")
    for broken in found.broken_hooks:
        say(f"  broken   {plain(report.broken_line(broken))}")
    for slid in found.slid_hooks:
        say(f"  warning  {plain(report.slid_line(slid))}")
    if found.next is not None:
        say(f"  next     {moment(found.next.at)} {found.next.what}: {plain(found.next.why)}")


def ledger(name: str, home: Path | None, output: str) -> int:
    """Print the ledger as a table, JSON, CSV or an hledger journal."""
    with _state(seat_of(name, home)) as store:
        entries, balance = list(store.entries()), store.ledger().available
        overdue = overdue_refunds(entries, list(store.readings()))
    lines = report.ledger_lines(entries)
    if output == "json":
        print_json({"balance": balance, "entries": lines})
    elif output == "hledger":
        say(report.hledger(entries))
    elif output == "csv":
        sys.stdout.write(report.ledger_csv(lines))
    else:
        grid = table("time (UTC)", "kind", "credits", "from", "to", "lead", "why")
        for line in lines:
            told = [moment(line.at), line.kind, str(line.credits), line.source, line.target]
            grid.row(*told, line.lead_id or "", line.why)
        console().print(grid)
        print(f"balance: {balance}")
        for entry in overdue:
            print(f"refund missing on the site for 48 h (C11): {entry.lead_id}, {moment(entry.at)}")
    return 0


def leads(name: str, home: Path | None, campaign: str | None, as_json: bool) -> int:
    """Print every lead with its state and why not today (T6)."""
    seat = seat_of(name, home)
    with _state(seat) as store:
        view = view_of(seat, store, SystemClock().now())
        if campaign is not None:
            campaign_of(seat, campaign, also=(state.name for state in view.states))
        pairs = with_leads(store, store.enrolments(campaign))
        lines = [report.lead_line(enrolment, lead, view) for enrolment, lead in pairs]
    if as_json:
        print_json({"leads": lines})
        return 0
    grid = table("lead", "id", "campaign", "state", "kind", "next", "why not now")
    for line in lines:
        why = report.why_line(line.why_not)
        coming = " ".join(part for part in (line.next_step, moment(line.next_at)) if part)
        state = f"{line.state}, {line.by_hand} by hand" if line.by_hand else line.state
        row = [line.name, line.id, line.campaign, state, line.kind or ""]
        grid.row(*row, coming, why)
    console().print(grid if lines else "no leads yet")
    return 0


def campaigns(name: str, home: Path | None, as_json: bool) -> int:
    """Print every campaign's funnel."""
    seat = seat_of(name, home)
    with _state(seat) as store:
        lines = [_campaign(store, campaign.name) for campaign in seat.campaigns]
    if as_json:
        print_json({"campaigns": lines})
    else:
        print_campaigns(lines)
    return 0


def campaign(name: str, seat_name: str, home: Path | None, as_json: bool) -> int:
    """Print one campaign's funnel. Raises UsageError for a name that there is not."""
    seat = seat_of(seat_name, home)
    campaign_of(seat, name)
    with _state(seat) as store:
        line = _campaign(store, name)
    if as_json:
        print_json(line)
    else:
        print_campaigns([line])
    return 0


def _campaign(store: Store, name: str) -> CampaignLine:
    return report.campaign_line(store.campaign(name), store.funnel(name))


def print_campaigns(lines: list[CampaignLine]) -> None:
    """The table of campaigns, with responders."""
    names = ("leads", "credit", "free", "accepted", "rejected", "responders", "follow-ups")
    grid = table("campaign", "state", *names, "held", "skipped")
    for line in lines:
        counts = [line.leads, line.sent.credit, line.sent.free, line.accepted, line.rejected]
        counts += [line.responders, line.follow_ups, line.held, line.skipped]
        grid.row(line.name, line.state, *map(str, counts))
    console().print(grid if lines else "no campaigns yet: put a file into the campaigns folder")
    for line in lines:
        if line.import_note is not None:
            say(f"{line.name}: {line.import_note}")
