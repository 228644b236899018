"""Every error this program raises on purpose, and what its catcher should do.

LeadwrightError
  UsageError            wrong usage or configuration: print every fault, exit 2
  WorkFailed            this piece of work cannot be done: print why, exit 1
    BrowserMissing      there is no browser to start: as StoreBroken
  SeatBusy              another process holds the seat: exit 4
  SeatHalted            the site asks for a person (L5): click nothing, tell the owner, exit 3
  StoreBroken           the state file cannot be trusted: exit 1, and no daemon tries again
  StopRequested         a signal came between two steps: end the stint, exit 0
  LockedOut             the dry run's second lock stopped a request (T5): the code is wrong, exit 1
  SiteUnreachable       the network or the site is down: end the stint, come back later
  BrowserGone           browser or driver died: end the stint; the next one settles what is open
  MustWait              other seats have all browsers: end the stint; it goes on when its turn comes
  PageError             nothing was read from this page; none of it may be used
    NotLoaded           read it again, a bounded number of times
    WrongPage           this is another page than the one asked for
    Missing             the site has no such page: it concerns its lead, not the seat (L5)
    LayoutChanged       the page is the right one and a hook is gone: keep it, hold the lead

What belongs to a day's work (no credit left, lead unreachable, end of a send not known) is a
value (model.Outcome, facts), not an error.
"""

from __future__ import annotations

from dataclasses import dataclass

LASTING_CODE = 70  # a stint to its daemon, never to a user: another try cannot help


class LeadwrightError(Exception):
    """The root of all errors that are raised on purpose.

    exit_code  the process's
    lasting    it does not heal by itself: a daemon that tried again would only wait
    """

    exit_code = 1
    lasting = False


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in what the owner wrote.

    place    the file as the owner would name it
    key      dotted key, e.g. "seats.alice.inmails_per_day" or "follow_up.2.after_days"
    found    what stands there, as text
    allowed  what may stand there, as a sentence
    line     1-based line in the file, if known
    """

    place: str
    key: str
    found: str
    allowed: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"{self.place}:{self.line}" if self.line is not None else self.place
        return f"{where}: {self.key}: found {self.found}; {self.allowed}"


class UsageError(LeadwrightError):
    """What the owner wrote or typed is wrong; `faults` holds all of it at once."""

    exit_code = 2

    def __init__(self, message: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults


class WorkFailed(LeadwrightError):
    """The work cannot be done; the message says why and what to do next."""


class BrowserMissing(WorkFailed):
    """There is no browser at the configured place, or none at all."""

    lasting = True


class SeatBusy(LeadwrightError):
    """Another process holds the seat."""

    exit_code = 4


class SeatHalted(LeadwrightError):
    """The site asks for a person. `kind` is a word of facts.HaltKind."""

    exit_code = 3

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


class StoreBroken(LeadwrightError):
    """The state file is damaged, newer than this program, or not ours."""

    lasting = True


class StopRequested(LeadwrightError):
    """The owner or the machine asked the stint to end; raised between steps, never in one."""

    exit_code = 0


class LockedOut(LeadwrightError):
    """A request that could write was refused by the browser context in a dry run (T5)."""


class BrowserGone(LeadwrightError):
    """The browser, its driver or the connection to it is gone, or it never started."""


class MustWait(LeadwrightError):
    """All browsers that may be open are: close everything, and wait for a turn in little room.

    number, fd  of the place in the queue, which is kept meanwhile (browser_turns.Ticket)
    """

    def __init__(self, number: int, fd: int) -> None:
        super().__init__("it is not its turn with a browser yet")
        self.number = number
        self.fd = fd


class SiteUnreachable(LeadwrightError):
    """No connection to the site could be made, three times in a row."""


class PageError(LeadwrightError):
    """Nothing was read. `page` is the page object, `key` the hook that did not hold."""

    def __init__(self, page: str, key: str, reason: str) -> None:
        super().__init__(f"{page}.{key}: {reason}")
        self.page = page
        self.key = key
        self.reason = reason


class NotLoaded(PageError):
    """The page is still a shell, or part of it has not been filled yet."""


class WrongPage(PageError):
    """Another page than the one that was asked for."""


class Missing(PageError):
    """The site says that this page does not exist."""


class LayoutChanged(PageError):
    """The right page, but a hook is missing or two matches contradict each other."""
