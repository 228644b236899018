"""One read of one mutated page, and whether it kept the promises."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random

from fuzz.mutate import MUTATORS
from fuzz.oracle import says_so
from fuzz.pages import Page, pages
from fuzz.witness import WITNESSES

from bot.cli.read import tell
from bot.errors import PageError, WorkFailed
from bot.facts import Snapshot
from bot.pages.reader import Reader
from bot.pages.source import decode

MOST_SECONDS = 2.0  # of the processor, for one page
MOST_CHANGES = 4
OFTEN_WITNESS = 0.3


@dataclass(frozen=True, slots=True)
class Read:
    """What came of it. `wrong` is the promise that did not hold."""

    outcome: str
    seconds: float
    wrong: str = ""


def drawn(random: Random) -> Page:
    """A page: one that lost its witness, or one that some mutators went through."""
    if random.random() < OFTEN_WITNESS:
        make = random.choice(WITNESSES)
        page = make(random)
        return replace(page, done=(make.__name__,))
    page = random.choice(pages())
    for _ in range(random.randint(1, MOST_CHANGES)):
        change = random.choice(MUTATORS)
        page = change(random, page)
        page = replace(page, done=(*page.done, change.__name__))
    return page


def read(page: Page, reader: Reader) -> Read:
    """Read a page as `leadwright read` does, and hold what it says against the promises."""
    started = time.process_time()
    wrong = ""
    try:
        if page.raw is not None:
            page = replace(page, html=decode("page", page.raw))
        snapshot = page.snapshot
        _look_besides(snapshot, page.kind, reader)
        told = json.loads(tell(page.kind, reader, snapshot, page.owner))
        said = _said(told)
        outcome = f"{page.kind} {said}"
    except PageError as error:
        said, outcome = "", f"{page.kind} {type(error).__name__}"
    except WorkFailed:
        said, outcome = "", "no file to read"
    except Exception as error:  # noqa: BLE001  any other error is what is looked for
        said, outcome, wrong = "", "another error", f"{type(error).__name__}: {error}"
    seconds = time.process_time() - started
    if said in ("free", "accepted") and (page.never or not says_so(page, said)):
        wrong = f"read as {said}, and does not say so"
    if seconds > MOST_SECONDS:
        wrong = f"took {seconds:.1f} s"
    return Read(outcome, seconds, wrong)


def _look_besides(snapshot: Snapshot, kind: str, reader: Reader) -> None:
    """What the agent asks of the same page besides; it, too, may raise a PageError alone."""
    asked = {"composer": (reader.halt, reader.sent), "thread": (reader.halt, reader.reply)}
    for look in asked.get(kind, (reader.owner_first_name,)):
        with suppress(PageError):
            look(snapshot)


def _said(told: dict[str, object]) -> str:
    for key in ("kind", "answer", "halt"):
        if key in told:
            return str(told[key])
    return "read"


def seeded(seed: int, reader: Reader) -> tuple[Page, Read]:
    """The page of a seed, and what is read from it."""
    page = drawn(Random(seed))
    return page, read(page, reader)
