"""What is kept of a page holds none of the session's secrets, and says the same as before."""

from __future__ import annotations

import json
from dataclasses import replace
from time import process_time
from timeit import repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli.read import tell
from bot.decided import in_words
from bot.errors import PageError
from bot.facts import Heard, Snapshot
from bot.pages.reader import Reader
from bot.redaction import redact
from tests.fixtures.cases import Case, all_cases

READER = Reader.shipped()
COOKIE = "ajax:4815162342108151623"
TOKEN = "AQEDATx7" + "kQ9z" * 30
SIGNED = (
    "https://media.example/dms/image/a/b?e=1767225600&v=beta&t=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"
)
SECRETS = (COOKIE, TOKEN, "Zm9vYmFyYmF6", "1767225600", "s3cr3t-value")
PIECES = (
    '<script>var it = "s3cr3t-value";</script>',
    f'<script nonce="s3cr3t-value">var csrf = "{COOKIE}";</script>',
    f"<SCRIPT>document.cookie = 'li_at={TOKEN}'</SCRIPT >",
    f'<meta name="csrf-token" content="{COOKIE}">',
    '<meta name="sales-nav-web/config" content="s3cr3t-value">',
    '<input type="hidden" name="loginCsrfParam" value="s3cr3t-value">',
    "<input type=password value='s3cr3t-value'>",
    '<input id="username" value="s3cr3t-value">',
    '<div data-csrf-token="s3cr3t-value" data-x=1></div>',
    f"<div data-config='{{&quot;csrfToken&quot;:&quot;{COOKIE}&quot;}}'></div>",
    '<code style="display: none" id="bpr-guid-1"><!--{"csrfToken":"s3cr3t-value"}--></code>',
    "<code hidden>{&quot;anything&quot;:&quot;s3cr3t-value&quot;}</code>",
    f"<!-- JSESSIONID={COOKIE} -->",
    f'<img src="{SIGNED.replace("&", "&amp;")}" alt="">',
    f'<div style="background-image: url({SIGNED})"></div>',
    '<a href="/sales/home?csrfToken=s3cr3t-value&amp;x=1">Home</a>',
    f'<p hidden>JSESSIONID="{COOKIE}"; li_at={TOKEN}; bcookie=s3cr3t-value</p>',
    f'<noscript><img src="https://px.example/?token=s3cr3t-value&t={TOKEN}"></noscript>',
)


def said(one: Case, snapshot: Snapshot) -> object:
    """What a case says, or why it says nothing."""
    try:
        return json.loads(tell(one.page, READER, snapshot, one.owner)), in_words(
            READER.read(one.page, snapshot)
        )
    except PageError as error:
        return str(error)


@pytest.mark.parametrize("one", all_cases(), ids=lambda one: one.name)
def test_a_page_says_the_same_as_before(one: Case) -> None:
    """read(redact(page)) is read(page), also where secrets stand in it; none of them is left."""
    page = one.snapshot()
    assert said(one, redact(page)) == said(one, page)
    html = page.html.replace("</head>", "".join(PIECES[:5]) + "</head>")
    laden = replace(page, html=html.replace("</body>", "".join(PIECES[5:]) + "</body>"))
    if laden.html == page.html:
        return
    kept = redact(laden)
    assert said(one, kept) == said(one, laden)
    assert [secret for secret in SECRETS if secret in kept.html] == []


@pytest.mark.parametrize("piece", PIECES)
def test_each_place_of_a_secret_is_known(piece: str) -> None:
    """Each alone, so that none is only gone because another was; and again it changes nothing."""
    kept = redact(Snapshot(f"<html><body><p>Hello</p>{piece}<p>you</p></body></html>"))
    assert [secret for secret in SECRETS if secret in kept.html] == []
    assert "<p>Hello</p>" in kept.html
    assert "<p>you</p>" in kept.html
    assert redact(kept) == kept


def test_what_the_page_heard_stays_json_without_its_secrets() -> None:
    """The witnesses that are read stay; tokens, cookies and signatures go."""
    body = json.dumps(
        {
            "elements": [{"type": "LSS_INMAIL", "value": 149, "csrfToken": "s3cr3t-value"}],
            "picture": SIGNED,
            "session": {"sessionToken": 's3cr3t-value "quoted"', "other": COOKIE},
        }
    )
    url = "https://site.example/sales-api/salesApiCredits?q=x&csrfToken=s3cr3t-value"
    kept = redact(Snapshot("<p>", url, 200, heard=(Heard(url, 200, body),)))
    assert json.loads(kept.heard[0].body)["elements"][0]["value"] == 149
    whole = f"{kept.url} {kept.heard}"
    assert [secret for secret in SECRETS if secret in whole] == []


def test_what_is_no_secret_stays() -> None:
    """The search token of a lead's address, words that people write, and names like <script>."""
    html = (
        '<a href="/sales/lead/ACwAAxyz,NAME_SEARCH,aB1c?_ntb=abc" aria-label="<script>">x</a>'
        "<p>My token of thanks: the secret session is at e=5, t=7. Password: swordfish</p>"
        '<textarea name="message">Dear <!-- you --> <script></textarea>'
    )
    page = Snapshot(html, "https://site.example/sales/lead/ACwAAxyz,NAME_SEARCH,aB1c")
    assert redact(page) == page


@pytest.mark.parametrize(
    "part",
    ["<a ", "<a '", "<!--", "<code hidden>", "<script>", "&t=", '"token', "<code hidden><!---->"],
)
def test_no_page_takes_long(part: str) -> None:
    """Whatever a page is made of: eight times as long, eight times the time, not its square."""

    def seconds(length: int) -> float:
        html = part * (length // len(part))
        page = Snapshot(html, heard=(Heard("/x", 200, html),))
        return min(repeat(lambda: redact(page), timer=process_time, number=1, repeat=3))

    assert seconds(400_000) < 24 * seconds(50_000)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>/!-=\"' abcode?&;tokenscrip\x00İ"))
def test_any_text_is_borne(text: str) -> None:
    """No text is too odd, and what was redacted once is as it shall be."""
    once = redact(Snapshot(text))
    assert redact(once) == once
