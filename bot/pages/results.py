"""Reads one page of a search or of a lead list (site.md, 2)."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from bot.errors import LayoutChanged, NotLoaded
from bot.facts import ResultLead, ResultsFacts
from bot.pages.addresses import LeadAddress, lead_in, lead_in_urn
from bot.pages.document import Document, few, is_enabled, outermost, text_of
from bot.pages.halt import not_there
from bot.pages.lead import degree_in
from bot.pages.texts import Say, Texts

_READ_ALOUD = '[class*="visually-hidden"], [class*="a11y-text"]'


def read_results(page: Document, texts: Texts) -> ResultsFacts:
    """The cards in order, as far as they are filled.

    Raises NotLoaded for a list without cards that does not say that it is empty, and LayoutChanged
    for a card that does not tell its lead, or tells two.
    """
    items = outermost(page.all("results", "item"))
    if not items:
        if not page.has("app", "loading") and page.lines(
            page.root, texts, Say.NO_RESULTS, whole=False
        ):
            return ResultsFacts((), 0, next_page=False)
        if page.has("results", "ready"):
            raise NotLoaded(
                "results", "item", "the list has no card yet, nor says that it is empty"
            )
        raise not_there(page, texts, "results", "ready", "search results or a lead list")
    leads = []
    unfilled = 0
    for item in items:
        address = _address(page, item)
        if address is not None:
            leads.append(_lead(page, item, address))
        elif not (said := text_of(item)) or texts.match(Say.LOADING, said):
            unfilled += 1
        elif page.has("results", "lead", item) or page.has("app", "names", item):
            raise LayoutChanged("results", "name_link", "a card does not tell its lead's id")
    return ResultsFacts(tuple(leads), unfilled, next_page=_next_page(page, texts))


def _address(page: Document, item: LexborNode) -> LeadAddress | None:
    """The lead of a card: what its URN and the link of its name say together."""
    found = _named(page, item)
    if len({address.id for address in found}) > 1:
        raise LayoutChanged("results", "urn", "a card names two leads")
    return next((each for each in found if each.token is not None), found[0] if found else None)


def _named(page: Document, item: LexborNode) -> list[LeadAddress]:
    """Every lead that a card names."""
    marked = page.all("results", "urn", item)
    urns = [lead_in_urn(node.attributes.get("data-scroll-into-view")) for node in marked]
    links = [
        lead_in(node.attributes.get("href")) for node in page.all("results", "name_link", item)
    ]
    return [address for address in (*urns, *links) if address is not None]


def _lead(page: Document, item: LexborNode, address: LeadAddress) -> ResultLead:
    title = "row_title" if item.tag == "tr" else "title"
    return ResultLead(
        id=address.id,
        name=page.said("results", "name", item) or _bare_name(page, item),
        title=page.said("results", title, item),
        company=page.said("results", "company", item),
        location=page.said("results", "location", item),
        degree=degree_in(page.all("results", "degree", item)),
        token=address.token,
    )


def _bare_name(page: Document, item: LexborNode) -> str | None:
    """The name where no hook marks it: what the title says beside the degree."""
    titles = page.few("results", "lockup", item)
    beside = [*page.all("results", "degree", item), *item.css(_READ_ALOUD)]
    names = {text_of(title, beside) for title in titles} - {""}
    return names.pop() if len(names) == 1 else None


def degrees_of(page: Document, lead_id: str) -> set[int]:
    """The degrees that a lead's cards show, where the page lists that lead at all."""
    found = (
        degree_in(page.all("results", "degree", item))
        for item in outermost(page.all("results", "item"))
        if any(each.id == lead_id for each in _named(page, item))
    )
    return {degree for degree in found if degree is not None}


def _next_page(page: Document, texts: Texts) -> bool:
    """Whether the button for the next page can be clicked."""
    buttons = [
        button
        for bar in outermost(page.all("results", "pagination"))
        for button in few("results", "pagination", bar.css("button"))
        if texts.match(Say.NEXT, button.attributes.get("aria-label") or text_of(button))
    ]
    return bool(buttons) and all(map(is_enabled, buttons))
