"""Leads by name and state: the walk over indexes finds what a look at every record finds."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.facts import Kind
from bot.model import Answer, Changes, Enrolment, Lead, Phase, Reason, SentStep
from bot.rules.contacts import fold
from bot.rules.sequence import STATES, state_of
from bot.store.erase import Erased
from bot.store.listing import NOT_LOOKED_AT, SORTS, Wanted
from bot.store.schema import STATE, sql
from bot.store.store import Store

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
NAMES = ("Zoë Ångström", "zoe angstrom", "Mia O'Neil", "Ümit =1+1", "李娜", "")
COMPANIES = ("Société X", "acme", "ACME GmbH", "")
CAMPAIGNS = ("autumn", "spring")
ANSWERS = st.builds(
    Answer,
    answer=st.sampled_from(("accepted", "rejected", "own-words", "unreadable", "none")),
    text=st.sampled_from(("default", None)),
    rule=st.just("A1"),
    responder=st.booleans(),
    sequence=st.sampled_from(("waits", "goes-on", "stops", "held")),
    inbox=st.booleans(),
    check=st.booleans(),
    at=st.just(NOW),
)
REASONS = st.none() | st.builds(Reason, st.sampled_from(("K1", "K3")), st.just("a reason"))
TIMES = st.none() | st.integers(0, 3).map(lambda days: NOW + timedelta(days=days))


def sent(steps: int) -> tuple[SentStep, ...]:
    """The InMail first, as every enrolment has it, then messages."""
    return tuple(SentStep(n, NOW, "h", f"a#{n}", None if n else Kind.CREDIT) for n in range(steps))


ENROLMENTS = st.builds(
    Enrolment,
    key=st.just(""),
    lead_id=st.just(""),
    campaign=st.sampled_from(CAMPAIGNS),
    position=st.just(0),
    kind=st.sampled_from((None, *Kind)),
    sent=st.integers(0, 3).map(sent),
    answer=st.none() | ANSWERS,
    accepted_at=TIMES,
    hold=REASONS,
    skip=REASONS,
    sending=st.sampled_from((None, "a#1")),
    phase=st.sampled_from(Phase),
    due_at=TIMES,
)
PEOPLE = st.tuples(st.sampled_from(NAMES), st.sampled_from(COMPANIES))
BOOKS = st.lists(st.tuples(PEOPLE, ENROLMENTS), min_size=1, max_size=8)
WANTED = st.builds(
    Wanted,
    text=st.sampled_from(("", "ZOE", "o'neil mia", "acme", "AC_1", "societe zoe", "l 娜", "…")),
    campaign=st.sampled_from(("", *CAMPAIGNS, "winter")),
    state=st.sampled_from(("", *STATES)),
    kind=st.sampled_from(("", NOT_LOOKED_AT, *Kind)),
    sort=st.sampled_from(SORTS),
)
Pair = tuple[Enrolment, Lead]


def pairs_of(book: list[tuple[tuple[str, str], Enrolment]]) -> list[Pair]:
    """People and enrolments with ids and positions of their own."""
    return [
        (
            replace(one, key=f"{one.campaign}/AC_{n}", lead_id=f"AC_{n}", position=n),
            Lead(f"AC_{n}", name, company=company),
        )
        for n, ((name, company), one) in enumerate(book, 1)
    ]


def keep(store: Store, pairs: list[Pair]) -> None:
    leads, enrolments = tuple(lead for _, lead in pairs), tuple(one for one, _ in pairs)
    store.commit(Changes(leads=leads, enrolments=enrolments))


@given(BOOKS)
def test_the_index_knows_each_state_as_the_rules_do(
    book: list[tuple[tuple[str, str], Enrolment]],
) -> None:
    """schema.STATE says of every enrolment what state_of() says: no stage is stored."""
    pairs = pairs_of(book)
    with Store.open(None) as store:
        keep(store, pairs)
        rows = store.tables.storage.execute(
            sql(f"SELECT {STATE} FROM enrolments ORDER BY $.position")
        )
    assert [row[0] for row in rows] == [state_of(one) for one, _ in pairs]
    assert {row[0] for row in rows} <= set(STATES)


ORDERS: dict[str, Callable[[Pair], Any]] = {
    "newest": lambda pair: -pair[0].position,
    "name": lambda pair: (fold(pair[1].name), fold(pair[1].company)),
    "company": lambda pair: (fold(pair[1].company), fold(pair[1].name)),
    "state": lambda pair: state_of(pair[0]),
    "next": lambda pair: (pair[0].due_at is None, pair[0].due_at or NOW),
}


def is_wanted(pair: Pair, wanted: Wanted) -> bool:
    """By a look at the records."""
    enrolment, lead = pair
    told = (fold(lead.name), fold(lead.company), lead.id.lower())
    return (
        all(any(word in part for part in told) for word in fold(wanted.text).split())
        and wanted.campaign in ("", enrolment.campaign)
        and wanted.state in ("", state_of(enrolment))
        and wanted.kind in ("", enrolment.kind or NOT_LOOKED_AT)
    )


@given(BOOKS, WANTED, st.integers(0, 4), st.integers(1, 4))
def test_a_page_of_leads_is_what_a_look_at_all_of_them_gives(
    book: list[tuple[tuple[str, str], Enrolment]], wanted: Wanted, first: int, most: int
) -> None:
    """Whatever is asked for: these rows, in this order, and so many in all."""
    pairs = pairs_of(book)
    with Store.open(None) as store:
        keep(store, pairs)
        found = store.find(wanted, first, most)
        listed = list(store.listed(found.rows))
    right = sorted(
        (pair for pair in pairs if is_wanted(pair, wanted)),
        key=lambda pair: (ORDERS[wanted.sort](pair), pair[0].position),
    )
    assert listed == right[first : first + most]
    assert found.total == len(right)


def test_a_list_is_a_walk_over_indexes_alone() -> None:
    """Not one document is opened before it is known to be on the page."""
    with Store.open(None) as store:
        seen: list[str] = []
        store.tables.storage._connection.set_trace_callback(seen.append)
        for sort, text in product(SORTS, ("", "zoe")):
            store.find(Wanted(text, "autumn", "held", "credit", sort), 1, 50)
        store.tables.storage._connection.set_trace_callback(None)
        asked = [each for each in seen if each.startswith(("SELECT", "WITH"))]
        assert len(asked) == 4 * len(SORTS)
        for statement in asked:
            plan = store.tables.storage.execute(f"EXPLAIN QUERY PLAN {statement}")
            walks = [row[3] for row in plan if row[3].startswith(("SCAN", "SEARCH"))]
            tables = [walk for walk in walks if not re.search(r"(SCAN|SEARCH) found", walk)]
            assert tables
            assert all("enrolments_listed" in walk or "leads_listed" in walk for walk in tables)


def test_who_is_renamed_is_found_by_the_new_name_alone() -> None:
    """The index follows the record, so that an erased name is in it no more (K5)."""
    one, lead = pairs_of([(("Mia O'Neil", "acme"), Enrolment("", "", "autumn", 0))])[0]
    with Store.open(None) as store:
        keep(store, [(one, lead)])
        assert store.find(Wanted("mia"), 0, 9).total == 1
        store.erase([Erased(lead.id, "erased-1")])
        assert store.find(Wanted("mia"), 0, 9).total == 0
        assert store.find(Wanted("ac_1"), 0, 9).total == 0
        assert store.find(Wanted("erased"), 0, 9).total == 1


def test_a_persons_entries_are_found_by_index() -> None:
    """What one person moved in the ledger costs their entries, not the ledger."""
    statement = sql("EXPLAIN QUERY PLAN SELECT doc FROM entries WHERE $.lead_id = ?")
    with Store.open(None) as store:
        plan = store.tables.storage.execute(statement, ("ACwAA1",))
    assert "entries_lead" in plan[0][3]
