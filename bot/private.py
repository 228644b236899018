"""What of a seat other accounts of this machine may not read: its state, its sign-in, its pages."""

from __future__ import annotations

from pathlib import Path

from bot.errors import UsageError
from bot.places import SeatPaths

OTHERS, ENTER = 0o077, 0o011  # permissions of anybody else; those that let them into a folder


def refuse_shared(paths: SeatPaths) -> None:
    """Raise UsageError where somebody else may read what is kept, with what puts it right.

    Nobody reaches what lies in a folder that is closed to them, whatever its own permissions are.
    """
    if not _mode(paths.folder) & ENTER:
        return
    kept = (paths.state, paths.profile, paths.evidence, paths.logs, paths.orders)
    open_ = [path for path in kept if _mode(path) & OTHERS]
    if open_:
        names = ", ".join(path.name for path in open_)
        text = f"others on this machine may read {names} in {paths.folder}"
        raise UsageError(f"{text}: chmod -R go-rwx {paths.folder}")


def _mode(path: Path) -> int:
    """Its permissions; 0 where there is nothing."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        return 0
