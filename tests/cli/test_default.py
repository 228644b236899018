"""`leadwright default`: what the owner is shown, what is learnt, and what a daemon is asked."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime

import pytest
from cli.user import User

from bot import lock
from bot.cli import orders as commands
from bot.cli.main import main
from bot.facts import Kind
from bot.model import Answer, Changes, Enrolment, KnownThread, Lead, SeatState, SentStep
from bot.orders import MarkDefault, waiting
from bot.store.store import Store

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
WORDS = "Bonjour Robin,\nMerci. J’aimerais en savoir plus.\x1b[2J"
LEARNED = "seats/alice/texts/learned.toml"


@pytest.fixture
def owner(user: User) -> User:
    """A user whose seat has three answers: two the same, one other."""
    user.settle_in("http://127.0.0.1:9")
    with Store.open(user.seat / "state.sqlite") as store:
        for number, (name, words) in enumerate([("Ada", WORDS), ("Ben", WORDS), ("Cid", "Non.")]):
            key = f"autumn/ACwAA{name}"
            sent = SentStep(0, NOW, "h", f"{key}#0.1", Kind.FREE)
            answer = Answer("own-words", "unknown", "A5", True, "stops", True, False, NOW, words)
            enrolment = Enrolment(
                key, f"ACwAA{name}", "autumn", number, sent=(sent,), answer=answer
            )
            thread = KnownThread(f"2-{name}", name, f"ACwAA{name}", seen="x", read="x")
            store.commit(
                Changes(
                    seat=SeatState(owner_first_name="Robin"),
                    leads=(Lead(f"ACwAA{name}", f"{name} Invented", name),),
                    enrolments=(enrolment,),
                    threads=(thread,),
                )
            )
    return user


def run(owner: User, *words: str) -> int:
    return main(["default", *words, "--seat", "alice", "--home", str(owner.home)])


def unread(owner: User) -> list[str]:
    with Store.open(owner.seat / "state.sqlite", read_only=True) as store:
        return [thread.name for thread in store.threads() if thread.read is None]


def test_a_preview_changes_nothing(owner: User, capsys: pytest.CaptureFixture[str]) -> None:
    """The text with its slot, and who else sent it; nothing on the terminal is obeyed."""
    assert run(owner, "ACwAAAda", "--as", "accepted", "--preview") == 0
    out = capsys.readouterr().out
    assert "Bonjour {first_name}," in out
    assert "\x1b" not in out
    assert "ACwAABen" in out
    assert "ACwAACid" not in out
    assert not (owner.home / LEARNED).exists()
    assert unread(owner) == []


def test_a_text_is_learnt_and_its_thread_read_again(
    owner: User, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file has it, `check` tells it, and only the lead's own thread is unread; --all: all."""
    assert run(owner, "ACwAAAda", "--as", "accepted", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["done"], document["known"], document["label"]) == (True, False, "accepted")
    assert [same["lead_id"] for same in document["same"]] == ["ACwAABen"]
    stored = tomllib.loads((owner.home / LEARNED).read_text(encoding="utf-8"))
    assert stored == {"acceptance": [WORDS.replace("Robin", "{first_name}")]}
    assert unread(owner) == ["Ada"]
    assert main(["check", "--home", str(owner.home)]) == 0
    assert "learned.toml" in capsys.readouterr().out
    assert run(owner, "ACwAAAda", "--as", "accepted", "--all") == 0
    assert "known already" in capsys.readouterr().out
    assert unread(owner) == ["Ada", "Ben"]


@pytest.mark.parametrize(
    ("words", "said"),
    [(["ACwAAAda"], "add --as accepted or rejected"), (["ACwAAEve"], "has not answered")],
)
def test_what_cannot_be_learnt_is_one_line(
    owner: User, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A refusal says why, and what to do."""
    assert run(owner, *words) == 1
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 1


def test_a_working_seat_is_asked(
    owner: User, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A seat that a daemon works gets an order; nothing is written beside it."""
    monkeypatch.setattr(commands, "WAIT_SECONDS", 0)
    with lock.hold(owner.seat):
        assert run(owner, "ACwAAAda", "--as", "rejected", "--all") == 1
    assert "will be carried out at its next step" in capsys.readouterr().err
    (ticket,) = waiting(owner.seat)
    assert ticket.order == MarkDefault("ACwAAAda", "rejected", every=True)
    assert not (owner.home / LEARNED).exists()
