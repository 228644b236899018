"""The brief: what plan() needs, by index, whatever the size of the book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import Kind
from bot.model import (
    Attempt,
    AttemptState,
    CampaignState,
    Changes,
    DayCounts,
    Enrolment,
    KnownThread,
    Phase,
)
from bot.store.schema import sql
from bot.store.storage import SqliteStorage
from bot.store.store import Store

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 23)
NAMES = ("autumn", "spring", "winter")


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "state.db" if request.param == "file" else None) as opened:
        yield opened


def enrolment(
    position: int,
    campaign: str = "autumn",
    phase: Phase = Phase.QUEUE,
    kind: Kind | None = None,
    due: int | None = None,
) -> Enrolment:
    """An enrolment that is due so many minutes from NOW."""
    due_at = None if due is None else NOW + timedelta(minutes=due)
    key = f"{campaign}/L{position}"
    return Enrolment(key, f"L{position}", campaign, position, kind=kind, phase=phase, due_at=due_at)


ENROLMENTS = st.builds(
    enrolment,
    st.integers(1, 12),
    st.sampled_from(NAMES),
    st.sampled_from(Phase),
    st.sampled_from((None, *Kind)),
    st.none() | st.integers(-2, 2),
)


@given(
    st.lists(st.lists(ENROLMENTS, max_size=5, unique_by=lambda one: one.key), max_size=6),
    st.sets(st.sampled_from(NAMES)),
    st.sets(st.sampled_from(NAMES)),
)
def test_the_brief_is_what_a_look_at_everything_gives(
    commits: list[list[Enrolment]], named: set[str], paused: set[str]
) -> None:
    """K7, S2, S3: after any commits, due, next due and the queue's heads are those of all rows."""
    book: dict[str, Enrolment] = {}
    with Store.open(None) as store:
        for commit in commits:
            store.commit(Changes(enrolments=tuple(commit)))
            book.update({one.key: one for one in commit})
        store.commit(Changes(campaigns=tuple(CampaignState(name, True) for name in paused)))
        assert {one.key: one for one in store.enrolments()} == book
        brief = store.brief(NOW, TODAY, tuple(named))
    active = [one for one in book.values() if one.campaign in named - paused]
    ripe = [one for one in active if one.due_at is not None and one.due_at <= NOW]
    due = [one for one in ripe if one.phase in (Phase.REPLY, Phase.MESSAGE)]
    assert list(brief.due) == sorted(
        due, key=lambda one: (one.phase is Phase.MESSAGE, one.due_at, one.position, one.campaign)
    )
    asleep = (Phase.REST, Phase.PREVIEW)  # what waits for its owner wakes nobody (S8)
    later = [
        one.due_at
        for one in active
        if one.phase not in asleep and one.due_at is not None and one.due_at > NOW
    ]
    assert brief.next_due_at == min(later, default=None)
    assert list(brief.queue) == list(heads(active))
    assert [state.name for state in brief.campaigns] == sorted(named)


def heads(active: list[Enrolment]) -> Iterator[Enrolment]:
    """The first of each campaign and kind that may be looked at."""
    for campaign in sorted({one.campaign for one in active}):
        for kind in (None, *Kind):
            waiting = [
                one
                for one in active
                if (one.campaign, one.kind, one.phase) == (campaign, kind, Phase.QUEUE)
                and (one.due_at is None or one.due_at <= NOW)
            ]
            yield from sorted(waiting, key=lambda one: one.position)[:1]


def test_at_most_twenty_messages_of_a_campaign_are_due(store: Store) -> None:
    """The longest due come first; of each campaign some, for one that is closed holds none up."""
    rows = [enrolment(n, NAMES[0], Phase.MESSAGE, due=-n) for n in range(31, 60)]
    rows += [enrolment(n, NAMES[1], Phase.MESSAGE, due=-n) for n in range(1, 31)]
    store.commit(Changes(enrolments=tuple(rows)))
    found = store.brief(NOW, TODAY, NAMES).due
    assert [one.position for one in found] == [*range(59, 39, -1), *range(30, 10, -1)]


def test_what_is_due_together_goes_in_the_order_of_import(store: Store) -> None:
    """K7: of more messages due at one moment than are taken, the first imported are taken."""
    rows = [enrolment(n, phase=Phase.MESSAGE, due=0) for n in range(60, 0, -1)]
    store.commit(Changes(enrolments=tuple(rows)))
    assert [one.position for one in store.brief(NOW, TODAY, NAMES).due] == list(range(1, 21))


def test_a_fraction_of_a_second_counts(store: Store) -> None:
    """Times are compared as moments: half a second late is due, half a second early is not."""
    half = timedelta(milliseconds=500)
    early, late = (
        replace(enrolment(n, phase=Phase.MESSAGE, due=0), due_at=NOW + shift)
        for n, shift in ((1, half), (2, -half))
    )
    store.commit(Changes(enrolments=(early, late)))
    brief = store.brief(NOW, TODAY, NAMES)
    assert (brief.due, brief.next_due_at) == ((late,), NOW + half)


def test_open_attempts_are_those_of_all_campaigns(store: Store) -> None:
    """T3: attempts whose end is unknown come oldest first, even of a campaign without a file."""
    rows = [
        Attempt(f"x/L{n}#0.1", f"x/L{n}", f"L{n}", "x", 0, state, NOW - timedelta(n), "", "", "")
        for n, state in enumerate(AttemptState)
    ]
    store.commit(Changes(attempts=tuple(rows)))
    found = store.brief(NOW, TODAY, ()).open_attempts
    expected = (AttemptState.UNCERTAIN, AttemptState.CLICKING, AttemptState.HELD)
    assert tuple(one.state for one in found) == expected


