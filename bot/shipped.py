"""Where the data that ships with the program stands: `selectors` and `fixtures`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from bot.errors import WorkFailed

_PACKAGE = Path(__file__).resolve().parent


@cache
def folder(name: Literal["selectors", "fixtures"]) -> Path:
    """The folder of that name: inside an installed package, else at the checkout's root.

    Raises WorkFailed if it is in neither place.
    """
    places = (_PACKAGE / "data" / name, _PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise WorkFailed(f"{name}/ is missing, looked for in {places[0]} and {places[1]}: reinstall")
