"""The sleeper: holds the seat's lock, knows when the next thing is due, and starts stints.

A stint is a child process, the same as `run SEAT --once`: it opens store and browser, does what
is due, and ends. So an idle seat holds no browser and no heavy import, and a crash of the browser
takes no daemon with it. Nothing heavy may be imported here.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

from bot import meter, pulse
from bot.caller import CallDesk
from bot.clock import Clock
from bot.errors import LASTING_CODE
from bot.lock import SeatLock
from bot.places import SeatPaths
from bot.supervisor import Supervisor, without

HALTED, WRONG_USAGE = 3, 2
STOPS = (signal.SIGTERM, signal.SIGINT)
RENEWED = -1  # in place of an exit code: the program on the disk is another one
SLICE = timedelta(seconds=1)
GRACE_SECONDS = 10  # a stint finishes or abandons its step within this
LONGEST_SLEEP = timedelta(hours=12)  # whatever was planned, look again after this
HANGS_AFTER = timedelta(minutes=30)  # a stint tells of each action; none takes so long
SET_BACK = timedelta(minutes=1)  # a clock that goes back further was set, not corrected
HEALS_NOT = "that does not heal by itself: put it right, and start again"
PATIENCE = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


@dataclass(slots=True)
class Signals:
    """Whether somebody asked this process to stop; a signal only sets the flag."""

    _stopped: bool = False

    def asked(self) -> bool:
        """Whether it is time to stop."""
        return self._stopped

    def listen(self) -> None:
        """Hear SIGTERM, SIGINT and a terminal that is closed from here on."""
        for number in STOPS:
            signal.signal(number, self._hear)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup leaves it
            signal.signal(signal.SIGHUP, self._hear)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)  # held back by go_on()

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self._stopped = True


@dataclass(frozen=True, slots=True)
class Watched:
    """Files whose change ends a sleep: configuration, campaigns, lists, orders."""

    paths: Sequence[Path]

    @classmethod
    def of(cls, paths: SeatPaths) -> Watched:
        """What the owner of a seat writes, and orders."""
        files = (paths.home / "config.toml", paths.home / "do-not-contact.csv")
        return cls((*files, paths.campaigns, paths.orders, paths.selectors, paths.texts))

    def state(self) -> tuple[tuple[str, int], ...]:
        """Names and times of all files, to be compared with a later state."""
        found: list[tuple[str, int]] = []
        for path in self.paths:
            for file in sorted(path.iterdir()) if path.is_dir() else [path]:
                try:
                    found.append((str(file), file.stat().st_mtime_ns))
                except FileNotFoundError:
                    continue
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Watch:
    """Over what happens meanwhile: tells the service manager, and sees what ends a wait.

    renewed  whether the program on the disk is no longer the one that runs
    calls    starts the deliverer of the owner's calls; None: nobody is called
    """

    folder: Path
    clock: Clock
    signals: Signals
    supervisor: Supervisor = field(default_factory=Supervisor)
    renewed: Callable[[], bool] = lambda: False
    calls: CallDesk | None = None

    def stint_is_at_work(self, started: datetime) -> None:
        """Once a second during a stint.

        One that tells nothing for too long hangs: then the service manager is not told that all is
        well, and starts the seat anew (T4).
        """
        self._look_after_calls()
        told = pulse.read(self.folder)
        at = started
        if told is not None and told.at >= started:
            self.supervisor.ready()
            self.supervisor.status(told.doing)
            at = told.at
        if self.clock.now() - at < HANGS_AFTER:
            self.supervisor.alive()

    def sleep(self, until: datetime, watched: Watched, before: tuple[tuple[str, int], ...]) -> None:
        """Until then, a signal, another file, another program, or a clock that was set back."""
        began = self.clock.now()
        while began - SET_BACK <= self.clock.now() < until:
            if self.signals.asked() or watched.state() != before or self.renewed():
                return
            self._look_after_calls()
            self.supervisor.alive()
            self.clock.sleep_until(min(until, self.clock.now() + SLICE))

    def tell_the_owner(
        self, watched: Watched, before: tuple[tuple[str, int], ...], say: Callable[[str], None]
    ) -> bool:
        """Of a halted seat (L5): stay until its owner is told. True: they have spoken meanwhile.

        It ends by itself: a call that cannot be delivered is given up some day.
        """
        if self.calls is None:
            return False
        self._look_after_calls()
        if self.calls.waits():
            say("halted: it stays until its owner is told, and works nothing")
        while self.calls.waits() and not self.signals.asked():
            if watched.state() != before:
                return True
            self.supervisor.ready()
            self.supervisor.status("halted; its owner is being told")
            self.supervisor.alive()
            self.clock.sleep_until(self.clock.now() + SLICE)
            self._look_after_calls()
        return False

    def give_up(self, why: str) -> None:
        """Try once to tell the owner that nothing is worked any more, and why."""
        if self.calls is None:
            return
        self.calls.tell_end(why)
        while self.calls.is_at_work() and not self.signals.asked():
            self.supervisor.status("gives up; its owner is being told")
            self.supervisor.alive()
            self.clock.sleep_until(self.clock.now() + SLICE)

    def _look_after_calls(self) -> None:
        if self.calls is not None:
            self.calls.look()


def keep_running(
    stint: Callable[[], int], watch: Watch, watched: Watched, say: Callable[[str], None]
) -> int:
    """Run stints until stopped; return the process's exit code, or RENEWED.

    3 when the site asks for its owner, 2 when the first stint found the configuration wrong, 1
    when one stint after the other failed, or one for good. A configuration that breaks later is
    waited for.
    """
    failures, worked = 0, False
    signals = watch.signals
    while not signals.asked():
        before = watched.state()
        code = stint()
        meter.count_stint(watch.folder, code)
        if code == HALTED and watch.tell_the_owner(watched, before, say):
            continue
        if code == HALTED or (code == WRONG_USAGE and not worked) or signals.asked():
            return 0 if signals.asked() and code != HALTED else code
        waits_for_files = code == WRONG_USAGE  # it was right when this daemon began to work
        failures = 0 if code == 0 else failures + (not waits_for_files)
        if code == LASTING_CODE or failures > len(PATIENCE):
            why = HEALS_NOT if code == LASTING_CODE else in_a_row(failures, code)
            say(why)
            watch.give_up(why)
            return 1
        worked = worked or code == 0
        until, why = _next(watch, code, len(PATIENCE) if waits_for_files else failures)
        say(f"sleeping until {until:%Y-%m-%d %H:%M:%S} UTC")
        watch.supervisor.status(f"sleeping until {until:%Y-%m-%d %H:%M} UTC: {why}")
        watch.sleep(until, watched, before)
        if watch.renewed() and not signals.asked():
            say("the program was renewed: starting it again")
            return RENEWED
    return 0


def in_a_row(failures: int, code: int) -> str:
    """Why a daemon gives up that has tried often enough."""
    return f"{failures} stints failed in a row, the last with exit code {code}: giving up"


def _next(watch: Watch, code: int, failures: int) -> tuple[datetime, str]:
    """When the next stint starts, and why then. One that ended well ends the daemon's start."""
    now = watch.clock.now()
    if code != 0:
        return now + PATIENCE[failures - 1], f"a stint failed with exit code {code}"
    watch.supervisor.ready()
    told, latest = pulse.read(watch.folder), now + LONGEST_SLEEP
    if told is None or told.next_at is None:
        return latest, told.doing if told is not None else "nothing is due"
    return min(told.next_at, latest), told.next_why


def start_stint(command: Sequence[str], lock: SeatLock, watch: Watch) -> int:
    """Run one stint to its end and return its exit code; pass a stop on to it."""
    started = watch.clock.now()
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "bot", *command],
        pass_fds=(lock.fd,),
        env=without(lock.environment()),
        start_new_session=True,  # Ctrl-C is ours to pass on, once
    ) as child:
        while True:
            try:
                return child.wait(SLICE.total_seconds())
            except subprocess.TimeoutExpired:
                watch.stint_is_at_work(started)
                if watch.signals.asked():
                    return _end(child)


def _end(child: subprocess.Popen[bytes]) -> int:
    child.terminate()
    try:
        return child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()  # what was under way is found by the next start (T4)
        return child.wait()
