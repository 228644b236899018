"""One InMail as the agent writes it: from the planned action to the settled attempt on disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

from bench.letters import BODY, SUBJECT, Addressee, Proof
from bot.clock import SimulatedClock, stopwatch
from bot.config import load
from bot.facts import SentFacts
from bot.model import Lead, Outcome, SendInMail
from bot.ports import Seen, Site
from bot.reading import enrol, watch_balance
from bot.seat import Seat, load_seat
from bot.sending import send_inmail
from bot.site import LiveSite
from bot.work import Work
from bot.workplace import at_work

SEAT = "bench"
CAMPAIGN = "bench"

_CONFIG = """\
[site]
base_url = "{url}"
[browser]
executable = "{executable}"
[seats.bench]
timezone = "Europe/Paris"
working_hours = "08:00-20:00"
working_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
[seats.bench.credits]
monthly = 50
cap = 1000
"""
_CAMPAIGN = f"""\
name = "{CAMPAIGN}"
type = "acquisition-inmail"
audience = "/sales/search/people?savedSearchId=1"
[inmail]
subject = "{SUBJECT}"
body = "{BODY}"
"""


class _Deaf:
    """The site, but for the balance that the page's own JSON tells after a send."""

    def __init__(self, site: LiveSite) -> None:
        self._site = site

    def __getattr__(self, name: str) -> object:
        return getattr(self._site, name)

    def read_sent(self, expected: str) -> Seen[SentFacts]:
        """What the panel became, and no balance."""
        seen = self._site.read_sent(expected, balance=False)
        return replace(seen, facts=replace(seen.facts, credits=None))


class Agent:
    """Writes InMails with everything that the agent has: store, evidence, rules."""

    def __init__(self, work: Work) -> None:
        self._work = work
        assert isinstance(work.site, LiveSite), "a browser is part of what is measured"
        self._deaf = replace(work, site=cast("Site", _Deaf(work.site)))

    def write(self, to: Addressee, proof: Proof) -> float:
        """Write to one person; return the seconds it took. Raises RuntimeError if it did not."""
        work = self._work if proof is Proof.HEARD else self._deaf
        campaign = work.campaign(CAMPAIGN)
        enrol(work, campaign, [Lead(to.id, to.name, token=to.token)], work.book.campaign(CAMPAIGN))
        action = SendInMail(f"{CAMPAIGN}/{to.id}", to.id, CAMPAIGN, may_spend=True)
        started = stopwatch()
        done = send_inmail(work, action)
        if proof is Proof.INBOX:
            _read_balance(work)
        taken = stopwatch() - started
        if done.outcome is not Outcome.SENT:
            raise RuntimeError(f"{to.id}: {done.outcome}: {done.why}")
        return taken


@contextmanager
def agent(home: Path, executable: Path, url: str, clock: SimulatedClock) -> Iterator[Agent]:
    """An agent with its own seat, made in *home*."""
    with at_work(_seat(home, executable, url), clock) as work:
        yield Agent(work)


def _seat(home: Path, executable: Path, url: str) -> Seat:
    campaigns = home / "seats" / SEAT / "campaigns"
    campaigns.mkdir(parents=True)
    config = _CONFIG.format(url=url, executable=executable)
    (home / "config.toml").write_text(config, encoding="utf-8")
    (campaigns / f"{CAMPAIGN}.toml").write_text(_CAMPAIGN, encoding="utf-8")
    return load_seat(load(home), SEAT)


def _read_balance(work: Work) -> None:
    """Open the inbox for the balance in its header."""
    seen = work.site.read_inbox(lambda _id, _mark: True)
    shown = seen.facts.credits
    if shown is None:
        raise RuntimeError("the inbox shows no balance")
    watch_balance(work, shown, "inbox", seen, threads_read=False)
