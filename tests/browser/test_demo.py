"""The demo, judged by the site's truth; what is printed and what the desk shows agree with it.

All that it logged is looked through, too: nothing of the people of the site stands in it.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import StringIO
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit
from zoneinfo import ZoneInfo

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from unit.betrayed import betrayed

from bot import log
from bot.cli.demo import open_desk, show
from bot.cli.stint import Teller
from bot.clock import Clock
from bot.demo import SCENARIO, SEAT, Scene, play
from bot.metering import Metering
from bot.places import SeatPaths
from bot.practice.door import session_of
from bot.practice.people import What
from bot.practice.purse import CreditCause
from bot.practice.records import By, Delivery, SendKind, Truth
from bot.practice.scenario import load

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

PARIS = ZoneInfo("Europe/Paris")
DAYS = 10  # `make demo` plays all 45
READ_EVERY = timedelta(minutes=180)  # the demo's read_inbox_minutes
DEFAULT = {What.ACCEPT_DEFAULT, What.ACCEPT_WITHOUT_TEXT}


@dataclass(frozen=True, slots=True)
class Shown:
    """At the end: the site's truth, what is printed of the books, and two screens of the desk.

    log      the seat's log files
    kept     all that the process wrote to stdout and stderr, as a service manager keeps it
    secrets  what opens the desk
    """

    truth: Truth
    printed: str
    campaigns: str
    credits: str
    meanwhile: str
    ordered: str
    log: str
    kept: str
    secrets: tuple[str, ...]


@contextmanager
def output_kept(path: Path) -> Iterator[None]:
    """What this process and its children say goes into a file."""
    here = [(number, os.dup(number)) for number in (1, 2)]
    with path.open("wb") as file:
        for number, _ in here:
            os.dup2(file.fileno(), number)
        try:
            yield
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            for number, before in here:
                os.dup2(before, number)
                os.close(before)


def played(home: Path) -> Shown:
    """Play the demo's first days as a stint works, with its log, and with the desk beside it."""
    paths, kept = SeatPaths(home, SEAT), home / "said.txt"
    with ExitStack() as stack:
        links: list[str] = []
        tellers: list[Teller] = []

        def begun(place: Path, clock: Clock) -> None:
            log.configure(paths.logs, now=clock.now, terminal=True, level="DEBUG")
            tellers.append(Teller(paths.folder, clock, False, Metering(paths.folder)))
            links.append(open_desk(stack, place, clock, 0))

        client = stack.enter_context(httpx.Client(follow_redirects=True, timeout=60))
        owner = stack.enter_context(ThreadPoolExecutor(1))
        looks: list[Future[tuple[str, str]]] = []

        def watch(scene: Scene) -> None:
            if scene.last is not None:
                tellers[0].tell(scene.last)
            if scene.last is not None and not looks:
                looks.append(owner.submit(look_and_pause, client, links[0]))

        with output_kept(kept):
            told = play(home, DAYS, watch, begun=begun)
        printed = stack.enter_context(redirect_stdout(StringIO()))
        show(told, (), 0)
        base = links[0].partition("/?")[0]
        pages = [client.get(base + path).text for path in ("/campaigns", "/credits/demo")]
        lines = "".join(path.read_text(encoding="utf-8") for path in paths.logs.iterdir())
        secrets = (parse_qs(urlsplit(links[0]).query)["token"][0], *client.cookies.values())
        out = kept.read_text(encoding="utf-8")
        seen = looks[0].result()
        return Shown(told.truth, printed.getvalue(), *pages, *seen, lines, out, secrets)


