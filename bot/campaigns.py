"""The owner's campaign files: read, checked whole, and made into policy.Campaign."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError

from bot import tomlfile, tomltext
from bot.audience import kind_of, read_columns
from bot.configfile import (
    DAYS,
    FIRST_DEGREE,
    ORDER,
    WORKING_DAYS,
    WORKING_HOURS,
    FirstDegree,
    Order,
    WorkingDays,
    WorkingHours,
    open_hours,
)
from bot.errors import Fault, UsageError
from bot.model import CampaignState
from bot.places import SeatPaths
from bot.policy import Campaign, FollowUp, SeatPolicy
from bot.rules import wording
from bot.rules.approval import of_state
from bot.rules.sequence import template_hash
from bot.tomlfile import Table, Whole
from bot.tomltext import Document, Key, dotted

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
FOLLOW_UPS_MAX = 5  # S3


class _InMail(Table):
    subject: str = Field(min_length=1, description="a text of 1 to 200 characters (S1)")
    body: str = Field(min_length=1, description="a text of 1 to 1,900 characters (S1)")


class _Acceptance(Table):
    body: str = Field(min_length=1, description="a text of 1 to 1,900 characters (S2)")


class _FollowUp(Table):
    after_days: Whole = Field(ge=3, le=30, description="a whole number of days, 3 to 30 (S3)")
    body: str = Field(min_length=1, description="a text of 1 to 1,900 characters (S6)")


class _File(Table):
    name: str = Field(
        pattern=f"^{NAME.pattern}$", description="letters a-z, digits, - and _, at most 64"
    )
    type: Literal["acquisition-inmail"] = Field(description='"acquisition-inmail"')
    audience: str = Field(min_length=1, description="a search, a lead list or a .csv file")
    inmail: _InMail = Field(description="a table [inmail] with subject and body")
    acceptance: _Acceptance | None = Field(None, description="a table with a body (S2)")
    follow_up: tuple[_FollowUp, ...] = Field((), description="up to five tables [[follow_up]] (S3)")
    signature: str = Field("", description="a text, or empty (S1)")
    on_rejection: Literal["wait", "stop"] = Field("wait", description='"wait" or "stop" (A13)')
    first_degree: FirstDegree | None = Field(None, description=f"{FIRST_DEGREE} (K4)")
    approve: Literal["none", "each", "first-10"] = Field(
        "none", description='"none", "each" or "first-10" (S8)'
    )
    order: Order | None = Field(None, description=f"{ORDER} (K7)")
    working_days: WorkingDays | None = Field(None, description=f"{WORKING_DAYS} (L3)")
    working_hours: WorkingHours | None = Field(None, description=f"{WORKING_HOURS} (L3)")


@dataclass(frozen=True, slots=True)
class CampaignsRead:
    """All campaigns that are right, and all that is wrong with the others."""

    campaigns: tuple[Campaign, ...] = ()
    faults: tuple[Fault, ...] = ()


def load_campaigns(
    paths: SeatPaths, seat: SeatPolicy, base_url: str, states: Sequence[CampaignState] = ()
) -> tuple[Campaign, ...]:
    """The seat's campaigns, by name. Raises UsageError with every fault of every file at once.

    states  what the seat knows of its campaigns: their imported columns may be used too (S5), and
            of how many the owner has released a text (S8)
    """
    read = read_campaigns(paths, seat, base_url, states)
    if read.faults:
        places = len({fault.place for fault in read.faults})
        raise UsageError(f"{places} campaign file(s) of {seat.name} are wrong", read.faults)
    return read.campaigns


def read_campaigns(
    paths: SeatPaths, seat: SeatPolicy, base_url: str, states: Sequence[CampaignState] = ()
) -> CampaignsRead:
    """As load_campaigns(), with the faults beside the campaigns. A hidden file is none."""
    found: dict[str, Campaign] = {}
    faults: list[Fault] = []
    for path in sorted(paths.campaigns.glob("[!.]*.toml")):
        read = _read(_document(path), path, seat, base_url, states, tuple(found))
        faults += read.faults
        found |= {campaign.name.casefold(): campaign for campaign in read.campaigns}
    campaigns = sorted(found.values(), key=lambda campaign: campaign.name)
    return CampaignsRead(tuple(campaigns), tuple(faults))


def read_text(
    text: str, path: Path, seat: SeatPolicy, base_url: str, taken: Sequence[str] = ()
) -> CampaignsRead:
    """What a campaign file at *path* would say with this text; *taken*: the names of others.

    There need be no such file; a CSV file is looked for beside it.
    """
    names = [name.casefold() for name in taken]
    return _read(tomltext.parse(text, str(path)), path, seat, base_url, (), names)


def _read(
    document: Document,
    path: Path,
    seat: SeatPolicy,
    base_url: str,
    states: Sequence[CampaignState],
    taken: Sequence[str],
) -> CampaignsRead:
    """One file's campaign, if it can be made, and all that is wrong with it."""
    faults = [*document.faults]
    if document.values is None:
        return CampaignsRead((), tuple(faults))
    file = _file(document, faults)
    check = _Check(path, document, document.values, base_url)
    faults += check.run(states)
    if file is None:
        return CampaignsRead((), tuple(faults))
    if file.name.casefold() in taken:
        allowed = "a name of its own: another file has a campaign of this name"
        faults.append(document.fault(("name",), file.name, allowed))
    campaign = of_state(_campaign(file, check.audience, seat, str(path)), states)
    return CampaignsRead((campaign,), tuple(faults))


