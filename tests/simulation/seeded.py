"""A seat's months, drawn from one seed: people, faults, its owner's hand, and crashes everywhere.

The real rules, agent and store work the practice site's model on a simulated clock. After each
cycle the invariants are checked against the site's truth. `Life(seed).live()` is one life; a seed
that fails once fails always.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from simulation.approver import Approver
from simulation.drawn import Drawing
from simulation.fuse import Broken, Crash, Fragile, Fuse, Witnessed, demand
from simulation.hand import Hand
from simulation.invariants import Invariants
from simulation.model_site import ModelSite
from simulation.rig import Rig
from simulation.stroke import OFTEN, Stroke
from simulation.word import Word

from bot.agent import cycle
from bot.errors import BrowserGone, PageError
from bot.model import Done, Outcome, Wait
from bot.practice.faults import FaultBook, Moment

PLAYED = timedelta(days=20)
QUIET = timedelta(days=32)
MOST_CYCLES = 20_000
ON_LEADS = ("open_lead", "open_composer", "type_inmail", "close_composer")
IN_THREADS = ("open_thread", "type_message", "read_inbox")
STEPS = (*ON_LEADS, *IN_THREADS, "click_send", "read_sent", "read_results")


class Life:
    """One seat's life.

    folder   where the state lies; None: in memory
    crashes  the chance to die at a point
    early    a life of before there were replies and strokes: what some seeds once found
    """

    def __init__(
        self,
        seed: int,
        folder: Path | None = None,
        *,
        crashes: float = 0.02,
        early: bool = False,
    ) -> None:
        self.seed, self.drawing = seed, Drawing(seed)
        self.draw, self.lagging = self.drawing.draw, self.drawing.lagging
        self.path = folder / f"{seed}.sqlite" if folder is not None else None
        self.campaigns = self.drawing.campaigns()
        self.policy = self.drawing.policy()
        self.rig = Rig(
            self.drawing.scenario(), policy=self.policy, campaigns=self.campaigns, path=self.path
        )
        self.fuse = Fuse(crashes, random.Random(seed + 1))
        self.fuse.is_open = lambda: bool(self.rig.store.open_attempts())
        self.halted = False  # the site asked for a person, and the owner has not answered yet
        self.paused = False
        self.hand = Hand(self)
        self.approver = Approver(self, seed)
        self.word = Word(self, random.Random(seed + 2), may=not early)
        self.stroke = Stroke(self, often=0.0 if early else OFTEN)
        self.invariants = Invariants(self)
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
        self.rig.world.faults = FaultBook(())
        for day in range(QUIET.days):
            self.hand.puts_right()
            self._work_until(start + PLAYED + timedelta(days=day + 1), meddling=False)
        self.invariants.check_the_end()

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
        watched = Witnessed(rig.store, self.invariants.check_commit)
        book = Fragile(watched, ("commit",), fuse, lambda: None)
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
        for _ in range(MOST_CYCLES):
            if self.rig.clock.now() >= end:
                return
            if meddling and self.draw.random() < 0.04:
                self.hand.meddle()
            if meddling:
                self.stroke.may_come()
            self.approver.looks(0.1 if meddling else 1)
            if meddling:
                self.word.may_come()
            site, halted, before = self.rig.site, self.halted, self._seen_by(self.rig.site)
            opened = self._lead_pages()
            try:
                step = cycle(self.rig.work)
            except Crash:
                self._restart()
            except (PageError, BrowserGone):
                self._restart()  # the stint failed; the daemon starts another one
                self.rig.clock.advance(timedelta(minutes=5))
            else:
                self._after(step, end)
            demand(
                not halted or self._seen_by(site) == before,
                "a halted seat clicks and opens nothing (L5)",
            )
            seen, counted = (
                now - then for now, then in zip(self._lead_pages(), opened, strict=True)
            )
            demand(seen <= counted, "every lead page is counted (L6)", (seen, counted))
            self.invariants.check_cycle()
        raise Broken("the seat does not come to rest")

    def _after(self, step: Done | Wait, end: datetime) -> None:
        now = self.rig.clock.now()
        if isinstance(step, Wait):
            self.invariants.check_at_rest(step)
            self.rig.clock.sleep_until(min(step.until or end, end, now + timedelta(hours=7)))
            return
        looked = step.action == "read-inbox" and step.lead_id is None
        if looked and step.outcome is Outcome.DONE:
            self.invariants.looked_at = step.at
        self.halted = self.halted or step.outcome is Outcome.HALTED

    def _lead_pages(self) -> tuple[int, int]:
        """Lead pages that the site has shown, and those that the books count."""
        counted = sum(day.lead_pages for day in self.rig.store.days())
        return self.rig.world._views[Moment.LEAD], counted

    def _seen_by(self, site: ModelSite) -> tuple[int, int]:
        """Clicks and page views."""
        return site.clicks, sum(self.rig.world._views.values())
