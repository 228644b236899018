"""The search for people's words in a log tells a person's words from the program's."""

from __future__ import annotations

import pytest
from unit.betrayed import betrayed

OWN = [
    '{"action":"inmail","outcome":"sent","rule":"T2","event":"inmail","level":"info"}',
    "2026-03-02 09:00:00Z inmail  action=inmail outcome=held kind=free",
    '{"why":"a send is under way, or how it ended is not known yet","area":"agent"}',
]
PERSONS = [
    '{"who":"Ada Starling","event":"inmail"}',
    '{"why":"wrote to ADA  starling."}',
    '{"why":"works at Free, which is listed"}',
    '{"company":"Free"}',
    "2026-03-02 09:00:00Z inmail  why=Free",
    '{"kind":"Free"}',
    '{"why":"Ja,\\ngern am Dienstag"}',
]
PEOPLE = ["Ada Starling", "Free", "Held", "Sent", "Under", "Send", "gern am Dienstag"]


@pytest.mark.parametrize("line", OWN)
def test_the_programs_own_words_betray_nobody(line: str) -> None:
    """A company may be called as the program speaks."""
    assert betrayed(line, PEOPLE) == []


@pytest.mark.parametrize("line", PERSONS)
def test_a_persons_words_are_found(line: str) -> None:
    """However they are spelled, in whatever fact they stand, and whatever they are called."""
    assert betrayed(line, PEOPLE)
