"""Draws people from a seed. Every name, title and company here is invented."""

from __future__ import annotations

import random
import string
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from bot.practice.people import Language, Person, PersonKind, Step, What


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST = _words(
    "Ada Alba Anouk Arvid Basil Bela Calla Cosmo Dario Delia Edda Elio Enid Fabian Fenna Flora"
    " Gideon Greta Hanne Hugo Ilka Ines Ivo Jara Jonas Juno Kasimir Kira Lasse Leda Linus Lotte"
    " Mabel Magnus Malin Mira Nando Nele Nils Odile Olga Oskar Pia Quinn Rafa Romy Rufus Selma"
    " Silas Sina Tamar Theo Tilda Ugo Una Vera Viggo Wanda Wim Yara Yves Zelda Zeno"
)
_LAST = _words(
    "Amberwood Ashgrove Birkenau Brightwell Brookfern Calderstone Copperfell Dahlberg Dornbusch"
    " Eastmere Eichgrund Fairbrook Fernandale Flintmoor Foxglove Galtmore Goldacre Greenhollow"
    " Hazelmere Heathcliffe Ironbark Juniper Kestrelmann Kirschbaum Larkspur Lindqvist Marigold"
    " Meadowcroft Mistelbach Nightingale Northbridge Oakhurst Ostermoor Pebblestone Pinewald"
    " Quarrington Ravensholt Riverstone Rosenquist Saltmarsh Silverton Sommerfeld Starling"
    " Thistledown Tidewater Underhill Velasquine Wagtail Weatherby Willowbank Yarrow Zimtberg"
)
_TITLES = (
    "Founder",
    "Co-founder",
    "Chief Executive",
    "Chief Technology Officer",
    "Managing Director",
    "Head of Growth",
    "Head of Operations",
    "VP Sales",
    "VP Engineering",
    "Director of Partnerships",
)
_COMPANY_FIRST = _words(
    "Acorn Beacon Cobalt Driftwood Ember Fathom Gingham Harbour Indigo Jasper Kettle Lantern"
    " Mosaic Nimbus Orchard Paprika Quill Rhubarb Saffron Teapot Umbra Violet Walnut Yonder Zephyr"
)
_COMPANY_LAST = ("Fictional", "Imaginary", "Example", "Invented", "Made-up", "Sample")
_COMPANY_KIND = ("Labs", "Works", "Software", "Foods", "Robotics", "Analytics", "Mills")
_LOCATIONS = (
    "Lower Example, Nowhereshire",
    "Port Sample, Westland",
    "Musterstadt, Beispielland",
    "Villa Ejemplo, Costa Inventada",
    "Exempleville, Pays Imaginaire",
)
_ID_LETTERS = string.ascii_letters + string.digits + "-_"


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """What a scenario says of a person or of a group; None is drawn."""

    id: str | None = None
    id_family: str = "ACwAA"
    name: str | None = None
    title: str | None = None
    company: str | None = None
    location: str | None = None
    headline: str | None = None
    degree: int | None = None
    kind: PersonKind = PersonKind.CREDIT
    language: Language = Language.EN
    answer: tuple[What, ...] = ()
    delay: tuple[timedelta, timedelta] = (timedelta(days=1), timedelta(days=4))
    written_before: timedelta | None = None
    message_in_menu: bool = False
    premium: bool = False
    stale_badge: bool = False


class Draw:
    """People from a seed: the same seed draws the same people, and no name twice."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing here is a secret
        self._names: set[str] = set()

    def people(self, wanted: NamedPerson, count: int) -> list[Person]:
        """Draw *count* people as *wanted* says."""
        return [self._person(wanted) for _ in range(count)]

    def mixed(self, lead_ids: Iterable[str]) -> list[str]:
        """The same ids in an order that tells nothing of the file's."""
        order = list(lead_ids)
        self._random.shuffle(order)
        return order

    def _person(self, wanted: NamedPerson) -> Person:
        title = wanted.title or self._random.choice(_TITLES)
        company = wanted.company or self._company()
        degree = 1 if wanted.kind is PersonKind.FIRST_DEGREE else self._random.choice((2, 2, 3))
        return Person(
            id=wanted.id or self._id(wanted.id_family),
            name=wanted.name or self._name(),
            title=title,
            company=company,
            location=wanted.location or self._random.choice(_LOCATIONS),
            headline=wanted.headline or f"{title} at {company}",
            degree=wanted.degree or degree,
            kind=wanted.kind,
            language=wanted.language,
            plan=tuple(Step(self._delay(wanted.delay), what) for what in wanted.answer),
            written_before=wanted.written_before,
            message_in_menu=wanted.message_in_menu,
            premium=wanted.premium,
            stale_badge=wanted.stale_badge,
        )

    def _id(self, family: str) -> str:
        return family + "".join(self._random.choices(_ID_LETTERS, k=34))

    def _company(self) -> str:
        parts = (_COMPANY_FIRST, _COMPANY_LAST, _COMPANY_KIND)
        return " ".join(self._random.choice(part) for part in parts)

    def _name(self) -> str:
        """A name that nobody has yet; a third name is added once the pairs are used up."""
        name = f"{self._random.choice(_FIRST)} {self._random.choice(_LAST)}"
        while name in self._names:
            first, _, last = name.partition(" ")
            name = f"{first} {self._random.choice(_FIRST)} {last}"
        self._names.add(name)
        return name

    def _delay(self, between: tuple[timedelta, timedelta]) -> timedelta:
        shortest, longest = (bound.total_seconds() for bound in between)
        return timedelta(seconds=round(self._random.uniform(shortest, longest)))
