"""What stands between the agent and the site (L5), and what a page looks like at all."""

from __future__ import annotations

import re

from bot.errors import NotLoaded, PageError, WrongPage
from bot.facts import HaltFacts, HaltKind, Snapshot
from bot.pages.addresses import path_of
from bot.pages.document import Document, outermost
from bot.pages.texts import Say, Texts

_BY_STATUS = {
    999: HaltKind.RATE_LIMITED,
    429: HaltKind.RATE_LIMITED,
    401: HaltKind.LOGIN,
    403: HaltKind.LOGIN,
    404: HaltKind.MISSING,
    410: HaltKind.MISSING,
}
_BY_PATH = (
    (re.compile(r"^/checkpoint(/|$)"), HaltKind.CHALLENGE),
    (re.compile(r"^/(login|uas/login|sales/login|authwall)(/|$)"), HaltKind.LOGIN),
    (re.compile(r"^/(sales/contract-chooser|premium/products)(/|$)"), HaltKind.NO_SEAT),
)
_PLAIN_HOME = re.compile(r"^/(feed)?$")
_BY_HOOK = (
    ("login", HaltKind.LOGIN),
    ("challenge", HaltKind.CHALLENGE),
    ("seat_chooser", HaltKind.NO_SEAT),
)
_BY_WORDS = (
    (Say.HALT_RESTRICTED, HaltKind.RESTRICTED),
    (Say.HALT_CHALLENGE, HaltKind.CHALLENGE),
    (Say.HALT_RATE_LIMITED, HaltKind.RATE_LIMITED),
    (Say.HALT_UNUSUAL, HaltKind.RESTRICTED),
    (Say.HALT_MISSING, HaltKind.MISSING),
)


def halt_by_address(snapshot: Snapshot) -> HaltFacts | None:
    """What address and status alone say; None: the page has to be looked at."""
    if _BY_STATUS.get(snapshot.status or 0) is HaltKind.RATE_LIMITED:
        return HaltFacts(HaltKind.RATE_LIMITED, f"HTTP {snapshot.status}")
    path = path_of(snapshot.url) or ""
    for pattern, kind in _BY_PATH:
        if pattern.match(path):
            return HaltFacts(kind, f"the address is {path}")
    by_status = _BY_STATUS.get(snapshot.status or 0)
    return HaltFacts(by_status, f"HTTP {snapshot.status}") if by_status is not None else None


def read_halt(page: Document, texts: Texts) -> HaltFacts:
    """Whether the site wants a person; a page that says nothing is no halt.

    Raises LayoutChanged for a page that is too large to be looked through.
    Words count only where the site speaks: over the app's own page in alerts alone, as a headline
    or a message may hold any words (A14). Nobody but the site can write a hook.
    """
    said = halt_by_address(page.snapshot)
    if said is not None:
        return said
    for key, kind in _BY_HOOK:
        if page.has("app", key):
            return HaltFacts(kind, f"the page has a hook of {key}")
    if page.has("app", "mounted"):
        return _over_the_page(page, texts)
    for say, kind in _BY_WORDS:
        lines = page.lines(page.root, texts, say, whole=False)
        if lines:
            return HaltFacts(kind, lines[0].text)
    if _PLAIN_HOME.match(path_of(page.snapshot.url) or ""):
        return HaltFacts(HaltKind.NO_SEAT, "the site led to its plain home page")
    return HaltFacts(HaltKind.NONE)


def _over_the_page(page: Document, texts: Texts) -> HaltFacts:
    """What an alert says that came over the app's own page; nothing else there is the site's."""
    for alert in outermost(page.all("app", "alert")):
        for say, kind in _BY_WORDS:
            lines = page.lines(alert, texts, say, whole=False)
            if lines and kind is not HaltKind.MISSING:
                return HaltFacts(kind, lines[0].text)
    return HaltFacts(HaltKind.NONE)


_LOOKS = (
    ("composer", "panel", "a lead page with an open panel"),
    ("lead", "card", "a lead page"),
    ("thread", "container", "the inbox with an open thread"),
    ("inbox", "item", "the inbox"),
    ("results", "ready", "search results or a lead list"),
)


def looks_like(page: Document, texts: Texts) -> str:
    """What a page looks like, in words for the person who gave it."""
    for name, key, words in _LOOKS:
        if page.has(name, key):
            return words
    halt = read_halt(page, texts)
    if halt.halt is not HaltKind.NONE:
        return f"the site's {halt.halt} page ({halt.text})"
    if page.has("app", "header"):
        return "a page of Sales Navigator without it"
    return "no page of Sales Navigator"


def not_there(page: Document, texts: Texts, name: str, key: str, wanted: str) -> PageError:
    """The error for a page whose hook is not there: not loaded yet, changed, or another page."""
    if page.has("app", "loading") or not page.text.strip():
        return NotLoaded(name, key, f"expected {wanted}; the page is still a shell")
    found = looks_like(page, texts)
    if found == "a page of Sales Navigator without it" and _is_address_of(name, page.snapshot):
        return NotLoaded(name, key, f"expected {wanted}; only the site's header has come")
    return WrongPage(name, key, f"expected {wanted}; this looks like {found}")


_ADDRESSES = {
    "lead": re.compile(r"^/sales/(lead|people)/"),
    "composer": re.compile(r"^/sales/(lead|people)/"),
    "results": re.compile(r"^/sales/(search|lists)/people"),
    "inbox": re.compile(r"^/sales/inbox"),
    "thread": re.compile(r"^/sales/inbox"),
}


def _is_address_of(name: str, snapshot: Snapshot) -> bool:
    path = path_of(snapshot.url) or ""
    return name in _ADDRESSES and _ADDRESSES[name].match(path) is not None
