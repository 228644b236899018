"""A small world of invented people for the tests in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.practice.faults import FaultKind, PlannedFault
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
OpenSite = Callable[..., Running]


def fault(kind: FaultKind, **more: Any) -> PlannedFault:
    """A fault at the moment that is usual for it."""
    return PlannedFault(kind=kind, **({"on": kind.moment} | more))
