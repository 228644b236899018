"""What readers make of pages that hold little more than the hooks that are known."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from bot.errors import LayoutChanged, NotLoaded, PageError, WrongPage
from bot.facts import ComposerKind, HaltKind, Heard, Kind, Label, Snapshot, Toast
from bot.pages.document import parse
from bot.pages.reader import Reader
from tests.fixtures.cases import case

READER = Reader.shipped()
LEAD_URL = "https://www.linkedin.com/sales/lead/ACwAAFable1,NAME_SEARCH,tok1"
LEAD_LINK = '<a href="/sales/lead/ACwAAFable1,NAME_SEARCH,tok1">'
NAME = '<span data-anonymize="person-name">Quilla Marrowby</span>'


def lead(inside: str, *, url: str = LEAD_URL, heard: tuple[Heard, ...] = ()) -> Snapshot:
    html = (
        "<main><section id=profile-card-section>"
        '<h1 data-x--lead--name data-anonymize="person-name">Quilla Marrowby</h1>'
        f'<span class="_name-sublabel_x1">· 2nd</span>{inside}</section></main>'
    )
    return Snapshot(html, url, heard=heard)


def composer(form: str, *, head: str = "", beside: str = "") -> Snapshot:
    return Snapshot(
        '<div id="message-overlay"><section role="dialog" aria-label="Conversation with Quilla '
        f'Marrowby"><header>{head or f"<h2>New message to {LEAD_LINK}{NAME}</a></h2>"}</header>'
        f'<form data-x-conversation-widget="compose-form">{form}</form>{beside}</section></div>',
        LEAD_URL,
    )


FIELDS = '<input aria-label="Subject (required)"><textarea name="message"></textarea>'


def message(sender: str, text: str, at: str = "2026-11-12T10:00:00Z", extra: str = "") -> str:
    who = "you" if sender == "me" else sender
    name = (
        ""
        if sender == "me"
        else f'<address><span data-anonymize="person-name">{sender}</span></address>'
    )
    body = f'<p data-anonymize="general-blurb">{text}</p>' if text else ""
    return (
        f'<li><article aria-label="Message from {who}">{name}<time datetime="{at}">x</time>'
        f'<div class="message-content" data-x-message-content="message">{body}</div>{extra}'
        "</article></li>"
    )


def thread(
    inside: str, *, head: str = "", after: str = "", heard: tuple[Heard, ...] = ()
) -> Snapshot:
    html = (
        f'<div class="thread-container">{head or f"<h2>{LEAD_LINK}{NAME}</a></h2>"}'
        f'<section class="message-container-align"><ul>{inside}</ul></section>{after}</div>'
    )
    return Snapshot(html, "https://x/sales/inbox/2-abc%3D%3D", heard=heard)


MINE = message("me", "Hello")
THEIRS = "Quilla Marrowby"
BUTTON = "<button data-anchor-send-inmail>Message</button>"


# --- leads ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "degree"),
    [
        ("(She/Her) · 2nd", 2),
        ("· 2.", 2),
        ("· 3rd+", 3),
        ("· 1er", 1),
        ("(1st of her name)", None),
        ("· 2nd <i>3rd degree</i>", None),
        ("· 22", None),
    ],
)
def test_a_degree_is_one_number_or_none(shown: str, degree: int | None) -> None:
    """A degree is read in any language; two of them, or a bracket's number, are none."""
    page = lead("")
    html = page.html.replace("· 2nd", shown)
    assert READER.lead(Snapshot(html, LEAD_URL)).degree == degree


def test_the_hidden_copy_of_the_button_does_not_count() -> None:
    """K1: the sticky header's hidden Message button says nothing of the visible one."""
    hidden = f"<div hidden>{BUTTON}</div>"
    assert READER.lead(lead(hidden)).can_message is False
    assert READER.lead(lead(hidden + BUTTON)).can_message is True


def test_the_menu_may_hold_the_message_action() -> None:
    """K1: a closed menu proves nothing, and is told apart from a page without one."""
    menu = "<button data-x--lead-actions-bar-overflow-menu>More</button>"
    assert READER.lead(lead(menu)).has_menu is True
    assert READER.lead(lead(menu)).can_message is False
    assert READER.lead(lead(menu)).kind is Kind.UNKNOWN
    assert READER.lead(lead(BUTTON)).has_menu is False


