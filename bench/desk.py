"""The desk over 100,000 leads: first paint of each screen, a filter, memory.

The desk is the real process, `leadwright dashboard`, and the browser a real one. The seat has
worked for years: InMails, answers, a ledger, kept decisions. The paint is what the browser itself
tells (first-contentful-paint); a filter is timed in the page, from the key to the rows, without the
delay that waits for the next key.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from playwright.sync_api import Page, sync_playwright

from bench.timing import Goal, Report, Series
from bot.browser_finder import find
from bot.clock import SystemClock
from bot.config import load
from bot.credits import Entry, Ledger
from bot.decided import Decision
from bot.facts import Kind, Snapshot
from bot.model import (
    Answer,
    Attempt,
    AttemptState,
    Changes,
    Enrolment,
    KnownThread,
    Lead,
    Phase,
    Reason,
    SentStep,
)
from bot.policy import CreditPolicy
from bot.rules import credits
from bot.rules.credits import Posted
from bot.seat import load_seat, open_store
from bot.store.evidence import Evidence
from bot.store.store import Store

LEADS = 100_000
CAMPAIGNS = 5
SENT, SKIPPED, HELD = 10_000, 2_000, 30  # of them, in this order; the others wait
DECISIONS = 20_000  # that are kept, the bench's all on one page
TOGETHER = 1_000  # leads in one commit
TYPING_DELAY = 0.2  # seconds, as leads.html has it
MEGABYTE = 1_000_000
CONFIG = '[site]\nbase_url = "http://127.0.0.1:9"\n[seats.bench]\ntimezone = "Europe/Paris"\n'
CAMPAIGN = """\
name = "autumn{number}"
type = "acquisition-inmail"
audience = "/sales/search/people?savedSearchId=1"
[inmail]
subject = "Your work"
body = "Dear {{{{ first_name }}}}, shall we talk?"
[acceptance]
body = "Thank you, {{{{ first_name }}}}!"
[[follow_up]]
after_days = 5
body = "Dear {{{{ first_name }}}}, a last note."
"""
FIRST = ("Ida", "Zoë", "Jürgen", "María", "Olaf", "Priya", "Wei", "Émile", "Łukasz", "Nia")
LAST = ("Invented", "Müller", "García", "Smith", "O'Neil", "Kowalska", "Chen", "Patel", "Ångström")
FILTERS = ("a", "zoe", "mull 77", "firm 12", "nobody at all")
"""What is typed: what everybody has, what a tenth has, two words, a company, what nobody has."""
QUERIES = (
    "q=a&sort=name",
    "q=a&state=queued&sort=next",
    "state=held&sort=company",
    "campaign=autumn1&kind=credit&sort=state",
)
DEEP = "sort=name&page=1990"  # all are sorted, and all but the last few are passed over
METHOD = (
    "{leads:,} leads in {campaigns} campaigns, {sent:,} InMails sent, {entries:,} ledger entries, "
    "{decisions:,} decisions; each screen loaded {runs} times after one that is not counted, in "
    "Chromium at 1280 x 900; filters from the key to the painted rows, less the typing delay; "
    "memory as Linux tells (VmRSS) after all of it, a download of everything and a forecast"
)
PAINT = """() => new Promise((told) => new PerformanceObserver((list) => {
    for (const paint of list.getEntriesByName('first-contentful-paint')) told(paint.startTime);
}).observe({type: 'paint', buffered: true}))"""
WATCH = """() => {
    window.asked = new Promise((told) => {
        let start = 0;
        document.addEventListener('input', () => { start = performance.now(); }, {once: true});
        document.addEventListener('htmx:afterSwap', () => requestAnimationFrame(() =>
            requestAnimationFrame(() => told(performance.now() - start))), {once: true});
    });
}"""
FETCH = """async (address) => {
    const start = performance.now();
    const answer = await fetch(address);
    const text = await answer.text();
    if (!answer.ok || text.length < 100) throw new Error(`${address}: ${answer.status}`);
    return performance.now() - start;
}"""


@dataclass(frozen=True, slots=True)
class _Desk:
    """A desk at work: its process, its address, the link that opens it."""

    process: int
    base: str
    link: str


def measure(runs: int) -> Report:
    """Time every screen and the filters of a large seat."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        entries = fill(home, SystemClock().now())
        with _served(home) as desk, _browser() as page:
            page.goto(desk.link)
            painted = [_painted(page, desk.base, path, runs) for path in _screens()]
            filters = [_filtered(page, desk.base, words, runs) for words in FILTERS]
            asked = [_fetched(page, f"/leads/bench?{query}", runs) for query in QUERIES]
            deep = _fetched(page, f"/leads/bench?{DEEP}", runs)
            download = _fetched(page, "/leads/bench/leads.csv", 1)
            ahead = _fetched(page, "/credits/bench/ahead", 1)
            memory = _memory(desk.process)
    method = METHOD.format(
        leads=LEADS, campaigns=CAMPAIGNS, sent=SENT, entries=entries, decisions=DECISIONS, runs=runs
    )
    return Report(
        "Desk",
        method,
        (*painted, *filters, *asked, deep, download, ahead),
        (
            Goal("first paint of the slowest screen in seconds", _slowest(painted), 1.0),
            Goal("the slowest filter in seconds", _slowest(filters), 0.3),
            Goal("the slowest list asked for, whole answer, in seconds", _slowest(asked), 0.3),
            Goal("resident memory of the desk in MB", memory / MEGABYTE, 300.0),
        ),
    )


