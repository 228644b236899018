"""`leads import`: what it says while it works, and at the end."""

from __future__ import annotations

import json
import os
import pty

import pytest
from cli.user import CAMPAIGN, SEARCH, SEAT, User

from bot import lock, log
from bot.carry_out import carry_out_all
from bot.checking import checked_seat, checked_settings
from bot.clock import SystemClock, rest
from bot.errors import SeatHalted
from bot.workplace import at_work

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
    assert told == {"new": 0, "known": 2, "refused": [], "pages": 1, "note": None}


def test_rows_that_are_no_leads_are_told_with_their_line(user: User) -> None:
    """File, line and reason on stderr; counted in the summary, and listed in the JSON."""
    words = prepared(user)
    people = user.write("people.csv", CSV + "nobody,Cid,Coop\nACwAAdan4,Dan,Deep,Sea\n")
    said = user.run(*words)
    assert (said.code, said.out) == (0, "2 new, 0 known, 2 refused\n")
    assert f"{people}:4: no Sales Navigator address" in said.err
    assert f"{people}:5: it has 4 cells, the header has 3" in said.err
    again = user.run(*words, "--json")
    told = [(row["file"], row["line"]) for row in again.document["refused"]]
    assert told == [(str(people), 4), (str(people), 5)]
    assert f"{people}:5: " in again.err


def test_an_import_through_a_daemon_tells_the_same(user: User) -> None:
    """Whoever holds the seat imports; `--json` is one document then as well."""
    words = (*prepared(user), "--json")
    user.write("people.csv", CSV + "nobody,Cid,Coop\n")
    with lock.hold(user.seat):
        asked = user.start(*words)
        seat = checked_seat(checked_settings(user.home), SEAT)
        with at_work(seat, SystemClock()) as work:
            while asked.poll() is None:
                carry_out_all(work, user.seat)
                rest(0.05)
    out, err = asked.communicate()
    document = json.loads(out)
    assert (document["new"], document["known"], len(document["refused"])) == (2, 0, 1)
    assert "people.csv:4: " in err


def test_the_agents_own_import_logs_what_it_leaves_out(user: User) -> None:
    """T6: a campaign whose audience is a file; nobody stands by to read a table."""
    user.settle_in("http://127.0.0.1:9", audience="people.csv")
    people = user.write(f"seats/{SEAT}/campaigns/people.csv", CSV + "nobody,Cid,Coop\n" * 150)
    log.configure(user.seat / "logs", now=SystemClock().now, terminal=False)
    with at_work(checked_seat(checked_settings(user.home), SEAT), SystemClock()) as work:
        leads, _ = work.read_audience(work.campaigns[0].audience)
    log.configure(None, now=SystemClock().now, terminal=False)
    assert len(tuple(leads)) == 2
    lines = user.seat.joinpath("logs", "leadwright.log").read_text().splitlines()
    *rows, last = map(json.loads, lines)
    assert [(row["file"], row["line"]) for row in rows[:2]] == [(str(people), 4), (str(people), 5)]
    assert len(rows) + last["count"] == 150


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


def test_an_import_of_a_halted_seat_that_is_held_is_a_halt(user: User) -> None:
    """Exit 3, as without a daemon (L5)."""
    prepared(user)
    words = ("leads", "import", SEARCH, "--campaign", CAMPAIGN, "--seat", SEAT)
    seat = checked_seat(checked_settings(user.home), SEAT)
    with lock.hold(user.seat), at_work(seat, SystemClock()) as work:
        work.halt(SeatHalted("login", "signed out"))
        asked = user.start(*words)
        while asked.poll() is None:
            carry_out_all(work, user.seat)
            rest(0.05)
    out, err = asked.communicate()
    assert (asked.returncode, out) == (3, "")
    assert "the seat is halted: signed out" in err