def test_a_disabled_button_is_unreachable_and_a_missing_one_is_unknown() -> None:
    """K1, K3: only what the page proves is told."""
    off = BUTTON.replace(">", " disabled>", 1)
    assert READER.lead(lead(off)).kind is Kind.UNREACHABLE
    assert READER.lead(lead("")).kind is Kind.UNKNOWN
    assert READER.lead(lead("<button>Kommunikation deaktiviert</button>")).kind is Kind.UNREACHABLE


def test_a_page_that_contradicts_itself_is_unknown() -> None:
    """K2: data that may be stale does not overrule a button that is there: the composer decides."""
    told = profile(inmailRestriction="DISABLED")
    assert READER.lead(lead(BUTTON, heard=told)).kind is Kind.UNKNOWN
    assert READER.lead(lead("", heard=told)).kind is Kind.UNREACHABLE


def profile(lead_id: str = "ACwAAFable1", **told: object) -> tuple[Heard, ...]:
    body = {"entityUrn": f"urn:li:fs_salesProfile:({lead_id},NAME_SEARCH,t)", **told}
    return (Heard("https://x/sales-api/salesApiProfiles/(profileId:…)", 200, json.dumps(body)),)


def test_an_open_profile_is_a_hint_from_the_pages_own_data_only() -> None:
    """K1, K2: `free` ranks the queue; it comes from this lead's own record, and no other."""
    told = {"memberBadges": {"openLink": True}, "inmailRestriction": "NO_RESTRICTION"}
    assert READER.lead(lead(BUTTON, heard=profile(**told))).kind is Kind.FREE
    assert READER.lead(lead(BUTTON, heard=profile("ACwAAOther", **told))).kind is Kind.UNKNOWN
    broken = (Heard("https://x/sales-api/salesApiProfiles/x", 200, "<html>"),)
    assert READER.lead(lead(BUTTON, heard=broken)).kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("<p>Nov 3 You sent a Sales Navigator message to Quilla</p>", Kind.PENDING),
        (
            f"<p><time>Nov 3</time> You sent a Sales Navigator message to {NAME}</p>",
            Kind.PENDING,
        ),
        ("<p>You sent a Sales Navigator message to Orsino</p>", Kind.UNKNOWN),
        (
            '<p data-anonymize="headline">You sent a Sales Navigator message to Quilla</p>',
            Kind.UNKNOWN,
        ),
        ("<textarea>You sent a Sales Navigator message to Quilla</textarea>", Kind.UNKNOWN),
    ],
)
def test_a_sent_inmail_is_pending_only_by_the_sites_word(line: str, kind: Kind) -> None:
    """K1, A14: the relationship's line counts, for this lead, and nobody's own words do."""
    assert READER.lead(lead(BUTTON + line)).kind is kind


@pytest.mark.parametrize(
    ("address", "lead_id", "token"),
    [
        ("/sales/lead/ACwAA1-x_y,NAME_SEARCH,t0k?_ntb=1", "ACwAA1-x_y", "t0k"),
        ("/sales/lead/ACwAA1,undefined,undefined", "ACwAA1", None),
        ("/sales/lead/ACoAA1", "ACoAA1", None),
        ("/sales/lead/ACwAA1%2CNAME_SEARCH%2Ct0k", "ACwAA1", "t0k"),
        ("/sales/people/ACwAA1,t0k,NAME_SEARCH", "ACwAA1", "t0k"),
        ("/sales/people/ACwAA1,name", "ACwAA1", None),
    ],
)
def test_every_spelling_of_a_leads_address_has_its_id(
    address: str, lead_id: str, token: str | None
) -> None:
    """Only the id is stable: it is read from every spelling, the token where there is one."""
    facts = READER.lead(lead(BUTTON, url=f"https://www.linkedin.com{address}"))
    assert (facts.id, facts.token) == (lead_id, token)


