"""Campaign files that the program writes for their owner."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.campaignfile import Draft, DraftFollowUp, text_of
from bot.campaigns import read_text
from bot.configfile import DAYS
from bot.errors import WorkFailed
from bot.newfile import write_new
from bot.policy import Campaign, FollowUp, Hours, SeatPolicy

SITE = "https://www.linkedin.com"
SEAT = SeatPolicy("alice", Hours(ZoneInfo("UTC"), frozenset(range(5)), time(9), time(17)))
SEARCH = "/sales/search/people?savedSearchId=1"
HOSTILE = (
    '"', '""', '"""', '""""', "\\", "\\\\", "\\n", "'", "'''", "\n", "\n\n", "\t", "\r", "\x00",
    "\x1b[2J", "\x7f", "\x85", "\u2028", "\ufeff", "#", "[x]", "[[follow_up]]", "body =", "=", "é",
    "\U0001f642", "{{ first_name }}", '{{ company | default("x") }}', "{% if title %}a{% endif %}",
)  # fmt: skip
NOT_A_TEXT = st.characters(exclude_categories=("Cs",))
TEXTS = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(NOT_A_TEXT, max_size=8)), max_size=9)
STRIPPED = TEXTS.map("".join).map(str.strip)
WRITTEN = STRIPPED.filter(bool)
FOLLOW_UPS = st.lists(st.tuples(st.integers(3, 30), WRITTEN), max_size=5)


@given(WRITTEN, WRITTEN, STRIPPED, FOLLOW_UPS, STRIPPED, st.sets(st.sampled_from(DAYS)))
def test_what_was_typed_is_what_is_read(
    subject: str,
    body: str,
    acceptance: str,
    follow_ups: list[tuple[int, str]],
    signature: str,
    days: set[str],
) -> None:
    """S1-S5: whatever signs a text holds, the file's own reader makes the same campaign of it."""
    in_order = tuple(day for day in DAYS if day in days)
    steps = tuple(DraftFollowUp(str(after), text) for after, text in follow_ups)
    draft = Draft(
        "autumn", SEARCH, subject, body, acceptance, steps, signature, "stop", "each", "skip",
        "free-first", in_order, "10:00-12:00",
    )  # fmt: skip
    read = read_text(text_of(draft), Path("autumn.toml"), SEAT, SITE)
    numbers = frozenset(map(DAYS.index, in_order)) or SEAT.hours.days
    assert read.campaigns == (
        Campaign(
            name="autumn",
            audience=SEARCH,
            subject=subject,
            body=body,
            acceptance=acceptance or None,
            follow_ups=tuple(FollowUp(after, text) for after, text in follow_ups),
            signature=signature,
            on_rejection="stop",
            approve="each",
            first_degree="skip",
            order="free-first",
            hours=Hours(ZoneInfo("UTC"), numbers, time(10), time(12)),
        ),
    )


@given(STRIPPED, STRIPPED, STRIPPED)
def test_what_is_wrong_is_for_the_reader_to_find(name: str, days: str, hours: str) -> None:
    """Whatever was typed, the file is TOML: its faults are told at their keys, in known words."""
    steps = (DraftFollowUp(days, "Still there?"),)
    draft = Draft(name, SEARCH, "A question", "Hello", follow_ups=steps, working_hours=hours)
    read = read_text(text_of(draft), Path("autumn.toml"), SEAT, SITE)
    keys = {fault.key for fault in read.faults}
    assert keys <= {"name", "follow_up.1.after_days", "working_hours"}
    assert ("follow_up.1.after_days" in keys) is (days not in set(map(str, range(3, 31))))


def test_an_empty_draft_tells_everything_at_once() -> None:
    """Each text that must be there is asked for, in the words of `leadwright check`."""
    read = read_text(text_of(Draft()), Path("autumn.toml"), SEAT, SITE)
    assert [fault.key for fault in read.faults] == [
        "name",
        "audience",
        "inmail.subject",
        "inmail.body",
    ]
    assert str(read.faults[2]).endswith("found nothing; a text of 1 to 200 characters (S1)")


def test_a_name_that_another_file_has_is_refused() -> None:
    """As `leadwright check` would, once both files were there."""
    draft = Draft("Autumn", SEARCH, "A question", "Hello")
    read = read_text(text_of(draft), Path("Autumn.toml"), SEAT, SITE, ("autumn",))
    assert [fault.key for fault in read.faults] == ["name"]


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    """The owner's own file stays as it is, and nothing else is left in the folder."""
    path = tmp_path / "campaigns" / "autumn.toml"
    write_new(path, "first")
    with pytest.raises(WorkFailed, match="choose another name"):
        write_new(path, "second")
    assert path.read_text(encoding="utf-8") == "first"
    assert list(path.parent.iterdir()) == [path]
