"""Where things lie: the home folder and a seat's own. Light, for the daemon imports it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

SEAT_NAME = re.compile(r"[a-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class SeatPaths:
    """Where a seat keeps its things. Nothing is created by asking."""

    home: Path
    seat: str

    @property
    def folder(self) -> Path:
        return self.home / "seats" / self.seat

    @property
    def state(self) -> Path:
        return self.folder / "state.sqlite"

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def evidence(self) -> Path:
        return self.folder / "evidence"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def orders(self) -> Path:
        return self.folder / "orders"

    @property
    def browsers(self) -> Path:
        """Who has a browser open, of all seats of the home."""
        return self.home / "browsers"

    @property
    def profile(self) -> Path:
        """The browser's own folder: it holds the owner's sign-in."""
        return self.folder / "browser"

    @property
    def campaigns(self) -> Path:
        return self.folder / "campaigns"

    @property
    def selectors(self) -> Path:
        """The owner's own selectors, `<page>.toml`, over those that ship."""
        return self.folder / "selectors"

    @property
    def texts(self) -> Path:
        """The owner's own wordings of the site, `<language>.toml`, beside those that ship."""
        return self.folder / "texts"


def home_folder(option: Path | None = None) -> Path:
    """The home folder: the option, else LEADWRIGHT_HOME, else the platform's place. Absolute."""
    named = option or os.environ.get("LEADWRIGHT_HOME") or user_data_path("leadwright")
    return Path(named).expanduser().absolute()
