"""The metrics of a seat: the site's truth in numbers, whatever stands in states and files."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from desk.homes import CONFIG, PAYLOADS, START, Worked, empty, played
from simulation.rig import Rig, scenario
from unit.scraped import Numbers, promtool, read, scrape

from bot import lock, meter
from bot.clock import SimulatedClock
from bot.config import load
from bot.credits import Account
from bot.errors import BrowserGone
from bot.facts import Kind
from bot.hooks import BrokenHook, HookUse
from bot.meter import Meter
from bot.metering import Metering
from bot.metrics.names import COUNTER, METRICS
from bot.model import Attempt, AttemptState, Changes, Enrolment, Halted, Lead
from bot.practice.people import What
from bot.practice.records import SendKind, Truth
from bot.seat import load_seat
from bot.stint import work_through
from bot.store.erase import Erased
from bot.store.store import Store
from tools import metrics as docs

PAUSE = timedelta(minutes=3)
EVIL = 'Eve\n# TYPE owned gauge\nowned 1"} \\ <script>'
CLASSES = {
    What.ACCEPT_DEFAULT: "accepted",
    What.ACCEPT_EDITED: "accepted",
    What.REJECT_DEFAULT: "rejected",
    What.OWN_WORDS: "own-words",
}


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> tuple[Worked, Truth]:
    """A home after a simulated month, and what really happened on the site."""
    return played(tmp_path_factory.mktemp("metrics"))


@pytest.fixture(scope="module")
def numbers(month: tuple[Worked, Truth]) -> Numbers:
    """What its metrics are."""
    return scrape(month[0].home, month[0].clock)


@pytest.fixture
def home(month: tuple[Worked, Truth], tmp_path: Path) -> Worked:
    """A worked home of the test's own."""
    return month[0].copied(tmp_path / "home")


def one_more(home: Worked) -> str:
    """Give a home a second seat, bob, that was never worked."""
    config = f"{CONFIG}[seats.bob]\n"
    (home.home / "config.toml").write_text(config, encoding="utf-8")
    return "bob"


# --- the truth ------------------------------------------------------------------------------------


def test_the_credits_are_those_of_the_site(month: tuple[Worked, Truth], numbers: Numbers) -> None:
    """C4, C5, C10: balance, spends and refunds."""
    truth = month[1]
    cost = [d for d in truth.deliveries if d.by == "page" and d.cost]
    assert numbers.get("credits_available") == truth.balance
    assert numbers.get("credits_moved_total", kind="spend") == len(cost) > 20
    assert (numbers.get("credits_moved_total", kind="refund") or 0) > 5
    assert numbers.get("credits_held") == 0


def test_the_sends_are_those_of_the_site(month: tuple[Worked, Truth], numbers: Numbers) -> None:
    """T2: each that was delivered, by what it cost or where it stands in the sequence."""
    sent: Counter[str] = Counter()
    for each in month[1].deliveries:
        if each.kind is SendKind.INMAIL:
            sent["credit" if each.cost else "free"] += 1
        else:
            sent["acceptance" if each.body.startswith("Thank you") else "follow-up"] += 1
    assert len(sent) == 4
    for kind, count in sent.items():
        assert numbers.get("sends_total", kind=kind) == count
        assert numbers.get("attempts", kind=kind, outcome="sent") == count
    assert numbers.get("sends_total", kind="reply") == 0
    assert numbers.get("attempts_uncertain") == 0


def test_the_answers_are_those_of_the_site(month: tuple[Worked, Truth], numbers: Numbers) -> None:
    """A1-A5: of everybody whom the agent wrote to, and whose answer it could have read."""
    worked, truth = month
    with Store.open(worked.seat / "state.sqlite", read_only=True) as store:
        read_at = store.seat().inbox_read_at
    assert read_at is not None
    answered = {each.lead_id: each for each in truth.answers if each.at <= read_at}
    expected = Counter(CLASSES[each.what] for each in answered.values())
    found: Counter[str] = Counter()
    for labels, count in numbers.of("answers").items():
        found[dict(labels)["class"]] += int(count)
    assert found == expected
    assert len(expected) == 3
    assert numbers.get("acceptances_total") == expected["accepted"] + expected["own-words"]


