"""Leads by what they are called and where they stand, among 100,000 as among ten.

The walk is over indexes alone (schema.enrolments_listed, leads_listed): both are in the order of
lead ids, so that what belongs together is met together. Only the rows of one page are opened.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.rules.contacts import fold
from bot.store.reading import Reader
from bot.store.schema import STATE

NOT_LOOKED_AT = "none"  # a kind of `Wanted`: the lead was never looked at
_STATE = STATE.replace("$.", "e.$.")
_BY_NAME = "l.$.folded, e.$.position"
_COMPANY = "substr(l.$.folded, instr(l.$.folded, char(10)) + 1)"  # as codec.folded() puts them
_ORDERS = {
    "newest": "e.$.position DESC",
    "name": _BY_NAME,
    "company": f"{_COMPANY}, {_BY_NAME}",
    "state": f"{_STATE}, e.$.position",
    "next": "e.$.due_at IS NULL, e.$.due_at, e.$.position",
}
_OF_LEADS = ("name", "company")  # orders that the leads' index is needed for

SORTS = tuple(_ORDERS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which leads are listed, and in what order; what is empty does not matter.

    text  words, each of which stands somewhere in the name, the company or the id; case, accents
          and punctuation aside
    kind  of facts.Kind, or NOT_LOOKED_AT
    sort  one of SORTS
    """

    text: str = ""
    campaign: str = ""
    state: str = ""
    kind: str = ""
    sort: str = "newest"


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of enrolments in their order, some of `total`."""

    rows: tuple[int, ...]
    total: int


def find(reader: Reader, wanted: Wanted, first: int, most: int) -> Found:
    """At most so many rows from the *first* on, counted from 0."""
    words = fold(wanted.text).split()
    where, values = _conditions(wanted, words)
    listed = f"FROM enrolments e INDEXED BY enrolments_listed{{}}{where}"
    join = " CROSS JOIN leads l INDEXED BY leads_listed ON l.$.id = e.$.lead_id"
    sorted_ = listed.format(join if words or wanted.sort in _OF_LEADS else "")
    statement = f"SELECT e.id {sorted_} ORDER BY {_ORDERS[wanted.sort]} LIMIT {most} OFFSET {first}"
    rows = tuple(row[0] for row in reader.rows(statement, *values))
    if first == 0 and len(rows) < most:  # all of them: a second walk would tell nothing more
        return Found(rows, len(rows))
    counted = listed.format(join if words else "")
    return Found(rows, reader.rows(f"SELECT count(*) {counted}", *values)[0][0])


def _conditions(wanted: Wanted, words: list[str]) -> tuple[str, list[object]]:
    """WHERE, and what is bound in it."""
    given = (
        ("e.$.campaign = ?", wanted.campaign),
        (f"{_STATE} = ?", wanted.state),
        ("coalesce(e.$.kind, 'none') = ?", wanted.kind),
    )
    conditions = [condition for condition, value in given if value]
    values: list[object] = [value for _, value in given if value]
    for word in words:
        conditions.append("(instr(l.$.folded, ?) OR instr(lower(l.$.id), ?))")
        values += [word, word]
    return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), values
