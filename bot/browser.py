"""The only Playwright: open, snapshot, click the one match, type; and the dry run's lock (T5).

Nothing here hides the automation: the browser says that it is driven, and no request is made that
the site's own page would not make.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from playwright.sync_api import (
    BrowserContext,
    Dialog,
    Page,
    Playwright,
    Request,
    Response,
    Route,
    WebSocketRoute,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from bot import visited
from bot.errors import BrowserGone, LayoutChanged, LockedOut, NotLoaded, SiteUnreachable
from bot.facts import Heard, Snapshot
from bot.sparing import ALWAYS

# No wait is longer than this (a signal waits for it), and none inside a click's own checks.
LONGEST_WAIT_MS = 8_000
CLICK_WAIT_MS = 3_000
CHANGE_WAIT_MS = 250
RETRY_WAIT_MS = 500

# The pages' own JSON that is worth listening to (site.md, 3 to 6).
HEARD = re.compile(r"/sales-api/salesApi(Profiles|Credits|MessagingThreads|MessageActions)\b")
# What a dry run may fetch: the pages we read, and the reads of their own JSON (T5).
PAGES_READ = re.compile(
    r"^/(sales/(lead|people|search|lists|inbox|home|settings|login|contract-chooser)(/|,|\?|$)"
    r"|login|uas/login|authwall|checkpoint|premium|$)"
)
JSON_READ = re.compile(r"^/sales-api/salesApi[A-Z][A-Za-z]*(/|\(|$)")
STATIC_HOSTS = ("static.licdn.com",)


@dataclass(slots=True)
class _Answer:
    """One answer that the page fetched. Its text is asked for once."""

    response: Response
    heard: Heard | None = None
    is_lost: bool = False

    def listen(self) -> Heard | None:
        """The answer with its text; None if it is gone: a witness less, no more."""
        if self.heard is None and not self.is_lost:
            url, status = self.response.url, self.response.status
            try:
                self.heard = Heard(url, status, self.response.text())
            except (PlaywrightError, UnicodeDecodeError):
                self.is_lost = True
        return self.heard


@dataclass(slots=True)
class _Ears:
    """What the page fetched since it was opened, and the refusals among it.

    eager    the texts are fetched as they come, not when a reader wants them
    follows  somebody else opened the document: its status is told by its own answer
    """

    answers: list[_Answer] = field(default_factory=list)
    status: int | None = None
    refused: int | None = None
    eager: bool = False
    follows: bool = False


class Browser:
    """One persistent browser profile with one page. Use as a context manager.

    profile     the seat's own folder, logged in once by hand
    dry_run     every request that could write is refused, see locked_out
    now         stamps the snapshots
    switches    of the browser's own, beside ours (bot.sparing)
    simulated   tell a practice site on this machine the simulated time with each request
    """

    def __init__(
        self,
        profile: Path,
        executable: Path,
        base_url: str,
        *,
        now: Callable[[], datetime],
        headless: bool = True,
        dry_run: bool = False,
        simulated: bool = False,
        switches: Sequence[str] = (),
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.dry_run = dry_run
        self.locked_out: list[str] = []
        self._profile, self._executable, self._headless = profile, executable, headless
        self._now, self._simulated = now, simulated
        self._switches = [*ALWAYS, *switches]
        self._script = files("bot").joinpath("snapshot.js").read_text(encoding="utf-8")
        self._ears = _Ears()
        self._driver: Playwright | None = None
        self._context: BrowserContext | None = None
        self._page: Page | None = None
        self._told: datetime | None = None
        self._last: Snapshot | None = None

    def __enter__(self) -> Self:
        self._profile.mkdir(mode=0o700, parents=True, exist_ok=True)
        visited.begin(self._profile)
        self._driver = _started()
        try:
            with _gone():
                self._context = self._launch(self._driver)
                self._page = self._context.pages[0]
                self._page.set_default_timeout(LONGEST_WAIT_MS)
                self._page.on("response", self._listen)
                self._page.on("dialog", _accept)
        except BrowserGone:
            self._driver.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._context is not None:
                self._context.close()
        except PlaywrightError:
            pass  # it died before us: there is nothing left to close
        finally:
            if self._driver is not None:
                self._driver.stop()
            visited.end(self._profile)

    @property
    def page(self) -> Page:
        """The one page. Raises BrowserGone if it was closed."""
        if self._page is None or self._page.is_closed():
            raise BrowserGone("the browser's page is closed")
        return self._page

    def open(self, path: str) -> int | None:
        """Go to a path of the site (or a whole URL of it); return the HTTP status.

        Returns as soon as the document is there, whatever it still fetches. Raises
        SiteUnreachable after three tries without a connection.
        """
        url = path if path.startswith("http") else f"{self.base_url}{path}"
        self._ears, self._last = _Ears(), None
        self._tell_time()
        for last in (False, False, True):
            try:
                with _gone():
                    response = self.page.goto(url, wait_until="commit")
            except NotLoaded as error:
                if last:
                    raise SiteUnreachable(f"{url}: {error.reason}") from error
                # The browser's own error page, still on its way, would break off the next try.
                with _gone():
                    self.page.wait_for_timeout(RETRY_WAIT_MS)
            else:
                self._ears.status = response.status if response is not None else None
                return self._ears.status
        raise AssertionError("the last try returns or raises")

    def snapshot(
        self,
        ready: Sequence[str] = (),
        *,
        timeout_ms: int = LONGEST_WAIT_MS,
        changed: bool = False,
        hear: bool = True,
    ) -> Snapshot:
        """The page as it is as soon as one of *ready* (CSS) is visible, or after *timeout_ms*.

        changed  wait for the page to change first, a quarter of a second at most
        hear     wait for the texts of all that the page fetched; else only those that are there
        """
        self._tell_time()
        asked = {
            "ready": list(ready),
            "timeout": timeout_ms,
            "change": CHANGE_WAIT_MS if changed else 0,
        }
        for last in (False, False, True):
            try:
                with _gone():
                    found = self.page.evaluate(self._script, asked)
            except NotLoaded:
                # The page navigated under the script; the next one is as good.
                if last:
                    raise
                with _gone():
                    self.page.wait_for_load_state("domcontentloaded")
            else:
                self._last = Snapshot(
                    html=found["html"],
                    url=found["url"],
                    status=self._ears.status,
                    taken_at=self._now(),
                    heard=self._heard(wait=hear),
                )
                return self._last
        raise AssertionError("the last try returns or raises")

    @property
    def last(self) -> Snapshot | None:
        """The newest snapshot of what was opened last; None as long as there is none."""
        return self._last

    def count(self, css: str) -> int:
        """Visible matches of *css*."""
        with _gone():
            return self.page.locator(css).filter(visible=True).count()

    def click(self, css: str, *, page: str, key: str) -> None:
        """Click the one visible match. Raises LayoutChanged if there is none, or more than one."""
        locator = self.page.locator(css).filter(visible=True)
        try:
            with _gone():
                locator.click(timeout=CLICK_WAIT_MS)
        except NotLoaded as error:
            raise LayoutChanged(page, key, error.reason) from error

    def click_once(self, css: str) -> None:
        """Click the one visible match, and never say whether it worked: only reading tells (T3)."""
        try:
            with _gone():
                self.page.locator(css).filter(visible=True).click(timeout=CLICK_WAIT_MS)
        except NotLoaded:
            pass
        if self.locked_out:
            raise LockedOut(f"refused in a dry run: {self.locked_out[-1]}")

    def fill(self, css: str, text: str, *, page: str, key: str) -> None:
        """Type into the one visible match. Raises LayoutChanged like click()."""
        try:
            with _gone():
                self.page.locator(css).filter(visible=True).fill(text, timeout=CLICK_WAIT_MS)
        except NotLoaded as error:
            raise LayoutChanged(page, key, error.reason) from error

    def scroll_to(self, spellings: Sequence[str], number: int) -> None:
        """Bring match *number* (from 0; -1 is the last) into view, in whatever scrolls it.

        The first of *spellings* (CSS) that matches at all is counted; beyond the end means the end.
        """
        with _gone():
            self.page.evaluate(_SCROLL, [list(spellings), number])

    def scroll_through(self, spellings: Sequence[str]) -> None:
        """Bring all matches into view, a few at a time, a frame each: what is lazy begins to fill.

        The first of *spellings* (CSS) that matches at all is taken, as in scroll_to().
        """
        with _gone():
            self.page.evaluate(_SCROLL_THROUGH, list(spellings))

    def forget_heard(self) -> None:
        """Listen anew: what comes from here on belongs to the next action, and is wanted."""
        self._ears.answers.clear()
        self._ears.eager = True

    def follow(self) -> None:
        """Let somebody else steer: from here on nothing is done but looking.

        What was heard, and the status, are those of the document that is shown; the page is the
        window's newest one. A question that a page asks is left to whoever steers.
        """
        assert self._context is not None, "the browser is open"
        self._ears.eager = True
        self._context.on("page", self._follow_page)
        self.page.remove_listener("dialog", _accept)
        self.page.on("dialog", _leave)
        self.page.on("request", self._begin_document)

    def newest(self) -> None:
        """Look at the window's newest page. Raises BrowserGone if none is left."""
        pages = self._context.pages if self._context is not None else []
        if not pages:
            raise BrowserGone("the window was closed")
        self._page = pages[-1]

    def _follow_page(self, page: Page) -> None:
        """A new page of the window: its status and data are its own."""
        self._page, self._ears = page, _Ears(eager=True)
        page.set_default_timeout(LONGEST_WAIT_MS)
        page.on("response", self._listen)
        page.on("dialog", _leave)
        page.on("request", self._begin_document)

    def _begin_document(self, request: Request) -> None:
        """Another document is asked for: what was heard of the last one is over."""
        if request.is_navigation_request() and request.frame.parent_frame is None:
            self._ears = _Ears(eager=True, follows=True)

    @property
    def refused(self) -> int | None:
        """The status with which the site refused its own page's requests: 429 or 999 (L5)."""
        return self._ears.refused

    def _launch(self, driver: Playwright) -> BrowserContext:
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        context = driver.chromium.launch_persistent_context(
            self._profile,
            executable_path=self._executable,
            headless=self._headless,
            chromium_sandbox=not root,
            args=self._switches,
            handle_sigint=False,  # the stint hears the signal, and closes the browser itself
            handle_sigterm=False,
            handle_sighup=False,
            service_workers="block" if self.dry_run else "allow",
            viewport={"width": 1280, "height": 900},
        )
        if self.dry_run:
            context.route("**/*", self._guard)
            context.route_web_socket("**/*", self._guard_socket)
        return context

    def _guard(self, route: Route) -> None:
        """The second lock of a dry run: only GETs of what we read (T5)."""
        request = route.request
        if may_fetch(request.method, request.url, request.resource_type, self.base_url):
            route.continue_()
            return
        self.locked_out.append(f"{request.method} {urlsplit(request.url).path}")
        route.abort("blockedbyclient")

    def _guard_socket(self, socket: WebSocketRoute) -> None:
        self.locked_out.append(f"WebSocket {urlsplit(socket.url).path}")
        socket.close()

    def _listen(self, response: Response) -> None:
        path = urlsplit(response.url).path
        if response.status in (429, 999) and path.startswith("/sales-api/"):
            self._ears.refused = response.status
        if self._ears.follows and response.request.is_navigation_request():
            if response.frame.parent_frame is None:
                self._ears.status = response.status
        elif HEARD.search(path):
            answer = _Answer(response)
            self._ears.answers.append(answer)
            if self._ears.eager:
                answer.listen()  # asked for later, the text takes its own time

    def _heard(self, *, wait: bool) -> tuple[Heard, ...]:
        """The JSON that the page fetched."""
        answers = tuple(self._ears.answers)
        heard = [answer.listen() if wait else answer.heard for answer in answers]
        return tuple(each for each in heard if each is not None)

    def _tell_time(self) -> None:
        now = self._now()
        if self._simulated and now != self._told and self._context is not None:
            with _gone():
                self._context.set_extra_http_headers({"X-Leadwright-Now": now.isoformat()})
            self._told = now


