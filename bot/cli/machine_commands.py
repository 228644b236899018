"""The commands about this machine, and for machines: their names and options (see main.py)."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.inbox_commands import Do
from bot.cli.options import AnySeat, Home, Json, Shell


def add_to(app: typer.Typer, do: Do) -> None:
    """Give the program these commands."""

    @app.command()
    def doctor(
        seat: AnySeat = None,
        get_browser: Annotated[
            bool, typer.Option("--get-browser", help="Install one, if none is found.")
        ] = False,
        home: Home = None,
        as_json: Json = False,
    ) -> None:
        """Say what this machine lacks, and how to get it; with SEAT, look at its live pages."""
        do("doctor", "doctor_command", seat, home, get_browser, as_json)

    @app.command()
    def completion(shell: Shell) -> None:
        """Print the script that makes a shell complete commands, options, seats and campaigns."""
        do("completing", "script", shell.value)

    @app.command()
    def metrics(
        once: Annotated[
            bool, typer.Option("--print", help="Print them once, and end; nothing is served.")
        ] = False,
        host: Annotated[
            str | None, typer.Option("--host", help="In place of the configured address.")
        ] = None,
        port: Annotated[
            int | None, typer.Option(min=0, max=65535, help="In place of the configured one.")
        ] = None,
        home: Home = None,
    ) -> None:
        """Serve /metrics for Prometheus, /healthz and /readyz, to this machine."""
        do("metrics", "metrics", home, host, port, once=once)
