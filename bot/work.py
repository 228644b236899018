"""What every action has at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.audience import Refused
from bot.clock import Clock
from bot.errors import SeatHalted
from bot.facts import AnswerTexts, Snapshot
from bot.model import Changes, DayCounts, Done, Enrolment, Halted, Outcome, Reason
from bot.policy import Campaign, SeatPolicy
from bot.ports import AudienceFile, Book, Evidence, Site, Team
from bot.rules import limits
from bot.rules.apply import Scene
from bot.rules.contacts import DoNotContact


@dataclass(frozen=True, slots=True)
class Work:
    """One seat at work: its book, its site, its rules and its owner's files.

    refused_rows  of a source: the rows of a CSV file that read_audience leaves out
    dry_run       nothing is typed or clicked, and the book is a copy (T5)
    """

    book: Book
    site: Site
    clock: Clock
    policy: SeatPolicy
    campaigns: Sequence[Campaign]
    texts: AnswerTexts
    contacts: DoNotContact
    evidence: Evidence
    read_audience: AudienceFile
    refused_rows: Callable[[str], Sequence[Refused]] = lambda _source: ()
    team: Team | None = None
    dry_run: bool = False

    def now(self) -> datetime:
        """The present, in UTC."""
        return self.clock.now()

    def today(self) -> DayCounts:
        """The counts of the seat's calendar day."""
        return self.book.day(limits.local_day(self.now(), self.policy.hours.zone))

    def find_campaign(self, name: str) -> Campaign | None:
        """The campaign's file; None if its owner took it away."""
        return next((campaign for campaign in self.campaigns if campaign.name == name), None)

    def campaign(self, name: str) -> Campaign:
        """The campaign's file. Raises LookupError without one: nothing is planned for those."""
        found = self.find_campaign(name)
        if found is None:
            raise LookupError(f"no campaign file for {name}")
        return found

    def scene(self, enrolment: Enrolment) -> Scene:
        """What stands around *enrolment* now, as committed."""
        return Scene(
            seat=self.book.seat(),
            ledger=self.book.ledger(),
            today=self.today(),
            policy=self.policy,
            campaign=self.find_campaign(enrolment.campaign),
            state=self.book.campaign(enrolment.campaign),
            now=self.now(),
        )

    def halt(self, halt: SeatHalted) -> None:
        """Commit that the site asks for a person: only the owner's word lifts it (L5)."""
        halted = Halted(halt.kind, str(halt), self.now())
        self.book.commit(Changes(seat=replace(self.book.seat(), halted=halted)))

    def keep(self, decision: str, page: Snapshot) -> None:
        """Keep the page behind a decision."""
        self.evidence.keep(f"{decision}@{self.now():%Y%m%dT%H%M%S}", page)

    def done(
        self, action: str, outcome: Outcome, why: str, lead_id: str | None = None, rule: str = ""
    ) -> Done:
        """Tell how an action ended."""
        return Done(self.now(), action, outcome, why, lead_id, rule)

    def held(self, action: str, outcome: Outcome, reason: Reason, lead_id: str) -> Done:
        """Tell which rule kept an action from being done."""
        return Done(self.now(), action, outcome, reason.text, lead_id, reason.rule)
