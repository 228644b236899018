"""What an address says: the stable id of a lead, the id of a thread (site.md, 1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborNode

_LEAD = re.compile(r"/sales/(?:lead|people)/(AC[wo]AA[A-Za-z0-9_-]*)(?:,([^?#/\s]*))?")
_URN = re.compile(r"\((AC[wo]AA[A-Za-z0-9_-]*)(?:,([^)]*))?\)")
_THREAD = re.compile(r"/sales/inbox/([^/?#\s]+)")
_NO_TOKEN = {"", "undefined", "null", "name"}


@dataclass(frozen=True, slots=True)
class LeadAddress:
    """Who a link leads to. Only the id is stable; the token belongs to one search."""

    id: str
    token: str | None


def lead_in(address: str | None) -> LeadAddress | None:
    """The lead of a link, in its present or its old spelling."""
    return _address(_LEAD.search(unquote(address or "")))


def lead_in_urn(urn: str | None) -> LeadAddress | None:
    """The lead of `urn:li:fs_salesProfile:(<id>,NAME_SEARCH,<token>)`."""
    return _address(_URN.search(unquote(urn or "")))


def _address(found: re.Match[str] | None) -> LeadAddress | None:
    if found is None:
        return None
    parts = [part for part in (found[2] or "").split(",") if part != "NAME_SEARCH"]
    token = parts[0] if len(parts) == 1 and parts[0] not in _NO_TOKEN else None
    return LeadAddress(found[1], token)


def thread_in(address: str | None) -> str | None:
    """The thread of a link, in one spelling: `2-abc==`, not `2-abc%3D%3D`."""
    found = _THREAD.search(address or "")
    return unquote(found[1]) if found is not None else None


def path_of(address: str | None) -> str | None:
    """The path of an address, without a slash at its end; None where there is no address."""
    if address is None:
        return None
    try:
        return urlsplit(address).path.rstrip("/") or "/"
    except ValueError:
        return None  # a saved page may name anything as its address


def leads_of(links: Iterable[LexborNode]) -> set[str]:
    """The ids of the leads that links lead to."""
    found = (lead_in(link.attributes.get("href")) for link in links)
    return {lead.id for lead in found if lead is not None}


def threads_of(links: Iterable[LexborNode]) -> set[str]:
    """The ids of the threads that links lead to."""
    found = (thread_in(link.attributes.get("href")) for link in links)
    return {thread for thread in found if thread is not None}
