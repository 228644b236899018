"""The recorder in a real browser: what its owner clicks through is kept, and nobody is in it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import pytest
from cli.user import User
from playwright.sync_api import Page, Playwright

from bot.browser_finder import find
from bot.demo import Played, books, play
from bot.practice.model import World
from bot.practice.people import What
from bot.practice.scenario import Scenario, parse
from bot.practice.server import Running, start
from bot.verdict import compare

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("whole_browser")]

PEOPLE = ("AdaAmberwood", "BasilBirkenau", "CleoCobalt", "DoraDahlberg", "FloraFlintmoor")
ADA, BASIL, CLEO, DORA, FLORA = (f"ACwAA{name}-000001" for name in PEOPLE)
NAMED = {
    "Ada Amberwood": (ADA, "credit", "accept-default"),
    "Basil Birkenau": (BASIL, "free", "own-words"),
    "Cleo Cobalt": (CLEO, "credit", "accept-default"),
    "Dora Dahlberg": (DORA, "credit", "reject-default"),
    "Flora Flintmoor": (FLORA, "unreachable", "own-words"),
}
WORLD = """\
start = 2026-03-02T08:00:00Z
seed = 5
[owner]
first_name = "Rosalind"
name = "Rosalind Exampleworth"
[credits]
lots = [{{ granted = 2026-03-01T00:00:00Z, credits = 20 }}]
[[searches]]
id = "1"
name = "Quiet machines of Fableshire"
order = "file"
{people}
[[searches]]
id = "2"
name = "Everybody in Fableshire"
[[people]]
count = 22
kind = "unreachable"
searches = ["2"]
"""
PERSON = """
[[people]]
name = "{name}"
id = "{id}"
kind = "{kind}"
degree = 2
searches = ["1", "2"]
answer = ["{answer}"]
delay_days = [1, 2]
"""
DAYS = 3


def scenario() -> Scenario:
    """A small world whose search has two pages."""
    people = (
        PERSON.format(name=name, id=id_, kind=kind, answer=answer)
        for name, (id_, kind, answer) in NAMED.items()
    )
    return parse(WORLD.format(people="".join(people)))


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording, what the recorder said, and the site that was recorded."""

    root: Path
    said: list[str]
    site: Running
    user: User


class Owner:
    """Clicks in the recorder's browser over a connection of their own: the recorder only looks."""

    def __init__(self, page: Page, url: str, lines: Queue[str]) -> None:
        self.page, self._url, self._lines = page, url, lines
        self.said: list[str] = []

    def go(self, path: str, *saved: str) -> None:
        """Go to a page, and wait until the recorder has kept it."""
        self.page.goto(self._url + path)
        self.wait_for(*saved)

    def wait_for(self, *saved: str) -> None:
        """Wait until the recorder says that it saved these."""
        while not all(any(line.split()[1] == each for line in self.said) for each in saved):
            try:
                self.said.append(self._lines.get(timeout=30))
            except Empty:
                pytest.fail(f"{saved} was not saved; {self.said}")


def steer(owner: Owner) -> None:
    """What an owner would do: look at people, write to one, read the inbox."""
    owner.go("/sales/search/people?savedSearchId=2", "results/search")
    owner.go(f"/sales/lead/{FLORA}", "lead/unreachable")
    owner.go(f"/sales/lead/{BASIL}", "lead/second-degree")
    owner.page.locator("button[data-anchor-send-inmail]:visible").click()
    owner.wait_for("composer/free")
    owner.go(f"/sales/lead/{ADA}")
    owner.page.locator("button[data-anchor-send-inmail]:visible").click()
    owner.wait_for("composer/credit")
    owner.page.locator("form input[type=text]").fill("Seventeen brass kettles")
    owner.page.locator("form textarea").fill(
        "Dear Ada, ring me: +44 20 7946 0958, or r@kettles.test"
    )
    owner.page.locator("form button[data-sales-action]").click()
    owner.wait_for("composer/sent")
    owner.go("/sales/inbox/", "inbox/list")
    for name, case in (
        ("Ada", "awaiting"),
        ("Cleo", "default-acceptance"),
        ("Dora", "default-rejection"),
    ):
        owner.page.locator("a.conversation-list-item__link", has_text=name).click()
        owner.wait_for(f"thread/{case}")


def furnish(world: World) -> None:
    """Two threads that the owner had before: one accepted, one rejected."""
    for lead_id, what in (
        (CLEO, What.ACCEPT_DEFAULT),
        (DORA, What.REJECT_DEFAULT),
    ):
        world.send_inmail(lead_id, "Nineteen copper pans", "Have you seen our copper pans?")
        world.answer(lead_id, what)