def _slowest(series: Sequence[Series]) -> float:
    return max(each.median for each in series)


def _screens() -> tuple[str, ...]:
    return (
        "/",
        "/campaigns",
        "/campaigns/bench/autumn0",
        "/leads/bench",
        f"/leads/bench/{_id(5)}",
        "/inbox",
        f"/inbox/bench/{_id(2)}",
        "/approve",
        "/credits/bench",
        "/seats/bench/last-page",
    )


# --- timing -------------------------------------------------------------------------------------


def _painted(page: Page, base: str, path: str, runs: int) -> Series:
    seconds = []
    for _ in range(runs + 1):
        page.goto(base + path)
        seconds.append(page.evaluate(PAINT) / 1000)
    return Series(f"first paint of {path}", tuple(seconds[1:]))


def _filtered(page: Page, base: str, words: str, runs: int) -> Series:
    """All but the last sign is there already: that one is typed."""
    seconds = []
    for _ in range(runs + 1):
        page.goto(f"{base}/leads/bench?q={words[:-1]}")
        page.locator("#q").focus()
        page.keyboard.press("End")
        page.evaluate(WATCH)
        page.keyboard.type(words[-1])
        seconds.append(page.evaluate("window.asked") / 1000 - TYPING_DELAY)
    return Series(f"filter by “{words}”", tuple(seconds[1:]))


def _fetched(page: Page, address: str, runs: int) -> Series:
    seconds = [page.evaluate(FETCH, address) / 1000 for _ in range(runs)]
    return Series(f"answer to {address}", tuple(seconds))


def _memory(process: int) -> int:
    """Bytes, 0 if nobody tells."""
    try:
        told = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s+(\d+) kB", told)
    return int(found[1]) * 1024 if found is not None else 0


@contextmanager
def _served(home: Path) -> Iterator[_Desk]:
    command = [sys.executable, "-m", "bot", "dashboard", "--port", "0", "--home", str(home)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        link = next(line.strip() for line in process.stdout if "/?token=" in line)
        yield _Desk(process.pid, link.partition("/?")[0], link)
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def _browser() -> Iterator[Page]:
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=find(), chromium_sandbox=os.geteuid() != 0
        )
        yield chromium.new_page(viewport={"width": 1280, "height": 900})
        chromium.close()


# --- the seat -----------------------------------------------------------------------------------


def fill(home: Path, now: datetime) -> int:
    """Make a seat that has worked for years up to *now*; how many entries its ledger has."""
    campaigns = home / "seats" / "bench" / "campaigns"
    campaigns.mkdir(parents=True)
    (home / "config.toml").write_text(CONFIG, encoding="utf-8")
    for number in range(CAMPAIGNS):
        text = CAMPAIGN.format(number=number)
        (campaigns / f"autumn{number}.toml").write_text(text, encoding="utf-8")
    seat = load_seat(load(home), "bench")
    with open_store(seat) as store:
        for start in range(0, LEADS, TOGETHER):
            numbers = range(start, min(start + TOGETHER, LEADS))
            store.commit(_people(numbers, now))
        entries = _ledger(store, now)
    _decisions(Evidence(seat.paths.evidence), now)
    return entries


def _people(numbers: range, now: datetime) -> Changes:
    sent = [n for n in numbers if n < SENT]
    return Changes(
        leads=tuple(_lead(n) for n in numbers),
        enrolments=tuple(_enrolment(n, now) for n in numbers),
        attempts=tuple(_attempt(n, now) for n in sent),
        threads=tuple(
            KnownThread(f"2-{n}", _lead(n).name, _id(n), "|hello", "|hello") for n in sent
        ),
    )


def _lead(number: int) -> Lead:
    first, last = FIRST[number % len(FIRST)], LAST[number * 7 % len(LAST)]
    return Lead(
        _id(number),
        f"{first} {last} {number}",
        first,
        last,
        f"Firm {number % 5000} GmbH",
        "Head of Something",
        "Berlin, Germany",
    )


