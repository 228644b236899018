"""A call in words, for people, and as the document that programs get (docs/calling.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from bot.calls import Call, Event, Topic
from bot.plain import plain

VERSION = 1  # of the document: another meaning of a key needs another number
MOST_WORDS = 500  # of what a recipient wrote, in a message to people

# Signs by which a service would be told to ping, to link or to format: shown by others like them.
_LOOKALIKES = str.maketrans("@<>*_`~|#[]\\", "＠‹›∗＿ˋ∼∣＃［］＼")

_TITLES: Mapping[Topic, str] = {
    Topic.HALTED: "halted, and waits for you",
    Topic.STOPPED: "its daemon gave up, and works nothing",
    Topic.BROKEN_HOOK: "the site has changed",
    Topic.ANSWER: "an answer for you",
    Topic.ACCEPTED: "accepted",
    Topic.REJECTED: "rejected",
    Topic.SENT: "sent",
    Topic.CREDITS_EXPIRING: "credits are about to expire",
    Topic.REFUND_MISSING: "a refund is missing",
    Topic.QUEUE_EMPTY: "a queue is empty",
    Topic.DAILY_SUMMARY: "the day",
    Topic.TEST: "a test",
}
_NEXT: Mapping[Topic, str] = {
    Topic.HALTED: "Look at the site; when that is done: leadwright resume {seat}",
    Topic.STOPPED: "What is wrong: leadwright doctor {seat}, and its last lines. Then start it",
    Topic.BROKEN_HOOK: "What it stops: leadwright status {seat}",
    Topic.ANSWER: "To work it: leadwright inbox {seat}, or the desk",
    Topic.CREDITS_EXPIRING: "Lots and pace: leadwright credits {seat}",
    Topic.REFUND_MISSING: "The audit: leadwright credits {seat}",
    Topic.QUEUE_EMPTY: "To go on: leadwright leads import",
}


@dataclass(frozen=True, slots=True)
class Words:
    """A call for people, as plain text."""

    title: str
    body: str


def in_words(event: Event, seat: str, base_url: str) -> Words:
    """What people read. What others wrote is on one line, and means nothing to any service."""
    lines = [_quoted(event.reason)] if event.reason else []
    if event.person is not None:
        lines.append(f"Lead: {_quoted(event.person.name) or event.person.id}")
        lines.append(address_of(event.person.id, base_url))
    if event.campaign is not None:
        lines.append(f"Campaign: {_quoted(event.campaign)}")
    if event.said is not None:
        check = ", to check" if event.said.check else ""
        lines.append(f"Answer: {event.said.answer} ({event.said.rule}){check}")
        if event.said.words:
            lines.append(f"They wrote: {_quoted(_short(event.said.words))}")
    if event.step is not None:
        lines.append(_step(event.step, event.kind))
    lines += [f"{name.replace('_', ' ')}: {number}" for name, number in event.figures]
    if event.topic in _NEXT:
        lines.append(_NEXT[event.topic].format(seat=seat))
    return Words(f"{seat}: {_TITLES[event.topic]}", "\n".join(lines))


def document_of(call: Call, seat: str, base_url: str) -> bytes:
    """What programs get: the same bytes at every try. All keys are always there."""
    event, person, said = call.event, call.event.person, call.event.said
    lead = person and {
        "id": person.id,
        "name": person.name,
        "url": address_of(person.id, base_url),
    }
    answer = said and {
        "class": said.answer,
        "rule": said.rule,
        "responder": said.responder,
        "check": said.check,
        "text": said.words or None,
    }
    sent = {"step": event.step, "kind": event.kind} if event.step is not None else None
    told = {
        "version": VERSION,
        "id": call.id,
        "event": event.topic,
        "seat": seat,
        "at": _moment(event.at),
        "reason": event.reason or None,
        "campaign": event.campaign,
        "lead": lead,
        "answer": answer,
        "sent": sent,
        "figures": dict(event.figures),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def address_of(lead_id: str, base_url: str) -> str:
    """Where a lead's page is."""
    return f"{base_url}/sales/lead/{quote(lead_id)}"


def _quoted(text: str) -> str:
    return plain(text).translate(_LOOKALIKES).strip()


def _short(words: str) -> str:
    return words if len(words) <= MOST_WORDS else f"{words[:MOST_WORDS]}…"


def _step(step: int, kind: str | None) -> str:
    if step == 0:
        return f"InMail ({kind})" if kind else "InMail"
    return "Acceptance message" if step == 1 else f"Message {step}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
