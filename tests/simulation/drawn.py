"""What a seed draws: a seat's campaigns and policy, the people of the site, its faults."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, time, timedelta

from simulation.rig import CAMPAIGN, PARIS

from bot.policy import Campaign, CreditPolicy, FollowUp, Hours, SeatPolicy
from bot.practice.faults import FaultKind, Moment, PlannedFault
from bot.practice.people import Person, PersonKind, Step, What
from bot.practice.scenario import Scenario, parse

# What there is at the start expires while the life lasts. A refund's life begins for the site when
# it gives it, for us when we read the answer: so none may end before the life does (C3).
CREDIT_DAYS = 55
STARTS = (
    "2026-03-25T06:00:00Z",  # a month's end, and the clocks go forward
    "2026-10-21T06:00:00Z",  # and back
    "2028-02-25T06:00:00Z",  # a leap day
    "2026-06-08T06:00:00Z",
    "2026-06-08T22:20:00Z",  # after midnight in Paris, not yet in UTC; works at any hour
)
HALTS = (FaultKind.LOGIN_WALL, FaultKind.SECURITY_CHECK)


class Drawing:
    """All that is drawn before a life begins; faults are drawn later as well.

    approve  whether the campaigns ask for their owner's release (S8)
    lagging  the site's books lag; else its owner's hand and lost credits make differences (C9): a
             difference that a lag hides cannot be known
    """

    def __init__(self, seed: int) -> None:
        self.seed, self.draw = seed, random.Random(seed)
        self.lagging = self.draw.random() < 0.5
        self.start = self.draw.choice(STARTS)
        # From a stream of its own: what the others draw is what it was before.
        chances = (*("none",) * 6, "each", "first-10")
        self.approve = random.Random(f"asking {seed}").choice(chances)

    def campaigns(self) -> tuple[Campaign, ...]:
        """One campaign or two, their messages and days."""
        days = [self.draw.randint(3, 6) for _ in range(self.draw.randint(0, 3))]
        follow_ups = tuple(FollowUp(n, f"Follow-up number {k}.") for k, n in enumerate(days))
        first = replace(CAMPAIGN, follow_ups=follow_ups)
        if self.draw.random() < 0.3:
            first = replace(first, acceptance=None)
        first = replace(first, approve=self.approve)
        second = replace(
            CAMPAIGN, approve=self.approve, name="spring", body="Hello again, {{ first_name }}."
        )
        return (first, second) if self.draw.random() < 0.25 else (first,)

    def policy(self) -> SeatPolicy:
        """Hours, limits and the life of credits."""
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

    def scenario(self) -> Scenario:
        """The site with its people, their answers, and its faults."""
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
        faults = tuple(self.fault() for _ in range(self.draw.randint(0, 6)))
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

    def fault(self) -> PlannedFault:
        """Something that the site will do wrong."""
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
