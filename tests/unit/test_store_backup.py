"""Copies of a state, and the way back: nothing is lost, and nothing is sent twice for it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from simulation.rig import Rig, scenario

from bot.errors import StoreBroken, WorkFailed
from bot.model import Attempt, AttemptState, Changes, Lead, SeatState
from bot.orders import Resume
from bot.practice.records import SendKind
from bot.rules.apply import restored
from bot.store import backup
from bot.store.store import Store

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ADA, BEA = Lead("ACwAA1", "Ada Invented"), Lead("ACwAA2", "Bea Invented")


def state_with(folder: Path, *leads: Lead) -> Path:
    path = folder / "state.sqlite"
    with Store.open(path) as store:
        store.commit(Changes(leads=leads))
    return path


def names(path: Path) -> list[str]:
    with Store.open(path, read_only=True) as store:
        return [lead.id for lead in store.leads()]


def test_a_copy_is_made_beside_a_writer(tmp_path: Path) -> None:
    """T4: what is committed is in it, what is not is not; it is one file, for its owner only."""
    path, copy = state_with(tmp_path, ADA), tmp_path / "copy.sqlite"
    with Store.open(path) as writer, writer.tables.storage.transaction():
        writer.tables.storage.execute("DELETE FROM leads")
        backup.back_up(path, copy)
    assert names(copy) == [ADA.id]
    assert copy.stat().st_mode & 0o777 == 0o600
    assert {each.name for each in tmp_path.glob("copy*")} <= {"copy.sqlite"} | {
        f"copy.sqlite{side}" for side in backup.SIDE_FILES
    }


def test_a_copy_never_overwrites(tmp_path: Path) -> None:
    """An older copy may be the only one that is good."""
    path = state_with(tmp_path, ADA)
    with pytest.raises(WorkFailed, match="is there already"):
        backup.back_up(path, path)
    with pytest.raises(WorkFailed, match="is missing"):
        backup.back_up(tmp_path / "nothing", tmp_path / "new")


def test_the_replaced_state_is_kept(tmp_path: Path) -> None:
    """T4: a restore can be taken back, however often it is done."""
    path, copy = state_with(tmp_path, ADA), tmp_path / "copy"
    backup.back_up(path, copy)
    with Store.open(path) as store:
        store.commit(Changes(leads=(BEA,)))
    first = backup.restore(copy, path, NOW)
    assert names(path) == [ADA.id]
    second = backup.restore(copy, path, NOW)
    assert first is not None
    assert second is not None
    assert first != second
    assert names(first) == [ADA.id, BEA.id]


@pytest.mark.parametrize("harm", ["cut", "torn", "no state at all", "newer"])
def test_a_copy_that_cannot_be_trusted_changes_nothing(tmp_path: Path, harm: str) -> None:
    """Refused with a clear line, and the state is as it was."""
    path = state_with(tmp_path, *(Lead(f"ACwAA{n}", "x" * 500) for n in range(60)))
    copy = tmp_path / "copy"
    backup.back_up(path, copy)
    whole = copy.read_bytes()
    match harm:
        case "cut":
            copy.write_bytes(whole[: len(whole) // 2])
        case "torn":
            copy.write_bytes(whole[:20_000] + b"\xff" * 12_000 + whole[32_000:])
        case "no state at all":
            copy.write_text("something else\n" * 200, encoding="utf-8")
        case "newer":
            with sqlite3.connect(copy) as file:
                file.execute("PRAGMA user_version = 99")
            file.close()
    before = path.read_bytes()
    with pytest.raises(StoreBroken):
        backup.restore(copy, path, NOW)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*replaced*"))
    assert not (tmp_path / backup.COMING).exists()


def test_a_damaged_state_can_be_restored_over(tmp_path: Path) -> None:
    """T4: that is what copies are for; the damaged one is kept for a look."""
    path, copy = state_with(tmp_path, ADA), tmp_path / "copy"
    backup.back_up(path, copy)
    path.write_bytes(b"damaged")
    replaced = backup.restore(copy, path, NOW)
    assert replaced is not None
    assert replaced.read_bytes() == b"damaged"
    assert names(path) == [ADA.id]


class Crash(BaseException):
    """The machine is gone."""


@pytest.mark.parametrize("at", range(1, 6))
def test_a_restore_that_a_crash_cut_off_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """T4: after a crash between any two steps the seat has its old state or the new one, whole."""
    path, copy = state_with(tmp_path, ADA), tmp_path / "copy"
    backup.back_up(path, copy)
    with Store.open(path) as store:
        store.commit(Changes(leads=(BEA,)))
    for side in backup.SIDE_FILES:
        Path(f"{path}{side}").write_bytes(b"of the old state")
    count = [0]
    real_rename, real_replace = Path.rename, Path.replace

    def step(real: object) -> object:
        def act(self: Path, target: Path) -> Path:
            count[0] += 1
            if count[0] == at:
                raise Crash
            return real(self, target)  # type: ignore[operator,no-any-return]

        return act

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", step(real_rename))
        patch.setattr(Path, "replace", step(real_replace))
        with pytest.raises(Crash):
            backup.restore(copy, path, NOW)
    backup.finish(path)
    for side in backup.SIDE_FILES if at > 1 else ():
        assert not Path(f"{path}{side}").exists(), "an old side file would be read into the state"
    if at > 1:
        assert names(path) == [ADA.id]
    assert backup.finish(path) is None


def test_what_a_copy_holds_as_held_is_in_doubt() -> None:
    """T3, K8: it may have been clicked since; the seat waits for its owner and reads first."""
    held = Attempt("c/a#0.1", "c/a", "a", "c", 0, AttemptState.HELD, NOW, "S", "B", "h")
    sent = replace(held, key="c/b#0.1", state=AttemptState.UNCERTAIN)
    seat = SeatState(threads_known=True, inbox_read_at=NOW)
    changes = restored(seat, [held, sent], NOW + timedelta(hours=1))
    assert [attempt.state for attempt in changes.attempts] == [AttemptState.UNCERTAIN]
    assert changes.seat == replace(seat, paused=True, threads_known=False, inbox_read_at=None)


@pytest.mark.parametrize("actions", [4, 5, 6, 8, 12])
def test_nobody_is_written_to_twice_after_a_restore(tmp_path: Path, actions: int) -> None:
    """K4, T4: the copy is older than the site, and the site is read before anything is sent."""
    people = "\n".join(f"P{n} credit accept-default 1" for n in range(6))
    rig = Rig(scenario(people), path=tmp_path / "state.sqlite")
    rig.run(days=0.002 * actions)
    backup.back_up(tmp_path / "state.sqlite", tmp_path / "copy")
    rig.run(days=3)
    sent = rig.sent()
    assert len(sent) > 6
    rig.store.close()
    backup.restore(tmp_path / "copy", tmp_path / "state.sqlite", rig.clock.now())
    rig.reopen(tmp_path / "state.sqlite")
    rig.run(days=1)
    assert rig.sent() == sent, "a restored seat is paused"
    assert rig.order(Resume()).done
    rig.run(days=20)
    inmails = Counter(d.lead_id for d in rig.sent(kind=SendKind.INMAIL))
    assert inmails == Counter(f"ACwAAP{n}" for n in range(6))
    texts = Counter((d.lead_id, d.body) for d in rig.sent())
    assert set(texts.values()) == {1}