# --- composers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "kind", "credits"),
    [
        ("Use 1 of 23 credits", ComposerKind.CREDIT, 23),
        ("use  1 of <b>23</b>&nbsp;credits.", ComposerKind.CREDIT, 23),
        ("Usar 1 de 23 créditos", ComposerKind.CREDIT, 23),
        ("1 von 23 InMail-Guthaben verwenden", ComposerKind.CREDIT, 23),
        ("Free to Open Profile", ComposerKind.FREE, None),
        ("Kostenlos für Open Profile", ComposerKind.FREE, None),
        ("Use 2 of 23 credits", ComposerKind.UNKNOWN, None),
        ("Not free to Open Profile", ComposerKind.UNKNOWN, None),
        ("Free", ComposerKind.UNKNOWN, None),
        ("", ComposerKind.UNKNOWN, None),
    ],
)
def test_the_credit_line_decides_and_silence_is_unknown(
    line: str, kind: ComposerKind, credits: int | None
) -> None:
    """K2, K3: a known line, whole, in the form; anything else is unknown."""
    facts = READER.composer(composer(f'{FIELDS}<span class="ml1 t-12 truncate">{line}</span>'))
    assert (facts.kind, facts.credits) == (kind, credits)


@pytest.mark.parametrize(
    "form",
    [
        f'{FIELDS}<p data-anonymize="general-blurb">Free to Open Profile</p>',
        f'{FIELDS}<p><span data-anonymize="person-name">Free to Open Profile</span></p>',
        f"{FIELDS}<div contenteditable=true>Free to Open Profile</div>",
        f"{FIELDS}<span hidden>Free to Open Profile</span>",
        f"{FIELDS}<span>Free to Open Profile</span><span>Use 1 of 5 credits</span>",
        f"{FIELDS}<span>Use 1 of 5 credits</span><span>Use 1 of 6 credits</span>",
        f"{FIELDS}<p>Free to Open Profile</p><blockquote>Use 1 of <b>5</b> credits</blockquote>",
        f'{FIELDS}<p>Free to Open Profile</p><p data-anonymize="x">Use 1 of 5 credits</p>',
    ],
)
def test_quotes_and_contradictions_are_unknown(form: str) -> None:
    """A14, K3: what people wrote is no line, and of two lines none is chosen."""
    facts = READER.composer(composer(form))
    assert (facts.kind, facts.credits) == (ComposerKind.UNKNOWN, None)


def test_a_line_outside_of_the_form_is_no_credit_line() -> None:
    """The right column may hold the words "free" or "open profile"."""
    page = composer(FIELDS, beside="<aside><span>Free to Open Profile</span></aside>")
    assert READER.composer(page).kind is ComposerKind.UNKNOWN


def test_a_quotation_in_the_right_column_is_not_the_panels_word() -> None:
    """K3: the right column quotes posts, whatever marks them."""
    said = "<p>No InMail credits left</p>"
    panel = '<section role="dialog"><h2>Quilla</h2>{}</section>'
    html = f'<div id="message-overlay">{panel}</div>'
    own = READER.composer(Snapshot(html.format(said)))
    quoted = READER.composer(Snapshot(html.format(f"<aside>{said}</aside>")))
    assert (own.kind, quoted.kind) == (ComposerKind.NONE_LEFT, ComposerKind.UNKNOWN)


def test_the_addressee_is_the_heads_link() -> None:
    """K6: links of the right column and of posts name others; two heads name nobody."""
    other = '<aside><a href="/sales/lead/ACwAAOther,NAME_SEARCH,t">Orsino</a></aside>'
    assert READER.composer(composer(FIELDS, beside=other)).lead_id == "ACwAAFable1"
    head = "<h2>New message to Quilla Marrowby</h2>"
    facts = READER.composer(composer(FIELDS, head=head, beside=other))
    assert (facts.lead_id, facts.name) == (None, "Quilla Marrowby")
    two = f"<h2>{LEAD_LINK}Quilla</a> <a href='/sales/lead/ACwAAOther,x,y'>Orsino</a></h2>"
    assert READER.composer(composer(FIELDS, head=two)).lead_id is None


def test_no_subject_and_no_line_is_first_degree_unless_the_page_says_otherwise() -> None:
    """K3: a late form looks the same, so a page that shows another degree makes it unknown."""
    body = '<textarea name="message"></textarea>'
    alone = composer(body)
    assert READER.composer(alone).kind is ComposerKind.FIRST_DEGREE
    second = lead("").html
    behind = Snapshot(second + alone.html, LEAD_URL)
    assert READER.composer(behind).kind is ComposerKind.UNKNOWN
    first = Snapshot(second.replace("2nd", "1st") + alone.html, LEAD_URL)
    assert READER.composer(first).kind is ComposerKind.FIRST_DEGREE
    assert READER.composer(composer(FIELDS)).kind is ComposerKind.UNKNOWN


