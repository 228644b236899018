"""`leadwright read --seat`: a saved page as one seat reads it, with its own selectors and texts.

Apart from saved_page.py, so that reading without a seat waits for no configuration.
"""

from __future__ import annotations

from pathlib import Path

from bot.checking import checked_settings
from bot.cli.saved_page import read as read_page
from bot.places import SeatPaths, home_folder
from bot.seat import own_reader


def read(
    seat: str,
    home: Path | None,
    kind: str,
    source: str,
    owner: str | None,
    url: str | None,
    status_code: int | None,
    as_json: bool,
) -> int:
    """Parse one saved page. The seat's owner is as configured, unless *owner* is given."""
    settings = checked_settings(home_folder(home))
    policy = settings.seat(seat)
    reader = own_reader(SeatPaths(settings.home, seat))
    known = owner or policy.owner_first_name or None
    return read_page(kind, source, known, url, status_code, as_json, reader)
