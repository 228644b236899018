"""Reads the panel in which an InMail is written, and what it becomes (site.md, 4; K2, K6, T2)."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from bot.errors import LayoutChanged, NotLoaded, WrongPage
from bot.facts import ComposerFacts, ComposerKind, SentFacts, Toast
from bot.pages import heard
from bot.pages.addresses import lead_in, leads_of, threads_of
from bot.pages.document import (
    Document,
    Within,
    few,
    is_enabled,
    outermost,
    outside,
    text_of,
    value_of,
)
from bot.pages.halt import not_there
from bot.pages.lead import degree_in, shown_degree
from bot.pages.messages import read_messages
from bot.pages.results import degrees_of
from bot.pages.texts import Say, Texts

# A field for one line, whatever it is called in a language that is not known.
_FIELD = 'input:not([type]), input[type="text" i]'
_TEXTBOX = 'textarea, input[type="text"], [role="textbox"], [contenteditable="true"]'


def read_composer(page: Document, texts: Texts) -> ComposerFacts:
    """What the open panel says a send would be.

    Raises WrongPage or NotLoaded without a panel, LayoutChanged where there are two.
    """
    panel = _panel(page)
    if panel is None:
        raise not_there(page, texts, "composer", "panel", "an open composer")
    form = _form(page, panel)
    if form is None and page.has("thread", "content", panel):
        raise WrongPage("composer", "panel", "expected a composer; this looks like a thread")
    if form is None and not text_of(panel):
        raise NotLoaded("composer", "form", "the panel is still empty")
    lead_id, name = _addressee(page, texts, panel, form)
    kind, credits, why = _kind(page, texts, panel, form, lead_id)
    subject, body = _field(page, "subject", form), _field(page, "body", form)
    return ComposerFacts(
        lead_id=lead_id,
        name=name,
        kind=kind,
        credits=credits,
        subject=subject,
        body=body,
        can_send=form is not None and can_send(page, texts, "composer", form),
        why=why,
    )


def read_sent(page: Document, texts: Texts) -> SentFacts:
    """The panel after the click, whatever it became; a page without a panel says nothing."""
    panel = _panel(page)
    form = _form(page, panel) if panel is not None else None
    messages = read_messages(page, texts, panel, None) if panel is not None else ()
    mine = tuple(each.message.text or "" for each in messages if each.message.mine)
    thread = heard.created_thread(page.snapshot)
    if thread is None and panel is not None:
        linked = threads_of(panel.css('a[href*="/sales/inbox/"]'))
        thread = linked.pop() if len(linked) == 1 else None
    return SentFacts(
        became_thread=form is None and bool(mine),
        still_form=form is not None,
        mine=mine,
        toast=_toast(page, texts),
        thread_id=thread,
        credits=heard.credits(page.snapshot),
    )


def can_send(page: Document, texts: Texts, name: str, form: LexborNode) -> bool:
    """The one visible button that says Send is enabled; two, or other words, are no Send."""
    buttons = page.all(name, "send_button", form)
    return len(buttons) == 1 and is_enabled(buttons[0]) and says_send(buttons[0], texts)


def says_send(button: LexborNode, texts: Texts) -> bool:
    """Whether a button says Send, in any language that is known."""
    said = text_of(button) or button.attributes.get("aria-label") or ""
    return texts.match(Say.SEND, said) is not None


def _panel(page: Document) -> LexborNode | None:
    """The one open panel. Raises LayoutChanged if there are two: never one of the two."""
    panels = outermost(page.all("composer", "panel"))
    if len(panels) > 1:
        raise LayoutChanged("composer", "panel", f"{len(panels)} panels are open")
    return panels[0] if panels else None


def _form(page: Document, panel: LexborNode) -> LexborNode | None:
    forms = page.all("composer", "form", panel)
    if len(forms) > 1:
        raise LayoutChanged("composer", "form", f"{len(forms)} forms in one panel")
    return forms[0] if forms else None


def _field(page: Document, key: str, form: LexborNode | None) -> str | None:
    """What stands in a field; None where there is no such field."""
    fields = page.all("composer", key, form) if form is not None else []
    return value_of(fields[0]) if len(fields) == 1 else None


def _addressee(
    page: Document, texts: Texts, panel: LexborNode, form: LexborNode | None
) -> tuple[str | None, str | None]:
    """Whom the panel is addressed to (K6): the link of its head, never the right column's."""
    elsewhere = [*page.all("composer", "recipient_column", panel), *page.written_by_people]
    elsewhere += [form] if form is not None else []
    heads = outermost(outside(page.all("composer", "heading", panel), elsewhere))
    links = [link for head in heads for link in page.all("composer", "addressee", head)]
    if not links:
        links = outside(page.all("composer", "addressee", panel), elsewhere)
    ids = leads_of(few("composer", "addressee", links))
    names = {text_of(node) for head in heads for node in page.few("composer", "name", head)}
    names = names or {text_of(link) for link in links if lead_in(link.attributes.get("href"))}
    if not names - {""}:
        said = [text_of(head) for head in heads] + [panel.attributes.get("aria-label") or ""]
        found = (texts.match(Say.ADDRESSED_TO, each) for each in said)
        names = {match["name"] for match in found if match is not None}
    names -= {""}
    return ids.pop() if len(ids) == 1 else None, names.pop() if len(names) == 1 else None


