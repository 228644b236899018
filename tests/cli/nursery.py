"""Starts commands without their second of imports: one process has imported all, and forks.

What a forked command does, says and exits with is what `python -m bot` would: it has descriptors,
environment, randomness and end of its own. What decides at the interpreter's start (its encoding,
say) cannot be given to it; such commands are started anew (user.py).
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import pkgutil
import random
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REQUEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Nursery:
    """A process that forks; it ends with the one that opened it."""

    ours: socket.socket
    process: subprocess.Popen[bytes]

    @classmethod
    def open(cls, environment: Mapping[str, str]) -> Nursery:
        """Start it; it imports while the first command waits."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                env=environment,
            )
        nursery = cls(ours, process)
        atexit.register(nursery.close)
        return nursery

    def close(self) -> None:
        """Let it end."""
        self.ours.close()
        self.process.wait(10)

    def run(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        files: Sequence[int],
        seconds: float,
    ) -> int:
        """Run `bot` with *words* and these three descriptors to its end; its exit code."""
        heard, tells = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        asked = {"words": words, "environment": dict(environment), "folder": str(Path.cwd())}
        with heard:
            with tells:
                message = [json.dumps(asked).encode()]
                socket.send_fds(self.ours, message, [*files, tells.fileno()])
            pid = int(heard.recv(100))
            heard.settimeout(seconds)
            try:
                return int(heard.recv(100))
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(list(words), seconds) from None


def _born(door: socket.socket) -> dict[str, Any]:
    """Wait for requests; return in a child, with one to carry out."""
    while True:
        message, fds, _, _ = socket.recv_fds(door, REQUEST, 4)
        if not message:
            os._exit(0)
        if os.fork() == 0:
            door.close()
            return _kept(json.loads(message), fds)
        for fd in fds:
            os.close(fd)


def _kept(asked: dict[str, Any], fds: Sequence[int]) -> dict[str, Any]:
    """Fork once more: return in the command's process, and wait for its end in the other."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        for number, fd in enumerate(fds[:3]):
            os.dup2(fd, number)
        for fd in fds:
            os.close(fd)
        return asked
    with socket.socket(fileno=fds[3]) as tells:
        tells.send(str(pid).encode())
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        tells.send(str(code).encode())
    os._exit(0)


def _import_all() -> None:
    import bot.cli  # noqa: PLC0415  in the nursery only

    for module in pkgutil.iter_modules(bot.cli.__path__):
        importlib.import_module(f"bot.cli.{module.name}")


def _main() -> None:
    sys.path[0] = ""
    _import_all()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    asked = _born(socket.socket(fileno=int(sys.argv[1])))
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    random.seed()
    sys.argv = ["bot", *asked["words"]]
    runpy.run_module("bot", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
