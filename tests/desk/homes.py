"""Homes to look at: seats that were worked by the simulation, with people who mean no good."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from simulation.rig import Rig

from bot import lock, pulse
from bot.clock import SimulatedClock
from bot.config import load
from bot.decided import Decision
from bot.desk.security import Key
from bot.facts import Snapshot
from bot.model import Changes, Halted
from bot.practice.records import Truth
from bot.practice.scenario import parse
from bot.pulse import Pulse
from bot.seat import load_seat
from bot.store.evidence import Evidence
from bot.store.store import Store
from bot.workplace import make_ready, opened

ATTACK = " <script>alert('text')</script>."
FIXTURES = Path(__file__).parents[2] / "fixtures"
SITE = "https://www.linkedin.com"
ANSWERED = "ACwAAVfqfQtcboGabQHitirynmotJ4PCamOz26s"  # in own words; the name of one attacks
HOSTILE_PAGE = """
<script>alert('page')</script><img src=x onerror="alert('image')">
<img src="https://evil.example/seen.png"><iframe src="https://evil.example/"></iframe>
<p><a href="https://evil.example/">out</a> <a href="/seats/alice/pause">in</a></p>
"""
CONFIG = """\
[site]
base_url = "http://127.0.0.1:1"
[seats.alice]
owner_first_name = "Robin"
timezone = "Europe/Paris"
read_inbox_minutes = 180
"""
CAMPAIGN = '''\
name = "founders"
type = "acquisition-inmail"
audience = "/sales/search/people?savedSearchId=1"

[inmail]
subject = "A question about {{ company }}"
body = """
Hello {{ first_name }},
your work as {{ title | default("a founder") }} at {{ company }} caught my eye.
May I ask how you find your first customers?
"""

[acceptance]
body = "Thank you, {{ first_name }}! Would a call of fifteen minutes next week suit you?"

[[follow_up]]
after_days = 4
body = "Hello {{ first_name }}, shall I send you what we have learned so far?"

[[follow_up]]
after_days = 7
body = "Hello {{ first_name }}, this is my last note <script>alert('text')</script>."
'''
START = datetime.fromisoformat("2026-03-02T07:00:00+00:00")
DAYS = 31.36  # to the afternoon of a working day
PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    '"><svg onload=alert(3)>',
    '=HYPERLINK("http://evil.example","x")',
    "{{ 7*7 }}{% raw %}",
    "Zoë \u202emoc.live\u202c",
)
PEOPLE = """
start = {start}
seed = 20
[owner]
first_name = "Robin"
name = "Robin Example"
[credits]
refund_hours = 0
lots = [
    {{ granted = 2026-01-01T00:00:00Z, credits = 6 }},
    {{ granted = 2026-02-01T00:00:00Z, credits = 14 }},
    {{ granted = 2026-03-01T00:00:00Z, credits = 50 }},
]
[[searches]]
id = "1"
name = "Founders"
order = "file"
{hostile}
[[people]]
count = 40
kind = "credit"
answer = ["accept-default"]
delay_days = [1, 3]
[[people]]
count = 14
kind = "credit"
answer = ["accept-edited"]
delay_days = [1, 5]
[[people]]
count = 24
kind = "credit"
answer = ["reject-default"]
delay_days = [1, 4]
[[people]]
count = 90
kind = "credit"
[[people]]
count = 30
kind = "free"
answer = ["own-words"]
delay_days = [1, 4]
[[people]]
count = 6
kind = "unreachable"
"""
ONE = """
[[people]]
name = {name}
company = {name}
kind = "credit"
answer = ["own-words"]
delay_days = [1, 2]
"""


@dataclass(frozen=True, slots=True)
class Worked:
    """A home whose seat was worked until `now`."""

    home: Path
    now: datetime

    @property
    def seat(self) -> Path:
        return self.home / "seats" / "alice"

    @property
    def clock(self) -> SimulatedClock:
        return SimulatedClock(self.now)

    @property
    def key(self) -> Key:
        return Key.kept(self.home)

    def copied(self, to: Path) -> Worked:
        """A home of its own, to be changed."""
        shutil.copytree(self.home, to, dirs_exist_ok=True)
        return replace(self, home=to)

    def store(self) -> Store:
        return Store.open(self.seat / "state.sqlite")

    def halt(self) -> None:
        """Let the site have asked for its owner (L5)."""
        why = "the site asks for a security check: sign in with `leadwright login alice`, pass it"
        with self.store() as store:
            halted = Halted("challenge", why, self.now - timedelta(minutes=12))
            store.commit(Changes(seat=replace(store.seat(), halted=halted)))

    def edit(self, old: str, new: str) -> None:
        """Let the owner change the campaign's file, and a stint take it in."""
        path = self.seat / "campaigns" / "founders.toml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        with opened(load_seat(load(self.home), "alice"), self.clock) as work:
            make_ready(work)

    def asleep(self) -> lock.SeatLock:
        """Let a daemon hold the seat, asleep until its next pause is over."""
        until, why = self.now + timedelta(minutes=2), "a pause between two sends (L4)"
        pulse.write(self.seat, Pulse(self.now, "nothing is due", until, "wait", why, asleep=True))
        return lock.hold(self.seat)


