"""Fills the templates: what each page of the practice site shows now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from itertools import count
from urllib.parse import quote

from bot.practice.markup import Slot, Template
from bot.practice.model import World
from bot.practice.pages import Pages
from bot.practice.people import Label, Language, Person, PersonKind
from bot.practice.records import (
    ComposerShown,
    ComposerState,
    InboxShown,
    LeadShown,
    ResultsShown,
    ThreadMessage,
    ThreadShown,
)
from bot.practice.templates import CARD, IN_MENU, ITEM, Workshop
from bot.practice.wording import INTERFACE

_LINES_IN_LIST = ("event-declined", "own-words")
_FILLED_AT_FIRST = 6
_ITEMS_AT_FIRST = 20
_MONTHS = {
    Language.EN: "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    Language.DE: "Jan. Feb. März Apr. Mai Juni Juli Aug. Sep. Okt. Nov. Dez.",
    Language.ES: "ene feb mar abr may jun jul ago sep oct nov dic",
}
_DEGREES = {
    Language.EN: ("1st", "2nd", "3rd"),
    Language.DE: ("1.", "2.", "3."),
    Language.ES: ("1.º", "2.º", "3.º"),
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page for the script to show; the names are the script's.

    reads    the JSON that the page fetches before it shows anything
    address  where the page moves to by itself
    cards    each card's markup by place, None where it is filled from the start
    items    inbox items that come when the list is scrolled
    page     its number, where there are several
    """

    title: str
    html: str
    reads: tuple[str, ...] = ()
    address: str = ""
    card: str = ""
    cards: tuple[str | None, ...] = ()
    item: str = ""
    items: tuple[str, ...] = ()
    fill_ms: int = 0
    page: int = 1
    next_word: str = ""
    thread: str = ""
    menu: str = ""
    sent: str = ""
    failed: str = ""
    discard: str = ""
    discard_word: str = ""
    trap: bool = False


@dataclass(frozen=True, slots=True)
class RenderedComposer:
    """A composer. `late_ms`: 0 the credit line is in it, None it never comes."""

    html: str
    recipient: str
    late_ms: int | None
    state: ComposerState
    credits: int
    read: str


@dataclass(frozen=True, slots=True)
class RenderedSend:
    """What stands after a send: the composer's panel, or the open thread."""

    panel: str
    thread: str
    read: str


