"""What the commands show of a seat that has worked: one played stint, looked at from all sides."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.worlds import ADA, BASIL, TWO_PEOPLE, WORLD
from cli.user import CAMPAIGN, SEAT, User

from bot.practice.records import Truth
from bot.practice.scenario import parse
from bot.practice.server import start

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FORMULA = "=HYPERLINK(0)"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[User, Truth]]:
    """A seat after two working days; its site is still there."""
    user = User(tmp_path_factory.mktemp("home"))
    with start(parse(WORLD.format(top="", people=TWO_PEOPLE, credits=20))) as site:
        user.settle_in(site.url)
        for at in ("2026-03-02T09:00:00Z", "2026-03-03T12:00:00Z"):
            said = user.stint(at=at)
            assert said.code == 0, said.err
        yield user, site.truth()


def test_status_tells_where_the_seat_stands(played: tuple[User, Truth]) -> None:
    """`status --json` has its shape to the letter."""
    user, _ = played
    shown = user.run("status", "--json").document["seats"]
    assert [seat["seat"] for seat in shown] == [SEAT]
    seat = shown[0]
    assert (seat["state"], seat["halt"]) == ("stopped", None)
    assert seat["credits"]["ledger"] == 20
    assert seat["today"].keys() >= {"inmails", "limit", "messages"}
    assert seat["next"] is None or seat["next"].keys() >= {"at", "what", "why"}
    assert SEAT in user.run("status").out


def test_the_ledger_is_the_same_in_every_format(played: tuple[User, Truth]) -> None:
    """Table, JSON and CSV tell the same entries (C10)."""
    user, _ = played
    document = user.run("ledger", SEAT, "--format", "json").document
    assert document == user.run("ledger", SEAT, "--json").document
    entries = document["entries"]
    assert all(entry.keys() >= {"at", "kind", "credits", "lead_id", "why"} for entry in entries)
    kinds = [entry["kind"] for entry in entries]
    assert kinds == ["opening", "hold", "spend", "refund"]
    rows = list(csv.DictReader(io.StringIO(user.run("ledger", SEAT, "--format", "csv").out)))
    assert [row["kind"] for row in rows] == kinds
    assert "balance: 20" in user.run("ledger", SEAT).out


def test_hledger_adds_up_to_the_same_balance(played: tuple[User, Truth]) -> None:
    """The journal is read by the real hledger; without one on this machine the test fails (C10)."""
    user, _ = played
    found = shutil.which("hledger")
    assert found is not None, "hledger is needed for this test: apt-get install hledger"
    journal = user.run("ledger", SEAT, "--format", "hledger").out
    for words in (["check"], ["bal", "credits:available"]):
        done = subprocess.run(
            [found, "-f", "-", *words], input=journal, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert re.search(r"\b20 cr\b", done.stdout), done.stdout


def test_the_inbox_shows_what_the_rules_show(played: tuple[User, Truth]) -> None:
    """A default acceptance and own words are shown, only the latter as a responder (A1, A5)."""
    user, _ = played
    items = user.run("inbox", SEAT, "--json").document["items"]
    keys = {"lead_id", "name", "campaign", "answer", "text", "responder", "check", "at"}
    assert all(item.keys() >= keys for item in items)
    answers = {item["lead_id"]: (item["answer"], item["responder"]) for item in items}
    assert answers == {ADA: ("accepted", False), BASIL: ("own-words", True)}
    assert len(user.run("inbox", SEAT, "--all", "--json").document["items"]) >= len(items)
    assert "Ada Amberwood" in user.run("inbox", SEAT).out


def test_every_lead_has_a_state_and_a_reason(played: tuple[User, Truth]) -> None:
    """`leads list --json` names state, kind, next step and why not now (T6)."""
    user, _ = played
    leads = {
        lead["id"]: lead
        for lead in user.run("leads", "list", "--seat", SEAT, "--json").document["leads"]
    }
    assert leads.keys() == {ADA, BASIL}
    assert (leads[ADA]["state"], leads[ADA]["kind"]) == ("following-up", "credit")
    assert (leads[BASIL]["state"], leads[BASIL]["kind"]) == ("responded", "free")
    assert leads[BASIL]["why_not"].keys() >= {"rule", "text", "until"}
    only = user.run("leads", "list", "--seat", SEAT, "--campaign", CAMPAIGN, "--json")
    assert len(only.document["leads"]) == 2


def test_the_campaign_and_its_funnel(played: tuple[User, Truth]) -> None:
    """`campaign show --json` has its keys; `list` shows the same."""
    user, truth = played
    shown = user.run("campaign", "show", CAMPAIGN, "--seat", SEAT, "--json").document
    assert shown["name"] == CAMPAIGN
    assert shown.keys() >= {"state", "accepted", "rejected", "responders", "follow_ups"}
    assert shown["sent"] == {"credit": 1, "free": 1}
    assert sum(shown["sent"].values()) == sum(each.kind == "inmail" for each in truth.deliveries)
    assert CAMPAIGN in user.run("campaign", "list", "--seat", SEAT).out


def test_the_plan_names_times_texts_and_costs(played: tuple[User, Truth]) -> None:
    """`plan --json` holds actions and held leads, and changes nothing."""
    user, _ = played
    before = user.run("ledger", SEAT, "--json").document
    plan = user.run("plan", SEAT, "--days", "10", "--json").document
    for action in plan["actions"]:
        assert action.keys() >= {"at", "what", "lead_id", "kind", "text"}
    for lead in plan["held"]:
        assert lead.keys() >= {"lead_id", "rule", "text", "until"}
    assert user.run("ledger", SEAT, "--json").document == before


def test_an_export_is_a_table_without_formulas(played: tuple[User, Truth], tmp_path: Path) -> None:
    """Everything known stands in the CSV; what a spreadsheet would run is defused."""
    user, _ = played
    source = tmp_path / "more.csv"
    source.write_text(f"url,first name,last name,company\n"
                      f"/sales/lead/ACwAADora-0009,Dora,Dune,\"{FORMULA}\"\n")  # fmt: skip
    done = user.run("leads", "import", str(source), "--campaign", CAMPAIGN, "--seat", SEAT)
    assert done.code == 0, done.err
    target = tmp_path / "out.csv"
    assert user.run("leads", "export", str(target), "--seat", SEAT).code == 0
    with target.open(newline="", encoding="utf-8-sig") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert rows.keys() == {ADA, BASIL, "ACwAADora-0009"}
    assert rows[BASIL]["text"]
    assert all(not cell.startswith(tuple("=+-@")) for row in rows.values() for cell in row.values())


def test_no_log_holds_a_name_or_a_text(played: tuple[User, Truth]) -> None:
    """Nothing that is personal gets into any log of a stint."""
    user, truth = played
    logs = [path for path in user.seat.joinpath("logs").rglob("*") if path.is_file()]
    assert logs, "the stints wrote a log"
    text = "\n".join(path.read_text(encoding="utf-8") for path in logs)
    assert ADA in text, "the log tells of leads by their id"
    # An id holds a name in this world; what is left must hold none.
    rest = text.replace(ADA, "").replace(BASIL, "")
    private = {"Ada", "Amberwood", "Basil", "Birkenau", "Robin", "Your work"}
    private |= {each.body for each in truth.deliveries} | {each.text for each in truth.answers}
    assert [word for word in private if word and word in rest] == []


def test_a_campaign_can_be_paused_and_resumed(played: tuple[User, Truth]) -> None:
    """S7: a paused campaign says so, and goes on after `resume`."""
    user, _ = played

    def state() -> str:
        words = ("campaign", "show", CAMPAIGN, "--seat", SEAT, "--json")
        word: str = user.run(*words).document["state"]
        return word

    before = state()
    assert user.run("campaign", "pause", CAMPAIGN, "--seat", SEAT).code == 0
    assert state() == "paused"
    assert user.run("campaign", "resume", CAMPAIGN, "--seat", SEAT).code == 0
    assert state() == before
