"""What a person is shown of a seat: status, funnel, ledger, inbox, leads and why not today.

Records here have the names and the shape of `--json` (the public contract); times are RFC 3339 in
UTC when they are printed.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol

from bot.calls import Tally
from bot.credits import Account, Entry
from bot.hooks import HookUse
from bot.model import Answer, CampaignState, Enrolment, Lead, SeatState
from bot.plain import defuse, plain
from bot.replies import is_reply
from bot.rules import hooks
from bot.rules.sequence import Due, coming_step, state_of
from bot.rules.why import View, why_not


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next."""

    at: datetime
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Halt:
    """Why the seat stands still, since when, and what its owner can do."""

    kind: str
    since: datetime
    what_to_do: str


@dataclass(frozen=True, slots=True)
class Credits:
    """Our balance, and the site's as last read."""

    ledger: int
    site: int | None


@dataclass(frozen=True, slots=True)
class Today:
    """The sends of the seat's calendar day.

    inmails           all, those that the owner sent by hand among them (L1)
    messages          those of the agent
    inmails_by_hand   how many of `inmails` the owner sent
    messages_by_hand  what the owner wrote beside `messages`; both count for the day (L2)
    """

    inmails: int
    limit: int
    messages: int
    inmails_by_hand: int = 0
    messages_by_hand: int = 0


@dataclass(frozen=True, slots=True)
class SlidHook:
    """A hook that matched by its first spelling until `until`, and by a fallback only since.

    spelling  the one that matched on the newest day; 1 is the first fallback
    """

    hook: str
    selector: str
    spelling: int
    until: date
    seen: date


@dataclass(frozen=True, slots=True)
class HookLine:
    """A hook that no longer matches (T8). `stops`: what waits until it is mended."""

    hook: str
    page: str
    selector: str
    why: str
    since: datetime
    last_day: date | None
    stops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeatStatus:
    """One seat of `status --json`.

    replies  how many of the owner's wait to be sent
    answers  how many in the inbox are not done
    calls    how many calls to the owner wait to be delivered, and how many were given up
    """

    seat: str
    state: str
    halt: Halt | None
    credits: Credits
    today: Today
    next: Next | None
    paused: bool = False
    doing: str = ""
    broken_hooks: tuple[HookLine, ...] = ()
    slid_hooks: tuple[SlidHook, ...] = ()
    replies: int = 0
    answers: int = 0
    calls: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One entry of `ledger --json`. `credits` is how many moved, `source` to `target`."""

    at: datetime
    kind: str
    credits: int
    lead_id: str | None
    why: str
    source: str
    target: str
    key: str


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One answer of `inbox --json`. `reply`: the text of one that waits to be sent."""

    lead_id: str
    name: str
    campaign: str
    answer: str
    text: str
    responder: bool
    check: bool
    at: datetime
    rule: str
    done: bool = False
    reply: str | None = None


@dataclass(frozen=True, slots=True)
class WhyNot:
    """What keeps a lead from being written to now."""

    rule: str
    text: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class LeadLine:
    """One lead of `leads list --json`. `by_hand`: messages that the owner wrote to them (A10)."""

    id: str
    name: str
    campaign: str
    state: str
    kind: str | None
    next_at: datetime | None
    why_not: WhyNot | None
    next_step: str | None
    by_hand: int = 0


@dataclass(frozen=True, slots=True)
class SentByKind:
    """InMails that went out."""

    credit: int
    free: int


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """`campaign show --json`. `import_note`: why its audience may lack people."""

    name: str
    state: str
    leads: int
    sent: SentByKind
    accepted: int
    rejected: int
    responders: int
    follow_ups: int
    held: int
    skipped: int
    import_note: str | None = None


def broken_hooks(seat: SeatState) -> tuple[HookLine, ...]:
    """The hooks that stop what needs them."""
    return tuple(
        HookLine(
            hook=hook.name,
            page=hook.page,
            selector=hook.selector,
            why=hook.why,
            since=hook.since,
            last_day=hook.last_day,
            stops=tuple(hooks.stops(hook.page, hook.key)),
        )
        for hook in seat.broken
    )


def broken_line(hook: HookLine) -> str:
    """One line for a person."""
    matched = f"it last matched on {hook.last_day}" if hook.last_day else "it was never seen"
    stops = ", ".join(hook.stops) or "nothing"
    return f"{hook.hook}: {hook.why}; {matched} by {hook.selector}; stops {stops}"


