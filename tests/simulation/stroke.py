"""What chance alone brings too seldom: strokes that need several things to come together."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.practice.faults import FaultKind, PlannedFault
from bot.practice.people import PersonKind, What

if TYPE_CHECKING:
    from simulation.seeded import Life

OFTEN = 0.02  # the chance of a stroke at a cycle
HIDES_FOR = timedelta(hours=30)  # the next refund comes while the last one is under way (C11)


class Stroke:
    """Draws from a stream of its own; nothing dies meanwhile."""

    def __init__(self, life: Life, *, often: float) -> None:
        self.life, self.often = life, often
        self.draw = random.Random(f"stroke {life.seed}")
        self._accepting: list[tuple[datetime, str]] = []

    def may_come(self) -> None:
        """Let several things come together, or not."""
        fuse, rig = self.life.fuse, self.life.rig
        armed, fuse.armed = fuse.armed, False
        rig.world.advance(rig.clock.now())
        self._who_was_to_accept_does()
        if self.draw.random() < self.often:
            strokes = (self._spends_behind_refunds, self._writes_unseen, self._next_send_fails)
            self.draw.choice(strokes)()
        fuse.armed = armed

    def _spends_behind_refunds(self) -> None:
        """An InMail by hand while two refunds, one after the other, hide what it cost (C9, C11)."""
        hand, world, now = self.life.hand, self.life.rig.world, self.life.rig.clock.now()
        paying = [p for p in world.scenario.people if p.kind is PersonKind.CREDIT]
        waiting = [p.id for p in paying if (shown := world.lead(p.id)) and shown.pending]
        strangers = [p for p in paying if not hand.has_thread(p.id)]
        if len(waiting) < 2 or not strangers or self.life.lagging:
            return
        first, second = self.draw.sample(waiting, 2)
        world.answer(first, What.ACCEPT_DEFAULT)
        hand.writes_to(self.draw.choice(strangers))
        self._accepting.append((now + HIDES_FOR, second))

    def _who_was_to_accept_does(self) -> None:
        now, world = self.life.rig.clock.now(), self.life.rig.world
        for at, lead_id in list(self._accepting):
            if at <= now:
                self._accepting.remove((at, lead_id))
                world.answer(lead_id, What.ACCEPT_DEFAULT)

    def _writes_unseen(self) -> None:
        """Own words, unseen by a working seat, when a message is due (T7)."""
        self.life.hand.puts_right()
        self.life.hand.words_just_before_a_message()

    def _next_send_fails(self) -> None:
        """The site says that the next InMail or message was not sent (T3)."""
        kind = FaultKind.SEND_ERROR
        self.life.rig.world.add_fault(PlannedFault(kind, kind.moment, nth=1))