def test_a_degree_counts_against_a_form_without_a_line_wherever_it_may_be_theirs() -> None:
    """K3: on a card of nobody known, or of theirs in a list; what is another's says nothing."""
    body = '<textarea name="message"></textarea>'
    alone = composer(body).html
    card = lead("").html
    elsewhere = "https://www.linkedin.com/sales/lead/ACwAAOther,NAME_SEARCH,x"
    listed = (
        '<ol class="artdeco-list"><li class="artdeco-list__item"><div data-x-search-result="LEAD"'
        ' data-scroll-into-view="urn:li:fs_salesProfile:({},NAME_SEARCH,x)">'
        '<span class="artdeco-entity-lockup__degree">· 3rd</span></div></li></ol>'
    )
    kinds = {
        "a card without an address": Snapshot(card + alone),
        "another lead's card": Snapshot(card + alone, elsewhere),
        "their card in a list": Snapshot(listed.format("ACwAAFable1") + alone),
        "another's card in a list": Snapshot(listed.format("ACwAAOther") + alone),
    }
    first = {name for name, page in kinds.items() if READER.composer(page).kind != "unknown"}
    assert first == {"another lead's card", "another's card in a list"}


@pytest.mark.parametrize(
    ("button", "can_send"),
    [
        ("<button data-sales-action>Send</button>", True),
        ("<button data-sales-action aria-label='Senden'></button>", True),
        ("<button data-sales-action disabled>Send</button>", False),
        ("<button data-sales-action>Save as template</button>", False),
        ("<button data-sales-action>Send</button><button data-sales-action>Send</button>", False),
        ("", False),
    ],
)
def test_only_one_enabled_send_can_be_clicked(button: str, can_send: bool) -> None:
    """T1: what is not the one Send button is not clicked."""
    assert READER.composer(composer(FIELDS + button)).can_send is can_send


def test_what_is_typed_is_read_back() -> None:
    """T1: subject and body are what stands in the fields now."""
    form = (
        '<input aria-label="Subject (required)" value="A &amp; B">'
        '<textarea name="message">Hello,\n\nyou</textarea>'
    )
    facts = READER.composer(composer(form))
    assert (facts.subject, facts.body) == ("A & B", "Hello,\n\nyou")


def test_a_panel_that_became_a_thread_tells_what_was_sent() -> None:
    """T2: our text, the toast, the thread and the balance are proofs of their own."""
    facts = READER.sent(case("composer/sent").snapshot())
    assert (facts.became_thread, facts.still_form, facts.toast) == (True, False, Toast.SENT)
    assert len(facts.mine) == 1
    assert facts.mine[0].startswith("Hello Quilla,")
    heard = READER.sent(case("composer/sent-heard").snapshot())
    assert (heard.thread_id, heard.credits) == ("2-ZmFrZS10aHJlYWQtaWQtMDAx==", 22)


@pytest.mark.parametrize(
    ("name", "toast"),
    [
        ("composer/failed", Toast.FAILED),
        ("composer/crm-alert", None),
        ("composer/sending", None),
        ("composer/sent-de", Toast.SENT),
        ("composer/sent-es", Toast.SENT),
    ],
)
def test_only_a_toast_about_the_send_counts(name: str, toast: Toast | None) -> None:
    """T3: a permanent alert of another kind is no failure."""
    facts = READER.sent(case(name).snapshot())
    assert facts.toast is toast
    assert facts.still_form is not facts.became_thread


def test_a_page_without_a_panel_proves_no_send() -> None:
    """T2: nothing seen is nothing proven."""
    facts = READER.sent(lead(BUTTON))
    assert (facts.became_thread, facts.still_form, facts.mine) == (False, False, ())


# --- threads --------------------------------------------------------------------------------------


def witnesses(page: Snapshot) -> list[tuple[Label, str, int | None]]:
    return [(each.label, each.source, each.after) for each in READER.thread(page).witnesses]


@pytest.mark.parametrize(
    "event",
    [
        f"<li><p>{NAME} accepted your InMail</p></li>",
        f"<li><article>{NAME} accepted your InMail <time datetime=x>Nov 3</time></article></li>",
        "<li>Accepted your InMail.</li>",
        f"<li><p>{THEIRS} is interested in starting a conversation with you</p></li>",
    ],
)
def test_an_event_among_the_messages_is_a_witness_in_its_place(event: str) -> None:
    """A1: the site's own line, between the messages where it stands."""
    page = thread(MINE + event + message(THEIRS, "Hello", "2026-11-14T10:00:00Z"))
    assert witnesses(page) == [(Label.ACCEPTED, "event", 1)]


