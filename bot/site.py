"""What the agent asks of the site, done with browser and pages: the real bot.ports.Site."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar
from urllib.parse import quote, unquote

from bot.audience import page_url
from bot.browser import LONGEST_WAIT_MS, Browser
from bot.clock import stopwatch
from bot.errors import LayoutChanged, Missing, NotLoaded, PageError, SeatHalted, WrongPage
from bot.facts import (
    ComposerFacts,
    ComposerKind,
    HaltKind,
    HookSeen,
    InboxFacts,
    Kind,
    LeadFacts,
    ResultsFacts,
    SentFacts,
    Snapshot,
    ThreadFacts,
    Toast,
    Unfit,
)
from bot.model import Lead
from bot.pages.reader import Reader
from bot.ports import Seen
from bot.rules.texts import text_hash

T = TypeVar("T")

LATE_LINE_MS = 5_000  # the credit line may render late (site.md, 4)
SETTLED_AFTER_MS = 2_000  # a hook that is missing for so long is not just late
INBOX_PAGE = 20  # threads at first (site.md, 6)
MOST_THREADS = 2_500
MOST_STALLS = 30  # a quarter of a second each
MORE_WAIT_MS = 1_500

WHAT_TO_DO = {
    HaltKind.LOGIN: "sign in with `leadwright login`",
    HaltKind.CHALLENGE: "open the site yourself and pass its check",
    HaltKind.RESTRICTED: "read what the site says; do not resume before it is lifted",
    HaltKind.RATE_LIMITED: "let the seat rest for a day or more",
    HaltKind.NO_SEAT: "choose the seat's contract on the site, or renew it",
}


class LiveSite:
    """The site in a browser that is opened when it is first needed."""

    def __init__(self, browser: Callable[[], Browser], reader: Reader) -> None:
        self._open_browser = browser
        self._opened: Browser | None = None
        self._reader = reader
        self._in_thread = False
        self._thread: ThreadFacts | None = None
        self._page = Snapshot("")  # of the lead, then of the composer: what is acted on next

    @property
    def _browser(self) -> Browser:
        if self._opened is None:
            self._opened = self._open_browser()
        return self._opened

    # --- leads and composers --------------------------------------------------------------------

    def open_lead(self, lead: Lead) -> Seen[LeadFacts]:
        """Open a lead's page and read it; a page whose button is still to come is waited for."""
        path = f"/sales/lead/{quote(lead.id)}"
        if lead.token:
            path += f",NAME_SEARCH,{quote(lead.token)}"
        self._in_thread = False
        self._browser.open(path)
        seen = self._look(
            self._reader.lead,
            self._css("lead", "name"),
            content=lambda facts: facts.id == lead.id and _says_enough(facts),
            hear=False,
        )
        self._page = seen.page
        return seen

    def open_composer(self) -> Seen[ComposerFacts]:
        """Open the composer from the lead's page: its one visible button, or the overflow menu."""
        browser = self._browser
        button = self._joined("lead", "message_button")
        if self._reader.shows(self._page, "lead", "message_button"):
            browser.click(button, page="lead", key="message_button")
        else:
            overflow = self._joined("lead", "overflow_button")
            item = self._joined("lead", "overflow_message_item")
            browser.click(overflow, page="lead", key="overflow_button")
            browser.snapshot([item], timeout_ms=SETTLED_AFTER_MS)
            browser.click(item, page="lead", key="overflow_message_item")
        seen = self._look(
            self._reader.composer,
            self._css("composer", "panel"),
            content=lambda facts: (
                facts.kind is not ComposerKind.UNKNOWN and facts.lead_id is not None
            ),
            limit_ms=LATE_LINE_MS,
            settle=False,
            hear=False,
        )
        self._page = seen.page
        return seen

    def type_inmail(self, subject: str, body: str) -> Seen[ComposerFacts]:
        """Fill subject (where there is one) and body, and read back what stands there."""
        browser = self._browser
        if self._reader.shows(self._page, "composer", "subject"):
            browser.fill(
                self._joined("composer", "subject"), subject, page="composer", key="subject"
            )
        browser.fill(self._joined("composer", "body"), body, page="composer", key="body")
        return self._look(
            self._reader.composer,
            self._css("composer", "panel"),
            content=lambda facts: facts.can_send,
            limit_ms=SETTLED_AFTER_MS,
            settle=False,
            hear=False,
        )

    def close_composer(self) -> None:
        """Close the open panel and discard what stands in it; without a panel nothing happens."""
        if self._in_thread or self._opened is None:
            return
        browser = self._browser
        close = self._joined("composer", "close_button")
        # A panel that does not close is left by opening the next page.
        with suppress(PageError):
            if browser.count(close) == 1:
                browser.click(close, page="composer", key="close_button")
                discard = self._joined("composer", "discard_button")
                if browser.count(discard) == 1:
                    browser.click(discard, page="composer", key="discard_button")

    def click_send(self) -> None:
        """Click the one visible send button once; only reading tells what came of it (T3)."""
        self._browser.forget_heard()
        page = "thread" if self._in_thread else "composer"
        self._browser.click_once(self._joined(page, "send_button"))

    def read_sent(self, expected: str, *, balance: bool = True) -> Seen[SentFacts]:
        """Read the panel until our text stands in it, or a toast tells that it failed.

        balance  wait for the text of the page's own JSON, which may tell the balance (T2)
        """
        wanted = text_hash(expected)
        nothing = SentFacts(
            became_thread=False, still_form=False, mine=(), toast=None, thread_id=None
        )
        seen = Seen(nothing, Snapshot(""))
        started = stopwatch()
        ready = (*self._css("thread", "content"), *self._css("app", "toast"))
        changed = False
        while (stopwatch() - started) * 1000 < LONGEST_WAIT_MS:
            with suppress(PageError):  # in the middle of becoming something else
                page = self._browser.snapshot(
                    ready, timeout_ms=SETTLED_AFTER_MS, changed=changed, hear=balance
                )
                seen = Seen(seen.facts, page)
                seen = Seen(self._reader.sent(page, in_thread=self._in_thread), page)
            ready = ()
            if wanted in {text_hash(text) for text in seen.facts.mine} and self._is_new(seen.facts):
                break
            with suppress(PageError):  # a halt passes: the attempt is *clicking* on the disk (T3)
                self._heed(seen.page)
            if seen.facts.toast is Toast.FAILED:
                break
            changed = True
        return seen

    # --- threads and inbox ----------------------------------------------------------------------

    def open_thread(self, thread_id: str) -> Seen[ThreadFacts]:
        """Open a thread by its id and read it. Raises NotLoaded if another one stays there."""
        self._in_thread = True
        self._browser.open(f"/sales/inbox/{quote(unquote(thread_id), safe='')}")
        seen = self._look(
            self._reader.thread,
            self._css("thread", "container"),
            content=lambda facts: facts.id is None or _same(facts.id, thread_id),
        )
        if seen.facts.id is not None and not _same(seen.facts.id, thread_id):
            raise NotLoaded("thread", "container", "another thread stands there")
        self._thread = seen.facts
        return seen

    def type_message(self, body: str) -> str | None:
        """Fill the thread's form; return what stands there, None if it cannot be sent."""
        browser = self._browser
        browser.fill(self._joined("thread", "body"), body, page="thread", key="body")
        for changed in (False, True, True, True):
            page = browser.snapshot(changed=changed)
            self._heed(page)
            stands, can_send = self._reader.reply(page)
            if can_send:
                return stands
        return None

    def read_inbox(self, is_known: Callable[[str, str], bool]) -> Seen[InboxFacts]:
        """Read the list, scrolling until its end, or until a whole page of it is known."""
        self._in_thread = False
        self._browser.open("/sales/inbox/")
        seen = self._look_at_inbox()
        items = self._css("inbox", "item")
        for _ in range(MOST_THREADS // INBOX_PAGE):
            threads = seen.facts.threads
            tail = threads[-INBOX_PAGE:]
            if len(threads) < INBOX_PAGE or all(is_known(t.id, t.mark) for t in tail):
                break
            self._browser.scroll_to(items, -1)
            more = self._more(len(threads))
            if more is None:
                break
            seen = more
        return seen

    def _look_at_inbox(self) -> Seen[InboxFacts]:
        """The list as it first comes; a whole page of the app that stays without one has none.

        Whether that can be is for the caller to say, who knows what threads there were.
        """
        try:
            return self._look(self._reader.inbox, self._css("inbox", "ready"))
        except NotLoaded as error:
            if error.key != "item":
                raise
            page = self._browser.snapshot()
            return Seen(InboxFacts(self._reader.balance(page).credits, ()), page)

    def owner_first_name(self) -> str | None:
        """From the header's user menu (site.md, 1)."""
        return self._reader.owner_first_name(self._browser.snapshot())

    def unfit(self, page: str, keys: Sequence[str]) -> tuple[Unfit, ...]:
        """Those hooks of the open page that do not have the one visible match acting needs."""
        return self._reader.unfit(self._browser.snapshot(hear=False), page, keys)

    def hooks_seen(self) -> tuple[HookSeen, ...]:
        """Which spellings matched on the pages that were read since this was asked last."""
        return self._reader.seen()

    # --- searches and lists ---------------------------------------------------------------------

    def read_results(self, audience: str, page: int) -> Seen[ResultsFacts]:
        """One page of a search or list, all its cards filled.

        A page that does not load, or stays unfilled, is loaded once more. Raises NotLoaded if it
        is no better then: some of its people are never taken for all of them.
        """
        self._in_thread = False
        for last in (False, True):
            self._browser.open(page_url(self._browser.base_url, audience, page))
            try:
                return self._filled_results()
            except NotLoaded:
                if last:
                    raise
        raise AssertionError("the last try returns or raises")

    def _filled_results(self) -> Seen[ResultsFacts]:
        """The page that was opened, its cards filled by scrolling its inner container."""
        seen = self._look(self._reader.results, self._css("results", "ready"))
        if seen.facts.unfilled > 0:
            self._browser.scroll_through(self._css("results", "item"))
            now = self._browser.snapshot()
            with suppress(NotLoaded):
                seen = Seen(self._reader.results(now), now)
        stalled = 0
        while seen.facts.unfilled > 0 and stalled < MOST_STALLS:
            filled = len(seen.facts.leads)
            # Scrolled a little further each time nothing came: what is in view may need no fill.
            self._browser.scroll_to(self._css("results", "item"), filled + stalled)
            now = self._browser.snapshot(changed=True)
            with suppress(NotLoaded):
                seen = Seen(self._reader.results(now), now)
            stalled = stalled + 1 if len(seen.facts.leads) == filled else 0
        if seen.facts.unfilled > 0:
            raise NotLoaded("results", "item", f"{seen.facts.unfilled} cards stay empty")
        return seen

    def last_page(self) -> Snapshot | None:
        """The newest snapshot of what was opened last."""
        return self._opened.last if self._opened is not None else None

    # --- looking --------------------------------------------------------------------------------

    def _look(
        self,
        read: Callable[[Snapshot], T],
        ready: Sequence[str],
        *,
        content: Callable[[T], bool] = lambda _facts: True,
        limit_ms: int = LONGEST_WAIT_MS,
        settle: bool = True,
        hear: bool = True,
    ) -> Seen[T]:
        """Look until the reader is content, or *limit_ms* is over.

        What the reader gave last is returned even if *content* never held: unknown is a fact. An
        error that stays is raised: NotLoaded at the end, a missing hook or a wrong page a little
        earlier where *settle* says that the page should be whole by then. Halts come first (L5).
        *hear*: the page's own JSON is wanted at the first look already, not only if more is needed.
        """
        started, seen, error = stopwatch(), None, None
        changed = False
        while True:
            page = self._browser.snapshot(
                ready, timeout_ms=SETTLED_AFTER_MS, changed=changed, hear=hear or changed
            )
            self._heed(page)
            spent_ms = (stopwatch() - started) * 1000
            try:
                seen, error = Seen(read(page), page), None
                if content(seen.facts):
                    return seen
            except PageError as failed:
                error = failed
                lasting = isinstance(failed, (LayoutChanged, WrongPage))
                if settle and lasting and spent_ms > SETTLED_AFTER_MS:
                    raise
            if spent_ms > limit_ms:
                if error is not None:
                    raise error
                assert seen is not None, "no error means that something was read"
                return seen
            changed = True

    def _heed(self, page: Snapshot) -> None:
        """Halt where the site asks for a person (L5); a missing page concerns its lead only."""
        halt = self._reader.halt(page)
        if halt.halt is HaltKind.NONE and self._browser.refused is not None:
            raise SeatHalted(
                HaltKind.RATE_LIMITED,
                f"the site answers with HTTP {self._browser.refused}: "
                f"{WHAT_TO_DO[HaltKind.RATE_LIMITED]}",
            )
        if halt.halt is HaltKind.MISSING:
            raise Missing("site", "missing", halt.text or "the page does not exist")
        if halt.halt is not HaltKind.NONE:
            said = f" ({halt.text})" if halt.text else ""
            raise SeatHalted(halt.halt, f"{halt.halt}{said}: {WHAT_TO_DO[halt.halt]}")

    def _more(self, than: int) -> Seen[InboxFacts] | None:
        """The inbox once it shows more threads *than* before; None if no more came."""
        started = stopwatch()
        while (stopwatch() - started) * 1000 < MORE_WAIT_MS:
            page = self._browser.snapshot(changed=True)
            with suppress(NotLoaded):
                facts = self._reader.inbox(page)
                if len(facts.threads) > than:
                    return Seen(facts, page)
        return None

    def _is_new(self, facts: SentFacts) -> bool:
        """In a thread the same text may stand from before: one more of ours must be there."""
        if not self._in_thread or self._thread is None:
            return True
        return len(facts.mine) > sum(1 for message in self._thread.messages if message.mine)

    def _css(self, page: str, key: str) -> tuple[str, ...]:
        return self._reader.css(page, key)

    def _joined(self, page: str, key: str) -> str:
        """All spellings of a hook at once: the union must have exactly one visible match."""
        return ", ".join(self._css(page, key))


def _says_enough(facts: LeadFacts) -> bool:
    """A way to write, or why there is none: a button may still be to come."""
    return facts.can_message or facts.has_menu or facts.kind is not Kind.UNKNOWN


def _same(one: str, other: str) -> bool:
    return unquote(one) == unquote(other)
