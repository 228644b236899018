"""What the shell offers while a command is typed: names of seats and campaigns.

It is asked at every press of a key, so it reads as little as it can, and says nothing where a file
is wrong: that is for `check`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from typer.completion import (  # type: ignore[attr-defined]  # the script is of a private module
    get_completion_inspect_parameters,
    get_completion_script,
)

from bot.cli.options import COMPLETES
from bot.places import SEAT_NAME, SeatPaths, home_folder


def script(shell: str) -> int:
    """`leadwright completion SHELL`."""
    print(get_completion_script(prog_name="leadwright", complete_var=COMPLETES, shell=shell))
    return 0


def know_shells() -> None:
    """Tell Typer's parser of its shells; else only its own two options would, in every help."""
    get_completion_inspect_parameters()


def seats(home: Path | None) -> list[str]:
    """The seats of config.toml; while that cannot be read, those that have a folder."""
    where = home_folder(home)
    try:
        with (where / "config.toml").open("rb") as file:
            tables = tomllib.load(file).get("seats", {})
        names = list(tables) if isinstance(tables, dict) else []
    except (OSError, ValueError):
        names = [folder.name for folder in where.glob("seats/*") if folder.is_dir()]
    return sorted(filter(SEAT_NAME.fullmatch, names))


def campaigns(home: Path | None, seat: str | None) -> list[str]:
    """The names in the files of one seat's campaigns, or of all seats' if none is named yet."""
    chosen = seats(home) if seat is None or not SEAT_NAME.fullmatch(seat) else [seat]
    names: set[str] = set()
    for each in chosen:
        for path in SeatPaths(home_folder(home), each).campaigns.glob("*.toml"):
            try:
                name = tomllib.loads(path.read_text(encoding="utf-8")).get("name")
            except (OSError, ValueError):
                continue
            if isinstance(name, str) and name.isprintable():
                names.add(name)
    return sorted(names)
