"""One InMail as a bare Playwright script writes it: no checks, no books, no evidence.

It does the same clicks as the agent, waits for nothing but what it needs next, and reads what a
careful script would look at: name, degree, addressee, credit line, and the message that was sent.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.letters import BODY, SUBJECT, Addressee, Proof
from bot.clock import stopwatch


class BareScript:
    """Writes InMails in a page of its own."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def write(self, to: Addressee, _proof: Proof) -> float:
        """Write to one person; return the seconds it took."""
        started = stopwatch()
        text = _write(self._page, to)
        taken = stopwatch() - started
        assert BODY in text, f"the thread shows {text!r}"
        return taken


@contextmanager
def bare_script(folder: Path, executable: Path) -> Iterator[BareScript]:
    """A script with its own browser profile in *folder*."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as driver:
        context = driver.chromium.launch_persistent_context(
            folder,
            executable_path=executable,
            headless=True,
            chromium_sandbox=not root,
            viewport={"width": 1280, "height": 900},
        )
        yield BareScript(context.pages[0])
        context.close()


def _write(page: Page, to: Addressee) -> str:
    """Return the text of the last message in the thread."""
    page.goto(to.url, wait_until="commit")
    message = page.locator("button[data-anchor-send-inmail]:visible")
    message.wait_for()
    message.click()
    panel = page.locator('section[role="dialog"]')
    form = panel.locator('form[data-x-conversation-widget="compose-form"]')
    line = form.locator("span.ml1.t-12.truncate").inner_text()
    name = page.locator("h1[data-x--lead--name]").inner_text()
    degree = page.locator('[class*="name-sublabel"]').inner_text()
    addressee = panel.locator('header a[href*="/sales/lead/"]').get_attribute("href") or ""
    if not (name and degree and line and to.id in addressee):
        raise AssertionError(f"not the page of {to.id}: {name!r}, {degree!r}, {line!r}")
    form.locator('input[aria-label="Subject (required)"]').fill(SUBJECT)
    form.locator('textarea[name="message"]').fill(BODY)
    form.locator("button[data-sales-action]").click()
    mine = panel.locator('article[aria-label="Message from you"]').last
    return mine.locator('[data-x-message-content="message"]').inner_text()
