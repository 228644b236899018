"""Which fixture shows what, and where its slots are. Made once at the start, then only filled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from bot.practice.markup import Fixture, Slot, Template, number_slot
from bot.practice.pages import Pages
from bot.practice.people import Label, Language
from bot.practice.records import ComposerState
from bot.practice.wording import INTERFACE

LEADS = ("second-degree", "first-degree", "unreachable", "pending")
THREADS = (
    "awaiting",
    "default-acceptance",
    "default-rejection",
    "edited-rejection",
    "own-words",
    "event-declined",
)
HALTS = (
    "login",
    "authwall",
    "challenge",
    "restricted",
    "rate-limited",
    "no-seat",
    "contract-chooser",
    "missing",
)
IN_MENU = "in the menu"
CARD = "li.artdeco-list__item"
ITEM = "li.conversation-list-item"
_PAGINATION = '[data-sn-view-name="search-pagination"]'
_ROW = "tr.artdeco-models-table-row"
_FORM = 'form[data-x-conversation-widget="compose-form"]'
_LINE = f"{_FORM} span.t-12.truncate"
_OVERLAY = '#message-overlay, [data-sn-view-name="subpage-message-overlay"]'
_MINE = 'article[aria-label="Message from you"]'
_MESSAGES = ".message-container-align ul"
_LEAD_ID = re.compile(r"AC[wo]AA[\w-]+")
_TOKEN = re.compile(r"NAME_SEARCH,([\w-]+)")
_BALANCE = re.compile(r"InMail credits:\s*\d+|InMail-Guthaben:\s*\d+|Créditos InMail:.*\d+")
_DEGREE = re.compile(r"[123](st|nd|rd|\.?º|\.(?=[\s<]|$))")


@dataclass(frozen=True, slots=True)
class ResultsParts:
    """A results page: what stands around its items, its items, and the numbers of its pages.

    empty      an item that is filled later
    last_page  has no way forward
    """

    page: Template
    last_page: Template
    filled: Template
    empty: Template
    number: Template
    this_number: Template


@dataclass(frozen=True, slots=True)
class ComposerParts:
    """The open panel, its credit line apart; None where there is no such line."""

    panel: Template
    line: Template | None


@dataclass(frozen=True, slots=True)
class Templates:
    """Everything that the practice site shows, in one language and one build of the site."""

    leads: Mapping[str, Template]
    search: ResultsParts
    table: ResultsParts
    composers: Mapping[ComposerState, ComposerParts]
    sent: Template
    threads: Mapping[str, Template]
    empty_inbox: Template
    item: Template
    mine: Template
    mine_untitled: Template
    theirs: Template
    deleted: Template
    events: Mapping[Label, Template]
    menu: Template
    question: Template
    toast_sent: Template
    toast_failed: Template
    halts: Mapping[str, Template]
    header: Template


class Workshop:
    """Makes templates of fixtures. `build` chooses the hashed class names."""

    def __init__(self, build: int, language: Language, pages: Pages) -> None:
        self._build = build
        self._pages = pages
        self._language = language

    def templates(self) -> Templates:
        """All of them. Raises WorkFailed if a fixture or a hook in it is missing."""
        return Templates(
            leads={case: self._lead(case) for case in LEADS}
            | {IN_MENU: self._lead("second-degree", in_menu=True)},
            search=self._results("results/search", CARD),
            table=self._results("results/list", _ROW),
            composers={state: self._composer(f"composer/{state}") for state in ComposerState},
            sent=self._sent(),
            threads={case: self._thread(case) for case in THREADS},
            empty_inbox=self._empty_inbox(),
            item=self._item(),
            mine=self._message("thread/awaiting", _MINE, titled=True),
            mine_untitled=self._message("thread/awaiting", _MINE, titled=False),
            theirs=self._message("thread/default-acceptance", "article:has(address)", titled=False),
            deleted=self._message("thread/deleted", "article:has(address)", titled=False),
            events={
                Label.DECLINED: self._event("li:not(:has(article))"),
                Label.ACCEPTED: self._event("li:last-child"),
            },
            menu=self._part("lead/message-in-menu", "#hue-web-menu-outlet > *"),
            question=self._part("composer/discard", '[role="alertdialog"]'),
            toast_sent=self._part("composer/sent", ".artdeco-toasts"),
            toast_failed=self._part("composer/failed", ".artdeco-toasts"),
            header=self._header(),
            halts={case: self._halt(case) for case in HALTS},
        )

    def _open(self, case: str) -> Fixture:
        return Fixture(self._pages.find(case, self._language), self._build)

    def _spoken(self, template: Template) -> Template:
        """The site's own words in the scenario's language, where the fixture has English ones."""
        text = template.text
        if self._language is not Language.EN:
            english, other = asdict(INTERFACE[Language.EN]), asdict(INTERFACE[self._language])
            for key, words in english.items():
                text = re.sub(
                    rf'(?<=[>"])(\s*){re.escape(_slotted(words))}(\s*)(?=[<"])',
                    rf"\g<1>{_slotted(other[key])}\g<2>",
                    text,
                )
        return Template(text)

    # Leads

    def _lead(self, case: str, *, in_menu: bool = False) -> Template:
        page = self._open(f"lead/{case}")
        name = page.text("h1[data-x--lead--name]")
        page.put(
            '[data-x--lead-profile-card--headline], [data-anonymize="headline"]', Slot.HEADLINE
        )
        card = page.one('#profile-card-section, [data-sn-view-name="feature-lead-top-card"]')
        page.put('[data-anonymize="location"]', Slot.LOCATION, card)
        role = page.one('[data-sn-view-name="lead-current-role"]')
        page.put('[data-anonymize="job-title"]', Slot.TITLE, role)
        page.put('[data-anonymize="company-name"]', Slot.COMPANY, role)
        for node in page.all('[class*="name-sublabel"]'):
            _degree_slot(node)
        for node in page.all("time[datetime]"):
            _time_slot(node)
        if in_menu:
            page.drop("button[data-anchor-send-inmail]")
        page.empty("#message-overlay, #hue-web-menu-outlet")
        return self._person(page, page.template(), name)

    def _person(self, page: Fixture, template: Template, name: str) -> Template:
        """Slots for what no hook marks: the name in labels, the id and token in links."""
        owner = page.maybe_text('[data-control-name="view_user_menu_from_app_header"]')
        lead_id = _LEAD_ID.search(page.url) or _LEAD_ID.search(template.text)
        token = _TOKEN.search(page.url) or _TOKEN.search(template.text)
        thread = re.search(r"/sales/inbox/(2-[^/?\"]+)", page.url)
        template = template.slotted(
            (name, Slot.NAME),
            (owner, Slot.OWNER),
            (lead_id[0] if lead_id else "", Slot.LEAD_ID),
            (token[1] if token else "", Slot.TOKEN),
            (thread[1] if thread else "", Slot.THREAD_ID),
            (unquote(thread[1]) if thread else "", Slot.THREAD_ID),
        )
        first = name.partition(" ")[0]
        return self._spoken(template.slotted_word(first, Slot.FIRST_NAME))

    def _part(self, case: str, css: str) -> Template:
        return self._spoken(Template(self._open(case).one(css).html or ""))

    def _event(self, css: str) -> Template:
        """One line of the site's own in a thread: who accepted or declined, and when."""
        page = self._open("thread/rejection-then-acceptance")
        event = page.one(f"{_MESSAGES} > {css}")
        name = page.text('[data-anonymize="person-name"]', event)
        for node in page.all("time[datetime]", event):
            _time_slot(node)
        return self._spoken(Template(event.html or "").slotted((name, Slot.NAME)))

    def _header(self) -> Template:
        page = self._open("results/search")
        header = page.one("header[data-x--global-application-header]")
        return self._person(page, Template(header.html or ""), "")

    def _halt(self, case: str) -> Template:
        page = self._open(f"halt/{case}")
        return self._person(page, page.template(), "")

    # Results

    def _results(self, case: str, css: str) -> ResultsParts:
        page = self._open(case)
        items = page.all(css)
        named = [node for node in items if page.maybe('[data-anonymize="person-name"]', node)]
        waiting = [node for node in items if node not in named]
        filled = self._card(page, named[0])
        empty = Template((waiting[0].html if waiting else "") or "")
        page.replace_all(items, Slot.ITEMS)
        page.put('[data-anonymize="list-name"]', Slot.LISTING)
        number, this_number = self._numbers(page)
        whole = self._person(page, page.template(), "")
        for word in {INTERFACE[Language.EN].next, INTERFACE[self._language].next}:
            for button in page.all(f'{_PAGINATION} button[aria-label="{word}"]'):
                button.attrs["disabled"] = ""
        last = self._person(page, page.template(), "")
        return ResultsParts(whole, last, filled, empty, number, this_number)

    def _numbers(self, page: Fixture) -> tuple[Template, Template]:
        """The buttons of the pages: another one, and the one that is shown."""
        shown = page.one(f"{_PAGINATION} li:has([aria-current])")
        other = page.one(f"{_PAGINATION} li:not(:has([aria-current]))")
        both = [number_slot(node.html or "", Slot.PAGE) for node in (other, shown)]
        both = [re.sub(r'(aria-label="\D*)\d+', rf"\g<1>{Slot.PAGE.mark}", html) for html in both]
        page.replace_all(page.all(f"{_PAGINATION} li"), Slot.PAGES)
        return self._spoken(Template(both[0])), self._spoken(Template(both[1]))

    def _card(self, page: Fixture, card: LexborNode) -> Template:
        name = page.text('[data-anonymize="person-name"]', card)
        page.put('[data-anonymize="title"]', Slot.TITLE, card)
        page.put('[data-anonymize="company-name"]', Slot.COMPANY, card)
        page.put('[data-anonymize="location"]', Slot.LOCATION, card)
        for node in page.all(".artdeco-entity-lockup__degree", card):
            _degree_slot(node)
        html = card.html or ""
        lead_id, token = _LEAD_ID.search(html), _TOKEN.search(html)
        return self._spoken(
            Template(html).slotted(
                (name, Slot.NAME),
                (lead_id[0] if lead_id else "", Slot.LEAD_ID),
                (token[1] if token else "", Slot.TOKEN),
            )
        )

    # The composer

    def _composer(self, case: str) -> ComposerParts:
        page = self._open(case)
        name = page.text("h1[data-x--lead--name]")
        found, line = page.maybe(_LINE), None
        if found is not None:
            found.inner_html = number_slot(found.inner_html or "", Slot.CREDITS)
            line = self._spoken(Template(found.html or ""))
            page.replace_all([found], Slot.MORE)
        return ComposerParts(self._panel(page, name), line)

    def _panel(self, page: Fixture, name: str) -> Template:
        overlay = page.one(_OVERLAY)
        page.put('[data-anonymize="headline"]', Slot.HEADLINE, overlay)
        inner = overlay.inner_html if overlay.attributes.get("id") == "message-overlay" else None
        return self._person(page, Template(inner or overlay.html or ""), name)

    def _sent(self) -> Template:
        page = self._open("composer/sent")
        name = page.text("h1[data-x--lead--name]")
        overlay = page.one(_OVERLAY)
        page.one("ul:has(article)", overlay).inner_html = Slot.ITEMS.mark
        page.drop('[role="alert"], .artdeco-toast-item', overlay)
        return self._panel(page, name)

    # The inbox

    def _thread(self, case: str) -> Template:
        page = self._open(f"thread/{case}")
        name = page.text(".thread-container [data-anonymize='person-name']")
        page.put('.thread-container [data-anonymize="headline"]', Slot.HEADLINE)
        page.replace_all(page.all(ITEM), Slot.MORE)
        self._balance(page)
        messages = page.all(_MESSAGES)
        messages[0].inner_html = Slot.ITEMS.mark
        return self._person(page, page.template(), name)

    def _empty_inbox(self) -> Template:
        page = self._open("inbox/empty")
        self._balance(page)
        return self._person(page, page.template(), "")

    def _balance(self, page: Fixture) -> None:
        """The number in the inbox header, wherever it stands."""
        for node in page.all("*"):
            words = node.text(deep=False)
            if _BALANCE.search(words):
                node.inner_html = number_slot(node.inner_html or "", Slot.CREDITS)

    def _item(self) -> Template:
        page = self._open("inbox/list")
        item = page.one(ITEM)
        name = page.text('[data-anonymize="person-name"]', item)
        page.put('[data-anonymize="general-blurb"]', Slot.TEXT, item)
        for node in page.all("time[datetime]", item):
            _time_slot(node)
        link = page.one("a[href*='/sales/inbox/']", item)
        link.attrs["href"] = f"/sales/inbox/{Slot.THREAD_ID.mark}"
        classes = (link.attributes.get("class") or "").split()
        kept = " ".join(each for each in classes if each != "active")
        link.attrs["class"] = kept + Slot.ACTIVE.mark
        return self._spoken(Template(item.html or "").slotted((name, Slot.NAME)))

    def _message(self, case: str, css: str, *, titled: bool) -> Template:
        page = self._open(case)
        article = page.one(css)
        person = page.maybe("address [data-anonymize='person-name']", article)
        name = (person.text() if person is not None else "").strip()
        page.put("h3", Slot.SUBJECT, article)
        if not titled:
            page.drop("h3", article)
        page.put('p[data-anonymize="general-blurb"]', Slot.BODY, article)
        for node in page.all("time[datetime]", article):
            _time_slot(node)
        holder = article.parent
        html = holder.html if holder is not None and holder.tag == "li" else article.html
        return self._spoken(Template(html or "").slotted((name, Slot.NAME)))


def _slotted(words: str) -> str:
    """An interface text with slots for its `{…}`."""
    for key, slot in (
        ("name", Slot.NAME),
        ("first", Slot.FIRST_NAME),
        ("credits", Slot.CREDITS),
        ("degree", Slot.DEGREE),
    ):
        words = words.replace(f"{{{key}}}", slot.mark)
    return words


def _degree_slot(node: LexborNode) -> None:
    shown = re.sub(r"\([^)]*\) *", "", node.inner_html or "")  # pronouns are the fixture's person's
    node.inner_html = _DEGREE.sub(Slot.DEGREE.mark, shown)


def _time_slot(node: LexborNode) -> None:
    node.attrs["datetime"] = Slot.TIME.mark
    node.inner_html = Slot.TIME_SHOWN.mark
