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
_NAME = "l.$.folded"
_COMPANY = "substr(l.$.folded, instr(l.$.folded, char(10)) + 1)"  # as codec.folded() puts them
_ORDERS = {
    "newest": ("-e.$.position",),
    "name": (_NAME, "e.$.position"),
    "company": (_COMPANY, _NAME, "e.$.position"),
    "state": (_STATE, "e.$.position"),
    "next": ("e.$.due_at IS NULL", "e.$.due_at", "e.$.position"),
}
_OF_LEADS = ("name", "company")  # orders that the leads' index is needed for

_ENROLMENTS = "enrolments e INDEXED BY enrolments_listed"
_LEADS = "leads l INDEXED BY leads_listed"
_BY_ENROLMENTS = f"{_ENROLMENTS} CROSS JOIN {_LEADS} ON l.$.id = e.$.lead_id"
_BY_LEADS = f"{_LEADS} CROSS JOIN {_ENROLMENTS} ON l.$.id = e.$.lead_id"

SORTS = tuple(_ORDERS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which leads are listed, and in what order; what is empty does not matter.

    text  words, each of which stands somewhere in the name, the company or the id; case, accents
          and punctuation aside
    kind  of facts.Kind, or NOT_LOOKED_AT
    sort  one of SORTS; those of one name by their company
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
    keys, part = _ORDERS[wanted.sort], f"LIMIT {most} OFFSET {first}"
    if words:
        return _of_words(reader, f"{_BY_LEADS}{where}", values, keys, part)
    listed = _BY_ENROLMENTS if wanted.sort in _OF_LEADS else _ENROLMENTS
    statement = f"SELECT e.id FROM {listed}{where} ORDER BY {', '.join(keys)} {part}"
    rows = tuple(row[0] for row in reader.rows(statement, *values))
    if first == 0 and len(rows) < most:  # all of them: a second walk would tell nothing more
        return Found(rows, len(rows))
    return Found(rows, _count(reader, f"{_ENROLMENTS}{where}", values))


def _of_words(
    reader: Reader, listed: str, values: list[object], keys: tuple[str, ...], part: str
) -> Found:
    """A walk over the leads' names, and from whom they fit to their enrolments; counted at once."""
    named = ", ".join(f"{key} AS key{number}" for number, key in enumerate(keys))
    order = ", ".join(f"key{number}" for number in range(len(keys)))
    rows = reader.rows(
        f"WITH found AS (SELECT e.id AS id, {named} FROM {listed})"
        f" SELECT id, (SELECT count(*) FROM found) FROM found ORDER BY {order} {part}",
        *values,
    )
    total = rows[0][1] if rows else _count(reader, listed, values)
    return Found(tuple(row[0] for row in rows), total)


def _count(reader: Reader, listed: str, values: list[object]) -> int:
    return int(reader.rows(f"SELECT count(*) FROM {listed}", *values)[0][0])


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
