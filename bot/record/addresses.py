"""Addresses: the site's own paths stay; every id, search and stranger's address in them goes."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from bot.record.invented import Words
from bot.record.words import is_id, with_ids_replaced


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ELSEWHERE = "https://elsewhere.example"
_HOSTS = re.compile(r"^((?:[a-z]{2,3}\.)?linkedin\.com|127\.0\.0\.1|localhost|elsewhere\.example)$")
_PATHS = _words(
    "sales lead people search company inbox home settings lists login checkpoint lg login- "
    "submit uas authwall challenge verify premium products contract-chooser feed in sales-api "
    "hub saved-searches legal help captcha"
)
_API = re.compile(r"salesApi[A-Za-z]{1,40}")
_PARAMETERS = {
    "page": r"\d{1,3}",
    "count": r"\d{1,3}",
    "start": r"\d{1,4}",
    "q": r"findCreditGrant|filter",
    "action": r"createMessage",
    "filter": r"[A-Z_]{1,30}",
    "viewFilter": r"[A-Z_]{1,30}",
    "creditGrantType": r"[A-Z_]{1,30}",
    "viewAllFilters": r"true|false",
    "sortCriteria": r"[A-Z_]{1,30}",
}
_FRAGMENT = re.compile(r"content-main|main")
_PROFILE = re.compile(r"\(profileId:[\w-]+,authType:[A-Z_]{1,30},authToken:[\w-]*\)")
_CAPTCHA = re.compile(r"captcha|arkose", re.IGNORECASE)


def address(url: str, words: Words) -> str:
    """*url* without anybody in it; an empty one for what leads to no page."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    if parts.scheme not in ("", "http", "https"):
        return ""
    host = parts.hostname or ""
    if host and not _HOSTS.match(host):
        # The readers know a captcha by such an address, and by nothing else of a stranger's.
        return f"{ELSEWHERE}/captcha" if _CAPTCHA.search(url) else ELSEWHERE
    start = f"{parts.scheme}://{parts.netloc}" if host else ""
    if "@" in start:
        start = f"{parts.scheme}://{host}"
    path = "/".join(_part(part, words) for part in parts.path.split("/"))
    query = "&".join(_parameters(parts.query, words))
    end = f"#{parts.fragment}" if _FRAGMENT.fullmatch(parts.fragment) else ""
    return f"{start}{path}{'?' if query else ''}{query}{end}"


def captcha(url: str) -> str:
    """The address of a frame: only that it is a captcha's is told."""
    return f"{ELSEWHERE}/captcha" if _CAPTCHA.search(url) else ""


def _part(part: str, words: Words) -> str:
    """One step of a path."""
    plain = unquote(part)
    if not part or plain in _PATHS or _API.fullmatch(plain):
        return part
    if is_id(part) or _PROFILE.fullmatch(part):
        return with_ids_replaced(part, words)
    return words.number(part) if part.isdigit() else words.token(part)


def _parameters(query: str, words: Words) -> list[str]:
    """The parameters whose values are words of the site; a search's number as another one."""
    kept = []
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key == "savedSearchId" and value.isdigit():
            kept.append(f"{key}={words.number(value)}")
        elif re.fullmatch(_PARAMETERS.get(key, r"(?!)"), value):
            kept.append(f"{key}={value}")
    return kept