def slid_hooks(uses: Iterable[HookUse]) -> tuple[SlidHook, ...]:
    """The hooks that wait to be mended before they fail."""
    return tuple(
        SlidHook(use.name, use.css, use.spelling, use.first_day, use.last_day)
        for use in uses
        if use.slid and use.first_day is not None
    )


def slid_line(hook: SlidHook) -> str:
    """One line for a person."""
    return (
        f"{hook.hook} is found by fallback {hook.spelling} only, since {hook.seen}; "
        f"until {hook.until} it was {hook.selector}"
    )


def today_line(today: Today) -> str:
    """The day's sends in one line, those by hand told apart (L1, L2)."""
    inmails = f" ({today.inmails_by_hand} by hand)" if today.inmails_by_hand else ""
    messages = f" and {today.messages_by_hand} by hand" if today.messages_by_hand else ""
    return f"{today.inmails} of {today.limit} InMails{inmails}, {today.messages} messages{messages}"


def ledger_lines(entries: Iterable[Entry]) -> tuple[LedgerLine, ...]:
    """The ledger in the order in which it was written."""
    return tuple(
        LedgerLine(e.at, e.kind, e.credits, e.lead_id, e.why, e.source, e.target, e.key)
        for e in entries
    )


def ledger_csv(lines: Iterable[LedgerLine]) -> str:
    """The ledger for a spreadsheet, formulas defused; lines end as csv.writer ends them."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["at", "kind", "credits", "source", "target", "lead_id", "why"])
    for line in lines:
        told = [line.source, line.target, defuse(line.lead_id or ""), defuse(plain(line.why))]
        rows.writerow([line.at.isoformat(), line.kind, line.credits, *told])
    return out.getvalue()


def hledger(entries: Iterable[Entry]) -> str:
    """The ledger as a journal that hledger and ledger read; `credits:available` is the balance."""
    lines = ["; credits of a Sales Navigator seat", ""]
    for entry in sorted(entries, key=lambda entry: entry.at):
        why = " ".join(entry.why.replace(";", ",").replace("|", "/").split())
        lines += [
            f"{entry.at:%Y-%m-%d} {entry.kind} | {why}",
            f"    ; key: {entry.key}",
            f"    credits:{entry.target}    {entry.credits} cr",
            f"    credits:{entry.source}    {-entry.credits} cr",
            "",
        ]
    return "\n".join(lines)


def months(entries: Iterable[Entry]) -> tuple[tuple[str, dict[str, int]], ...]:
    """For each month the credits that moved, by kind, and what was available at its end."""
    table: dict[str, dict[str, int]] = {}
    balance = 0
    for entry in sorted(entries, key=lambda entry: entry.at):
        month = table.setdefault(f"{entry.at:%Y-%m}", {})
        month[entry.kind] = month.get(entry.kind, 0) + entry.credits
        balance += entry.credits * (entry.target is Account.AVAILABLE)
        balance -= entry.credits * (entry.source is Account.AVAILABLE)
        month["available"] = balance
    return tuple(table.items())


def inbox_items(
    answered: Iterable[tuple[Enrolment, Lead]], *, every: bool = False
) -> tuple[InboxItem, ...]:
    """The answers that the rules show to the owner (A1-A11), those to check first.

    every  those that are done and those that no rule shows, too
    """
    items = [
        InboxItem(
            lead_id=lead.id,
            name=lead.name,
            campaign=enrolment.campaign,
            answer=enrolment.answer.answer,
            text=enrolment.answer.words,
            responder=enrolment.answer.responder,
            check=enrolment.answer.check,
            at=enrolment.answer.at,
            rule=enrolment.answer.rule,
            done=enrolment.worked is not None,
            reply=enrolment.reply.text if enrolment.reply is not None else None,
        )
        for enrolment, lead in answered
        if enrolment.answer is not None
        and (every or (enrolment.answer.inbox and enrolment.worked is None))
    ]
    return tuple(sorted(items, key=lambda item: (not item.check, -item.at.timestamp())))


def lead_line(enrolment: Enrolment, lead: Lead, view: View) -> LeadLine:
    """A lead's state, its next step, and why that is not now (T6)."""
    campaign = view.campaign(enrolment.campaign)
    step = coming_step(enrolment, campaign) if campaign is not None else None
    due_at = step.at if isinstance(step, Due) else None
    reason = why_not(enrolment, lead, view)
    return LeadLine(
        id=lead.id,
        name=lead.name,
        campaign=enrolment.campaign,
        state=state_of(enrolment),
        kind=enrolment.kind,
        next_at=due_at,
        why_not=WhyNot(reason.rule, reason.text, reason.until) if reason is not None else None,
        next_step=step_name(step.step) if isinstance(step, Due) else None,
        by_hand=enrolment.foreign,
    )