def used_steps_faults(campaign: Campaign, state: CampaignState) -> tuple[Fault, ...]:
    """What a change of the file did to steps that were sent already (S7).

    A step's text may be edited. That a used step is gone, or that its text stands at another
    position now, is refused: people in the sequence would get a message twice, or miss one.
    """
    used = dict(state.used)
    now = {step: campaign.template(step) for step in range(FOLLOW_UPS_MAX + 2)}
    hashes = {step: template_hash(text) for step, text in now.items() if text is not None}
    faults: list[Fault] = []
    for step, text in sorted(used.items()):
        here = dotted(_step_path(step))
        if step not in hashes:
            allowed = f"put it back: {here} was sent to people already (S7)"
            faults.append(_step_fault(campaign, step, "nothing", allowed))
            continue
        moved = [other for other, found in hashes.items() if found == text and other != step]
        if hashes[step] != text and any(used.get(other) != text for other in moved):
            allowed = f"its text was sent as {here} and must stay there (S7)"
            found = f"moved to {dotted(_step_path(moved[0]))}"
            faults.append(_step_fault(campaign, step, found, allowed))
    return tuple(faults)


def _step_path(step: int) -> Key:
    """Where a step stands in the campaign's file."""
    return (("inmail",), ("acceptance",))[step] if step < 2 else ("follow_up", step - 2)


def _step_fault(campaign: Campaign, step: int, found: str, allowed: str) -> Fault:
    """A fault with the line of the step; of one that is gone, no line tells anything."""
    document = _document(Path(campaign.file)) if campaign.file else Document(campaign.name, "", {})
    return document.fault(_step_path(step), found, allowed)


# --- reading one file -----------------------------------------------------------------------------


def _document(path: Path) -> Document:
    try:
        return tomltext.read(path, str(path))
    except OSError as error:
        fault = Fault(str(path), "-", error.strerror or "an error", "a file that can be read")
        return Document(str(path), "", None, (fault,))


def _file(document: Document, faults: list[Fault]) -> _File | None:
    try:
        return _File.model_validate(document.values)
    except ValidationError as error:
        faults += tomlfile.faults_of(error, _File, document)
        return None


def _campaign(file: _File, audience: str, seat: SeatPolicy, place: str) -> Campaign:
    hours = None
    if file.working_days is not None or file.working_hours is not None:
        hours = seat.hours
        if file.working_days is not None:
            days = frozenset(DAYS.index(day) for day in file.working_days)
            hours = replace(hours, days=days)
        if file.working_hours is not None:
            opens, closes = open_hours(file.working_hours)
            hours = replace(hours, opens=opens, closes=closes)
    return Campaign(
        name=file.name,
        audience=audience,
        subject=file.inmail.subject,
        body=file.inmail.body,
        acceptance=file.acceptance.body if file.acceptance is not None else None,
        follow_ups=tuple(FollowUp(step.after_days, step.body) for step in file.follow_up),
        signature=file.signature,
        on_rejection=file.on_rejection,
        first_degree=file.first_degree,
        order=file.order,
        hours=hours,
        approve=file.approve,
        file=place,
    )


