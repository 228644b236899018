"""Why not today, held against what the agent then does, through simulated lives (T6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from simulation.drawn import Drawing
from simulation.rig import Rig

from bot.agent import cycle
from bot.errors import BrowserGone, PageError
from bot.model import Done, Outcome, Phase, Reason, Wait
from bot.orders import Resume
from bot.practice.records import By
from bot.reading import contacted, refusal
from bot.rules import limits
from bot.rules.credits import accrue
from bot.rules.why import View, why_not

LIVED, BY_HAND = timedelta(days=20), timedelta(days=6)
NAP = timedelta(hours=7)  # so that leads are asked at night too
# These lift at their time and no sooner; credits may come back with an acceptance (C8), and an
# attempt in doubt may be found in its thread before it is looked up.
FIRM = ("L1", "L2", "L3", "L4", "L6", "S3")
ITS_TURN = ("K7", None)


class Watched:
    """A life in which every lead is asked, before each cycle, why it is not written to."""

    def __init__(self, seed: int) -> None:
        drawing = Drawing(seed)
        policy = drawing.policy()
        if seed % 2:
            tight = {"inmails_per_day": 10, "lead_pages_per_day": 4, "messages_per_day": 1}
            policy = replace(policy, **tight)
        self.rig = Rig(drawing.scenario(), policy=policy, campaigns=drawing.campaigns())
        self.told: dict[str, Reason | None] = {}
        self.rules: set[str | None] = set()
        self.replied = False

    def live(self) -> None:
        clock = self.rig.clock
        begun, end = clock.now(), clock.now() + LIVED
        while clock.now() < end:
            if clock.now() > begun + BY_HAND and not self.replied:
                self._reply_by_hand()
            before, self.told = self.told, self._ask()
            self.rules |= {why.rule if why is not None else None for why in self.told.values()}
            self._check_times(before)
            try:
                step = cycle(self.rig.work)
            except (PageError, BrowserGone):
                clock.advance(timedelta(minutes=5))
                continue
            if isinstance(step, Wait):
                self._check_rest(step)
                clock.sleep_until(min(step.until or end, clock.now() + NAP, end))
            else:
                self._check_done(step)

    def _reply_by_hand(self) -> None:
        """The owner writes into the threads that go on (A10)."""
        self.replied, world = True, self.rig.world
        world.advance(self.rig.clock.now())
        for each in self.rig.store.enrolments():
            if each.thread_id is not None and each.phase is Phase.MESSAGE:
                world.send_message(each.thread_id, "A word by hand.", by=By.OWNER)

    def _ask(self) -> dict[str, Reason | None]:
        book, now, work = self.rig.store, self.rig.clock.now(), self.rig.work
        view = View(
            seat=book.seat(),
            ledger=accrue(book.ledger(), now, work.policy.credits).ledger,
            today=book.day(limits.local_day(now, work.policy.hours.zone)),
            policy=work.policy,
            campaigns=work.campaigns,
            states=book.campaigns(),
            now=now,
            refusal=lambda lead: refusal(work.contacts, book.opted_out(), lead),
            contacted=lambda each, lead: contacted(book, lead, but=each.key),
            open_attempts=book.open_attempts(),
        )
        leads = ((each, book.lead(each.lead_id)) for each in book.enrolments())
        return {each.key: why_not(each, lead, view) for each, lead in leads if lead is not None}

    def _check_times(self, before: dict[str, Reason | None]) -> None:
        """No reason outlives its time, and no firm one ends before it."""
        now = self.rig.clock.now()
        for key, why in self.told.items():
            assert why is None or why.until is None or why.until > now, (key, why, now)
        for key, why in before.items():
            if why is not None and why.rule in FIRM and _later(why, now):
                assert self._still_kept(key), (key, why, now)

    def _still_kept(self, key: str) -> bool:
        """Whether something keeps the lead now, or it was answered, held or taken over."""
        why = self.told[key]
        return why is not None and why.rule not in ITS_TURN

    def _check_rest(self, wait: Wait) -> None:
        """Who rests has nothing to do: each lead has a rule, and nobody's turn has come."""
        if wait.reason.rule == "L4":
            return
        idle = {key: why for key, why in self.told.items() if _rule(why) in ITS_TURN}
        assert not idle, (wait, idle)

    def _check_done(self, step: Done) -> None:
        """Who is written to, or looked at, was kept by nothing."""
        if step.outcome is Outcome.HALTED:
            self.rig.world.lift()
            self.rig.order(Resume())
        if step.action in ("inmail", "message") and step.outcome in (
            Outcome.SENT,
            Outcome.UNCERTAIN,
        ):
            kept = [why for key, why in self.told.items() if key.endswith(f"/{step.lead_id}")]
            assert any(_rule(why) in ITS_TURN for why in kept), (step, kept)


def _rule(why: Reason | None) -> str | None:
    return why.rule if why is not None else None


def _later(why: Reason, now: datetime) -> bool:
    return why.until is not None and why.until > now


SEEDS = (0, 5, 13, 28)
MET = {"A10", "C7", "K1", "K3", "K4", "K7", "L1", "L2", "L3", "L4", "L6", "S3", "S4", "T3"}


def test_each_lead_without_an_action_has_a_rule_that_holds() -> None:
    """T6: while it holds nothing is written; when it lifts another holds, or it is their turn."""
    met: set[str | None] = set()
    for seed in SEEDS:
        life = Watched(seed)
        life.live()
        met |= life.rules
    assert met >= MET