def may_fetch(method: str, url: str, kind: str, base_url: str) -> bool:
    """Whether a dry run may make this request (T5). *kind* is Playwright's resource type."""
    asked, site = urlsplit(url), urlsplit(base_url)
    if method not in ("GET", "HEAD") or re.search(r"(^|&)action=", asked.query):
        return False
    ours = (asked.scheme, asked.netloc) == (site.scheme, site.netloc)
    if kind in ("script", "stylesheet"):
        return ours or asked.hostname in STATIC_HOSTS
    if not ours:
        return False
    if kind == "document":
        return PAGES_READ.match(asked.path) is not None
    if kind in ("fetch", "xhr"):
        readable = PAGES_READ.match(asked.path) or JSON_READ.match(asked.path)
        return readable is not None
    return False


@contextmanager
def _gone() -> Iterator[None]:
    """Turn Playwright's errors into ours: the browser is gone, or this step did not work."""
    try:
        yield
    except PlaywrightTimeout as error:
        raise NotLoaded("browser", "wait", _first_line(error)) from error
    except PlaywrightError as error:
        line = _first_line(error)
        if any(sign in line for sign in _SIGNS_OF_DEATH):
            raise BrowserGone(line) from error
        raise NotLoaded("browser", "page", line) from error


def _started() -> Playwright:
    """Playwright's driver. Raises BrowserGone if it dies at its start.

    For that Playwright has no class of its own.
    """
    try:
        with _gone():
            return sync_playwright().start()
    except Exception as error:
        if type(error) is Exception:
            line = f"the browser's driver did not start: {_first_line(error)}; `leadwright doctor`"
            raise BrowserGone(line) from error
        raise


def _accept(dialog: Dialog) -> None:
    dialog.accept()


def _leave(_: Dialog) -> None:
    """Nothing: a question that nobody listens to would be answered by Playwright."""


_SCROLL = """([spellings, number]) => {
  const found = spellings.map((css) => document.querySelectorAll(css)).find((all) => all.length);
  if (found) Array.from(found).at(Math.min(number, found.length - 1)).scrollIntoView();
}"""
# About six cards are filled at once (site.md, 2): in steps of four none is passed over.
_SCROLL_THROUGH = """async (spellings) => {
  const all = () =>
    spellings.map((css) => document.querySelectorAll(css)).find((some) => some.length) ?? [];
  for (let index = 0; index < all().length; index += 4) {
    all()[index].scrollIntoView();
    await new Promise(requestAnimationFrame);
  }
}"""
_SIGNS_OF_DEATH = (
    "has been closed",
    "Connection closed",
    "Target closed",
    "Target crashed",
    "Page crashed",
    "Failed to launch",
    "BrowserType.launch",
    "Executable doesn't exist",
)


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
