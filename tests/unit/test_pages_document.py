"""What counts as visible, what counts as text, and what is no page at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clock import stopwatch
from bot.errors import LeadwrightError, PageError, WrongPage
from bot.facts import Snapshot
from bot.pages.document import Document, body_of, is_enabled, parse, text_of, time_of
from bot.pages.reader import Reader
from bot.pages.selectors import Selectors

SELECTORS = Selectors.shipped()


def document(html: str) -> Document:
    return parse(Snapshot(html), SELECTORS)


def text(html: str) -> str:
    return text_of(document(html).root)


@pytest.mark.parametrize(
    "attribute",
    [
        "hidden",
        'hidden="until-found"',
        'aria-hidden="true"',
        'aria-hidden="TRUE"',
        'style="display:none"',
        'style="color: red; DISPLAY : none !important"',
        "style='visibility: hidden'",
        "data-leadwright-hidden",
        'data-leadwright-hidden="x"',
    ],
)
def test_what_is_hidden_is_not_read(attribute: str) -> None:
    """An element is hidden by itself, or by any element that it stands in."""
    assert text(f"<p>seen <b {attribute}>hidden</b></p>") == "seen"
    assert text(f"<main><p>seen</p><div {attribute}><i><b>hidden</b></i></div></main>") == "seen"


@pytest.mark.parametrize(
    "attribute",
    [
        'aria-hidden="false"',
        'style="display:block"',
        'style="--display:none-such"',
        'class="hidden"',
    ],
)
def test_what_only_looks_hidden_is_read(attribute: str) -> None:
    """Only what interface.md calls hidden is hidden: a class is not."""
    assert text(f"<p>seen <b {attribute}>too</b></p>") == "seen too"


def test_a_page_within_a_hidden_one_is_dropped_once() -> None:
    """Hidden elements in hidden elements leave nothing, and break nothing."""
    nested = "<div hidden>" * 300 + "x" + "</div>" * 300
    assert text(f"<p>a</p>{nested}<p>b</p>") == "a b"


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ('<b class="artdeco-entity-lockup__degree" aria-hidden="true">· 2nd</b>', "· 2nd"),
        ('<b class="x_name-sublabel_1"><i aria-hidden="TRUE">· 2nd</i></b>', "· 2nd"),
        ('<b class="artdeco-entity-lockup__degree" aria-hidden="true" hidden>· 2nd</b>', ""),
        ('<b class="artdeco-entity-lockup__degree" style="display:none">· 2nd</b>', ""),
        ('<p aria-hidden="true"><b class="artdeco-entity-lockup__degree">· 2nd</b></p>', ""),
        ('<b class="other" aria-hidden="true">· 2nd</b>', ""),
    ],
)
def test_a_degree_that_is_not_read_aloud_is_seen(html: str, wanted: str) -> None:
    """Only the degree itself is an exception: what it stands in hides it, and so does all else."""
    assert text(f"<main>{html}</main>") == wanted


def test_scripts_and_titles_are_no_text() -> None:
    """What a browser does not show as text is not text."""
    html = (
        "<title>t</title><script>s</script><style>s</style><noscript>n</noscript>"
        "<template>t</template><p>seen</p><textarea>typed</textarea><!-- c -->"
    )
    assert text(html) == "seen"


def test_blocks_separate_words_and_inline_elements_do_not() -> None:
    """Text runs together as a browser shows it."""
    assert text("<div>one</div><div>t<b>w</b>o</div>three<br>four") == "one two three four"


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("Hi Alice,<br>thanks", "Hi Alice,\nthanks"),
        ("Hi Alice,\nthanks", "Hi Alice,\nthanks"),
        ("Hi Alice,<br>\n      thanks", "Hi Alice,\nthanks"),
        ("Hi Alice,\n      thanks", "Hi Alice, thanks"),
        ("Hi<br><br>Bye", "Hi\n\nBye"),
        ("<div>Hi</div><div>Bye</div>", "Hi\nBye"),
        ("  Hi&nbsp;&nbsp;there \t you ", "Hi there you"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
    ],
)
def test_a_body_keeps_its_lines(html: str, wanted: str) -> None:
    """Line breaks of a message stay, runs of white space do not."""
    node = document(f"<section>{html}</section>").root.css_first("section")
    assert node is not None
    assert body_of(node) == wanted


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("2026-11-13T08:15:00.000Z", datetime(2026, 11, 13, 8, 15, tzinfo=UTC)),
        ("2026-11-13T09:15:00+01:00", datetime(2026, 11, 13, 8, 15, tzinfo=UTC)),
        ("1794558000000", datetime(2026, 11, 13, 8, 20, tzinfo=UTC)),
        ("2026-11-13T08:15:00", None),
        ("2026-11-13", None),
        ("yesterday", None),
        ("", None),
        ("9" * 15, None),
    ],
)
def test_a_time_without_its_offset_is_not_known(said: str, wanted: datetime | None) -> None:
    """A moment is told with its offset, or not at all."""
    node = document(f'<time datetime="{said}">x</time>').root.css_first("time")
    assert node is not None
    assert time_of(node) == wanted


@pytest.mark.parametrize(
    ("html", "enabled"),
    [
        ("<button>Send</button>", True),
        ("<button disabled>Send</button>", False),
        ('<button aria-disabled="true">Send</button>', False),
        ("<fieldset disabled><button>Send</button></fieldset>", False),
    ],
)
def test_a_disabled_button_is_not_enabled(html: str, enabled: bool) -> None:
    """Whatever disables a button in a browser disables it here."""
    button = document(html).root.css_first("button")
    assert button is not None
    assert is_enabled(button) is enabled


NO_PAGES = {
    "empty": "",
    "blank": "  \n",
    "binary": "\0\0\0<html>",
    "words": "just words",
    "huge": "<p>" + "x" * 5_000_001,
    "open": "<div>" * 200_000,
    "closed": "<div>" * 200_000 + "</div>" * 200_000,
    "crossed": "<div><table></div></table>" * 100_000,
    "in attributes": "<div " + " ".join(f"a{n}=1" for n in range(200_000)) + ">",
    "unclosed": "<b class=x><i>" * 100_000,
}


@pytest.mark.parametrize("what", NO_PAGES)
def test_what_is_no_page_is_refused_at_once(what: str) -> None:
    """Empty, binary, too long or nested absurdly: one clear error, in less than two seconds."""
    started = stopwatch()
    with pytest.raises(WrongPage):
        parse(Snapshot(NO_PAGES[what]), SELECTORS)
    assert stopwatch() - started < 2


def test_tags_in_scripts_and_comments_do_not_nest() -> None:
    """What only looks like an element is not counted as one."""
    quoted = "<script>" + "'<div>'" * 9_000 + "</script><!--" + "<div>" * 9_000 + "-->"
    assert text(f"{quoted}<p>seen</p>") == "seen"


def test_a_long_page_is_read() -> None:
    """Many elements beside each other are no reason to refuse a page."""
    assert text("<ul>" + "<li><p>a<br>b</p>" * 20_000 + "</ul>").startswith("a b a b")


def test_a_whole_page_is_parsed_once() -> None:
    """The page that was asked for a halt is not parsed again for its facts."""
    reader = Reader.shipped()
    page = Snapshot('<div class="thread-container">x</div>')
    reader.halt(page)
    first = reader._document(page)
    with pytest.raises(PageError):
        reader.thread(page)
    assert reader._document(page) is first


MARKUP = """<div>|</div>|<p>|<b|>|"|<article aria-label='Message from you'>|<li>|<form>|<!--|-->
|<div class=thread-container>|Use 1 of 5 credits|<table><tr>|<time datetime=9>|<textarea>|</a>|
<section role=dialog id=message-overlay>|<a href=/sales/lead/ACwAA1,NAME_SEARCH,x>|accepted |</svg>
|your InMail|&#0;|\ud7ff|😀|<h1|<div id=profile-card-section>|<svg><title>|<noscript>|<body>|
<span data-anonymize=person-name>|<div data-x-message-content=message>|<li hidden>"""
PIECES = st.sampled_from(MARKUP.split("|"))


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_page_gives_a_record_or_an_error_of_ours(html: str) -> None:
    """Whatever stands in a page, a reader ends with a record or with one of our own errors."""
    reader = Reader.shipped()
    page = Snapshot(html, "https://www.linkedin.com/sales/lead/ACwAA1,NAME_SEARCH,x")
    for read in (
        *(reader.halt, reader.lead, reader.composer, reader.sent, reader.results),
        *(reader.inbox, reader.thread, reader.balance, reader.reply, reader.owner_first_name),
    ):
        try:
            read(page)
        except LeadwrightError:
            continue
