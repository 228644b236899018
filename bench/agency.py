"""Days of many seats on one machine, with only so many browsers for all of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.timing import Goal, Report
from bot import meter, pulse
from bot.clock import SystemClock, rest, stopwatch
from bot.places import SeatPaths
from bot.practice.records import SendKind
from bot.practice.scenario import parse
from bot.practice.server import Running, start
from bot.processes import descendants, proportional_bytes

BROWSERS = 2
SENDS_A_DAY = 10  # of a seat, at most (L1)
LOOK_SECONDS = 0.5
MEMORY_EVERY = 20  # looks; more often where there are few seats, whose day is short
PATIENCE_SECONDS = 300.0  # without a send anywhere, while there is somebody to write to
DAY_MINUTES = 8.5 * 60  # from 9:00 to 17:30
METHOD = (
    "daemons, each with a practice site of its own on loopback (no delays, real clock), all "
    "started at once, with {browsers} browsers at most: {days}. A day ends when each site's truth "
    "shows all InMails, each to somebody else, or the seat sleeps for more than five minutes. "
    "Memory is Pss of all daemons, stints, drivers and browsers, every 10 s or more often"
)
CONFIG = """\
[browser]
at_once = {browsers}
"""
SEAT = """\
[seats.{name}]
working_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
working_hours = "00:00-24:00"
pause_seconds = {pause}
"""
CAMPAIGN = """\
name = "agency"
type = "acquisition-inmail"
audience = "/sales/search/people?savedSearchId=1"
[inmail]
subject = "Your work"
body = "Dear {{ first_name }}, shall we talk?"
"""
WORLD = """\
start = {now}
seed = {seed}
delays_ms = {{ render = 0, credit_line = 0, send = 0 }}
[owner]
first_name = "Robin"
name = "Robin Example"
[credits]
lots = [{{ granted = {now}, credits = 40 }}]
[[searches]]
id = "1"
name = "All"
order = "file"
"""
PERSON = """\
[[people]]
name = "P{number} Invented"
id = "ACwAAs{seat}p{number}"
kind = "{kind}"
answer = []
"""


@dataclass
class _Seen:
    """What was seen of the machine meanwhile.

    waits  seconds from a ticket to its turn, each to the nearest look
    """

    megabytes: float = 0.0
    browsers: int = 0
    waits: list[float] = field(default_factory=list)
    _drawn: dict[str, float] = field(default_factory=dict)

    def look_at_tickets(self, folder: Path) -> None:
        """Who waits for a browser, and whose turn has come."""
        there = sorted(each.name for each in folder.glob("[0-9]*"))
        now = stopwatch()
        for name in there:
            self._drawn.setdefault(name, now)
        waiting = set(there[BROWSERS:])
        for name in [name for name in self._drawn if name not in waiting]:
            drawn = self._drawn[name]
            if drawn >= 0:
                self.waits.append(now - drawn)
                self._drawn[name] = -1.0  # counted once

    def look_at_memory(self, pids: list[int]) -> None:
        """The sum over all trees of processes, and how many browsers are among them."""
        each = [one for pid in pids for one in (pid, *descendants(pid))]
        self.megabytes = max(
            self.megabytes, sum(proportional_bytes(one) or 0 for one in each) / 1e6
        )
        self.browsers = max(self.browsers, sum(map(_is_browser, each)))


@dataclass(frozen=True, slots=True)
class Day:
    """So many seats with so many people to write to. `pause`: between two sends of one seat, s."""

    seats: int
    sends: int
    pause: tuple[int, int]

    def __str__(self) -> str:
        low, high = self.pause
        pause = f"pauses of {low} to {high} s" if high else "no pauses"
        return f"{self.seats} seats with {self.sends} people each and {pause}"


@dataclass(frozen=True, slots=True)
class _Worked:
    """What came of a day. `open_minutes`: of all browsers."""

    seen: _Seen
    minutes: float
    sends: int
    open_minutes: float


AS_FAST_AS_IT_GOES = Day(200, SENDS_A_DAY, (0, 0))
WITH_PAUSES = Day(60, 3, (40, 180))  # as a seat has them by itself


def measure(fast: Day = AS_FAST_AS_IT_GOES, with_pauses: Day | None = WITH_PAUSES) -> Report:
    """Let them work. Raises RuntimeError if nothing happens any more, or somebody got two."""
    days = [fast] if with_pauses is None else [fast, with_pauses]
    goals = [*_fast_goals(fast, _work(fast))]
    if with_pauses is not None:
        goals += _paused_goals(_work(with_pauses))
    method = METHOD.format(browsers=BROWSERS, days=", then ".join(map(str, days)))
    return Report("An agency's day", method, (), tuple(goals))


def _work(day: Day) -> _Worked:
    with TemporaryDirectory() as folder, ExitStack() as stack:
        home = Path(folder)
        names = [f"seat-{number}" for number in range(day.seats)]
        _write(home, names, day.pause)
        worlds = [parse(_world(number, day.sends)) for number in range(day.seats)]
        sites = [stack.enter_context(start(world, clock="real")) for world in worlds]
        started = stopwatch()
        pids = [
            stack.enter_context(_daemon(home, name, site.url))
            for name, site in zip(names, sites, strict=True)
        ]
        here = dict(zip(names, sites, strict=True))
        seen = _until_all_are_done(home, pids, here, day.sends)
        minutes = (stopwatch() - started) / 60
        told = [meter.read(SeatPaths(home, name).folder) for name in names]
        open_seconds = sum(each.browser_seconds for each in told if each is not None)
        return _Worked(seen, minutes, sum(map(_sent, sites)), open_seconds / 60)


def _fast_goals(day: Day, worked: _Worked) -> tuple[Goal, ...]:
    off = day.seats * day.sends - worked.sends
    return (
        Goal(f"{day.seats} seats: minutes until all were done", worked.minutes),
        Goal("InMails sent", worked.sends),
        Goal("InMails that were put off, as a page did not load", off, 0),
        Goal("browsers seen open at once", worked.seen.browsers, BROWSERS),
        Goal("megabytes at most, all together", worked.seen.megabytes, 24_000),
        Goal("minutes of a browser per send", worked.open_minutes / worked.sends),
        Goal("minutes that the longest wait for a browser took", max(worked.seen.waits) / 60),
    )


def _paused_goals(worked: _Worked) -> tuple[Goal, ...]:
    served = worked.sends / worked.minutes * DAY_MINUTES / SENDS_A_DAY
    return (
        Goal("with pauses: InMails a minute", worked.sends / worked.minutes),
        Goal("with pauses: minutes of a browser per send", worked.open_minutes / worked.sends),
        Goal("with pauses: minutes of the longest wait", max(worked.seen.waits) / 60),
        Goal(f"seats that {BROWSERS} browsers serve in 8.5 h, 10 InMails each", served),
    )


def _until_all_are_done(
    home: Path, pids: list[int], sites: dict[str, Running], sends: int
) -> _Seen:
    seen, waiting, looks = _Seen(), dict(sites), 0
    last, before = stopwatch(), 0
    while waiting:
        seen.look_at_tickets(home / "browsers")
        if looks % min(MEMORY_EVERY, max(1, len(sites) // 10)) == 0:
            seen.look_at_memory(pids)
            so_far = {name: _sent(site) for name, site in sites.items()}
            done = [
                name
                for name in waiting
                if so_far[name] == sends or _rests(SeatPaths(home, name).folder)
            ]
            if sum(so_far.values()) > before:
                last, before = stopwatch(), sum(so_far.values())
            for name in done:
                del waiting[name]
            _tell(len(sites) - len(waiting), len(sites), seen)
        if stopwatch() - last > PATIENCE_SECONDS:
            raise RuntimeError(f"{len(waiting)} seats are not done, and nobody wrote for a while")
        looks += 1
        rest(LOOK_SECONDS)
    return seen


def _rests(folder: Path) -> bool:
    """Whether the seat waits for more than a moment: a page that did not load is tried later."""
    told, soon = pulse.read(folder), SystemClock().now() + timedelta(minutes=5)
    return told is not None and told.asleep and (told.next_at is None or told.next_at > soon)


def _tell(done: int, of: int, seen: _Seen) -> None:
    print(f"\r{done} of {of} seats done, {seen.megabytes:,.0f} MB", end="", file=sys.stderr)


def _sent(site: Running) -> int:
    """How many InMails the site took. Raises RuntimeError if somebody got two."""
    got = [each.lead_id for each in site.truth().deliveries if each.kind is not SendKind.MESSAGE]
    if len(set(got)) != len(got):
        raise RuntimeError("somebody was written to twice")
    return len(got)


def _write(home: Path, names: list[str], pause: tuple[int, int]) -> None:
    seats = "".join(SEAT.format(name=name, pause=list(pause)) for name in names)
    config = CONFIG.format(browsers=BROWSERS) + seats
    (home / "config.toml").write_text(config, encoding="utf-8")
    for name in names:
        campaigns = SeatPaths(home, name).folder / "campaigns"
        campaigns.mkdir(parents=True, mode=0o700)
        (campaigns / "agency.toml").write_text(CAMPAIGN, encoding="utf-8")


def _world(number: int, sends: int) -> str:
    now = f"{SystemClock().now():%Y-%m-%dT%H:%M:%SZ}"
    kinds = ("credit", "free")
    person = partial(PERSON.format, seat=number)
    people = [person(number=each, kind=kinds[each % 2]) for each in range(sends)]
    return WORLD.format(now=now, seed=number) + "".join(people)


@contextmanager
def _daemon(home: Path, name: str, url: str) -> Iterator[int]:
    command = [sys.executable, "-m", "bot", "run", name, "--home", str(home)]
    variables = {**os.environ, "LEADWRIGHT_SITE__BASE_URL": url}
    with (home / f"{name}.out").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=variables)
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait()


def _is_browser(pid: int) -> bool:
    """A browser's first process; its helpers say of what type they are.

    What starts it may be a script that waits for its end, with the same words.
    """
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
    except OSError:
        return False
    helper = b"--type=" in words or b"crashpad" in words or words.startswith(b"/bin/sh ")
    return b"--user-data-dir=" in words and not helper
