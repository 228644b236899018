"""The site's words taken away, or put where they do not count: what is left says neither.

The mutator knows this of itself, so no oracle is asked: such a page must never be read as free, or
as accepted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import escape
from random import Random

from fuzz.mutate import spoilt
from fuzz.pages import Page, pages_of

from bot.facts import Heard

APOSTROPHE = r"(?:'|’|&#x27;|&#39;|&rsquo;)"
SPACE = r"(?:\s|&nbsp;|<[^>]*>)+"
FREE_WORDS = re.compile(
    r"Free to Open Profile|Kostenlos für Open Profile".replace(" ", SPACE), re.IGNORECASE
)
# All that can say accepted: each sentence of the default text too, as one is enough (A2).
ACCEPTED_WORDS = re.compile(
    (
        r"accepted your InMail|is interested in starting a conversation|InMail accepted"
        r"|hat Ihre InMail angenommen|InMail angenommen|ha aceptado tu InMail|InMail aceptado"
    ).replace(" ", SPACE),
    re.IGNORECASE,
)
DEFAULT_WORDS = re.compile(
    rf"Thanks for reaching out|I{APOSTROPHE}d like to learn more".replace(" ", SPACE), re.IGNORECASE
)
FREE = ("Free to Open Profile", "Kostenlos für Open Profile")
ACCEPTED = ("accepted your InMail", "InMail accepted", "Accepted your InMail")
DEFAULT = "Hi Alice,<br>Thanks for reaching out. I'd like to learn more."

# Where nobody sees the words, or somebody else says them. {} is the words.
NOWHERE = (
    "<!-- {} -->",
    "<script>'{}'</script>",
    "<style>/* {} */</style>",
    "<template>{}</template>",
    "<noscript>{}</noscript>",
    "<b hidden>{}</b>",
    '<b aria-hidden="true">{}</b>',
    '<b style="color:red; display : none">{}</b>',
    '<b style="VISIBILITY:hidden">{}</b>',
    "<b data-leadwright-hidden>{}</b>",
    '<img alt="{}">',
    '<i title="{}" aria-label="{}" data-words="{}"></i>',
    '<input type="hidden" value="{}">',
    "<blockquote>{}</blockquote>",
    '<p data-anonymize="general-blurb">{}</p>',
    '<p data-anonymize="headline">{}</p>',
    '<span data-anonymize="person-name">{}</span>',
    "<div contenteditable>{}</div>",
    '<div role="textbox">{}</div>',
    "<select><option>{}</option></select>",
    '<iframe srcdoc="{}"></iframe>',
)
# The same words in a line that says something else.
OTHER_LINES = (
    '<span class="ml1 t-12 truncate">Not {}</span>',
    '<span class="ml1 t-12 truncate">{} until Friday</span>',
    '<span class="ml1 t-12 truncate">&quot;{}&quot;</span>',
    '<span class="ml1 t-12 truncate">{}?</span>',
    "<p>They say that somebody {}</p>",
)


def spoil(random: Random) -> Page:
    """Every place that says so is written in look-alike letters, or with something unseen in it."""
    kind, says = random.choice((("composer", "free"), ("thread", "accepted")))
    page = random.choice([each for each in pages_of(kind) if each.says == says])
    words = FREE_WORDS if says == "free" else ACCEPTED_WORDS
    html = words.sub(lambda found: _spoilt_text(random, found[0]), page.html)
    if says == "accepted":
        html = DEFAULT_WORDS.sub(lambda found: _spoilt_text(random, found[0], wide=False), html)
    heard = tuple(
        Heard(each.url, each.status, each.body.replace("INMAIL_ACCEPT", _accept(random)))
        for each in page.heard
    )
    return replace(page, html=html, heard=heard, never=True)


def remove(random: Random) -> Page:
    """Every place that says so is gone, hidden or another's."""
    kind, says = random.choice((("composer", "free"), ("thread", "accepted")))
    page = random.choice([each for each in pages_of(kind) if each.says == says])
    around = random.choice((*NOWHERE[:10], ""))
    html = page.html
    for words in (FREE_WORDS,) if says == "free" else (ACCEPTED_WORDS, DEFAULT_WORDS):
        html = words.sub(lambda found: around.replace("{}", found[0]), html)
    return replace(page, html=html, heard=(), never=True)