def _enrolment(number: int, now: datetime) -> Enrolment:
    campaign = f"autumn{number % CAMPAIGNS}"
    made = Enrolment(f"{campaign}/{_id(number)}", _id(number), campaign, number + 1)
    if number >= SENT + SKIPPED + HELD:
        return made
    if number >= SENT + SKIPPED:
        return replace(made, hold=Reason("K3", "no credit line"), phase=Phase.REST)
    if number >= SENT:
        return replace(made, skip=Reason("K1", "unreachable"), phase=Phase.REST)
    at = _sent_at(number, now)
    step = SentStep(0, at, "hash", f"{made.key}#0.1", _kind(number))
    made = replace(made, kind=_kind(number), sent=(step,), thread_id=f"2-{number}")
    return replace(_answered(made, number, at), phase=Phase.REST)


def _answered(made: Enrolment, number: int, sent_at: datetime) -> Enrolment:
    """A fifth accepts by default, a tenth writes own words, a tenth rejects."""
    back = sent_at if _kind(number) is Kind.CREDIT else None  # as _posted() books it
    at, words = sent_at + timedelta(days=2), "Thank you for your message, let us talk next week."
    match number % 10:
        case 0 | 1:
            answer = Answer("accepted", "default", "A1", False, "goes-on", True, False, at, words)
            return replace(made, answer=answer, accepted_at=at, credit_back=back)
        case 2:
            answer = Answer("own-words", "unknown", "A5", True, "stops", True, False, at, words)
            return replace(made, answer=answer, accepted_at=at, credit_back=back)
        case 3:
            answer = Answer("rejected", "default", "A3", False, "waits", False, False, at)
            return replace(made, answer=answer)
    return made


def _attempt(number: int, now: datetime) -> Attempt:
    enrolment, at = _enrolment(number, now), _sent_at(number, now)
    return Attempt(
        key=f"{enrolment.key}#0.1",
        enrolment=enrolment.key,
        lead_id=enrolment.lead_id,
        campaign=enrolment.campaign,
        step=0,
        state=AttemptState.SENT,
        held_at=at,
        subject="Your work",
        body="Dear Ida, shall we talk?" * 10,
        text_hash="hash",
        kind=_kind(number),
        clicked_at=at,
        ended_at=at,
        proofs=("thread", "text"),
    )


def _kind(number: int) -> Kind:
    """As many credit InMails as grants and refunds of these years can pay."""
    return Kind.CREDIT if number % 4 == 0 else Kind.FREE


def _sent_at(number: int, now: datetime) -> datetime:
    """Ten a day, the newest an hour ago."""
    return now - timedelta(hours=1) - timedelta(hours=2.4) * (SENT - number)


def _ledger(store: Store, now: datetime) -> int:
    """The entries of every credit InMail, with grants and expiries as they come (C1-C5)."""
    policy, entries = CreditPolicy(), list[Entry]()
    posted = credits.open_ledger(50, _sent_at(0, now) - timedelta(days=1), policy)
    ledger: Ledger = posted.ledger
    entries += posted.entries
    for number in range(0, SENT, 4):
        for posted in _posted(ledger, number, now, policy):
            ledger = posted.ledger
            entries += posted.entries
    for start in range(0, len(entries), TOGETHER):
        store.commit(Changes(entries=tuple(entries[start : start + TOGETHER])))
    return len(entries)


def _posted(ledger: Ledger, number: int, now: datetime, policy: CreditPolicy) -> Iterator[Posted]:
    """What one credit InMail moves, and what was due before it."""
    at, attempt = _sent_at(number, now), _attempt(number, now)
    key, lead_id = attempt.key, attempt.lead_id
    yield (due := credits.accrue(ledger, at, policy))
    yield (held := credits.hold(due.ledger, key, lead_id, at)[0])
    yield (spent := credits.spend(held.ledger, key, lead_id, at))
    if number % 10 < 3:
        yield credits.refund(spent.ledger, key, lead_id, at, policy)


def _decisions(evidence: Evidence, now: datetime) -> None:
    """One page, and as many lines that tell of it as there are decisions."""
    page = Snapshot("<html><body><p>A page</p></body></html>", "http://127.0.0.1:9/", 200, now)
    key = f"autumn0/{_id(0)}#0.1"
    first = Decision(key, now, "inmail", "sent", "our text is there", "T2", _id(0), "lead", "lead")
    evidence.keep(first, page)
    index = evidence.folder / "index.jsonl"
    line = orjson.loads(index.read_bytes())
    with index.open("ab") as file:
        for number in range(1, DECISIONS):
            told = {"key": f"autumn0/{_id(number // 2)}#0.1@{number}", "lead_id": _id(number // 2)}
            file.write(orjson.dumps({**line, **told}) + b"\n")


def _id(number: int) -> str:
    return f"ACwAAinvented{number}"
