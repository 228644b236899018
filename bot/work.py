"""What every action has at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from bot.audience import Refused
from bot.clock import Clock
from bot.credits import Ledger
from bot.decided import Decision, in_words, kind_of
from bot.errors import PageError, SeatHalted
from bot.facts import AnswerTexts, Snapshot
from bot.model import Changes, DayCounts, Done, Enrolment, Halted, Outcome, Reason
from bot.policy import Campaign, SeatPolicy
from bot.ports import AudienceFile, Book, Catalogue, Evidence, Seen, Site, Team
from bot.rules import limits
from bot.rules.apply import Scene
from bot.rules.contacts import DoNotContact
from bot.rules.credits import accrue


@dataclass(frozen=True, slots=True)
class Work:
    """One seat at work: its book, its site, its rules and its owner's files.

    reading       the mark of the selectors and texts that pages are read with
    selector      the first spelling of a page's hook, to be told
    refused_rows  of a source: the rows of a CSV file that read_audience leaves out
    forget        erases a person from all that is kept, and says what was done (K5)
    dry_run       nothing is typed or clicked, and the book is a copy (T5)
    """

    book: Book
    site: Site
    clock: Clock
    policy: SeatPolicy
    campaigns: Sequence[Campaign]
    catalogue: Catalogue
    contacts: DoNotContact
    evidence: Evidence
    read_audience: AudienceFile
    reading: str = ""
    selector: Callable[[str, str], str] = lambda _page, _key: ""
    refused_rows: Callable[[str], Sequence[Refused]] = lambda _source: ()
    forget: Callable[[str], str] | None = None
    team: Team | None = None
    dry_run: bool = False

    @property
    def texts(self) -> AnswerTexts:
        """The site's own words for answers, those that the owner taught included."""
        return self.catalogue.answers

    def now(self) -> datetime:
        """The present, in UTC."""
        return self.clock.now()

    def day(self) -> date:
        """The seat's calendar day."""
        return limits.local_day(self.now(), self.policy.hours.zone)

    def today(self) -> DayCounts:
        """The counts of the seat's calendar day."""
        return self.book.day(limits.local_day(self.now(), self.policy.hours.zone))

    def count_lead_page(self) -> None:
        """Commit that a lead page is opened, before it is (L6)."""
        today = self.today()
        self.book.commit(Changes(days=(replace(today, lead_pages=today.lead_pages + 1),)))

    def find_campaign(self, name: str) -> Campaign | None:
        """The campaign's file; None if its owner took it away."""
        for campaign in self.campaigns:
            if campaign.name == name:
                return campaign
        return None

    def campaign(self, name: str) -> Campaign:
        """The campaign's file. Raises LookupError without one: nothing is planned for those."""
        found = self.find_campaign(name)
        if found is None:
            raise LookupError(f"no campaign file for {name}")
        return found

    def accrue(self) -> Ledger:
        """The ledger as it is now: what was granted and has expired meanwhile is committed (C3)."""
        posted = accrue(self.book.ledger(), self.now(), self.policy.credits)
        if posted.entries:
            self.book.commit(Changes(ledger=posted.ledger, entries=posted.entries))
        return posted.ledger

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
        self.keep("halt", self.done("halt", Outcome.HALTED, str(halt), rule="L5"), halt)

    def keep(
        self,
        about: str,
        done: Done,
        read: Seen[Any] | PageError | SeatHalted,
        page: Snapshot | None = None,
    ) -> Done:
        """Keep the page that *done* was decided on, and return *done*.

        about  what it is about: an enrolment's step, an attempt, a thread
        read   what was seen; or why it could not be read: then the page that stands there is kept
        page   that page, where another one was opened since
        """
        page = read.page if isinstance(read, Seen) else page or self.site.last_page()
        if page is None:
            return done
        told = read.facts if isinstance(read, Seen) else read
        decision = Decision(
            key=f"{about}@{done.at:%Y%m%dT%H%M%S}",
            at=done.at,
            action=done.action,
            outcome=done.outcome,
            why=done.why,
            rule=done.rule,
            lead_id=done.lead_id,
            kind=kind_of(told),
            understood=in_words(told),
            owner=self.policy.owner_first_name or self.book.seat().owner_first_name,
            rehearsed=self.dry_run,
        )
        self.evidence.keep(decision, page)
        return done

    def done(
        self, action: str, outcome: Outcome, why: str, lead_id: str | None = None, rule: str = ""
    ) -> Done:
        """Tell how an action ended."""
        return Done(self.now(), action, outcome, why, lead_id, rule)

    def held(self, action: str, outcome: Outcome, reason: Reason, lead_id: str) -> Done:
        """Tell which rule kept an action from being done."""
        return Done(self.now(), action, outcome, reason.text, lead_id, reason.rule)
