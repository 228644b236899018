"""The hooks of the pages: which spelling matched, and what a broken one stops (T8).

A broken hook is looked at again when the selectors or texts changed, and after LOOK_AGAIN: until
then it stops the actions that need it, and only those.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.facts import HookSeen, InboxFacts, Unfit
from bot.hooks import BrokenHook, HookUse
from bot.model import Reason, SeatState

LOOK_AGAIN = timedelta(hours=1)  # a slow site may look like a changed one


class Task(StrEnum):
    """What needs hooks; the word is that of the messages."""

    INMAIL = "InMails"
    MESSAGE = "messages"
    SETTLE = "looking up uncertain sends"
    READ_INBOX = "reading the inbox"
    READ_THREAD = "reading threads"
    IMPORT = "imports"


_IN_THREADS = (Task.MESSAGE, Task.SETTLE, Task.READ_THREAD)

# What a broken hook stops: by its page, unless the hook itself is named.
BY_PAGE: Mapping[str, tuple[Task, ...]] = {
    "lead": (Task.INMAIL,),
    "composer": (Task.INMAIL,),
    "thread": _IN_THREADS,
    "inbox": (Task.READ_INBOX,),
    "balance": (Task.READ_INBOX,),
    "results": (Task.IMPORT,),
}
BY_HOOK: Mapping[tuple[str, str], tuple[Task, ...]] = {
    ("composer", "close_button"): (),  # a panel that does not close is left by the next page
    ("thread", "form"): (Task.MESSAGE,),
    ("thread", "body"): (Task.MESSAGE,),
    ("thread", "send_button"): (Task.MESSAGE,),
    ("thread", "content"): (Task.INMAIL, *_IN_THREADS),  # our own text confirms an InMail (T2)
}
LEAD_PAGES, THREAD_PAGES = ("lead", "composer"), ("thread",)


def stops(page: str, key: str) -> tuple[Task, ...]:
    """What a broken hook stops."""
    return BY_HOOK.get((page, key), BY_PAGE.get(page, ()))


def is_ripe(hook: BrokenHook, seat: SeatState, now: datetime) -> bool:
    """Whether a broken hook is to be looked at again: it stops nothing meanwhile."""
    return hook.reading != seat.reading or now >= hook.looked_at + LOOK_AGAIN


def stopped(seat: SeatState, task: Task, now: datetime) -> Reason | None:
    """The broken hook that stops *task*, and when it is looked at again; None: nothing does."""
    for hook in seat.broken:
        if task in stops(hook.page, hook.key) and not is_ripe(hook, seat, now):
            return reason(hook)
    return None


def standing(seat: SeatState, task: Task) -> Reason | None:
    """The broken hook that keeps *task* from being done as far as is known, ripe or not (T6)."""
    found = (hook for hook in seat.broken if task in stops(hook.page, hook.key))
    hook = next(found, None)
    return reason(hook) if hook is not None else None


def reason(hook: BrokenHook) -> Reason:
    """Why what needs a broken hook is not done (T6, T8)."""
    text = f"{hook.name} is not found as it was: {hook.why}"
    return Reason("T8", text, hook.looked_at + LOOK_AGAIN)


def again_at(seat: SeatState, now: datetime) -> list[datetime]:
    """When broken hooks are to be looked at again, those in the future."""
    return [hook.looked_at + LOOK_AGAIN for hook in seat.broken if not is_ripe(hook, seat, now)]


def to_look_at(seat: SeatState, task: Task, day: date, now: datetime) -> set[str]:
    """The pages to look at before *task*: not looked at this day, or with a hook that is ripe."""
    found: set[str] = set()
    if task is Task.INMAIL and seat.lead_checked != day:
        found.update(LEAD_PAGES)
    if task is Task.MESSAGE and seat.thread_checked != day:
        found.update(THREAD_PAGES)
    ripe = (hook for hook in seat.broken if is_ripe(hook, seat, now))
    return found | {hook.page for hook in ripe if task in stops(hook.page, hook.key)}


def broken(
    seat: SeatState,
    found: Iterable[Unfit],
    now: datetime,
    uses: Mapping[str, HookUse],
    selector: Callable[[str, str], str],
) -> SeatState:
    """The seat with these hooks broken; one that was before is so since then."""
    hooks = {hook.name: hook for hook in seat.broken}
    for each in found:
        before, use = hooks.get(each.name), uses.get(each.name)
        hooks[each.name] = BrokenHook(
            page=each.page,
            key=each.key,
            selector=selector(each.page, each.key),
            why=each.why,
            since=before.since if before is not None else now,
            looked_at=now,
            last_day=use.last_day if use is not None else None,
            reading=seat.reading,
        )
    return replace(seat, broken=tuple(hooks.values()))


def mended(
    seat: SeatState, pages: Collection[str], but: Iterable[Unfit] = (), *, form: bool = True
) -> SeatState:
    """The seat without broken hooks of *pages*, which were just read, but for those.

    form  the thread had its form: else nothing is known of that
    """
    left = {each.name for each in but}
    kept = tuple(
        hook
        for hook in seat.broken
        if hook.page not in pages
        or hook.name in left
        or (not form and stops(hook.page, hook.key) == (Task.MESSAGE,))
    )
    return seat if kept == seat.broken else replace(seat, broken=kept)


def inbox_faults(facts: InboxFacts, known: int) -> tuple[Unfit, ...]:
    """What an inbox that was read all the same does not tell. *known*: threads of the book."""
    if not facts.threads and known:
        return (Unfit("inbox", "item", f"no thread is shown, and {known} are known"),)
    if facts.threads and all(each.at is None and not each.preview for each in facts.threads):
        return (Unfit("inbox", "time", "no thread shows its time or its newest words"),)
    return ()


def noted(known: Mapping[str, HookUse], seen: Iterable[HookSeen], day: date) -> tuple[HookUse, ...]:
    """The uses that *seen* changes, as they are now; *day* is the seat's own."""
    changed: dict[str, HookUse] = {}
    for each in seen:
        name = f"{each.page}.{each.key}"
        before = changed.get(name) or known.get(name)
        if before is None or before.css != each.css:
            before = HookUse(name, each.css, (), day, each.spelling, None)
        changed[name] = _used(before, each, day)
    return tuple(changed.values())


def _used(before: HookUse, seen: HookSeen, day: date) -> HookUse:
    pages = [*before.pages, *[0] * (seen.spelling + 1 - len(before.pages))]
    pages[seen.spelling] += seen.pages
    best = min(before.spelling, seen.spelling) if before.last_day == day else seen.spelling
    first = day if seen.spelling == 0 else before.first_day
    return replace(before, pages=tuple(pages), last_day=day, spelling=best, first_day=first)
