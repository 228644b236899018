"""What happens to a life that is not the agent's doing: its owner, its recipients, its clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from simulation.fuse import demand
from simulation.model_site import ModelSite
from simulation.rig import CAMPAIGN, PARIS

from bot.agent import cycle
from bot.clock import SimulatedClock
from bot.errors import BrowserGone, PageError
from bot.model import Changes, Wait
from bot.orders import Pause, Release, Resume, SettleByOwner
from bot.practice.people import Person, PersonKind, What
from bot.practice.records import By, SendShown
from bot.rules import limits
from bot.rules.texts import text_hash

if TYPE_CHECKING:
    from simulation.seeded import Life

PAGES = ("lead", "composer", "thread", "inbox", "results")
REHEARSED = 12  # actions of a dry run, at most


class Hand:
    """Draws what happens, and does it to a life.

    touched     people to whom their owner did something by hand
    paid        those whom he wrote to by hand, at the price of a credit that the ledger must find
    released    people whom he released after he had written to them
    rehearsals  dry runs that did something
    """

    def __init__(self, life: Life) -> None:
        self.life, self.draw = life, life.draw
        self.touched: set[str] = set()
        self.paid: set[str] = set()
        self.released: set[str] = set()
        self.rehearsals = 0
        self._happenings: tuple[Callable[[], None], ...] = (
            self._writes,
            self._replies,
            self._somebody_answers,
            self._somebody_answers,
            self._somebody_thinks_again,
            self.words_just_before_a_message,
            self.words_just_before_a_message,
            self._pauses,
            self._edits,
            self._begins_another,
            self._configures,
            self._rehearses,
            self._clock_jumps,
            self.puts_right,
            self.puts_right,
            self._fault_comes,
            self._site_changes,
        )

    def meddle(self) -> None:
        """Let something happen; nothing dies meanwhile."""
        happen = self.draw.choice(self._happenings)
        rig = self.life.rig
        self.life.fuse.armed = False
        rig.world.advance(rig.clock.now())
        happen()
        self.life.fuse.armed = True

    def puts_right(self) -> None:
        """The owner does what is theirs to do: lift, resume, settle by looking, release."""
        life, rig = self.life, self.life.rig
        rig.world.lift()
        rig.order(Resume())
        life.halted = life.paused = False
        rig.mend(*tuple(rig.gone))
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

    # --- the owner ------------------------------------------------------------------------------

    def _writes(self) -> None:
        """An InMail by hand; only where nothing else makes the site's books lag (C9)."""
        self.writes_to(self.draw.choice(self.life.rig.world.scenario.people))

    def writes_to(self, person: Person) -> None:
        """Unless they have a thread, or it would take one of the last credits."""
        world = self.life.rig.world
        if self.life.lagging or self.has_thread(person.id):
            return
        costs = person.kind is PersonKind.CREDIT
        if costs and world.balance() < 3:
            return
        world.send_inmail(person.id, "By hand", "From my own hand.", by=By.OWNER)
        self.touched.add(person.id)
        if costs and self.life.rig.store.ledger().granted_to is not None:
            self.paid.add(person.id)

    def _replies(self) -> None:
        lead_id = self._somebody_with_a_thread()
        if lead_id is None:
            return
        world = self.life.rig.world
        thread = world._threads.of(lead_id)
        assert thread is not None
        done = world.send_message(thread.id, "A word by hand.", by=By.OWNER)
        if done.shown is SendShown.REFUSED:
            return
        self.touched.add(lead_id)
        self.released.discard(lead_id)

    def _pauses(self) -> None:
        self.life.rig.order(Pause())
        self.life.paused = True

    def _edits(self) -> None:
        """Another wording of what is still to be sent (S7)."""
        life, mark = self.life, self.draw.randint(1, 9)
        first = life.campaigns[0]
        follow_ups = tuple(
            replace(each, body=f"{each.body[:20]} Edited {mark}.") for each in first.follow_ups
        )
        life.campaigns = (replace(first, follow_ups=follow_ups), *life.campaigns[1:])
        life.rig.edit(*life.campaigns)

    def _begins_another(self) -> None:
        """A second campaign for the same people, most of whom the first one has written to (K4)."""
        life = self.life
        if len(life.campaigns) == 1:
            approve, body = life.drawing.approve, "Hello again, {{ first_name }}."
            second = replace(CAMPAIGN, name="spring", body=body, approve=approve)
            life.campaigns = (*life.campaigns, second)
            life.rig.edit(*life.campaigns)

    def _configures(self) -> None:
        """Other limits, from now on."""
        life = self.life
        life.policy = replace(
            life.policy,
            inmails_per_day=self.draw.choice((2, 3, 10)),
            read_inbox_minutes=self.draw.choice((60, 180)),
        )
        life.rig.work = replace(life.rig.work, policy=life.policy)

    def _rehearses(self) -> None:
        """A dry run: nothing is typed or clicked, and the books stay as they are (T5)."""
        rig = self.life.rig
        site = ModelSite(rig.world, rig.clock.now, rig.gone)
        before = (rig.world.truth().deliveries, tuple(rig.store.enrolments()), rig.store.ledger())
        with rig.store.copy() as copy:
            clock = SimulatedClock(rig.clock.now())
            work = replace(rig.work, book=copy, site=site, clock=clock, dry_run=True)
            for _ in range(REHEARSED):
                try:
                    step = cycle(work)
                except (PageError, BrowserGone):
                    break
                if isinstance(step, Wait):
                    if step.until is None:
                        break
                    clock.sleep_until(step.until)
                self.rehearsals += 1
        after = (rig.world.truth().deliveries, tuple(rig.store.enrolments()), rig.store.ledger())
        quiet = site.clicks == 0 and not site.has_typed
        demand(quiet and before == after, "nothing at all in a dry run (T5)")

    # --- the recipients -------------------------------------------------------------------------

    def _somebody_answers(self) -> None:
        lead_id = self._somebody_with_a_thread()
        if lead_id is not None:
            self.life.rig.world.answer(lead_id, self.draw.choice(list(What)))

    def _somebody_thinks_again(self) -> None:
        """Own words of somebody whose sequence goes on (A6)."""
        rig = self.life.rig
        going_on = [
            e.lead_id
            for e in rig.store.enrolments()
            if e.answer is not None and e.answer.sequence == "goes-on"
        ]
        if going_on:
            rig.world.answer(self.draw.choice(going_on), What.OWN_WORDS)

    def words_just_before_a_message(self) -> None:
        """Own words that no look at the inbox has seen when the next message is due (T7)."""
        rig = self.life.rig
        now, seen = rig.clock.now(), rig.store.seat().inbox_read_at
        due = [
            (e.due_at, e.lead_id)
            for e in rig.store.enrolments()
            if e.phase == "message" and e.due_at is not None and e.due_at > now
        ]
        if not due or seen is None:
            return
        at, lead_id = min(due)
        if limits.next_opening(at, self.life.policy.hours) == at:
            seat = replace(rig.store.seat(), inbox_read_at=at - timedelta(minutes=5))
            rig.store.commit(Changes(seat=seat))
            rig.world.advance(at - timedelta(minutes=3))
            rig.world.answer(lead_id, What.OWN_WORDS)
            rig.clock.sleep_until(at)

    # --- the rest of the world ------------------------------------------------------------------

    def _fault_comes(self) -> None:
        self.life.rig.world.add_fault(replace(self.life.drawing.fault(), nth=1))

    def _site_changes(self) -> None:
        """A release of the site: a sort of page that nobody recognises until its owner mends it."""
        self.life.rig.gone.add(self.draw.choice(PAGES))

    def _clock_jumps(self) -> None:
        """An hour or two ahead, or back within the same day."""
        clock = self.life.rig.clock
        hour = clock.now().astimezone(PARIS).hour
        if self.draw.random() < 0.5 and hour >= 4:
            clock._now -= timedelta(minutes=self.draw.choice((1, 30, 120)))
        else:
            clock.advance(timedelta(minutes=self.draw.choice((1, 30, 120))))

    def _somebody_with_a_thread(self) -> str | None:
        people = self.life.rig.world.scenario.people
        found = [person.id for person in people if self.has_thread(person.id)]
        return self.draw.choice(found) if found else None

    def has_thread(self, lead_id: str) -> bool:
        thread = self.life.rig.world._threads.of(lead_id)
        return thread is not None and bool(thread.messages)
