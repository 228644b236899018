"""A real browser's profile is one of the places where a person may be left."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from browser.worlds import ADA, BASIL, OpenSite, written
from cli.user import SEAT, User

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("whole_browser")]

YEARS_LATER = "2030-03-03T09:00:00Z"  # a Sunday: no page is opened
MONDAY_AFTER = "2030-03-04T10:00:00Z"
SETTINGS = "[seats.alice.retention]\nleads_days = 365\n"
COOKIE = "li_at"


def everything_under(folder: Path) -> bytes:
    """Every file, compressed pages opened."""
    found = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    opened = [gzip.decompress(each) for each in found if each.startswith(b"\x1f\x8b")]
    return b"".join([*found, *opened]).lower()


def test_no_file_of_a_seat_that_was_worked_tells_of_whoever_is_forgotten(
    user: User, practice: OpenSite
) -> None:
    """K5: state, pages, log, orders, and what the browser remembers; the sign-in stays."""
    site = practice()
    user.settle_in(site.url, more=SETTINGS)
    for at in ("2026-03-02T09", "2026-03-03T09", "2026-03-04T14", "2026-03-09T09"):
        assert user.stint(at=f"{at}:00:00Z").code == 0
    assert written(site) == [ADA, BASIL, ADA, ADA]
    threads = [each.thread_id for each in site.truth().deliveries]
    texts = [each.text for each in site.truth().answers if each.text]
    words = ["Ada Amberwood", "Basil Birkenau", "Amberwood", ADA, BASIL, "Dear Ada", *threads]
    words += [line for text in texts for line in text.splitlines() if "Robin" not in line and line]
    before = everything_under(user.seat)
    assert [word for word in words if word.lower().encode() not in before] == []
    assert b"ada amberwood" in everything_under(user.seat / "browser"), "the browser remembers"
    for lead in (ADA, BASIL):
        assert user.run("done", lead, "--seat", SEAT).code == 0
    assert "leads forgotten: 2" in user.stint(at=YEARS_LATER).err
    after = everything_under(user.seat)
    assert [word for word in words if word.lower().encode() in after] == []
    assert COOKIE.encode() in everything_under(user.seat / "browser"), "it is still signed in"
    opened = user.stint(at=MONDAY_AFTER)
    assert opened.code == 0
    assert "read-inbox" in {line["action"] for line in opened.lines}, "the browser starts again"
