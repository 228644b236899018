"""Reads the inbox's list, and the balance wherever the site shows it (site.md, 5 and 6)."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from bot.errors import LayoutChanged, NotLoaded
from bot.facts import BalanceFacts, HaltKind, InboxFacts, InboxThread
from bot.pages import heard
from bot.pages.addresses import leads_of, threads_of
from bot.pages.document import Document, Within, outermost, text_of, time_of
from bot.pages.halt import not_there, read_halt
from bot.pages.texts import Say, Texts

_TITLE = re.compile(r"(?:Dr|Prof|Mr|Mrs|Ms|Herr|Frau|Sra?)\.?$")


def read_inbox(page: Document, texts: Texts) -> InboxFacts:
    """The list as far as it is filled. Raises NotLoaded for one without items: never empty."""
    items = list_items(page)
    if not items and _is_empty(page, texts):
        return InboxFacts(read_balance(page, texts).credits, ())
    if not items and page.has("inbox", "ready"):
        raise NotLoaded("inbox", "item", "the list has no thread yet")
    if not items:
        raise not_there(page, texts, "inbox", "item", "the inbox")
    return InboxFacts(read_balance(page, texts).credits, tuple(_thread(page, i) for i in items))


def _is_empty(page: Document, texts: Texts) -> bool:
    """Whether the site says, in its words or in its own data, that there is no thread."""
    said = page.lines(page.root, texts, Say.NO_THREADS)
    return bool(said) or heard.is_inbox_empty(page.snapshot)


def list_items(page: Document) -> list[LexborNode]:
    """The lines of the inbox's list."""
    return outermost(page.all("inbox", "item"))


def _thread(page: Document, item: LexborNode) -> InboxThread:
    ids = threads_of(page.all("inbox", "link", item))
    if len(ids) != 1:
        raise LayoutChanged("inbox", "link", f"a line of the list leads to {len(ids)} threads")
    times = {time_of(node) for node in page.all("inbox", "time", item)}
    leads = leads_of(item.css("a[href]"))
    return InboxThread(
        id=ids.pop(),
        name=page.one("inbox", "name", item),
        preview=page.said("inbox", "preview", item),
        at=times.pop() if len(times) == 1 else None,
        lead_id=leads.pop() if len(leads) == 1 else None,
    )


def read_balance(page: Document, texts: Texts) -> BalanceFacts:
    """The credits that the page shows, else those that it was told; None if there are none.

    Raises LayoutChanged if it shows two different numbers, WrongPage for no page of the app.
    """
    lines = page.lines(page.root, texts, Say.BALANCE)
    for form in outermost(page.all("composer", "form")):
        lines += page.lines(form, texts, Say.CREDIT_LINE)
    messages = Within([*page.all("inbox", "item"), *page.all("thread", "container")])
    shown = {int(line.match["n"]) for line in lines if not messages.holds(line.node)}
    if len(shown) > 1:
        raise LayoutChanged("balance", "balance", "the page shows two different balances")
    if shown:
        return BalanceFacts(shown.pop())
    halt = read_halt(page, texts)
    if halt.halt is not HaltKind.NONE or not (
        page.has("app", "header") or page.has("app", "mounted")
    ):
        raise not_there(page, texts, "balance", "balance", "a page that shows the balance")
    return BalanceFacts(heard.credits(page.snapshot))


def owner_first_name(page: Document) -> str | None:
    """The seat owner's first name, from the header's menu; None if it does not tell one."""
    names: set[str] = set()
    for menu in page.few("app", "owner"):
        said = {text_of(node) for node in page.few("app", "names", menu)} or {text_of(menu)}
        said |= {node.attributes.get("alt") or "" for node in menu.css("img[alt]")}
        words = ([word for word in name.split() if not _TITLE.match(word)] for name in said)
        names |= {name[0] for name in words if name}
    return names.pop() if len(names) == 1 else None
