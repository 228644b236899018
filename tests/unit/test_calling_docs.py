"""docs/calling.md is in step with the program: its example, its table and its code."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from unit.receiver import receiver
from unit.records import NOW

from bot import webhook
from bot.calls import TOPICS, Destination, Event, Person, Said, Topic
from bot.config import load
from bot.rules.calling import call_for
from bot.rules.telling import document_of

PAGE = Path(__file__).parents[2] / "docs" / "calling.md"
SECRET = "credential-of-some-length"
SITE = "https://www.linkedin.com"
EXAMPLE = Event(
    Topic.ANSWER,
    "autumn/ACwAAida1/own-words/1",
    datetime(2026, 3, 3, 10, 15, tzinfo=UTC),
    campaign="autumn",
    person=Person("ACwAAida1", "Ida Invented"),
    said=Said("own-words", "A5", True, False, "Call me next week."),
)
WHERE = Destination("0" * 16, "here", TOPICS, "json://here.example", SECRET)


def block(language: str) -> str:
    """The page's first block of that language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def verifier() -> Callable[..., bool]:
    """The page's own code, as whoever copies it has it."""
    names: dict[str, Any] = {}
    exec(compile(block("python"), str(PAGE), "exec"), names)
    return cast("Callable[..., bool]", names["is_ours"])


def test_the_example_is_what_is_sent() -> None:
    """Key by key, in its order, the id included."""
    sent = json.loads(document_of(call_for("alice", EXAMPLE, WHERE), "alice", SITE))
    told = json.loads(block("json"))
    assert told == sent
    assert list(told) == list(sent)


def test_every_key_and_event_is_explained() -> None:
    """In the table of keys, and in the table of events with what to do."""
    text = PAGE.read_text(encoding="utf-8")
    keys = re.findall(
        r"^\| ((?:`\w+`(?:, )?)+) \|", text[text.index("### The body") :], re.MULTILINE
    )
    named = {name for row in keys for name in re.findall(r"\w+", row)}
    assert named == set(json.loads(block("json")))
    assert set(re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| [^|]+ \|$", text, re.MULTILINE)) == {
        *TOPICS
    }


def test_a_delivery_is_verified_by_the_documented_code() -> None:
    """A real one is ours; one that is changed, that is old, or signed by others is not."""
    is_ours = verifier()
    assert len(block("python").strip().splitlines()) <= 10
    body = document_of(call_for("alice", EXAMPLE, WHERE), "alice", SITE)
    with receiver() as hook:
        assert webhook.post(hook.url, SECRET, "id", body, NOW).delivered
    (got,) = hook.got
    now = NOW.timestamp()
    assert is_ours(SECRET, got.headers, got.body, now)
    assert not is_ours(SECRET, got.headers, got.body + b" ", now)
    assert not is_ours(SECRET + "x", got.headers, got.body, now)
    assert not is_ours(SECRET, got.headers, got.body, now + 400)
    assert not is_ours(SECRET, got.headers, got.body)
    moved = {**got.headers, "Leadwright-Timestamp": str(int(now) + 1)}
    assert not is_ours(SECRET, moved, got.body, now)


def test_the_shown_configuration_is_one(tmp_path: Path) -> None:
    """What the page shows can be pasted."""
    text = block("toml")
    assert tomllib.loads(text)["notify"]["webhooks"]
    (tmp_path / "config.toml").write_text(f"{text}\n[seats.alice]\n")
    notify = load(tmp_path).seats["alice"].notify
    assert notify.always == (Topic.HALTED,)
    assert len(notify.urls) == 2


@pytest.mark.parametrize("topic", TOPICS)
def test_every_event_has_all_keys(topic: Topic) -> None:
    """A program needs no guess whether a key is there."""
    document = json.loads(document_of(call_for("alice", Event(topic, "x", NOW), WHERE), "a", SITE))
    assert list(document) == list(json.loads(block("json")))
    assert document["lead"] is document["answer"] is document["sent"] is None
