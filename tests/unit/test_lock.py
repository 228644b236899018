"""One process for each seat, and a stint that outlives its daemon still holds it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import SeatBusy
from bot.lock import FD_VARIABLE, FILE, adopt, hold, holder

HOLD = """
import sys
from pathlib import Path
from bot.lock import adopt, hold
folder = Path(sys.argv[1])
lock = adopt(folder) if sys.argv[2] == "adopt" else hold(folder)
print("none" if lock is None else "held", flush=True)
sys.stdin.readline()
"""


def start(folder: Path, way: str, **more: object) -> subprocess.Popen[str]:
    """A process that holds or adopts the seat until its stdin is closed."""
    child: subprocess.Popen[str] = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), way],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **more,  # type: ignore[call-overload]
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "held"
    return child


def test_a_second_process_is_told_who_holds_the_seat(tmp_path: Path) -> None:
    """SeatBusy names the seat, the process and its command; after its death the seat is free."""
    seat = tmp_path / "alice"
    seat.mkdir()
    with start(seat, "hold") as child:
        with pytest.raises(SeatBusy, match=rf"alice is held by process {child.pid} \(-c "):
            hold(seat)
        assert (found := holder(seat)) is not None
        assert found.pid == child.pid
        child.kill()
    assert holder(seat) is None
    hold(seat).close()


def test_looking_does_not_take(tmp_path: Path) -> None:
    """Asking who holds a seat neither makes a file nor keeps anybody out."""
    assert holder(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    with hold(tmp_path) as lock:
        assert str(holder(tmp_path)).startswith(f"process {os.getpid()} (")
        assert holder(tmp_path) == holder(tmp_path)
        lock.close()
        assert holder(tmp_path) is None


def test_the_same_process_cannot_hold_it_twice(tmp_path: Path) -> None:
    """A second hold is refused even where the first was taken, and works after it is let go."""
    with hold(tmp_path), pytest.raises(SeatBusy):
        hold(tmp_path)
    hold(tmp_path).close()


def test_a_stint_keeps_the_seat_when_its_daemon_is_gone(tmp_path: Path) -> None:
    """T4: what inherited the lock holds it on; only with the last of them the seat is free."""
    lock = hold(tmp_path)
    with start(tmp_path, "adopt", env=lock.environment(), pass_fds=(lock.fd,)) as stint:
        lock.close()
        assert holder(tmp_path) is not None
        with pytest.raises(SeatBusy):
            hold(tmp_path)
        stint.communicate("end\n")
    assert holder(tmp_path) is None


def test_a_stint_that_ends_leaves_the_seat_to_its_daemon(tmp_path: Path) -> None:
    """The end of a stint does not let go of what its daemon holds."""
    with hold(tmp_path) as lock:
        with start(tmp_path, "adopt", env=lock.environment(), pass_fds=(lock.fd,)) as stint:
            stint.communicate("end\n")
        assert holder(tmp_path) is not None


def test_only_this_seats_lock_is_adopted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another seat's lock, another file, a closed or senseless number: none is taken for ours."""
    mine, other = tmp_path / "mine", tmp_path / "other"
    mine.mkdir()
    other.mkdir()
    hold(mine).close()
    assert adopt(mine) is None
    with hold(other) as lock, (tmp_path / "file").open("w") as file:
        for handed in (str(lock.fd), str(file.fileno()), "987", "-1", "", "x"):
            monkeypatch.setenv(FD_VARIABLE, handed)
            assert adopt(mine) is None
        monkeypatch.setenv(FD_VARIABLE, str(lock.fd))
        os.set_inheritable(lock.fd, True)  # as it comes from a daemon
        found = adopt(other)
        assert found is not None
        assert not os.get_inheritable(found.fd)


def test_an_adopted_file_must_really_be_locked_by_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open lock file whose lock another process holds is not a lock."""
    hold(tmp_path).close()
    with start(tmp_path, "hold") as child, (tmp_path / FILE).open("r+") as file:
        monkeypatch.setenv(FD_VARIABLE, str(file.fileno()))
        assert adopt(tmp_path) is None
        child.communicate("end\n")


def test_a_lock_file_without_sense_is_still_a_lock(tmp_path: Path) -> None:
    """What stands in the file is told to people; who holds it is decided by the lock alone."""
    with hold(tmp_path):
        (tmp_path / FILE).write_text("{")
        with pytest.raises(SeatBusy, match="held by a process"):
            hold(tmp_path)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
