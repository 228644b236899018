"""Where a page says free, or accepted: written from what is known of the site, not from selectors.

It is a bound from above: a page may say so here and be refused all the same (two panels, somebody
else's line), but what is read as free or accepted must be found here.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import unquote

from fuzz.pages import Page
from selectolax.lexbor import LexborHTMLParser, LexborNode

FREE = ("free to open profile", "kostenlos für open profile")
CREDIT = re.compile(
    r"use 1 of [0-9]{1,4} (?:inmail )?credits?|1 von [0-9]{1,4} inmail-guthaben verwenden"
    r"|usar 1 de [0-9]{1,4} créditos?(?: disponibles?)?"
)
ACCEPTED = re.compile(
    r"(?:.+ )?(?:has )?accepted your (?:inmail|message)"
    r"|.+ is interested in starting a conversation.*"
    r"|(?:.+ )?hat ihre inmail angenommen|(?:.+ )?ha aceptado tu inmail"
    r"|inmail accepted|inmail angenommen|inmail aceptado"
)
PREVIEW = {"accepted your inmail", "hat ihre inmail angenommen", "ha aceptado tu inmail"}
VIEW = {"inmail accepted", "inmail angenommen", "inmail aceptado"}
DEFAULT = ("thanks for reaching out", "i'd like to learn more")
LEAD_ID = re.compile(r"/sales/(?:lead|people)/(AC[\w-]+)")
THREAD_ID = re.compile(r"/sales/inbox/([^/?#\s\"]+)")
QUOTES = str.maketrans("‘’‛`´“”", "''''''" + '"')
HINT_OF_COST = re.compile("profile|use|verwenden|usar|disponible", re.IGNORECASE)
HINT_OF_ANSWER = re.compile(
    "accept|interest|conversation|inmail|angenommen|aceptado", re.IGNORECASE
)
LEVELS = 8
LINE = 1000  # letters; what says more is no line of the site's
GONE = frozenset(
    ("script", "style", "template", "noscript", "title", "textarea", "select", "iframe")
)
QUOTING = frozenset(("a", "address", "figure"))  # in a thread
HIDES = re.compile(r"display\s*:\s*none|visibility\s*:\s*(hidden|collapse)", re.IGNORECASE)


def says_so(page: Page, read: str) -> bool:
    """Whether *page* says what was *read* ("free" or "accepted") where the site would say it."""
    tree = LexborHTMLParser(page.html.replace("\u00ad", "").replace("&shy;", ""))
    if tree.root is None:
        return False
    if read == "accepted":
        return _accepted(page, tree.root)
    return _open_profile(page) if page.kind == "lead" else _free(tree.root)


def _free(root: LexborNode) -> bool:
    """The line stands in a form of a panel, by itself, and no line there names a price."""
    for form in root.css("form"):
        if not any(map(_is_panel, _upwards(form))):
            continue
        lines = [node for node in _around(form, HINT_OF_COST) if _is_shown(node)]
        said = {words for node in lines if not _is_quoted(node) for words in _said(node, LINE)}
        if said.intersection(FREE) and not any(map(CREDIT.fullmatch, said)):
            return True
    return False


def _around(scope: LexborNode, hint: re.Pattern[str]) -> Iterator[LexborNode]:
    """The elements around each text that holds a hint, each once."""
    seen: set[int] = set()
    for text in scope.traverse(include_text=True):
        if text.is_text_node and hint.search(text.text(deep=False)):
            for node, _ in zip(_upwards(text.parent), range(LEVELS), strict=False):
                if node.mem_id not in seen:
                    seen.add(node.mem_id)
                    yield node


def _is_panel(node: LexborNode) -> bool:
    marks = node.attributes
    return (
        marks.get("role") == "dialog"
        or marks.get("id") == "message-overlay"
        or marks.get("data-sn-view-name") == "subpage-message-overlay"
    )


def _open_profile(page: Page) -> bool:
    """The page's own data calls this very lead an Open Profile."""
    lead = LEAD_ID.search(unquote(page.url or unescape(page.html)))
    for heard in page.heard:
        about = lead is not None and lead[1] in unquote(heard.url + heard.body)
        for each in _records(heard.body):
            badges = each.get("memberBadges")
            if about and isinstance(badges, dict) and badges.get("openLink") is True:
                return True
    return False


def _accepted(page: Page, root: LexborNode) -> bool:
    if _heard(page) or _in_view(page):
        return True
    for node in _around(root, HINT_OF_ANSWER):
        if _is_shown(node) and (_is_line_of_thread(node) or _is_preview(node)):
            return True
    messages = root.css('article, [data-x-message-content="message"]')
    return any(_is_theirs(node) and _shares_a_sentence(node) for node in messages)