def why_line(why: WhyNot | None) -> str:
    """Why not today, in one line: what keeps the lead, the rule, and when it lifts (UTC)."""
    if why is None:
        return ""
    until = f", until {why.until.astimezone(UTC):%Y-%m-%d %H:%M}" if why.until is not None else ""
    return f"{why.text} ({why.rule}){until}"


_ANSWERS = {
    "A1": "accepted by default",
    "A2": "accepted, in words of their own",
    "A3": "rejected by default",
    "A4": "rejected, in words of their own",
    "A5": "wrote in their own words",
    "A6": "accepted, then wrote in their own words",
    "A9": "something that cannot be read",
    "A11": "asks not to be written to again",
}
_AFTER = {"accepted": "accepted", "own-words": "wrote in their own words", "none": "no answer yet"}
_SEQUENCES = {
    "goes-on": "The sequence goes on.",
    "stops": "The sequence has stopped: nothing more goes out by itself.",
    "waits": "The sequence waits: nothing is sent meanwhile.",
    "held": "The sequence is held until you release it.",
}


def answer_in_words(answer: Answer) -> str:
    """What somebody answered, by its rule (A1-A11)."""
    said = _AFTER.get(answer.answer, answer.answer)
    if answer.rule == "A7":
        return f"{said}, after a rejection"
    if answer.rule == "A8":
        return f"{said}, with a text that shares nothing with the site's own"
    if answer.rule == "A9" and answer.answer != "unreadable":
        return f"{said}, and wrote something that cannot be read"
    if answer.rule == "A10":
        return f"{said}; you wrote in the thread by hand"
    return _ANSWERS.get(answer.rule, said)


def sequence_in_words(answer: Answer) -> str:
    """What an answer means for the sequence (A13)."""
    return _SEQUENCES[answer.sequence]


def step_name(step: int) -> str:
    """What a step is called."""
    if is_reply(step):
        return "reply"
    return {0: "InMail", 1: "acceptance message"}.get(step, f"follow-up {step - 1}")


class Funnel(Protocol):
    """A campaign's counts, as the store gives them."""

    @property
    def leads(self) -> int: ...
    @property
    def credit(self) -> int: ...
    @property
    def free(self) -> int: ...
    @property
    def accepted(self) -> int: ...
    @property
    def rejected(self) -> int: ...
    @property
    def responders(self) -> int: ...
    @property
    def follow_ups(self) -> int: ...
    @property
    def held(self) -> int: ...
    @property
    def skipped(self) -> int: ...


def campaign_line(state: CampaignState, counts: Funnel) -> CampaignLine:
    """One row of the table of campaigns."""
    word = "paused" if state.paused else "importing" if state.cursor is not None else "active"
    return CampaignLine(
        name=state.name,
        state=word,
        leads=counts.leads,
        sent=SentByKind(counts.credit, counts.free),
        accepted=counts.accepted,
        rejected=counts.rejected,
        responders=counts.responders,
        follow_ups=counts.follow_ups,
        held=counts.held,
        skipped=counts.skipped,
        import_note=state.import_note or None,
    )


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """One action of `plan --json`: what would be written to whom, and when."""

    at: datetime
    what: str
    lead_id: str | None
    kind: str | None
    text: str


@dataclass(frozen=True, slots=True)
class HeldLead:
    """One lead of `plan --json` that would not be written to, and its rule."""

    lead_id: str
    rule: str
    text: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Planned:
    """`plan --json`."""

    actions: tuple[PlannedAction, ...]
    held: tuple[HeldLead, ...]


def counted(enrolments: Iterable[Enrolment]) -> str:
    """How many leads are in each state, as one line."""
    states = Counter(state_of(enrolment) for enrolment in enrolments)
    return ", ".join(f"{number} {state}" for state, number in states.most_common())
