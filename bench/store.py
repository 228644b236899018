"""What a change, an opening and a plan cost, however many leads there are.

Three ways to keep one lead's change are timed in turn in one run: the store, a bare sqlite3 commit
of the same row in a table of as many rows, and stock TinyDB (JSONStorage), which writes the whole
file. All three flush to the disk. The last is slow, so it is asked seldom.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import orjson
from tinydb import TinyDB

from bench.timing import Goal, Report, Series, in_turn, ratio
from bot.agent import next_action
from bot.clock import SimulatedClock
from bot.config import load
from bot.model import Changes, Enrolment, Lead, Phase, Reason
from bot.ports import Site
from bot.seat import assemble, load_seat, open_store
from bot.store.codec import encode
from bot.store.store import Store

SIZES = (1_000, 10_000, 100_000)
STOCK_SIZES = (1_000, 10_000, 50_000)
STOCK_RUNS = 5
FINISHED = 99_000
TOGETHER = 1_000  # leads in one commit while a store is filled
START = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
STRIDE = 7919  # a prime: neighbours are not changed one after the other
CONFIG = '[site]\nbase_url = "http://127.0.0.1:9"\n[seats.bench]\ntimezone = "Europe/Paris"\n'
CAMPAIGN = """\
name = "autumn"
type = "acquisition-inmail"
audience = "/sales/search/people?savedSearchId=1"
[inmail]
subject = "Your work"
body = "Dear {{ first_name }}, shall we talk?"
"""
METHOD = (
    "{runs} changes of one enrolment each, flushed to the disk, in turn with a bare sqlite3 commit"
    " of the same row (WAL, synchronous=FULL); stock TinyDB {stock} times, flushed too"
)


def measure(runs: int) -> Report:
    """Time commits, openings and plans."""
    sized = [_commits(leads, runs) for leads in SIZES]
    stock = [_stock(leads) for leads in STOCK_SIZES]
    opening, waiting = _seat(SIZES[-1], 0, runs)
    _, finished = _seat(SIZES[-1], FINISHED, runs)
    middle, _ = _commits(STOCK_SIZES[-1], runs)
    (small, _), *_, (large, bare) = sized
    return Report(
        "Store",
        METHOD.format(runs=runs, stock=STOCK_RUNS),
        (*chain(*sized), middle, *stock, opening, waiting, finished),
        (
            Goal("commit, 100,000 leads to 1,000", ratio(large, small), 1.5),
            Goal("commit to bare sqlite3, 100,000 leads", ratio(large, bare), 3.0),
            Goal("commit to stock TinyDB, 50,000 leads", ratio(middle, stock[-1]), 0.01),
            Goal("opening a seat with 100,000 leads in seconds", opening.median, 1.0),
            Goal("planning among 100,000 leads in milliseconds", waiting.median * 1000, 5.0),
            Goal("planning with 99,000 of them finished, to that", ratio(finished, waiting), None),
        ),
    )


def _commits(leads: int, runs: int) -> tuple[Series, Series]:
    """Our commits and bare ones in turn, among so many leads."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        store = stack.enter_context(Store.open(Path(folder) / "ours.sqlite"))
        _fill(store, leads, 0)
        bare = stack.enter_context(closing(_bare(Path(folder) / "bare.sqlite", leads)))
        changes = _changes(leads)

        def commit() -> None:
            store.commit(Changes(enrolments=(next(changes),)))

        ours, theirs = in_turn(
            runs,
            (f"commit, {leads:,} leads", commit),
            (f"the same row by sqlite3, {leads:,} rows", lambda: _commit_bare(bare, next(changes))),
        )
    return ours, theirs


def _stock(leads: int) -> Series:
    """TinyDB as it comes: the whole file for each change."""
    with TemporaryDirectory() as folder, TinyDB(Path(folder) / "stock.json") as tables:
        table = tables.table("enrolments")
        table.insert_multiple(orjson.loads(encode(_enrolment(n))) for n in range(leads))
        changes = _changes(leads)

        def change() -> None:
            changed = next(changes)
            table.update(orjson.loads(encode(changed)), doc_ids=[changed.position])

        return in_turn(STOCK_RUNS, (f"the same by stock TinyDB, {leads:,} leads", change))[0]


def _seat(leads: int, finished: int, runs: int) -> tuple[Series, Series]:
    """Opening a seat and planning its next action, as a stint does."""
    with _home(leads, finished) as home:
        told = f"{leads:,} leads, {finished:,} of them finished"

        def opened() -> None:
            open_store(load_seat(load(home), "bench")).close()

        seat = load_seat(load(home), "bench")
        with open_store(seat) as store:
            nowhere = cast("Site", None)  # planning asks no site
            work = assemble(seat, store, nowhere, SimulatedClock(START))
            heads = (replace(_enrolment(finished), foreign=turn) for turn in count(1))
            opening, _, planning = in_turn(
                runs,
                (f"opening a seat, {told}", opened),
                # a plan on an unchanged book would find its records decoded already
                ("a change", lambda: store.commit(Changes(enrolments=(next(heads),)))),
                (f"planning the next action, {told}", lambda: next_action(work)),
            )
    return opening, planning


@contextmanager
def _home(leads: int, finished: int) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        home = Path(folder)
        campaigns = home / "seats" / "bench" / "campaigns"
        campaigns.mkdir(parents=True)
        (home / "config.toml").write_text(CONFIG, encoding="utf-8")
        (campaigns / "autumn.toml").write_text(CAMPAIGN, encoding="utf-8")
        with open_store(load_seat(load(home), "bench")) as store:
            _fill(store, leads, finished)
        yield home


def _fill(store: Store, leads: int, finished: int) -> None:
    """So many leads in the queue, the first *finished* of them skipped for good."""
    for start in range(0, leads, TOGETHER):
        numbers = range(start, min(start + TOGETHER, leads))
        people = tuple(Lead(_id(n), f"Ida Invented {n}", company=f"Firm {n}") for n in numbers)
        enrolments = tuple(_enrolment(n, is_finished=n < finished) for n in numbers)
        store.commit(Changes(leads=people, enrolments=enrolments))


def _changes(leads: int) -> Iterator[Enrolment]:
    """Changes of one enrolment after the other, far apart from each other."""
    for turn in count(1):
        changed = _enrolment(turn * STRIDE % leads)
        yield replace(changed, due_at=START + timedelta(minutes=turn))


def _enrolment(number: int, *, is_finished: bool = False) -> Enrolment:
    enrolment = Enrolment(f"autumn/{_id(number)}", _id(number), "autumn", number + 1)
    if not is_finished:
        return enrolment
    return replace(enrolment, phase=Phase.REST, skip=Reason("K1", "unreachable"))


def _id(number: int) -> str:
    return f"ACwAAinvented{number}"


def _bare(path: Path, rows: int) -> sqlite3.Connection:
    file = sqlite3.connect(path, isolation_level=None)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("PRAGMA synchronous = FULL")
    file.execute("CREATE TABLE enrolments (id INTEGER PRIMARY KEY, doc TEXT NOT NULL)")
    file.execute("BEGIN")
    texts = ((n + 1, encode(_enrolment(n))) for n in range(rows))
    file.executemany("INSERT INTO enrolments VALUES (?, ?)", texts)
    file.execute("COMMIT")
    return file


def _commit_bare(file: sqlite3.Connection, changed: Enrolment) -> None:
    file.execute("BEGIN IMMEDIATE")
    values = (encode(changed), changed.position)
    file.execute("UPDATE enrolments SET doc = ? WHERE id = ?", values)
    file.execute("COMMIT")
