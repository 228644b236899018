"""The demo: a seat works a whole campaign on the practice site, in simulated time.

Real browser, real pages, real store; only the clock is simulated. At the end the agent's books are
held against the site's own truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot import lock, pulse
from bot.carry_out import carry_out_all
from bot.clock import Clock, SimulatedClock, rest
from bot.config import load
from bot.model import Done
from bot.practice import server
from bot.practice.records import Truth
from bot.practice.scenario import Scenario
from bot.seat import Seat, load_seat
from bot.stint import work_through
from bot.store.store import Store
from bot.work import Work
from bot.workplace import at_work

SEAT = "demo"
CAMPAIGN = "founders"
SCENARIO = "demo"
LOOK_SECONDS = 0.2  # between two looks for orders, while the seat is paused

CONFIG = """\
[site]
base_url = "{url}"
[seats.demo]
timezone = "Europe/Paris"
read_inbox_minutes = 180
pause_seconds = [40, 180]
"""

CAMPAIGN_FILE = """\
name = "founders"
type = "acquisition-inmail"
audience = "/sales/search/people?savedSearchId=1"

[inmail]
subject = "A question about {{ company }}"
body = \"\"\"
Hello {{ first_name }},
your work as {{ title | default("a founder") }} at {{ company }} caught my eye.
May I ask how you find your first customers?
\"\"\"

[acceptance]
body = "Thank you, {{ first_name }}! Would a call of fifteen minutes next week suit you?"

[[follow_up]]
after_days = 4
body = "Hello {{ first_name }}, shall I send you what we have learned so far?"

[[follow_up]]
after_days = 7
body = "Hello {{ first_name }}, this is my last note: I am there when the time is right."
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a watcher of the demo sees after each action."""

    work: Work
    now: datetime
    started: datetime
    last: Done | None


@dataclass(frozen=True, slots=True)
class Played:
    """A demo that was played to its end. `pages` says which ones were a recording's."""

    seat: Seat
    truth: Truth
    now: datetime
    actions: int
    pages: str = ""


def play(
    home: Path,
    days: int,
    watch: Callable[[Scene], None],
    *,
    begun: Callable[[Path, Clock], None] = lambda _home, _clock: None,
    scenario: Scenario | str = SCENARIO,
    pages: Path | None = None,
) -> Played:
    """Work the demo's campaign for *days* simulated days, in *home*.

    begun  called when the home is there to be looked at, with the clock that it is worked by
    pages  a recording that the practice site takes its markup from, see server.start
    """
    with server.start(scenario, pages=pages) as site:
        started = site.ask(lambda world: world.now)
        seat = _seat(home, site.url)
        clock = SimulatedClock(started)
        end = started + timedelta(days=days)
        folder = seat.paths.folder
        begun(home, clock)

        def tell(done: Done) -> None:
            pulse.write(folder, pulse.Pulse(clock.now(), f"{done.action}: {done.outcome}"))
            watch(Scene(work, clock.now(), started, done))

        # As a daemon would: the desk sees who works the seat, and leaves its orders for it.
        with lock.hold(folder), at_work(seat, clock) as work:
            watch(Scene(work, started, started, None))
            ended = work_through(
                work,
                patience=timedelta(days=days),
                tell=tell,
                stopped=lambda: False,
                orders=lambda: _hear(work, folder),
                until=end,
            )
        truth = site.ask(lambda world: world.truth())
    return Played(seat, truth, clock.now(), ended.actions, site.pages.told())


def _hear(work: Work, folder: Path) -> None:
    """What is ordered on the desk meanwhile: while the seat is paused, the simulated time is."""
    carry_out_all(work, folder)
    while work.book.seat().paused:
        rest(LOOK_SECONDS)
        carry_out_all(work, folder)


def _seat(home: Path, url: str) -> Seat:
    campaigns = home / "seats" / SEAT / "campaigns"
    campaigns.mkdir(parents=True, exist_ok=True)
    (home / "config.toml").write_text(CONFIG.format(url=url), encoding="utf-8")
    (campaigns / f"{CAMPAIGN}.toml").write_text(CAMPAIGN_FILE, encoding="utf-8")
    return load_seat(load(home), SEAT)


def books(played: Played) -> Store:
    """The agent's books after the play, to be read."""
    return Store.open(played.seat.paths.state, read_only=True)
