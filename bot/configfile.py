"""What may stand in config.toml: names, types, ranges and defaults.

Each field's description is what the owner is told when something else stands there.
"""

from __future__ import annotations

import importlib
import ipaddress
import re
from datetime import time
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.loopback import is_loopback
from bot.notifyfile import NotifyTable, SeatNotifyTable
from bot.places import SEAT_NAME
from bot.tomlfile import Spoken, Table, Truth, Whole, from_json

PREFIX = "LEADWRIGHT_"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ValueError('a time zone of the IANA list, e.g. "Europe/Paris" or "UTC"') from None
    return name


def _country(code: str) -> str:
    """A country that the holidays library knows; it takes long to import, so only if asked."""
    known = importlib.import_module("holidays").list_supported_countries() if code else ()
    if code and code not in known:
        raise ValueError('a country code of two capital letters, e.g. "FR", or "" for none')
    return code


def _base_url(url: str) -> str:
    allowed = "http:// or https:// and a host, with nothing after it"
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is none, brackets that are not closed
        raise ValueError(allowed) from None
    bare = not parts.path.strip("/") and not set("?#@ \t\n\r") & set(url)
    if not known or not bare:
        raise ValueError(allowed)
    return url.rstrip("/")


def open_hours(text: str) -> tuple[time, time]:
    """Opening and closing time of "HH:MM-HH:MM"; 24:00 is the end of the day. Raises ValueError."""
    match = re.fullmatch(
        r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*(?:([01]\d|2[0-3]):([0-5]\d)|24:00)", text
    )
    if match is not None:
        opens = time(int(match[1]), int(match[2]))
        closes = time(int(match[3]), int(match[4])) if match[3] else time.max
        if opens < closes:
            return opens, closes
    raise ValueError('"HH:MM-HH:MM", the first earlier than the second, e.g. "09:00-17:30"')


def _hours(text: str) -> str:
    open_hours(text)
    return text


def _ascending(pause: tuple[int, int]) -> tuple[int, int]:
    if pause[0] > pause[1]:
        raise ValueError("two whole numbers of seconds, the shorter first, e.g. [40, 180]")
    return pause


Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)
WorkingDays = Annotated[tuple[Day, ...], BeforeValidator(from_json), Field(min_length=1)]
WorkingHours = Annotated[str, AfterValidator(_hours)]
Zone = Annotated[str, AfterValidator(_zone)]
InMails = Annotated[Whole, Field(ge=1, le=10)]
Sparing = Annotated[
    tuple[Literal["images", "fonts", "other-hosts"], ...], BeforeValidator(from_json)
]
FirstDegree = Literal["skip", "message"]
Order = Literal["imported", "credit-first", "free-first"]

WORKING_DAYS = 'a list of days, e.g. ["mon", "tue", "wed", "thu", "fri"]'
WORKING_HOURS = '"HH:MM-HH:MM", e.g. "09:00-17:30"'
SPARING = 'a list of "images", "fonts", "other-hosts"'
FIRST_DEGREE = '"skip" or "message"'
ORDER = '"imported", "credit-first" or "free-first"'


class SiteTable(Table):
    base_url: Annotated[str, AfterValidator(_base_url)] = Field(
        "https://www.linkedin.com", description="http:// or https:// and a host"
    )


class BrowserTable(Table):
    executable: str = Field("", description="the path of a browser, or empty")
    headless: Truth = Field(default=True, description="true or false")
    record_headless: Truth = Field(default=False, description="true or false")
    block: Sparing = Field((), description=SPARING)
    at_once: Whole = Field(4, ge=1, le=100, description="a whole number from 1 to 100")


