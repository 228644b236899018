"""The seat's state: committed whole or not at all, found by index, never ahead of the disk."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from tinydb.operations import delete
from unit.records import NOW, TODAY, WHOLE, assert_holds, attempt, enrolment, grant, lead

from bot.credits import Account, Ledger, add
from bot.errors import StoreBroken, WorkFailed
from bot.facts import Kind
from bot.model import (
    Answer,
    AttemptState,
    CampaignState,
    Changes,
    DayCounts,
    Lead,
    Reason,
    SeatState,
    SentStep,
)
from bot.store.storage import SqliteStorage
from bot.store.store import Funnel, Store


class Stop(BaseException):
    """What no handler catches."""


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "state.db" if request.param == "file" else None
    with Store.open(path) as opened:
        yield opened


def test_every_record_comes_back_equal(store: Store) -> None:
    """What was committed is read back field by field, by list and by key."""
    store.commit(WHOLE)
    assert_holds(store, WHOLE)
    first = WHOLE.enrolments[0]
    assert store.lead("ACwAA1") == WHOLE.leads[0]
    assert store.enrolment(first.key) == first
    assert store.enrolments_of("ACwAA1") == (first,)
    assert store.attempt("autumn/ACwAA1#0.1") == WHOLE.attempts[0]
    assert store.attempts_of(first.key) == WHOLE.attempts
    assert store.inmail_of("ACwAA1") == WHOLE.attempts[0]
    assert store.day(TODAY) == WHOLE.days[0]
    assert store.thread("2-abc") == store.thread_of("ACwAA1") == WHOLE.threads[0]
    assert store.campaign("autumn") == WHOLE.campaigns[0]


def test_what_is_not_there_is_none_or_fresh(store: Store) -> None:
    """An unknown key gives None; a day, campaign or seat that nothing is known of starts fresh."""
    assert (
        store.lead("x") is store.enrolment("x") is store.attempt("x") is store.thread("x") is None
    )
    assert store.thread_of("x") is store.inmail_of("x") is None
    assert (store.seat(), store.ledger()) == (SeatState(), Ledger())
    assert store.day(TODAY) == DayCounts(TODAY)
    assert store.campaign("autumn") == CampaignState("autumn")
    assert store.funnel("autumn") == Funnel()
    assert store.next_position() == 1


def test_it_is_all_there_after_reopening(tmp_path: Path) -> None:
    """A closed and reopened file holds the same, for a writer and for a reader."""
    with Store.open(tmp_path / "state.db") as store:
        store.commit(WHOLE)
    for read_only in (False, True):
        with Store.open(tmp_path / "state.db", read_only=read_only) as store:
            assert_holds(store, WHOLE)


def test_a_record_replaces_that_of_its_key(store: Store) -> None:
    """A changed record takes the place of the old one, and changes nothing beside it."""
    store.commit(WHOLE)
    changed = replace(WHOLE.enrolments[1], kind=Kind.FREE)
    store.commit(Changes(enrolments=(changed,)))
    assert_holds(store, replace(WHOLE, enrolments=(WHOLE.enrolments[0], changed)))


def test_times_are_utc_and_sort_as_text(store: Store) -> None:
    """A time of another zone comes back as the same moment in UTC; one without zone is refused."""
    local = datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=3)))
    store.commit(Changes(seat=SeatState(inbox_read_at=local)))
    found = store.seat().inbox_read_at
    assert found == local
    assert found is not None
    assert found.utcoffset() == timedelta(0)
    with pytest.raises(TypeError):
        store.commit(Changes(seat=SeatState(inbox_read_at=datetime(2026, 11, 23))))
    assert store.seat().inbox_read_at == local


def interrupting(monkeypatch: pytest.MonkeyPatch, at: int) -> Callable[[], int]:
    """Make the *at*-th statement from now raise Stop; return how many have run."""
    count = 0
    run, run_many = SqliteStorage.execute, SqliteStorage.execute_many

    def tick() -> None:
        nonlocal count
        count += 1
        if count == at:
            raise Stop

    def execute(self: SqliteStorage, statement: str, values: Sequence[object] = ()) -> object:
        tick()
        return run(self, statement, values)

    def execute_many(self: SqliteStorage, statement: str, rows: Sequence[object]) -> None:
        run_many(self, statement, rows)  # type: ignore[arg-type]
        tick()

    monkeypatch.setattr(SqliteStorage, "execute", execute)
    monkeypatch.setattr(SqliteStorage, "execute_many", execute_many)
    return lambda: count


def test_a_commit_is_whole_wherever_it_is_interrupted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T4: interrupted at any statement, a commit leaves the old state, on disk and in memory."""
    store.commit(WHOLE)
    more = Changes(
        seat=SeatState(paused=True),
        ledger=add(store.ledger(), grant(2)),
        entries=(grant(2),),
        leads=(lead(3),),
        enrolments=(enrolment(3),),
        attempts=(attempt(3),),
        opted_out=("ACwAA3",),
    )
    statement = 0
    while True:
        statement += 1
        with monkeypatch.context() as patched:
            ran = interrupting(patched, statement)
            try:
                store.commit(more)
            except Stop:
                pass
            else:
                break
        assert ran() == statement
        assert_holds(store, WHOLE)
    assert statement > 8
    assert store.ledger().available == 100