@pytest.mark.parametrize(
    "words",
    [
        "accepted your InMail",
        f"{THEIRS} declined your InMail",
        "Declined your InMail",
        "Use 1 of 5 credits",
    ],
)
def test_what_they_write_is_never_a_witness(words: str) -> None:
    """A14: the recipient's words are data, wherever and whatever they are."""
    facts = READER.thread(thread(MINE + message(THEIRS, words)))
    assert facts.witnesses == ()
    assert facts.messages[-1].text == words


def test_a_line_that_holds_their_words_is_no_witness() -> None:
    """A14: the site's words around a quotation do not become a line of the site."""
    quote = '<q data-anonymize="general-blurb">your InMail</q>'
    assert witnesses(thread(MINE, after=f"<p>{NAME} declined {quote}</p>")) == []


def test_a_name_is_no_witness() -> None:
    """A14: somebody may be called whatever the site says."""
    head = f"<h2>{LEAD_LINK}Accepted your InMail</a></h2>"
    page = thread(message("me", "Hello"), head=head)
    assert READER.thread(page).name == "Accepted your InMail"
    assert witnesses(page) == []


def test_a_label_on_a_message_belongs_to_it() -> None:
    """A8: a label inside a message stands before the ones that follow."""
    labelled = message(THEIRS, "Sure", "2026-11-13T10:00:00Z", "<span>InMail accepted</span>")
    later = message(THEIRS, "And now?", "2026-11-14T10:00:00Z")
    assert witnesses(thread(MINE + labelled + later)) == [(Label.ACCEPTED, "label", 1)]


def test_a_label_on_our_own_inmail_has_no_place() -> None:
    """A8: it says what became of the InMail, not when; it belongs to their newest words."""
    ours = message("me", "Hello", extra="<span>InMail declined</span>")
    page = thread(ours + message(THEIRS, "We have a supplier.", "2026-11-14T10:00:00Z"))
    assert [(w.label, w.after, w.at) for w in READER.thread(page).witnesses] == [
        (Label.REJECTED, None, None)
    ]


def test_a_line_about_somebody_else_is_no_witness() -> None:
    """A14: a line must be about the person of this thread."""
    assert witnesses(thread(MINE, after="<p>Orsino Tandle accepted your InMail</p>")) == []
    assert witnesses(thread(MINE, after=f"<p>{THEIRS} accepted your InMail</p>")) == [
        (Label.ACCEPTED, "system-line", None)
    ]


def test_an_empty_message_of_theirs_is_there_and_not_read() -> None:
    """A9: something of theirs that cannot be read is a message without a text."""
    facts = READER.thread(thread(MINE + message(THEIRS, "")))
    assert [(each.mine, each.text) for each in facts.messages] == [(True, "Hello"), (False, None)]


def test_a_message_of_nobody_is_refused() -> None:
    """Who wrote a message is never guessed."""
    nobody = (
        message("x", "Hello").replace('aria-label="Message from x"', "").replace("address", "b")
    )
    with pytest.raises(LayoutChanged):
        READER.thread(thread(MINE + nobody))


def test_messages_are_told_oldest_first() -> None:
    """A page that shows the newest first gives the same thread."""
    old = message("me", "one", "2026-11-12T10:00:00Z")
    new = message(THEIRS, "two", "2026-11-13T10:00:00Z")
    event = f"<li>{NAME} accepted your InMail <time datetime='2026-11-13T10:00:00Z'>x</time></li>"
    facts = READER.thread(thread(new + event + old))
    assert [each.text for each in facts.messages] == ["one", "two"]
    assert [each.after for each in facts.witnesses] == [1]


def test_a_link_that_they_sent_is_not_whose_thread_it_is() -> None:
    """A14, K6: a lead's link inside a message names nobody."""
    link = '<a href="/sales/lead/ACwAAOther,NAME_SEARCH,t">look</a>'
    facts = READER.thread(thread(MINE + message(THEIRS, link), head="<p>Thread</p>"))
    assert facts.lead_id is None
    assert facts.name == THEIRS


