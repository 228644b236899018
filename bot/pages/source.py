"""A saved page: from a file or a stream to a snapshot, refused early if it is none."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from bot.errors import WorkFailed
from bot.facts import Snapshot
from bot.pages.addresses import lead_in, thread_in
from bot.pages.document import parse
from bot.pages.scan import MOST_BYTES
from bot.pages.selectors import Selectors
from bot.snapshotfile import MAGIC, NoSnapshot, unpack

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SAVED_FROM = re.compile(r"<!--\s*saved from url=(?:\(\d+\))?\s*(\S+?)\s*-->", re.IGNORECASE)
_HEAD = 20_000  # characters in which the browser's comment stands
_SELF = (
    'link[rel~="canonical"]',
    'meta[property="og:url"]',
    'link[rel~="self"], link[rel~="bookmark"], a[rel~="self"], a[rel~="bookmark"]',
    'a[data-permalink], a[class*="permalink"]',
    "a.conversation-list-item__link.active",
)


def load(source: str, stdin: BinaryIO) -> str | Snapshot:
    """The HTML of a file, or of *stdin* for "-"; of a page kept as evidence all that is kept.

    Raises WorkFailed that says what is wrong.
    """
    if source == "-":
        return _page("stdin", _bounded("stdin", stdin))
    path = Path(source)
    if path.is_dir():
        raise WorkFailed(f"{source}: this is a folder, not a saved page")
    try:
        with path.open("rb") as file:
            return _page(source, _bounded(source, file))
    except OSError as error:
        raise WorkFailed(f"{source}: {error.strerror or error}") from error


def _page(source: str, raw: bytes) -> str | Snapshot:
    if not raw.startswith(MAGIC):
        return decode(source, raw)
    try:
        return unpack(raw)
    except NoSnapshot as error:
        raise WorkFailed(f"{source}: this is no page kept as evidence: {error}") from error


def _bounded(source: str, file: BinaryIO) -> bytes:
    """All of it, if that is no more than a page may have: the rest is never read."""
    raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise WorkFailed(f"{source}: more than {MOST_BYTES // 1_000_000} MB is not read")
    return raw


def decode(source: str, raw: bytes) -> str:
    """Bytes as the page says they are; UTF-8 where it says nothing."""
    if not raw.strip():
        raise WorkFailed(f"{source}: the file is empty")
    encoding = next((name for mark, name in _BOMS if raw.startswith(mark)), None)
    if encoding is None and b"\0" in raw:
        raise WorkFailed(f"{source}: this is a binary file, not a saved page")
    named = _CHARSET.search(raw[:_HEAD])
    tried = [encoding or "utf-8"]
    if encoding is None and named is not None:
        tried.append(named[1].decode("ascii"))
    for each in tried:
        try:
            return raw.decode(each)
        except (UnicodeDecodeError, LookupError):
            continue
    raise WorkFailed(f"{source}: the text is not in {' nor in '.join(tried)}")


def snapshot_of(
    html: str, kind: str, url: str | None, status: int | None, selectors: Selectors
) -> Snapshot:
    """The page with its address: *url*, else what the page says of itself, else none.

    Raises WrongPage for what is no page at all.
    """
    snapshot = Snapshot(html, url, status)
    if url is not None:
        return snapshot
    root = parse(snapshot, selectors).root
    found = [
        node.attributes.get("href") or node.attributes.get("content")
        for css in _SELF
        for node in root.css(css)
    ]
    comment = _SAVED_FROM.search(html[:_HEAD])
    found.append(comment[1] if comment is not None else None)
    addresses = [each.strip() for each in found if each and each.strip()]
    fitting = (each for each in addresses if _fits(kind, each))
    return replace(snapshot, url=next(fitting, addresses[0] if addresses else None))


def _fits(kind: str, address: str) -> bool:
    """Whether an address can be that of such a page: an application may name itself only."""
    if kind in ("lead", "composer"):
        return lead_in(address) is not None
    return kind != "thread" or thread_in(address) is not None
