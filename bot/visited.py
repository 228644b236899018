"""What a seat's browser remembers of the pages that it showed: its history and its cache.

The sign-in is none of it, and stays. A browser that runs writes these files itself; then a mark is
left, and they go before it starts the next time.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MARK = "leadwright-forget"
RUNNING = "SingletonLock"  # a link that a browser at work keeps in its profile
CACHES = ("Cache", "Code Cache", "GPUCache", "Service Worker", "Sessions", "Session Storage")
MEMORIES = (
    "Favicons",
    "History",
    "Network Action Predictor",
    "Shortcuts",
    "Top Sites",
    "Visited Links",
    "Web Data",
)


def forget(profile: Path) -> None:
    """Let the browser forget what it showed: now, or when it starts next."""
    if not profile.is_dir():
        return
    if os.path.lexists(profile / RUNNING):
        (profile / MARK).touch(mode=0o600)
    else:
        _clear(profile)


def clear_if_asked(profile: Path) -> None:
    """Before the browser starts: do what forget() had to leave."""
    if (profile / MARK).exists():
        _clear(profile)
        (profile / MARK).unlink(missing_ok=True)


def _clear(profile: Path) -> None:
    for folder in (profile, *(path for path in profile.iterdir() if path.is_dir())):
        for name in CACHES:
            shutil.rmtree(folder / name, ignore_errors=True)
        for name in MEMORIES:
            for path in folder.glob(f"{name}*"):
                if path.is_file():
                    path.unlink(missing_ok=True)