def _host(host: str) -> str:
    """An address to listen on: this machine's own is what is meant by default."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if host != "localhost":
            raise ValueError('an address of this machine, e.g. "127.0.0.1"') from None
    return host


class DeskTable(Table):
    host: Annotated[str, AfterValidator(_host)] = Field(
        "127.0.0.1", description='an address of this machine, e.g. "127.0.0.1"'
    )
    port: Whole = Field(8777, ge=0, le=65535, description="a whole number from 0 to 65535")
    open_to_network: Truth = Field(
        default=False, description="true (other machines may come) or false"
    )
    names: Annotated[tuple[str, ...], BeforeValidator(from_json)] = Field(
        (), max_length=20, description='a list of host names, e.g. ["desk.example"], or []'
    )

    @model_validator(mode="after")
    def _stays_here(self) -> Self:
        if not self.open_to_network and not is_loopback(self.host):
            raise ValueError(
                f"others can reach {self.host}: open_to_network = true, if that is meant"
            )
        return self


class MetricsTable(DeskTable):
    """Where numbers for machines are served, under the same conditions as the desk."""

    port: Whole = Field(9464, ge=0, le=65535, description="a whole number from 0 to 65535")
    names: Annotated[tuple[str, ...], BeforeValidator(from_json)] = Field(
        (), max_length=20, description='a list of host names, e.g. ["numbers.example"], or []'
    )


class CreditsTable(Table):
    monthly: Whole = Field(50, ge=1, le=1000, description="a whole number from 1 to 1000 (C1)")
    cap: Whole = Field(150, ge=1, le=1000, description="a whole number from 1 to 1000 (C2)")
    months: Whole | None = Field(None, ge=1, le=24, description="months, from 1 to 24 (C3)")
    days: Whole | None = Field(None, ge=1, le=730, description="days, from 1 to 730 (C3)")
    reserve: Whole = Field(1, ge=0, le=150, description="a whole number from 0 to 150 (C6)")
    renewal_day: Whole = Field(1, ge=1, le=31, description="a day of the month, 1 to 31 (C1)")
    renewal_timezone: Zone = Field("UTC", description='a time zone, e.g. "UTC" (C1)')
    refund_on: Literal["acceptance", "any-answer"] = Field(
        "acceptance", description='"acceptance" or "any-answer" (C5)'
    )

    @field_validator("days")
    @classmethod
    def _one_life(cls, days: int | None, info: ValidationInfo) -> int | None:
        if days is not None and info.data.get("months") is not None:
            raise ValueError("either months or days, not both (C3)")
        return days


MEGABYTES = "a whole number of megabytes, from 1 to 100000"
KEEP_DAYS = "a whole number of days, from 1 to 3650"
Megabytes = Annotated[Whole, Field(ge=1, le=100_000)]
KeepDays = Annotated[Whole, Field(ge=1, le=3650)]


class EvidenceTable(Table):
    max_megabytes: Megabytes = Field(500, description=MEGABYTES)
    keep_days: KeepDays = Field(180, description=KEEP_DAYS)


class SeatEvidenceTable(Table):
    """A seat's own; what it does not say is as [evidence] says."""

    max_megabytes: Megabytes | None = Field(None, description=MEGABYTES)
    keep_days: KeepDays | None = Field(None, description=KEEP_DAYS)


KEPT_DAYS = "a whole number of days, from 0 (for good) to 3650"
UNANSWERED_DAYS = "0 (for good), or a whole number of days from 90 to 3650"


def _answerable(days: int | None) -> int | None:
    """The site may give a credit back for an answer within 90 days (C5)."""
    if days is not None and 0 < days < 90:
        raise ValueError(UNANSWERED_DAYS)
    return days


KeptDays = Annotated[Whole, Field(ge=0, le=3650)]
UnansweredDays = Annotated[KeptDays, AfterValidator(_answerable)]


class RetentionTable(Table):
    leads_days: KeptDays = Field(0, description=KEPT_DAYS)
    unanswered_days: UnansweredDays = Field(0, description=UNANSWERED_DAYS)
    logs_days: KeptDays = Field(0, description=KEPT_DAYS)
    orders_days: KeptDays = Field(0, description=KEPT_DAYS)
    replaced_days: KeptDays = Field(0, description=KEPT_DAYS)


class SeatRetentionTable(Table):
    """A seat's own; what it does not say is as [retention] says."""

    leads_days: KeptDays | None = Field(None, description=KEPT_DAYS)
    unanswered_days: UnansweredDays | None = Field(None, description=UNANSWERED_DAYS)
    logs_days: KeptDays | None = Field(None, description=KEPT_DAYS)
    orders_days: KeptDays | None = Field(None, description=KEPT_DAYS)
    replaced_days: KeptDays | None = Field(None, description=KEPT_DAYS)


