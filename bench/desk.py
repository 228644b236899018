"""The desk of a seat with 100,000 leads, in a real browser: first paint, filter, memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.store import START, enrolment_of, home_of
from bench.timing import Goal, Report, Series
from bot.browser_finder import find
from bot.facts import Kind
from bot.model import Answer, Changes, Phase, SentStep
from bot.store.store import Store

LEADS, FINISHED, ANSWERED = 100_000, 40_000, 5_000
TOGETHER = 1_000
RUNS = 9
DELAY_MS = 200  # the list waits so long for the next letter
SCREENS = {
    "Today": "/",
    "Campaigns": "/campaigns",
    "a campaign": "/campaigns/bench/autumn",
    "Leads": "/leads/bench",
    "a lead": "/leads/bench/ACwAAinvented70000",
    "Approve": "/approve",
    "Credits": "/credits/bench",
}
FILTERS = {
    "a name that one has": ("q", "invented 77123"),
    "a company that 11 have": ("q", "firm 4321"),
    "letters that all have": ("q", "ida"),
    "a state": ("state", "responded"),
    "order by name": ("sort", "name"),
}
METHOD = (
    "{leads:,} leads, {finished:,} of them finished and {answered:,} answered; `leadwright "
    "dashboard` in a process of its own, {runs} loads of each screen in headless Chromium on the "
    "same machine; first contentful paint as the browser tells it; a filter from the change of the "
    "field to the new list, without the {delay} ms that the list waits for the next letter; "
    "resident memory of the process after all of that"
)
PAINT = """() => new Promise((done) => {
  const look = () => {
    const [entry] = performance.getEntriesByName('first-contentful-paint');
    if (entry) done(entry.startTime); else requestAnimationFrame(look);
  };
  look();
})"""
FILTER = """([name, value]) => new Promise((done) => {
  const field = document.querySelector(`form.find [name=${name}]`);
  const before = document.getElementById('found');
  const started = performance.now();
  const look = () => {
    if (document.getElementById('found') !== before) done(performance.now() - started);
    else requestAnimationFrame(look);
  };
  field.value = value;
  field.dispatchEvent(new Event(name === 'q' ? 'input' : 'change', {bubbles: true}));
  look();
})"""


def measure() -> Report:
    """Time every screen and every filter."""
    with home_of(LEADS, FINISHED) as home:
        _answer(home)
        with _desk(home) as (process, link), sync_playwright() as driver:
            sandbox = os.geteuid() != 0
            browser = driver.chromium.launch(executable_path=find(), chromium_sandbox=sandbox)
            page = browser.new_page()
            page.goto(link)
            base = link.partition("/?")[0]
            paints = [_paint(page, name, base + path) for name, path in SCREENS.items()]
            filters = [_filter(page, name, base, field) for name, field in FILTERS.items()]
            browser.close()
            megabytes = _resident(process.pid) / 1e6
    slowest, slowest_filter = (max(each.median for each in all_) for all_ in (paints, filters))
    told = METHOD.format(
        leads=LEADS, finished=FINISHED, answered=ANSWERED, runs=RUNS, delay=DELAY_MS
    )
    goals = (
        Goal("first paint of the slowest screen in seconds", slowest, 1.0),
        Goal("the slowest filter in seconds", slowest_filter, 0.3),
        Goal("resident memory of the desk in MB", megabytes, 300),
    )
    return Report("Desk", told, (*paints, *filters), goals)


def _answer(home: Path) -> None:
    """Let some of the leads have got their InMail, and said something."""
    answer = Answer(
        answer="own-words",
        text=None,
        rule="A5",
        responder=True,
        sequence="stops",
        inbox=True,
        check=False,
        at=START,
        words="Ask me again next year.",
    )
    with Store.open(home / "seats" / "bench" / "state.sqlite") as store:
        for start in range(FINISHED, FINISHED + ANSWERED, TOGETHER):
            rows = tuple(
                replace(
                    enrolment_of(number),
                    phase=Phase.REST,
                    kind=Kind.FREE,
                    sent=(SentStep(0, START, "h", f"a{number}", Kind.FREE),),
                    answer=replace(answer, at=START + timedelta(minutes=number)),
                )
                for number in range(start, start + TOGETHER)
            )
            store.commit(Changes(enrolments=rows))


@contextmanager
def _desk(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "bot", "dashboard", "--port", "0", "--home", str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            link = next(
                word for line in process.stdout for word in line.split() if "?token=" in word
            )
            yield process, link
        finally:
            process.terminate()


def _paint(page: Page, name: str, url: str) -> Series:
    seconds = []
    for _ in range(RUNS + 1):
        page.goto(url)
        seconds.append(page.evaluate(PAINT) / 1000)
    return Series(f"first paint, {name}", tuple(seconds[1:]))


def _filter(page: Page, name: str, base: str, field: tuple[str, str]) -> Series:
    seconds = []
    for _ in range(RUNS + 1):
        page.goto(f"{base}/leads/bench")
        taken = page.evaluate(FILTER, list(field))
        waited = DELAY_MS if field[0] == "q" else 0
        seconds.append((taken - waited) / 1000)
    return Series(f"filter, {name}", tuple(seconds[1:]))


def _resident(pid: int) -> int:
    """Bytes of memory that a process has, as Linux tells."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
