"""The ledger's sum is known from one look to the next, and never of other entries than these."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.records import NOW, grant

from bot.credits import Account, Entry, EntryKind, Ledger, add
from bot.store import folding
from bot.store.codec import encode
from bot.store.folding import folded


def expired(number: int) -> Entry:
    """The end of a grant."""
    at = NOW + timedelta(days=number + 90)
    return Entry(
        f"expire/grant/{number}",
        at,
        EntryKind.EXPIRE,
        50,
        Account.AVAILABLE,
        Account.EXPIRED,
        "not used",
        f"grant/{number}",
    )


LEDGERS = st.lists(st.integers(1, 6), unique=True, max_size=6).map(
    lambda numbers: [*map(grant, numbers), *map(expired, numbers[::2])]
)


@given(st.lists(LEDGERS, min_size=1, max_size=5))
def test_a_sum_is_of_the_entries_that_stand_there_now(looks: list[list[Entry]]) -> None:
    """C10: whatever was added up under this name before: a longer ledger, another, or none."""
    for entries in looks:
        assert folded("a file", [encode(entry) for entry in entries]) == reduce(
            add, entries, Ledger()
        )


def test_what_is_known_is_not_added_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second look costs what was written since."""
    texts = [encode(grant(number)) for number in range(1, 6)]
    first = folded("another file", texts[:4])
    added: list[Entry] = []
    monkeypatch.setattr(
        folding, "add", lambda ledger, entry: (added.append(entry), add(ledger, entry))[1]
    )
    assert folded("another file", texts[:4]) == first
    assert added == []
    folded("another file", texts)
    assert added == [grant(5)]
