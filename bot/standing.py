"""How a seat stands now: its state, what its process tells of itself, and who holds it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bot import lock, pulse, report
from bot.policy import SeatPolicy
from bot.report import SeatStatus
from bot.rules import limits
from bot.store.store import Store, Which


def status_of(policy: SeatPolicy, folder: Path, store: Store, now: datetime) -> SeatStatus:
    """One seat of `status --json`. *folder* is the seat's own; *store* its state, to be read."""
    told = pulse.read(folder)
    state = store.seat()
    day = store.day(limits.local_day(now, policy.hours.zone))
    limit = limits.inmail_limit(state, day.day, policy)
    holder = lock.holder(folder)
    coming = None
    if told is not None and told.next_at is not None:
        coming = report.Next(told.next_at, told.next_what, told.next_why)
    halted = state.halted
    word = "stopped"
    if halted is not None:
        word = "halted"
    elif holder is not None:
        word = "sleeping" if told is not None and told.asleep else "working"
    return SeatStatus(
        seat=policy.name,
        state=word,
        halt=report.Halt(halted.kind, halted.since, halted.reason) if halted else None,
        credits=report.Credits(store.balance(), state.balance_seen),
        today=report.Today(
            inmails=day.inmails + day.manual,
            limit=limit,
            messages=day.messages,
            inmails_by_hand=day.manual,
            messages_by_hand=day.manual_messages,
        ),
        next=coming,
        paused=state.paused,
        doing=told.doing if told is not None and holder is not None else "",
        broken_hooks=report.broken_hooks(state),
        slid_hooks=report.slid_hooks(store.hooks()),
        replies=len(store.replies()),
        answers=store.count_inbox(Which.OPEN),
        calls=store.outbox.tally(),
    )
