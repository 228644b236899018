"""Every witness of an answer beside every other: agreeing they are recorded, else it is A9."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any

import pytest

from bot.cli.read import tell
from bot.facts import Heard, Snapshot
from bot.pages.reader import Reader
from tests.fixtures.cases import case

AT = "2026-11-13T08:15:00.000Z"
AT_MS = 1794557700000
THREAD = "2-MzAzOTVmODAtNTJlNi00MmZlMzVkMzI5YTdlZmEwNzQzZGU4N18wMQ=="
NAME = '<span data-anonymize="person-name">Quilla Marrowby</span>'
VERB = {"accepted": "accepted", "rejected": "declined"}
DEFAULT = {
    "accepted": "Thanks for reaching out. I'd like to learn more.",
    "rejected": "Thanks for reaching out, but I'm not interested.",
}


@dataclass(frozen=True)
class Awaiting:
    """The page of an unanswered InMail while witnesses are put into it."""

    html: str
    url: str
    heard: tuple[Heard, ...] = ()

    def before(self, mark: str, piece: str) -> Awaiting:
        """With *piece* before the one place that *mark* names."""
        assert self.html.count(mark) == 1, mark
        return replace(self, html=self.html.replace(mark, piece + mark))


Put = Callable[[Awaiting, str], Awaiting]
END_OF_LIST = "</ul>\n    </section>\n    <p class="


def system_line(page: Awaiting, says: str) -> Awaiting:
    """A line of the site's under the messages."""
    line = f"<p>Quilla Marrowby {VERB[says]} your InMail</p>"
    return page.before('<p class="_awaiting', line)


def event(page: Awaiting, says: str) -> Awaiting:
    """An entry among the messages without a text."""
    said = f'<li><p>{NAME} {VERB[says]} your InMail <time datetime="{AT}">Nov 13</time></p></li>'
    return page.before(END_OF_LIST, said)


def event_without_time(page: Awaiting, says: str) -> Awaiting:
    """The same, and it does not say when."""
    return page.before(END_OF_LIST, f"<li><p>{NAME} {VERB[says]} your InMail</p></li>")


def label(page: Awaiting, says: str) -> Awaiting:
    """A label in the thread's head."""
    mark = '<section class="message-container-align'
    return page.before(mark, f"<span>InMail {VERB[says]}</span>")


def preview(page: Awaiting, says: str) -> Awaiting:
    """The preview of the open item."""
    html, count = re.subn(
        r">You: Hello Quilla,[^<]*<", f">{VERB[says].capitalize()} your InMail<", page.html
    )
    assert count == 1
    return replace(page, html=html)


def view(page: Awaiting, says: str) -> Awaiting:
    """The list is filtered, as the address says."""
    return replace(page, url=f"{page.url}?filter={VERB[says].upper()}")


def view_button(page: Awaiting, says: str) -> Awaiting:
    """The list is filtered, as its button says."""
    assert page.html.count(">All</button>") == 1
    return replace(page, html=page.html.replace(">All</button>", f">InMail {VERB[says]}</button>"))


def heard(page: Awaiting, says: str) -> Awaiting:
    """The page's own data."""
    kind = {"accepted": "INMAIL_ACCEPT", "rejected": "INMAIL_DECLINE"}[says]
    message = {"id": "m1", "type": kind, "deliveredAt": AT_MS, "body": ""}
    body = json.dumps({"id": THREAD, "messages": [message]})
    url = f"https://www.linkedin.com/sales-api/salesApiMessagingThreads/{THREAD}?decoration=x"
    return replace(page, heard=(Heard(url, 200, body),))


def text(page: Awaiting, says: str) -> Awaiting:
    """One of the site's default texts."""
    said = (
        f'<li><article aria-label="Message from Quilla Marrowby"><address>{NAME}</address>'
        f'<time datetime="{AT}">Nov 13</time><div data-x-message-content="message">'
        f'<p data-anonymize="general-blurb">Hi Alice,<br>{DEFAULT[says]}</p></div></article></li>'
    )
    return page.before(END_OF_LIST, said)


WITNESSES: dict[str, Put] = {
    "system-line": system_line,
    "event": event,
    "event, without its time": event_without_time,
    "label": label,
    "preview": preview,
    "filter": view,
    "filter, by its button": view_button,
    "heard": heard,
    "text": text,
}
SAYS = ("accepted", "rejected")
PAIRS = [
    (one, other, says, also)
    for one, other in combinations(WITNESSES, 2)
    for says, also in product(SAYS, SAYS)
]


def read(*put: tuple[str, str]) -> dict[str, Any]:
    """What the page says with these witnesses in it."""
    found = case("thread/awaiting")
    page = Awaiting(found.html, found.snapshot().url or "")
    # A default text stands before an event that came with it, a line under all of them.
    order = ["text", "event", "event, without its time", *WITNESSES]
    for name, says in sorted(put, key=lambda each: order.index(each[0])):
        page = WITNESSES[name](page, says)
    snapshot = Snapshot(page.html, page.url, 200, None, page.heard)
    told: dict[str, Any] = json.loads(tell("thread", Reader.shipped(), snapshot, "Alice"))
    return told


def names(told: dict[str, Any], name: str) -> bool:
    """Whether the reasons name a witness."""
    word = "their message is the default" if name == "text" else f"({name.partition(',')[0]})"
    return any(word in why for why in told["why"])


@pytest.mark.parametrize("name", WITNESSES)
@pytest.mark.parametrize("says", SAYS)
def test_one_witness_is_enough(name: str, says: str) -> None:
    """Whatever the witness is, the answer is read from it alone."""
    told = read((name, says))
    assert (told["answer"], told["rule"]) == (says, {"accepted": "A1", "rejected": "A3"}[says])
    assert names(told, name)


@pytest.mark.parametrize(("one", "other", "says", "also"), PAIRS)
def test_two_witnesses(one: str, other: str, says: str, also: str) -> None:
    """Agreeing witnesses are both recorded; contradicting ones are A9, never a guess."""
    told = read((one, says), (other, also))
    assert names(told, one) or says != also
    assert names(told, other) or says != also
    if says == also:
        assert (told["answer"], told["rule"]) == (says, {"accepted": "A1", "rejected": "A3"}[says])
    else:
        assert (told["answer"], told["rule"], told["sequence"]) == ("unreadable", "A9", "held")
