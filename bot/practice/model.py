"""The practice site's world: people, threads, credits and what becomes of them. No I/O.

Time is told by the caller (`advance`) and never goes back; whatever is due on the way
(answers, grants, refunds, expiries) happens at its own time, in order. The world keeps the
truth; what the pages show may lag behind it (faults).
"""

from __future__ import annotations

import base64
import heapq
import zlib
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import IntEnum
from functools import partial

from bot.practice.conversations import Thread, Threads, bad_text, message_type
from bot.practice.faults import PAGES, FaultBook, FaultKind, Moment, PlannedFault
from bot.practice.people import Label, Person, PersonKind, What
from bot.practice.purse import CreditCause, Purse, RefundOn, next_grant
from bot.practice.records import (
    Answered,
    By,
    ComposerShown,
    ComposerState,
    Delivery,
    InboxShown,
    LeadShown,
    Redesign,
    ResultsShown,
    SendKind,
    SendResult,
    SendShown,
    ThreadMessage,
    ThreadShown,
    Truth,
    View,
    Write,
)
from bot.practice.scenario import MOST_PAGES, PER_PAGE, Listing, Scenario
from bot.practice.wording import answer_text


class _Rank(IntEnum):
    """What comes first at one instant: expiry before the grant (C1)."""

    EXPIRY = 0
    GRANT = 1
    REFUND = 2
    ANSWER = 3


