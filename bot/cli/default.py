"""`leadwright default`: the owner takes an answer for one of the site's default texts (A12)."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from bot import orders
from bot.cli.common import console, moment, print_json, seat_of, table
from bot.cli.orders import asked
from bot.cli.plain import plain, say
from bot.errors import WorkFailed
from bot.model import Enrolment, Reason
from bot.rules.defaults import Marking, mark
from bot.seat import Seat
from bot.store.store import Store

Label = Literal["accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class Same:
    """Another answer with the same text."""

    lead_id: str
    name: str
    campaign: str
    answer: str
    rule: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Marked:
    """What is learnt, or would be. `told` says what became of it; None for a preview."""

    lead_id: str
    text: str
    template: str
    label: str
    known: bool
    done: bool
    told: str | None
    same: tuple[Same, ...]


def default(
    lead: str,
    name: str,
    label: Label | None,
    every: bool,
    preview: bool,
    home: Path | None,
    as_json: bool,
) -> int:
    """Show the text with its slot and who else sent it; learn it, unless it is a preview.

    Raises WorkFailed for an answer that can be no default text.
    """
    seat = seat_of(name, home)
    marking, same = _found(seat, lead, label)
    done, told = False, None
    if not preview:
        answered = asked(seat, orders.MarkDefault(lead, label, every))
        done, told = answered.done, answered.text
    words, template = marking.words, marking.template
    marked = Marked(lead, words, template, marking.label, marking.is_known, done, told, same)
    if as_json:
        print_json(marked)
    else:
        _print(marked, every=every)
    return 0 if preview or done else 1


def _found(seat: Seat, lead: str, label: Label | None) -> tuple[Marking, tuple[Same, ...]]:
    with Store.open(seat.paths.state, read_only=True) as store:
        owner = seat.policy.owner_first_name or store.seat().owner_first_name
        known = store.lead(lead)
        own_name = known.name if known is not None else ""
        texts = seat.reader.texts.answers
        marking = mark(lead, store.answers(), texts, owner, label, own_name)
        if isinstance(marking, Reason):
            raise WorkFailed(f"{marking.text} ({marking.rule})")
        return marking, tuple(_same(store, marking.same))


def _same(store: Store, enrolments: Iterable[Enrolment]) -> Iterable[Same]:
    for each in enrolments:
        lead, answer = store.lead(each.lead_id), each.answer
        assert answer is not None, "those who sent the same have answered"
        name = lead.name if lead is not None else ""
        yield Same(each.lead_id, name, each.campaign, answer.answer, answer.rule, answer.at)


def _print(marked: Marked, *, every: bool) -> None:
    known = ", which is known already" if marked.known else ""
    say(f"the text of {marked.lead_id}, as default ({marked.label}){known}:")
    say("\n".join(f"    {line}" for line in marked.template.splitlines()))
    if marked.same:
        grid = table("answered (UTC)", "lead", "id", "campaign", "answer")
        for same in marked.same:
            what = f"{same.answer} ({same.rule})"
            grid.row(moment(same.at), same.name, same.lead_id, same.campaign, what)
        verb = "are corrected" if every else "can be corrected (--all)"
        say(f"{len(marked.same)} others sent the same and {verb}:")
        console().print(grid)
    if marked.told is not None:
        say(plain(marked.told), sys.stdout if marked.done else sys.stderr)
