"""The site changes while a seat is worked: what needs the hook stops, the rest goes on (T8)."""

from __future__ import annotations

import json
import signal
from typing import Any

import pytest
from browser.test_daemon import ALWAYS, SHORT, ends, wait_for
from browser.worlds import ADA, BASIL, OpenSite, written
from cli.user import SEAT, User

from bot.practice.records import Redesign
from bot.practice.server import Running

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TUESDAY, AFTERNOON = "2026-03-03T09:00:00Z", "2026-03-03T13:00:00Z"
WEDNESDAY = "2026-03-04T09:00:00Z"
NAMES = ("Ada", "Bea", "Cleo", "Dora", "Enid", "Fay")
IDS = [f"ACwAA{name}-0001" for name in NAMES]
PEOPLE = "".join(
    f'[[people]]\nname = "{name} Amber"\nid = "{lead_id}"\nanswer = ["accept-default"]\n'
    "delay_days = [0.5, 0.5]\n"
    for name, lead_id in zip(NAMES, IDS, strict=True)
)


def redesign(site: Running, old: str, new: str) -> None:
    """A release of the site, while everything runs."""
    site.ask(lambda world: world.redesigns.append(Redesign(old, new)))


def status(user: User) -> dict[str, Any]:
    """The seat's status."""
    seat: dict[str, Any] = user.run("status", SEAT, "--json").document["seats"][0]
    return seat


def broken(user: User) -> dict[str, list[str]]:
    """The broken hooks, and what each stops."""
    return {each["hook"]: each["stops"] for each in status(user)["broken_hooks"]}


def why_not(user: User, lead_id: str) -> str:
    """The rule that keeps a lead from being written to."""
    leads = user.run("leads", "list", "--seat", SEAT, "--json").document["leads"]
    rule: str = next(lead["why_not"]["rule"] for lead in leads if lead["id"] == lead_id)
    return rule


def test_a_changed_text_stops_what_needs_it_and_a_corrected_file_lets_it_go_on(
    user: User, practice: OpenSite
) -> None:
    """T8, T6: InMails stop and messages go on; doctor then names three changes, each in a line."""
    site = practice(people=PEOPLE)
    user.settle_in(site.url, more="inmails_per_day = 2\n")
    user.stint()
    assert written(site) == IDS[:2]
    redesign(site, "Use 1 of", "Spend 1 of")
    assert user.stint(at=TUESDAY).code == 0
    assert written(site) == IDS[:2] * 2, "acceptance messages go out, and no InMail"
    assert broken(user) == {"composer.line": ["InMails"]}
    assert why_not(user, IDS[2]) == "T8"
    log = (user.seat / "logs" / "leadwright.log").read_text(encoding="utf-8").splitlines()
    (line,) = [told for told in map(json.loads, log) if told["event"] == "a hook is broken"]
    assert (line["hook"], line["page"]) == ("composer.line", "composer")
    assert "span.t-12" in line["selector"]
    kept = (user.seat / "evidence" / "index.jsonl").read_text(encoding="utf-8")
    assert "hook/composer.line" in kept

    user.write(f"seats/{SEAT}/texts/en.toml", 'credit_line = ["Spend 1 of {n} credits"]\n')
    assert user.stint(at=AFTERNOON).code == 0
    assert written(site)[4:] == IDS[2:4], "they waited unharmed"
    assert broken(user) == {}

    redesign(site, "Spend 1 of", "Take 1 of")
    redesign(site, "data-sales-action", "data-go")
    redesign(site, "thread-container", "conversation-pane")
    said = user.run("doctor", SEAT)
    assert said.code == 1, said.err
    lines = [line for line in said.out.splitlines() if line.startswith("broken: ")]
    assert [line.split(":")[1].strip() for line in lines] == [
        "thread.container", "composer.send_button", "composer.line",
    ]  # fmt: skip
    assert "it last matched on 2026-03-03 by .thread-container" in lines[0]
    told = user.stint(at=WEDNESDAY)
    assert [line["outcome"] for line in told.lines if line["action"] == "read-inbox"] == ["done"]
    assert len(written(site)) == 6, "nothing is sent from a page that is not recognised"


def test_a_corrected_selector_wakes_the_daemon(user: User, practice: OpenSite) -> None:
    """T8: no restart is needed; doctor asks the daemon that holds the seat."""
    site = practice()
    redesign(site, "data-sales-action", "data-go")
    user.settle_in(site.url, pause=SHORT, more=ALWAYS)
    daemon = user.start("run", SEAT)
    wait_for(lambda: broken(user) != {} and status(user)["state"] == "sleeping", daemon)
    assert broken(user) == {"composer.send_button": ["InMails"]}
    assert written(site) == []
    said = user.run("doctor", SEAT)
    assert said.code == 1
    assert "broken: composer.send_button: 0 matches" in said.out
    user.write(f"seats/{SEAT}/selectors/composer.toml", '[send_button]\ncss = "button[data-go]"\n')
    wait_for(lambda: written(site) == [ADA, BASIL], daemon)
    assert broken(user) == {}
    assert ends(daemon, signal.SIGTERM)[0] == 0
