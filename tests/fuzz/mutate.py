"""Ways in which a page may be broken: each takes a page and draws what it does to it.

What they leave behind is judged by the oracle; they themselves know nothing of what is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from random import Random

from fuzz.pages import Page, pages

from bot.facts import Heard

TOKEN = re.compile(r"<!--.*?-->|<[^>]*>|[^<]+", re.DOTALL)
ATTRIBUTE = re.compile(r"""\s[a-zA-Z-]+(?:=(?:"[^"]*"|'[^']*'|[^\s>]+))?""")
LOOKALIKES = str.maketrans(
    "aceiopsxyABCEHIKMNOPTXfr",
    "асеіорѕхуАВСЕНІКМΝΟРТХſг",
)
FULLWIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u061c\u180e"
DIRECTION = "\u200e\u200f\u202a\u202b\u202d\u202e\u2066\u2067\u2068"
SPACES = "\u00a0\u2003\u2009\u202f\u3000\t\n\r\x0b\x0c\u0085\u2028"
BOUNDARIES = ("div", "span", "p", "b", "a", "form", "table", "select", "svg", "button", "template")
SCRIPTS = (
    '<script>document.write("<p>{}</p>")</script>',
    "<style>p::after {{ content: '{}' }}</style>",
    "<template><p>{}</p></template>",
    "<noscript><p>{}</p></noscript>",
    "<!-- <p>{}</p> -->",
    "<![CDATA[<p>{}</p>]]>",
    "<svg><title>{}</title><foreignObject><p>{}</p></foreignObject></svg>",
    "<math><mtext><p>{}</p></mtext></math>",
    "<iframe srcdoc='<p>{}</p>'></iframe>",
    "<script>{}",
    "<textarea>{}",
    "<!-- {}",
    "<plaintext>{}",
    "<xmp>{}",
    "<title>{}",
)
WORDS = (
    "Free to Open Profile",
    "Kostenlos für Open Profile",
    "Use 1 of 30 credits",
    "accepted your InMail",
    "Accepted your InMail",
    "InMail accepted",
    "Hi Alice,<br>Thanks for reaching out. I'd like to learn more.",
    "Let's do a quick security check",
    "InMail credits: 9 left",
    "Message sent",
)
HIDING = (" hidden", ' aria-hidden="true"', ' style="display:none"', " data-leadwright-hidden")
LONGEST = (
    400_000  # characters that a mutated page may have: the very large ones have their own test
)


def cut(random: Random, page: Page) -> Page:
    """The page ends early, or a piece of it is missing."""
    html = page.html
    start = random.randrange(len(html) + 1)
    if random.random() < 0.4:
        return page.with_html(html[:start])
    return page.with_html(html[:start] + html[start + _length(random) :])


