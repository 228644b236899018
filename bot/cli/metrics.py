"""`leadwright metrics`: numbers for Prometheus, served or printed once."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.checking import checked_settings
from bot.cli.plain import say
from bot.clock import SystemClock
from bot.config import home_folder
from bot.metrics.serve import asked, prepare, printed
from bot.serving import serve_until_stopped


def metrics(home: Path | None, host: str | None, port: int | None, *, once: bool) -> int:
    """Serve until stopped, or print all once."""
    where = home_folder(home)
    settings = checked_settings(where).metrics
    if once:
        sys.stdout.write(printed(where, SystemClock()))
        return 0
    place = prepare(where, asked(settings, host, port), SystemClock())
    if place.warning:
        say(place.warning, sys.stderr)
    print(f"{place.address}/metrics, /healthz and /readyz. Ctrl-C ends.")
    sys.stdout.flush()
    serve_until_stopped(place.server, place.listener)
    return 0