def test_what_is_shown_elsewhere_is_told_alike(
    month: tuple[Worked, Truth], numbers: Numbers
) -> None:
    """The ledger's own sum, the states of leads, and the day's counts."""
    with Store.open(month[0].seat / "state.sqlite", read_only=True) as store:
        ledger, leads = store.ledger(), len(list(store.enrolments()))
        assert store.balance() == ledger.available
        for kind in ("opening", "grant", "spend", "refund", "cut", "expire"):
            credits = sum(e.credits for e in store.entries() if e.kind == kind)
            assert numbers.get("credits_moved_total", kind=kind) == credits
        assert ledger.total(Account.HELD) == numbers.get("credits_held")
    assert sum(numbers.of("leads").values()) == leads > 100
    assert numbers.get("inmails_limit") == 10
    assert numbers.get("seat_state", state="stopped") == 1


# --- what may never be ----------------------------------------------------------------------------


class Plug:
    """Called before each step; pulls the plug at every so many, 0: never."""

    def __init__(self, every: int) -> None:
        self._every, self._steps = every, 0

    def __call__(self) -> None:
        self._steps += 1
        if self._every and self._steps % self._every == 0:
            raise BrowserGone("pulled")


def work_a_while(rig: Rig, folder: Path, plug: Plug) -> int:
    """One stint as the daemon starts it; its exit code. One that dies writes nothing more."""
    metering = Metering(folder)
    rig.restart()
    code = 0
    try:
        end = work_through(
            metering.watch(rig.work),
            patience=PAUSE,
            tell=metering.told,
            stopped=lambda: False,
            orders=plug,
            late=metering.late,
        )
        metering.ended(end.wait)
    except BrowserGone:
        code = -9
    meter.count_stint(folder, code)
    return code


def test_counters_never_fall_over_days_of_stints_and_crashes(tmp_path: Path) -> None:
    """Whatever died, wherever: what was counted stays counted, and the books' own as well (T4)."""
    home = empty(tmp_path)
    seat = load_seat(load(home.home), "alice")
    people = "\n".join(f"P{n}a credit accept-default 1\nP{n}b free own-words 1" for n in range(8))
    rig = Rig(scenario(people), campaigns=seat.campaigns, policy=seat.policy, path=seat.paths.state)
    before = scrape(home.home, rig.clock)
    codes = []
    for stint in range(60):
        codes.append(work_a_while(rig, seat.paths.folder, Plug((0, 2, 3, 1)[stint % 4])))
        rig.clock.advance(20 * PAUSE)
        rig.world.advance(rig.clock.now())
        now = scrape(home.home, rig.clock)
        assert before.counted.keys() <= now.counted.keys()
        fallen = [key for key, value in before.counted.items() if now.counted[key] < value]
        assert fallen == []
        before = now
    assert before.get("stints_total", code="signal") == codes.count(-9) > 5
    assert before.get("stints_total", code="0") == codes.count(0) > 5
    assert (before.get("cycle_lag_seconds_count") or 0) > 5
    inmails = len(rig.sent(kind=SendKind.INMAIL))
    assert (before.get("page_reads_total", page="lead", result="read") or 0) >= inmails > 10
    assert before.get("sends_total", kind="credit") == before.get("sends_total", kind="free") == 8


def test_a_forgotten_person_stays_counted(home: Worked) -> None:
    """K5, C10: erasing somebody takes their name, and no send and no credit."""
    before = scrape(home.home, home.clock)
    with home.store() as store:
        written = next(each for each in store.enrolments() if each.inmail and each.accepted_at)
        store.erase([Erased(written.lead_id, "erased-0123456789abcdef")])
    now = scrape(home.home, home.clock)
    assert now.counted == before.counted


