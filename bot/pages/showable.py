"""A kept page as a file that a person can open: nothing in it runs, and nothing is fetched."""

from __future__ import annotations

from html import escape

from bot.facts import Snapshot
from bot.pages.bounded import tree_of
from bot.pages.scan import refuse

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'"
_DROPPED = (
    "script, noscript, template, iframe, frame, frameset, object, embed, applet, link, base, "
    "meta, portal, audio, video, source"
)
_HIDDEN = "[data-leadwright-hidden]{display:none!important}"
_ADDRESSES = ("href", "xlink:href", "src", "action", "formaction", "data", "ping", "srcset")


def showable(snapshot: Snapshot) -> str:
    """The page without scripts and frames, under a policy that forbids them and all fetching.

    Its address stands in it as browsers write it, so that `leadwright read` knows it. Raises
    WrongPage for what is no page.
    """
    refuse(snapshot.html)
    tree = tree_of(snapshot.html)
    for node in tree.css(_DROPPED):
        node.decompose()
    for node in tree.css("*"):
        for name, value in node.attributes.items():
            if (
                name.startswith("on")
                or name == "srcdoc"
                or (name in _ADDRESSES and not _is_harmless(value or ""))
            ):
                del node.attrs[name]
    page = tree.root.html if tree.root is not None else None
    comment = f"<!-- saved from url=(0000){_address(snapshot.url)} -->\n" if snapshot.url else ""
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
        f'<meta charset="utf-8"><style>{_HIDDEN}</style>'
    )
    # Before the page's own <html>: whatever that holds, the policy is in the head before it.
    return f"<!doctype html>\n{comment}{head}{page or ''}\n"


def _is_harmless(address: str) -> bool:
    """Readers look at addresses of the site itself: those stay, as text that leads to a page."""
    start = "".join(address.split()).lower()
    return start.startswith(("http://", "https://", "/", "#", "data:image/")) or ":" not in start


def _address(url: str) -> str:
    return url.replace("--", "%2D%2D").replace(">", "%3E")
