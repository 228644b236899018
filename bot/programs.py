"""Other programs of this machine, asked for a word."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence


def asked(command: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str] | None:
    """What a program says; None if it does not start, or has no end in time."""
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