def test_the_data_of_this_thread_is_a_witness_and_that_of_another_is_not() -> None:
    """A1: the page's own record of an acceptance counts for its own thread."""
    at = int(datetime(2026, 11, 13, tzinfo=UTC).timestamp() * 1000)
    told = {"id": "2-abc==", "messages": [{"type": "INMAIL_ACCEPT", "deliveredAt": at}, "x"]}
    address = "https://x/sales-api/salesApiMessagingThreads/2-abc%3D%3D"
    mine = (Heard(address, 200, json.dumps(told)),)
    other = (Heard(address, 200, json.dumps(told | {"id": "2-xyz=="})),)
    assert witnesses(thread(MINE, heard=mine)) == [(Label.ACCEPTED, "heard", 1)]
    assert witnesses(thread(MINE, heard=other)) == []


def test_a_reply_is_read_back_before_it_is_sent() -> None:
    """T7: what stands in the thread's form, and whether it can be sent."""
    form = (
        '<form data-x-conversation-widget="compose-form"><textarea name="message">Hi</textarea>'
        "<button data-sales-action>Send</button></form>"
    )
    assert READER.reply(thread(MINE, after=form)) == ("Hi", True)
    assert READER.reply(thread(MINE)) == (None, False)
    assert READER.thread(thread(MINE, after=form)).can_write is True


# --- lists ----------------------------------------------------------------------------------------


def test_an_inbox_that_is_still_empty_is_not_an_empty_inbox() -> None:
    """K8: no thread is known to be there only if the site says so."""
    frame = (
        '<header data-x--global-application-header></header><div class="conversation-list"></div>'
    )
    with pytest.raises(NotLoaded):
        READER.inbox(Snapshot(frame, "https://x/sales/inbox/"))
    told = (Heard("https://x/sales-api/salesApiMessagingThreads?q=x", 200, '{"elements": []}'),)
    assert READER.inbox(Snapshot(frame, "https://x/sales/inbox/", heard=told)).threads == ()


def test_a_balance_in_the_list_is_somebodys_words() -> None:
    """C9, A14: a line of the list that quotes the balance is not the balance."""
    item = '<li class="conversation-list-item"><p>InMail credits: 9 left</p></li>'
    header = "<header data-x--global-application-header>{}</header>"
    quoted = Snapshot(header.format("") + f"<ul>{item}</ul>")
    shown = Snapshot(header.format("InMail credits: 149 left") + f"<ul>{item}</ul>")
    assert READER.balance(quoted).credits is None
    assert READER.balance(shown).credits == 149


def test_the_owners_first_name_is_the_headers() -> None:
    """A12: the name stands in the header's menu, with or without a picture and a title."""
    menu = '<header><button data-control-name="view_user_menu_from_app_header">{}</button></header>'
    for inside in (
        "Alice Example",
        '<img alt="Alice Example">',
        '<img alt="Dr. Alice Example"><span data-anonymize="person-name">Alice Example</span>',
    ):
        assert READER.owner_first_name(Snapshot(menu.format(inside))) == "Alice"
    assert READER.owner_first_name(Snapshot("<p>Alice</p>")) is None


def test_a_card_without_an_id_is_not_passed_over() -> None:
    """An import never loses a lead in silence."""
    card = f'<li class="artdeco-list__item"><div data-x-search-result="LEAD">{NAME}</div></li>'
    page = f'<div data-x--search-results-container><ol class="artdeco-list">{card}</ol></div>'
    with pytest.raises(LayoutChanged):
        READER.results(Snapshot(page))


# --- wrong pages ----------------------------------------------------------------------------------