class Renderer:
    """Pages of one world. Raises WorkFailed when made, if a fixture is missing."""

    def __init__(self, world: World, pages: Pages | None = None) -> None:
        scenario = world.scenario
        self._world = world
        self._language = scenario.language
        self._words = INTERFACE[scenario.language]
        self._templates = Workshop(scenario.seed, scenario.language, pages or Pages()).templates()
        self._renders = count(1)

    def shell(self, script: str, style: str, late_ms: int) -> str:
        """The document before its script has run."""
        return (
            f'<!DOCTYPE html><html lang="{self._language}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f'<title>Sales Navigator</title><link rel="stylesheet" href="{style}">'
            f'<script src="{script}" defer></script></head>'
            f'<body data-late-ms="{late_ms}"><div id="app">'
            '<div class="initial-load-animation"></div></div></body></html>'
        )

    def halt(self, case: str, style: str) -> str:
        """A page that is whole from the start: login, challenge, missing and the rest."""
        return (
            f'<!DOCTYPE html><html lang="{self._language}"><head><meta charset="utf-8">'
            f'<title>LinkedIn</title><link rel="stylesheet" href="{style}"></head>'
            f"<body>{self._fill(self._templates.halts[case], self._owner())}</body></html>"
        )

    def lead(self, shown: LeadShown, token: str) -> Rendered:
        """A lead page."""
        person = shown.person
        values = self._values(person, token)
        if shown.written_at is not None:
            values |= self._time(shown.written_at)
        read = (
            f"/sales-api/salesApiProfiles/(profileId:{person.id},authType:NAME_SEARCH,"
            f"authToken:{token})?decoration=%28entityUrn%2CmemberBadges%2CinmailRestriction%29"
        )
        template = self._templates.leads[_lead_case(shown)]
        return self._page(person.name, self._fill(template, values), (read,))

    def results(self, shown: ResultsShown, *, table: bool) -> Rendered:
        """One page of a search, or of a lead list as a table."""
        parts = self._templates.table if table else self._templates.search
        full = [
            self._fill(parts.filled, self._values(each, self._world.token(shown.id, each.id)))
            for each in shown.people
        ]
        at_first = len(full) if table else _FILLED_AT_FIRST
        waiting = self._fill(parts.empty, {})
        items = full[:at_first] + [waiting] * len(full[at_first:])
        page = parts.page if shown.page < shown.pages else parts.last_page
        numbers = "".join(
            self._fill(
                parts.this_number if number == shown.page else parts.number,
                {Slot.PAGE: str(number)},
            )
            for number in range(1, shown.pages + 1)
        )
        values = self._owner() | {
            Slot.ITEMS: "".join(items),
            Slot.PAGES: numbers,
            Slot.LISTING: shown.name,
        }
        html = self._fill(page, values)
        return replace(
            self._page(shown.name, html),
            card="" if table else CARD,
            cards=(None,) * at_first + tuple(full[at_first:]),
            page=shown.page,
        )

    def inbox(self, inbox: InboxShown, opened: ThreadShown | None) -> Rendered:
        """The inbox with its newest, or the asked, thread open."""
        items = tuple(self._item(each, opened) for each in inbox.threads)
        template = self._templates.empty_inbox
        values = self._owner() | {
            Slot.MORE: "".join(items[:_ITEMS_AT_FIRST]),
            Slot.CREDITS: str(self._world.shown_balance()),
        }
        reads = ["/sales-api/salesApiMessagingThreads?q=filter&count=20&filter=INBOX", _CREDITS]
        address = ""
        if opened is not None:
            template = self._templates.threads[_thread_case(opened)]
            values |= self._values(opened.person, self._token(opened.person))
            values |= {
                Slot.ITEMS: self._messages(opened),
                Slot.THREAD_ID: quote(opened.id, safe=""),
            }
            address = f"/sales/inbox/{quote(opened.id, safe='')}"
            reads.append(f"/sales-api/salesApiMessagingThreads/{quote(opened.id, safe='')}")
        return replace(
            self._page("Inbox", self._fill(template, values), tuple(reads)),
            address=address,
            item=ITEM,
            items=items[_ITEMS_AT_FIRST:],
            thread=opened.id if opened is not None else "",
        )

    def composer(self, shown: ComposerShown) -> RenderedComposer:
        """The open panel."""
        parts = self._templates.composers[shown.state]
        delay = shown.line_delay
        late = None if delay is None else round(delay.total_seconds() * 1000)
        if late is not None:
            late += self._world.scenario.delays.credit_line
        line = self.credit_line(shown.state, shown.credits) if late == 0 else _LINE_TO_COME
        values = self._values(shown.person, self._token(shown.person)) | {Slot.MORE: line}
        return RenderedComposer(
            html=self._fill(parts.panel, values),
            recipient=shown.person.id,
            late_ms=late,
            state=shown.state,
            credits=shown.credits,
            read=_CREDITS,
        )

    def credit_line(self, state: ComposerState, credits: int) -> str:
        """The line that tells free from credit; empty where the panel has none."""
        line = self._templates.composers[state].line
        return self._fill(line, {Slot.CREDITS: str(credits)}) if line is not None else ""

    def sent(self, thread: ThreadShown) -> RenderedSend:
        """What the panel becomes after a send."""
        person = thread.person
        values = self._values(person, self._token(person))
        values |= {
            Slot.ITEMS: self._messages(thread),
            Slot.THREAD_ID: quote(thread.id, safe=""),
            Slot.CREDITS: str(self._world.shown_balance()),
        }
        return RenderedSend(
            panel=self._fill(self._templates.sent, values),
            thread=self._fill(self._templates.threads[_thread_case(thread)], values),
            read=_CREDITS,
        )

    def hub(self) -> Rendered:
        """The page that leads to the lists."""
        lists = self._world.scenario.lists
        return self.plain(
            "Lead lists", {f"/sales/lists/people/{each.id}": each.name for each in lists}
        )

    def home(self, title: str) -> Rendered:
        """Home and settings: nothing is read from them."""
        found = self._world.scenario.searches
        links = {f"/sales/search/people?savedSearchId={each.id}": each.name for each in found}
        return self.plain(title, links | {"/sales/lists/people": "Lists", "/sales/inbox/": "Inbox"})

    def plain(self, title: str, links: Mapping[str, str]) -> Rendered:
        """The header, a title and links."""
        items = "".join(
            f'<li><a href="{escape(to)}">{escape(text)}</a></li>' for to, text in links.items()
        )
        header = self._fill(self._templates.header, self._owner())
        main = f'<main id="content-main"><h1>{escape(title)}</h1><ul>{items}</ul></main>'
        return self._page(title, header + main)

    # Parts

    def _page(self, title: str, html: str, reads: tuple[str, ...] = ()) -> Rendered:
        """What every page has."""
        words, parts = self._words, self._templates
        return Rendered(
            title=f"{title} | Sales Navigator",
            html=html,
            reads=reads,
            fill_ms=self._world.scenario.delays.fill,
            menu=self._fill(parts.menu, {}),
            sent=self._fill(parts.toast_sent, {}),
            failed=self._fill(parts.toast_failed, {}),
            discard=self._fill(parts.question, {}),
            discard_word=words.discard,
            next_word=words.next,
            trap=self._world.scenario.trap,
        )

    def _item(self, thread: ThreadShown, opened: ThreadShown | None) -> str:
        values = self._values(thread.person, "") | self._time(thread.at)
        values |= {Slot.TEXT: self._preview(thread), Slot.THREAD_ID: quote(thread.id, safe="")}
        is_open = opened is not None and opened.id == thread.id
        values |= {Slot.ACTIVE: " active" if is_open else ""}
        return self._fill(self._templates.item, values)

    def _preview(self, thread: ThreadShown) -> str:
        newest = thread.messages[-1]
        if newest.label is Label.DECLINED:
            return self._words.declined_preview
        if newest.text is None:
            return self._words.accepted_preview
        start = f"{self._words.you}: " if newest.mine else ""
        return start + " ".join(newest.text.split())[:120]

    def _messages(self, thread: ThreadShown) -> str:
        """Every message, and after it the site's own line where the page has none below."""
        lines = _thread_case(thread) in _LINES_IN_LIST
        shown = []
        for message in thread.messages:
            if message.text is not None:
                shown.append(self._message(message, thread.person))
            if lines and message.label is not None:
                values = self._values(thread.person, "") | self._time(message.at)
                shown.append(self._fill(self._templates.events[message.label], values))
        return "".join(shown)

    def _message(self, message: ThreadMessage, person: Person) -> str:
        parts = self._templates
        mine = parts.mine if message.subject else parts.mine_untitled
        theirs = parts.theirs if message.text else parts.deleted
        template = mine if message.mine else theirs
        values = self._values(person, "") | self._time(message.at)
        body = escape(message.text or "").replace("\n", "<br>")
        values |= {Slot.SUBJECT: message.subject or "", Slot.BODY: body}
        return self._fill(template, values)

    def _values(self, person: Person, token: str) -> dict[Slot, str]:
        return self._owner() | {
            Slot.NAME: person.name,
            Slot.FIRST_NAME: person.first_name,
            Slot.LEAD_ID: person.id,
            Slot.TOKEN: token,
            Slot.TITLE: person.title,
            Slot.COMPANY: person.company,
            Slot.LOCATION: person.location,
            Slot.HEADLINE: person.headline,
            Slot.DEGREE: self._degree(person.degree),
        }

    def _owner(self) -> dict[Slot, str]:
        return {Slot.OWNER: self._world.scenario.owner.name}

    def _degree(self, degree: int) -> str:
        return _DEGREES[self._language][degree - 1]

    def _time(self, at: datetime) -> dict[Slot, str]:
        month = _MONTHS[self._language].split()[at.month - 1]
        shown = f"{month} {at.day}" if self._language is Language.EN else f"{at.day}. {month}"
        return {Slot.TIME: f"{at:%Y-%m-%dT%H:%M:%S}.000Z", Slot.TIME_SHOWN: shown}

    def _token(self, person: Person) -> str:
        return self._world.token("", person.id)

    def _fill(self, template: Template, values: dict[Slot, str]) -> str:
        return template.fill(values, render=next(self._renders))


_LINE_TO_COME = '<span class="credit-line-to-come"></span>'
_CREDITS = "/sales-api/salesApiCredits?q=findCreditGrant&creditGrantType=LSS_INMAIL"


def _lead_case(shown: LeadShown) -> str:
    if shown.person.kind is PersonKind.UNREACHABLE:
        return "unreachable"
    if shown.pending:
        return "pending"
    if shown.person.kind is PersonKind.FIRST_DEGREE:
        return "first-degree"
    return IN_MENU if shown.person.message_in_menu else "second-degree"


def _thread_case(thread: ThreadShown) -> str:
    """Which fixture's thread looks like this one.

    One labelled answer and nothing after it: the site's line stands below the messages. Else
    the lines stand between the messages, each where it belongs.
    """
    if not thread.answered:
        return "awaiting"
    theirs = [message for message in thread.messages if not message.mine]
    if len(theirs) > 1 or theirs[0].label is None or theirs[0].text is None:
        return "event-declined" if thread.closed else "own-words"
    if theirs[0].label is Label.ACCEPTED:
        return "default-acceptance"
    return "default-rejection" if thread.closed else "edited-rejection"
