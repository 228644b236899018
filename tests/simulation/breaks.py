"""Deliberate breaks of the code, applied in memory: each must be caught by the simulation.

A break replaces a few words in the source of one function while a `with` block lasts.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from bot import agent, carry_out, sending, settling, stint, work
from bot.rules import (
    answers,
    apply,
    approval,
    credits,
    leads,
    plan,
    reconcile,
    replies,
    sequence,
    takein,
)
from bot.store.store import Store


@dataclass(frozen=True)
class Break:
    """What is broken, where, and by which words in the place of which.

    also  broken with it: what is guarded twice must be broken twice
    """

    name: str
    function: Callable[..., Any]
    old: str
    new: str
    also: Break | None = None


BREAKS = (
    Break(
        "record after the click",
        sending._click,
        "    work.book.commit(changes)\n    work.site.click_send()\n",
        "    work.site.click_send()\n    work.book.commit(changes)\n",
    ),
    Break(
        "uncertain = not sent",
        apply.after_click,
        "return Verdict(None, proofs",
        "return Verdict(False, proofs",
    ),
    Break(
        "uncertain = sent",
        apply.after_click,
        "return Verdict(None, proofs",
        "return Verdict(True, proofs",
    ),
    Break(
        "one reading makes it not sent",
        apply.after_reading,
        "attempt.error_shown and first is not None and now - first >= FIRST_LOOK",
        "True",
    ),
    Break(
        "what died clicking is not sent",
        settling.settle,
        "if attempt.state is AttemptState.HELD:\n        verdict = apply.died_held(attempt)",
        "if attempt.state in (AttemptState.HELD, AttemptState.CLICKING):\n"
        "        verdict = apply.Verdict(False)",
    ),
    Break("what died held is sent", apply.died_held, "Verdict(False", "Verdict(True"),
    Break("an open attempt is left alone", plan.plan, "if settled is not None:", "if False:"),
    Break(
        "no hold before the click",
        apply.begin,
        "if step == 0 and kind is Kind.CREDIT:",
        "if False:",
    ),
    Break("no release of what was held", apply._not_sent, "if attempt.lot is not None", "if False"),
    Break(
        "refund for every answer",
        takein._returns_credit,
        "def _returns_credit(judged: Judgement, enrolment: Enrolment, reading: Reading) -> bool:\n",
        "def _returns_credit(judged: Judgement, enrolment: Enrolment, reading: Reading) -> bool:\n"
        "    return enrolment.credit_back is None and judged.answer != 'none'\n",
    ),
    Break(
        "the reserve is spent",
        credits.may_spend,
        "> policy.reserve",
        "> 0",
        Break(
            "and the composer's own number",
            leads._for_a_credit,
            "<= reserve",
            "< reserve",
            Break("and after typing", sending._costs_more, "<= reserve", "< reserve"),
        ),
    ),
    Break(
        "the day is counted in UTC",
        agent.next_action,
        "limits.local_day(now, work.policy.hours.zone)",
        "now.date()",
        Break(
            "and where it is counted up",
            work.Work.today,
            "limits.local_day(self.now(), self.policy.hours.zone)",
            "self.now().date()",
        ),
    ),
    Break(
        "the day's InMails are not counted",
        apply.clicking,
        "today.inmails + 1",
        "today.inmails + 0",
    ),
    Break(
        "expiry off by one day",
        credits.expiry,
        "timedelta(days=policy.days)",
        "timedelta(days=policy.days + 1)",
    ),
    Break(
        "the second answer is dropped",
        takein._answered,
        "    campaign = reading.campaign(enrolment.campaign)\n",
        "    campaign = reading.campaign(enrolment.campaign)\n"
        "    if enrolment.answer is not None and enrolment.answer.answer != 'none':\n"
        "        return changes\n",
    ),
    Break(
        "the thread is not read before a message",
        sending.send_message,
        "    take_in_thread(work, known_thread(work, lead, seen.facts), seen)\n",
        "",
    ),
    Break("a halt is forgotten", work.Work.halt, "    self.book.commit(", "    (lambda _: None)("),
    Break(
        "a commit in pieces",
        Store.commit,
        "with self._storage.transaction():",
        "if True:",
    ),
    Break(
        "the answer of a send in doubt is lost",
        settling._settle,
        "if isinstance(seen, Seen) and verdict.sent is True and seen.facts.id is not None:",
        "if False:",
    ),
    Break(
        "what the owner wrote by hand is overlooked",
        takein._answered,
        "foreign_mine=foreign > enrolment.released",
        "foreign_mine=False",
    ),
    Break("a paused seat goes on", plan.plan, "if brief.seat.paused:", "if False:"),
    Break(
        "a follow-up is a day late",
        sequence._next_message,
        "timedelta(days=campaign",
        "timedelta(days=1) + timedelta(days=campaign",
    ),
    Break(
        "a dry run clicks",
        sending._write_inmail,
        "if work.dry_run:",
        "if False:",
        Break("and the guard before the click", sending._click, "if work.dry_run:", "if False:"),
    ),
    Break(
        "a reply goes into a thread that has changed",
        sequence._next_reply,
        "if reply.seen != mark_of(enrolment):",
        "if False:",
    ),
    Break(
        "a reply that was sent still waits",
        apply._sent,
        "reply is not None and reply.step == attempt.step",
        "False",
    ),
    Break(
        "an order carried out again is a second reply",
        replies.repeated,
        "if is_reply(attempt.step) and same",
        "if False and same",
    ),
    Break(
        "a cause is forgotten while a doubt hides it",
        reconcile.observe,
        "if in_doubt or _young(ledger, now):",
        "if False:",
    ),
    Break(
        "what nobody released is planned",
        sequence.placed,
        "if is_unreleased(step, enrolment, campaign):",
        "if False:",
        Break("and the guard at the send", approval.wording_of, "not campaign.asks", "True"),
    ),
    Break(
        "the template is sent in place of what was released",
        approval.wording_of,
        "    if approved is not None:\n        return Wording(approved.subject, approved.body)\n"
        "    assert not campaign.asks,",
        "    assert approved is not None or not campaign.asks,",
    ),
)

# What a break of these would need to be caught is another test's: named so that nobody looks here.
ELSEWHERE = {"the seat's lock is ignored": "tests/browser/test_daemon.py, tests/unit/test_lock.py"}

_MODULES = (agent, answers, carry_out, stint)  # imported whole before anything is broken


@contextmanager
def broken(which: Break) -> Iterator[None]:
    """Break the code for a while, for everybody who has imported the function."""
    function = inspect.unwrap(which.function)
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(which.old) == 1, f"{which.name}: the code has changed, mend the break"
    made: dict[str, Any] = {}
    text = f"from __future__ import annotations\n{source.replace(which.old, which.new)}"
    exec(compile(text, f"<{which.name}>", "exec"), function.__globals__, made)
    kept, function.__code__ = function.__code__, made[function.__name__].__code__
    try:
        with broken(which.also) if which.also is not None else nullcontext():
            yield
    finally:
        function.__code__ = kept