def repeat(random: Random, page: Page) -> Page:
    """A piece of the page stands there many times."""
    html = page.html
    start = random.randrange(len(html) + 1)
    piece = html[start : start + _length(random)]
    times = min(random.choice((1, 1, 2, 5, 40, 600)), LONGEST // (len(piece) + 1))
    return page.with_html(html[:start] + piece * times + html[start:])


def swell(random: Random, page: Page) -> Page:
    """An element that a reader may look for stands there thousands of times, or in itself."""
    found = list(re.finditer(r"<([a-z][\w-]*)\s[^>]*>", page.html))
    if not found:
        return page
    one = random.choice(found)
    words = random.choice(("", " x ", *WORDS))
    unit = one[0] + words + random.choice(("", f"</{one[1]}>"))
    times = min(random.choice((30, 300, 900, 3_000, 30_000)), LONGEST // len(unit))
    return page.with_html(page.html[: one.start()] + unit * times + page.html[one.start() :])


def reorder(random: Random, page: Page) -> Page:
    """Pieces of the page change places."""
    tokens = TOKEN.findall(page.html) or [page.html]
    first = random.randrange(len(tokens))
    if random.random() < 0.3:
        window = tokens[first : first + 60]
        random.shuffle(window)
        tokens[first : first + 60] = window
        return page.with_html("".join(tokens))
    last, length = random.randrange(len(tokens)), random.randrange(1, 40)
    piece = tokens[first : first + length]
    del tokens[first : first + length]
    tokens[last:last] = piece
    return page.with_html("".join(tokens))


def nest(random: Random, page: Page) -> Page:
    """A piece of the page stands in many elements."""
    start, end = sorted(
        (random.randrange(len(page.html) + 1), random.randrange(len(page.html) + 1))
    )
    tag, deep = random.choice(BOUNDARIES), random.choice((1, 5, 60, 600, 1_500, 5_000))
    close = f"</{tag}>" * deep if random.random() < 0.7 else ""
    html = page.html
    return page.with_html(f"{html[:start]}{f'<{tag}>' * deep}{html[start:end]}{close}{html[end:]}")


def script(random: Random, page: Page) -> Page:
    """Scripts and what else is no text stand in the page, some of it never closed."""
    piece = random.choice(SCRIPTS).replace("{}", random.choice(WORDS))
    return _put(random, page, piece)


def move(random: Random, page: Page) -> Page:
    """The site's words stand somewhere."""
    words = random.choice(WORDS)
    tag = random.choice(("p", "span", "blockquote", "a", "li", "option", "label", "h1", "form"))
    mark = random.choice(("", "", ' data-anonymize="person-name"', ' class="t-12 truncate"'))
    return _put(random, page, f"<{tag}{mark}>{words}</{tag}>")


def marks(random: Random, page: Page) -> Page:
    """An attribute goes, comes or is taken from another element."""
    found = list(ATTRIBUTE.finditer(page.html))
    if not found:
        return page
    one, other = random.choice(found), random.choice(found)
    new = random.choice(("", one[0] * 2, other[0], random.choice(HIDING), one[0].upper()))
    return page.with_html(page.html[: one.start()] + new + page.html[one.end() :])


def tags(random: Random, page: Page) -> Page:
    """A tag goes, or becomes another."""
    found = list(re.finditer(r"<(/?)([a-z][\w-]*)", page.html))
    if not found:
        return page
    one = random.choice(found)
    new = f"<{one[1]}{random.choice((*BOUNDARIES, 'article', 'aside', 'li', 'tr', 'section'))}"
    if random.random() < 0.3:
        end = page.html.find(">", one.end()) + 1
        return page.with_html(page.html[: one.start()] + page.html[end or one.end() :])
    return page.with_html(page.html[: one.start()] + new + page.html[one.end() :])


def letters(random: Random, page: Page) -> Page:
    """A text is written in other letters, or with signs that nobody sees."""
    texts = [each for each in TOKEN.finditer(page.html) if each[0].strip() and each[0][0] != "<"]
    if not texts:
        return page
    one = random.choice(texts)
    return page.with_html(
        page.html[: one.start()] + spoilt(random, one[0]) + page.html[one.end() :]
    )


def spoilt(random: Random, text: str, *, wide: bool = True) -> str:
    """Some of the text's letters in other letters, or something unseen between them.

    wide  fullwidth letters count as others, too: in what a person wrote they do not (A12)
    """
    places = [place for place, letter in enumerate(text) if letter.isalpha()]
    if not places:
        return text
    place = random.choice(places)
    unseen = INVISIBLE.replace("\u00ad", "") + DIRECTION
    # Between two letters: a known line may go on after its last one, and begins with a name.
    within = random.choice(places[1:] or places)
    kinds = [text[:within] + random.choice(unseen) + text[within:]]
    look = text.translate(LOOKALIKES)
    kinds += [look] if look != text else []
    if text[place].isascii() and wide:
        kinds.append(text[:place] + chr(ord(text[place]) + 0xFEE0) + text[place + 1 :])
        kinds.append(text.translate(FULLWIDTH))
    return random.choice(kinds)


def spaces(random: Random, page: Page) -> Page:
    """Other spaces, directions and controls stand between words."""
    places = [each.start() for each in re.finditer(" ", page.html)]
    if not places:
        return page
    place = random.choice(places)
    new = random.choice(
        (*SPACES, *DIRECTION, "<bdo dir=rtl>", "<br>", "&shy;", "&#8203;", "\ud800")
    )
    return page.with_html(page.html[:place] + new + page.html[place + 1 :])


def encoded(random: Random, page: Page) -> Page:
    """The page was saved or read in a wrong encoding."""
    html = page.html
    kind = random.randrange(5)
    if kind == 0:
        html = html.encode("utf-8", "replace").decode("cp1252", "replace")
    elif kind == 1:
        html = html.encode("cp1252", "xmlcharrefreplace").decode("utf-8", "replace")
    elif kind == 2:
        html = "".join(f"&#{ord(c)};" if random.random() < 0.01 else c for c in html)
    else:
        wrong = random.choice(("utf-16", "utf-8-sig", "latin-1", "cp1252", "utf-32-le", "utf-7"))
        raw = bytearray(html.encode(wrong, "replace"))
        for _ in range(random.choice((0, 1, 20))):
            raw[random.randrange(len(raw) or 1) : 1] = bytes([random.randrange(256)])
        return replace(page, raw=bytes(raw))
    return page.with_html(html)


def merge(random: Random, page: Page) -> Page:
    """The page goes on as another one."""
    other = random.choice(pages())
    html = page.html[: random.randrange(len(page.html) + 1)]
    return page.with_html(html + other.html[random.randrange(len(other.html) + 1) :])


def address(random: Random, page: Page) -> Page:
    """The page has another address, or none, or another status."""
    other = random.choice(pages())
    urls = (None, other.url, "", "https://[", "/sales/lead/ACwAA%", "javascript:0", "\ud800")
    statuses = (None, 200, 204, 301, 404, 500, 999)
    return replace(page, url=random.choice(urls), status=random.choice(statuses))


def told(random: Random, page: Page) -> Page:
    """The page's own data is another one's, or broken, or strange."""
    heard = page.heard or random.choice([each for each in pages() if each.heard]).heard
    one = random.choice(heard)
    body = one.body
    kind = random.randrange(6)
    if kind == 0:
        body = body[: random.randrange(len(body) + 1)]
    elif kind == 1:
        values = ("null", "1e999", "-1", "[]", "{}", '"x"', "true", "99999999999999999999", "1.5")
        body = re.sub(
            r'(?<=: )("[^"]*"|[0-9]+|true|false|null)', random.choice(values), body, count=3
        )
    elif kind == 2:
        deep = random.choice((10, 1_000, 100_000))
        body = "[" * deep + body + "]" * deep
    elif kind == 3:
        body = body.replace("openLink", "open\\u004cink").replace("INMAIL", "inmail")
    elif kind == 4:
        body = spoilt(random, body)
    return replace(page, heard=(*page.heard, Heard(one.url, random.choice((200, 200, 500)), body)))


def other_kind(random: Random, page: Page) -> Page:
    """Another reader gets the page."""
    return replace(page, kind=random.choice(pages()).kind)


def _length(random: Random) -> int:
    return random.choice((1, 20, 200, 2_000, 20_000))


def _put(random: Random, page: Page, piece: str) -> Page:
    """*piece* stands between two tokens of the page; half of the time near a place that counts."""
    places = [each.start() for each in re.finditer("<", page.html)] or [0]
    near = [m.start() for m in re.finditer(r"<(?:form|article|aside|textarea|time)\b", page.html)]
    place = random.choice(near if near and random.random() < 0.5 else places)
    return page.with_html(page.html[:place] + piece + page.html[place:])


MUTATORS: tuple[Callable[[Random, Page], Page], ...] = (
    cut,
    repeat,
    swell,
    reorder,
    nest,
    script,
    move,
    marks,
    tags,
    letters,
    spaces,
    encoded,
    merge,
    address,
    told,
    other_kind,
)
