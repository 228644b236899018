"""T4: a crash before and after every commit and every step on the site, one run for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from simulation.rig import CAMPAIGN, HOURS, PARIS, Rig, check_promises, scenario

from bot.model import Outcome
from bot.orders import SettleByOwner
from bot.policy import FollowUp, SeatPolicy
from bot.practice.scenario import Scenario
from bot.rules import limits
from bot.rules.texts import text_hash

POLICY = SeatPolicy("alice", HOURS, read_inbox_minutes=240, inmails_per_day=3)
BRIEF = replace(CAMPAIGN, follow_ups=(FollowUp(3, "A first follow-up."),))
DAY = timedelta(hours=10)
PEOPLE = """
    Ada credit accept-default 0.05
    Ben free accept-without-text 0.06
    Cid credit own-words 0.04
    Dee credit
"""
ON_LEADS = ("open_lead", "open_composer", "type_inmail", "close_composer")
IN_THREADS = ("open_thread", "type_message", "read_inbox")
STEPS = frozenset((*ON_LEADS, *IN_THREADS, "click_send", "read_sent", "read_results"))


class Crash(BaseException):
    """What no handler catches: the program, the browser or the machine is gone."""


class Fuse:
    """Counts the moments at which something could die, and dies at one of them."""

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def burn(self) -> None:
        self.count += 1
        if self.count == self.at:
            raise Crash


class Fragile:
    """An object whose *steps* may die just before and just after they have their effect."""

    def __init__(self, inner: Any, steps: frozenset[str], fuse: Fuse) -> None:
        self._inner, self._steps, self._fuse = inner, steps, fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return partial(self._step, found) if name in self._steps else found

    def _step(self, act: Callable[..., Any], *args: Any, **named: Any) -> Any:
        self._fuse.burn()
        result = act(*args, **named)
        self._fuse.burn()
        return result


def play(where: Scenario, crash_at: int) -> tuple[Rig, int]:
    """One day with a crash at the n-th moment, then a restart and a quiet week."""
    fuse = Fuse(crash_at)
    rig = Rig(
        where,
        policy=POLICY,
        campaigns=(BRIEF,),
        on_book=lambda book: Fragile(book, frozenset(("commit",)), fuse),
        on_site=lambda site: Fragile(site, STEPS, fuse),
    )
    end = rig.clock.now() + DAY
    try:
        rig.run(until=end)
    except Crash:
        rig.restart()
        check_promises(rig)
        rig.run(until=end)
    check_promises(rig)
    moments = fuse.count
    rig.restart()
    rig.run(days=1.2)
    owner_looks_up(rig)
    rig.run(days=6)
    return rig, moments


def owner_looks_up(rig: Rig) -> None:
    """The owner settles what reading could not: clicking was written, and nothing arrived (T3)."""
    for attempt in rig.store.open_attempts():
        assert attempt.with_owner
        sent = [d for d in rig.sent() if text_hash(d.body) == attempt.text_hash]
        assert not sent, "what was sent is found by reading"
        assert rig.order(SettleByOwner(attempt.key, sent=False)).done


def outcome(rig: Rig) -> Counter[tuple[str, str]]:
    """What everybody got, in the end."""
    return Counter((d.lead_id, text_hash(d.body)) for d in rig.sent())


QUIET = scenario(PEOPLE)
LAGGING = scenario(
    PEOPLE,
    more='[[faults]]\nkind = "lagging-thread"\nminutes = 40\ntimes = 0\n'
    '[[faults]]\nkind = "lagging-balance"\nminutes = 90\ntimes = 0',
)


@pytest.mark.parametrize(("where", "every"), [(QUIET, 1), (LAGGING, 9)], ids=["quiet", "lagging"])
def test_a_crash_at_any_moment_changes_nothing_in_the_end(where: Scenario, every: int) -> None:
    """T1, T3, T4: nobody gets anything twice or not at all, and no credit is lost or doubled."""
    calm, moments = play(where, 0)
    wanted = outcome(calm)
    assert len(wanted) == 4 + 2 * 2, "each InMail, and two messages to two who accepted"
    assert moments > 80
    for crash_at in range(1, moments + 1, every):
        rig, _ = play(where, crash_at)
        check_promises(rig)
        assert outcome(rig) == wanted, crash_at
        assert not [done for done in rig.done if done.outcome is Outcome.HALTED]
        days = Counter(limits.local_day(d.at, PARIS) for d in rig.sent() if d.subject)
        assert max(days.values()) <= POLICY.inmails_per_day, f"L1, crash {crash_at}"
        assert all(limits.is_open(d.at, HOURS) for d in rig.sent()), f"L3, crash {crash_at}"
        assert rig.store.ledger().available == rig.truth.balance, f"C9, C10, crash {crash_at}"
        assert rig.store.ledger().held == 0
        assert not [e.key for e in rig.store.entries() if e.kind == "adjust"], crash_at
