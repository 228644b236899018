"""The owner of a life whose campaigns ask: looks at texts, and releases, edits or declines them."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

from simulation.fuse import demand

from bot.model import Enrolment, Reason
from bot.orders import Approve, Decline
from bot.practice.records import Delivery
from bot.rules.sequence import Due, coming_step
from bot.rules.wording import Wording, compose

if TYPE_CHECKING:
    from simulation.seeded import Life

FIRST, FIRST_REPLY = 10, 7  # of `first-10`, of the steps: by no name of the program


class Approver:
    """Draws from a stream of its own, so that a life without it is as it was.

    released  the text of each lead's step that the owner released last, by campaign
    declined  whom the owner refused a text, by campaign
    """

    def __init__(self, life: Life, seed: int) -> None:
        self.life = life
        self.draw = random.Random(f"approver {seed}")
        self.released: dict[tuple[str, str, int], tuple[str, str]] = {}
        self.declined: set[tuple[str, str]] = set()

    @property
    def asks(self) -> bool:
        """Whether this life's campaigns ask."""
        return self.life.drawing.approve != "none"

    def looks(self, chance: float) -> None:
        """Look through the texts that wait, each with this *chance*; nothing dies meanwhile."""
        if not self.asks:
            return
        fuse, rig = self.life.fuse, self.life.rig
        armed, fuse.armed = fuse.armed, False
        for name in [campaign.name for campaign in self.life.campaigns]:
            for waiting in rig.store.previews(name, rig.clock.now(), 50):
                if self.draw.random() < chance:
                    self._answers(waiting)
        fuse.armed = armed

    def _answers(self, waiting: Enrolment) -> None:
        rig = self.life.rig
        campaign = rig.work.find_campaign(waiting.campaign)
        lead = rig.store.lead(waiting.lead_id)
        assert campaign is not None
        assert lead is not None
        step = coming_step(waiting, campaign)
        if not isinstance(step, Due):
            return
        if self.draw.random() < 0.1:
            told = rig.order(Decline(lead.id, campaign.name, step.step))
            if told.done:
                self.declined.add((campaign.name, lead.id))
            else:  # the tenth release was another's
                demand(not _asks(rig.work.find_campaign(campaign.name)), "declined", told.text)
            return
        filled = compose(campaign, step.step, lead)
        if isinstance(filled, Reason):
            filled = Wording("A question" if step.step == 0 else "", "By my own hand.")
        body = filled.body
        if self.draw.random() < 0.4:
            body += f"\nP.S. of {campaign.name}, {step.step}."
        order = Approve(lead.id, campaign.name, step.step, filled.subject, body)
        for _ in range(self.draw.choice((1, 1, 2))):  # an order may be carried out twice
            told = rig.order(order)
            if not told.done:  # the tenth release was another's: nothing is asked any more
                demand(not _asks(rig.work.find_campaign(campaign.name)), "released", told.text)
                return
        self.released[campaign.name, lead.id, step.step] = (filled.subject, body)

    def check(self, sent: Delivery, campaign: str, step: int) -> None:
        """What goes out while the campaign asks is what the owner released (S8), or their reply."""
        if not self.asks or step >= FIRST_REPLY:
            return
        key = (campaign, sent.lead_id, step)
        refused = (campaign, sent.lead_id) in self.declined
        demand(not refused, "nothing is sent that the owner declined (S8)", key)
        known = self.released.get(key)
        if known is None:
            count = Counter(name for name, _, _ in self.released)[campaign]
            over = self.life.drawing.approve == "first-10" and count >= FIRST
            demand(over, "nothing is sent that its owner has not released (S8)", key)
            return
        same = (sent.subject or "", sent.body) == known
        demand(same, "what was released is what is sent (S8)", (known, sent.subject, sent.body))


def _asks(campaign: object) -> bool:
    return bool(getattr(campaign, "asks", False))
