"""A search of 2,500 people imported by the command: undisturbed, and killed on the way."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.timing import Goal, Report, Series
from bot.clock import rest, stopwatch
from bot.config import load
from bot.practice.faults import Moment
from bot.practice.scenario import parse
from bot.practice.server import Running, start
from bot.seat import load_seat, open_store

PEOPLE, PER_PAGE = 2_500, 25
SEAT = CAMPAIGN = "bench"
SEARCH = "/sales/search/people?savedSearchId=1"
POLL_SECONDS = 0.005
WORLD = """\
start = 2026-03-02T08:00:00Z
[owner]
first_name = "Robin"
name = "Robin Example"
[[searches]]
id = "1"
name = "A crowd"
[[people]]
count = {people}
"""
CONFIG = '[site]\nbase_url = "{url}"\n[seats.bench]\ntimezone = "Europe/Paris"\n'
CAMPAIGN_FILE = f"""\
name = "{CAMPAIGN}"
type = "acquisition-inmail"
audience = "{SEARCH}"
[inmail]
subject = "Your work"
body = "Dear {{{{ first_name }}}}, shall we talk?"
"""
METHOD = (
    "{people:,} people on {pages} lazily filled pages of the practice site, in the bench's own "
    "process, imported by `leadwright leads import` in a process of its own, start and end "
    "included; loads are counted by the site, memory is the most that the importing process had "
    "(as Linux tells), driver and browser apart; once undisturbed, once with SIGKILL on page "
    "{killed} (drawn) and begun again"
)


@dataclass(frozen=True, slots=True)
class _Import:
    """What it took to import everybody. `memory` is in bytes, 0 where the system does not tell."""

    seconds: float
    loads: int
    memory: int


def measure(people: int = PEOPLE) -> Report:
    """Import twice. Raises RuntimeError if anybody is missing afterwards."""
    pages = -(-people // PER_PAGE)
    killed_on = random.SystemRandom().randint(2, max(2, pages - 1))
    whole = _measured(people, lambda _: False)
    killed = _measured(people, lambda loads: loads >= killed_on)
    per_page = Series("a results page, undisturbed", (whole.seconds / pages,))
    broken = Series("a results page, killed once on the way", (killed.seconds / pages,))
    return Report(
        "A large search",
        METHOD.format(people=people, pages=pages, killed=killed_on),
        (per_page, broken),
        (
            Goal("page loads for each results page", whole.loads / pages, 1),
            Goal("page loads for each, killed once", killed.loads / pages, (pages + 1) / pages),
            Goal("seconds for all, killed once, to undisturbed", killed.seconds / whole.seconds),
            Goal("memory of the importing process in MB", whole.memory / 1e6),
        ),
    )


def _measured(people: int, kills: Callable[[int], bool]) -> _Import:
    """Import until the command says that it is done; *kills* hears of the loads until now."""
    with TemporaryDirectory() as folder, start(parse(WORLD.format(people=people))) as site:
        home = _home(Path(folder), site.url)
        started, memory, killed = stopwatch(), 0, False
        while True:
            process = subprocess.Popen(_command(home), stdout=subprocess.DEVNULL)
            code, used = _wait(process, site, (lambda _: False) if killed else kills)
            memory = max(memory, used)
            if code == 0:
                break
            if killed or code != -9:
                raise RuntimeError(f"the import ended with {code}")
            killed = True
        seconds = stopwatch() - started
        _check(home, people)
        return _Import(seconds, _loads(site), memory)


def _wait(
    process: subprocess.Popen[bytes], site: Running, kills: Callable[[int], bool]
) -> tuple[int, int]:
    """Wait for the end; its code (below 0: the signal) and the most memory that it had."""
    memory = 0
    while (code := process.poll()) is None:
        memory = max(memory, _most_memory(process.pid))
        if kills(_loads(site)):
            process.kill()
        rest(POLL_SECONDS)
    return code, memory


def _most_memory(pid: int) -> int:
    """Bytes, 0 if nobody tells. The usage that wait() gives would count its children too."""
    try:
        told = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", told)
    return int(found[1]) * 1024 if found is not None else 0


def _loads(site: Running) -> int:
    return site.truth().views.get(Moment.RESULTS, 0)


def _home(home: Path, url: str) -> Path:
    campaigns = home / "seats" / SEAT / "campaigns"
    campaigns.mkdir(parents=True)
    (home / "config.toml").write_text(CONFIG.format(url=url), encoding="utf-8")
    (campaigns / f"{CAMPAIGN}.toml").write_text(CAMPAIGN_FILE, encoding="utf-8")
    return home


def _command(home: Path) -> list[str]:
    words = ("leads", "import", SEARCH, "--campaign", CAMPAIGN, "--seat", SEAT, "--json")
    return [sys.executable, "-m", "bot", *words, "--home", str(home)]


def _check(home: Path, people: int) -> None:
    """A time counts only if everybody is there, once."""
    with open_store(load_seat(load(home), SEAT)) as store:
        found = {enrolment.lead_id for enrolment in store.enrolments()}
    if len(found) != people:
        raise RuntimeError(f"{people} people, but {len(found)} were imported")
