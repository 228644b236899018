"""What people ask of a seat while a daemon holds it: one small file each, answered once.

`<seat>/orders/00000007.json` is an order, `00000007.answer.json` what became of it. The numbers
rise, so that orders are carried out as they came. A file appears whole or not at all. A crash
between carrying out an order and its answer carries it out again: every order must bear that. What
an order does is decided where the seat is worked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Literal

import orjson
from pydantic import TypeAdapter, ValidationError

from bot import log
from bot.clock import rest, stopwatch
from bot.errors import LeadwrightError

FOLDER = "orders"

_KEPT_ANSWERS = 50
_POLL_SECONDS = 0.2
_ANSWER = ".answer.json"

_log = log.get("orders")


@dataclass(frozen=True, slots=True)
class Pause:
    """Pause the seat."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Resume the seat after a pause or a halt: the owner's word (L5)."""


@dataclass(frozen=True, slots=True)
class Release:
    """Release a lead that was held (K3, K8, A9, A10)."""

    lead_id: str


@dataclass(frozen=True, slots=True)
class SettleByOwner:
    """How an uncertain attempt ended, as its owner has seen (T3)."""

    attempt: str
    sent: bool


@dataclass(frozen=True, slots=True)
class PauseCampaign:
    """Pause one campaign (S7); `coming`: its file is written only when that is done."""

    name: str
    coming: bool = False


@dataclass(frozen=True, slots=True)
class ResumeCampaign:
    """Resume one campaign (S7); `coming` as for PauseCampaign."""

    name: str
    coming: bool = False


@dataclass(frozen=True, slots=True)
class ImportLeads:
    """Import a CSV file (`source` is its absolute path) or a page's address into a campaign."""

    campaign: str
    source: str


@dataclass(frozen=True, slots=True)
class MarkDefault:
    """Take what a lead answered for one of the site's default texts (A12).

    label  accepted or rejected, where the site does not tell
    every  others who sent the same text are corrected, too
    """

    lead_id: str
    label: Literal["accepted", "rejected"] | None = None
    every: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """Write one message to somebody who answered: the owner's explicit word.

    seen  what the owner had seen of the thread (rules.replies.mark_of): after more it is refused
    """

    lead_id: str
    text: str
    seen: str


@dataclass(frozen=True, slots=True)
class WithdrawReply:
    """Take back a reply that was not sent yet."""

    lead_id: str


@dataclass(frozen=True, slots=True)
class Done:
    """The owner is done with an answer, or not any more. `seen` as in Reply."""

    lead_id: str
    seen: str
    done: bool = True


@dataclass(frozen=True, slots=True)
class Forget:
    """Erase a person: only a keyed hash stays, so that nobody writes to them again (K5)."""

    lead_id: str


@dataclass(frozen=True, slots=True)
class Approve:
    """Release a text for a lead's next step, as its owner saw or wrote it (S8).

    subject  of an InMail; empty for a message
    """

    lead_id: str
    campaign: str
    step: int
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Decline:
    """Let a lead's text that waits never go out, nor anything after it (S8)."""

    lead_id: str
    campaign: str
    step: int


@dataclass(frozen=True, slots=True)
class LookAtHooks:
    """Look at the live pages for the hooks that are needed (T8)."""


Order = (
    Pause
    | Resume
    | Release
    | SettleByOwner
    | PauseCampaign
    | ResumeCampaign
    | ImportLeads
    | MarkDefault
    | Reply
    | WithdrawReply
    | Done
    | Forget
    | Approve
    | Decline
    | LookAtHooks
)


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A lead that an import refused, or a row of its file that is no lead.

    lead_id, rule  who, and by which rule; None for a row
    file, line     where the row begins; None for a lead
    """

    text: str
    lead_id: str | None = None
    rule: str | None = None
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an import (`leads import --json`).

    pages  how many were read, by this command alone if it went on where another had stopped
    note   what the owner should know of the audience: why it may hold more people than these
    """

    new: int
    known: int
    refused: tuple[NotTaken, ...] = ()
    pages: int = 1
    note: str | None = None

    def __str__(self) -> str:
        return f"{self.new} new, {self.known} known, {len(self.refused)} refused"


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an order, in a sentence; `done` is False if it was refused."""

    done: bool
    text: str
    imported: Imported | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """An order as it lies in its folder."""

    path: Path
    order: Order

    @property
    def answer_path(self) -> Path:
        """Where its answer will be."""
        return self.path.with_name(self.path.stem + _ANSWER)


_WORDS: dict[type, str] = {
    Pause: "pause",
    Resume: "resume",
    Release: "release",
    SettleByOwner: "settle",
    PauseCampaign: "pause-campaign",
    ResumeCampaign: "resume-campaign",
    ImportLeads: "import",
    MarkDefault: "mark-default",
    Reply: "reply",
    WithdrawReply: "withdraw-reply",
    Done: "done",
    Forget: "forget",
    Approve: "approve",
    Decline: "decline",
    LookAtHooks: "look-at-hooks",
}
_RECORDS = {word: kind for kind, word in _WORDS.items()}


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    """Built when it is first asked for: most commands need none."""
    return TypeAdapter(kind)


def leave(seat: Path, order: Order) -> Ticket:
    """Put an order into the seat's folder, after all that are there."""
    folder = seat / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole = _written(folder, {"order": _WORDS[type(order)], **asdict(order)})
    try:
        number = max((_number(path) for path in folder.glob("*.json*")), default=0)
        while True:
            number += 1
            path = folder / f"{number:08}.json"
            try:
                path.hardlink_to(whole)  # fails if another process took the number meanwhile
            except FileExistsError:
                continue
            return Ticket(path, order)
    finally:
        whole.unlink()


