"""Forgetting a person: what is kept about them goes, a keyed hash stays (K5).

The hash is written first: whoever dies between two steps has forgotten too little, never whom not
to write to; asked again, the command goes on.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from bot import orders, pulse
from bot.contacts import erase
from bot.errors import WorkFailed
from bot.places import SeatPaths
from bot.rules.contacts import fold
from bot.store.evidence import Evidence
from bot.store.store import Store

SHORTEST_NAME = 4  # letters: a shorter one would take out pages of others


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was done. `alias`: their name in what remains."""

    alias: str
    pages: int
    log_lines: int

    def __str__(self) -> str:
        return (
            f"forgotten; what remains calls them {self.alias} ({self.pages} kept pages taken out, "
            f"{self.log_lines} places in the log written over). Not reached: your own CSV files, "
            "exports, backups, a team file, what you were called about, the site itself"
        )


def forget(paths: SeatPaths, store: Store, lead_id: str) -> Forgotten:
    """Erase a person from state, evidence, log and answered orders.

    Raises WorkFailed for somebody who is not known, and while an InMail to them is in doubt.
    """
    lead = store.lead(lead_id)
    if lead is None:
        raise WorkFailed(f"there is no lead {lead_id}")
    doubt = next((each for each in store.open_attempts() if each.lead_id == lead_id), None)
    if doubt is not None:
        raise WorkFailed(f"{doubt.key} is not settled: use `leadwright settle` first")
    threads = store.thread_ids(lead_id)
    alias = f"erased-{erase(paths.home, lead_id)[:16]}"
    for thread in threads:
        erase(paths.home, thread)
    pages = Evidence(paths.evidence).forget(_tells_of(lead_id, lead.name, threads))
    orders.forget(paths.folder, lead_id)
    pulse.forget(paths.folder, lead_id)
    lines = sum(_write_over(path, (lead_id, *threads)) for path in paths.logs.glob("*"))
    store.erase(lead_id, alias)
    return Forgotten(alias, pages, lines)


def _tells_of(lead_id: str, name: str, threads: tuple[str, ...]) -> re.Pattern[str]:
    """What a kept page that is about them, or only names them, holds."""
    words = [lead_id, *threads]
    if len(fold(name)) >= SHORTEST_NAME:
        words.append(name)
    return re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)


def _write_over(path: Path, words: tuple[str, ...]) -> int:
    """Write x over each of *words* in a file that another process may be adding to."""
    found = 0
    with path.open("r+b") as file:
        text = file.read()
        for word in words:
            for match in re.finditer(re.escape(word.encode()), text):
                os.pwrite(file.fileno(), b"x" * len(word.encode()), match.start())
                found += 1
    return found
