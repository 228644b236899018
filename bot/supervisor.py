"""What a service manager is told of the daemon: ready, alive, and the plan in words.

The protocol of sd_notify(3): a datagram of KEY=value lines to the socket that NOTIFY_SOCKET names.
Without one nobody is told, and nothing is different. Nothing heavy may be imported here.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

SOCKET, WATCHDOG, WATCHDOG_PID = "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"
MORE_USEC = 120_000_000  # how much longer a start may take, said anew every second


@dataclass(slots=True)
class Supervisor:
    """The service manager that started this process.

    address   its socket, as NOTIFY_SOCKET names it; "" if there is none
    watched   it ends this process when that says nothing for a while
    is_ready  it was told that the start is over
    """

    address: str = ""
    watched: bool = False
    is_ready: bool = False
    _told: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str], pid: int) -> Supervisor:
        """The one that *environment* names; its watchdog may be meant for another process."""
        meant = environment.get(WATCHDOG_PID, str(pid)) == str(pid)
        return cls(environment.get(SOCKET, ""), WATCHDOG in environment and meant)

    def ready(self) -> None:
        """The start is over."""
        if not self.is_ready:
            self.is_ready = True
            self._send("READY=1")

    def alive(self) -> None:
        """The daemon's loop goes round; a start that is not over may take longer."""
        if not self.is_ready:
            self._send(f"EXTEND_TIMEOUT_USEC={MORE_USEC}")
        if self.watched:
            self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """What the daemon does or waits for; told when it changed."""
        line = " ".join(text.split())
        if line != self._told:
            self._told = line
            self._send(f"STATUS={line}")

    def stopping(self) -> None:
        """The daemon is about to end."""
        self._send("STOPPING=1")

    def _send(self, line: str) -> None:
        if not self.address:
            return
        name = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        # A manager that does not listen is no reason to stop: it will notice by itself.
        with (
            suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock,
        ):
            sock.connect(name)
            sock.sendall(line.encode())


def without(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a child, which is not to speak for the daemon."""
    ours = (SOCKET, WATCHDOG, WATCHDOG_PID)
    return {name: value for name, value in environment.items() if name not in ours}
