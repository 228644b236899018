"""The people of the practice site: who they are and what they will answer. All invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Language(StrEnum):
    """A language that the practice site speaks."""

    EN = "en"
    DE = "de"
    ES = "es"


class PersonKind(StrEnum):
    """What writing to somebody is, in truth; K1 is what can be seen of it."""

    CREDIT = "credit"
    FREE = "free"
    UNREACHABLE = "unreachable"
    FIRST_DEGREE = "first-degree"


class Label(StrEnum):
    """What the site says of an answer."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


class What(StrEnum):
    """One thing a person can do with an InMail."""

    ACCEPT_DEFAULT = "accept-default"  # A1
    ACCEPT_WITHOUT_TEXT = "accept-without-text"  # A1
    ACCEPT_EDITED = "accept-edited"  # A2
    REJECT_DEFAULT = "reject-default"  # A3
    REJECT_WITHOUT_TEXT = "reject-without-text"  # A3
    REJECT_EDITED = "reject-edited"  # A4
    OWN_WORDS = "own-words"  # A5; after an acceptance A6, after a rejection A7
    ACCEPT_OTHER_TEXT = "accept-other-text"  # A8
    REJECT_OTHER_TEXT = "reject-other-text"  # A8
    DELETED = "deleted"  # A9
    ASKS_TO_STOP = "asks-to-stop"  # A11
    REJECT_ASKS_TO_STOP = "reject-asks-to-stop"  # A11

    @property
    def label(self) -> Label | None:
        """What the site says of it; None where the person pressed no button."""
        verb = self.partition("-")[0]
        return {"accept": Label.ACCEPTED, "reject": Label.DECLINED}.get(verb)

    @property
    def closes(self) -> bool:
        """Whether the sender can write no more (site.md, 6)."""
        return self in (What.REJECT_DEFAULT, What.REJECT_WITHOUT_TEXT)

    @property
    def counts_as_acceptance(self) -> bool:
        """Whether "refund on acceptance" returns the credit for it (C5)."""
        return self.label is Label.ACCEPTED or self in (What.OWN_WORDS, What.ASKS_TO_STOP)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a person does. `after`: since the step before, or since the InMail."""

    after: timedelta
    what: What


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person.

    id              the stable part of the address, e.g. "ACwAAB12"
    language        of the person's own interface: default answers follow it
    plan            what the person does once an InMail has arrived
    written_before  the owner wrote by hand so long before the start (K1 pending)
    message_in_menu the Message button stands in the overflow menu only
    stale_badge     the profile's own data says the opposite of the truth on Open Profile
    """

    id: str
    name: str
    title: str
    company: str
    location: str
    headline: str
    degree: int
    kind: PersonKind
    language: Language = Language.EN
    plan: tuple[Step, ...] = ()
    written_before: timedelta | None = None
    message_in_menu: bool = False
    premium: bool = False
    stale_badge: bool = False

    @property
    def first_name(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def open_link(self) -> bool:
        """The Open Profile badge in the profile's own data, which may be stale."""
        return (self.kind is PersonKind.FREE) != self.stale_badge