class World:
    """The site. Every method that shows or does something works at `now`."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.now = scenario.start
        self.purse = Purse(scenario.credits)
        self.faults = FaultBook(scenario.faults)
        self.halt: FaultKind | None = None
        self.redesigns: list[Redesign] = []
        self._people = {person.id: person for person in scenario.people}
        self._threads = Threads(scenario.seed)
        self._deliveries: list[Delivery] = []
        self._answers: list[Answered] = []
        self._writes: list[Write] = []
        self._views: Counter[str] = Counter()
        self._struck: Counter[str] = Counter()
        self._unreturned: dict[str, list[datetime]] = {}
        self._unseen_spends: list[datetime] = []
        self._due: list[tuple[datetime, int, int, Callable[[datetime], None]]] = []
        self._number = 0
        self._open_books()

    # Time

    def advance(self, to: datetime) -> None:
        """Let time pass until *to*; an earlier time changes nothing."""
        while self._due and self._due[0][0] <= to:
            at, _, _, happen = heapq.heappop(self._due)
            self.now = max(self.now, at)
            happen(self.now)
        self.now = max(self.now, to)

    def next_due(self) -> datetime | None:
        """When something happens next by itself."""
        return self._due[0][0] if self._due else None

    # Pages

    def view(self, page: Moment, lead_id: str | None = None) -> View:
        """Count a page view and say what becomes of it; a halt stays until it is lifted."""
        assert page in PAGES, f"{page} is not a page"
        self._views[page] += 1
        if self.halt is not None:
            return View(halt=self.halt)
        struck = self._strike(page, lead_id)
        self.halt = next((kind for kind in struck if kind.halts), None)
        late = struck.get(FaultKind.LATE_RENDER)
        return View(
            halt=self.halt,
            missing=FaultKind.MISSING in struck,
            reset=FaultKind.CONNECTION_RESET in struck,
            delay=late.delay if late is not None else timedelta(0),
        )

    def lift(self) -> None:
        """The owner has dealt with the halt."""
        self.halt = None

    def person(self, lead_id: str) -> Person | None:
        """Who that is; None if the site knows nobody by that id."""
        return self._people.get(lead_id)

    def lead(self, lead_id: str) -> LeadShown | None:
        """The lead page of a person, None for an unknown id."""
        person = self._people.get(lead_id)
        if person is None:
            return None
        thread = self._threads.of(lead_id)
        shown = thread.shown(self.now) if thread is not None else None
        mine = [message.at for message in shown.messages if message.mine] if shown else []
        return LeadShown(
            person=person,
            written_at=mine[-1] if mine else None,
            pending=shown is not None and not shown.answered,
        )

    def search(self, saved_search_id: str | None, page: int) -> ResultsShown | None:
        """One page of a saved search; without an id the first one. None if there is no such."""
        return self._results(self.scenario.searches, saved_search_id, page)

    def lead_list(self, list_id: str, page: int) -> ResultsShown | None:
        """One page of a lead list; None if there is no such list."""
        return self._results(self.scenario.lists, list_id, page)

    def token(self, listing_id: str, lead_id: str) -> str:
        """The part of a lead link that belongs to the search it stood in (site.md, 1)."""
        key = f"{self.scenario.seed}/{listing_id}/{lead_id}".encode()
        return base64.urlsafe_b64encode(zlib.crc32(key).to_bytes(4, "big")).decode()[:4]

    def composer(self, lead_id: str) -> ComposerShown | None:
        """The composer on that lead's page; None if it does not open.

        It may show another addressee than was asked for (K6): whoever sends, writes to that one.
        """
        person = self._people.get(lead_id)
        if person is None or person.kind is PersonKind.UNREACHABLE:
            return None
        struck = self._strike(Moment.COMPOSER, lead_id)
        if FaultKind.NO_COMPOSER in struck:
            return None
        if FaultKind.WRONG_ADDRESSEE in struck:
            person = self._somebody_else(person)
        late = struck.get(FaultKind.LATE_CREDIT_LINE)
        delay = late.delay if late is not None else timedelta(0)
        missing = FaultKind.NO_CREDIT_LINE in struck
        credits = self.shown_balance()
        return ComposerShown(
            person=person,
            state=_composer_state(person, credits),
            credits=credits,
            line_delay=None if missing else delay,
        )

    def threads(self, start: int = 0, size: int = 20, only: str = "") -> InboxShown:
        """The inbox from its *start*-th thread on. `only`: UNREAD, DECLINED, ACCEPTED, AWAITING."""
        return self._threads.shown(self.now, start, size, only)

    def thread(self, thread_id: str) -> ThreadShown | None:
        """Open a thread: what it shows now, and from now on it counts as read."""
        thread = self._threads.get(thread_id)
        shown = thread.shown(self.now) if thread is not None else None
        if thread is not None and shown is not None:
            thread.read(shown)
        return shown

    def just_sent(self, thread_id: str) -> ThreadShown | None:
        """The thread in the panel that sent it: what was just written never lags there."""
        thread = self._threads.get(thread_id)
        return thread.whole() if thread is not None else None

    def balance(self) -> int:
        """Credits that the seat really has."""
        return self.purse.balance

    def shown_balance(self) -> int:
        """Credits that the pages show: a lagging-balance hides what was spent of late."""
        self._unseen_spends = [until for until in self._unseen_spends if until > self.now]
        return self.purse.balance + len(self._unseen_spends)

    # Writing

    def send_inmail(self, lead_id: str, subject: str, body: str, *, by: By = By.PAGE) -> SendResult:
        """Send an InMail. A second one before an answer goes out too, and costs again."""
        person = self._people.get(lead_id)
        if person is None:
            return SendResult(SendShown.REFUSED, "nobody has this id")
        costs = person.kind is PersonKind.CREDIT
        titled = person.kind is not PersonKind.FIRST_DEGREE
        reason = bad_text(subject if titled else None, body)
        if person.kind is PersonKind.UNREACHABLE:
            reason = "this person has switched InMail off"
        elif costs and self.purse.balance == 0:
            reason = "no credit left"
        if reason:
            return SendResult(SendShown.REFUSED, reason)
        thread = self._threads.with_person(person)
        return self._send(thread, SendKind.INMAIL, subject if titled else None, body, by)

    def send_message(self, thread_id: str, body: str, *, by: By = By.PAGE) -> SendResult:
        """Send a message in a thread. Refused where the other one has closed it."""
        thread = self._threads.get(thread_id)
        if thread is None:
            return SendResult(SendShown.REFUSED, "no such thread")
        reason = "the thread is closed" if thread.closed else bad_text(None, body)
        if reason:
            return SendResult(SendShown.REFUSED, reason)
        return self._send(thread, SendKind.MESSAGE, None, body, by)

    def answer(self, lead_id: str, what: What) -> None:
        """Let a person answer now. Raises LookupError if nobody wrote to that person."""
        thread = self._threads.of(lead_id)
        if thread is None or not thread.messages:
            raise LookupError(f"no InMail went to {lead_id}")
        self._take_answer(thread, what, self.now)

    def record_write(self, method: str, path: str, what: str) -> None:
        """Note a request that could change something (T5)."""
        self._writes.append(Write(self.now, method, path, what))

    def add_fault(self, fault: PlannedFault) -> None:
        """Plan one more fault."""
        self.faults.add(fault)

    def truth(self) -> Truth:
        """What really happened so far."""
        return Truth(
            now=self.now,
            balance=self.purse.balance,
            deliveries=tuple(self._deliveries),
            answers=tuple(self._answers),
            credits=tuple(self.purse.events),
            writes=tuple(self._writes),
            views=dict(self._views),
            struck=dict(self._struck),
            halt=self.halt,
        )

    # What happens by itself

    def _open_books(self) -> None:
        for lot in self.scenario.lots:
            self._gain(CreditCause.OPENING, lot.credits, self.now, granted=lot.granted)
        self._later(next_grant(self.now), _Rank.GRANT, self._grant)
        for person in self.scenario.people:
            if person.written_before is not None:
                self._write_before_the_start(person, self.now - person.written_before)

    def _write_before_the_start(self, person: Person, at: datetime) -> None:
        """The owner's own InMail of an earlier day: its credit is gone from the lots already."""
        thread = self._threads.with_person(person)
        cost = 1 if person.kind is PersonKind.CREDIT else 0
        self._put(thread, SendKind.INMAIL, "Hello", "Shall we talk?", By.OWNER, cost, at, at)

    def _later(self, at: datetime, rank: _Rank, happen: Callable[[datetime], None]) -> None:
        heapq.heappush(self._due, (at, rank, self._next_number(), happen))

    def _grant(self, now: datetime) -> None:
        self._gain(CreditCause.GRANT, self.scenario.credits.monthly, now)
        self._later(next_grant(now), _Rank.GRANT, self._grant)

    def _gain(
        self,
        cause: CreditCause,
        credits: int,
        now: datetime,
        *,
        granted: datetime | None = None,
        lead_id: str | None = None,
    ) -> None:
        expires = self.purse.take_in(now, credits, cause, granted=granted, lead_id=lead_id)
        self._later(expires, _Rank.EXPIRY, self.purse.expire)

    def _refund(self, lead_id: str, now: datetime) -> None:
        self._gain(CreditCause.REFUND, 1, now, lead_id=lead_id)

    def _follow_plan(self, thread: Thread, step: int, now: datetime) -> None:
        """Take the step and line up the one after it."""
        self._take_answer(thread, thread.person.plan[step].what, now)
        self._line_up(thread, step + 1, now)

    def _line_up(self, thread: Thread, step: int, since: datetime) -> None:
        plan = thread.person.plan
        if step < len(plan):
            happen = partial(self._follow_plan, thread, step)
            self._later(since + plan[step].after, _Rank.ANSWER, happen)

    def _take_answer(self, thread: Thread, what: What, now: datetime) -> None:
        person, draw = thread.person, zlib.crc32(thread.id.encode())
        text = answer_text(what, person.language, self.scenario.owner.first_name, draw)
        silent = what in (What.ACCEPT_WITHOUT_TEXT, What.REJECT_WITHOUT_TEXT)
        closed = what.closes or (thread.closed and what.label is not Label.ACCEPTED)
        answer = ThreadMessage(
            id=self._message_id(),
            at=now,
            by=By.THEM,
            type=message_type(what, thread.answered),
            subject=None,
            text=None if silent else text,
            label=what.label,
            shows=now,
        )
        self._threads.add(thread, answer, closed=closed)
        self._answers.append(Answered(now, person.id, what, text))
        self._return_credit(person.id, what, now)

    def _return_credit(self, lead_id: str, what: What, now: datetime) -> None:
        """Line up the refund of one InMail to that person, once for each InMail (C5)."""
        rules = self.scenario.credits
        any_answer = rules.refund_on is RefundOn.ANY_ANSWER and what is not What.DELETED
        if not (any_answer or what.counts_as_acceptance):
            return
        waiting = self._unreturned.get(lead_id, [])
        if waiting and now - waiting.pop(0) <= rules.refund_window:
            happen = partial(self._refund, lead_id)
            self._later(now + rules.refund_delay, _Rank.REFUND, happen)

    # Sending, in one place for InMails and messages

    def _send(
        self, thread: Thread, kind: SendKind, subject: str | None, body: str, by: By
    ) -> SendResult:
        struck = self._strike(Moment.SEND, thread.person.id) if by is By.PAGE else {}
        costs = kind is SendKind.INMAIL and thread.person.kind is PersonKind.CREDIT
        error = struck.get(FaultKind.SEND_ERROR)
        if error is not None:
            if error.lose_credit and costs:
                self.purse.spend(self.now, CreditCause.LOST, thread.person.id)
            return SendResult(SendShown.ERROR, "the site failed")
        if costs and (lag := struck.get(FaultKind.LAGGING_BALANCE)) is not None:
            self._unseen_spends.append(self.now + lag.lag)
        late = struck.get(FaultKind.LAGGING_THREAD)
        shows = self.now + late.lag if late is not None else self.now
        message_id = self._put(thread, kind, subject, body, by, int(costs), self.now, shows)
        lost = struck.get(FaultKind.LOST_RESPONSE)
        if lost is not None:
            return SendResult(SendShown.LOST, form_stays=lost.form_stays)
        return SendResult(SendShown.SENT, thread_id=thread.id, message_id=message_id)

    def _put(
        self,
        thread: Thread,
        kind: SendKind,
        subject: str | None,
        body: str,
        by: By,
        cost: int,
        at: datetime,
        shows: datetime,
    ) -> str:
        """Deliver: charge, show, remember, and let the person's plan begin. Returns an id."""
        lead_id, before = thread.person.id, self.purse.balance
        if cost and at == self.now:
            self.purse.spend(at, CreditCause.SPEND, lead_id)
        message = ThreadMessage(
            id=self._message_id(),
            at=at,
            by=by,
            type="INMAIL" if kind is SendKind.INMAIL else "MESSAGE",
            subject=subject,
            text=body,
            label=None,
            shows=shows,
        )
        self._threads.add(thread, message, closed=thread.closed)
        after = self.purse.balance
        self._deliveries.append(
            Delivery(at, lead_id, kind, by, cost, subject, body, thread.id, before, after)
        )
        if cost:
            self._unreturned.setdefault(lead_id, []).append(at)
        if len(thread.messages) == 1:
            self._line_up(thread, 0, at)
        return message.id

    # Small helpers

    def _strike(self, moment: Moment, lead_id: str | None) -> dict[FaultKind, PlannedFault]:
        struck = self.faults.at(moment, self.now, lead_id)
        for kind in struck:
            self._struck[str(kind)] += 1
        return struck

    def _somebody_else(self, person: Person) -> Person:
        others = (
            other
            for other in self.scenario.people
            if other.id != person.id and other.kind is person.kind
        )
        return next(others, person)

    def _next_number(self) -> int:
        self._number += 1
        return self._number

    def _message_id(self) -> str:
        return f"2-{self.scenario.seed}-{self._next_number()}"

    def _results(
        self, listings: tuple[Listing, ...], listing_id: str | None, page: int
    ) -> ResultsShown | None:
        chosen = next((each for each in listings if listing_id in (None, each.id)), None)
        if chosen is None:
            return None
        first = (page - 1) * PER_PAGE
        shown = chosen.lead_ids[: MOST_PAGES * PER_PAGE][first : first + PER_PAGE]
        total = len(chosen.lead_ids)
        return ResultsShown(
            id=chosen.id,
            name=chosen.name,
            people=tuple(self._people[lead_id] for lead_id in shown),
            page=page,
            pages=min(MOST_PAGES, max(1, -(-total // PER_PAGE))),
            total=total,
        )


def _composer_state(person: Person, credits: int) -> ComposerState:
    if person.kind is PersonKind.FIRST_DEGREE:
        return ComposerState.FIRST_DEGREE
    if person.kind is PersonKind.FREE:
        return ComposerState.FREE
    return ComposerState.CREDIT if credits > 0 else ComposerState.NONE_LEFT