def test_a_damaged_seat_takes_nothing_from_the_others(home: Worked) -> None:
    """It is not readable, its books are absent, and all else of both seats is told."""
    bob = home.home / "seats" / one_more(home)
    whole = scrape(home.home, home.clock)
    bob.mkdir()
    (bob / "state.sqlite").write_bytes(b"SQLite format 3\0" + b"no state" * 1000)
    (bob / meter.FILE).write_text("{")
    (bob / "pulse.json").write_text("{")
    found = scrape(home.home, home.clock)
    assert found.get("seat_readable", seat="bob") == 0
    assert found.get("credits_available", seat="bob") is None
    assert found.get("browser_starts_total", seat="bob") == 0
    mine = {key: n for key, n in found.samples.items() if ("seat", "alice") in key[1]}
    assert mine == {key: n for key, n in whole.samples.items() if ("seat", "alice") in key[1]}


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("UPDATE seat SET doc = ?", "{"),
        ("UPDATE seat SET doc = ?", '{"halted": 7}'),
        ("UPDATE entries SET doc = ? WHERE id = 3", "no JSON"),
        ("UPDATE hooks SET doc = ?", "[]"),
    ],
)
def test_a_document_that_cannot_be_read_is_a_seat_that_cannot(
    home: Worked, statement: str, value: str
) -> None:
    """Half of the books would be told as if it were all of them."""
    with home.store() as store:
        store.commit(Changes(hooks=(HookUse("lead.name", "h1", (1,), START.date(), 0, None),)))
        store.tables.storage.execute("DROP INDEX IF EXISTS entries_lead")
        store.tables.storage.execute("DROP INDEX IF EXISTS entries_key")
        store.tables.storage.execute("DROP INDEX IF EXISTS hooks_key")
        store.tables.storage.execute(statement, (value,))
    found = scrape(home.home, home.clock)
    assert found.get("seat_readable") == 0
    assert found.get("sends_total", kind="credit") is None


def test_a_wrong_configuration_is_told(home: Worked) -> None:
    """Without it no seat is known; the scrape itself is answered."""
    (home.home / "config.toml").write_text("[seats.alice]\ninmails_per_day = 11\n")
    assert scrape(home.home, home.clock).samples == {
        ("leadwright_configuration_readable", frozenset()): 0
    }


def test_nothing_that_anybody_wrote_gets_into_a_metric(home: Worked, numbers: Numbers) -> None:
    """A14: names, texts and whatever else a state or a file may hold is no label of ours."""
    with home.store() as store:
        lead, enrolment = Lead(EVIL, EVIL), Enrolment(f"{EVIL}/1", EVIL, EVIL, 99_999)
        attempt = Attempt(
            EVIL, enrolment.key, EVIL, EVIL, 1, AttemptState.UNCERTAIN, START, EVIL, EVIL, EVIL
        )
        broken = BrokenHook(EVIL, EVIL, EVIL, EVIL, START, START, None, EVIL)
        seat = replace(
            store.seat(), halted=Halted(EVIL, EVIL, START), broken=(broken,), owner_first_name=EVIL
        )
        hook = HookUse(EVIL, EVIL, (1, 5), START.date(), 1, None)
        store.commit(
            Changes(
                seat=seat,
                leads=(lead,),
                enrolments=(enrolment,),
                attempts=(attempt,),
                hooks=(hook,),
            )
        )
        for field in ("$.answer.answer", "$.answer.rule"):
            store.tables.storage.execute(
                f"UPDATE enrolments SET doc = json_set(doc, '{field}', ?)"
                " WHERE json_extract(doc, '$.answer.at') IS NOT NULL",
                (EVIL,),
            )
    counts = Counter({(EVIL, EVIL): 3})
    meter.write(home.seat, Meter(counts, Counter(counts), Counter({(EVIL,): 3})))
    found = scrape(home.home, home.clock)
    assert found.get("seat_readable") == 1
    assert found.get("attempts_uncertain") == 1
    assert found.get("seat_halted", kind="other") == 1
    assert found.get("answers", class_="other", rule="other") == sum(found.of("answers").values())
    written = {sign for text in (EVIL, *PAYLOADS) for sign in text if not sign.isascii()}
    assert not written & set(found.text)
    for word in ("Eve", "owned", "script", "onload", "HYPERLINK", "ACwAA", "founders"):
        assert word not in found.text
    assert "founders" not in numbers.text
    names = {line.split()[2] for line in found.text.splitlines() if line.startswith("# TYPE")}
    assert names <= {each.name for each in METRICS}


# --- what is told of processes and hooks ----------------------------------------------------------


