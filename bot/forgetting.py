"""Forgetting people: what is kept about them goes, a keyed hash of each stays (K5).

The hashes are written first: whoever dies between two steps has forgotten too little, never whom
not to write to; asked again, the command goes on. The state is last: as long as it knows somebody,
they are not forgotten.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot import orders, pulse, visited
from bot.contacts import erase
from bot.errors import WorkFailed
from bot.places import SeatPaths
from bot.rules.contacts import fold
from bot.store.erase import Erased
from bot.store.evidence import Evidence
from bot.store.store import Store

SHORTEST_NAME = 4  # letters: a shorter one would take out pages of others
_SPELLED_OUT = re.compile(r"\\u([0-9a-fA-F]{4})")  # a letter as JSON may write it


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was done. `aliases`: their names in what remains."""

    aliases: tuple[str, ...]
    pages: int
    log_lines: int

    def __str__(self) -> str:
        return (
            f"forgotten; what remains calls them {', '.join(self.aliases)} ({self.pages} kept pages"
            f" taken out, {self.log_lines} places in the log written over). Not reached: your own "
            "CSV files, exports, backups, a team file, what you were called about, the site itself"
        )


def forget(paths: SeatPaths, store: Store, lead_id: str) -> Forgotten:
    """Erase a person from state, evidence, log, answered orders, and what the browser remembers.

    Raises WorkFailed for somebody who is not known, and while an InMail to them is in doubt.
    """
    if store.lead(lead_id) is None:
        raise WorkFailed(f"there is no lead {lead_id}")
    doubt = next((each for each in store.open_attempts() if each.lead_id == lead_id), None)
    if doubt is not None:
        raise WorkFailed(f"{doubt.key} is not settled: use `leadwright settle` first")
    return forget_all(paths, store, (lead_id,))


def forget_all(paths: SeatPaths, store: Store, lead_ids: Sequence[str]) -> Forgotten:
    """Erase people, each of whom is known and not in doubt; what is kept is looked through once."""
    people = [(lead_id, *store.thread_ids(lead_id)) for lead_id in lead_ids]
    leads = [lead for each in lead_ids if (lead := store.lead(each)) is not None]
    ids = [each for person in people for each in person]
    hashes = dict(zip(ids, erase(paths.home, ids), strict=True))
    names = [lead.name for lead in leads if len(fold(lead.name)) >= SHORTEST_NAME]
    pages = Evidence(paths.evidence).forget(_Telling((*ids, *names)).tells)
    orders.forget(paths.folder, ids)
    pulse.forget(paths.folder, ids)
    lines = sum(_write_over(path, ids) for path in paths.logs.glob("*"))
    visited.forget(paths.profile)
    aliases = {each: f"erased-{digest[:16]}" for each, digest in hashes.items()}
    store.erase(
        [
            Erased(lead_id, aliases[lead_id], tuple((each, aliases[each]) for each in threads))
            for lead_id, *threads in people
        ]
    )
    return Forgotten(tuple(aliases[each] for each in lead_ids), pages, lines)


class _Telling:
    """Finds people in what a page holds, or names, however the page spells their letters."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = tuple(dict.fromkeys(word.lower() for word in words))

    def tells(self, text: str) -> bool:
        """Whether *text* names one of them."""
        if "\\u" in text:
            text = _SPELLED_OUT.sub(lambda spelled: chr(int(spelled[1], 16)), text)
        told = html.unescape(text).lower()
        return any(word in told for word in self._words)


def _write_over(path: Path, words: Sequence[str]) -> int:
    """Write x over each of *words* in a file that another process may be adding to."""
    found = 0
    with path.open("r+b") as file:
        text = file.read()
        for word in words:
            for match in re.finditer(re.escape(word.encode()), text):
                os.pwrite(file.fileno(), b"x" * len(word.encode()), match.start())
                found += 1
    return found
