"""The pulse: talk of a running seat, replaced whole, trusted by nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import pulse
from bot.pulse import Pulse

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize("next_at", [None, NOW])
def test_what_was_written_is_read(tmp_path: Path, next_at: datetime | None) -> None:
    """A pulse comes back as it was told, times included."""
    told = Pulse(NOW, "reading the inbox", next_at, "wait", "the pause (L4)", asleep=True)
    pulse.write(tmp_path, Pulse(NOW, "before"))
    pulse.write(tmp_path, told)
    assert pulse.read(tmp_path) == told
    assert [file.name for file in tmp_path.iterdir()] == [pulse.FILE]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"at": 7}', '{"at": "soon"}'])
def test_a_file_that_says_nothing_is_no_pulse(tmp_path: Path, text: str) -> None:
    """A torn or foreign file deceives nobody and breaks nothing."""
    (tmp_path / pulse.FILE).write_text(text)
    assert pulse.read(tmp_path) is None


def test_no_file_is_no_pulse(tmp_path: Path) -> None:
    """A seat that never ran has none."""
    assert pulse.read(tmp_path) is None
