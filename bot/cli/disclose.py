"""`export-person`: what is kept about somebody, beside a daemon. Only reads."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from bot.cli.common import print_json, seat_of
from bot.cli.plain import plain, say
from bot.clock import SystemClock
from bot.disclosing import disclose
from bot.store.store import Store


def export_person(lead: str, file: Path, name: str, home: Path | None, as_json: bool) -> int:
    """`leadwright export-person LEAD FILE --seat SEAT`."""
    seat = seat_of(name, home)
    target = file.expanduser().absolute()
    with Store.open(seat.paths.state, read_only=True) as store, store.snapshot():
        done = disclose(seat.paths, store, lead, target, SystemClock().now())
    if as_json:
        print_json(asdict(done) | {"file": str(done.file)})
    else:
        say(plain(str(done)))
    return 0
