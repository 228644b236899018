"""`plan`: what would be sent, and what the days after may look like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.cli.common import campaign_of, console, moment, print_json, seat_of, table
from bot.cli.plain import say
from bot.clock import SystemClock
from bot.errors import UsageError
from bot.forecast import Wanted, calendar_of, look_ahead
from bot.outlook import DayAhead, MonthAhead, Outlook, QueueAhead, Range
from bot.report import Planned
from bot.seat import Seat
from bot.store.memory import MemoryBook
from bot.store.store import Store

RUNS, SEED = 20, 1
BAR = 12  # signs


def plan(
    name: str,
    home: Path | None,
    days: int,
    as_json: bool,
    *,
    runs: int | None,
    seed: int | None,
    stated: Mapping[str, float],
    campaign: str | None,
    leads: int | None,
) -> int:
    """Print what would be sent in the coming days, as far as it is known today, and a forecast."""
    seat = seat_of(name, home)
    wanted = _wanted(seat, days, runs, seed, stated, campaign, leads)
    asked = days > 1 or bool(stated) or any(each is not None for each in (runs, seed, campaign))
    now, outlook = SystemClock().now(), None
    with Store.open(seat.paths.state, read_only=True) as store:
        with store.copy() as book:
            found = look_ahead(seat, book, now, days)
        if asked and wanted.runs > 0:
            with _progress(wanted.runs) as bar:
                outlook = calendar_of(seat, MemoryBook.of(store), now, wanted, bar.show)
    if as_json:
        print_json({"actions": found.actions, "held": found.held, "forecast": outlook})
        return 0
    _print_planned(found)
    if outlook is not None:
        _print_outlook(outlook, seat.policy.credits.cap)
    return 0


def _wanted(
    seat: Seat,
    days: int,
    runs: int | None,
    seed: int | None,
    stated: Mapping[str, float],
    campaign: str | None,
    leads: int | None,
) -> Wanted:
    """The options put together. Raises UsageError where they do not fit."""
    if campaign is not None:
        campaign_of(seat, campaign)
    elif leads is not None:
        raise UsageError("--leads goes with --campaign: these leads are added to a campaign")
    answers = sum(share for name, share in stated.items() if name != "free")
    if answers > 1:
        text = f"--accept, --reject and --own-words are {answers:g} together; at most 1 can be"
        raise UsageError(text)
    number = RUNS if runs is None else runs
    return Wanted(days, number, SEED if seed is None else seed, stated, campaign, leads)


class _Bar:
    """How many runs are over, on stderr, where somebody watches."""

    def __init__(self, bar: Progress, total: int) -> None:
        self._bar, self._task = bar, bar.add_task("simulating", total=total)

    def show(self, run: int) -> None:
        self._bar.update(self._task, completed=run)


@contextmanager
def _progress(total: int) -> Iterator[_Bar]:
    out = Console(stderr=True, highlight=False)
    columns = (TextColumn("run {task.completed} of {task.total}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        yield _Bar(bar, total)


# --- printing -----------------------------------------------------------------------------------


def _print_planned(found: Planned) -> None:
    grid = table("time (UTC)", "what", "lead", "kind", "why")
    for action in found.actions:
        who = action.lead_id or ""
        grid.row(moment(action.at), action.what, who, action.kind or "", action.text)
    console().print(grid if found.actions else "nothing would be sent")
    if found.held:
        held = table("lead", "rule", "why", "until (UTC)", title="held")
        for line in found.held:
            held.row(line.lead_id, line.rule, line.text, moment(line.until))
        console().print(held)


def _print_outlook(found: Outlook, cap: int) -> None:
    title = f"forecast: {found.runs} runs, the median and what 80 of 100 stay within"
    grid = table("day", "InMails", "credit", "free", "messages", "", "credits", "", "", title=title)
    most = max((_sends(day) for day in found.days), default=0)
    for day in found.days:
        kinds = (_range(each) for each in (day.inmails, day.credit, day.free, day.messages))
        sends, balance = _bar(_sends(day), most), _bar(day.balance.median, cap)
        grid.row(f"{day.day:%a %Y-%m-%d}", *kinds, sends, _range(day.balance), balance, _news(day))
    console().print(grid)
    total = found.total
    say(
        f"together: {_range(total.inmails)} InMails, {_range(total.credit)} of them for a credit "
        f"and {_range(total.free)} free; {_range(total.messages)} messages"
    )
    for campaign in found.queue:
        say(f"{campaign.campaign}: {_emptied(campaign, found.runs)}")
    for month in found.months:
        if month.granted.high or month.cut.high:
            say(_month(month))
    _print_shares(found)


def _print_shares(found: Outlook) -> None:
    grid = table("share", "of 100", "is", "why", title="as good as these shares, and no better")
    for share in found.shares:
        grid.row(share.name, f"{share.share * 100:.1f}", share.origin, share.why)
    console().print(grid)
    hours = found.answers_take
    say(f"answers come after {hours[0]} to {hours[-1]} hours, half of them within "
        f"{hours[(len(hours) - 1) // 2]}")  # fmt: skip
    for text in found.assumes:
        say(text)


def _sends(day: DayAhead) -> int:
    return day.inmails.median + day.messages.median


def _range(figure: Range) -> str:
    if figure.low == figure.high:
        return str(figure.median)
    return f"{figure.median} ({figure.low}-{figure.high})"


def _bar(figure: int, most: int) -> str:
    return "#" * round(BAR * figure / most) if most > 0 else ""


def _news(day: DayAhead) -> str:
    """What moved the credits, beside what was spent."""
    moved = (("granted", day.granted), ("back", day.refunded), ("expired", day.expired))
    told = [f"{_range(figure)} {word}" for word, figure in moved if figure.median]
    return ", ".join([*told, *([f"{_range(day.cut)} cut (C2)"] if day.cut.high else [])])


def _emptied(queue: QueueAhead, runs: int) -> str:
    left = f"{_range(queue.left)} wait at the end"
    if queue.empty == 0:
        return f"the queue does not become empty; {left}"
    when = f"{queue.median:%a %Y-%m-%d}" if queue.median is not None else "later"
    early = f"{queue.low:%Y-%m-%d}" if queue.low is not None else "later"
    late = f"{queue.high:%Y-%m-%d}" if queue.high is not None else "later"
    return (
        f"the queue is empty by {when} ({early} to {late}), in {queue.empty} of {runs} runs; {left}"
    )


def _month(month: MonthAhead) -> str:
    return (
        f"{month.month}: {_range(month.granted)} credits granted, {_range(month.cut)} of the grant "
        f"lost to the cap (C2), {_range(month.refunded)} back, {_range(month.expired)} expired"
    )
