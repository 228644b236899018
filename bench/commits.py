"""How long a change takes until it is on the disk."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.timing import Report, timed
from bot.model import Changes, Enrolment, Lead
from bot.store.store import Store

METHOD = "{runs} commits of one lead and its enrolment, each flushed to the disk, one process"


def measure(runs: int) -> Report:
    """Time a durable commit."""
    with TemporaryDirectory() as folder, Store.open(Path(folder) / "state.db") as store:
        numbers = count()

        def enrol() -> None:
            number = next(numbers)
            lead_id = f"ACwAAinvented{number}"
            enrolment = Enrolment(f"bench/{lead_id}", lead_id, "bench", number)
            store.commit(Changes(leads=(Lead(lead_id, "Ida Invented"),), enrolments=(enrolment,)))

        series = timed("commit of one enrolment", runs, enrol)
    return Report("Store", METHOD.format(runs=runs), (series,))
