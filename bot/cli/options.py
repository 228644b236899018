"""What several commands take, and the words of those that take one of a few."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


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
Seat = Annotated[str, typer.Argument(help="The seat's name in config.toml.")]
Pages = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Look like a recording, where it has the page."),
]
SeatOption = Annotated[str, typer.Option("--seat", help="The seat's name in config.toml.")]
