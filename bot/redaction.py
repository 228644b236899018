"""A page without the session's secrets, before it touches the disk.

What could let somebody act as the seat's owner is taken out: tokens against forged requests,
cookies' values, what stands in hidden and sign-in fields, the signatures of images' addresses, and
all that no reader looks at and may hold any of it: scripts, comments, hidden blocks of data. The
search token in a lead's address is no secret. What a reader reads stays letter by letter, so that
the page says the same again. The text is walked through once, in time linear in its length.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace

from bot.facts import Heard, Snapshot

GONE = "redacted"

_TAG = re.compile(
    r"""<(?:!--|(?P<name>[a-zA-Z][^\s/>]*+)(?P<whole>(?:[^"'>]++|"[^"]*+"|'[^']*+')*+>)?)"""
)
_COMMENT_END = re.compile(r"--!?>")
_ATTRIBUTE = re.compile(r"""(?P<name>[^\s"'<>/=]+)\s*=\s*(?P<value>"[^"]*"|'[^']*'|[^\s"'>]+)""")
_EMPTIED = frozenset(("script", "noscript"))
_RAW = _EMPTIED | {"style", "textarea", "title", "iframe"}
_SAVED_FROM = re.compile(r"<!--\s*saved from url=", re.IGNORECASE)
_DATA = re.compile(
    r"display\s*:\s*none|data-leadwright-hidden|\shidden[\s=>]|bpr-guid|datalet", re.IGNORECASE
)

# Where a secret may be near. What has none of these is not looked at.
_SUSPECT = re.compile(
    r"csrf|xsrf|token|nonce|secret|session|password|cookie|li_at|li_rm|ajax:|lidc|mid_?sig|trkemail"
    r"|[?&;6](?:t|e|sig|signature)=|eyj|aqe[a-z]"
)
_FIELDS = frozenset(("meta", "input"))
_SECRET_NAME = re.compile(r"csrf|xsrf|nonce|token|secret|session|password|cookie", re.IGNORECASE)
_META_KEPT = re.compile(r"charset|http-equiv|viewport|og:url", re.IGNORECASE)
_SECRET_FIELD = re.compile(
    r"""type\s*=\s*["']?(?:hidden|password|email|tel)\b"""
    r"""|(?:name|id|autocomplete)\s*=\s*["']?(?:pin|username|email|session_key|one-time-code)\b""",
    re.IGNORECASE,
)

_MARK = r"(?:\\?[\"']|&quot;|&#34;)?"
_AMPERSAND = r"(?:[?&]|&amp;|\\u0026)"
_SECRET = re.compile(
    # a cookie or a token by its name, wherever it stands
    rf"(?P<named>\b(?:csrf-?token|JSESSIONID|li_at|li_rm|bcookie|bscookie|lidc){_MARK}\s*[:=]\s*"
    rf"{_MARK})(?P<worth>(?:(?!&quot;|&#34;)[^\s\"'<>;,\\}}]){{4,}})"
    # the parameters of an address
    rf"|(?P<asked>{_AMPERSAND}(?:csrfToken|csrf|token|access_token|oauth_token|sig|signature"
    r"|midToken|midSig|otpToken|trkEmail|session_key)=)[^\s\"'<>&\\]+"
    # the signature and the end of an image's address
    rf"|(?P<signed>{_AMPERSAND}t=)[\w%-]{{20,}}|(?P<ends>{_AMPERSAND}e=)\d{{8,}}"
    # known by their shape alone
    r"|(?P<ajax>\bajax:)\d{10,}|\bAQE[A-Z][\w-]{60,}|\beyJ[\w-]{10,}\.eyJ[\w-]+\.[\w-]+",
    re.IGNORECASE,
)
_SECRET_KEY = re.compile(
    r"""("[^"\\]{0,60}(?:csrf|xsrf|token|secret|password|session|nonce|cookie)[^"\\]{0,60}"\s*:\s*)"""
    r'''"(?:[^"\\]|\\.)*"''',
    re.IGNORECASE,
)


def redact(snapshot: Snapshot) -> Snapshot:
    """The page as it may be kept. A page without secrets comes back as it is."""
    return replace(
        snapshot,
        html="".join(_pieces(snapshot.html)),
        url=_plain(snapshot.url) if snapshot.url is not None else None,
        heard=tuple(_heard(each) for each in snapshot.heard),
    )


def _heard(heard: Heard) -> Heard:
    """The page's own JSON stays JSON: only texts change."""
    body = _SECRET_KEY.sub(r'\1""', heard.body)
    return Heard(_plain(heard.url), heard.status, _plain(body))


def _pieces(html: str) -> Iterator[str]:
    """The page again: all that may hold a secret without it, and what is between as it is."""
    lower = html.lower()  # many times faster than to look for both cases
    marks = [found.start() for found in _SUSPECT.finditer(lower)]
    if len(lower) != len(html):  # a letter that has two small ones
        marks = list(range(len(html)))

    def has_mark(start: int, end: int) -> bool:
        place = bisect_left(marks, start)
        return place < len(marks) and marks[place] < end

    open_ends: set[str] = set()
    kept = place = 0
    while (found := _TAG.search(html, place)) is not None:
        start, name = found.start(), (found["name"] or "").lower()
        if not name:
            place = _comment_end(html, start)
            new = "" if _SAVED_FROM.match(html, start) else "<!---->"
        else:
            content = place = found.end() if found["whole"] else len(html)
            if name in _RAW:
                place = _closing(html, name, place, open_ends)
            elif name == "code" and _DATA.search(html, start, place):
                place = _end_of_data(html, place)
            new = ""
            if name in _EMPTIED:
                new = f"<{name}>"
            elif name in _FIELDS or place > content or has_mark(start, place):
                new = _tag(name, html[start:content])
                new += "" if name == "code" else _plain(html[content:place])
        if new:
            between = html[kept:start]
            yield _plain(between) if has_mark(kept, start) else between
            yield new
            kept = place
    rest = html[kept:]
    yield _plain(rest) if has_mark(kept, len(html)) else rest


def _tag(name: str, tag: str) -> str:
    """A start tag without what is secret among its attributes' values."""
    is_kept = name != "meta" or _META_KEPT.search(tag) is not None
    is_field = name == "input" and _SECRET_FIELD.search(tag) is not None

    def cleaned(found: re.Match[str]) -> str:
        key, value = found["name"].lower(), found["value"]
        emptied = (
            _SECRET_NAME.search(key) is not None
            or (key == "content" and not is_kept)
            or (key == "value" and is_field)
        )
        start = found[0][: found.start("value") - found.start()]
        return f'{start}""' if emptied else start + _plain(value)

    return _ATTRIBUTE.sub(cleaned, tag)


def _plain(text: str) -> str:
    return _SECRET.sub(_gone, text)


def _gone(found: re.Match[str]) -> str:
    """What names a secret stays; the secret goes."""
    kept = next((found[name] for name in _NAMES if found[name] is not None), "")
    return kept + ("0" if found["ends"] is not None else GONE)


_NAMES = ("named", "asked", "signed", "ends", "ajax")


def _comment_end(html: str, start: int) -> int:
    """Where a comment ends that begins at *start*; an open one lasts to the end of the page."""
    for short in ("<!-->", "<!--->"):
        if html.startswith(short, start):
            return start + len(short)
    end = _COMMENT_END.search(html, start + 4)
    return end.end() if end is not None else len(html)


def _closing(html: str, name: str, place: int, open_ends: set[str]) -> int:
    """Where a raw element's content ends; *open_ends* remembers which have no end any more."""
    end = None if name in open_ends else _CLOSINGS[name].search(html, place)
    if end is None:
        open_ends.add(name)
        return len(html)
    return end.start()


_CLOSINGS = {name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in _RAW}


def _end_of_data(html: str, place: int) -> int:
    """Where a block of data ends: text and comments only. One with elements is left as it is."""
    here = place
    while (here := html.find("<", here)) >= 0:
        if not html.startswith("<!--", here):
            return here if _CODE_END.match(html, here) else place
        here = _comment_end(html, here)
    return len(html)


_CODE_END = re.compile(r"</code\b", re.IGNORECASE)
