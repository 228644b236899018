"""`init` writes the files to start from; `check` says what is wrong with them."""

from __future__ import annotations

from dataclasses import asdict
from importlib.resources import files
from pathlib import Path

from bot.checking import Checked, check
from bot.cli.calls import destinations_of
from bot.cli.common import print_json
from bot.cli.plain import say
from bot.config import load
from bot.errors import UsageError
from bot.places import home_folder

# Which template becomes which file of the home.
WRITTEN = (
    ("config.toml", "config.toml"),
    ("do-not-contact.csv", "do-not-contact.csv"),
    ("campaign.toml", "seats/alice/campaigns/example.toml"),
    ("audience.csv", "seats/alice/campaigns/example.csv"),
)


def init(folder: Path) -> list[Path]:
    """Write what is not there yet into *folder*; return the files that were written.

    Raises UsageError if the folder cannot be written to.
    """
    written: list[Path] = []
    for template, name in WRITTEN:
        path = folder / name
        text = files("bot").joinpath("templates", template).read_text(encoding="utf-8")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            continue
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}") from None
        written.append(path)
    return written


def init_command(folder: Path | None, home: Path | None) -> int:
    """`leadwright init [DIR]`."""
    where = folder.absolute() if folder is not None else home_folder(home)
    written = init(where)
    for path in written:
        say(f"wrote {path}")
    if not written:
        say(f"nothing to write: {where} has all its files already")
    option = "" if where == home_folder() else f" --home {where}"
    say(f"next: edit {where / 'config.toml'}, then `leadwright check{option}`")
    return 0


def check_command(home: Path | None, as_json: bool) -> int:
    """`leadwright check`: exit code 2 if anything is wrong."""
    where = home_folder(home)
    found = with_calls(check(where), where)
    if as_json:
        print_json({"faults": [asdict(fault) for fault in found.faults], "right": found.lines})
    else:
        tell(found)
    return 2 if found.faults else 0


def with_calls(found: Checked, home: Path) -> Checked:
    """What was found, and what is wrong with the destinations of calls, if the files are right."""
    if found.faults:
        return found
    lines, faults = destinations_of(load(home))
    return Checked((*found.lines, *lines), (*found.faults, *faults))


def tell(found: Checked) -> None:
    """Print what is right, what is wrong, and how much there is to do."""
    for line in (*found.lines, *found.faults):
        say(str(line))
    wrong = f"{len(found.faults)} thing(s) to put right"
    print(wrong if found.faults else "everything is in order")
