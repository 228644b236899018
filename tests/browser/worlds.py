"""A small world of invented people for the tests in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cli.user import Said, User

from bot.practice.faults import FaultKind, PlannedFault
from bot.practice.records import By
from bot.practice.server import Running

WORLD = """\
start = 2026-03-02T08:00:00Z
seed = 5
{top}
[owner]
first_name = "Robin"
name = "Robin Example"
[credits]
lots = [{{ granted = 2026-03-01T00:00:00Z, credits = {credits} }}]
[[searches]]
id = "1"
name = "Two people"
order = "file"
{people}
"""
ADA, BASIL, CLEO = (f"ACwAA{name}-000{n}" for n, name in enumerate(("Ada", "Basil", "Cleo"), 1))
TWO_PEOPLE = f"""
[[people]]
name = "Ada Amberwood"
id = "{ADA}"
answer = ["accept-default"]
delay_days = [1, 1]
[[people]]
name = "Basil Birkenau"
id = "{BASIL}"
kind = "free"
answer = ["own-words"]
delay_days = [1, 1]
[[people]]
name = "Cleo Cobalt"
id = "{CLEO}"
searches = []
"""  # Cleo is in no audience: whoever writes to her wrote to the wrong person
ELEVEN = "2026-03-02T11:00:00Z"  # later on the first day
OpenSite = Callable[..., Running]


def fault(kind: FaultKind, **more: Any) -> PlannedFault:
    """A fault at the moment that is usual for it."""
    return PlannedFault(kind=kind, **({"on": kind.moment} | more))


def written(site: Running) -> list[str]:
    """Whom the page's messages reached, in order."""
    return [each.lead_id for each in site.truth().deliveries if each.by is By.PAGE]


def told(said: Said, lead_id: str) -> list[tuple[str, str, str]]:
    """What `run --json` says was done to one lead: action, outcome, rule."""
    assert said.code == 0, said.err
    return [
        (line["action"], line["outcome"], line["rule"])
        for line in said.lines
        if line["lead_id"] == lead_id and line["action"] != "read-inbox"
    ]


def balance(user: User) -> int:
    """The ledger's balance."""
    number: int = user.run("ledger", "alice", "--json").document["balance"]
    return number
