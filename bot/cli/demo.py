"""`leadwright demo`: watch a whole campaign, then see the books beside the site's truth."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from rich.console import Group
from rich.live import Live
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from bot import report
from bot.cli.common import console, print_json, table
from bot.cli.look import print_inbox, with_leads
from bot.cli.plain import plain
from bot.cli.show import print_campaigns
from bot.clock import Clock, SystemClock, stopwatch
from bot.config import DeskSettings
from bot.demo import CAMPAIGN, Played, Scene, books, play
from bot.desk.serve import Beside, prepare
from bot.errors import WorkFailed
from bot.verdict import Line, compare


def demo(days: int, pages: Path | None, port: int, as_json: bool) -> int:
    """Play, show, compare; exit code 1 if books and truth differ.

    The desk is served meanwhile, and where somebody watches until they have seen it.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="leadwright-demo-"))
        started = stopwatch()
        with Screen(days, quiet=as_json) as screen:

            def begun(home: Path, clock: Clock) -> None:
                screen.desk = open_desk(stack, home, clock, port)

            played = play(Path(folder), days, screen.show, begun=begun, pages=pages)
        seconds = stopwatch() - started
        with books(played) as book:
            lines = compare(
                book,
                played.truth,
                played.seat.policy,
                book.seat().inbox_read_at or played.now,
            )
            if as_json:
                print_json(
                    {
                        "seconds": round(seconds, 1),
                        "agree": all(x.kept for x in lines),
                        "lines": lines,
                        "pages": played.pages,
                    }
                )
            else:
                show(played, lines, seconds)
        if screen.desk and not as_json and sys.stdin.isatty() and sys.stdout.isatty():
            with suppress(EOFError, KeyboardInterrupt):
                input(f"the desk shows all this at {screen.desk} until you press Enter ")
        return 0 if all(line.kept for line in lines) else 1


def open_desk(stack: ExitStack, home: Path, clock: Clock, port: int) -> str:
    """Serve the desk of the demo's home; its link, or "" where it cannot be served.

    It shows the demo's time, while who came in stays in by the machine's.
    """
    try:
        place = prepare(home, DeskSettings(), port, SystemClock(), shown=clock)
        desk = stack.enter_context(Beside(place))
    except WorkFailed as error:
        print(f"no desk: {plain(str(error))}", file=sys.stderr)
        return ""
    return desk.link


def show(played: Played, lines: tuple[Line, ...], seconds: float) -> None:
    out = console()
    with books(played) as book:
        print_campaigns([report.campaign_line(book.campaign(CAMPAIGN), book.funnel(CAMPAIGN))])
        out.print(_months(report.months(book.entries())))
        print_inbox(report.inbox_items(with_leads(book, book.answers())))
    grid = table("", "promise", "the books beside the site's truth")
    for line in lines:
        grid.row("kept" if line.kept else "BROKEN", line.promise, line.told)
    out.print(grid)
    if played.pages:
        out.print(plain(played.pages))
    out.print(f"{played.actions} actions in {seconds:.0f} s")


def _months(rows: tuple[tuple[str, dict[str, int]], ...]) -> Table:
    kinds = ("opening", "grant", "spend", "refund", "expire", "cut", "adjust", "available")
    grid = table("month", *kinds, title="\nledger by month")
    for month, moved in rows:
        grid.row(month, *(str(moved.get(kind, 0)) for kind in kinds))
    return grid


@dataclass
class Screen:
    """The live view; where nobody watches, one line for each simulated day."""

    days: int
    quiet: bool = False
    desk: str = ""
    _live: Live | None = None
    _day: date | None = None
    _recent: list[str] = field(default_factory=list)

    def __enter__(self) -> Screen:
        out = console()
        if out.is_terminal and not self.quiet:
            self._live = Live(console=out, refresh_per_second=4, transient=True)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, scene: Scene) -> None:
        """Take in one action."""
        if self.quiet:
            return
        if scene.last is not None:
            done = scene.last
            who = f" {done.lead_id[:12]}…" if done.lead_id is not None else ""
            rule = f" ({done.rule})" if done.rule else ""
            said = f"{done.at:%d %b %H:%M}  {done.action}{who}: {done.outcome}, {done.why}{rule}"
            self._recent = [*self._recent[-7:], said]
        day = scene.now.date()
        if self._live is not None:
            self._live.update(self._picture(scene))
        else:
            if self._day is None and self.desk:
                console().print(f"the desk: {self.desk}")
            if day != self._day:
                console().print(self._line(scene))
        self._day = day

    def _line(self, scene: Scene) -> str:
        book = scene.work.book
        funnel = report.counted(book.enrolments(CAMPAIGN))
        number = (scene.now - scene.started).days + 1
        return (
            f"day {number:>2} of {self.days}  {scene.now:%a %d %b %Y}  "
            f"{book.ledger().available:>3} credits  {funnel}"
        )

    def _picture(self, scene: Scene) -> Panel:
        book, today = scene.work.book, scene.work.today()
        bar = Progress(TextColumn("day {task.completed} of {task.total}"), BarColumn(60))
        bar.add_task("days", total=self.days, completed=(scene.now - scene.started).days + 1)
        seen = book.seat().balance_seen
        facts = (
            f"{scene.now:%A, %d %B %Y, %H:%M} UTC\n"
            f"credits {book.ledger().available} (the site showed {seen})   "
            f"today {today.inmails} InMails, {today.messages} messages, "
            f"{today.lead_pages} lead pages\n{report.counted(book.enrolments(CAMPAIGN))}\n"
            f"the desk: {self.desk or 'is not served'}\n"
        )
        lines = Text("\n".join(map(plain, self._recent)))
        return Panel(Group(bar, facts, lines), title="leadwright demo: simulated time")
