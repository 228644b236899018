"""What a user is shown of a seat: its state, its leads, and the file of all that is known."""

from __future__ import annotations

import csv
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from cli.user import CAMPAIGN, SEAT, User

from bot import lock, orders
from bot.model import Changes, DayCounts, Enrolment, Reason
from bot.policy import CreditPolicy
from bot.rules import limits
from bot.rules.credits import Posted, adjust, open_ledger
from bot.store.store import Store

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
CSV = """\
lead,name,company,Favourite Town,State
ACwAAida1,Ida Invented,Acme,Paris,Idle
ACwAAbea2,Bea Invented,Beam,=1+1,Busy
"""
LISTED = ("leads", "list", "--seat", SEAT, "--json")


def imported(user: User) -> Path:
    """A seat with two leads; the file they came from."""
    user.settle_in("http://127.0.0.1:9")
    people = user.write("people.csv", CSV)
    words = ("leads", "import", str(people), "--campaign", CAMPAIGN, "--seat", SEAT)
    assert user.run(*words).code == 0
    return people


def exported(user: User) -> list[dict[str, str]]:
    """The rows of `leads export`."""
    file = user.home / "all.csv"
    assert user.run("leads", "export", str(file), "--seat", SEAT).code == 0
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def test_an_export_holds_everything_known(user: User) -> None:
    """Imported columns, what comes next, and what holds a lead; formulas are defused."""
    imported(user)
    with Store.open(user.seat / "state.sqlite") as store:
        enrolment = store.enrolment(f"{CAMPAIGN}/ACwAAbea2")
        assert enrolment is not None
        held = Enrolment(
            enrolment.key, enrolment.lead_id, CAMPAIGN, 2, hold=Reason("K3", "no credit line")
        )
        store.commit(Changes(enrolments=(held,)))
    ida, bea = exported(user)
    assert (ida["favourite_town"], bea["favourite_town"]) == ("Paris", "'=1+1")
    assert (ida["state"], ida["imported_state"]) == ("queued", "Idle")
    assert (ida["next_step"], ida["why_not_rule"]) != ("", "")
    assert (bea["state"], bea["why_not_rule"], bea["why_not"]) == ("held", "K3", "no credit line")


def test_an_export_can_be_imported_again(user: User) -> None:
    """Even one without a lead: what was taken out goes in."""
    user.settle_in("http://127.0.0.1:9")
    assert exported(user) == []
    words = ("--campaign", CAMPAIGN, "--seat", SEAT)
    empty = user.run("leads", "import", str(user.home / "all.csv"), *words)
    assert (empty.code, empty.out) == (0, "0 new, 0 known, 0 refused\n")
    imported(user)
    assert len(exported(user)) == 2
    again = user.run("leads", "import", str(user.home / "all.csv"), *words)
    assert (again.code, again.out) == (0, "0 new, 2 known, 0 refused\n")


def test_whom_the_owner_forbids_later_is_told_at_once(user: User) -> None:
    """K5, T6: the list as it is now, not as it was at the import."""
    imported(user)
    user.write("do-not-contact.csv", "lead,name,company,hash,note\n,,Beam,,\n")
    rules = {lead["id"]: lead["why_not"]["rule"] for lead in user.run(*LISTED).document["leads"]}
    assert rules["ACwAAbea2"] == "K5"
    assert rules["ACwAAida1"] != "K5"


def test_a_seat_that_waits_for_its_owner_sleeps(user: User) -> None:
    """S7: a paused seat has no next time, and works at nothing."""
    imported(user)
    assert user.run("pause", SEAT).code == 0
    assert user.run("run", SEAT, "--once").code == 0
    with lock.hold(user.seat):
        (shown,) = user.run("status", SEAT, "--json").document["seats"]
    assert (shown["state"], shown["paused"], shown["next"]) == ("sleeping", True, None)


def test_the_owners_last_word_is_the_one_that_holds(user: User) -> None:
    """S7: a pause that was left and never waited for is not carried out after a resume."""
    imported(user)
    orders.leave(user.seat, orders.Pause())
    assert user.run("resume", SEAT).code == 0
    assert user.run("run", SEAT, "--once").code in (0, 1), "there is no site"
    (shown,) = user.run("status", SEAT, "--json").document["seats"]
    assert shown["paused"] is False


def test_orders_at_once_are_all_answered(user: User) -> None:
    """One command holds the seat for a moment, and looks at no orders any more: none is left."""
    imported(user)
    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(lambda word: user.run(word, SEAT), ["pause", "resume"] * 3))
    assert [each.code for each in said] == [0] * 6
    assert list(orders.waiting(user.seat)) == []


def test_json_for_nobody_is_no_mistake(user: User) -> None:
    """A closed stdout: nothing is printed, and nothing breaks."""
    imported(user)
    leadwright = f"{sys.executable} -m bot status --json --home {user.home} >&-"
    done = subprocess.run(["sh", "-c", leadwright], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)


def test_a_dry_run_leaves_no_word_of_itself(user: User) -> None:
    """T5: what a rehearsal plans is not what the seat will do."""
    imported(user)
    assert user.run("pause", SEAT).code == 0
    assert user.run("run", SEAT, "--once").code == 0
    before = user.seat.joinpath("pulse.json").read_bytes()
    assert user.run("run", SEAT, "--dry-run", "--once").code == 0
    assert user.seat.joinpath("pulse.json").read_bytes() == before


def test_a_forecast_is_told_beside_the_plan(user: User) -> None:
    """`plan --days`: the same keys as before, and the days as they may be with their shares."""
    imported(user)
    asked = ("plan", SEAT, "--days", "9", "--runs", "3", "--accept", "0.5", "--free", "1")
    found = user.run(*asked, "--campaign", CAMPAIGN, "--leads", "5", "--json").document
    assert found.keys() == {"actions", "held", "forecast"}
    assert len(found["forecast"]["days"]) == 9
    assert found["forecast"]["total"]["free"]["median"] == 7
    stated = {share["name"] for share in found["forecast"]["shares"] if share["origin"] == "stated"}
    assert stated == {"accept", "free"}
    shown = user.run(*asked).out
    assert "as good as these shares, and no better" in shown
    assert "the queue is empty by" in shown
    too_much = user.run("plan", SEAT, "--accept", "0.7", "--reject", "0.7")
    assert "at most 1" in too_much.complains(2)


def test_what_the_owner_did_by_hand_is_told(user: User) -> None:
    """L1, L2, C9: in the day's counts and in the audit of the credits."""
    imported(user)
    now = datetime.now(UTC)
    ledger = open_ledger(10, now, CreditPolicy())
    gone = adjust(Posted(ledger.ledger), "adjust/manual/t", -1, now, CreditPolicy(), "by hand", "Z")
    with Store.open(user.seat / "state.sqlite") as store:
        day = DayCounts(limits.local_day(now, ZoneInfo("Europe/Paris")), 1, 2, 3, 4, 5)
        entries = (*ledger.entries, *gone.entries)
        store.commit(Changes(days=(day,), ledger=gone.ledger, entries=entries))
    assert "3 of 10 InMails (2 by hand), 3 messages and 5 by hand" in user.run("status", SEAT).out
    shown = user.run("credits", SEAT)
    assert "ledger: 9 credits; the site: not read yet" in shown.out
    assert "-1, by hand Z: by hand" in shown.out
    found = user.run("credits", SEAT, "--json").document
    assert [line["credits"] for line in found["adjustments"] if line["by_hand"]] == [-1]
    assert sum(lot["credits"] for lot in found["lots"]) == 9
    assert found["grant"]["credits"] == 50
