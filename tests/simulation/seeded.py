"""A seat's months, drawn from one seed: people, faults, its owner's hand, and crashes everywhere.

The real rules, agent and store work the practice site's model on a simulated clock. After each
cycle the invariants are checked against the site's truth. `Life(seed).live()` is one life; a seed
that fails once fails always.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from simulation.rig import CAMPAIGN, PARIS, Rig, check_promises

from bot.agent import cycle
from bot.errors import BrowserGone, PageError
from bot.model import Changes, Outcome, Wait
from bot.orders import Pause, Release, Resume, SettleByOwner
from bot.policy import Campaign, CreditPolicy, FollowUp, Hours, SeatPolicy
from bot.practice.faults import FaultBook, FaultKind, Moment, PlannedFault
from bot.practice.people import Person, PersonKind, Step, What
from bot.practice.purse import CreditCause
from bot.practice.records import By, Delivery, SendKind
from bot.practice.scenario import Scenario, parse
from bot.rules import limits
from bot.rules.texts import text_hash
from bot.verdict import GOES_ON, meant

VISIBLE_FOR = timedelta(seconds=60)  # an answer that was there for so long stops a message
PLAYED = timedelta(days=20)
QUIET = timedelta(days=32)
# What there is at the start expires while the life lasts. A refund's life begins for the site when
# it gives it, for us when we read the answer: so none may end before the life does (C3).
CREDIT_DAYS = 55
MOST_CYCLES = 20_000
STARTS = (
    "2026-03-25T06:00:00Z",  # a month's end, and the clocks go forward
    "2026-10-21T06:00:00Z",  # and back
    "2028-02-25T06:00:00Z",  # a leap day
    "2026-06-08T06:00:00Z",
    "2026-06-08T22:20:00Z",  # after midnight in Paris, not yet in UTC; works at any hour
)
ACTING = ("type_inmail", "click_send", "read_sent", "type_message")  # rare: struck more often
ON_LEADS = ("open_lead", "open_composer", "type_inmail", "close_composer")
IN_THREADS = ("open_thread", "type_message", "read_inbox")
STEPS = (*ON_LEADS, *IN_THREADS, "click_send", "read_sent", "read_results")
HALTS = (FaultKind.LOGIN_WALL, FaultKind.SECURITY_CHECK)


class Crash(BaseException):
    """What nothing catches: the program, the browser or the machine is gone."""


class Broken(AssertionError):
    """An invariant does not hold."""


def demand(holds: bool, promise: str, told: object = "") -> None:
    """Raises Broken with the promise that was broken."""
    if not holds:
        raise Broken(f"{promise}: {told}")


@dataclass
class Fuse:
    """Where everything may die, drawn anew at each point.

    struck  crashes by point; `open_` those with an attempt under way
    """

    chance: float
    draw: random.Random
    is_open: Callable[[], bool] = lambda: False
    armed: bool = True
    struck: Counter[str] = field(default_factory=Counter)
    open_: Counter[str] = field(default_factory=Counter)

    def burn(self, point: str) -> None:
        """Die here, or not."""
        often = 6 if point.endswith(ACTING) else 1
        if self.armed and self.draw.random() < self.chance * often:
            self.armed = False  # looking at the book is not to die as well
            self.struck[point] += 1
            self.open_[point] += self.is_open()
            self.armed = True
            raise Crash(point)


class Fragile:
    """An object whose steps take time, and may die before and after they have their effect."""

    def __init__(
        self, inner: Any, steps: tuple[str, ...], fuse: Fuse, spend_time: Callable[[], None]
    ) -> None:
        self._inner, self._steps, self._fuse = inner, steps, fuse
        self._spend_time = spend_time

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return partial(self._step, name, found) if name in self._steps else found

    def _step(self, name: str, act: Callable[..., Any], *args: Any, **named: Any) -> Any:
        self._fuse.burn(f"before {name}")
        self._spend_time()
        result = act(*args, **named)
        self._fuse.burn(f"after {name}")
        return result


class Life:
    """One seat's life.

    lagging  the site's books lag; else its owner's hand and lost credits make differences (C9): a
             difference that a lag hides cannot be known
    folder   where the state lies; None: in memory
    """

    def __init__(self, seed: int, folder: Path | None = None, *, crashes: float = 0.02) -> None:
        self.seed, self.draw = seed, random.Random(seed)
        self.lagging = self.draw.random() < 0.5
        self.path = folder / f"{seed}.sqlite" if folder is not None else None
        self.fuse = Fuse(crashes, random.Random(seed + 1))
        self.start = self.draw.choice(STARTS)
        self.campaigns = self._campaigns()
        self.policy = self._policy()
        self.rig = Rig(
            self._scenario(), policy=self.policy, campaigns=self.campaigns, path=self.path
        )
        self.fuse.is_open = lambda: bool(self.rig.store.open_attempts())
        self.released: set[str] = set()
        self.touched: set[str] = set()  # people to whom their owner did something by hand
        self.checked = 0
        self.looked_at: datetime | None = None  # the last look at the inbox that was lived through
        self.halted = False  # the site asked for a person, and the owner has not answered yet
        self._make_fragile()

    def live(self) -> None:
        """Play, then let everything come to rest. Raises Broken, which tells the seed."""
        try:
            self._live()
        except Broken as broken:
            raise Broken(f"seed {self.seed}: {broken}; `make soak SEED={self.seed}`") from None
        finally:
            self.rig.store.close()

    def _live(self) -> None:
        start = self.rig.clock.now()
        self._work_until(start + PLAYED, meddling=True)
        self.fuse.armed = False
        world = self.rig.world
        world.faults = FaultBook(())
        for day in range(QUIET.days):
            self._put_right()
            self._work_until(start + PLAYED + timedelta(days=day + 1), meddling=False)
        self._check_the_end()

    # --- what is drawn --------------------------------------------------------------------------

    def _campaigns(self) -> tuple[Campaign, ...]:
        days = [self.draw.randint(3, 6) for _ in range(self.draw.randint(0, 3))]
        follow_ups = tuple(FollowUp(n, f"Follow-up number {k}.") for k, n in enumerate(days))
        first = replace(CAMPAIGN, follow_ups=follow_ups)
        if self.draw.random() < 0.3:
            first = replace(first, acceptance=None)
        second = replace(CAMPAIGN, name="spring", body="Hello again, {{ first_name }}.")
        return (first, second) if self.draw.random() < 0.25 else (first,)

    def _policy(self) -> SeatPolicy:
        days = frozenset(range(self.draw.choice((5, 7))))
        always = self.start == STARTS[-1] or self.draw.random() < 0.2
        hours = Hours(PARIS, days, time(0 if always else 8), time.max if always else time(18))
        return SeatPolicy(
            "alice",
            hours,
            inmails_per_day=self.draw.choice((2, 3, 10)),
            pause_seconds=(40, 180),
            read_inbox_minutes=self.draw.choice((60, 180)),
            ramp=self.draw.choice(((), (1, 2))),
            credits=CreditPolicy(months=None, days=CREDIT_DAYS),
        )

    def _scenario(self) -> Scenario:
        born = datetime.fromisoformat(self.start).replace(day=1, hour=0, minute=0).isoformat()
        credits = self.draw.choice((2, 2, 3, 9, 30))
        text = (
            f'start = {self.start}\nseed = {self.seed}\n[owner]\nfirst_name = "Robin"\n'
            f'name = "Robin Example"\n[credits]\ndays = {CREDIT_DAYS}\n'
            f"lots = [{{ granted = {born}, credits = {credits} }}]\n"
            '[[searches]]\nid = "1"\nname = "All"\n[[people]]\nname = "Nobody Invented"\n'
        )
        made = parse(text)
        people = tuple(self._person(number) for number in range(self.draw.randint(6, 14)))
        search = replace(made.searches[0], lead_ids=tuple(person.id for person in people))
        faults = tuple(self._fault() for _ in range(self.draw.randint(0, 6)))
        return replace(made, people=people, searches=(search,), faults=faults)

    def _person(self, number: int) -> Person:
        kinds = (PersonKind.CREDIT,) * 5 + (PersonKind.FREE,) * 3
        kind = self.draw.choice((*kinds, PersonKind.UNREACHABLE, PersonKind.FIRST_DEGREE))
        likely = (What.ACCEPT_DEFAULT, What.ACCEPT_WITHOUT_TEXT, What.REJECT_DEFAULT)
        plan = tuple(
            Step(
                timedelta(minutes=self.draw.choice((30, 300, 1500, 6000))),
                self.draw.choice((*likely, *likely, *What)),
            )
            for _ in range(self.draw.choice((0, 1, 1, 1, 2, 3)))
        )
        return Person(
            id=f"ACwAAp{number}",
            name=f"P{number} Invented",
            title="Founder",
            company=f"Firm {number}",
            location="Nowhere",
            headline="",
            degree=1 if kind is PersonKind.FIRST_DEGREE else 2,
            kind=kind,
            plan=plan,
        )

    def _fault(self) -> PlannedFault:
        kinds = [
            FaultKind.SEND_ERROR,
            FaultKind.LOST_RESPONSE,
            FaultKind.LAGGING_THREAD,
            FaultKind.NO_COMPOSER,
            FaultKind.WRONG_ADDRESSEE,
            FaultKind.NO_CREDIT_LINE,
            FaultKind.MISSING,
            *HALTS,
        ]
        if self.lagging:
            kinds += [FaultKind.LAGGING_BALANCE] * 3
        kind = self.draw.choice(kinds)
        moment = kind.moment
        if kind is FaultKind.MISSING:
            moment = Moment.LEAD
        elif kind in HALTS:
            moment = self.draw.choice((Moment.LEAD, Moment.THREAD, Moment.INBOX))
        return PlannedFault(
            kind,
            moment,
            nth=self.draw.randint(1, 12),
            lag=timedelta(minutes=self.draw.choice((5, 45, 200))),
            lose_credit=not self.lagging and self.draw.random() < 0.5,
            form_stays=self.draw.random() < 0.5,
        )

    # --- living ---------------------------------------------------------------------------------

    def _make_fragile(self) -> None:
        rig, fuse = self.rig, self.fuse

        def spend_time() -> None:
            rig.clock.advance(timedelta(seconds=self.draw.choice((0, 0, 1, 4))))

        storage = rig.store.tables.storage
        many = partial(type(storage).execute_many, storage)

        def execute_many(statement: str, rows: Any) -> None:
            fuse.burn("inside commit, before a table")
            many(statement, rows)
            fuse.burn("inside commit, after a table")

        storage.execute_many = execute_many  # type: ignore[method-assign]
        book = Fragile(rig.store, ("commit",), fuse, lambda: None)
        site = Fragile(rig.site, STEPS, fuse, spend_time)
        rig.work = replace(rig.work, book=book, site=site)

    def _restart(self) -> None:
        if self.path is not None:
            self.rig.store.close()
            self.rig.reopen(self.path)
        else:
            self.rig.restart()
        self._make_fragile()

    def _work_until(self, end: datetime, *, meddling: bool) -> None:
        rig = self.rig
        for _ in range(MOST_CYCLES):
            now = rig.clock.now()
            if now >= end:
                return
            if meddling and self.draw.random() < 0.04:
                self._meddle()
            site, clicks, views = rig.site, rig.site.clicks, sum(rig.world._views.values())
            halted = self.halted
            try:
                step = cycle(rig.work)
            except Crash:
                self._restart()
            except (PageError, BrowserGone):
                self._restart()  # the stint failed; the daemon starts another one
                rig.clock.advance(timedelta(minutes=5))
            else:
                if not isinstance(step, Wait):
                    if step.action == "read-inbox" and step.lead_id is None:
                        self.looked_at = step.at
                    self.halted = self.halted or step.outcome is Outcome.HALTED
                else:
                    self._check_at_rest(step)
                    rig.clock.sleep_until(min(step.until or end, end, now + timedelta(hours=7)))
            still = site.clicks == clicks and sum(rig.world._views.values()) == views
            demand(not halted or still, "a halted seat clicks and opens nothing (L5)")
            self._check()
        raise Broken("the seat does not come to rest")

    def _meddle(self) -> None:
        """Something happens that is not the agent's doing."""
        happen = self.draw.choice(
            (
                self._owner_writes,
                self._owner_replies,
                self._somebody_answers,
                self._somebody_answers,
                self._somebody_thinks_again,
                self._words_just_before_a_message,
                self._words_just_before_a_message,
                self._owner_pauses,
                self._owner_edits,
                self._clock_jumps,
                self._put_right,
                self._put_right,
                lambda: self.rig.world.add_fault(replace(self._fault(), nth=1)),
            )
        )
        self.fuse.armed = False
        self.rig.world.advance(self.rig.clock.now())
        happen()
        self.fuse.armed = True

    def _owner_writes(self) -> None:
        """An InMail by hand; only where nothing else makes the site's books lag (C9)."""
        person = self.draw.choice(self.rig.world.scenario.people)
        world = self.rig.world
        if self.lagging or self._has_thread(person.id):
            return
        if person.kind is PersonKind.CREDIT and world.balance() < 3:
            return
        world.send_inmail(person.id, "By hand", "From my own hand.", by=By.OWNER)
        self.touched.add(person.id)

    def _owner_replies(self) -> None:
        lead_id = self._somebody_with_a_thread()
        if lead_id is None:
            return
        thread = self.rig.world._threads.of(lead_id)
        assert thread is not None
        self.rig.world.send_message(thread.id, "A word by hand.", by=By.OWNER)
        self.touched.add(lead_id)
        self.released.discard(lead_id)

    def _somebody_answers(self) -> None:
        lead_id = self._somebody_with_a_thread()
        if lead_id is not None:
            self.rig.world.answer(lead_id, self.draw.choice(list(What)))

    def _somebody_thinks_again(self) -> None:
        """Own words of somebody whose sequence goes on (A6)."""
        going_on = [
            e.lead_id
            for e in self.rig.store.enrolments()
            if e.answer is not None and e.answer.sequence == "goes-on"
        ]
        if going_on:
            self.rig.world.answer(self.draw.choice(going_on), What.OWN_WORDS)

    def _words_just_before_a_message(self) -> None:
        """Own words that no look at the inbox has seen when the next message is due (T7)."""
        now, seen = self.rig.clock.now(), self.rig.store.seat().inbox_read_at
        due = [
            (e.due_at, e.lead_id)
            for e in self.rig.store.enrolments()
            if e.phase == "message" and e.due_at is not None and e.due_at > now
        ]
        if not due or seen is None:
            return
        at, lead_id = min(due)
        if limits.next_opening(at, self.policy.hours) == at:
            seat = replace(self.rig.store.seat(), inbox_read_at=at - timedelta(minutes=5))
            self.rig.store.commit(Changes(seat=seat))
            self.rig.world.advance(at - timedelta(minutes=3))
            self.rig.world.answer(lead_id, What.OWN_WORDS)
            self.rig.clock.sleep_until(at)

    def _owner_pauses(self) -> None:
        self.rig.order(Pause())

    def _owner_edits(self) -> None:
        """Another wording of what is still to be sent (S7)."""
        mark = self.draw.randint(1, 9)
        first = self.campaigns[0]
        follow_ups = tuple(
            replace(each, body=f"{each.body[:20]} Edited {mark}.") for each in first.follow_ups
        )
        self.campaigns = (replace(first, follow_ups=follow_ups), *self.campaigns[1:])
        self.rig.edit(*self.campaigns)

    def _clock_jumps(self) -> None:
        """An hour or two ahead, or back within the same day."""
        clock = self.rig.clock
        hour = clock.now().astimezone(PARIS).hour
        if self.draw.random() < 0.5 and hour >= 4:
            clock._now -= timedelta(minutes=self.draw.choice((1, 30, 120)))
        else:
            clock.advance(timedelta(minutes=self.draw.choice((1, 30, 120))))

    def _put_right(self) -> None:
        """The owner does what is theirs to do: lift, resume, settle by looking, release."""
        rig = self.rig
        rig.world.lift()
        rig.order(Resume())
        self.halted = False
        for attempt in rig.store.open_attempts():
            if attempt.with_owner:
                mine = [d for d in rig.sent() if d.lead_id == attempt.lead_id]
                sent = sum(text_hash(d.body) == attempt.text_hash for d in mine) > attempt.earlier
                rig.order(SettleByOwner(attempt.key, sent=sent))
        for enrolment in list(rig.store.enrolments()):
            held = enrolment.answer is not None and enrolment.answer.sequence == "held"
            if (enrolment.hold is not None or held) and enrolment.sending is None:
                rig.order(Release(enrolment.lead_id))
                self.released.add(enrolment.lead_id)

    def _somebody_with_a_thread(self) -> str | None:
        people = [p.id for p in self.rig.world.scenario.people if self._has_thread(p.id)]
        return self.draw.choice(people) if people else None

    def _has_thread(self, lead_id: str) -> bool:
        thread = self.rig.world._threads.of(lead_id)
        return thread is not None and bool(thread.messages)

    # --- the invariants -------------------------------------------------------------------------

    def _check(self) -> None:
        """What is true after every cycle."""
        deliveries = self.rig.world._deliveries
        for delivery in deliveries[self.checked :]:
            if delivery.by is By.PAGE:
                self._check_delivery(delivery)
        self.checked = len(deliveries)

    def _check_delivery(self, sent: Delivery) -> None:
        earlier = [d for d in self.rig.sent() if d.lead_id == sent.lead_id and d is not sent]
        if sent.kind is SendKind.INMAIL:
            again = [d for d in earlier if d.kind is SendKind.INMAIL]
            demand(not again, "never two InMails to a person (K4)", sent.lead_id)
            day = sent.at.astimezone(PARIS).date()  # by no function that may be broken
            inmails = self.rig.sent(kind=SendKind.INMAIL)
            count = sum(d.at.astimezone(PARIS).date() == day for d in inmails)
            demand(count <= self.policy.inmails_per_day, "at most so many a day (L1)", count)
            spared = not sent.cost or sent.balance_before > self.policy.credits.reserve
            demand(spared, "no credit InMail at the reserve (C6)", sent.lead_id)
            return
        same = [d for d in earlier if text_hash(d.body) == text_hash(sent.body)]
        demand(not same, "no message goes out twice (T4)", sent.lead_id)
        self._check_message(sent)

    def _check_message(self, sent: Delivery) -> None:
        until = sent.at - VISIBLE_FOR
        answers = [
            a for a in self.rig.world._answers if a.lead_id == sent.lead_id and a.at <= sent.at
        ]
        visible = sum(a.at <= until for a in answers)
        said = [a.what for a in answers]
        stood = [meant(said[:count]) for count in range(visible, len(said) + 1) if count > 0]
        promise = "no message but to a default acceptance (S4, A1-A8)"
        demand(("accepted", False) in stood, promise, (sent.lead_id, said, visible))
        by_hand = [
            d
            for d in self.rig.world._deliveries
            if d.lead_id == sent.lead_id and d.by is By.OWNER and d.at <= until
        ]
        held = not by_hand or sent.lead_id in self.released
        demand(held, "no message into a thread that the owner took over (A10)", sent.lead_id)

    def _check_at_rest(self, wait: Wait) -> None:
        """In working hours with nothing to do: what the last look could see is in the books."""
        rig = self.rig
        if wait.reason.rule in ("L3", "L5", "S7"):
            return
        seat, now = rig.store.seat(), rig.clock.now()
        seen = seat.inbox_read_at
        every = timedelta(minutes=self.policy.read_inbox_minutes)
        demand(seen is not None and now - seen <= every, "the inbox is read in time", seen)
        assert seen is not None
        if self.lagging:
            self._check_ledger()
        known = {e.lead_id: e for e in rig.store.enrolments() if e.inmail is not None}
        for answer in rig.world._answers:
            enrolment = known.get(answer.lead_id)
            looked_at = self.looked_at or answer.at
            if enrolment is not None and answer.at < looked_at - VISIBLE_FOR:
                told = (answer.lead_id, answer.what)
                demand(enrolment.answer is not None, "every answer reaches the books", told)

    def _check_ledger(self) -> None:
        """Where only what is shown lags, the ledger is the site's but for what is under way."""
        ledger, balance = self.rig.store.ledger(), self.rig.world.balance()
        if ledger.granted_to is None:
            return  # the site's balance has not been read yet (C12)
        now = self.rig.world.now
        young = sum(now - at < timedelta(hours=48) for _, at in ledger.refunds)
        agree = ledger.available - young <= balance <= ledger.available + ledger.held
        told = (ledger.available, ledger.held, young, balance)
        demand(agree, "ledger and site agree at any time (C9)", told)

    def _check_the_end(self) -> None:
        """After a month of quiet: books and truth agree, and everybody got what was due."""
        rig = self.rig
        check_promises(rig)
        told = Counter((e.lead_id, s.text_hash) for e in rig.store.enrolments() for s in e.sent)
        true = Counter((d.lead_id, text_hash(d.body)) for d in rig.sent())
        demand(told == true, "the books know every message (T2)", (told - true) + (true - told))
        demand(not rig.store.open_attempts(), "every attempt has its end (T3)")
        self._check_credits()
        self._check_sequences()

    def _check_credits(self) -> None:
        rig, truth = self.rig, self.rig.truth
        ledger = rig.store.ledger()
        demand(ledger.held == 0, "no credit stays held (C10)", ledger.held)
        demand(
            ledger.available == truth.balance,
            "ledger and site agree (C9)",
            (ledger.available, truth.balance),
        )
        adjusted = [e for e in rig.store.entries() if e.kind == "adjust"]
        lost = sum(e.cause is CreditCause.LOST for e in truth.credits)
        demand(
            bool(lost or self.touched) or not adjusted,
            "no adjustment without a cause (C9)",
            [e.why for e in adjusted],
        )

    def _check_sequences(self) -> None:
        """Whoever accepted by default, once, and was left alone by the owner, got every message."""
        rig = self.rig
        first = self.campaigns[0]
        wanted = len(first.follow_ups) + (first.acceptance is not None)
        inmails = {d.lead_id: d.at for d in rig.sent(kind=SendKind.INMAIL)}
        for lead_id in inmails:
            said = [a for a in rig.world._answers if a.lead_id == lead_id]
            enrolment = rig.store.enrolment(f"{first.name}/{lead_id}")
            if not said or {a.what for a in said} - GOES_ON or lead_id in self.touched:
                continue
            if enrolment is None or enrolment.inmail is None or enrolment.hold or enrolment.skip:
                continue
            if said[0].at > rig.clock.now() - timedelta(days=26):
                continue
            got = len(rig.sent(lead_id.removeprefix("ACwAA"), SendKind.MESSAGE))
            demand(got == wanted, "accepted leads get their messages (S2, S3)", (lead_id, got))