def test_the_unread_thread_that_matters_comes_first(store: Store) -> None:
    """K8: never read, of an unknown lead, or of an enrolled one; a stranger's is read once."""
    store.commit(Changes(enrolments=(enrolment(1),), days=(DayCounts(TODAY, 3),)))
    stranger = KnownThread("t1", "A", "L99", "new", "old")
    current = KnownThread("t2", "B", "L1", "old", "old")
    store.commit(Changes(threads=(stranger, current)))
    assert store.brief(NOW, TODAY, ()).unread_thread is None
    enrolled = replace(current, seen="new")
    unknown = KnownThread("t3", "C", None, "new", "old")
    never = KnownThread("t4", "D", "L98", "", None)
    for thread in (unknown, never, enrolled):
        store.commit(Changes(threads=(thread,)))
    for thread in (enrolled, unknown, never):
        brief = store.brief(NOW, TODAY, ())
        assert brief.unread_thread == thread
        assert brief.today.inmails == 3
        store.commit(Changes(threads=(replace(thread, lead_id="L98", read=thread.seen),)))
    assert store.brief(NOW, TODAY, ()).unread_thread is None


def statements_of(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, Sequence[object]]]:
    """What a brief, a commit's lookups and the funnel ask of SQLite."""
    asked: list[tuple[str, Sequence[object]]] = []
    run = SqliteStorage.execute

    def execute(self: SqliteStorage, statement: str, values: Sequence[object] = ()) -> object:
        asked.append((statement, values))
        return run(self, statement, values)

    with monkeypatch.context() as patched:
        patched.setattr(SqliteStorage, "execute", execute)
        store.brief(NOW, TODAY, NAMES)
        store.funnel("autumn")
        store.next_position()
        store.find_namesakes("A", "B")
        store.inmail_of("L1")
        store.thread_of("L1")
        store.lead_ids_known(["L1"])
        store.attempts_of("autumn/L1")
        store.enrolments_of("L1")
    return [each for each in asked if each[0].startswith("SELECT")]


LARGE = {"leads", "enrolments", "attempts", "entries", "threads"}
PARTIAL = {"attempts_open", "threads_unread"}


def test_what_is_asked_at_each_action_goes_through_an_index(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No table of leads, enrolments, attempts, entries or threads is ever walked through."""
    store.commit(Changes(enrolments=tuple(enrolment(n) for n in range(1, 200))))
    asked = statements_of(store, monkeypatch)
    assert len(asked) > 15
    for statement, values in asked:
        plan = store.tables.storage.execute(f"EXPLAIN QUERY PLAN {statement}", values)
        scans = [row[3] for row in plan if row[3].startswith("SCAN")]
        walked = [scan for scan in scans if scan.split()[1] in LARGE]
        assert not [scan for scan in walked if scan.split()[-1] not in PARTIAL], statement


def steps_of_planning(finished: int, without: str = "") -> int:
    """The steps that SQLite takes for a brief of ten open leads, a few threads, and a past."""
    open_ones = [enrolment(n, phase=Phase.MESSAGE, due=n - 5) for n in range(5)]
    open_ones += [enrolment(n, kind=Kind.FREE if n % 2 else None) for n in range(5, 10)]
    over = [enrolment(n, phase=Phase.REST) for n in range(100, 100 + finished)]
    sent = [
        Attempt(f"{e.key}#0.1", e.key, e.lead_id, "autumn", 0, AttemptState.SENT, NOW, "", "", "")
        for e in over
    ]
    threads = [KnownThread(f"t{e.lead_id}", "A", e.lead_id, "old", "old") for e in over]
    threads += [KnownThread(f"s{n}", "A", f"S{n}", "new", "old") for n in range(3)]
    with Store.open(None) as store:
        if without:
            store.tables.storage.execute(f"DROP INDEX {without}")
        store.commit(
            Changes(enrolments=(*over, *open_ones), attempts=tuple(sent), threads=tuple(threads))
        )
        count = 0

        def step() -> int:
            nonlocal count
            count += 1
            return 0

        store.tables.storage._connection.set_progress_handler(step, 1)
        brief = store.brief(NOW, TODAY, NAMES)
    assert (len(brief.due), len(brief.queue)) == (5, 2)
    return count


def test_finished_leads_cost_planning_nothing() -> None:
    """SQLite takes as many steps for a brief with fifty leads behind it as with a thousand."""
    assert steps_of_planning(finished=1000) == steps_of_planning(finished=50)


@pytest.mark.parametrize(
    "index",
    ["enrolments_queue", "enrolments_due", "enrolments_listed", "attempts_open", "threads_unread"],
)
def test_each_index_keeps_the_past_out_of_planning(index: str) -> None:
    """Without any one of these indexes planning would look at what is over."""
    steps = [steps_of_planning(finished, without=index) for finished in (50, 500)]
    assert steps[1] > 2 * steps[0]


def test_fields_are_spelled_for_sqlite() -> None:
    """A field stands for its place in the document, and what is quoted stays as it is."""
    assert sql("e.$.a = '$.b' AND $.sent[0].at") == (
        "json_extract(e.doc, '$.a') = '$.b' AND json_extract(doc, '$.sent[0].at')"
    )
