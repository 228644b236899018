"""`leads import`: what it says while it works, and at the end."""

from __future__ import annotations

import os
import pty

import pytest
from cli.user import CAMPAIGN, SEAT, User

CSV = "lead,name,company\nACwAAida1,Ida Invented,Acme\nACwAAbea2,Bea Invented,Beam\n"


def prepared(user: User) -> tuple[str, ...]:
    """A seat that has its files, and the words of the import."""
    user.settle_in("http://127.0.0.1:9")
    people = user.write("people.csv", CSV)
    return ("leads", "import", str(people), "--campaign", CAMPAIGN, "--seat", SEAT)


def test_an_import_tells_what_became_of_each_lead(user: User) -> None:
    """New and known on stdout, the way there on stderr; a second import finds nothing new."""
    words = prepared(user)
    first = user.run(*words)
    assert (first.code, first.out) == (0, "2 new, 0 known, 0 refused\n")
    assert first.err == "page 1: 2 new, 0 known, 0 refused\n"
    told = user.run(*words, "--json").document
    assert told == {"new": 0, "known": 2, "refused": []}


def test_an_import_that_is_watched_shows_a_bar(user: User) -> None:
    """On a terminal stderr is a bar that goes away; stdout is the same."""
    words = prepared(user)
    ours, theirs = pty.openpty()
    process = user.start(*words, stderr=theirs, variables={"TERM": "xterm-256color"})
    os.close(theirs)
    out, _ = process.communicate(timeout=60)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert (process.returncode, out) == (0, "2 new, 0 known, 0 refused\n")
    assert "of at most 100" in shown


@pytest.mark.parametrize(
    "source",
    ["people.txt", "http://evil.example/sales/search/people?savedSearchId=1", "/sales/home"],
)
def test_what_is_no_audience_of_this_site_is_refused(user: User, source: str) -> None:
    """Exit 2 with what is allowed; the browser is sent nowhere else."""
    prepared(user)
    words = ("leads", "import", source, "--campaign", CAMPAIGN, "--seat", SEAT)
    assert source in user.run(*words).complains(2)


def test_a_plan_can_be_made_before_the_site_has_shown_a_balance(user: User) -> None:
    """C12: a new seat is taken to have a month's grant."""
    assert user.run(*prepared(user)).code == 0
    planned = user.run("plan", SEAT, "--days", "7", "--json").document
    assert {action["lead_id"] for action in planned["actions"]} == {"ACwAAida1", "ACwAAbea2"}


def test_a_name_that_is_no_seats_makes_no_folder(user: User) -> None:
    """Exit 2, and nothing outside of the home is touched."""
    prepared(user)
    assert "small letters" in user.run("run", "../../outside").complains(2)
    assert not (user.home.parent / "outside").exists()
