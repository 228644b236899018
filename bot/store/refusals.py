"""What a commit must not hold, whatever keeps the book (C10, K4, T1)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from bot.credits import Ledger, add
from bot.errors import StoreBroken
from bot.model import Attempt, AttemptState, Changes


def ledger_after(ledger: Ledger, changes: Changes) -> Ledger:
    """Return *ledger* with the entries of *changes*.

    Raises StoreBroken if these bring another ledger than that, ValueError for an entry that
    bot.credits.add refuses.
    """
    after = reduce(add, changes.entries, ledger)
    if changes.ledger is not None and changes.ledger != after:
        raise StoreBroken("the ledger to be written is not what its entries add up to")
    return after


def not_sent_first(attempts: Iterable[Attempt]) -> list[Attempt]:
    """An attempt that was not sent makes room for the next try in the same commit (T3)."""
    return sorted(attempts, key=lambda attempt: attempt.state is not AttemptState.NOT_SENT)


def known_entry(changes: Changes) -> StoreBroken:
    """The refusal of an entry whose key is in the book."""
    keys = ", ".join(entry.key for entry in changes.entries)
    return StoreBroken(
        f"an entry of the ledger is known already ({keys}) (C10); nothing was written"
    )


def second_inmail(changes: Changes) -> StoreBroken:
    """The refusal of a second InMail to a person."""
    people = ", ".join(sorted({one.lead_id for one in changes.attempts if one.step == 0}))
    return StoreBroken(
        f"a second InMail to a person ({people}) was refused (K4, T1); nothing was written"
    )
