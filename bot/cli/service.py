"""`install-service`: a systemd unit that starts the daemon with the machine and watches it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from bot.checking import checked_settings
from bot.cli.plain import say
from bot.errors import UsageError, WorkFailed
from bot.places import home_folder
from bot.policy import SeatPolicy

SYSTEM = Path("/etc/systemd/system")
ANY_SEAT = "%i"  # what systemd puts in for the name between @ and .service


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit file is made of.

    seat     the seat, or ANY_SEAT in a template unit
    account  whose the process is; "" in a user's own manager
    others   folders beside the home that it writes to: where team files lie (K4)
    """

    seat: str
    home: Path
    account: str = ""
    others: tuple[Path, ...] = ()

    @property
    def name(self) -> str:
        """The unit's file name."""
        return "leadwright@.service" if self.seat == ANY_SEAT else f"leadwright-{self.seat}.service"

    @property
    def folder(self) -> Path:
        """Where such units lie."""
        if self.account:
            return SYSTEM
        own = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
        return Path(own) / "systemd" / "user"

    def text(self) -> str:
        """The whole file."""
        template = files("bot").joinpath("templates", "leadwright.service")
        made = Environment(  # noqa: S701  no markup
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            keep_trailing_newline=True,
        ).from_string(template.read_text(encoding="utf-8"))
        return made.render(
            seat=self.seat,
            command=f"{quoted(sys.executable)} -m bot run {self.seat}",
            home=quoted(f"LEADWRIGHT_HOME={self.home}"),
            folders=" ".join(quoted(str(each)) for each in (self.home, *self.others)),
            account=self.account,
            system=bool(self.account),
        )


def quoted(word: str) -> str:
    """A word as a unit file holds it: whole, and nothing in it is put in by systemd.

    Raises UsageError for a line break, which no unit file can hold.
    """
    if not word.isprintable():
        raise UsageError(f"{word!r} cannot stand in a unit file: choose another path")
    safe = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{safe}"'


def install_command(
    seat: str | None,
    home: Path | None,
    account: str | None,
    *,
    template: bool,
    show: bool,
    force: bool,
) -> int:
    """`leadwright install-service SEAT`."""
    where = home_folder(home)
    if template == (seat is not None):
        raise UsageError("name a seat, or give --template for a unit that fits every seat")
    others: tuple[Path, ...] = ()
    if seat is not None:
        others = _beside(where, (checked_settings(where).seat(seat),))
    elif (where / "config.toml").exists():
        settings = checked_settings(where)
        others = _beside(where, map(settings.seat, settings.seats))
    unit = Unit(seat or ANY_SEAT, where, account or "", others)
    if show:
        sys.stdout.write(unit.text())
        return 0
    say(f"wrote {_written(unit, force=force)}")
    for line in _next(unit):
        say(line)
    return 0


def _beside(home: Path, seats: Iterable[SeatPolicy]) -> tuple[Path, ...]:
    """Folders of team files that are not the home's own."""
    folders = {Path(seat.team_file).parent for seat in seats if seat.team_file}
    return tuple(sorted(each for each in folders if not each.is_relative_to(home)))


def _written(unit: Unit, *, force: bool) -> Path:
    path = unit.folder / unit.name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(unit.text())
    except FileExistsError:
        raise UsageError(f"{path} is there already: --force replaces it") from None
    except OSError as error:
        raise WorkFailed(f"{path} cannot be written: {error.strerror}") from error
    return path


def _next(unit: Unit) -> list[str]:
    """What its owner types now."""
    control = "systemctl" if unit.account else "systemctl --user"
    name = unit.name.replace("@", "@SEAT")
    lines = [f"next: {control} daemon-reload && {control} enable --now {name}"]
    if not unit.account:
        lines.append("so that it goes on when you log out: loginctl enable-linger")
    lines.append(f"how it stands: {control} status {name}, or `leadwright status`")
    return lines
