"""Whether the destinations of calls can be reached from here, as far as their words tell."""

from __future__ import annotations

from collections.abc import Iterator

from bot import secrets
from bot.calls import Destination
from bot.cli.late import load
from bot.config import Settings
from bot.errors import Fault, WorkFailed
from bot.notifyfile import webhook_fault
from bot.rules.calling import destinations

BY_FILE = "file:"


def destinations_of(settings: Settings) -> tuple[list[str], list[Fault]]:
    """A line for each seat that calls somebody, and what is wrong.

    A variable or a credential that is not here may be there where the seat runs: that is a line
    and no fault.
    """
    lines: list[str] = []
    faults: dict[tuple[str, str], Fault] = {}
    place = str(settings.home / "config.toml")
    for name, policy in settings.seats.items():
        where = destinations(policy.notify)
        if where:
            lines.append(f"{name}: calls: {', '.join(each.label for each in where)}")
        for each in where:
            for written, found in _wrong(each, settings):
                if written.startswith(BY_FILE) or not secrets.is_elsewhere(written):
                    faults[each.label, found] = Fault(place, "notify", each.label, found)
                else:
                    lines.append(f"{name}: calls: {found}")
    return lines, list(faults.values())


def _wrong(where: Destination, settings: Settings) -> Iterator[tuple[str, str]]:
    """What is as it was written, and why it cannot be used."""
    address = ""
    for written in (where.address, where.secret):
        try:
            value = secrets.resolve(written, settings.home)
        except WorkFailed as error:
            yield written, str(error)
        else:
            address = value if written == where.address else address
    if not address:
        return
    if where.is_webhook:
        found = webhook_fault(address)
        if found is not None:
            yield where.address, f"the address is none to send to: {found}"
    elif not load("bot.channels").is_known(address):
        yield where.address, "no address that apprise knows: see https://appriseit.com/services"
