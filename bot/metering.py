"""Counts what a stint does, and keeps it in the seat's folder (bot.meter)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from bot import meter
from bot.clock import stopwatch
from bot.errors import (
    BrowserGone,
    LayoutChanged,
    LeadwrightError,
    Missing,
    MustWait,
    NotLoaded,
    SeatHalted,
    SiteUnreachable,
    WrongPage,
)
from bot.facts import (
    ComposerFacts,
    ComposerKind,
    HookSeen,
    InboxFacts,
    LeadFacts,
    ResultsFacts,
    SentFacts,
    Snapshot,
    ThreadFacts,
    Unfit,
)
from bot.meter import Meter
from bot.model import Done, Lead, Wait
from bot.ports import Seen, Site
from bot.work import Work

T = TypeVar("T")

PAGES = ("lead", "composer", "sent", "thread", "inbox", "results")
READ, UNKNOWN, FAILED = "read", "unknown", "failed"
_RESULTS: tuple[tuple[type[LeadwrightError], str], ...] = (
    (NotLoaded, "not-loaded"),
    (WrongPage, "wrong-page"),
    (Missing, "missing"),
    (LayoutChanged, "layout-changed"),
    (SeatHalted, "halted"),
    (SiteUnreachable, "unreachable"),
    (BrowserGone, "browser-gone"),
)
RESULTS = (READ, UNKNOWN, *(word for _, word in _RESULTS), FAILED)


class Metering:
    """A stint's counts, written after each action: a kill loses those of the one under way."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.meter = meter.read(folder) or Meter()
        self._browser: _Running | None = None
        self._begun_at: datetime | None = None

    def watch(self, work: Work) -> Work:
        """The same work, whose pages are counted from here on; what was due is begun now."""
        self._begun_at = work.now()
        return replace(work, site=CountedSite(work.site, self.meter))

    def browser_opens(self) -> None:
        """The stint's browser starts; its time counts from here on."""
        self._browser = _Running(stopwatch())
        self.meter.browsers += 1

    def late(self, due_at: datetime, now: datetime) -> None:
        """What the stint itself waited for is begun."""
        self.meter.late(now - due_at)

    def told(self, done: Done) -> None:
        """One action and its outcome."""
        self.meter.actions[done.action, done.outcome] += 1
        self._on_time()
        self._write()

    def ended(self, wait: Wait | None) -> None:
        """The stint came to its end, and its browser is closed."""
        self._on_time()
        if wait is not None:
            self.meter.due_at = wait.until
        self._write()
        self._browser = None

    def failed(self, now: datetime) -> None:
        """The stint could not go on: what it did not begin stays due, what it was at is due now."""
        self.meter.due_at = self.meter.due_at or now
        self._write()
        self._browser = None

    def _on_time(self) -> None:
        """What was due when the stint began has been begun."""
        due_at, began = self.meter.due_at, self._begun_at
        if due_at is not None and began is not None and due_at <= began:
            self.meter.late(began - due_at)
        self.meter.due_at = None

    def _write(self) -> None:
        if self._browser is not None:
            now = stopwatch()
            self.meter.browser_seconds += now - self._browser.since
            self._browser = _Running(now)
        meter.write(self._folder, self.meter)


@dataclass(frozen=True, slots=True)
class _Running:
    since: float


class CountedSite:
    """A Site that counts each page which was asked of it, by what came of it."""

    def __init__(self, site: Site, counts: Meter) -> None:
        self._site = site
        self._counts = counts

    def open_lead(self, lead: Lead) -> Seen[LeadFacts]:
        return self._count("lead", lambda: self._site.open_lead(lead))

    def open_composer(self) -> Seen[ComposerFacts]:
        return self._count(
            "composer", self._site.open_composer, lambda it: it.kind is not ComposerKind.UNKNOWN
        )

    def type_inmail(self, subject: str, body: str) -> Seen[ComposerFacts]:
        return self._site.type_inmail(subject, body)

    def close_composer(self) -> None:
        self._site.close_composer()

    def open_thread(self, thread_id: str) -> Seen[ThreadFacts]:
        return self._count("thread", lambda: self._site.open_thread(thread_id))

    def type_message(self, body: str) -> str | None:
        return self._site.type_message(body)

    def click_send(self) -> None:
        self._site.click_send()

    def read_sent(self, expected: str) -> Seen[SentFacts]:
        return self._count("sent", lambda: self._site.read_sent(expected), lambda it: bool(it.mine))

    def read_inbox(self, is_known: Callable[[str, str], bool]) -> Seen[InboxFacts]:
        return self._count("inbox", lambda: self._site.read_inbox(is_known))

    def owner_first_name(self) -> str | None:
        return self._site.owner_first_name()

    def read_results(self, audience: str, page: int) -> Seen[ResultsFacts]:
        return self._count("results", lambda: self._site.read_results(audience, page))

    def last_page(self) -> Snapshot | None:
        return self._site.last_page()

    def unfit(self, page: str, keys: Sequence[str]) -> tuple[Unfit, ...]:
        return self._site.unfit(page, keys)

    def hooks_seen(self) -> tuple[HookSeen, ...]:
        return self._site.hooks_seen()

    def _count(
        self, page: str, read: Callable[[], Seen[T]], says: Callable[[T], bool] = lambda _: True
    ) -> Seen[T]:
        """Read a page; *says*: its facts tell what the page is read for."""
        try:
            seen = read()
        except MustWait:
            raise  # before there was a page
        except LeadwrightError as error:
            words = (word for kind, word in _RESULTS if isinstance(error, kind))
            self._counts.page_reads[page, next(words, FAILED)] += 1
            raise
        self._counts.page_reads[page, READ if says(seen.facts) else UNKNOWN] += 1
        return seen
