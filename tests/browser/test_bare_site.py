"""The agent relies on the documented hooks, not on our own practice site."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bare_site import BarePerson, BareSite, serving

pytestmark = pytest.mark.browser

CONFIG = """[site]
base_url = "{url}"
[seats.alice]
timezone = "UTC"
"""
CAMPAIGN = """name = "c"
type = "acquisition-inmail"
audience = "/sales/search/people?savedSearchId=1"
[inmail]
subject = "Hello {{ first_name }}"
body = "A word to {{ first_name }}.\\nAnd a second line."
[acceptance]
body = "Thank you, {{ first_name }}."
"""


def stint(home: Path, at: str) -> list[dict[str, str]]:
    """One `run --once --json` in a process of its own."""
    words = ["run", "alice", "--once", "--json", "--at", at, "--home", str(home)]
    ended = subprocess.run(
        [sys.executable, "-m", "bot", *words], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_a_campaign_on_a_site_that_is_not_ours(tmp_path: Path) -> None:
    """S2, A5, C4: InMails to both kinds, an acceptance message, and nothing after own words."""
    people = [
        BarePerson("ACwAAAaaa1", "Bo Lind"),
        BarePerson("ACwAAAaaa2", "Cleo Sand", free=True),
        BarePerson("ACwAAAaaa3", "Dag Nowhere"),
    ]
    campaigns = tmp_path / "seats" / "alice" / "campaigns"
    campaigns.mkdir(parents=True)
    (campaigns / "c.toml").write_text(CAMPAIGN)
    with serving(BareSite({p.id: p for p in people})) as site:
        (tmp_path / "config.toml").write_text(CONFIG.format(url=site.url))
        first = stint(tmp_path, "2026-03-02T09:00:00Z")
        assert [p for p in first if p["outcome"] == "sent"], first
        assert sorted(lead for lead, _, _ in site.posts) == sorted(site.people)
        assert site.posts[0] == ("ACwAAAaaa1", "Hello Bo", "A word to Bo.\nAnd a second line.")
        assert site.credits == 18
        people[0].thread.append(
            (False, "Hi Robin,\nThanks for reaching out. I'd like to learn more.")
        )
        people[1].thread.append((False, "Who are you?"))
        stint(tmp_path, "2026-03-03T09:00:00Z")
        assert site.posts[3:] == [("ACwAAAaaa1", None, "Thank you, Bo.")]
        stint(tmp_path, "2026-03-03T12:00:00Z")
        assert len(site.posts) == 4
