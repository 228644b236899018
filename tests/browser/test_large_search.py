"""A search of many pages in a real browser: broken off, gone on with, and no page read twice."""

from __future__ import annotations

import re
import signal
import subprocess

import pytest
from browser.worlds import OpenSite
from cli.user import CAMPAIGN, SEARCH, SEAT, User

from bot.clock import rest
from bot.practice.faults import Moment
from bot.practice.server import Running

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES, PEOPLE = 12, 290
TWIN = "ACoAAAda-0002"
CROWD = f"""
[[searches]]
id = "2"
name = "The same people, and one more"
order = "file"
[[people]]
name = "Ada Amberwood"
id = "ACwAAAda-0001"
company = "Amber Works"
searches = ["1", "2"]
[[people]]
count = 9
searches = ["1", "2"]
[[people]]
count = {PEOPLE - 10}
[[people]]
name = "Ada Amberwood"
id = "{TWIN}"
company = "Amber Works"
searches = ["2"]
"""


def loads(site: Running) -> int:
    """Results pages that the site has served."""
    return site.truth().views.get(Moment.RESULTS, 0)


def importing(user: User, site: Running, until: int) -> subprocess.Popen[str]:
    """An import that has loaded so many pages, all imports together."""
    words = ("leads", "import", SEARCH, "--campaign", CAMPAIGN, "--seat", SEAT)
    process = user.start(*words)
    while loads(site) < until:
        assert process.poll() is None, process.communicate()
        rest(0.01)
    return process


def test_a_long_search_is_read_once_whatever_breaks_it_off(user: User, practice: OpenSite) -> None:
    """Ctrl-C, then SIGKILL: each goes on where it stopped; at most the killed page is read again.

    The people of another search are known by their id, whatever its token; one with the same name
    and company in the other id family is held for the owner (K8).
    """
    site = practice(people=CROWD)
    user.settle_in(site.url)
    asked = importing(user, site, 3)
    asked.send_signal(signal.SIGINT)
    out, err = asked.communicate(timeout=60)
    place = re.search(r"the same command goes on at page (\d+)", err)
    assert (asked.returncode, out, place is not None) == (1, "", True), err
    assert place is not None
    assert loads(site) == int(place[1]) - 1, "the page under way was read to its end"

    killed = importing(user, site, 7)
    killed.kill()
    killed.communicate()
    last = user.run("leads", "import", SEARCH, "--campaign", CAMPAIGN, "--seat", SEAT)
    assert (last.code, last.out.endswith("0 refused\n")) == (0, True), last.err
    assert PAGES <= loads(site) <= PAGES + 1

    other = f"{site.url}/sales/search/people?savedSearchId=2"
    found = user.run("leads", "import", other, "--campaign", CAMPAIGN, "--seat", SEAT, "--json")
    told = found.document
    assert (told["new"], told["known"], told["pages"], found.err) == (1, 10, 1, "")
    leads = user.run("leads", "list", "--seat", SEAT, "--json").document["leads"]
    why = {lead["id"]: lead["why_not"]["text"] for lead in leads}
    assert len(why) == len(leads) == PEOPLE + 1
    held = {who for who, text in why.items() if "another id with the same name" in text}
    assert held == {TWIN, "ACwAAAda-0001"}
