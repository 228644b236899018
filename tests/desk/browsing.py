"""A real browser at a desk, and what should not happen in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from desk.screens import axe_source
from playwright.sync_api import ConsoleMessage, Page, Request

from bot.desk.serve import Place

OpenDesk = Callable[..., "Visit"]


@dataclass
class Visit:
    """A browser at a desk, and everything in it that should not have happened.

    place  where the desk is served; None after it was closed
    """

    page: Page
    base: str
    place: Place
    wrong: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page


def listen(visit: Visit) -> None:
    """Note each script that runs or is refused, and each request that leaves the desk."""
    page, wrong = visit.page, visit.wrong
    page.on("dialog", lambda dialog: (wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if _is_wrong(said) else None)
    for end in ("requestfinished", "requestfailed"):
        page.on(end, lambda asked: wrong.append(asked.url) if _left(asked, visit.base) else None)


def _is_wrong(said: ConsoleMessage) -> bool:
    """An error; not that a kept page's picture was refused, which is how it should be."""
    return said.type == "error" and not said.text.startswith("Loading the image")


def _left(asked: Request, base: str) -> bool:
    """Whether a request went elsewhere: one that the policy refused never went."""
    return not asked.url.startswith(base) and asked.failure != "csp"


def violations(page: Page) -> list[str]:
    """What axe-core finds. Its code is put in by the debugger, past the policy of the page."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe_source())
    found: Any = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{each['id']}: {json.dumps([node['target'] for node in each['nodes']])}"
        for each in found["violations"]
    ]