def waiting(seat: Path) -> Iterator[Ticket]:
    """The orders that are not answered yet, the oldest first. A malformed one is set aside."""
    for path in sorted((seat / FOLDER).glob("*.json")):
        if path.name.endswith(_ANSWER) or path.name.startswith("."):
            continue
        ticket = _read(path)
        if ticket is None:
            path.rename(path.with_suffix(".json.bad"))
            _log.warning("an order that cannot be understood was set aside", file=path.name)
        elif ticket.answer_path.exists():
            path.unlink()  # answered, then we died
        else:
            yield ticket


def unanswered(seat: Path) -> str:
    """What the orders that wait say, all together."""
    return "\n".join(repr(ticket.order) for ticket in waiting(seat))


def done(ticket: Ticket, answer: Answered) -> None:
    """Write what became of an order, and take it away."""
    folder = ticket.path.parent
    _written(folder, asdict(answer)).replace(ticket.answer_path)
    ticket.path.unlink(missing_ok=True)
    for old in sorted(folder.glob("*" + _ANSWER))[:-_KEPT_ANSWERS]:
        old.unlink(missing_ok=True)


def answer_of(ticket: Ticket) -> Answered | None:
    """What became of an order, None as long as nobody has answered it."""
    try:
        told = ticket.answer_path.read_bytes()
    except FileNotFoundError:
        return None
    answered: Answered = _adapter(Answered).validate_json(told, strict=True)
    return answered


def leave_and_wait(
    seat: Path, order: Order, *, seconds: float, meanwhile: Callable[[], None] = lambda: None
) -> Answered | None:
    """Leave an order and wait for its answer; None if there is none within *seconds*.

    The order stays then, and is carried out when the seat is worked again. *meanwhile* is called
    after each look; where it fails the order is withdrawn.
    """
    ticket, started = leave(seat, order), stopwatch()
    while (answer := answer_of(ticket)) is None:
        if stopwatch() - started >= seconds:
            return None
        rest(_POLL_SECONDS)
        try:
            meanwhile()
        except LeadwrightError:
            ticket.path.unlink(missing_ok=True)  # who is told that it failed wants nothing of it
            raise
    return answer


def forget(seat: Path, words: Sequence[str]) -> None:
    """Take away what tells of one of *words*: answers, and what nobody could understand."""
    for path in ended(seat):
        with suppress(FileNotFoundError):  # it became an order meanwhile
            told = path.read_bytes()
            if any(word.encode() in told for word in words):
                path.unlink()


def drop_old(seat: Path, before: datetime) -> int:
    """Take away the answers, and what nobody could understand, from *before*; how many."""
    gone = 0
    for path in ended(seat):
        with suppress(FileNotFoundError):
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                path.unlink()
                gone += 1
    return gone


def ended(seat: Path) -> tuple[Path, ...]:
    """The files of orders that wait for nothing any more."""
    folder = seat / FOLDER
    return tuple(each for kind in (_ANSWER, ".bad", ".new") for each in folder.glob(f"*{kind}"))


def _written(folder: Path, content: dict[str, Any]) -> Path:
    """A temporary file that is on disk; its mode is 0600."""
    with NamedTemporaryFile(dir=folder, prefix=".", suffix=".new", delete=False) as file:
        file.write(orjson.dumps(content))
        file.flush()
        os.fsync(file.fileno())
    return Path(file.name)


def _number(path: Path) -> int:
    head = path.name.partition(".")[0]
    return int(head) if head.isdecimal() else 0


def _read(path: Path) -> Ticket | None:
    try:
        text = path.read_bytes()
        kind = _RECORDS[orjson.loads(text)["order"]]
        order: Order = _adapter(kind).validate_json(text, strict=True)
    except (orjson.JSONDecodeError, ValidationError, KeyError, TypeError):
        return None
    return Ticket(path, order)
