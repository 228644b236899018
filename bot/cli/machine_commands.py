"""The commands whose readers are machines: their names and options (see main.py)."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.inbox_commands import Do
from bot.cli.options import Home


def add_to(app: typer.Typer, do: Do) -> None:
    """Give the program these commands."""

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