def _is_line_of_thread(node: LexborNode) -> bool:
    """A line in a thread's container; a link around the container quotes nothing."""
    inside: list[str | None] = []
    for each in _upwards(node):
        if "thread-container" in _classes(each):
            break
        inside.append(each.tag)
    else:
        return False
    quoted = _is_quoted(node) or not QUOTING.isdisjoint(inside)
    return not quoted and any(map(ACCEPTED.fullmatch, _said(node, LINE)))


def _is_theirs(node: LexborNode) -> bool:
    """A message of a thread that can be seen, and that is not ours."""
    return _is_shown(node) and not _is_ours(node)


def _is_ours(node: LexborNode) -> bool:
    """What stands nearest around it: a label that says so, or a list item with its sender."""
    for each in _upwards(node):
        label = each.attributes.get("aria-label") or ""
        if label.startswith("Message from"):
            return label == "Message from you"
        if each.tag == "li" and each.css_first("address") is not None:
            return False
    return False


def _shares_a_sentence(node: LexborNode) -> bool:
    """Their words hold a sentence of the default acceptance; look-alike letters are not it."""
    said = " ".join(unicodedata.normalize("NFKC", " ".join(_said(node))).split())
    return any(sentence in said for sentence in DEFAULT)


def _is_preview(node: LexborNode) -> bool:
    """An item of the list, or the button that tells by what the list is filtered."""
    item = any(each.tag == "li" for each in _upwards(node))
    button = any(each.tag == "button" for each in _upwards(node))
    said = set(_said(node, LINE))
    return (item and bool(said & PREVIEW)) or (button and bool(said & VIEW))


def _in_view(page: Page) -> bool:
    """The address of the inbox filters it by what was accepted."""
    return "filter=" in (page.url or "") and "accepted" in (page.url or "").casefold()


def _heard(page: Page) -> bool:
    """The page's own data calls a message of this thread an acceptance."""
    threads = {unquote(each) for each in THREAD_ID.findall(page.url or "")}
    threads = threads or {unquote(each) for each in THREAD_ID.findall(unescape(page.html))}
    for heard in page.heard:
        for each in _records(heard.body):
            named, told = each.get("id"), each.get("messages")
            ours = isinstance(named, str) and unquote(named) in threads
            if ours and isinstance(told, list) and '"INMAIL_ACCEPT"' in json.dumps(told):
                return True
    return False


def _records(body: str) -> Iterator[dict[str, Any]]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return
    elements = told.get("elements") if isinstance(told, dict) else None
    for each in elements if isinstance(elements, list) else [told]:
        if isinstance(each, dict):
            yield each


def _upwards(node: LexborNode) -> Iterator[LexborNode]:
    here: LexborNode | None = node
    while here is not None:
        yield here
        here = here.parent


def _classes(node: LexborNode) -> list[str]:
    return (node.attributes.get("class") or "").split()


def _is_hidden(node: LexborNode) -> bool:
    marks = node.attributes
    return (
        node.tag in GONE
        or "hidden" in marks
        or "data-leadwright-hidden" in marks
        or (marks.get("aria-hidden") or "").casefold() == "true"
        or HIDES.search(marks.get("style") or "") is not None
    )


def _is_shown(node: LexborNode) -> bool:
    return not any(map(_is_hidden, _upwards(node)))


def _is_quoted(node: LexborNode) -> bool:
    """It stands in what a person wrote or is called, or in what the page tells of others."""
    for each in _upwards(node):
        marks = each.attributes
        if each.tag == "blockquote" or "contenteditable" in marks:
            return True
        if "data-anonymize" in marks or marks.get("role") == "textbox":
            return True
        if marks.get("data-x-message-content") == "message":
            return True
    return False


def _said(node: LexborNode, most: float = math.inf) -> tuple[str, str]:
    """What an element says, its pieces joined and its pieces apart; without dates.

    One that says more than *most* letters is no line, and is taken to say nothing.
    """
    pieces: list[str] = []
    waiting, letters = [node], 0
    while waiting:
        here = waiting.pop()
        if here.is_text_node:
            piece = here.text(deep=False)
            pieces.append(piece)
            letters += len(piece.strip())
            if letters > most:
                return "", ""
        elif here.tag != "time" and not _is_hidden(here):
            waiting.extend(reversed(list(here.iter(include_text=True))))
    return _folded("".join(pieces)), _folded(" ".join(pieces))


def _folded(text: str) -> str:
    """One line without the case, a final stop and typographic quotes; letters stay."""
    plain = unicodedata.normalize("NFC", text).translate(QUOTES)
    return " ".join(plain.split()).rstrip(".!… ").lower()