WRONG = {
    "lead": "inbox/list",
    "composer": "lead/second-degree",
    "results": "lead/second-degree",
    "inbox": "results/search",
    "thread": "composer/credit",
    "balance": "halt/login",
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_page_of_the_wrong_kind_says_what_it_looks_like(kind: str) -> None:
    """The error names what was expected and what the page is."""
    with pytest.raises(WrongPage, match=r"expected .*; this looks like "):
        getattr(READER, kind)(case(WRONG[kind]).snapshot(kind))


@pytest.mark.parametrize("kind", ["lead", "composer", "results", "inbox", "thread"])
def test_a_shell_is_not_loaded(kind: str) -> None:
    """A page whose app has not mounted is read again, whatever was asked for."""
    with pytest.raises(NotLoaded):
        getattr(READER, kind)(case("halt/loading").snapshot())


@pytest.mark.parametrize("kind", ["lead", "composer", "results", "inbox", "thread"])
def test_any_other_page_is_an_error(kind: str) -> None:
    """A page that is not of the site at all is never half a record."""
    with pytest.raises(PageError):
        getattr(READER, kind)(Snapshot("<h1>Soup of the day</h1>", "https://example.invalid/"))


# --- halts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "status", "html", "halt"),
    [
        (None, 999, "<p>x</p>", HaltKind.RATE_LIMITED),
        ("https://x/checkpoint/lg/anything", 200, "<p>x</p>", HaltKind.CHALLENGE),
        ("https://x/sales/login?x=1", 200, "<p>x</p>", HaltKind.LOGIN),
        ("https://x/premium/products/", None, "<p>x</p>", HaltKind.NO_SEAT),
        ("https://x/", None, "<h1>Welcome</h1>", HaltKind.NO_SEAT),
        ("https://x/", None, "<input type=password>", HaltKind.LOGIN),
        (None, None, "<iframe src='https://x/captcha/v2'></iframe>", HaltKind.CHALLENGE),
        (None, None, "<h1>We’ve detected unusual activity</h1>", HaltKind.RESTRICTED),
        (
            None,
            None,
            "<p>Unusual activity. Let’s do a quick security check</p>",
            HaltKind.CHALLENGE,
        ),
        (None, None, "<h1>This page <b>doesn’t</b> exist</h1>", HaltKind.MISSING),
        (None, None, "<p data-anonymize=headline>unusual activity</p>", HaltKind.NONE),
        (None, None, "<p hidden>unusual activity</p>", HaltKind.NONE),
        (None, None, "<p>Soup of the day</p>", HaltKind.NONE),
    ],
)
def test_a_halt_is_told_by_address_status_hook_or_word(
    url: str | None, status: int | None, html: str, halt: HaltKind
) -> None:
    """L5: what the site says, wherever it says it."""
    assert READER.halt(Snapshot(html, url, status)).halt is halt


def test_no_words_halt_while_the_apps_own_page_is_there() -> None:
    """L5, A14: a post that no hook marks as one may say anything."""
    page = lead("<div>We noticed unusual activity. Please try again later.</div>")
    assert READER.halt(page).halt is HaltKind.NONE


def test_a_long_paragraph_may_halt() -> None:
    """L5: the site explains at length why it stops somebody."""
    words = "Your account has been temporarily restricted. " + "We take care of our members. " * 20
    assert READER.halt(Snapshot(f"<main><p>{words}</p></main>")).halt is HaltKind.RESTRICTED


def test_a_status_halts_before_the_page_is_looked_at() -> None:
    """L5: HTTP 429 with nothing behind it is a halt, not an unreadable page."""
    assert (
        READER.halt(Snapshot("", "https://x/sales/lead/ACwAA1", 429)).halt is HaltKind.RATE_LIMITED
    )


# --- acting ---------------------------------------------------------------------------------------

ACTED_ON = {
    "lead": ("name", "message_button", "overflow_button", "overflow_message_item"),
    "composer": ("panel", "subject", "body", "send_button", "close_button", "discard_button"),
    "thread": ("container", "body", "send_button"),
    "inbox": ("ready", "item"),
    "results": ("ready", "item"),
}


@pytest.mark.parametrize("page", ACTED_ON)
def test_what_is_acted_on_has_css(page: str) -> None:
    """The site module finds its hooks in the data."""
    assert all(READER.css(page, key) for key in ACTED_ON[page])


def test_the_discard_button_is_the_one_that_says_so() -> None:
    """What only a browser can match is at least a button of the saved question."""
    html = case("composer/discard").html
    question = html[html.index('role="alertdialog"') :]
    assert READER.css("composer", "discard_button")[0].endswith('button:has-text("Discard")')
    assert re.search(r"<button[^>]*>(?:<[^>]*>|\s)*Discard", question)


def test_hooks_of_the_panel_and_of_the_thread_do_not_mix() -> None:
    """T7, K6: the same form stands in both; each hook holds in its own place only."""
    composed = parse(case("composer/credit").snapshot(), READER.selectors)
    threaded = parse(case("thread/default-acceptance").snapshot(), READER.selectors)
    for key in ("form", "body", "send_button"):
        assert composed.has("composer", key)
        assert not composed.has("thread", key)
        assert threaded.has("thread", key)
        assert not threaded.has("composer", key)
