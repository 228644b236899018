"""A scenario: the world that a practice site starts with, read from a TOML file.

Every mistake in the file is told at once (UsageError with one Fault each).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.errors import Fault, UsageError
from bot.practice.faults import FaultKind, Moment, PlannedFault
from bot.practice.people import Language, Person, PersonKind, What
from bot.practice.population import Draw, NamedPerson
from bot.practice.purse import CreditRules, RefundOn

SHIPPED = Path(__file__).parent / "scenarios"
PER_PAGE = 25
MOST_PAGES = 100  # whoever comes after them is not shown (site.md, 2)


@dataclass(frozen=True, slots=True)
class Owner:
    """The person whose seat it is; default answers greet `first_name`."""

    first_name: str
    name: str


@dataclass(frozen=True, slots=True)
class Lot:
    """Credits that the seat holds at the start."""

    granted: datetime
    credits: int


@dataclass(frozen=True, slots=True)
class Delays:
    """How long the site takes, in milliseconds."""

    render: int = 0
    credit_line: int = 0
    fill: int = 0
    send: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """A saved search or a lead list: who stands in it, in the site's order."""

    id: str
    name: str
    lead_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """All that a practice site is at its start.

    trap  the pages try to write in every way that a dry run must refuse (T5)
    """

    owner: Owner
    start: datetime
    people: tuple[Person, ...]
    seed: int = 1
    language: Language = Language.EN
    credits: CreditRules = field(default_factory=CreditRules)
    lots: tuple[Lot, ...] = ()
    searches: tuple[Listing, ...] = ()
    lists: tuple[Listing, ...] = ()
    faults: tuple[PlannedFault, ...] = ()
    delays: Delays = field(default_factory=Delays)
    trap: bool = False


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Owner(_Table):
    first_name: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(min_length=1)]


class _Lot(_Table):
    granted: AwareDatetime
    credits: Annotated[int, Field(ge=1)]


class _Credits(_Table):
    monthly: Annotated[int, Field(ge=0)] = 50
    cap: Annotated[int, Field(ge=0)] = 150
    months: Annotated[int, Field(ge=1)] = 3
    days: Annotated[int, Field(ge=1)] | None = None
    refund_on: RefundOn = RefundOn.ACCEPTANCE
    refund_hours: Annotated[float, Field(ge=0)] = 6.0
    lots: tuple[_Lot, ...] = ()

    @model_validator(mode="after")
    def _fit(self) -> _Credits:
        if sum(lot.credits for lot in self.lots) > self.cap:
            raise ValueError(f"the lots must hold at most the cap of {self.cap} together")
        return self


class _Delays(_Table):
    render: Annotated[int, Field(ge=0)] = 0
    credit_line: Annotated[int, Field(ge=0)] = 0
    fill: Annotated[int, Field(ge=0)] = 0
    send: Annotated[int, Field(ge=0)] = 0


class _People(_Table):
    """A group drawn from the seed, or with `name` one person."""

    count: Annotated[int, Field(ge=1, le=100_000)] = 1
    name: str | None = None
    id: Annotated[str, Field(pattern=r"^AC[wo]AA[\w-]+$")] | None = None
    id_family: Literal["ACwAA", "ACoAA"] = "ACwAA"
    title: str | None = None
    company: str | None = None
    location: str | None = None
    headline: str | None = None
    degree: Literal[1, 2, 3] | None = None
    kind: PersonKind = PersonKind.CREDIT
    language: Language = Language.EN
    answer: tuple[What, ...] = ()
    delay_days: tuple[float, float] = (1.0, 4.0)
    written_days_ago: Annotated[float, Field(gt=0)] | None = None
    message_in_menu: bool = False
    premium: bool = False
    stale_badge: bool = False
    searches: tuple[str, ...] = ("1",)
    lists: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _fit(self) -> _People:
        if (self.name is not None or self.id is not None) and self.count != 1:
            raise ValueError("a person with a name or an id has a count of 1")
        if not 0 <= self.delay_days[0] <= self.delay_days[1]:
            raise ValueError("delay_days is two numbers, the smaller first, 0 or more")
        if (self.degree == 1) != (self.kind is PersonKind.FIRST_DEGREE) and self.degree:
            raise ValueError('degree 1 goes with kind "first-degree", and only with it')
        return self


class _Listing(_Table):
    id: Annotated[str, Field(pattern=r"^\d+$")]
    name: str
    order: Literal["mixed", "file"] = "mixed"


class _Fault(_Table):
    kind: FaultKind
    on: Moment | None = None
    nth: Annotated[int, Field(ge=1)] = 1
    after: AwareDatetime | None = None
    person: str | None = None
    times: Annotated[int, Field(ge=0)] = 1
    ms: Annotated[int, Field(ge=0)] = 2000
    minutes: Annotated[float, Field(ge=0)] = 15.0
    lose_credit: bool = False
    form_stays: bool = False

    @model_validator(mode="after")
    def _fit(self) -> _Fault:
        at_page = self.kind.moment is Moment.VIEW
        if self.on and (self.on in (Moment.COMPOSER, Moment.SEND)) == at_page:
            raise ValueError(f"{self.kind} cannot hang on {self.on}")
        return self