def plant_free(random: Random) -> Page:
    """A composer that is not free, with the words in a wrong place."""
    page = random.choice([each for each in pages_of("composer") if each.says is None])
    words = random.choice(FREE)
    before, after, outside = r"<form\b[^>]*>", r"</form>", r"<aside\b[^>]*>|<body\b[^>]*>|</body>"
    if random.random() < 0.7:
        piece = random.choice((*NOWHERE, *OTHER_LINES[:4])).replace("{}", words)
        return _planted(random, page, piece, f"{before}|{after}|{outside}")
    return _planted(random, page, f"<p>{words}</p>", r"<aside\b[^>]*>|<body\b[^>]*>")


def plant_beside(random: Random) -> Page:
    """A form that names a price, and says free as well: a contradiction, never free."""
    # In other digits than ours a price is no known line: then nothing contradicts the other one.
    strange = "composer/credit-foreign-digits"
    priced = [
        each for each in pages_of("composer") if "/credit" in each.case and each.case != strange
    ]
    line = f'<span class="ml1 t-12 truncate">{random.choice(FREE)}</span>'
    page = random.choice(priced)
    return _planted(random, page, line, r"<form\b[^>]*>|</form>", before=r"</form>")


def plant_accepted(random: Random) -> Page:
    """A thread that nobody accepted, with the words in a wrong place."""
    page = random.choice([each for each in pages_of("thread") if each.says is None])
    words = random.choice((*ACCEPTED, DEFAULT))
    kind = random.randrange(4)
    if kind == 0:
        return _planted(random, page, f"<p>{words}</p>", r"<aside\b[^>]*>|<body\b[^>]*>")
    if kind == 1:
        piece = random.choice(NOWHERE[:13]).replace("{}", escape(words))
        return _planted(random, page, piece, r"<article\b[^>]*>|</ul>|</header>|</article>")
    if kind == 2:
        said = random.choice((f"{random.choice(ACCEPTED)}", "Quilla Marrowby accepted your InMail"))
        blurb = f"\\1 {random.choice((said, f'He wrote: {said}'))} "
        content = r'(<div[^>]*data-x-message-content="message"[^>]*>\s*<p[^>]*>)'
        return replace(page, html=re.sub(content, blurb, page.html), never=True)
    other = (
        f'{{"id": "2-other", "messages": [{{"type": "INMAIL_ACCEPT", "deliveredAt": {10**12}}}]}}'
    )
    url = "https://www.linkedin.com/sales-api/salesApiMessagingThreads/2-other"
    broken = '{"messages": "INMAIL_ACCEPT"'
    heard = Heard(url, random.choice((200, 500)), random.choice((other, broken)))
    return replace(page, heard=(*page.heard, heard), never=True)


def _planted(
    random: Random, page: Page, piece: str, places: str, before: str = r"</body>|</form>|</ul>"
) -> Page:
    """*piece* after a start tag, or before one of the end tags that *before* names."""
    found = list(re.finditer(places, page.html))
    if not found:
        return page
    one = random.choice(found)
    at_start = re.fullmatch(before, one[0])
    place = one.start() if at_start else one.end()
    return replace(page, html=page.html[:place] + piece + page.html[place:], never=True)


def _spoilt_text(random: Random, found: str, *, wide: bool = True) -> str:
    """The words between the tags spoilt; what stands in tags or entities stays."""
    parts = re.split(r"(<[^>]*>|&[^;]*;)", found)
    words = [
        place for place, part in enumerate(parts) if re.search(r"\w", part) and part[0] not in "<&"
    ]
    place = random.choice(words)
    parts[place] = spoilt(random, parts[place], wide=wide)
    return "".join(parts)


def _accept(random: Random) -> str:
    return random.choice(("INMAIL_ACCEPTS", "INMAIL", "inmail_accept", "ІNMAIL_ACCEPT", "MESSAGE"))


WITNESSES: tuple[Callable[[Random], Page], ...] = (
    spoil,
    remove,
    plant_free,
    plant_beside,
    plant_accepted,
)
