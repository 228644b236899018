"""The practice site's model through the agent's own Protocol: a whole campaign in no time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from bot.errors import LayoutChanged, Missing, NotLoaded, SeatHalted
from bot.facts import (
    ComposerFacts,
    ComposerKind,
    HookSeen,
    InboxFacts,
    InboxThread,
    Kind,
    Label,
    LeadFacts,
    Message,
    ResultLead,
    ResultsFacts,
    SentFacts,
    Snapshot,
    ThreadFacts,
    Toast,
    Unfit,
    Witness,
)
from bot.model import Lead
from bot.ports import Seen
from bot.practice.faults import FaultKind, Moment
from bot.practice.model import World
from bot.practice.people import Label as SiteLabel
from bot.practice.people import Person, PersonKind
from bot.practice.records import ComposerShown, SendResult, SendShown, ThreadShown

PAGE = Snapshot("")
KINDS = {PersonKind.UNREACHABLE: Kind.UNREACHABLE, PersonKind.FIRST_DEGREE: Kind.FIRST_DEGREE}


class ModelSite:
    """A bot.ports.Site on a World; `clicks` counts every click on Send.

    gone  page objects whose hooks the site has changed: nothing can be read from them, and of the
          composer nothing can be typed into
    """

    def __init__(
        self, world: World, now: Callable[[], datetime], gone: set[str] | None = None
    ) -> None:
        self.world, self._now = world, now
        self.clicks = 0
        self.gone = gone if gone is not None else set()
        self._open: Person | None = None
        self._panel: ComposerShown | None = None
        self._thread_id: str | None = None
        self._typed = ("", "")
        self._result: SendResult | None = None
        self._lines: dict[str, tuple[ThreadShown, InboxThread]] = {}

    @property
    def has_typed(self) -> bool:
        """Whether a text stands in the form that was open last."""
        return any(self._typed)

    def open_lead(self, lead: Lead) -> Seen[LeadFacts]:
        self._view(Moment.LEAD, lead.id)
        shown = self.world.lead(lead.id)
        self._refuse("lead", "name")
        if shown is None:
            raise Missing("site", "missing", "no such lead")
        person = self._open = shown.person
        kind = Kind.PENDING if shown.pending else KINDS.get(person.kind, Kind.UNKNOWN)
        reachable = person.kind is not PersonKind.UNREACHABLE
        return Seen(
            LeadFacts(
                person.id,
                person.name,
                person.title,
                person.company,
                person.location,
                person.degree,
                kind,
                reachable,
            ),
            PAGE,
        )

    def open_composer(self) -> Seen[ComposerFacts]:
        assert self._open is not None
        self._thread_id, self._typed, self._result = None, ("", ""), None
        self._panel = self.world.composer(self._open.id)
        if self._panel is None:
            raise NotLoaded("composer", "panel", "it does not open")
        return Seen(self._composer(), PAGE)

    def type_inmail(self, subject: str, body: str) -> Seen[ComposerFacts]:
        self._refuse("composer", "body")
        self._typed = (subject, body)
        return Seen(self._composer(), PAGE)

    def close_composer(self) -> None:
        self._panel = None

    def open_thread(self, thread_id: str) -> Seen[ThreadFacts]:
        self._view(Moment.THREAD)
        shown = self.world.thread(thread_id)
        if shown is None:
            raise Missing("site", "missing", "no such thread")
        self._refuse("thread", "container")
        self._thread_id, self._panel, self._result = thread_id, None, None
        return Seen(thread_facts(shown), PAGE)

    def type_message(self, body: str) -> str | None:
        self._refuse("thread", "body")
        self._typed = ("", body)
        return body

    def click_send(self) -> None:
        self._advance()
        self.clicks += 1
        subject, body = self._typed
        if self._thread_id is not None:
            self._result = self.world.send_message(self._thread_id, body)
        else:
            assert self._panel is not None
            self._result = self.world.send_inmail(self._panel.person.id, subject, body)

    def read_sent(self, expected: str) -> Seen[SentFacts]:
        result = self._result
        assert result is not None
        failed = result.shown in (SendShown.ERROR, SendShown.REFUSED)
        if result.shown is not SendShown.SENT or result.thread_id is None:
            toast = Toast.FAILED if failed else None
            return Seen(SentFacts(False, result.form_stays, (), toast, None), PAGE)
        thread = self.world.just_sent(result.thread_id)
        assert thread is not None
        mine = tuple(message.text or "" for message in thread.messages if message.mine)
        return Seen(SentFacts(True, False, mine, Toast.SENT, result.thread_id), PAGE)

    def read_inbox(self, is_known: Callable[[str, str], bool]) -> Seen[InboxFacts]:
        self._view(Moment.INBOX)
        self._refuse("inbox", "item")
        threads: list[InboxThread] = []
        while True:
            page = [self._line(shown) for shown in self.world.threads(len(threads)).threads]
            threads += page
            if len(page) < 20 or all(is_known(t.id, t.mark) for t in page):
                return Seen(InboxFacts(self.world.shown_balance(), tuple(threads)), PAGE)

    def _line(self, shown: ThreadShown) -> InboxThread:
        """The list's line of a thread: the one of last time while the thread is the same."""
        known = self._lines.get(shown.id)
        if known is not None and known[0] is shown:
            return known[1]
        newest = shown.messages[-1]
        line = InboxThread(shown.id, shown.person.name, newest.text or newest.type, shown.at)
        self._lines[shown.id] = (shown, line)
        return line

    def owner_first_name(self) -> str | None:
        return self.world.scenario.owner.first_name

    def read_results(self, audience: str, page: int) -> Seen[ResultsFacts]:
        self._view(Moment.RESULTS)
        self._refuse("results", "item")
        saved = parse_qs(urlsplit(audience).query).get("savedSearchId", ["1"])[0]
        shown = self.world.search(saved, page)
        assert shown is not None
        leads = tuple(
            ResultLead(p.id, p.name, p.title, p.company, p.location, p.degree, "tokn")
            for p in shown.people
        )
        return Seen(ResultsFacts(leads, 0, shown.page < shown.pages), PAGE)

    def last_page(self) -> Snapshot | None:
        return PAGE

    def unfit(self, page: str, keys: Sequence[str]) -> tuple[Unfit, ...]:
        return (Unfit(page, keys[0], "0 matches"),) if page in self.gone else ()

    def hooks_seen(self) -> tuple[HookSeen, ...]:
        return ()

    def _composer(self) -> ComposerFacts:
        panel = self._panel
        assert panel is not None
        kind = ComposerKind(panel.state)
        if panel.line_delay is None and kind in (ComposerKind.CREDIT, ComposerKind.FREE):
            kind = ComposerKind.UNKNOWN
        credits = panel.credits if kind is ComposerKind.CREDIT else None
        subject, body = self._typed
        person = panel.person
        titled = kind is not ComposerKind.FIRST_DEGREE
        return ComposerFacts(
            person.id, person.name, kind, credits, subject if titled else None, body, bool(body)
        )

    def _refuse(self, page: str, key: str) -> None:
        if page in self.gone:
            raise LayoutChanged(page, key, "the site has changed")

    def _view(self, page: Moment, lead_id: str | None = None) -> None:
        self._advance()
        view = self.world.view(page, lead_id)
        if view.halt is not None:
            kind = "login" if view.halt is FaultKind.LOGIN_WALL else "challenge"
            raise SeatHalted(kind, f"the site shows {view.halt}")
        if view.missing:
            raise Missing("site", "missing", "this page does not exist")

    def _advance(self) -> None:
        self.world.advance(self._now())


def thread_facts(shown: ThreadShown) -> ThreadFacts:
    """A thread as a perfect page would show it."""
    messages: list[Message] = []
    witnesses: list[Witness] = []
    for entry in shown.messages:
        if entry.text is not None or entry.label is None:
            messages.append(Message(entry.mine, entry.at, entry.subject, entry.text or None))
        if entry.label is not None:
            said = Label.ACCEPTED if entry.label is SiteLabel.ACCEPTED else Label.REJECTED
            witnesses.append(Witness(said, "label", len(messages), entry.at))
    return ThreadFacts(
        shown.id,
        shown.person.id,
        shown.person.name,
        tuple(messages),
        tuple(witnesses),
        not shown.closed,
    )