class ScenarioFile(_Table):
    """What stands in a scenario file; docs/practice.md explains each key."""

    owner: _Owner
    start: AwareDatetime
    seed: int = 1
    language: Language = Language.EN
    trap: bool = False
    credits: _Credits = _Credits()
    delays_ms: _Delays = _Delays()
    people: tuple[_People, ...]
    searches: tuple[_Listing, ...] = (_Listing(id="1", name="Saved search"),)
    lists: tuple[_Listing, ...] = ()
    faults: tuple[_Fault, ...] = ()


def load(source: Path | str) -> Scenario:
    """Read a scenario from a file, or one that is shipped by its name ("demo").

    A text that is the path of a file means that file. Raises UsageError if there is none, it is
    not TOML, or anything in it is wrong.
    """
    named = isinstance(source, str) and not Path(source).is_file()
    path = SHIPPED / f"{source}.toml" if named else Path(source)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        shipped = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.toml")))
        raise UsageError(f"no scenario {source}: no file, and shipped are {shipped}") from error
    return parse(text, place=str(path))


def parse(text: str, *, place: str = "scenario") -> Scenario:
    """Make a scenario of TOML text. Raises UsageError that holds every mistake in it."""
    try:
        file = ScenarioFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{place}: not TOML: {error}") from error
    except ValidationError as error:
        faults = tuple(
            Fault(
                place=place,
                key=".".join(str(part) for part in mistake["loc"]) or "(whole file)",
                found=repr(mistake["input"])[:80],
                allowed=mistake["msg"],
            )
            for mistake in error.errors()
        )
        raise UsageError(f"{place}: {len(faults)} mistakes", faults) from error
    return _build(file, place)


def _build(file: ScenarioFile, place: str) -> Scenario:
    draw = Draw(file.seed)
    groups = [(group, draw.people(_named(group), group.count)) for group in file.people]
    people = tuple(person for _, members in groups for person in members)
    faults = _unknown_names(file, {person.name for person in people}, place)
    if faults:
        raise UsageError(f"{place}: {len(faults)} mistakes", faults)
    members = [
        (frozenset(group.searches), frozenset(group.lists), person.id)
        for group, drawn in groups
        for person in drawn
    ]
    in_search = {
        table.id: [lead for searches, _, lead in members if table.id in searches]
        for table in file.searches
    }
    in_list = {
        table.id: [lead for _, lists, lead in members if table.id in lists] for table in file.lists
    }
    ids = {person.name: person.id for person in people}
    return Scenario(
        owner=Owner(file.owner.first_name, file.owner.name),
        start=file.start.astimezone(UTC),
        people=people,
        seed=file.seed,
        language=file.language,
        credits=_credit_rules(file.credits),
        lots=tuple(Lot(lot.granted.astimezone(UTC), lot.credits) for lot in file.credits.lots),
        searches=tuple(_listing(table, in_search[table.id], draw) for table in file.searches),
        lists=tuple(_listing(table, in_list[table.id], draw) for table in file.lists),
        faults=tuple(_planned(fault, ids) for fault in file.faults),
        delays=Delays(**file.delays_ms.model_dump()),
        trap=file.trap,
    )


def _unknown_names(file: ScenarioFile, names: set[str], place: str) -> tuple[Fault, ...]:
    """Mistakes that one table alone cannot show."""
    searches = {table.id for table in file.searches}
    lists = {table.id for table in file.lists}
    wrong = [
        Fault(place, f"people.{index}.{key}", repr(listed), "the id of a table below [[" + key)
        for index, group in enumerate(file.people)
        for key, asked, known in (
            ("searches", group.searches, searches),
            ("lists", group.lists, lists),
        )
        for listed in asked
        if listed not in known
    ]
    wrong += [
        Fault(place, f"faults.{index}.person", repr(fault.person), "the name of a person")
        for index, fault in enumerate(file.faults)
        if fault.person is not None and fault.person not in names
    ]
    return tuple(wrong)


def _named(group: _People) -> NamedPerson:
    return NamedPerson(
        id=group.id,
        id_family=group.id_family,
        name=group.name,
        title=group.title,
        company=group.company,
        location=group.location,
        headline=group.headline,
        degree=group.degree,
        kind=group.kind,
        language=group.language,
        answer=group.answer,
        delay=(timedelta(days=group.delay_days[0]), timedelta(days=group.delay_days[1])),
        written_before=(
            timedelta(days=group.written_days_ago) if group.written_days_ago is not None else None
        ),
        message_in_menu=group.message_in_menu,
        premium=group.premium,
        stale_badge=group.stale_badge,
    )


def _credit_rules(table: _Credits) -> CreditRules:
    return CreditRules(
        monthly=table.monthly,
        cap=table.cap,
        months=table.months,
        days=table.days,
        refund_on=table.refund_on,
        refund_delay=timedelta(hours=table.refund_hours),
    )


def _listing(table: _Listing, lead_ids: list[str], draw: Draw) -> Listing:
    order = draw.mixed(lead_ids) if table.order == "mixed" else lead_ids
    return Listing(table.id, table.name, tuple(order))


def _planned(fault: _Fault, ids: dict[str, str]) -> PlannedFault:
    return PlannedFault(
        kind=fault.kind,
        on=fault.on or fault.kind.moment,
        nth=fault.nth,
        after=fault.after.astimezone(UTC) if fault.after is not None else None,
        lead_id=ids[fault.person] if fault.person is not None else None,
        times=fault.times if fault.times > 0 else None,
        delay=timedelta(milliseconds=fault.ms),
        lag=timedelta(minutes=fault.minutes),
        lose_credit=fault.lose_credit,
        form_stays=fault.form_stays,
    )
