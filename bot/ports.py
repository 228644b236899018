"""What the agent asks of the store and of the site; the only indirection in the program.

bot.store.store.Store is the real Book and bot.site.LiveSite the real Site. A simulation hands in
others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, Protocol, TypeVar

from bot.credits import Ledger
from bot.decided import Decision
from bot.facts import (
    AnswerTexts,
    ComposerFacts,
    HookSeen,
    InboxFacts,
    LeadFacts,
    ResultsFacts,
    SentFacts,
    Snapshot,
    ThreadFacts,
    Unfit,
)
from bot.hooks import HookUse
from bot.model import (
    Attempt,
    Brief,
    CampaignState,
    Changes,
    DayCounts,
    Enrolment,
    KnownThread,
    Lead,
    SeatState,
)
from bot.policy import EvidencePolicy

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """What a page says, and the page behind it."""

    facts: T
    page: Snapshot


class Book(Protocol):
    """The seat's state. Readers show what is committed, and nothing else."""

    def commit(self, changes: Changes) -> None:
        """Write all of *changes* to the disk, or nothing of it."""

    def brief(self, now: datetime, day: date, campaigns: Sequence[str]) -> Brief: ...
    def seat(self) -> SeatState: ...
    def ledger(self) -> Ledger: ...
    def day(self, day: date) -> DayCounts: ...
    def lead(self, lead_id: str) -> Lead | None: ...
    def enrolment(self, key: str) -> Enrolment | None: ...
    def enrolments_of(self, lead_id: str) -> tuple[Enrolment, ...]: ...
    def attempt(self, key: str) -> Attempt | None: ...
    def attempts_of(self, enrolment: str) -> tuple[Attempt, ...]: ...
    def open_attempts(self) -> tuple[Attempt, ...]: ...
    def unread_thread(self) -> KnownThread | None: ...
    def thread(self, thread_id: str) -> KnownThread | None: ...
    def enrolments(self, campaign: str | None = None) -> Iterable[Enrolment]: ...
    def threads(self) -> Iterable[KnownThread]: ...
    def thread_of(self, lead_id: str) -> KnownThread | None: ...
    def campaign(self, name: str) -> CampaignState: ...
    def campaigns(self) -> tuple[CampaignState, ...]: ...
    def opted_out(self) -> frozenset[str]: ...
    def hooks(self) -> tuple[HookUse, ...]: ...
    def answers(self) -> tuple[Enrolment, ...]:
        """Enrolments with an answer, the newest answer first."""

    def next_position(self) -> int: ...
    def find_namesakes(self, name: str, company: str) -> tuple[str, ...]: ...


class Site(Protocol):
    """The site's pages, opened and acted on one at a time.

    Every method may raise SeatHalted (L5), BrowserGone and the PageErrors; click_send() and what
    follows it never raise a PageError: what they did not see is told by the facts.
    """

    def open_lead(self, lead: Lead) -> Seen[LeadFacts]: ...
    def open_composer(self) -> Seen[ComposerFacts]:
        """Open the composer of the lead page that is open, and wait for its credit line."""

    def type_inmail(self, subject: str, body: str) -> Seen[ComposerFacts]:
        """Type into the open composer, and read back what stands there."""

    def close_composer(self) -> None:
        """Close it, discarding what was typed. An open one is left by the next page anyway."""

    def open_thread(self, thread_id: str) -> Seen[ThreadFacts]: ...
    def type_message(self, body: str) -> str | None:
        """Type into the open thread's form; return what stands there, None if it cannot be sent."""

    def click_send(self) -> None:
        """Click the one visible send button once, whatever happens then."""

    def read_sent(self, expected: str) -> Seen[SentFacts]:
        """Read what the panel or thread became; wait a few seconds for *expected* or a toast."""

    def read_inbox(self, is_known: Callable[[str, str], bool]) -> Seen[InboxFacts]:
        """Read the list from the newest down to where is_known(thread id, fingerprint) holds."""

    def owner_first_name(self) -> str | None:
        """The seat owner's first name, from the header of the page that is open."""

    def read_results(self, audience: str, page: int) -> Seen[ResultsFacts]: ...
    def last_page(self) -> Snapshot | None:
        """The page that was looked at last, whatever came of it; None if there is none yet."""

    def unfit(self, page: str, keys: Sequence[str]) -> tuple[Unfit, ...]:
        """Those hooks of the open page that do not have the one visible match acting needs."""

    def hooks_seen(self) -> tuple[HookSeen, ...]:
        """Which spellings matched on the pages that were read since this was asked last."""


class Evidence(Protocol):
    """Keeps the page behind a decision, for as long as the owner wants (EvidencePolicy)."""

    def keep(self, decision: Decision, snapshot: Snapshot) -> str: ...
    def prune(self, now: datetime, policy: EvidencePolicy, is_open: Callable[[str], bool]) -> None:
        """Let go of what is too old or too much. What is_open(lead id) is never let go."""


class Catalogue(Protocol):
    """The site's default texts, as far as the seat knows them (A12)."""

    @property
    def answers(self) -> AnswerTexts: ...
    def learn(self, label: str, text: str) -> None:
        """Add a default text, with its slots, to the seat's own; `label`: accepted, rejected.

        From here on *answers* has it. Raises UsageError and WorkFailed.
        """


class Team(Protocol):
    """Claims people for one seat among several (K4)."""

    def claim(self, lead_id: str, seat: str, at: datetime) -> bool: ...


class AudienceFile(Protocol):
    """Reads a campaign's CSV audience: its leads, and its extra columns."""

    def __call__(self, audience: str) -> tuple[Iterable[Lead], tuple[str, ...]]: ...
