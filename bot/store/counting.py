"""What a seat's books add up to, for machines: counts, and nothing that names anybody.

All is counted by SQLite: with 100,000 leads no document is opened in Python.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.store.reading import Reader
from bot.store.schema import STATE


@dataclass(frozen=True, slots=True)
class Moved:
    """How many credits entries of one kind moved from one account to another (C10)."""

    kind: str
    source: str
    target: str
    credits: int


@dataclass(frozen=True, slots=True)
class Attempted:
    """How many intended sends of one step and kind stand in one state (T1, T3)."""

    step: int
    kind: str | None
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class AnsweredAs:
    """How many leads' newest answer is this (A1-A11)."""

    answer: str
    rule: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Everything at once; `leads` are (state, how many), `accepted` those who ever accepted."""

    moved: tuple[Moved, ...]
    attempts: tuple[Attempted, ...]
    answers: tuple[AnsweredAs, ...]
    leads: tuple[tuple[str, int], ...]
    accepted: int


def counts(reader: Reader) -> Counts:
    """Count the books as they are now."""
    answered = "FROM enrolments WHERE $.answer.at IS NOT NULL"
    return Counts(
        moved=moved(reader),
        attempts=tuple(
            Attempted(step, kind, str(state), count)
            for step, kind, state, count in reader.rows(
                "SELECT CAST($.step AS INTEGER), $.kind, $.state, count(*) FROM attempts"
                " WHERE $.step IS NOT NULL GROUP BY 1, 2, 3"
            )
        ),
        answers=tuple(
            AnsweredAs(str(answer), rule, count)
            for answer, rule, count in reader.rows(
                f"SELECT $.answer.answer, $.answer.rule, count(*) {answered} GROUP BY 1, 2"
            )
        ),
        leads=tuple(
            (str(state), count)
            for state, count in reader.rows(
                f"SELECT {STATE}, count(*) FROM enrolments INDEXED BY enrolments_listed GROUP BY 1"
            )
        ),
        accepted=reader.rows(f"SELECT count(*) {answered} AND $.accepted_at IS NOT NULL")[0][0],
    )


def moved(reader: Reader) -> tuple[Moved, ...]:
    """What the ledger's entries moved, all of a kind together."""
    statement = "SELECT $.kind, $.source, $.target, sum($.credits) FROM entries GROUP BY 1, 2, 3"
    return tuple(
        Moved(str(kind), str(source), str(target), int(credits))
        for kind, source, target, credits in reader.rows(statement)
    )


def balance(reader: Reader, account: str) -> int:
    """What is in an account: the sum that the ledger's entries make, without the ledger (C10)."""
    return sum(
        each.credits * ((each.target == account) - (each.source == account))
        for each in moved(reader)
    )
