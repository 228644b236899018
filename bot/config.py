"""The owner's configuration: HOME/config.toml, and the environment over it.

`LEADWRIGHT_SEATS__ALICE__INMAILS_PER_DAY` overrides `inmails_per_day` in `[seats.alice]`; lists are
written as JSON. What is wrong is told all at once, as errors.Fault.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from pydantic_settings import SettingsError

from bot import tomlfile, tomltext
from bot.configfile import (
    DAYS,
    PREFIX,
    ConfigFile,
    CreditsTable,
    EvidenceTable,
    RetentionTable,
    SeatEvidenceTable,
    SeatRetentionTable,
    SeatTable,
    open_hours,
)
from bot.environment import PLACE, unknown_variables, variable
from bot.errors import Fault, UsageError
from bot.loopback import is_loopback
from bot.notifyfile import is_discreet, policy_of
from bot.places import SeatPaths, home_folder
from bot.policy import CreditPolicy, EvidencePolicy, Hours, RetentionPolicy, SeatPolicy
from bot.tomltext import Document

__all__ = [
    "BrowserSettings",
    "DeskSettings",
    "MetricsSettings",
    "SeatPaths",
    "Settings",
    "SiteSettings",
    "home_folder",
    "is_local",
]
__all__ += ["load"]

# --- what comes out -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """Where Sales Navigator is: scheme and host, without a slash at the end."""

    base_url: str = "https://www.linkedin.com"


@dataclass(frozen=True, slots=True)
class BrowserSettings:
    """`executable` is empty if the browser is to be found by itself.

    at_once  how many seats' browsers may be open; the others wait for their turn
    block    what pages are not to load (sparing.PARTS)
    """

    executable: str = ""
    headless: bool = True
    record_headless: bool = False
    at_once: int = 4
    block: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """Where the desk is served. `names`: hosts it answers to, beside its own address."""

    host: str = "127.0.0.1"
    port: int = 8777
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """Where numbers for machines are served. `open_to_network`: other machines may come."""

    host: str = "127.0.0.1"
    port: int = 9464
    names: tuple[str, ...] = ()
    open_to_network: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration, checked and resolved."""

    home: Path
    site: SiteSettings
    browser: BrowserSettings
    seats: Mapping[str, SeatPolicy]
    desk: DeskSettings = field(default_factory=DeskSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)

    def seat(self, name: str) -> SeatPolicy:
        """The policy of one seat. Raises UsageError, with the names that there are."""
        if name not in self.seats:
            known = ", ".join(self.seats) or "none yet"
            raise UsageError(f"no seat {name} in {self.home / 'config.toml'}; there is {known}")
        return self.seats[name]


def is_local(base_url: str) -> bool:
    """Whether the site is on this machine: a loopback address, or localhost."""
    return is_loopback(urlsplit(base_url).hostname or "")


# --- loading ------------------------------------------------------------------------------------


def load(home: Path) -> Settings:
    """Read HOME/config.toml and the environment. Raises UsageError with every fault at once."""
    path = home / "config.toml"
    try:
        document = tomltext.read(path, str(path))
    except FileNotFoundError:
        text = f"there is no {path}; `leadwright init {home}` writes one to start from"
        raise UsageError(text) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    if document.values is None:
        raise UsageError(f"{path} cannot be read", document.faults)
    config = _validated(document, document.values)
    seats = {name: _policy(name, seat, config, home) for name, seat in config.seats.items()}
    return Settings(
        home=home,
        site=SiteSettings(config.site.base_url),
        browser=BrowserSettings(
            config.browser.executable,
            config.browser.headless,
            config.browser.record_headless,
            config.browser.at_once,
            config.browser.block,
        ),
        seats=MappingProxyType(seats),
        desk=DeskSettings(config.desk.host, config.desk.port, config.desk.names),
        metrics=MetricsSettings(
            config.metrics.host,
            config.metrics.port,
            config.metrics.names,
            config.metrics.open_to_network,
        ),
    )


