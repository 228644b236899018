"""What the owner decided: a seat and its campaigns as configured, checked and resolved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from zoneinfo import ZoneInfo

from bot.calls import FOR_PEOPLE, FOR_PROGRAMS


@dataclass(frozen=True, slots=True)
class CreditPolicy:
    """How the site gives, keeps and takes credits (C1-C6). One of `months` and `days` is None."""

    monthly: int = 50
    cap: int = 150
    months: int | None = 3
    days: int | None = None
    reserve: int = 1
    renewal_day: int = 1
    renewal_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    refund_on: str = "acceptance"


@dataclass(frozen=True, slots=True)
class Hours:
    """When may be worked (L3). `days`: 0 is Monday. `closes` is the first moment outside."""

    zone: ZoneInfo
    days: frozenset[int]
    opens: time
    closes: time
    holidays: str = ""


@dataclass(frozen=True, slots=True)
class EvidencePolicy:
    """How much of the pages behind decisions is kept, in megabytes (1,000,000 bytes) and days."""

    max_megabytes: int = 500
    keep_days: int = 180


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """For how many days what is kept about people stays; 0: for good.

    leads_days       a lead whose sequence is over, and that nobody waits for any more
    unanswered_days  a lead whose InMail nobody answered
    logs_days        lines of the log
    orders_days      answers to orders
    replaced_days    states that a restore set aside
    """

    leads_days: int = 0
    unanswered_days: int = 0
    logs_days: int = 0
    orders_days: int = 0
    replaced_days: int = 0

    @property
    def lets_leads_go(self) -> bool:
        """Whether anybody is forgotten by age."""
        return bool(self.leads_days or self.unanswered_days)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A program that is told. Address and secret as written: they are never shown."""

    url: str = field(repr=False)
    secret: str = field(repr=False)
    events: tuple[str, ...] = FOR_PROGRAMS


@dataclass(frozen=True, slots=True)
class NotifyPolicy:
    """Whom to call, about what, and when.

    quiet       from when to when nobody is called, in the seat's time zone; programs always are
    always      what people are called about even then
    summary_at  when the day is summed up
    texts       what recipients wrote is told, too
    """

    urls: tuple[str, ...] = field(default=(), repr=False)
    about: tuple[str, ...] = FOR_PEOPLE
    always: tuple[str, ...] = ()
    quiet: tuple[time, time] | None = (time(22), time(7))
    summary_at: time | None = time(18)
    texts: bool = False
    webhooks: tuple[Webhook, ...] = ()


@dataclass(frozen=True, slots=True)
class SeatPolicy:
    """One seat as configured. `pause_seconds`: shortest and longest pause (L4)."""

    name: str
    hours: Hours
    owner_first_name: str = ""
    inmails_per_day: int = 10
    messages_per_day: int = 50
    pause_seconds: tuple[int, int] = (40, 180)
    lead_pages_per_day: int = 80
    ramp: tuple[int, ...] = ()
    read_inbox_minutes: int = 60
    first_degree: str = "skip"
    order: str = "imported"
    credits: CreditPolicy = field(default_factory=CreditPolicy)
    evidence: EvidencePolicy = EvidencePolicy()
    retention: RetentionPolicy = RetentionPolicy()
    team_file: str = ""
    notify: NotifyPolicy = NotifyPolicy()


@dataclass(frozen=True, slots=True)
class FollowUp:
    """`after_days` (3 to 30, n times 24 h) after the message before it (S3)."""

    after_days: int
    body: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign file as the owner wrote it. Texts are templates (S5); None means the seat's value.

    step 0 is the InMail, 1 the acceptance message, 2 to 6 the follow-ups, whether or not there
    is an acceptance message: a step is its position (S7).

    approve       which texts wait for the owner's release: none, each, first-10 (S8)
    ten_approved  the owner has released ten, as the seat's state tells; no part of the file
    file          where it was read, for messages; it is no part of what the campaign is
    """

    name: str
    audience: str
    subject: str
    body: str
    acceptance: str | None = None
    follow_ups: tuple[FollowUp, ...] = ()
    signature: str = ""
    on_rejection: str = "wait"
    first_degree: str | None = None
    order: str | None = None
    hours: Hours | None = None
    approve: str = "none"
    ten_approved: bool = False
    file: str = field(default="", compare=False, repr=False)

    @property
    def asks(self) -> bool:
        """Whether a text waits until its owner has released it (S8)."""
        return self.approve == "each" or (self.approve == "first-10" and not self.ten_approved)

    def template(self, step: int) -> str | None:
        """The body of *step*, None if the campaign has no such step."""
        if step == 0:
            return self.body
        if step == 1:
            return self.acceptance
        position = step - 2
        return self.follow_ups[position].body if 0 <= position < len(self.follow_ups) else None
