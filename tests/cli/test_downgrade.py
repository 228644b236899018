"""A state that a newer program wrote, met by this one (docs/upgrading.md)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from cli.user import SEAT, User

from bot.store import schema
from bot.store.store import Store

NEWER = schema.VERSION + 1


@pytest.fixture
def downgraded(user: User) -> User:
    """A user whose seat was worked by the next version; a copy from before lies beside it."""
    user.settle_in("http://127.0.0.1:9")
    user.seat.mkdir(parents=True, exist_ok=True)
    Store.open(user.seat / "state.sqlite").close()
    assert user.run("backup", SEAT, str(user.home / "before")).code == 0
    with sqlite3.connect(user.seat / "state.sqlite") as file:
        file.execute(f"PRAGMA user_version = {NEWER}")
    file.close()
    return user


def content(folder: Path) -> bytes:
    """The state's file."""
    return (folder / "state.sqlite").read_bytes()


@pytest.mark.parametrize(
    "words",
    [
        ("status", SEAT),
        ("plan", SEAT),
        ("inbox", SEAT),
        ("ledger", SEAT),
        ("leads", "list", "--seat", SEAT),
        ("run", SEAT, "--once"),
        ("run", SEAT),
        ("resume", SEAT),
    ],
    ids=" ".join,
)
def test_a_downgrade_is_refused_with_a_clear_line(downgraded: User, words: tuple[str, ...]) -> None:
    """Exit 1: both versions and the two ways on; the state stays as the newer program left it."""
    before = content(downgraded.seat)
    said = downgraded.run(*words).complains(1)
    assert "was written by a newer version of this program" in said
    assert f"of version {NEWER}, this program knows {schema.VERSION}" in said
    assert "update it, or `leadwright restore` a backup from before" in said
    assert content(downgraded.seat) == before


def test_the_copy_from_before_goes_on(downgraded: User) -> None:
    """`restore` puts it back over the newer state, paused; `resume` lets it go on."""
    assert downgraded.run("restore", SEAT, str(downgraded.home / "before")).code == 0
    assert downgraded.run("resume", SEAT).code == 0
    assert downgraded.run("status", SEAT).code == 0
