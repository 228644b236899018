"""Playwright's driver: a program of its own, which needs libraries that few systems have at first.

It is found without importing Playwright: whoever only looks needs none of it.
"""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from bot.programs import asked

ANSWER_SECONDS = 30


def path() -> Path | None:
    """Where it is; nowhere if Playwright is not installed."""
    found = find_spec("playwright")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "driver" / "node"


def version(program: Path) -> str | None:
    """What it says of itself; nothing if it does not start."""
    told = asked([str(program), "--version"], ANSWER_SECONDS)
    return told.stdout.strip() if told is not None and told.returncode == 0 else None


def lacking(program: Path) -> list[str]:
    """The shared libraries that a program asks for in vain, as the machine's loader tells them."""
    if not program.is_file() or shutil.which("ldd") is None:
        return []
    told = asked(["ldd", str(program)], ANSWER_SECONDS)
    lines = told.stdout.splitlines() if told is not None else []
    return [line.split()[0] for line in lines if line.endswith("=> not found")]
