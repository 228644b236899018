"""A dry run reads, decides, renders, and writes nothing: two locks, each tried alone (T5)."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from browser.worlds import ADA, BASIL, TWO_PEOPLE, OpenSite
from cli.user import MONDAY, SEAT, User

from bot.browser import may_fetch

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FORCED = """
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from bot.cli.common import seat_of
from bot.clock import SimulatedClock
from bot.errors import LockedOut
from bot.workplace import at_work
from bot.stint import work_through

seat = seat_of("alice", Path(sys.argv[1]))
with at_work(seat, SimulatedClock(datetime.fromisoformat(sys.argv[2])), dry_run=True) as work:
    try:
        work_through(
            replace(work, dry_run=False),  # the first lock is open: only the browser's is left
            patience=timedelta(minutes=5), tell=print, stopped=lambda: False,
        )
    except LockedOut as error:
        print("LockedOut", error)
"""


def test_a_dry_run_leaves_no_trace_on_a_site_full_of_traps(user: User, practice: OpenSite) -> None:
    """Deliveries and writes stay empty, though the pages try every way to write (T5)."""
    site = practice(top="trap = true")
    user.settle_in(site.url)
    said = user.stint("--dry-run")
    assert said.code == 0, said.err
    rehearsed = {
        line["lead_id"]: (line["outcome"], line["why"], line["text"])
        for line in said.lines
        if line["action"] == "inmail"
    }
    assert rehearsed.keys() == {ADA, BASIL}
    assert rehearsed[ADA][0] == "done"
    assert "1 credit" in rehearsed[ADA][1]
    assert "Dear Ada, shall we talk?" in rehearsed[ADA][2]
    assert "free" in rehearsed[BASIL][1]
    truth = site.truth()
    assert (truth.deliveries, truth.writes) == ((), ())


def test_a_dry_run_leaves_the_books_alone(user: User, practice: OpenSite) -> None:
    """Its ledger is a copy: the real run after it starts from nothing, and writes to both (T5)."""
    site = practice()
    user.settle_in(site.url)
    assert user.stint("--dry-run").code == 0
    assert user.run("ledger", SEAT, "--json").document == {"balance": 0, "entries": []}
    assert user.run("leads", "list", "--seat", SEAT, "--json").document == {"leads": []}
    assert user.stint().code == 0
    assert [each.lead_id for each in site.truth().deliveries] == [ADA, BASIL]


@pytest.mark.parametrize("top", ["", "trap = true"])
def test_the_second_lock_holds_alone(user: User, practice: OpenSite, top: str) -> None:
    """Code that reaches the click in a dry run is stopped by the browser itself (T5)."""
    site = practice(top=top)
    user.settle_in(site.url)
    forced = subprocess.run(
        [sys.executable, "-c", FORCED, str(user.home), MONDAY],
        capture_output=True,
        text=True,
        env=os.environ.copy(),
        timeout=120,
        check=False,
    )
    assert "LockedOut refused in a dry run" in forced.stdout, forced.stdout + forced.stderr
    truth = site.truth()
    assert (truth.deliveries, truth.writes) == ((), ())


def test_a_message_in_an_open_thread_is_rehearsed_too(user: User, practice: OpenSite) -> None:
    """After a real InMail was accepted, a dry run shows the acceptance message only (S2, T5)."""
    site = practice(people=TWO_PEOPLE)
    user.settle_in(site.url)
    assert user.stint().code == 0
    written = site.truth().writes
    said = user.stint("--dry-run", at="2026-03-03T10:30:00Z")
    messages = [line for line in said.lines if line["action"] == "message"]
    assert [(line["outcome"], line["lead_id"]) for line in messages] == [("done", ADA)]
    assert len(site.truth().deliveries) == 2
    assert site.truth().writes == written


SITE = "https://www.linkedin.com"
API = f"{SITE}/sales-api/salesApi"


@pytest.mark.parametrize(
    ("method", "url", "kind", "allowed"),
    [
        ("GET", f"{SITE}/sales/lead/ACwAAx,NAME_SEARCH,y", "document", True),
        ("GET", f"{SITE}/sales/people/ACwAAx,y,NAME_SEARCH", "document", True),
        ("GET", f"{SITE}/sales/search/people?savedSearchId=1&page=2", "document", True),
        ("GET", f"{SITE}/sales/lists/people/7?page=1", "document", True),
        ("GET", f"{SITE}/sales/inbox/2-abc%3D%3D", "document", True),
        ("GET", f"{SITE}/checkpoint/challenge/verify", "document", True),
        ("HEAD", f"{SITE}/sales/home", "document", True),
        ("GET", f"{API}Profiles/(profileId:x)", "fetch", True),
        ("GET", f"{API}Credits?q=findCreditGrant", "xhr", True),
        ("GET", "https://static.licdn.com/app.js", "script", True),
        ("GET", f"{SITE}/app.css", "stylesheet", True),
        ("POST", f"{API}MessageActions?action=createMessage", "fetch", False),
        ("GET", f"{API}MessageActions?action=createMessage", "fetch", False),
        ("GET", f"{API}MessageActions?x=1&action=createMessage", "xhr", False),
        ("PUT", f"{API}Profiles/1", "xhr", False),
        ("DELETE", f"{SITE}/sales/lead/ACwAAx", "document", False),
        ("OPTIONS", f"{API}Profiles/1", "fetch", False),
        ("GET", f"{SITE}/sales/logout", "document", False),
        ("GET", f"{SITE}/logout", "document", False),
        ("GET", f"{SITE}/sales/leads-export", "document", False),
        ("GET", f"{SITE}/mwlite/track", "fetch", False),
        ("GET", f"{SITE}/pixel.gif", "image", False),
        ("POST", f"{SITE}/li/track", "ping", False),
        ("GET", f"{SITE}/li/track", "ping", False),
        ("GET", f"{SITE}/realtime/connect", "eventsource", False),
        ("GET", "https://evil.example/sales/lead/ACwAAx", "document", False),
        ("GET", "https://evil.example/app.js", "script", False),
        ("GET", "https://www.linkedin.com.evil.example/sales/home", "document", False),
        ("GET", "http://www.linkedin.com/sales/home", "document", False),
    ],
)
def test_what_a_dry_run_may_fetch(method: str, url: str, kind: str, allowed: bool) -> None:
    """Only reads, of the pages that are read and of their own data (T5)."""
    assert may_fetch(method, url, kind, SITE) is allowed
