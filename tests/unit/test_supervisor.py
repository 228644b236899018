"""What a service manager hears of the daemon, on a real socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from bot import pulse
from bot.clock import SimulatedClock
from bot.daemon import HANGS_AFTER, Signals, Watch
from bot.pulse import Pulse
from bot.supervisor import MORE_USEC, Supervisor, without

START = datetime(2026, 3, 3, 10, tzinfo=UTC)
LONGER = f"EXTEND_TIMEOUT_USEC={MORE_USEC}"


class Manager:
    """A service manager's end of the socket."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        self._socket.setblocking(False)

    def heard(self) -> list[str]:
        """Every message since the last time."""
        found = []
        while True:
            try:
                found.append(self._socket.recv(65536).decode())
            except BlockingIOError:
                return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    """One that listens at a path, and one at an abstract address."""
    address = str(tmp_path / "notify") if request.param == "path" else f"@{uuid4().hex}"
    made = Manager(address)
    yield made
    made.close()


def test_the_start_is_over_once_and_the_plan_is_told_when_it_changes(manager: Manager) -> None:
    """READY once; a status is one line, whatever stands in it, and is not repeated."""
    told = Supervisor(manager.address)
    told.alive()
    told.ready()
    told.ready()
    told.alive()
    told.status("sleeping\nREADY=1")
    told.status("sleeping READY=1")
    told.stopping()
    assert manager.heard() == [LONGER, "READY=1", "STATUS=sleeping READY=1", "STOPPING=1"]


def test_the_watchdog_is_fed_by_the_process_that_it_watches(manager: Manager) -> None:
    """WATCHDOG_PID may name another process: then nobody is to be fed from here."""
    environment = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "7"}
    for pid, fed in ((7, ["READY=1", "WATCHDOG=1"]), (8, ["READY=1"])):
        told = Supervisor.of(environment, pid)
        told.ready()
        told.alive()
        assert manager.heard() == fed


def test_nobody_listens_and_nothing_is_different(tmp_path: Path) -> None:
    """Without a socket, and with one that is gone."""
    for address in ("", str(tmp_path / "gone")):
        told = Supervisor(address, watched=True)
        told.ready()
        told.alive()
        told.stopping()


def test_a_child_does_not_speak_for_the_daemon() -> None:
    """A stint inherits neither the socket nor the watchdog."""
    environment = {
        "NOTIFY_SOCKET": "/run/x",
        "WATCHDOG_USEC": "1",
        "WATCHDOG_PID": "1",
        "HOME": "/",
    }
    assert without(environment) == {"HOME": "/"}


def test_a_stint_that_hangs_starves_the_watchdog(manager: Manager, tmp_path: Path) -> None:
    """READY with the first word of this stint; fed while it goes on telling of its actions."""
    clock = SimulatedClock(START)
    watch = Watch(tmp_path, clock, Signals(), Supervisor(manager.address, watched=True))
    pulse.write(tmp_path, Pulse(START - timedelta(hours=1), "of another stint"))
    watch.stint_is_at_work(START)
    assert manager.heard() == [LONGER, "WATCHDOG=1"]
    clock.sleep_until(START + timedelta(minutes=5))
    pulse.write(tmp_path, Pulse(clock.now(), "inmail: sent"))
    watch.stint_is_at_work(START)
    assert manager.heard() == ["READY=1", "STATUS=inmail: sent", "WATCHDOG=1"]
    clock.sleep_until(clock.now() + HANGS_AFTER)
    watch.stint_is_at_work(START)
    assert manager.heard() == []
