"""The commands that work an answer of the inbox: their names and options (see main.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NoReturn, Protocol

import typer

from bot.cli.options import Home, Json, Seat, SeatOption

LeadAnswered = Annotated[str, typer.Argument(help="Who answered.")]


class Do(Protocol):
    """main._do: imports a command's module, and runs it."""

    def __call__(self, module: str, function: str, *args: Any, **options: Any) -> NoReturn: ...


def add_to(app: typer.Typer, do: Do) -> None:
    """Give the program these commands."""

    @app.command()
    def inbox(
        seat: Seat,
        every: Annotated[
            bool, typer.Option("--all", help="Answers the rules do not show, too.")
        ] = False,
        most: Annotated[
            int, typer.Option("--most", min=0, help="Rows of the table; 0: all of them.")
        ] = 50,
        home: Home = None,
        as_json: Json = False,
    ) -> None:
        """Show the answers for the owner, those to check first, then the newest."""
        do("look", "inbox", seat, home, every, most, as_json)

    @app.command()
    def reply(
        lead: LeadAnswered,
        seat: SeatOption,
        text: Annotated[str | None, typer.Argument(help="What is sent, as it stands.")] = None,
        file: Annotated[
            Path | None,
            typer.Option("--file", metavar="FILE", help="The text (-: standard input)."),
        ] = None,
        withdraw: Annotated[
            bool, typer.Option("--withdraw", help="Take back one that was not sent yet.")
        ] = False,
        home: Home = None,
    ) -> None:
        """Send one message to somebody who answered: the agent writes it, once."""
        do("answering", "reply", lead, seat, text, file, withdraw, home)

    @app.command()
    def done(
        lead: LeadAnswered,
        seat: SeatOption,
        undo: Annotated[bool, typer.Option("--undo", help="Not done: open again.")] = False,
        home: Home = None,
    ) -> None:
        """Take an answer out of the inbox; what they say next brings it back."""
        do("answering", "done", lead, seat, undo, home)
