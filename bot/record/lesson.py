"""What each selector finds on a page: for an owner who has to correct one (teach)."""

from __future__ import annotations

from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from bot.facts import Snapshot
from bot.pages.bounded import tree_of
from bot.pages.document import Document, parse, text_of, value_of
from bot.pages.reader import Reader
from bot.pages.scan import shown
from bot.pages.selectors import Selector

# The hooks of every page that stand behind the page's own.
EVERYWHERE = "app"
LONGEST_TEXT = 80


@dataclass(frozen=True, slots=True)
class Hook:
    """One selector on one page.

    matches   visible ones, of the spelling that counts
    hidden    matches of any spelling that nobody sees
    spelling  which one matched, counted from 1, the newest first; None if none did
    text      what the first match says
    own       the seat's file that says so, None for what ships
    """

    page: str
    key: str
    matches: int
    hidden: int
    spelling: int | None
    of: int
    css: str
    text: str | None
    own: str | None = None


def lesson(reader: Reader, snapshot: Snapshot, page: str) -> tuple[Hook, ...]:
    """The hooks of *page* and those of every page. Raises WrongPage for what is no page."""
    document = parse(snapshot, reader.selectors)
    whole = tree_of(shown(snapshot.html))
    wanted = [each for each in reader.selectors.entries if not each.clicked_only]
    of_page = [each for each in wanted if each.page == page]
    others = [each for each in wanted if each.page == EVERYWHERE and page != EVERYWHERE]
    return tuple(_hook(document, whole, each) for each in (*of_page, *others))


def _hook(document: Document, whole: LexborHTMLParser, selector: Selector) -> Hook:
    found = document.all(selector.page, selector.key)
    spelling = next(
        (n for n, css in enumerate(selector.css, 1) if found and document.root.css(css)), None
    )
    every = {node.mem_id for css in selector.css for node in whole.css(css)}
    seen = {node.mem_id for css in selector.css for node in document.root.css(css)}
    text = None
    if found:
        first = found[0]
        said = value_of(first) if first.tag in ("input", "textarea") else text_of(first)
        text = said if len(said) <= LONGEST_TEXT else f"{said[:LONGEST_TEXT]}…"
    return Hook(
        page=selector.page,
        key=selector.key,
        matches=len(found),
        hidden=max(0, len(every) - len(seen)),
        spelling=spelling,
        of=len(selector.css),
        css=selector.css[spelling - 1] if spelling is not None else selector.css[0],
        text=text,
        own=selector.own,
    )
