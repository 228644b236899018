"""What others wrote is shown by a terminal, and never obeyed; and every terminal can show it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path

import pytest
from cli.user import CAMPAIGN, SEAT, User

from bot.cli.stint import Teller
from bot.clock import SystemClock
from bot.credits import Ledger, add
from bot.metering import Metering
from bot.model import Answer, Changes, Done, Enrolment, Halted, Lead, Outcome, Reason, SeatState
from bot.policy import CreditPolicy
from bot.rules.credits import open_ledger
from bot.store.store import Store

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
EVIL = "Eve\x1b]0;owned\x07\x1b[2J \x9b31m\u202e[red]:smile:"
SHOWN = "Eve\\x1b]0;owned\\x07\\x1b[2J \\x9b31m\\u202e[red]:smile:"


def obeyed(text: str) -> set[str]:
    """What a terminal would not print but do."""
    return {sign for sign in text if not sign.isprintable()} - {"\n"}


def settled(user: User, name: str) -> None:
    """A seat whose one lead answered; everything that a person wrote is *name*."""
    user.settle_in("http://127.0.0.1:9")
    answer = Answer("own-words", None, "A5", True, "stops", True, False, AT, f"{name}\n{name}")
    answered = Enrolment(f"{CAMPAIGN}/ACwAAeve1", "ACwAAeve1", CAMPAIGN, 1, answer=answer)
    held = Enrolment(f"{CAMPAIGN}/ACwAAeva2", "ACwAAeva2", CAMPAIGN, 2, hold=Reason("K3", name))
    leads = (Lead("ACwAAeve1", name, name, company=name), Lead("ACwAAeva2", name))
    seat = SeatState(halted=Halted("login", name, AT))
    with Store.open(user.seat / "state.sqlite") as store:
        store.commit(Changes(seat=seat, leads=leads, enrolments=(answered, held)))


COMMANDS = [
    ("leads", "list", "--seat", SEAT),
    ("inbox", SEAT),
    ("plan", SEAT),
    ("status", SEAT),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_table_shows_what_a_terminal_would_obey(user: User, words: tuple[str, ...]) -> None:
    """A14: a name with an escape sequence or with markup stands there letter by letter."""
    settled(user, EVIL)
    said = user.run(*words, variables={"COLUMNS": "400"})
    assert SHOWN in said.out
    assert obeyed(said.out + said.err) == set()


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    "variables",
    [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
)
def test_a_terminal_without_the_letter_shows_its_number(
    user: User, words: tuple[str, ...], variables: dict[str, str]
) -> None:
    """The command does its work; nothing is lost but the look of it."""
    settled(user, "Zoë ☃")
    said = user.run(*words, variables=variables)
    assert said.code in {0, 3}
    assert said.err == ""
    assert "Zo\\xeb \\u2603" in said.out


def test_a_message_shows_what_a_terminal_would_obey(user: User) -> None:
    """The header of a file that is no list of leads is quoted, and no more than that."""
    settled(user, "Eve")
    people = user.write("people.csv", f"{EVIL},name\nx,y\n")
    words = ("leads", "import", str(people), "--campaign", CAMPAIGN, "--seat", SEAT)
    message = user.run(*words).complains(2)
    assert SHOWN in message
    assert obeyed(message) == set()


def test_a_line_of_the_run_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A page's own words in a reason make no second line, which would look like an action."""
    teller = Teller(tmp_path, SystemClock(), as_json=False, metering=Metering(tmp_path))
    teller.tell(Done(AT, "look", Outcome.HELD, f"{EVIL}\n2026 inmail: sent", "ACwAAeve1", "K3"))
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert SHOWN in out
    assert obeyed(out) == set()


@pytest.mark.parametrize("form", ["table", "hledger", "csv"])
def test_the_ledger_shows_what_a_terminal_would_obey(user: User, form: str) -> None:
    """An entry's reason may quote a page."""
    user.settle_in("http://127.0.0.1:9")
    opened = open_ledger(1, AT, CreditPolicy()).entries
    entries = tuple(replace(entry, why=EVIL) for entry in opened)
    with Store.open(user.seat / "state.sqlite") as store:
        store.commit(Changes(ledger=reduce(add, entries, Ledger()), entries=entries))
    out = user.run("ledger", SEAT, "--format", form, variables={"COLUMNS": "400"}).out
    out = out.replace("\r\n", "\n")  # a line's end in CSV
    assert "\\x1b[2J" in out
    assert obeyed(out) == set()
