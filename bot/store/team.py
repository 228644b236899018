"""One InMail per person over all seats that share a team file (K4)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bot.store.codec import time_text
from bot.store.storage import SqliteStorage


class TeamFile:
    """Who wrote, or is about to write, to whom. A small file that any number of seats may share.

    It is opened for each question, so that no seat keeps another waiting, and has a plain journal:
    SQLite's write-ahead log does not work over a network share.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def claim(self, lead_id: str, seat: str, at: datetime) -> bool:
        """Take a person for *seat*; False if another seat was first.

        Asking again is harmless. Raises WorkFailed or StoreBroken if the file cannot be used: then
        nobody may be written to.
        """
        with SqliteStorage(self._path, journal="DELETE") as file, file.transaction():
            file.execute(
                "CREATE TABLE IF NOT EXISTS claims"
                " (lead_id TEXT PRIMARY KEY, seat TEXT NOT NULL, at TEXT NOT NULL)"
            )
            file.execute(
                "INSERT INTO claims (lead_id, seat, at) VALUES (?, ?, ?)"
                " ON CONFLICT (lead_id) DO NOTHING",
                (lead_id, seat, time_text(at)),
            )
            return _holder(file, lead_id) == seat

    def holder(self, lead_id: str) -> str | None:
        """The seat that has this person, None if none has."""
        if not self._path.exists():
            return None
        with SqliteStorage(self._path, read_only=True) as file:
            return _holder(file, lead_id) if "claims" in file.names() else None


def _holder(file: SqliteStorage, lead_id: str) -> str | None:
    found = file.execute("SELECT seat FROM claims WHERE lead_id = ?", (lead_id,))
    return str(found[0][0]) if found else None
