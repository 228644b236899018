"""What several commands take, and the words of those that take one of a few."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.late import load

COMPLETES = "_LEADWRIGHT_COMPLETE"  # the variable by which a shell asks what it may offer


def _seats(ctx: typer.Context) -> list[str]:
    """What the shell offers for a seat."""
    found: list[str] = load("bot.cli.completing").seats(ctx.params.get("home"))
    return found


def _campaigns(ctx: typer.Context) -> list[str]:
    """What the shell offers for a campaign."""
    given = ctx.params
    found: list[str] = load("bot.cli.completing").campaigns(given.get("home"), given.get("seat"))
    return found


class LedgerFormat(StrEnum):
    """How `ledger` prints."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    HLEDGER = "hledger"


class PageKind(StrEnum):
    """What `read` reads."""

    LEAD = "lead"
    COMPOSER = "composer"
    RESULTS = "results"
    INBOX = "inbox"
    THREAD = "thread"
    BALANCE = "balance"
    HALT = "halt"
    SENT = "sent"


class SettledAs(StrEnum):
    """What the owner found when looking up an uncertain attempt."""

    SENT = "sent"
    NOT_SENT = "not-sent"


class Shell(StrEnum):
    """Whose completion `completion` prints."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


class AnsweredAs(StrEnum):
    """What a default text says."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


Home = Annotated[
    Path | None,
    typer.Option("--home", help="Where everything lives (else LEADWRIGHT_HOME)."),
]
Accept = Annotated[
    float | None, typer.Option(min=0, max=1, help="Of all InMails: accepted by default.")
]
Reject = Annotated[float | None, typer.Option(min=0, max=1, help="Of all InMails: rejected.")]
OwnWords = Annotated[
    float | None, typer.Option(min=0, max=1, help="Of all InMails: answered in own words.")
]
Free = Annotated[
    float | None, typer.Option(min=0, max=1, help="Of leads never looked at: free to write to.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
SEAT_HELP = "The seat's name in config.toml."
Seat = Annotated[str, typer.Argument(help=SEAT_HELP, autocompletion=_seats)]
AnySeat = Annotated[str | None, typer.Argument(metavar="[SEAT]", autocompletion=_seats)]
AllSeats = Annotated[str | None, typer.Argument(help="Default: all seats.", autocompletion=_seats)]
Seats = Annotated[list[str] | None, typer.Argument(metavar="[SEAT]...", autocompletion=_seats)]
CampaignName = Annotated[str, typer.Argument(autocompletion=_campaigns)]
CampaignOption = Annotated[str, typer.Option("--campaign", autocompletion=_campaigns)]
AnyCampaign = Annotated[str | None, typer.Option("--campaign", autocompletion=_campaigns)]
Pages = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Look like a recording, where it has the page."),
]
SeatOption = Annotated[str, typer.Option("--seat", help=SEAT_HELP, autocompletion=_seats)]
