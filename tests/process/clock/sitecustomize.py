"""For processes under test: the machine's clock is off by the seconds that stand in a file.

bot.clock is the only place that asks what time it is, so this is a machine whose clock was set. The
file is read at each look: a clock can be set under a running process.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bot.clock

CLOCK = Path(os.environ["PLUG_CLOCK"])


def _now(_self: object) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=float(CLOCK.read_text(encoding="ascii") or 0))


bot.clock.SystemClock.now = _now  # type: ignore[method-assign]