def empty(folder: Path, config: str = CONFIG) -> Worked:
    """A home that was never worked."""
    campaigns = folder / "seats" / "alice" / "campaigns"
    campaigns.mkdir(parents=True)
    (folder / "config.toml").write_text(config, encoding="utf-8")
    (campaigns / "founders.toml").write_text(CAMPAIGN, encoding="utf-8")
    return Worked(folder, START)


def worked(folder: Path, *, calm: bool = False) -> Worked:
    """A home after a simulated month; unless *calm*, some names and texts in it attack."""
    return played(folder, calm=calm)[0]


def played(folder: Path, *, calm: bool = False) -> tuple[Worked, Truth]:
    """The same, and what really happened on its site."""
    home = empty(folder)
    if calm:
        text = CAMPAIGN.replace(ATTACK, ": I am there when the time is right.")
        (home.seat / "campaigns" / "founders.toml").write_text(text, encoding="utf-8")
    seat = load_seat(load(folder), "alice")
    hostile = "\n".join(ONE.format(name=_toml(payload)) for payload in (() if calm else PAYLOADS))
    scenario = parse(PEOPLE.format(start=START.isoformat(), hostile=hostile))
    rig = Rig(scenario, campaigns=seat.campaigns, policy=seat.policy)
    rig.run(days=DAYS)
    assert isinstance(rig.store, Store)
    rig.store.copy(seat.paths.state).close()
    rig.store.close()
    if not calm:
        _keep_thread(seat.paths.evidence, rig.clock.now() - timedelta(minutes=9))
    _keep_page(seat.paths.evidence, rig.clock.now() - timedelta(minutes=3))
    return replace(home, now=rig.clock.now()), rig.truth


def _keep_thread(folder: Path, at: datetime) -> None:
    """The thread of somebody who answered, as it was read."""
    case = FIXTURES / "thread" / "own-words-html"
    known = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    html = (case / "page.html").read_text(encoding="utf-8").replace(known["lead_id"], ANSWERED)
    url = f"{SITE}/sales/inbox/{quote(known['id'], safe='')}"
    key, why = f"thread/{known['id']}@{at:%Y%m%dT%H%M%S}", "A5: own-words, the sequence stops"
    decision = Decision(key, at, "read-inbox", "done", why, "", ANSWERED, "thread")
    Evidence(folder).keep(decision, Snapshot(html, url, 200, at))


def _keep_page(folder: Path, at: datetime) -> None:
    """A page that the browser saw; what attacks stands in it, as a site could show it."""
    page = FIXTURES / "lead" / "bare" / "page.html"
    html = page.read_text(encoding="utf-8").replace("</body>", f"{HOSTILE_PAGE}</body>")
    key = f"inmail@{at:%Y%m%dT%H%M%S}"
    why = "the lead <b>cannot</b> be written to"
    decision = Decision(key, at, "inmail", "skipped", why, "K1", "ACwAA1", "lead", "lead ACwAA1")
    Evidence(folder).keep(decision, Snapshot(html, f"{SITE}/sales/lead/ACwAA1", 200, at))


def _toml(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