def test_who_holds_the_seat_is_told_with_their_memory(home: Worked) -> None:
    """Absent where nobody does; and where the lock's number is another process's by now."""
    assert scrape(home.home, home.clock).get("daemon_resident_memory_bytes") is None
    with home.asleep():
        found = scrape(home.home, home.clock)
        assert (found.get("daemon_resident_memory_bytes") or 0) > 1_000_000
        assert found.get("seat_state", state="sleeping") == 1
        told = json.loads((home.seat / lock.FILE).read_text())
        (home.seat / lock.FILE).write_text(json.dumps({**told, "pid": 1}))
        assert scrape(home.home, home.clock).get("daemon_resident_memory_bytes") is None


def test_what_is_due_and_not_begun_is_overdue(home: Worked) -> None:
    """By the time since it was due; nothing is, before."""
    with home.asleep():
        now = scrape(home.home, home.clock)
        later = SimulatedClock(home.now + 20 * PAUSE)
        assert (now.get("overdue_seconds"), now.get("due_timestamp_seconds")) == (
            0,
            (home.now + PAUSE * 2 / 3).timestamp(),
        )
        assert scrape(home.home, later).get("overdue_seconds") == (20 - 2 / 3) * 180


def test_a_seat_that_never_ran_has_zeros(tmp_path: Path) -> None:
    """So that the first count of each is seen as one."""
    found = scrape(empty(tmp_path).home, SimulatedClock(START))
    assert found.get("seat_readable") == 1
    assert found.get("sends_total", kind=Kind.FREE) == 0
    assert found.get("page_reads_total", page="thread", result="layout-changed") == 0
    assert found.get("stints_total", code="signal") == 0
    assert found.get("credits_on_site") is None
    assert not (tmp_path / "seats" / "alice" / "state.sqlite").exists()


def test_hooks_are_told_by_page(home: Worked) -> None:
    """T8: those that are broken, and pages on which one was found by a fallback."""
    with home.store() as store:
        broken = BrokenHook("composer", "line", "p", "?", START, START, None, "")
        hook = HookUse("lead.name", "h1", (7, 2, 1), START.date(), 1, None)
        store.commit(Changes(seat=replace(store.seat(), broken=(broken,)), hooks=(hook,)))
    found = scrape(home.home, home.clock)
    assert found.get("hooks_broken", page="composer") == 1
    assert found.get("hooks_broken", page="lead") == 0
    assert found.get("hook_fallbacks_total", page="lead", hook="name") == 3


# --- what reads it --------------------------------------------------------------------------------


def test_promtool_accepts_the_metrics(numbers: Numbers) -> None:
    """Names, types and units are as Prometheus wants them; without promtool the test fails."""
    assert promtool("check", "metrics", stdin=numbers.text) == ""


def test_promtool_accepts_the_alert_rules() -> None:
    """And each rule asks for metrics that there are."""
    rules = docs.PLACE.page.with_name("alerts.yml")
    assert "SUCCESS" in promtool("check", "rules", str(rules))
    text = rules.read_text(encoding="utf-8")
    asked = set(re.findall(r"\bleadwright_\w+", text))
    assert len(asked) > 8
    assert asked <= {each.name for each in METRICS}


def test_the_table_of_metrics_is_the_programs_own() -> None:
    """docs/metrics.md is what `python -m tools.metrics` writes."""
    assert docs.PLACE.with_table(docs.table()) == docs.PLACE.text()


def test_every_metric_of_the_table_is_told(numbers: Numbers, home: Worked) -> None:
    """None is promised that never comes; those that are absent here come with what they tell of."""
    told = {line.split()[2] for line in numbers.text.splitlines() if line.startswith("# TYPE")}
    absent = {each.name for each in METRICS} - told
    with home.store() as store:
        hook = HookUse("lead.name", "h1", (1,), START.date(), 0, None)
        store.commit(Changes(hooks=(hook,)))
    with home.asleep():
        text = scrape(home.home, home.clock).text
    assert not [name for name in absent if f"# TYPE {name} " not in text]
    told = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    counters = {each.name for each in METRICS if each.kind == COUNTER}
    assert counters == {name for name in told if name.endswith("_total")}
    assert read(numbers.text).samples == numbers.samples
