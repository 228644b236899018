"""What a seat's browser remembers of the pages that it showed: history, caches, and more.

A browser keeps such things in many places, and each version in others; so all goes but what is
known to hold the sign-in and the settings. A browser that runs writes these files itself; then a
mark is left, and they go before it starts the next time. Whether one runs its own lock tells, or
ours: Chrome's headless shell has none.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MARK = "leadwright-forget"
OPEN = "leadwright-open"  # ours, from before the browser starts until it has ended
RUNNING = "SingletonLock"  # a link that a browser at work keeps in its profile
OF_THE_BROWSER = {"Local State", "First Run", "Last Version"}  # the first has the cookies' key
OF_A_PROFILE = {
    "Preferences",
    "Secure Preferences",
    "Cookies",
    "Cookies-journal",
    "Network",  # where some versions keep the cookies
    "Local Storage",
    "IndexedDB",
    "Login Data",
    "Login Data-journal",
}


def forget(profile: Path) -> None:
    """Let the browser forget what it showed: now, or when it starts next.

    Raises OSError where something cannot be deleted; the mark stays then.
    """
    if not profile.is_dir():
        return
    if os.path.lexists(profile / RUNNING) or (profile / OPEN).exists():
        (profile / MARK).touch(mode=0o600)
    else:
        _clear(profile)


def begin(profile: Path) -> None:
    """Before the browser starts: do what forget() had to leave."""
    if (profile / MARK).exists():
        _clear(profile)
    (profile / OPEN).touch(mode=0o600)


def end(profile: Path) -> None:
    """The browser has ended. Where a crash comes before this, forget() waits for the next start."""
    (profile / OPEN).unlink(missing_ok=True)


def _clear(profile: Path) -> None:
    """The mark goes last: what a crash leaves is taken away before the next start."""
    (profile / MARK).touch(mode=0o600)
    for path in profile.iterdir():
        if any((path / name).exists() for name in OF_A_PROFILE):
            for inner in path.iterdir():
                _take_away(inner, OF_A_PROFILE)
        else:
            _take_away(path, OF_THE_BROWSER | {MARK})
    (profile / MARK).unlink(missing_ok=True)


def _take_away(path: Path, kept: set[str]) -> None:
    if path.name in kept:
        return
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