def look_and_pause(client: httpx.Client, link: str) -> tuple[str, str]:
    """What an owner sees who comes by the link, and what a pause and a resume there answer."""
    base, today = link.partition("/?")[0], client.get(link).text
    csrf = LexborHTMLParser(today).css_first("input[name=csrf]")
    assert csrf is not None
    form = {"csrf": csrf.attributes["value"] or ""}
    headers = {"origin": base, "hx-request": "true"}
    said = [
        client.post(f"{base}/seats/demo/{word}", data=form, headers=headers).text
        for word in ("pause", "resume")
    ]
    return today, " ".join(said)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """A play in a process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(played, tmp_path_factory.mktemp("demo")).result()


@pytest.fixture(scope="module")
def truth(shown: Shown) -> Truth:
    """What really happened on the site."""
    return shown.truth


def sends(truth: Truth, kind: SendKind) -> list[Delivery]:
    """The agent's own deliveries of a kind, in order."""
    return [each for each in truth.deliveries if each.by is By.PAGE and each.kind is kind]


def local_day(at: datetime) -> date:
    """The day in the seat's time zone."""
    return at.astimezone(PARIS).date()


def deadline(accepted: datetime) -> date:
    """The last day for the acceptance message: the first on which the seat could have read it."""
    at = (accepted + READ_EVERY).astimezone(PARIS)
    closed = at.time() >= datetime(2026, 1, 1, 17, 30).time()
    day = at.date() + timedelta(days=1 if closed else 0)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def everybodys_words(truth: Truth) -> set[str]:
    """All that the site knows of its people: names, titles, texts, each line of each."""
    site = load(SCENARIO)
    found = {site.owner.name, *site.owner.name.split()}
    for person in site.people:
        found |= {person.name, *person.name.split(), person.company, person.headline}
        found |= {person.title, person.location}
    texts = [each.body for each in truth.deliveries] + [each.text for each in truth.answers]
    texts += [each.subject or "" for each in truth.deliveries]
    return found | {line for text in texts for line in text.splitlines() if line.strip()}


def test_nothing_of_the_people_is_logged(shown: Shown) -> None:
    """Names, companies, headlines and texts stand neither in the log nor in what is printed."""
    words = everybodys_words(shown.truth)
    assert len(words) > 250
    assert shown.log.count('"outcome"') > 100, "what was done is logged"
    assert "inmail ACwAA" in shown.kept
    assert betrayed(shown.log, words) == []
    assert betrayed(shown.kept, words) == []


def test_no_secret_of_a_session_is_logged(shown: Shown) -> None:
    """Neither what signs in on the site, nor what opens the desk."""
    cookies = session_of(load(SCENARIO).seed)
    secrets = [*(each.value for each in cookies), *shown.secrets]
    assert len(secrets) == 4
    assert all(len(secret) > 20 for secret in secrets)
    for secret in secrets:
        assert secret not in shown.log + shown.kept
        assert quote(secret, safe="") not in shown.log + shown.kept


def test_nobody_gets_a_second_inmail(truth: Truth) -> None:
    """K4, T3: one InMail for each person."""
    people = Counter(each.lead_id for each in sends(truth, SendKind.INMAIL))
    assert len(people) > 20
    assert set(people.values()) == {1}


def test_no_day_has_more_than_ten_inmails(truth: Truth) -> None:
    """L1, L3: ten a day, on working days and in working hours only."""
    inmails = sends(truth, SendKind.INMAIL)
    assert max(Counter(local_day(each.at) for each in inmails).values()) <= 10
    for each in sends(truth, SendKind.INMAIL) + sends(truth, SendKind.MESSAGE):
        at = each.at.astimezone(PARIS)
        assert at.weekday() < 5
        assert "09:00" <= f"{at:%H:%M}" <= "17:30"


def test_the_last_credit_is_never_spent(truth: Truth) -> None:
    """C6: a credit InMail leaves at least one credit."""
    paid = [each for each in sends(truth, SendKind.INMAIL) if each.cost]
    assert paid
    assert all(each.balance_before > 1 for each in paid)


