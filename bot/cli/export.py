"""`leads export`: everything known of the leads, for a spreadsheet."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bot import report
from bot.cli.common import seat_of
from bot.cli.look import with_leads
from bot.cli.plain import say
from bot.clock import SystemClock
from bot.model import Enrolment, Lead
from bot.plain import defuse
from bot.rules.sequence import state_of
from bot.rules.why import View
from bot.seat import view_of
from bot.store.store import Store

LEAD = ("id", "name", "first_name", "last_name", "title", "company", "location")
ANSWER = ("answer", "rule", "answered_at", "text")
SENT = ("inmail_at", "last_sent_at", "accepted_at")
NEXT = ("next_step", "next_at", "why_not_rule", "why_not", "why_not_until")
OURS = (*LEAD, "campaign", "state", "kind", *ANSWER, *SENT, *NEXT)


def export(file: Path, name: str, home: Path | None) -> int:
    """Write everything known of the leads as CSV, formulas defused."""
    seat = seat_of(name, home)
    with (
        Store.open(seat.paths.state, read_only=True) as store,
        open(file, "w", newline="", encoding="utf-8-sig", opener=_for_us_alone) as target,
    ):
        view = view_of(seat, store, SystemClock().now())
        imported = _imported(store)
        rows = csv.writer(target)
        rows.writerow([*OURS, *(f"imported_{name}" if name in OURS else name for name in imported)])
        count = 0
        for enrolment, lead in with_leads(store, store.enrolments()):
            rows.writerow(map(defuse, _row(enrolment, lead, view, imported)))
            count += 1
    say(f"{count} leads written to {file}")
    return 0


def _for_us_alone(path: str, flags: int) -> int:
    """A new file is its owner's alone: it holds names and texts."""
    return os.open(path, flags, 0o600)


def _imported(store: Store) -> tuple[str, ...]:
    """The imported columns of all leads, in the order in which they are met."""
    pairs = with_leads(store, store.enrolments())
    return tuple(dict.fromkeys(column for _, lead in pairs for column, _ in lead.extra))


def _row(enrolment: Enrolment, lead: Lead, view: View, imported: Sequence[str]) -> list[str]:
    """One row, in the order of the header."""
    return [
        *(str(getattr(lead, column)) for column in LEAD),
        enrolment.campaign,
        state_of(enrolment),
        enrolment.kind or "",
        *_answer(enrolment),
        *_sent(enrolment),
        *_next(enrolment, lead, view),
        *(dict(lead.extra).get(column, "") for column in imported),
    ]


def _answer(enrolment: Enrolment) -> Sequence[str]:
    answer = enrolment.answer
    if answer is None:
        return [""] * len(ANSWER)
    return [answer.answer, answer.rule, _time(answer.at), answer.words]


def _sent(enrolment: Enrolment) -> Sequence[str]:
    sends = (enrolment.inmail, enrolment.last_sent)
    times = (sent.at if sent is not None else None for sent in sends)
    return [*map(_time, times), _time(enrolment.accepted_at)]


def _next(enrolment: Enrolment, lead: Lead, view: View) -> Sequence[str]:
    """What comes next, and what holds it (T6)."""
    line = report.lead_line(enrolment, lead, view)
    why = line.why_not
    told = [why.rule, why.text, _time(why.until)] if why is not None else ["", "", ""]
    return [line.next_step or "", _time(line.next_at), *told]


def _time(at: datetime | None) -> str:
    return at.isoformat() if at is not None else ""
