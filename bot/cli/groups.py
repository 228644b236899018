"""The commands of two words: `campaign …` and `leads …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.late import do as _do
from bot.cli.options import Home, Json, SeatOption

campaign_app = typer.Typer(help="Campaigns and their funnel.", no_args_is_help=True)
leads_app = typer.Typer(help="Leads: import, list, export.", no_args_is_help=True)


@campaign_app.command("list")
def campaign_list(seat: SeatOption, home: Home = None, as_json: Json = False) -> None:
    """List the seat's campaigns."""
    _do("show", "campaigns", seat, home, as_json)


@campaign_app.command("show")
def campaign_show(name: str, seat: SeatOption, home: Home = None, as_json: Json = False) -> None:
    """Show a campaign and its funnel."""
    _do("show", "campaign", name, seat, home, as_json)


@campaign_app.command("pause")
def campaign_pause(name: str, seat: SeatOption, home: Home = None) -> None:
    """Pause a campaign: it sends nothing and goes on reading answers."""
    _do("orders", "pause_campaign", name, seat, home)


@campaign_app.command("resume")
def campaign_resume(name: str, seat: SeatOption, home: Home = None) -> None:
    """Resume a paused campaign."""
    _do("orders", "resume_campaign", name, seat, home)


@leads_app.command("import")
def leads_import(
    source: Annotated[str, typer.Argument(metavar="FILE_OR_URL")],
    campaign: Annotated[str, typer.Option("--campaign")],
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
    campaign: Annotated[str | None, typer.Option("--campaign")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """List every lead with state, kind, next step, and why not today."""
    _do("show", "leads", seat, home, campaign, as_json)


@leads_app.command("export")
def leads_export(file: Path, seat: SeatOption, home: Home = None) -> None:
    """Write everything known as CSV, formulas defused."""
    _do("export", "export", file, seat, home)