def _kind(
    page: Document, texts: Texts, panel: LexborNode, form: LexborNode | None, lead_id: str | None
) -> tuple[ComposerKind, int | None, tuple[str, ...]]:
    """The credit line decides (K2); silence and contradiction are unknown, never a guess (K3)."""
    none_left = _none_left(page, texts, panel)
    if form is None:
        if none_left is not None and not panel.css(_TEXTBOX):
            return ComposerKind.NONE_LEFT, None, (f"the panel says: {none_left}",)
        return ComposerKind.UNKNOWN, None, ("the panel has no form, and no known words say why",)
    costs = page.lines(form, texts, Say.CREDIT_LINE)
    frees = page.lines(form, texts, Say.FREE_LINE)
    said = tuple(f"the form says: {line.text}" for line in (*costs, *frees))
    if none_left is not None:
        said = (*said, f"the panel says: {none_left}, and has a form")
    numbers = {int(line.match["n"]) for line in costs}
    if none_left is not None or (costs and frees) or len(numbers) > 1:
        return ComposerKind.UNKNOWN, None, (*said, "these contradict each other")
    if costs:
        return ComposerKind.CREDIT, numbers.pop(), said
    if frees and page.lines(form, texts, Say.CREDIT_LINE, by_anyone=True):
        return (
            ComposerKind.UNKNOWN,
            None,
            (*said, "and a price stands in the form, in a person's words"),
        )
    if frees:
        return ComposerKind.FREE, None, said
    return _without_line(page, panel, form, lead_id)


def _none_left(page: Document, texts: Texts, panel: LexborNode) -> str | None:
    """The site's word that no credits are left, where the panel itself speaks."""
    column = Within(page.all("composer", "recipient_column", panel))
    lines = page.lines(panel, texts, Say.NONE_LEFT)
    said = [line.text for line in lines if not column.holds(line.node)]
    return said[0] if said else None


def _without_line(
    page: Document, panel: LexborNode, form: LexborNode, lead_id: str | None
) -> tuple[ComposerKind, int | None, tuple[str, ...]]:
    """No credit line: a first-degree message has no subject either (site.md, 4).

    A page that shows another degree of theirs contradicts that, be it on a card that does not tell
    whose it is; a panel with messages is an open thread, of which only the degree tells what it is.
    """
    unknown = ComposerKind.UNKNOWN
    bodies = page.all("composer", "body", form)
    fields = outside(form.css(_FIELD), bodies)
    if fields or not bodies or any(map(text_of, page.all("composer", "line", form))):
        return unknown, None, ("the form has no credit line, or in words that are not known",)
    proved, shown = _degrees(page, panel, lead_id)
    if shown <= {1} and (proved or not page.has("thread", "content", panel)):
        return ComposerKind.FIRST_DEGREE, None, ("the form has no subject and no credit line",)
    degrees = " and ".join(f"degree {degree}" for degree in sorted(shown)) or "no degree"
    return unknown, None, (f"no subject and no credit line, but the page shows {degrees}",)


def _degrees(page: Document, panel: LexborNode, lead_id: str | None) -> tuple[bool, set[int]]:
    """Whether a degree is surely the addressee's, and all that may be theirs."""
    in_panel = degree_in(page.all("lead", "degree", panel))
    on_card, is_theirs = shown_degree(page, lead_id)
    listed = degrees_of(page, lead_id) if lead_id is not None else set[int]()
    proved = in_panel is not None or (on_card is not None and is_theirs) or bool(listed)
    return proved, {*listed, *(each for each in (in_panel, on_card) if each is not None)}


def _toast(page: Document, texts: Texts) -> Toast | None:
    """What the toasts say; an alert in other words (a CRM's) says nothing."""
    said = set()
    for node in outermost(page.all("app", "toast")):
        if page.lines(node, texts, Say.SENT):
            said.add(Toast.SENT)
        if page.lines(node, texts, Say.FAILED, whole=False):
            said.add(Toast.FAILED)
    return said.pop() if len(said) == 1 else None
