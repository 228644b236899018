"""A machine that fails its seat: the disk is full or may not be written, the clock is set back."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from cli.user import CAMPAIGN, SEAT, User
from process.plug import Life

from bot.errors import WorkFailed
from bot.model import Changes, Lead
from bot.store.store import Store

pytestmark = pytest.mark.slow

SOON = timedelta(hours=4)
FILLER = 4096
# Root may write everywhere: without these it is a user like any other.
AS_A_USER = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 48 MB that can be filled."""
    disk = tmp_path / "disk"
    (disk / "home").mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(disk / "home")]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root can mount a small disk here")
    yield disk
    subprocess.run(["umount", "-l", str(disk / "home")], check=True)


def fill(disk: Path) -> Path:
    """Fill a disk to its last byte; the file that does it."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (FILLER, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)
    return filler


@pytest.mark.browser
def test_a_full_disk_stops_the_seat_and_loses_nothing(small_disk: Path) -> None:
    """T4: it fills up in the middle of the work; once there is room the work goes on."""
    with Life(5, small_disk, people=4) as life:
        for times in range(3):
            life.run_for(1.0 + times)
            filler = fill(life.user.home)
            life.run_for(2.0)
            filler.unlink()
            life.machine.move_clock(timedelta(minutes=20))
        assert "make room" in life.said() or "No space left" in life.said()
        life.come_to_rest(SOON)
        life.check()
        assert life.tally.sent >= 4


def test_a_commit_on_a_full_disk_is_refused_whole(small_disk: Path) -> None:
    """One clear line; what was there stays, and the next commit works as soon as there is room."""
    path = small_disk / "home" / "state.sqlite"
    leads = tuple(Lead(f"ACwAA{n}", f"Lead Number {n}") for n in range(4000))
    with Store.open(path) as store:
        store.commit(Changes(leads=leads[:1]))
        filler = fill(small_disk / "home")
        with pytest.raises(WorkFailed, match="make room on the disk"):
            store.commit(Changes(leads=leads))
        assert tuple(store.leads()) == leads[:1]
        filler.unlink()
        store.commit(Changes(leads=leads))
        assert tuple(store.leads()) == leads


def test_a_state_that_may_not_be_written_is_read_and_not_worked(tmp_path: Path) -> None:
    """Looking works; working says what to do, exit 1, and no command dies of it."""
    user = User(tmp_path)
    user.settle_in("http://127.0.0.1:9")
    people = user.write("people.csv", "lead,name\nACwAAida1,Ida Invented\n")
    words = ("leads", "import", str(people), "--campaign", CAMPAIGN, "--seat", SEAT)
    assert user.run(*words).code == 0
    prefix = AS_A_USER if os.geteuid() == 0 else ()
    assert not prefix or shutil.which(prefix[0]), "util-linux is needed"
    for path in (user.seat, *user.seat.iterdir()):
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        listed = user.run("leads", "list", "--seat", SEAT, "--json", prefix=prefix)
        assert [lead["id"] for lead in listed.document["leads"]] == ["ACwAAida1"]
        for looking in (("status", SEAT), ("plan", SEAT), ("ledger", SEAT), ("inbox", SEAT)):
            assert user.run(*looking, prefix=prefix).code == 0
        for working in (("run", SEAT), ("run", SEAT, "--once"), ("pause", SEAT)):
            message = user.run(*working, prefix=prefix).complains(1)
            assert "let this user write" in message
    finally:
        user.seat.chmod(0o700)


@pytest.mark.browser
def test_a_clock_that_is_set_back_repeats_nothing(tmp_path: Path) -> None:
    """T4: what was done tomorrow is not done again today, and the seat goes on."""
    with Life(6, tmp_path, people=3) as life:
        life.run_until(lambda: len(life.site.truth().deliveries) >= 2)
        life.machine.move_clock(-timedelta(hours=30))
        life.set_back += timedelta(hours=30)
        life.run_for(4)
        life.come_to_rest(timedelta(days=4))
        life.check()
        assert life.tally.sent >= 3
