"""A day of many seats on one machine, with only so many browsers for all of them."""

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

SEATS, SENDS, BROWSERS = 200, 10, 2
LOOK_SECONDS = 0.5
MEMORY_EVERY = 20  # looks
PATIENCE_SECONDS = 300.0  # without a send anywhere, while there is somebody to write to
PAUSE_SECONDS = (40 + 180) / 2  # the middle of a seat's pause_seconds, as they are by themselves
DAY_SECONDS = 8.5 * 3600  # from 9:00 to 17:30
METHOD = (
    "{seats} daemons, each with a practice site of its own on loopback (no delays, real clock) and "
    "{sends} people to write to, all started at once, without pauses between two sends; at most "
    "{browsers} browsers. It ends when each site's own truth shows {sends} InMails, each to "
    "somebody else, or the seat sleeps for more than five minutes. Memory is Pss of all daemons, "
    "stints, drivers and browsers, every 10 s"
)
CONFIG = """\
[browser]
at_once = {browsers}
"""
SEAT = """\
[seats.{name}]
working_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
working_hours = "00:00-24:00"
pause_seconds = [0, 0]
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


def measure(seats: int = SEATS) -> Report:
    """Let them work. Raises RuntimeError if nothing happens any more, or somebody got two."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        home = Path(folder)
        names = [f"seat-{number}" for number in range(seats)]
        _write(home, names)
        sites = [stack.enter_context(start(parse(_world(n)), clock="real")) for n in range(seats)]
        started = stopwatch()
        pids = [
            stack.enter_context(_daemon(home, name, site.url))
            for name, site in zip(names, sites, strict=True)
        ]
        seen = _until_all_are_done(home, pids, dict(zip(names, sites, strict=True)))
        minutes = (stopwatch() - started) / 60
        sends = sum(_sent(site) for site in sites)
        told = [meter.read(SeatPaths(home, name).folder) for name in names]
        open_seconds = sum(each.browser_seconds for each in told if each is not None)
    return _report(seats, seen, minutes, sends, open_seconds / sends)


def _report(seats: int, seen: _Seen, minutes: float, sends: int, per_send: float) -> Report:
    a_seat = SENDS * per_send + (SENDS - 1) * PAUSE_SECONDS
    served = BROWSERS * DAY_SECONDS / a_seat
    return Report(
        "An agency's day",
        METHOD.format(seats=seats, sends=SENDS, browsers=BROWSERS),
        (),
        (
            Goal("minutes until all were done", minutes),
            Goal("InMails sent", sends),
            Goal("InMails that were put off, as a page did not load", seats * SENDS - sends, 0),
            Goal("browsers seen open at once", seen.browsers, BROWSERS),
            Goal("megabytes at most, all together", seen.megabytes, 24_000),
            Goal("minutes of a browser per send", per_send / 60),
            Goal("minutes that the longest wait for a browser took", max(seen.waits) / 60),
            Goal(f"seats that {BROWSERS} browsers serve in 8.5 h with pauses of 110 s", served),
            Goal("browsers that 200 such seats need", BROWSERS * 200 / served),
        ),
    )


def _until_all_are_done(home: Path, pids: list[int], sites: dict[str, Running]) -> _Seen:
    seen, waiting, looks = _Seen(), dict(sites), 0
    last = stopwatch()
    while waiting:
        seen.look_at_tickets(home / "browsers")
        if looks % MEMORY_EVERY == 0:
            seen.look_at_memory(pids)
            done = [
                name
                for name, site in waiting.items()
                if _sent(site) == SENDS or _rests(SeatPaths(home, name).folder)
            ]
            if done:
                last = stopwatch()
            for name in done:
                del waiting[name]
            _tell(len(sites) - len(waiting), len(sites), seen)
        if stopwatch() - last > PATIENCE_SECONDS:
            raise RuntimeError(f"{len(waiting)} seats are not done, and none got done for a while")
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


def _write(home: Path, names: list[str]) -> None:
    config = CONFIG.format(browsers=BROWSERS) + "".join(SEAT.format(name=name) for name in names)
    (home / "config.toml").write_text(config, encoding="utf-8")
    for name in names:
        campaigns = SeatPaths(home, name).folder / "campaigns"
        campaigns.mkdir(parents=True, mode=0o700)
        (campaigns / "agency.toml").write_text(CAMPAIGN, encoding="utf-8")


def _world(number: int) -> str:
    now = f"{SystemClock().now():%Y-%m-%dT%H:%M:%SZ}"
    kinds = ("credit", "free")
    person = partial(PERSON.format, seat=number)
    people = [person(number=each, kind=kinds[each % 2]) for each in range(SENDS)]
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
    """A browser's first process; its helpers say of what type they are."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
    except OSError:
        return False
    return b"--user-data-dir=" in words and b"--type=" not in words and b"crashpad" not in words
