"""The commands of two words: `campaign …`, `leads …` and `notify …`; and what goes with them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.late import do as _do
from bot.cli.options import (
    AnyCampaign,
    CampaignName,
    CampaignOption,
    Home,
    Json,
    Seat,
    SeatOption,
)

campaign_app = typer.Typer(help="Campaigns and their funnel.", no_args_is_help=True)
leads_app = typer.Typer(help="Leads: import, list, export.", no_args_is_help=True)
notify_app = typer.Typer(help="Calls to you and your programs.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Give the program these commands."""
    app.add_typer(campaign_app, name="campaign")
    app.add_typer(leads_app, name="leads")
    app.add_typer(notify_app, name="notify")
    app.command()(deliver)
    app.command()(retention)


@campaign_app.command("list")
def campaign_list(seat: SeatOption, home: Home = None, as_json: Json = False) -> None:
    """List the seat's campaigns."""
    _do("show", "campaigns", seat, home, as_json)


@campaign_app.command("show")
def campaign_show(
    name: CampaignName, seat: SeatOption, home: Home = None, as_json: Json = False
) -> None:
    """Show a campaign and its funnel."""
    _do("show", "campaign", name, seat, home, as_json)


@campaign_app.command("pause")
def campaign_pause(name: CampaignName, seat: SeatOption, home: Home = None) -> None:
    """Pause a campaign: it sends nothing and goes on reading answers."""
    _do("orders", "pause_campaign", name, seat, home)


@campaign_app.command("resume")
def campaign_resume(name: CampaignName, seat: SeatOption, home: Home = None) -> None:
    """Resume a paused campaign."""
    _do("orders", "resume_campaign", name, seat, home)


@leads_app.command("import")
def leads_import(
    source: Annotated[str, typer.Argument(metavar="FILE_OR_URL")],
    campaign: CampaignOption,
    seat: SeatOption,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Import leads from a CSV file, a search URL or a list URL.

    A search or list that was broken off goes on at the page where it stopped.
    """
    _do("imports", "import_leads", source, campaign, seat, home, as_json)


@leads_app.command("list")
def leads_list(
    seat: SeatOption,
    campaign: AnyCampaign = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """List every lead with state, kind, next step, and why not today."""
    _do("show", "leads", seat, home, campaign, as_json)


@leads_app.command("export")
def leads_export(file: Path, seat: SeatOption, home: Home = None) -> None:
    """Write everything known as CSV, formulas defused."""
    _do("export", "export", file, seat, home)


@notify_app.command("test")
def notify_test(seat: Seat, home: Home = None, as_json: Json = False) -> None:
    """Send a test to every destination now, and say what came of it."""
    _do("notify", "test", seat, home, as_json)


@notify_app.command("list")
def notify_list(seat: Seat, home: Home = None, as_json: Json = False) -> None:
    """List what waits, what was delivered, and what was given up."""
    _do("notify", "list_calls", seat, home, as_json)


@notify_app.command("retry")
def notify_retry(seat: Seat, home: Home = None, as_json: Json = False) -> None:
    """Try at once what waits or was given up."""
    _do("notify", "retry", seat, home, as_json)


def retention(
    seat: Seat,
    most: Annotated[int, typer.Option("--most", min=0, help="Leads that are listed.")] = 20,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Show what is kept about people, since when, and who and what goes next."""
    _do("retention", "retention", seat, home, most, as_json)


def deliver(
    seat: Seat,
    stopped: Annotated[str, typer.Option("--stopped", hidden=True)] = "",
    home: Home = None,
) -> None:
    """Deliver the calls that are due, then end; the daemon does so by itself."""
    _do("notify", "deliver_command", seat, stopped, home)
