"""What may stand in `[notify]` and `[seats.NAME.notify]` of config.toml.

What a wrong value is told by never shows one that may be a secret: see is_discreet().
"""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from bot import secrets
from bot.calls import FOR_PEOPLE, FOR_PROGRAMS, TOPICS
from bot.loopback import is_loopback
from bot.policy import NotifyPolicy, Webhook
from bot.tomlfile import Table, Truth, from_json

SHORTEST_SECRET = 16
MOST = 20  # of each sort of destination

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://\S", re.IGNORECASE)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_DISCREET = re.compile(r"(seats\.[^.]+\.)?notify\.(?!about|always|quiet_hours|daily_summary|texts)")

ABOUT = f"a list of these: {', '.join(TOPICS)}"
QUIET = '"HH:MM-HH:MM", e.g. "22:00-07:00", or "" for none'
SUMMARY = '"HH:MM", e.g. "18:00", or "" for none'
URLS = 'a list of apprise URLs, e.g. ["ntfy://my-topic"], or where each is kept, e.g. "env:NAME"'
WEBHOOKS = "a table [[notify.webhooks]] for each, with url, secret and events"


def _topics(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in TOPICS:
            raise ValueError(f"{name!r} is none; {ABOUT}")
    return tuple(dict.fromkeys(names))


def _apprise_url(url: str) -> str:
    wrong = secrets.refusal(url)
    if wrong is not None or not (secrets.is_elsewhere(url) or _SCHEME.match(url)):
        raise ValueError(wrong or URLS)
    return url


def webhook_fault(url: str) -> str | None:
    """What is wrong with a webhook's address; None: nothing."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "an address such as https://hooks.example/leadwright"
    if not url.isprintable() or " " in url:
        return "an address without blanks and control characters"
    if parts.scheme not in ("http", "https") or not host:
        return "an address such as https://hooks.example/leadwright"
    if parts.username is not None or parts.fragment:
        return "an address without a user, a password or a fragment: who calls is signed instead"
    if parts.scheme == "http" and not is_loopback(host):
        return "https://; http:// is allowed to this machine alone, e.g. http://127.0.0.1:8080/"
    return None


def _webhook_url(url: str) -> str:
    wrong = secrets.refusal(url) if secrets.is_elsewhere(url) else webhook_fault(url)
    if wrong is not None:
        raise ValueError(wrong)
    return url


def _secret(text: str) -> str:
    wrong = secrets.refusal(text)
    if wrong is None and not secrets.is_elsewhere(text) and len(text) < SHORTEST_SECRET:
        wrong = f'at least {SHORTEST_SECRET} characters, or where it is kept, e.g. "file:hook.key"'
    if wrong is not None:
        raise ValueError(wrong)
    return text


def moment_of(text: str) -> time | None:
    """The time of "HH:MM"; None for "". Raises ValueError."""
    if not text:
        return None
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(SUMMARY)
    return time(int(match[1]), int(match[2]))


def quiet_of(text: str) -> tuple[time, time] | None:
    """From when to when it is quiet; None for "". It may go over midnight. Raises ValueError."""
    if not text:
        return None
    first, _, last = (part.strip() for part in text.partition("-"))
    if not (_CLOCK.fullmatch(first) and _CLOCK.fullmatch(last)) or first == last:
        raise ValueError(QUIET)
    return time.fromisoformat(first), time.fromisoformat(last)


def _checked_moment(text: str) -> str:
    moment_of(text)
    return text


def _checked_quiet(text: str) -> str:
    quiet_of(text)
    return text


def _each_once(urls: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(urls)) < len(urls):
        raise ValueError("each address once")
    return urls


Topics = Annotated[tuple[str, ...], BeforeValidator(from_json), AfterValidator(_topics)]
Urls = Annotated[
    tuple[Annotated[str, AfterValidator(_apprise_url)], ...],
    BeforeValidator(from_json),
    AfterValidator(_each_once),
    Field(max_length=MOST),
]
Moment = Annotated[str, AfterValidator(_checked_moment)]
Quiet = Annotated[str, AfterValidator(_checked_quiet)]


class WebhookTable(Table):
    url: Annotated[str, AfterValidator(_webhook_url)] = Field(
        description="https:// and a host, or where the address is kept"
    )
    secret: Annotated[str, AfterValidator(_secret)] = Field(
        description='what deliveries are signed with, or where it is kept, e.g. "env:NAME"'
    )
    events: Topics = Field(FOR_PROGRAMS, min_length=1, description=ABOUT)


def _hooks_once(hooks: tuple[WebhookTable, ...]) -> tuple[WebhookTable, ...]:
    _each_once(tuple(hook.url for hook in hooks))
    return hooks


Webhooks = Annotated[
    tuple[WebhookTable, ...],
    BeforeValidator(from_json),
    AfterValidator(_hooks_once),
    Field(max_length=MOST),
]


class NotifyTable(Table):
    urls: Urls = Field((), description=URLS)
    about: Topics = Field(FOR_PEOPLE, description=ABOUT)
    always: Topics = Field((), description=ABOUT)
    quiet_hours: Quiet = Field("22:00-07:00", description=QUIET)
    daily_summary: Moment = Field("18:00", description=SUMMARY)
    texts: Truth = Field(default=False, description="true (recipients' words, too) or false")
    webhooks: Webhooks = Field((), description=WEBHOOKS)


class SeatNotifyTable(Table):
    """A seat's own; what it does not say is as [notify] says."""

    urls: Urls | None = Field(None, description=URLS)
    about: Topics | None = Field(None, description=ABOUT)
    always: Topics | None = Field(None, description=ABOUT)
    quiet_hours: Quiet | None = Field(None, description=QUIET)
    daily_summary: Moment | None = Field(None, description=SUMMARY)
    texts: Truth | None = Field(None, description="true (recipients' words, too) or false")
    webhooks: Webhooks | None = Field(None, description=WEBHOOKS)


def policy_of(common: NotifyTable, own: SeatNotifyTable) -> NotifyPolicy:
    """The seat's own values over those for all seats."""
    said = {name: getattr(own, name) for name in NotifyTable.model_fields}
    table = common.model_copy(update={k: value for k, value in said.items() if value is not None})
    return NotifyPolicy(
        urls=table.urls,
        about=table.about,
        always=table.always,
        quiet=quiet_of(table.quiet_hours),
        summary_at=moment_of(table.daily_summary),
        texts=table.texts,
        webhooks=tuple(Webhook(each.url, each.secret, each.events) for each in table.webhooks),
    )


def is_discreet(key: str) -> bool:
    """Whether what stands at a key of the configuration may be a secret, and is not shown.

    key  dotted, or a variable of the environment; one that is misspelled is as discreet
    """
    in_file = _DISCREET.match(key) is not None and not re.search(r"\.events(\.\d+)?$", key)
    return in_file or "NOTIFY" in key