def test_credits_come_back_for_accepted_credit_inmails_only(truth: Truth) -> None:
    """C5: at most one refund for each, and none for a rejection or a free InMail."""
    refunded = Counter(e.lead_id for e in truth.credits if e.cause is CreditCause.REFUND)
    paid = {each.lead_id for each in truth.deliveries if each.cost}
    accepted = {each.lead_id for each in truth.answers if each.what.counts_as_acceptance}
    assert set(refunded) <= paid & accepted
    assert set(refunded.values()) <= {1}


def test_each_default_acceptance_gets_its_message_in_time(truth: Truth) -> None:
    """S2: on the same day, or at the first working moment after it could be read."""
    checked = 0
    ours = {each.lead_id for each in sends(truth, SendKind.INMAIL)}
    for first in truth.answers:
        answers = [each for each in truth.answers if each.lead_id == first.lead_id]
        due = deadline(first.at)
        silenced = any(local_day(each.at) <= due for each in answers[1:])
        if first is not answers[0] or first.what not in DEFAULT or first.lead_id not in ours:
            continue
        if silenced or due >= local_day(truth.now):
            continue
        got = [each.at for each in sends(truth, SendKind.MESSAGE) if each.lead_id == first.lead_id]
        assert got, f"{first.lead_id} accepted and got nothing"
        assert local_day(got[0]) <= due
        checked += 1
    assert checked > 0, "the play is too short to prove anything"


def test_follow_ups_keep_their_distance(truth: Truth) -> None:
    """S3: 3 to 30 days after the message before."""
    by_lead: dict[str, list[datetime]] = {}
    for each in sends(truth, SendKind.MESSAGE):
        by_lead.setdefault(each.lead_id, []).append(each.at)
    gaps = [later - sooner for times in by_lead.values() for sooner, later in pairwise(times)]
    assert all(timedelta(days=3) <= gap <= timedelta(days=30) for gap in gaps)


def test_messages_go_to_default_acceptances_only(truth: Truth) -> None:
    """S4, A1-A7: nothing to a responder, nothing after a rejection, nothing without an answer."""
    for each in sends(truth, SendKind.MESSAGE):
        before = [a.what for a in truth.answers if a.lead_id == each.lead_id and a.at < each.at]
        assert before, f"{each.lead_id} had said nothing"
        assert before[-1] in DEFAULT


def cells(html: str, row: str) -> list[str]:
    """A row of a table that a screen shows, by what stands in its first cell."""
    for found in LexborHTMLParser(html).css("tr"):
        texts = [" ".join(cell.text().split()) for cell in found.css("th, td")]
        if texts and texts[0] == row:
            return texts
    raise AssertionError(f"no row {row}")


def printed_row(printed: str, row: str) -> list[str]:
    """A row of a table that was printed."""
    line = next(line for line in printed.splitlines() if row in line)
    return [cell for cell in re.split(r"[\s│┃|]+", line) if cell]


def test_the_desk_shows_what_is_printed_and_both_are_true(shown: Shown) -> None:
    """The campaign's counts, and the credits of the month, at the end of the play."""
    desk, printed = cells(shown.campaigns, "founders"), printed_row(shown.printed, "founders")
    assert desk[2:9] == printed[2:9]
    inmails = sends(shown.truth, SendKind.INMAIL)
    paid = sum(bool(each.cost) for each in inmails)
    assert desk[3:5] == [str(paid), str(len(inmails) - paid)]
    month = shown.truth.now.strftime("%Y-%m")
    desk, printed = cells(shown.credits, month), printed_row(shown.printed, month)
    assert [cell.replace("–", "0") for cell in desk] == printed
    assert f"{desk[-1]} of at most 150" in " ".join(LexborHTMLParser(shown.credits).text().split())


def test_the_desk_knows_who_works_the_seat(shown: Shown) -> None:
    """S7: it says that it is worked, and an order is carried out by who works it."""
    today = LexborHTMLParser(shown.meanwhile)
    assert [chip.text() for chip in today.css(".chip")] == ["working"]
    assert "the seat is paused" in shown.ordered
    assert "the seat goes on" in shown.ordered
    assert "has not answered" not in shown.ordered
