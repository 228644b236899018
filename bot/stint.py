"""A stint: everything that is due now, one cycle after the other, then the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.agent import cycle
from bot.canary import take_note
from bot.clock import Clock
from bot.errors import PageError, WorkFailed
from bot.model import Changes, Done, Enrolment, Outcome, Wait
from bot.policy import Campaign
from bot.rules.sequence import placed, template_hash
from bot.work import Work

WORTH_A_START = timedelta(seconds=15)  # a shorter one is not: a new stint opens a browser
SLICE = timedelta(seconds=1)  # how long a signal may wait while nothing is being done
MOST_ACTIONS = 5_000
MOST_REPEATS = 6
PLACED_TOGETHER = 1_000


@dataclass(frozen=True, slots=True)
class End:
    """How a stint ended. `wait` is None if it was stopped, or halted."""

    actions: int
    wait: Wait | None
    halted: bool = False


def work_through(
    work: Work,
    *,
    patience: timedelta,
    tell: Callable[[Done], None],
    stopped: Callable[[], bool],
    orders: Callable[[], None] = lambda: None,
    until: datetime | None = None,
    late: Callable[[datetime, datetime], None] = lambda _due, _now: None,
    gives_way: Callable[[], bool] = lambda: False,
) -> End:
    """Cycle until the next thing is more than *patience* away, the seat is halted, or stopped.

    orders     called before each cycle: what people asked meanwhile
    until      work no further than to this moment
    late       told when something that was waited for is begun: when it was due, and when that is
    gives_way  asked in each pause: whether another seat waits for this one's browser. A pause that
               is worth a start is the stint's end then

    Raises WorkFailed when the same thing ends the same way over and over: a bound on every loop.
    Which spellings of the hooks matched is kept at the end, also where a page cannot be read.
    """
    try:
        end = _work_through(work, patience, tell, stopped, orders, until, late, gives_way)
    except PageError:
        take_note(work)
        raise
    take_note(work)
    return end


def _work_through(
    work: Work,
    patience: timedelta,
    tell: Callable[[Done], None],
    stopped: Callable[[], bool],
    orders: Callable[[], None],
    until: datetime | None,
    late: Callable[[datetime, datetime], None],
    gives_way: Callable[[], bool],
) -> End:
    last, repeats = None, 0
    for count in range(MOST_ACTIONS):
        orders()
        if stopped() or (until is not None and work.now() >= until):
            return End(count, None)
        step = cycle(work)
        if isinstance(step, Wait):
            if step.until is None or step.until - work.now() > patience:
                return End(count, step)
            wake = step.until if until is None else min(step.until, until)
            if not _rested(work.clock, wake, stopped, gives_way):
                return End(count, step)
            if work.now() >= step.until:
                late(step.until, work.now())
            continue
        tell(step)
        if step.outcome is Outcome.HALTED:
            return End(count + 1, None, halted=True)
        this = (step.action, step.lead_id, step.outcome, step.why)
        repeats = repeats + 1 if this == last and step.lead_id is not None else 0
        last = this
        if repeats == MOST_REPEATS:
            raise WorkFailed(f"{step.action} of {step.lead_id} ends the same way again: {step.why}")
    raise WorkFailed(f"{MOST_ACTIONS} actions in one stint: something does not come to rest")


def _rested(
    clock: Clock, when: datetime, stopped: Callable[[], bool], gives_way: Callable[[], bool]
) -> bool:
    """Wait as rest_until(); False if another seat is to have the browser meanwhile."""

    def leaves() -> bool:
        return when - clock.now() >= WORTH_A_START and gives_way()

    rest_until(clock, when, lambda: stopped() or leaves())
    return stopped() or not leaves()


def rest_until(clock: Clock, when: datetime, stopped: Callable[[], bool]) -> None:
    """Wait in slices, so that a signal is heard. A simulated clock jumps."""
    while clock.now() < when and not stopped():
        before = clock.now()
        clock.sleep_until(when if clock.simulated else min(when, before + SLICE))


def prune(work: Work) -> None:
    """Let go of old evidence; leads that somebody must still look at keep theirs."""
    if work.dry_run:
        return

    def is_open(lead_id: str) -> bool:
        return any(map(_is_open, work.book.enrolments_of(lead_id)))

    work.evidence.prune(work.now(), work.policy.evidence, is_open)


def _is_open(enrolment: Enrolment) -> bool:
    """Whether a send is in doubt (T3), the lead is held, or its answer is marked *check*."""
    answer = enrolment.answer
    asks = answer is not None and (answer.check or answer.sequence == "held")
    return asks or enrolment.sending is not None or enrolment.hold is not None


def place_all(work: Work) -> int:
    """Place the enrolments of campaigns whose file changed (S7); return how many moved.

    A change of the file changes when things are due, and the store's index must know. A file that
    is gone is forgotten, so that it is placed anew when it comes back.
    """
    moved, names = 0, {campaign.name for campaign in work.campaigns}
    gone = [state for state in work.book.campaigns() if state.file and state.name not in names]
    if gone:
        work.book.commit(Changes(campaigns=tuple(replace(state, file="") for state in gone)))
    for campaign in work.campaigns:
        state = work.book.campaign(campaign.name)
        mark = _mark(campaign)
        if state.file == mark:
            continue
        batch: list[Enrolment] = []
        for enrolment in list(work.book.enrolments(campaign.name)):
            now_placed = placed(enrolment, campaign)
            if now_placed != enrolment:
                batch.append(now_placed)
        for start in range(0, len(batch), PLACED_TOGETHER):
            together = tuple(batch[start : start + PLACED_TOGETHER])
            work.book.commit(Changes(enrolments=together))
        work.book.commit(Changes(campaigns=(replace(state, file=mark),)))
        moved += len(batch)
    return moved


def _mark(campaign: Campaign) -> str:
    return template_hash(repr(campaign))
