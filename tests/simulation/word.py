"""The owner of a life who replies to those who answered, drawn from a stream of its own."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from simulation.fuse import Crash, demand

from bot.model import Enrolment
from bot.orders import Reply
from bot.practice.people import What
from bot.practice.records import Answered, Delivery
from bot.rules.replies import changed, mark_of

if TYPE_CHECKING:
    from simulation.seeded import Life

OFTEN = 0.15  # the chance of a word at a cycle


@dataclass(frozen=True)
class Given:
    """An order, and when the owner gave it, by the site's clock."""

    order: Reply
    at: datetime


def _is_news(before: Answered | None, answer: Answered) -> bool:
    """Whether it is more than the same button, pressed again without a word."""
    same = before is not None and before.what.label is answer.what.label
    return not (same and answer.what in (What.ACCEPT_WITHOUT_TEXT, What.REJECT_WITHOUT_TEXT))


class Word:
    """Gives replies as orders, at times twice, as after a crash; and knows which were given.

    given  by person and text; no text is given twice
    """

    def __init__(self, life: Life, draw: random.Random, *, may: bool) -> None:
        self.life, self.draw = life, draw
        self.often = OFTEN if draw.random() < 0.5 and may else 0.0
        self.given: dict[tuple[str, str], Given] = {}

    def may_come(self) -> None:
        """Let the owner reply to somebody, or not."""
        if self.draw.random() >= self.often:
            return
        rig = self.life.rig
        rig.world.advance(rig.clock.now())
        if self.given and self.draw.random() < 0.3:
            self._give(self.draw.choice(list(self.given.values())).order)
        else:
            self._reply()

    def _reply(self) -> None:
        rig = self.life.rig
        found = [e for e in rig.store.enrolments() if e.answer is not None and e.answer.responder]
        if not found:
            return
        who = self.draw.choice(found)
        text = f"Reply number {len(self.given)}."
        order = Reply(who.lead_id, text, mark_of(who))
        if self._give(order):
            self.given[who.lead_id, text] = Given(order, rig.world.now)  # a clock may be set back
            if self.draw.random() < 0.3:
                rig.world.answer(who.lead_id, What.OWN_WORDS)

    def _give(self, order: Reply) -> bool:
        """The order is carried out; if that dies, it is carried out again."""
        life = self.life
        try:
            return life.rig.order(order).done
        except Crash:
            life._restart()
            life.fuse.armed = False
            taken = life.rig.order(order).done
            life.fuse.armed = True
            return taken

    # --- what must be true of it ----------------------------------------------------------------

    def check_delivery(self, sent: Delivery, visible_for: timedelta) -> bool:
        """Whether a message is a reply; then it is as ordered, and they said nothing since (T7)."""
        given = self.given.get((sent.lead_id, sent.body))
        demand(given is not None or "Reply" not in sent.body, "only what was ordered", sent.body)
        if given is None:
            return False
        said = [a for a in self.life.rig.world._answers if a.lead_id == sent.lead_id]
        since = [
            answer.at
            for before, answer in zip((None, *said), said, strict=False)
            if given.at < answer.at <= sent.at - visible_for and _is_news(before, answer)
        ]
        demand(not since, "no reply to somebody who wrote since (T7)", (sent.lead_id, since))
        return True

    def check_the_end(self) -> None:
        """What nothing holds has gone out."""
        for enrolment in self.life.rig.store.enrolments():
            demand(not self._is_forgotten(enrolment), "each reply goes out", enrolment.key)

    def _is_forgotten(self, enrolment: Enrolment) -> bool:
        reply = enrolment.reply
        if reply is None or changed(enrolment, reply.seen) is not None:
            return False
        stopped = enrolment.skip or enrolment.hold or enrolment.sending
        without = self.life.rig.work.find_campaign(enrolment.campaign) is None
        return not stopped and not without and not self._is_closed(enrolment)

    def _is_closed(self, enrolment: Enrolment) -> bool:
        """Whether the site takes no message there: after a rejection, until an acceptance."""
        shown = self.life.rig.world.thread(enrolment.thread_id or "")
        return shown is not None and shown.closed
