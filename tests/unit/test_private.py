"""State, sign-in and pages are for their owner's account alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import UsageError
from bot.places import SeatPaths
from bot.private import refuse_shared


@pytest.fixture
def paths(tmp_path: Path) -> SeatPaths:
    """A seat that others may enter, with everything in it closed to them."""
    paths = SeatPaths(tmp_path, "alice")
    for folder in (paths.profile, paths.evidence, paths.logs, paths.orders):
        folder.mkdir(parents=True)
        folder.chmod(0o700)
    paths.folder.chmod(0o755)
    paths.state.touch(mode=0o600)
    return paths


@pytest.mark.parametrize("name", ["state", "profile", "evidence", "logs", "orders"])
@pytest.mark.parametrize("wider", [0o040, 0o004, 0o002])
def test_what_others_may_read_is_refused_by_name(paths: SeatPaths, name: str, wider: int) -> None:
    """One permission too many, for group or world, and the message says what to do."""
    refuse_shared(paths)
    kept: Path = getattr(paths, name)
    kept.chmod(0o700 | wider)
    with pytest.raises(UsageError, match=rf"{kept.name} in .*chmod -R go-rwx"):
        refuse_shared(paths)


def test_a_closed_folder_protects_what_is_in_it(paths: SeatPaths) -> None:
    """Nobody else reaches it, so nothing is refused; nor where nothing is kept yet."""
    paths.state.chmod(0o644)
    paths.folder.chmod(0o700)
    refuse_shared(paths)
    refuse_shared(SeatPaths(paths.home, "bob"))
