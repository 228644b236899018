"""`leadwright reply` and `leadwright done`: the owner's word at a terminal."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from cli.user import User

from bot import lock
from bot.cli import orders as commands
from bot.cli.main import main
from bot.facts import Kind
from bot.model import Answer, Changes, Enrolment, Lead, SentStep
from bot.orders import Reply, waiting
from bot.rules.replies import mark_of
from bot.store.store import Store

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ADA = "ACwAAAda"
TEXT = "Thank you, Ada. Tuesday?"


@pytest.fixture
def owner(user: User) -> User:
    """A user to whose seat Ada has answered in her own words."""
    user.settle_in("http://127.0.0.1:9")
    sent = SentStep(0, NOW, "h", f"autumn/{ADA}#0.1", Kind.FREE)
    answer = Answer("own-words", "unknown", "A5", True, "stops", True, False, NOW, "Tell me more.")
    ada = Enrolment(f"autumn/{ADA}", ADA, "autumn", 1, sent=(sent,), answer=answer)
    with Store.open(user.seat / "state.sqlite") as store:
        store.commit(Changes(leads=(Lead(ADA, "Ada Invented"),), enrolments=(ada,)))
    return user


def run(owner: User, *words: str) -> int:
    return main([*words, "--home", str(owner.home)])


def ada(owner: User) -> Enrolment:
    with Store.open(owner.seat / "state.sqlite", read_only=True) as store:
        found = store.enrolment(f"autumn/{ADA}")
    assert found is not None
    return found


def shown(owner: User, capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    """What `inbox --json` lists."""
    capsys.readouterr()
    assert run(owner, "inbox", "alice", "--json", *words) == 0
    items: list[dict[str, object]] = json.loads(capsys.readouterr().out)["items"]
    return items


def test_what_is_done_leaves_the_inbox_and_comes_back(
    owner: User, capsys: pytest.CaptureFixture[str]
) -> None:
    """`inbox` lists what is open, `--all` everything, each with its mark."""
    assert [item["done"] for item in shown(owner, capsys)] == [False]
    assert run(owner, "done", ADA, "--seat", "alice") == 0
    assert shown(owner, capsys) == []
    assert [item["done"] for item in shown(owner, capsys, "--all")] == [True]
    assert run(owner, "done", ADA, "--seat", "alice", "--undo") == 0
    assert len(shown(owner, capsys)) == 1


def test_a_reply_waits_and_is_withdrawn(owner: User, capsys: pytest.CaptureFixture[str]) -> None:
    """The answer is worked then; status tells of the reply; taken back, the answer is open."""
    assert run(owner, "reply", ADA, TEXT, "--seat", "alice") == 0
    assert "waits to be sent" in capsys.readouterr().out
    assert [item["reply"] for item in shown(owner, capsys, "--all")] == [TEXT]
    assert run(owner, "status", "alice") == 0
    assert "0 open, 1 of your replies not sent yet" in capsys.readouterr().out
    assert run(owner, "reply", ADA, "--withdraw", "--seat", "alice") == 0
    assert ada(owner).reply is None
    assert len(shown(owner, capsys)) == 1


def test_a_reply_comes_from_a_file_or_from_standard_input(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it stands there, several lines and all; Windows' line breaks are line breaks."""
    file = owner.write("reply.txt", "Dear Ada,\r\nTuesday?\r\n")
    assert run(owner, "reply", ADA, "--file", str(file), "--seat", "alice") == 0
    reply = ada(owner).reply
    assert reply is not None
    assert reply.text == "Dear Ada,\nTuesday?"
    assert run(owner, "reply", ADA, "--withdraw", "--seat", "alice") == 0
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert run(owner, "reply", ADA, "--file", "-", "--seat", "alice") == 0
    reply = ada(owner).reply
    assert reply is not None
    assert reply.text == TEXT


def test_what_cannot_be_is_one_line(owner: User, capsys: pytest.CaptureFixture[str]) -> None:
    """No text or two, nobody of that id, a text that is too long: exit code and reason."""
    assert run(owner, "reply", ADA, "--seat", "alice") == 2
    assert run(owner, "reply", ADA, TEXT, "--withdraw", "--seat", "alice") == 2
    assert run(owner, "reply", "ACwAAnobody", TEXT, "--seat", "alice") == 1
    assert run(owner, "reply", ADA, "x" * 1901, "--seat", "alice") == 1
    assert run(owner, "reply", ADA, "--withdraw", "--seat", "alice") == 1
    told = capsys.readouterr().err
    assert "give the text, or --file FILE, or --withdraw" in told
    assert "ACwAAnobody has not answered" in told
    assert "1901 characters, of 1 to 1900 (S6)" in told
    assert ada(owner).reply is None


def test_a_living_daemon_gets_the_order(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what the owner had seen in it: what comes meanwhile is not replied to (T7)."""
    monkeypatch.setattr(commands.asked, "__kwdefaults__", {"seconds": 0})
    with lock.hold(owner.seat):
        assert run(owner, "reply", ADA, TEXT, "--seat", "alice") == 1
    orders = [ticket.order for ticket in waiting(owner.seat)]
    assert orders == [Reply(ADA, TEXT, mark_of(ada(owner)))]