PAUSE_MAX = 86_400  # seconds: a day


class SeatTable(Table):
    owner_first_name: str = Field("", max_length=60, description="a first name, or empty")
    timezone: Zone = Field("UTC", description='a time zone, e.g. "Europe/Paris" (L3)')
    working_days: WorkingDays = Field(DAYS[:5], description=WORKING_DAYS)
    working_hours: WorkingHours = Field("09:00-17:30", description=WORKING_HOURS)
    inmails_per_day: InMails = Field(10, description="a whole number from 1 to 10 (L1)")
    messages_per_day: Whole = Field(50, ge=0, le=500, description="a whole number, 0 to 500 (L2)")
    pause_seconds: Annotated[
        tuple[
            Annotated[Whole, Field(ge=0, le=PAUSE_MAX)], Annotated[Whole, Field(ge=0, le=PAUSE_MAX)]
        ],
        BeforeValidator(from_json),
        AfterValidator(_ascending),
    ] = Field(
        (40, 180), description="two whole numbers of seconds, a day's at most, e.g. [40, 180] (L4)"
    )
    lead_pages_per_day: Whole = Field(80, ge=1, le=500, description="a number, 1 to 500 (L6)")
    holidays: Annotated[str, AfterValidator(_country)] = Field(
        "", description='a country code, e.g. "FR", or "" for none (L3)'
    )
    ramp: Annotated[tuple[InMails, ...], BeforeValidator(from_json)] = Field(
        (), max_length=366, description="a list of whole numbers from 1 to 10, or [] (L4)"
    )
    read_inbox_minutes: Whole = Field(60, ge=1, le=1440, description="minutes, from 1 to 1440")
    first_degree: FirstDegree = Field("skip", description=f"{FIRST_DEGREE} (K4)")
    order: Order = Field("imported", description=f"{ORDER} (K7)")
    team_file: str = Field("", description="the path of a file, or empty (K4)")
    credits: CreditsTable = Field(
        default_factory=CreditsTable, description="a table of credit settings"
    )
    evidence: SeatEvidenceTable = Field(
        default_factory=SeatEvidenceTable, description="a table with max_megabytes, keep_days"
    )
    retention: SeatRetentionTable = Field(
        default_factory=SeatRetentionTable, description="a table as [retention] is"
    )
    notify: SeatNotifyTable = Field(
        default_factory=SeatNotifyTable, description="a table as [notify] is"
    )


def _seat_name(name: str) -> str:
    if SEAT_NAME.fullmatch(name) is None:
        raise ValueError("a seat's name has small letters a-z, digits, - and _ only")
    return name


class _Environment(EnvSettingsSource):
    """The environment's values, marked as such: only there a number is written as text."""

    def __call__(self) -> dict[str, Any]:
        return {name: _spoken(value) for name, value in super().__call__().items()}


def _spoken(value: object) -> object:
    if isinstance(value, dict):
        return {key: _spoken(inner) for key, inner in value.items()}
    return Spoken(value) if isinstance(value, str) else value


class ConfigFile(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        enable_decoding=False,
        extra="forbid",
        frozen=True,
    )
    site: SiteTable = Field(default_factory=SiteTable, description="a table")
    browser: BrowserTable = Field(default_factory=BrowserTable, description="a table")
    evidence: EvidenceTable = Field(default_factory=EvidenceTable, description="a table")
    retention: RetentionTable = Field(default_factory=RetentionTable, description="a table")
    desk: DeskTable = Field(default_factory=DeskTable, description="a table")
    metrics: MetricsTable = Field(default_factory=MetricsTable, description="a table")
    notify: NotifyTable = Field(default_factory=NotifyTable, description="a table")
    seats: dict[Annotated[str, AfterValidator(_seat_name)], SeatTable] = Field(
        default_factory=dict, description="a table for each seat, e.g. [seats.alice]"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the library's signature
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which load() hands in."""
        return _Environment(settings_cls), init_settings
