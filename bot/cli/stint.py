"""`run --once` and `run --dry-run`: one stint in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import lock, log, meter, pulse
from bot.announcing import look
from bot.browser_turns import Ticket, somebody_waits
from bot.carry_out import ALWAYS, carry_out_all
from bot.cli.common import print_json, seat_of
from bot.cli.plain import plain, say
from bot.cli.waiting import STOPPED, become, told_of, waits
from bot.clock import Clock, SimulatedClock, SystemClock
from bot.config import is_local
from bot.contacts import load_do_not_contact
from bot.daemon import Signals
from bot.errors import BrowserGone, LeadwrightError, MustWait, UsageError
from bot.metering import Metering
from bot.model import Done
from bot.ports import Book
from bot.pulse import Pulse
from bot.retaining import let_go
from bot.seat import Seat, open_store
from bot.stint import End, prune, work_through
from bot.store.store import Store
from bot.work import Work
from bot.workplace import make_ready, opened

_log = log.get("agent")

FOREVER = timedelta(days=3650)
LONGEST_PAUSE = timedelta(minutes=20)
CRASHED = 1  # the exit code of an error that nobody raised on purpose
# What a simulated clock may show: enough before and after it for every span that is counted.
EARLIEST, LATEST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2900, 1, 1, tzinfo=UTC)


def once(
    name: str,
    home: Path | None,
    *,
    dry_run: bool,
    stay: bool,
    at: str | None,
    as_json: bool,
) -> int:
    """Do everything that is due now; with *stay* go on until stopped. Exit code 3 if halted."""
    seat = seat_of(name, home)
    folder = seat.paths.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handed = lock.adopt(folder)
    with handed or lock.hold(folder):
        clock = _clock(seat, at)
        log.configure(seat.paths.logs, now=clock.now, terminal=False)
        teller = Teller(folder, clock, as_json, Metering(folder), dry_run=dry_run)
        pause = timedelta(seconds=seat.policy.pause_seconds[1])
        # A watchdog waits for each action of a daemon's stint; what the owner starts has no other.
        patience = FOREVER if stay else min(pause, LONGEST_PAUSE) if handed is not None else pause
        code, found = CRASHED, told_of(seat.paths)
        try:
            code = _stint(seat, teller, patience, handed=handed is not None)
        except MustWait as wait:
            if handed is None:
                raise
            ticket = Ticket(seat.paths.browsers, wait.number, wait.fd)
            become(ticket, seat.settings.browser.at_once, seat.paths, handed, found)
        except LeadwrightError as error:
            teller.failed(error)
            code = error.exit_code
            raise
        finally:
            if handed is None and not dry_run:  # else its daemon counts it, however it ended
                meter.count_stint(folder, code)
        return code


def _stint(seat: Seat, teller: Teller, patience: timedelta, *, handed: bool) -> int:
    """Work what is due; the exit code. Raises MustWait in a stint that a daemon *handed* the lock.

    One of its own waits for its turn with a browser as it is.
    """
    signals = Signals()
    signals.listen()
    browsers, at_once = seat.paths.browsers, seat.settings.browser.at_once

    def waiting(ticket: Ticket, ahead: int) -> None:
        teller.waits(ahead)
        if signals.asked():  # asked for first: another program would not know of it
            raise BrowserGone(STOPPED)
        if handed:
            raise MustWait(ticket.number, ticket.fd)

    with opened(
        seat,
        teller.clock,
        dry_run=teller.dry_run,
        waiting=waiting,
        opens=teller.metering.browser_opens,
    ) as bare:
        work = teller.metering.watch(bare)
        asked = Orders(work, teller.folder)
        asked.carry_out(of=ALWAYS)
        make_ready(work)
        if (halted := work.book.seat().halted) is not None:
            say(f"halted: {plain(halted.reason)}", sys.stderr)
        work = _let_go(seat, bare, work, teller)
        asked.work = work
        prune(work)
        end = work_through(
            work,
            patience=patience,
            tell=teller.tell,
            stopped=lambda: signals.asked() or asked.changed_lists,
            orders=lambda: asked.carry_out(stopped=signals.asked),
            late=teller.metering.late,
            gives_way=lambda: handed and somebody_waits(browsers, at_once),
        )
        stands_still = end.halted or work.book.seat().halted is not None
        if isinstance(bare.book, Store) and not teller.dry_run:
            look(seat, bare.book, teller.clock.now())
    teller.ended(end)
    return 3 if stands_still else 0


def _let_go(seat: Seat, bare: Work, work: Work, teller: Teller) -> Work:
    """Let go of what is kept for too long; the same work, which knows who was forgotten (K5).

    A dry run lets nothing go: a real one may need it.
    """
    if teller.dry_run or not isinstance(bare.book, Store):
        return work
    gone = let_go(seat, bare.book, teller.clock.now())
    if told := str(gone):
        _log.info("let go", rule="K5", why=told)
        say(f"let go by age: {told}", sys.stderr)
    if not gone.leads:
        return work
    return replace(work, contacts=load_do_not_contact(seat.paths.home))


@dataclass(slots=True)
class Orders:
    """What people ask meanwhile. `changed_lists`: this stint ends, the next one reads them anew."""

    work: Work
    folder: Path
    changed_lists: bool = False

    def carry_out(
        self, of: tuple[type, ...] = (object,), stopped: Callable[[], bool] = lambda: False
    ) -> None:
        """Carry out what waits."""
        changed = carry_out_all(self.work, self.folder, of=of, stopped=stopped)
        self.changed_lists |= changed


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells each action on stdout, in the log, and in the seat's pulse.

    A dry run has no pulse and no meter: what it plans stands in a copy of the book, and will not
    happen (T5).
    """

    folder: Path
    clock: Clock
    as_json: bool
    metering: Metering
    dry_run: bool = False

    def waits(self, ahead: int) -> None:
        """Other seats have all browsers that may be open."""
        self._beat(waits(self.clock.now(), ahead))

    def tell(self, done: Done) -> None:
        """One line for each action and its outcome; never a text or a name in the log."""
        facts = {"action": done.action, "outcome": done.outcome, "lead_id": done.lead_id}
        _log.info(done.action, **facts, rule=done.rule, why=done.why)
        self._beat(Pulse(self.clock.now(), f"{done.action}: {done.outcome}"))
        self._count(lambda: self.metering.told(done))
        if self.as_json:
            print_json(done)
            return
        who = f" {done.lead_id}" if done.lead_id is not None else ""
        rule = f" ({done.rule})" if done.rule else ""
        told = f"{done.action}{who}: {done.outcome}, {plain(done.why)}{rule}"
        say(f"{done.at:%Y-%m-%d %H:%M:%S} {told}")
        if done.text:
            say("\n".join(f"    {line}" for line in done.text.splitlines()))
        sys.stdout.flush()

    def ended(self, end: End) -> None:
        """What is waited for now."""
        now = self.clock.now()
        self._count(lambda: self.metering.ended(end.wait))
        if end.wait is None:
            self._beat(Pulse(now, "halted" if end.halted else "stopped", asleep=True))
            return
        until, reason = end.wait.until, end.wait.reason
        why = f"{reason.text} ({reason.rule})"
        self._beat(Pulse(now, "nothing is due", until, "wait", why, asleep=True))
        _log.info("wait", until=until, rule=reason.rule, why=reason.text)
        if self.as_json:
            told = {"at": now, "action": "wait", "lead_id": None, "outcome": "done", "why": why}
            print_json({**told, "rule": reason.rule, "until": until})
        else:
            when = f"until {until:%Y-%m-%d %H:%M:%S} UTC" if until is not None else "for its owner"
            say(f"{now:%Y-%m-%d %H:%M:%S} wait {when}: {plain(why)}")

    def failed(self, error: LeadwrightError) -> None:
        """The stint could not go on; the next one settles what is open."""
        _log.error("the stint failed", error=error, why=str(error))
        with suppress(OSError):  # it would hide why the stint failed
            self._beat(Pulse(self.clock.now(), f"failed: {error}", asleep=True))
        self._count(lambda: self.metering.failed(self.clock.now()))

    def _beat(self, beat: Pulse) -> None:
        if not self.dry_run:
            pulse.write(self.folder, beat)

    def _count(self, count: Callable[[], None]) -> None:
        if not self.dry_run:
            count()


def _clock(seat: Seat, at: str | None) -> Clock:
    """The machine's clock, or a simulated one, never before what the state has seen."""
    if at is None:
        return SystemClock()
    if not is_local(seat.settings.site.base_url):
        raise UsageError("--at needs a site on this machine: base_url must be a loopback address")
    try:
        asked = datetime.fromisoformat(at)
    except ValueError:
        raise UsageError(f"--at {at}: a time such as 2026-03-02T09:00:00Z is allowed") from None
    asked = asked.replace(tzinfo=UTC) if asked.tzinfo is None else asked
    if not EARLIEST <= asked <= LATEST:
        raise UsageError(f"--at {at}: a time from {EARLIEST:%Y} to {LATEST:%Y} is allowed")
    with open_store(seat) as store:
        return SimulatedClock(max([asked, *_times(store)]))


def _times(book: Book) -> list[datetime]:
    """The latest times in a state, one of each sort."""
    seat = book.seat()
    halted = seat.halted.since if seat.halted is not None else None
    times = (seat.last_send_at, seat.inbox_read_at, seat.balance_read_at, halted)
    return [time for time in (*times, book.ledger().granted_to) if time is not None]
