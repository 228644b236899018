"""`leadwright reply` and `leadwright done`: the owner works an answer of the inbox."""

from __future__ import annotations

import sys
from pathlib import Path

from bot import orders
from bot.cli.common import seat_of
from bot.cli.orders import answer, asked
from bot.errors import UsageError, WorkFailed
from bot.rules.replies import answered, mark_of
from bot.seat import Seat
from bot.store.store import Store


def reply(
    lead: str,
    name: str,
    text: str | None,
    file: Path | None,
    withdraw: bool,
    home: Path | None,
) -> int:
    """Let a reply wait to be sent, or take it back. Raises UsageError and WorkFailed."""
    seat = seat_of(name, home)
    if sum((text is not None, file is not None, withdraw)) != 1:
        raise UsageError("give the text, or --file FILE, or --withdraw")
    if withdraw:
        return answer(asked(seat, orders.WithdrawReply(lead)))
    said = text if file is None else _content(file)
    assert said is not None, "it is the text or the file"
    return answer(asked(seat, orders.Reply(lead, said, _seen(seat, lead))))


def done(lead: str, name: str, undo: bool, home: Path | None) -> int:
    """Put an answer out of the inbox, or back into it. Raises WorkFailed."""
    seat = seat_of(name, home)
    return answer(asked(seat, orders.Done(lead, _seen(seat, lead), not undo)))


def _content(file: Path) -> str:
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 text: {error.reason}") from error


def _seen(seat: Seat, lead: str) -> str:
    """What the owner sees of a thread when they run the command: what `inbox` shows."""
    with Store.open(seat.paths.state, read_only=True) as store:
        enrolment = answered(store.enrolments_of(lead))
    if enrolment is None:
        raise WorkFailed(f"{lead} has not answered; `leadwright inbox` lists who did")
    return mark_of(enrolment)
