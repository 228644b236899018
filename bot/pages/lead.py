"""Reads a lead's page (site.md, 3; K1)."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from bot.errors import WrongPage
from bot.facts import Kind, LeadFacts
from bot.pages import heard
from bot.pages.addresses import LeadAddress, lead_in, leads_of
from bot.pages.document import LONGEST_LINE, Document, Within, is_enabled, outermost, text_of
from bot.pages.halt import not_there
from bot.pages.texts import Say, Texts, fold

_BRACKETS = re.compile(r"\([^)]*\)")
_DEGREE = re.compile(r"(?<!\d)([123])(?!\d)")


def read_lead(page: Document, texts: Texts) -> LeadFacts:
    """Raises WrongPage, NotLoaded or LayoutChanged; never returns half a lead."""
    cards = outermost(page.all("lead", "card"))
    if not cards:
        raise not_there(page, texts, "lead", "card", "a lead page")
    address = _address(page, cards)
    name = page.one("lead", "name")
    told = heard.profile(page.snapshot, address.id) if address is not None else None
    degree = degree_in([node for card in cards for node in page.all("lead", "degree", card)])
    if degree is None and told is not None:
        degree = told.degree
    buttons = page.all("lead", "message_button")
    can_message = any(map(is_enabled, buttons)) or page.has("lead", "overflow_message_item")
    kind, why = _kind(page, texts, cards, name, degree, told, can_message=can_message)
    title, company = _role(page)
    places = {page.said("lead", "location", card) for card in cards} - {None}
    return LeadFacts(
        id=address.id if address is not None else None,
        name=name,
        title=title,
        company=company,
        location=places.pop() if len(places) == 1 else None,
        degree=degree,
        kind=kind,
        can_message=can_message,
        token=address.token if address is not None else None,
        why=why,
        has_menu=page.has("lead", "overflow_button"),
    )


def shown_degree(page: Document, lead_id: str | None) -> tuple[int | None, bool]:
    """The degree on the page's one top card, and whether the card is surely about this lead.

    A card that is surely about another lead says nothing; one that tells no id may be anybody's.
    """
    cards = outermost(page.all("lead", "card"))
    if len(cards) != 1:
        return None, False
    about = lead_in(page.snapshot.url)
    ids = {about.id} if about is not None else leads_of(page.all("lead", "own_links", cards[0]))
    if lead_id is not None and len(ids) == 1 and lead_id not in ids:
        return None, False
    return degree_in(page.all("lead", "degree", cards[0])), lead_id is not None and ids == {lead_id}


def _address(page: Document, cards: list[LexborNode]) -> LeadAddress | None:
    """Who the page is about: from its address, else from the links of its top card, else None."""
    address = lead_in(page.snapshot.url)
    if address is not None:
        return address
    if page.snapshot.url is not None:
        raise WrongPage("lead", "url", f"expected a lead's address, not {page.snapshot.url}")
    links = [link for card in cards for link in page.all("lead", "own_links", card)]
    ids = leads_of(links)
    if len(ids) != 1:
        return None
    return lead_in(links[0].attributes.get("href")) or LeadAddress(ids.pop(), None)


def _role(page: Document) -> tuple[str | None, str | None]:
    """Title and company of the current role; None where two are current."""
    roles = outermost(page.all("lead", "role"))
    if len(roles) != 1:
        return None, None
    return page.said("lead", "title", roles[0]), page.said("lead", "company", roles[0])


def degree_in(nodes: list[LexborNode]) -> int | None:
    """The degree that is shown: "(She/Her) · 2nd", "· 2.", "2nd degree connection"."""
    texts = (_BRACKETS.sub(" ", text_of(node, most=LONGEST_LINE)) for node in outermost(nodes))
    said = {int(found) for text in texts for found in _DEGREE.findall(text)}
    return said.pop() if len(said) == 1 else None


def _kind(
    page: Document,
    texts: Texts,
    cards: list[LexborNode],
    name: str,
    degree: int | None,
    told: heard.HeardProfile | None,
    *,
    can_message: bool,
) -> tuple[Kind, tuple[str, ...]]:
    """What the page proves about writing to this lead; mostly nothing: the composer decides."""
    off = _switched_off(page, texts, cards)
    restricted = told.restriction if told is not None else None
    if restricted not in (None, "NO_RESTRICTION"):
        off = off or f"the page's own data says {restricted}"
    if off is not None and can_message:
        return Kind.UNKNOWN, (off, "a Message button stands there all the same")
    if off is not None:
        return Kind.UNREACHABLE, (off,)
    pending = _pending(page, texts, name)
    if pending is not None:
        return Kind.PENDING, (pending,)
    if degree == 1:
        return Kind.FIRST_DEGREE, ("the page says first degree",)
    if told is not None and told.open_link is True and can_message:
        return Kind.FREE, ("the page's own data says Open Profile",)
    if not can_message:
        return Kind.UNKNOWN, ("there is no Message button to be seen",)
    return Kind.UNKNOWN, ("a lead page does not tell free from credit: the composer decides",)


def _switched_off(page: Document, texts: Texts, cards: list[LexborNode]) -> str | None:
    """The site's word, or its sign, that the lead takes no messages."""
    buttons = page.all("lead", "message_button")
    if buttons and not any(map(is_enabled, buttons)):
        return "the Message button is disabled"
    card = Within(cards)
    lines = [
        line
        for line in page.lines(page.root, texts, Say.SWITCHED_OFF)
        if _is_in_button(line.node) or card.holds(line.node)
    ]
    return f"the page says: {lines[0].text}" if lines else None


def _is_in_button(node: LexborNode) -> bool:
    """Whether a word stands on a button: the action bar may stand outside of the top card."""
    return node.tag == "button" or (node.parent is not None and node.parent.tag == "button")


def _pending(page: Document, texts: Texts, name: str) -> str | None:
    """The relationship's line that an InMail was sent; a lead may not quote it (A14)."""
    for line in page.lines(page.root, texts, Say.RELATIONSHIP):
        if same_person(line.match["name"], name):
            return f"the page says: {line.text}"
    return None


def same_person(said: str, name: str) -> bool:
    """Whether a line's name, or first name, is this person's."""
    said, name = fold(said).casefold(), fold(name).casefold()
    return bool(said) and (said == name or said == name.split(maxsplit=1)[0])
