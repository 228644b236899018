"""The book in memory: it answers what the store answers, and refuses what the store refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import reduce

from hypothesis import given, settings
from hypothesis import strategies as st
from unit.records import NOW, TODAY, WHOLE, grant

from bot.credits import Account, BalanceReading, Entry, EntryKind, Ledger, add
from bot.errors import StoreBroken
from bot.facts import Kind
from bot.model import (
    Attempt,
    AttemptState,
    CampaignState,
    Changes,
    DayCounts,
    Enrolment,
    KnownThread,
    Lead,
    Phase,
    SeatState,
)
from bot.store.memory import MemoryBook
from bot.store.store import Store

PEOPLE = tuple(f"ACwAA{number}" for number in range(1, 4))
CAMPAIGNS = ("autumn", "spring")
KEYS = [f"{campaign}/{person}" for campaign in CAMPAIGNS for person in PEOPLE]
ATTEMPTS = [f"{key}#{n}" for key in KEYS if key.endswith(PEOPLE[:2]) for n in ("0.1", "0.2", "1.1")]
THREADS = ("t1", "t2", "t3", "t4")
MOMENTS = [NOW + timedelta(minutes=minutes) for minutes in (-1, 0, 1)]
NAMES = [("Mia Groß", "Acme"), ("MIA GROSS", "acme"), ("Mia Groß", "Other"), ("Li", "")]


def enrolment(key: str, phase: Phase, kind: Kind | None, due: int | None) -> Enrolment:
    campaign, lead_id = key.split("/")
    due_at = None if due is None else MOMENTS[due]
    position = (KEYS.index(key) * 5) % 6  # the campaigns' leads were imported by turns
    return Enrolment(key, lead_id, campaign, position, kind=kind, phase=phase, due_at=due_at)


def attempt(key: str, state: AttemptState, at: int) -> Attempt:
    whole, _, step = key.partition("#")
    campaign, lead_id = whole.split("/")
    return Attempt(key, whole, lead_id, campaign, int(step[0]), state, MOMENTS[at], "s", "b", "h")


def hold(number: int) -> Entry:
    entry = replace(grant(number), key=f"hold/{number}", kind=EntryKind.HOLD, credits=30)
    return replace(entry, source=Account.AVAILABLE, target=Account.HELD)


def few(of: st.SearchStrategy[object], most: int = 2) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(of, max_size=most).map(tuple)


MINUTES = st.integers(0, 2)
LEADS = st.builds(
    lambda lead_id, name: Lead(lead_id, name[0], company=name[1]),
    st.sampled_from(PEOPLE),
    st.sampled_from(NAMES),
)
CHANGES = st.builds(
    Changes,
    seat=st.none() | st.builds(SeatState, paused=st.booleans()),
    entries=few(st.builds(grant, st.integers(1, 9)) | st.builds(hold, st.integers(1, 2))),
    leads=few(LEADS),
    enrolments=few(
        st.builds(
            enrolment,
            st.sampled_from(KEYS),
            st.sampled_from(Phase),
            st.sampled_from((None, Kind.CREDIT, Kind.FREE)),
            st.none() | MINUTES,
        ),
        most=5,
    ),
    attempts=few(
        st.builds(attempt, st.sampled_from(ATTEMPTS), st.sampled_from(AttemptState), MINUTES)
    ),
    days=few(st.builds(DayCounts, st.just(TODAY), st.integers(0, 3))),
    threads=few(
        st.builds(
            KnownThread,
            st.sampled_from(THREADS),
            st.just("Mia"),
            st.sampled_from((None, *PEOPLE)),
            st.sampled_from(("", "a", "b")),
            st.sampled_from((None, "", "a", "b")),
        )
    ),
    campaigns=few(st.builds(CampaignState, st.sampled_from(CAMPAIGNS), st.booleans())),
    readings=few(st.builds(BalanceReading, st.just(NOW), MINUTES, MINUTES, st.just("inbox"))),
    opted_out=few(st.sampled_from(PEOPLE)),
)


def all_of(book: Store | MemoryBook) -> list[object]:
    """What a book answers to every question that it can be asked."""
    asked: list[tuple[Callable[[str], object], tuple[str, ...]]] = [
        (book.lead, PEOPLE),
        (book.enrolments_of, PEOPLE),
        (book.thread_of, PEOPLE),
        (book.enrolment, tuple(KEYS)),
        (book.attempts_of, tuple(KEYS)),
        (book.attempt, tuple(ATTEMPTS)),
        (book.thread, THREADS),
        (book.campaign, CAMPAIGNS),
    ]
    return [
        book.seat(),
        book.ledger(),
        book.day(TODAY),
        book.day(TODAY + timedelta(1)),
        book.open_attempts(),
        book.unread_thread(),
        book.campaigns(),
        book.opted_out(),
        book.answers(),
        book.next_position(),
        *(tuple(each()) for each in (book.entries, book.readings, book.threads, book.enrolments)),
        *(tuple(book.enrolments(name)) for name in CAMPAIGNS),
        *(book.find_namesakes(*name) for name in NAMES),
        *(ask(key) for ask, keys in asked for key in keys),
        *(book.brief(now, TODAY, CAMPAIGNS) for now in MOMENTS),
        book.brief(NOW, TODAY, ("spring", "gone")),
    ]


def refusal(book: Store | MemoryBook, changes: Changes) -> str | None:
    """How a commit is refused; None: it is not."""
    try:
        book.commit(changes)
    except (StoreBroken, ValueError) as error:
        return repr(error)
    return None


def with_its_ledger(changes: Changes, ledger: Ledger) -> Changes:
    """The changes as the rules make them: they bring the ledger that follows."""
    try:
        return replace(changes, ledger=reduce(add, changes.entries, ledger))
    except ValueError:
        return replace(changes, ledger=ledger)


@given(st.lists(st.tuples(CHANGES, st.booleans()), max_size=8))
@settings(max_examples=200, deadline=None)
def test_it_answers_and_refuses_as_the_store_does(commits: list[tuple[Changes, bool]]) -> None:
    """C10, K4, T1: after any commits, each taken or refused by both, both answer the same."""
    memory = MemoryBook()
    with Store.open(None) as store:
        for changes, told in commits:
            whole = with_its_ledger(changes, store.ledger()) if told else changes
            assert refusal(memory, whole) == refusal(store, whole)
            assert all_of(memory) == all_of(store)


@given(st.lists(CHANGES, max_size=6), CHANGES)
@settings(max_examples=40, deadline=None)
def test_a_copy_holds_what_its_book_holds(commits: list[Changes], more: Changes) -> None:
    """A forecast begins from the state as it is, and leaves it so."""
    with Store.open(None) as store:
        for changes in commits:
            refusal(store, changes)
        book = MemoryBook.of(store)
        copy = book.copy()
        assert all_of(book) == all_of(copy) == all_of(store)
        refusal(copy, more)
        assert all_of(book) == all_of(store)
        refusal(store, more)
        assert all_of(copy) == all_of(store)
        for name in CAMPAIGNS:
            queued = sum(e.phase is Phase.QUEUE for e in copy.enrolments(name))
            assert copy.queued(name) == queued


def test_what_is_refused_changes_nothing() -> None:
    """T4: beside an entry or an InMail that is refused nothing else is taken in."""
    book = MemoryBook()
    book.commit(WHOLE)
    before = all_of(book)
    more = Changes(
        seat=SeatState(paused=True),
        entries=(grant(2),),
        leads=(Lead(PEOPLE[2], "New"),),
        enrolments=(enrolment(KEYS[5], Phase.QUEUE, None, None),),
        opted_out=(PEOPLE[2],),
    )
    second = attempt("spring/ACwAA1#0.1", AttemptState.HELD, 0)
    for wrong in (
        replace(more, attempts=(second,)),
        replace(more, entries=(grant(1),)),
        replace(more, entries=(grant(2), grant(2))),
        replace(more, entries=(hold(3),)),
        replace(more, ledger=Ledger()),
    ):
        assert refusal(book, wrong) is not None
        assert all_of(book) == before
    assert refusal(book, more) is None
