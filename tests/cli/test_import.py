"""`leads import`: what it says while it works, and at the end."""

from __future__ import annotations

import os
import pty

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
