"""`leadwright dashboard`: the owner's desk in the browser."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.checking import checked_settings
from bot.cli.plain import say
from bot.clock import SystemClock
from bot.config import home_folder
from bot.desk.security import Key
from bot.desk.serve import link_to, prepare, serve


def dashboard(home: Path | None, port: int | None, *, link_only: bool) -> int:
    """Serve the desk until stopped, or only print its link."""
    where = home_folder(home)
    settings = checked_settings(where).desk
    if link_only:
        print(link_to(settings, Key.kept(where), settings.port if port is None else port))
        return 0
    place = prepare(where, settings, port, SystemClock())
    if place.warning:
        say(place.warning, sys.stderr)
    print(f"The desk is open at\n  {place.link}\nThe link is yours alone. Ctrl-C closes the desk.")
    sys.stdout.flush()
    serve(place)
    return 0