def _validated(document: Document, values: Mapping[str, Any]) -> ConfigFile:
    seats = values.get("seats")
    faults = unknown_variables(seats if isinstance(seats, dict) else ())
    known = {fault.key for fault in faults}
    try:
        config = ConfigFile(**_give_way(values))
    except ValidationError as error:
        placed = map(_placed, tomlfile.faults_of(error, ConfigFile, document))
        faults += [fault for fault in placed if fault.key not in known]
    except SettingsError as error:
        faults.append(Fault(PLACE, f"{PREFIX}…", str(error), "write lists as JSON"))
    else:
        if not faults:
            return config
    told = tuple(map(_discreet, faults))
    raise UsageError(f"the configuration is wrong in {len(faults)} place(s)", told)


def _give_way(values: Mapping[str, Any]) -> dict[str, Any]:
    """The file's values without a `months` that the environment's `days` replaces, and back."""
    kept = dict(values)
    for name in os.environ:
        path = tuple(name.lower().removeprefix(PREFIX.lower()).split("__"))
        if len(path) == 4 and path[0] == "seats" and path[3] in ("months", "days"):
            other = "days" if path[3] == "months" else "months"
            kept = _without(kept, (*path[:3], other))
    return kept


def _without(table: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """A copy of *table* without the key at *path*, if it is there."""
    inner = table.get(path[0])
    if len(path) == 1:
        return {key: value for key, value in table.items() if key != path[0]}
    if not isinstance(inner, dict):
        return table
    return table | {path[0]: _without(inner, path[1:])}


def _placed(fault: Fault) -> Fault:
    """The fault with the variable for its place, where the value came from one."""
    key = re.sub(r"\.\d+$", "", fault.key)  # a member of a list
    name = variable(*key.split("."))
    return replace(fault, place=PLACE, key=name, line=None) if name in os.environ else fault


def _discreet(fault: Fault) -> Fault:
    """The fault without the value, where that may be a secret."""
    return replace(fault, found="a value that is not shown") if is_discreet(fault.key) else fault


def _policy(name: str, seat: SeatTable, config: ConfigFile, home: Path) -> SeatPolicy:
    opens, closes = open_hours(seat.working_hours)
    zone = ZoneInfo(seat.timezone)
    days = frozenset(DAYS.index(day) for day in seat.working_days)
    team_file = str(home / Path(seat.team_file).expanduser()) if seat.team_file else ""
    return SeatPolicy(
        name=name,
        hours=Hours(zone, days, opens, closes, seat.holidays),
        owner_first_name=seat.owner_first_name,
        inmails_per_day=seat.inmails_per_day,
        messages_per_day=seat.messages_per_day,
        pause_seconds=seat.pause_seconds,
        lead_pages_per_day=seat.lead_pages_per_day,
        ramp=seat.ramp,
        read_inbox_minutes=seat.read_inbox_minutes,
        first_degree=seat.first_degree,
        order=seat.order,
        credits=_credit_policy(seat.credits),
        evidence=_evidence_policy(config.evidence, seat.evidence),
        retention=_retention_policy(config.retention, seat.retention),
        team_file=team_file,
        notify=policy_of(config.notify, seat.notify),
    )


def _evidence_policy(common: EvidenceTable, own: SeatEvidenceTable) -> EvidencePolicy:
    """The seat's own values over those for all seats."""
    megabytes, days = own.max_megabytes, own.keep_days
    return EvidencePolicy(
        max_megabytes=common.max_megabytes if megabytes is None else megabytes,
        keep_days=common.keep_days if days is None else days,
    )


def _retention_policy(common: RetentionTable, own: SeatRetentionTable) -> RetentionPolicy:
    """The seat's own values over those for all seats."""
    said = {key: days for key, days in own if days is not None}
    return RetentionPolicy(**{**dict(common), **said})


def _credit_policy(table: CreditsTable) -> CreditPolicy:
    months = 3 if table.months is None and table.days is None else table.months
    return CreditPolicy(
        monthly=table.monthly,
        cap=table.cap,
        months=months,
        days=table.days,
        reserve=table.reserve,
        renewal_day=table.renewal_day,
        renewal_zone=ZoneInfo(table.renewal_timezone),
        refund_on=table.refund_on,
    )