WORK = """
import sys
from pathlib import Path
sys.path.insert(0, "tests/unit")
from test_store import Changes, Store, attempt, enrolment, grant, lead
with Store.open(Path(sys.argv[1])) as store:
    for number in range(1, 10_000):
        store.commit(Changes(leads=(lead(number),), enrolments=(enrolment(number),),
                             attempts=(attempt(number),), entries=(grant(number, 1),)))
        print(number, flush=True)
"""


def test_a_killed_process_loses_nothing_it_had_committed(tmp_path: Path) -> None:
    """T4: after kill -9 each commit is there whole or not at all, and none told of is lost."""
    words = [sys.executable, "-c", WORK, str(tmp_path / "state.db")]
    told = 0
    with subprocess.Popen(words, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        for line in child.stdout:
            told = int(line)
            if told == 40:
                child.kill()
                break
        told = max([told, *map(int, child.stdout.read().split())])
    with Store.open(tmp_path / "state.db") as store:
        numbers = [found.position for found in store.enrolments()]
        assert numbers == list(range(1, len(numbers) + 1))
        assert told <= len(numbers) <= told + 1
        assert len(list(store.leads())) == len(store.open_attempts()) == len(numbers)
        assert store.ledger().available == len(numbers)


def test_a_known_entry_is_refused_with_all_beside_it(store: Store) -> None:
    """C10: an entry is written once; a commit that brings it again writes nothing at all."""
    store.commit(WHOLE)
    with pytest.raises(StoreBroken, match=r"grant/1.*C10"):
        store.commit(Changes(entries=(grant(1),), leads=(lead(5),)))
    assert_holds(store, WHOLE)


def test_a_ledger_must_be_what_its_entries_add_up_to(store: Store) -> None:
    """C10: the balance is derived: a ledger that differs from its entries is refused."""
    with pytest.raises(StoreBroken, match="add up"):
        store.commit(Changes(ledger=add(Ledger(), grant(1)), entries=(grant(1, 49),)))
    hold = replace(grant(1), source=Account.AVAILABLE, target=Account.HELD)
    with pytest.raises(ValueError, match="more than there is"):
        store.commit(Changes(entries=(hold,)))
    assert_holds(store, Changes())


def test_a_reader_sees_the_ledger_grow(tmp_path: Path) -> None:
    """A reader's ledger follows what the writer commits after it was opened."""
    path = tmp_path / "state.db"
    with Store.open(path) as writer, Store.open(path, read_only=True) as reader:
        writer.commit(Changes(entries=(grant(1),)))
        assert reader.ledger().available == 50
        writer.commit(Changes(entries=(grant(2),)))
        assert reader.ledger() == writer.ledger()
        assert reader.ledger().available == 100


def test_nobody_gets_a_second_inmail(store: Store) -> None:
    """K4, T1: while an InMail to a person was or may have been sent, no other can be begun."""
    store.commit(Changes(attempts=(attempt(1),)))
    other = replace(attempt(1), key="spring/ACwAA1#0.1", campaign="spring")
    for state in (AttemptState.HELD, AttemptState.CLICKING, AttemptState.UNCERTAIN):
        store.commit(Changes(attempts=(replace(attempt(1), state=state),)))
        with pytest.raises(StoreBroken, match=r"ACwAA1.*K4"):
            store.commit(Changes(attempts=(other,), leads=(lead(1),)))
    store.commit(Changes(attempts=(replace(attempt(1), state=AttemptState.SENT),)))
    with pytest.raises(StoreBroken, match="K4"):
        store.commit(Changes(attempts=(other,)))
    assert store.lead("ACwAA1") is None
    store.commit(Changes(attempts=(attempt(1, step=1), attempt(2))))


def test_a_step_not_sent_may_be_tried_again(store: Store) -> None:
    """T3: an attempt found not sent makes room for the next try, even in the same commit."""
    store.commit(Changes(attempts=(attempt(1),)))
    not_sent = replace(attempt(1), state=AttemptState.NOT_SENT)
    store.commit(Changes(attempts=(attempt(1, this_try=2), not_sent)))
    assert store.attempts_of("autumn/ACwAA1") == (not_sent, attempt(1, this_try=2))
    assert store.inmail_of("ACwAA1") == attempt(1, this_try=2)


def test_namesakes_are_found_however_they_are_spelled(store: Store) -> None:
    """K8: case, spaces and compatible letters make no other name; another company does."""
    same = [("Mia Groß", "ACME"), ("mia GROSS", "Acme "), ("Mia  Groß", "acme")]
    people = [*same, ("Mia Groß", "Other"), ("Mia Gros", "Acme")]
    leads = [Lead(f"id{n}", name, company=firm) for n, (name, firm) in enumerate(people)]
    store.commit(Changes(leads=tuple(leads)))
    assert store.find_namesakes("MIA GROß", "Acme") == ("id0", "id1", "id2")
    store.commit(Changes(leads=(replace(leads[0], company="Elsewhere"),)))
    assert store.find_namesakes("Mia Groß", "acme") == ("id1", "id2")


def test_known_leads_are_found_by_the_thousand(store: Store) -> None:
    """Of any number of ids, those that are leads are told."""
    store.commit(Changes(leads=tuple(map(lead, range(700)))))
    asked = [f"ACwAA{number}" for number in range(0, 1400, 2)]
    assert store.lead_ids_known(asked) == {f"ACwAA{number}" for number in range(0, 700, 2)}
    assert store.lead_ids_known([]) == set()


def test_positions_and_order(store: Store) -> None:
    """K7: enrolments come in the order of import; the next position is after the last."""
    store.commit(Changes(enrolments=(enrolment(9), enrolment(3, "spring"), enrolment(5))))
    assert [found.position for found in store.enrolments()] == [3, 5, 9]
    assert [found.position for found in store.enrolments("autumn")] == [5, 9]
    assert store.next_position() == 10


def test_answers_come_newest_first(store: Store) -> None:
    """Answers are listed by the time they were given."""
    for number, hours in ((1, 2), (2, 5), (3, 0)):
        given = replace(answered("accepted"), at=NOW + timedelta(hours=hours, microseconds=number))
        store.commit(Changes(enrolments=(replace(enrolment(number), answer=given),)))
    store.commit(Changes(enrolments=(enrolment(4),)))
    assert [found.position for found in store.answers()] == [2, 1, 3]


def answered(answer: str, *, responder: bool = False) -> Answer:
    return Answer(answer, "default", "A1", responder, "goes-on", False, False, NOW)


def sent(*steps: int, kind: Kind = Kind.CREDIT) -> tuple[SentStep, ...]:
    return tuple(SentStep(n, NOW, "h", f"a{n}", kind if n == 0 else None) for n in steps)


def test_the_funnel_counts_each_stage(store: Store) -> None:
    """Leads, sends by kind, answers, follow-ups and those that wait are counted apart."""
    rows = (
        replace(enrolment(1), sent=sent(0, 1, 2, 3), accepted_at=NOW, answer=answered("accepted")),
        replace(enrolment(2), sent=sent(0, kind=Kind.FREE), answer=answered("rejected")),
        replace(
            enrolment(3),
            sent=sent(0, 2, kind=Kind.FIRST_DEGREE),
            accepted_at=NOW,
            answer=answered("own-words", responder=True),
        ),
        replace(enrolment(4), sent=sent(0), accepted_at=NOW, answer=answered("rejected")),
        replace(enrolment(5), hold=Reason("K3", "unknown")),
        replace(enrolment(6), skip=Reason("K4", "first degree")),
        enrolment(7),
        replace(enrolment(8, "spring"), sent=sent(0)),
    )
    store.commit(Changes(enrolments=rows))
    assert store.funnel("autumn") == Funnel(
        leads=7,
        credit=2,
        free=2,
        accepted=3,
        rejected=1,
        responders=1,
        follow_ups=3,
        held=1,
        skipped=1,
    )


def test_a_copy_goes_its_own_way(store: Store, tmp_path: Path) -> None:
    """T5: what is committed to a copy is not in the original, nor the other way round."""
    store.commit(WHOLE)
    with store.copy() as copy, store.copy(tmp_path / "backup.db") as backup:
        copy.commit(Changes(leads=(lead(5),), entries=(grant(2),)))
        assert_holds(store, WHOLE)
        assert_holds(backup, WHOLE)
        assert copy.ledger().available == 100
    with pytest.raises(WorkFailed, match="there already"):
        store.copy(tmp_path / "backup.db")


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    """A store that is opened to read refuses a commit; a seat without a file is an empty one."""
    path = tmp_path / "state.db"
    with Store.open(path, read_only=True) as store:
        assert_holds(store, Changes())
        with pytest.raises(WorkFailed, match="read only"):
            store.commit(WHOLE)
    assert not path.exists()
    Store.open(path).close()
    with Store.open(path, read_only=True) as store, pytest.raises(WorkFailed, match="read only"):
        store.commit(WHOLE)


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    """A file of a newer version is neither read nor changed: the line says to update."""
    path = tmp_path / "state.db"
    Store.open(path).close()
    with SqliteStorage(path) as file:
        file.execute("PRAGMA user_version = 99")
    for read_only in (False, True):
        with pytest.raises(StoreBroken, match="newer version"):
            Store.open(path, read_only=read_only)


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    """An SQLite file of something else is not taken for a seat's state."""
    path = tmp_path / "state.db"
    with SqliteStorage(path) as file:
        file.execute("CREATE TABLE letters (id INTEGER PRIMARY KEY)")
    with pytest.raises(StoreBroken, match="not a state file"):
        Store.open(path)


@pytest.mark.parametrize("damage", ["cut", "overwritten", "letter", "table", "record"])
def test_a_damaged_file_is_refused(tmp_path: Path, damage: str) -> None:
    """A file that was cut, written over or emptied of a table is refused with one clear line."""
    path = tmp_path / "state.db"
    with Store.open(path) as store:
        store.commit(Changes(leads=tuple(map(lead, range(500)))))
    whole = path.read_bytes()
    match damage:
        case "cut":
            path.write_bytes(whole[: len(whole) // 3])
        case "overwritten":
            path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
        case "letter":
            path.write_text("Dear owner, this is not a database at all." * 40)
        case "table":
            with SqliteStorage(path) as file:
                file.execute("DROP TABLE attempts")
        case "record":
            with SqliteStorage(path) as file:
                file.execute("DROP INDEX leads_key")
                file.execute("DROP INDEX leads_namesake")
                file.execute("DROP INDEX leads_listed")
                file.execute("UPDATE leads SET doc = '{' WHERE id = 500")
    with pytest.raises(StoreBroken):
        Store.open(path)


def test_a_record_that_does_not_fit_is_not_guessed_at(store: Store) -> None:
    """A document with a wrong or missing value is an error, never a default."""
    store.commit(WHOLE)
    for field, wrong in (("phase", "dancing"), ("position", "7"), ("thread_id", 7)):
        table = store.tables.table("enrolments")
        (right,) = table.get(doc_ids=[1])
        table.update({field: wrong}, doc_ids=[1])
        with pytest.raises(StoreBroken, match=field):
            store.enrolment("autumn/ACwAA1")
        table.update(right, doc_ids=[1])
    store.tables.table("leads").update(delete("name"), doc_ids=[1])
    with pytest.raises(StoreBroken, match="name"):
        store.lead("ACwAA1")


def test_tinydb_sees_the_same_documents(store: Store) -> None:
    """The store's tables are TinyDB tables: what was committed can be queried there."""
    store.commit(WHOLE)
    assert store.tables.table("leads").get(doc_id=2)["name"] == "Lead Number 2"
    assert {"leads", "enrolments", "entries"} <= store.tables.tables()


def cost_of_a_commit(store: Store, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    before = store.tables.storage.execute("SELECT total_changes()")[0][0]
    with monkeypatch.context() as patched:
        ran = interrupting(patched, -1)
        store.commit(
            Changes(enrolments=(replace(enrolment(50), kind=Kind.FREE),), entries=(grant(5),))
        )
        statements = ran()
    return statements, store.tables.storage.execute("SELECT total_changes()")[0][0] - before


def test_a_commit_costs_what_it_changes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a hundred leads or with thousands, a commit is as many statements and rows."""
    store.commit(Changes(enrolments=tuple(map(enrolment, range(100)))))
    with store.copy() as small:
        small_cost = cost_of_a_commit(small, monkeypatch)
    store.commit(Changes(enrolments=tuple(map(enrolment, range(100, 8000)))))
    assert cost_of_a_commit(store, monkeypatch) == small_cost
    assert small_cost[1] == 2
