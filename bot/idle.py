"""The daemon as a process of its own, which lives for months: `python -m bot.idle SEAT HOME`.

`leadwright run SEAT` becomes it. What reading a command line needs is gone then, and with it more
than half of the memory.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bot.cli.ending import ended
from bot.cli.sleeper import run


def main() -> int:
    """Work the seat until stopped; the exit code."""
    name, home, *rest = sys.argv[1:]
    # As its owner wrote it: the lock tells who holds a seat, and a renewed program is started so.
    sys.argv = ["leadwright", "run", name, "--home", home, *rest]
    return ended(lambda: run(name, Path(home), as_json=bool(rest)))


if __name__ == "__main__":
    sys.exit(main())