# --- what the types cannot say --------------------------------------------------------------------


@dataclass(slots=True)
class _Check:
    """One file's audience, templates and lengths, looked at whatever else is wrong with it.

    audience  as it is handed on: the path of a CSV file is made absolute
    """

    path: Path
    document: Document
    values: Mapping[str, Any]
    base_url: str
    audience: str = ""
    faults: list[Fault] = field(default_factory=list)

    def run(self, states: Sequence[CampaignState]) -> list[Fault]:
        """Check everything once."""
        names = {*wording.LEAD_VARIABLES, *self._audience_columns()}
        for state in states:
            if state.name == self.values.get("name"):
                names |= set(state.columns)
        self._count_follow_ups()
        signature = self.values.get("signature")
        signature = signature if isinstance(signature, str) else ""
        for key, text in _texts(self.values):
            self._template(key, text, frozenset(names), signature)
        return self.faults

    def _count_follow_ups(self) -> None:
        """S3, told beside whatever is wrong with one of them, as the types would not."""
        count = len(_follow_ups(self.values))
        if count > FOLLOW_UPS_MAX:
            allowed = "up to five tables [[follow_up]] (S3)"
            path: Key = ("follow_up", FOLLOW_UPS_MAX)
            self.faults.append(self.document.fault(path, f"{count} follow-ups", allowed))

    def _template(self, key: Key, text: str, known: frozenset[str], signature: str) -> None:
        wrong = wording.mistakes(text, known)
        for mistake in wrong:
            fault = self.document.fault(key, mistake.found, mistake.allowed, mistake.line)
            self.faults.append(fault)
        if wrong or wording.mistakes(signature):
            return
        is_body = key[-1] == "body"
        limit = wording.SUBJECT_MAX if key[-1] == "subject" else wording.BODY_MAX
        least = wording.shortest(wording.signed(text, signature if is_body else ""))
        if least > limit:
            with_it = ", signature included" if is_body and signature else ""
            rule = {"inmail": "S1", "acceptance": "S2"}.get(str(key[0]), "S6")
            allowed = f"at most {limit:,} characters{with_it} ({rule})"
            self.faults.append(self.document.fault(key, f"at least {least:,} characters", allowed))

    def _audience_columns(self) -> Sequence[str]:
        """Check the audience; return the columns of a CSV file."""
        text = self.values.get("audience")
        if not isinstance(text, str) or not text.strip():
            return ()
        self.audience = text.strip()
        try:
            kind = kind_of(text)
        except ValueError as error:
            self.faults.append(self.document.fault(("audience",), text, str(error)))
            return ()
        if kind == "csv":
            return self._csv_columns(text.strip())
        host, ours = urlsplit(text.strip()).netloc, urlsplit(self.base_url).netloc
        if host and ours and host.casefold() != ours.casefold():
            allowed = f"an address of {ours}, the site in config.toml"
            self.faults.append(self.document.fault(("audience",), text, allowed))
        return ()

    def _csv_columns(self, text: str) -> Sequence[str]:
        """The file's columns; a relative path is looked for beside the campaign's own file."""
        try:
            self.audience = str(self.path.parent / Path(text).expanduser())
            return read_columns(Path(self.audience))
        except RuntimeError as error:  # "~name/", and there is no such user
            self.faults.append(self.document.fault(("audience",), text, str(error)))
            return ()
        except UsageError as error:
            self.faults += [
                self.document.fault(("audience",), f"{fault.found}: {text}", fault.allowed)
                for fault in error.faults
            ]
            return ()


def _follow_ups(values: Mapping[str, Any]) -> list[Any]:
    """The file's [[follow_up]] tables, whatever is in them."""
    found = values.get("follow_up")
    return found if isinstance(found, list) else []


def _texts(values: Mapping[str, Any]) -> Iterator[tuple[Key, str]]:
    """Every template of a file that is a text, with its key."""
    keys: list[Key] = [("inmail", "subject"), ("inmail", "body"), ("acceptance", "body")]
    keys += [("follow_up", number, "body") for number in range(len(_follow_ups(values)))]
    for key in [*keys, ("signature",)]:
        here: Any = values
        for part in key:
            inside = here.get(part) if isinstance(here, dict) else None
            here = here[part] if isinstance(here, list) and isinstance(part, int) else inside
        if isinstance(here, str) and here.strip():
            yield key, here