@pytest.fixture(scope="module")
def recorded(
    tmp_path_factory: pytest.TempPathFactory, playwright: Playwright
) -> Iterator[Recorded]:
    """The practice site, recorded by `leadwright record` while an owner clicks."""
    folder = tmp_path_factory.mktemp("record")
    user, root = User(folder / "home"), folder / "recording"
    with start(scenario()) as site:
        site.ask(furnish)
        user.settle_in(site.url)
        variables = {
            "LEADWRIGHT_BROWSER__RECORD_HEADLESS": "true",
            "LEADWRIGHT_BROWSER__EXECUTABLE": str(open_door(folder / "browser")),
        }
        words = ("record", "alice", "--into", str(root))
        with user.start(*words, variables=variables) as recorder:
            try:
                lines: Queue[str] = Queue()
                reading = Thread(target=lambda: [lines.put(line) for line in recorder.stdout or ()])
                reading.start()
                assert "recording into" in lines.get(timeout=60)
                port = (user.seat / "browser" / "DevToolsActivePort").read_text().split()[0]
                theirs = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
                owner = Owner(theirs.contexts[0].pages[0], site.url, lines)
                busy = user.run("record", "alice", "--into", str(folder / "another"))
                steer(owner)
                owner.page.close()  # the window's only page: the recorder ends
                reading.join(60)
                assert recorder.wait(60) == 0
            finally:
                recorder.terminate()
        busy.complains(4)
        yield Recorded(root, owner.said, site, user)


def open_door(path: Path) -> Path:
    """The browser, with a door for a second connection: the program itself opens none."""
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(str(find()))} "$@" --remote-debugging-port=0\n')
    path.chmod(0o755)
    return path


def test_each_state_is_kept_once_and_reads(recorded: Recorded) -> None:
    """The same page of other people is no new state, and each case says what was understood."""
    cases = sorted(
        str(p.parent.relative_to(recorded.root)) for p in recorded.root.rglob("page.html")
    )
    assert [each for each in cases if each.startswith("lead/")] == [
        "lead/second-degree",
        "lead/unreachable",
    ]
    assert not [line for line in recorded.said if "reads otherwise" in line]


def secrets_of(world: World) -> set[str]:
    """Everything that the site knows and nobody else may."""
    found = {world.scenario.owner.name, *world.scenario.owner.name.split()}
    for person in world.scenario.people:
        found |= {person.id, world.token("", person.id), world.token("2", person.id)}
        found |= {person.company, person.location, person.headline, *person.name.split()}
    truth = world.truth()
    defaults = (What.ACCEPT_DEFAULT, What.REJECT_DEFAULT)
    found |= {each.text for each in truth.answers if each.what not in defaults}
    found |= {text for each in truth.deliveries for text in (each.subject, each.body) if text}
    found |= {each.thread_id for each in truth.deliveries}
    found |= {message.id for each in world.threads().threads for message in each.messages}
    return found | {"kettles", "79460958", "copper", "Fableshire", "brass"}


def test_nobody_stands_in_the_recording(recorded: Recorded) -> None:
    """No name, text, id or token that the site knows is on the disk, in any spelling."""
    known = recorded.site.ask(secrets_of)
    assert len(known) > 100
    for file in recorded.root.rglob("*"):
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        whole = " ".join(re.sub(r"<[^>]*>", " ", text).split())
        assert not [each for each in known if each in text or each in whole], file
        # An invented number may hold these four digits by chance; the written one ends with them.
        assert not re.search(r"(?<!\d)0958(?!\d)", f"{text} {whole}"), file


def test_the_check_finds_what_was_planted(recorded: Recorded, tmp_path: Path) -> None:
    """A recording is clean; an e-mail address, a name and a picture in it are named."""
    run = recorded.user.run
    clean = run("record", "--check", str(recorded.root), "--owner", "Rosalind Exampleworth")
    assert (clean.code, clean.out) == (0, "clean\n"), clean.out
    page = next(recorded.root.glob("thread/default-acceptance/page.html"))
    html = page.read_text(encoding="utf-8")
    planted = html.replace("</main>", "<p>Ada Lovelace</p> <p>ada@example.org</p></main>")
    (tmp_path / "thread" / "x").mkdir(parents=True)
    (tmp_path / "thread" / "x" / "page.html").write_text(planted, encoding="utf-8")
    found = run("record", "--check", str(tmp_path), "--json")
    assert found.code == 1
    told = {(each["what"], each["found"]) for each in found.document["findings"]}
    assert told >= {
        ("a word that was not invented", "Lovelace"),
        ("an e-mail address", "ada@example.org"),
    }
    line = next(n for n, text in enumerate(planted.splitlines(), 1) if "Lovelace" in text)
    assert {each["line"] for each in found.document["findings"]} == {line}


def played(home: Path, pages: Path) -> tuple[str, list[tuple[bool, str, str]], int]:
    """Play the demo on a site that looks like the recording."""
    done: Played = play(home, DAYS, lambda _: None, scenario=scenario(), pages=pages)
    with books(done) as book:
        read_at = book.seat().inbox_read_at or done.now
        lines = compare(book, done.truth, done.seat.policy, read_at)
    told = [(line.kept, line.promise, line.told) for line in lines]
    return done.pages, told, len(done.truth.deliveries)


def test_the_demo_keeps_its_promises_on_the_recording(recorded: Recorded, tmp_path: Path) -> None:
    """A site that looks like the recording is worked like any other, from search to answer."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        pages, lines, sent = pool.submit(played, tmp_path, recorded.root).result()
    assert all(kept for kept, _, _ in lines), lines
    assert sent >= 6
    for case in ("results/search", "composer/credit", "thread/default-acceptance", "composer/sent"):
        assert case in pages
