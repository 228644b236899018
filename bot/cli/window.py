"""Commands that open a window or serve a site: login, practice."""

from __future__ import annotations

import sys
from pathlib import Path

from bot import lock
from bot.browser import Browser
from bot.browser_finder import find
from bot.cli.common import seat_of
from bot.cli.plain import say
from bot.clock import SystemClock, stopwatch
from bot.errors import BrowserGone, NotLoaded, WorkFailed
from bot.pages.reader import Reader
from bot.practice.server import serve
from bot.private import refuse_shared

SIGN_IN_SECONDS = 15 * 60


def login(name: str, home: Path | None) -> int:
    """Open a window on the site and wait for the owner; the profile keeps what the browser keeps.

    Nothing is typed for the owner, and no password is ever seen.
    """
    seat = seat_of(name, home)
    seat.paths.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    refuse_shared(seat.paths)
    clock, reader = SystemClock(), seat.reader
    with lock.hold(seat.paths.folder):
        window = Browser(
            seat.paths.profile,
            find(seat.settings.browser.executable),
            seat.settings.site.base_url,
            now=clock.now,
            headless=False,
        )
        print("sign in in the window that opens; it closes by itself", file=sys.stderr)
        try:
            with window:
                who = _wait_for_owner(window, reader)
        except BrowserGone as error:
            raise WorkFailed(
                f"no window could be kept open: {error}; on a machine without a screen see "
                "docs/headless.md"
            ) from error
    say(f"signed in{f' as {who}' if who else ''}: `leadwright check`, then `leadwright run {name}`")
    return 0


def _wait_for_owner(window: Browser, reader: Reader) -> str:
    window.open("/sales/home")
    started = stopwatch()
    while stopwatch() - started < SIGN_IN_SECONDS:
        try:
            page = window.snapshot(changed=True)
        except NotLoaded:
            continue
        who = reader.owner_first_name(page)
        if who is not None:
            return who
    raise WorkFailed(f"nobody signed in within {SIGN_IN_SECONDS // 60} minutes")


def practice(scenario: str, port: int, pages: Path | None) -> int:
    """Serve the practice site until stopped."""
    serve(scenario, port, pages=pages)
    return 0
