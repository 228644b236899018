"""The page's own JSON as a second witness: never asked for, only listened to (site.md, 3 to 6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import orjson

from bot.facts import Label, Snapshot

_LABELS = {
    "INMAIL_ACCEPT": Label.ACCEPTED,
    "INMAIL_DECLINE": Label.REJECTED,
    "INMAIL_REPLY": Label.REPLIED,
}


@dataclass(frozen=True, slots=True)
class HeardProfile:
    """What the page knows of its lead. May be stale: the composer decides (K2)."""

    open_link: bool | None
    restriction: str | None
    degree: int | None


@dataclass(frozen=True, slots=True)
class HeardLabel:
    """A message that the site itself calls an acceptance, a rejection or a reply."""

    label: Label
    at: datetime | None


def profile(snapshot: Snapshot, lead_id: str) -> HeardProfile | None:
    """What was heard last of this lead; of no other."""
    told = None
    for url, body in _told(snapshot, "salesApiProfiles"):
        single = f"profileId:{lead_id}," in unquote(url)
        for each in _records(body):
            urn = each.get("entityUrn")
            if f"({lead_id}," in urn if isinstance(urn, str) else single:
                told = each
    if told is None:
        return None
    badges, restriction, degree = (
        told.get("memberBadges"),
        told.get("inmailRestriction"),
        told.get("degree"),
    )
    open_link = badges.get("openLink") if isinstance(badges, dict) else None
    return HeardProfile(
        open_link=open_link if isinstance(open_link, bool) else None,
        restriction=restriction if isinstance(restriction, str) else None,
        degree=degree if isinstance(degree, int) and 1 <= degree <= 3 else None,
    )


def credits(snapshot: Snapshot) -> int | None:
    """The InMail credits that the page was told last."""
    balance = None
    for _, body in _told(snapshot, "salesApiCredits"):
        for each in _records(body):
            value = each.get("value")
            if each.get("type") == "LSS_INMAIL" and type(value) is int and value >= 0:
                balance = value
    return balance


def created_thread(snapshot: Snapshot) -> str | None:
    """The thread that the site named when it took a message."""
    thread = None
    for _, body in _told(snapshot, "salesApiMessageActions"):
        value = body.get("value") if isinstance(body, dict) else None
        named = value.get("threadId") if isinstance(value, dict) else None
        thread = unquote(named) if isinstance(named, str) and named else thread
    return thread


def is_inbox_empty(snapshot: Snapshot) -> bool:
    """Whether the page was told last that the inbox holds no thread."""
    empty = False
    for _, body in _told(snapshot, "salesApiMessagingThreads"):
        if isinstance(body, dict) and isinstance(body.get("elements"), list):
            empty = not body["elements"]
    return empty


def labels(snapshot: Snapshot, thread_id: str) -> tuple[HeardLabel, ...]:
    """The acceptances, rejections and replies in what was heard last of this thread."""
    told: list[Any] = []
    for _, body in _told(snapshot, "salesApiMessagingThreads"):
        for each in _records(body):
            named, messages = each.get("id"), each.get("messages")
            ours = isinstance(named, str) and unquote(named) == thread_id
            if ours and isinstance(messages, list):
                told = messages
    found = (each for each in told if isinstance(each, dict))
    return tuple(
        HeardLabel(_LABELS[each["type"]], _moment(each.get("deliveredAt")))
        for each in found
        if isinstance(each.get("type"), str) and each["type"] in _LABELS
    )


def _told(snapshot: Snapshot, name: str) -> Iterator[tuple[str, Any]]:
    """The answers of one of the page's own sources, oldest first, as far as they are JSON."""
    for heard in snapshot.heard:
        if f"/{name}" in heard.url and 200 <= heard.status < 300:
            try:
                yield heard.url, orjson.loads(heard.body)
            except ValueError:
                continue  # an error page: a witness less, no more


def _records(body: Any) -> Iterator[dict[str, Any]]:
    """The records of an answer: itself, or its elements."""
    if not isinstance(body, dict):
        return
    elements = body.get("elements")
    for each in elements if isinstance(elements, list) else [body]:
        if isinstance(each, dict):
            yield each


def _moment(milliseconds: object) -> datetime | None:
    if type(milliseconds) is not int or not 0 < milliseconds < 10**14:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
