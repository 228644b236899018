"""All that is wrong with the owner's files at once: for `check`, and for every command that fails.

A seat is refused for what concerns it; what is then told is everything, so that the owner mends it
in one go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.campaigns import CampaignsRead, read_campaigns, used_steps_faults
from bot.config import Settings, load
from bot.contacts import load_do_not_contact
from bot.errors import Fault, UsageError
from bot.model import CampaignState
from bot.pages.reader import Reader
from bot.places import SeatPaths
from bot.policy import Hours, SeatPolicy
from bot.seat import Seat, load_seat, own_reader
from bot.store.store import Store

ANY_HOURS = Hours(ZoneInfo("UTC"), frozenset(range(7)), time.min, time.max)


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` found: a line for each thing that is right, and every fault."""

    lines: tuple[str, ...]
    faults: tuple[Fault, ...]


def checked_settings(home: Path) -> Settings:
    """The configuration. Raises UsageError with all that is wrong, the campaigns' faults too."""
    try:
        return load(home)
    except UsageError as error:
        raise _with_all(error, home) from error


def checked_seat(settings: Settings, name: str) -> Seat:
    """One seat with its campaigns. Raises UsageError with all that is wrong in the home."""
    try:
        return load_seat(settings, name)
    except UsageError as error:
        raise _with_all(error, settings.home) from error


def _with_all(error: UsageError, home: Path) -> UsageError:
    """The error with every fault of the home; one without faults (no such seat) stays as it is."""
    if not error.faults:
        return error
    faults = check(home).faults
    return UsageError(f"{len(faults)} thing(s) to put right, then try again", faults)


def check(home: Path) -> Checked:
    """Read configuration, do-not-contact list and all campaigns, and collect what is wrong."""
    lines: list[str] = []
    faults: list[Fault] = []
    settings: Settings | None = None
    try:
        settings = load(home)
        lines.append(f"{home / 'config.toml'}: {len(settings.seats)} seat(s)")
    except UsageError as error:
        faults += error.faults or [Fault(str(home / "config.toml"), "-", "nothing", str(error))]
    try:
        load_do_not_contact(home)
    except UsageError as error:
        faults += error.faults
    for policy in _policies(home, settings):
        paths = SeatPaths(home, policy.name)
        read = _campaigns(paths, policy, settings)
        names = ", ".join(campaign.name for campaign in read.campaigns) or "none"
        lines.append(f"{policy.name}: campaigns: {names}")
        faults += read.faults
        try:
            lines += [f"{policy.name}: {line}" for line in _in_force(own_reader(paths))]
        except UsageError as error:
            faults += error.faults
    return Checked(tuple(lines), tuple(faults))


def _in_force(reader: Reader | None) -> list[str]:
    """A line for each hook and each sort of wording that the seat's own files say."""
    if reader is None:
        return []
    lines = [f"own selector {each.page}.{each.key}: {each.own}" for each in reader.selectors.own]
    said = Counter((each.say, each.own) for each in reader.texts.own)
    return lines + [f"own texts {say}: {count} in {file}" for (say, file), count in said.items()]


def _policies(home: Path, settings: Settings | None) -> Sequence[SeatPolicy]:
    """The seats; while config.toml is wrong, stand-ins for those that have a folder."""
    if settings is not None:
        return tuple(settings.seats.values())
    folders = sorted(path for path in (home / "seats").glob("*") if path.is_dir())
    return [SeatPolicy(name=folder.name, hours=ANY_HOURS) for folder in folders]


def _campaigns(paths: SeatPaths, policy: SeatPolicy, settings: Settings | None) -> CampaignsRead:
    """A seat's campaigns with what their state says of them (S5, S7)."""
    states = _states(paths)
    base_url = settings.site.base_url if settings is not None else ""
    read = read_campaigns(paths, policy, base_url, states)
    changed = [
        fault
        for campaign in read.campaigns
        for state in states
        if state.name == campaign.name
        for fault in used_steps_faults(campaign, state)
    ]
    return CampaignsRead(read.campaigns, (*read.faults, *changed))


def _states(paths: SeatPaths) -> tuple[CampaignState, ...]:
    if not paths.state.exists():
        return ()
    with Store.open(paths.state, read_only=True) as store:
        return store.campaigns()
