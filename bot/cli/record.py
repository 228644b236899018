"""`leadwright record`: the owner clicks, and what the page objects know is kept without people."""

from __future__ import annotations

import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

from bot import lock
from bot.browser import Browser
from bot.browser_finder import find
from bot.cli.common import print_json, seat_of
from bot.cli.plain import plain, say
from bot.cli.teach import understand
from bot.clock import Clock, SystemClock
from bot.daemon import Signals
from bot.errors import BrowserGone, NotLoaded, UsageError
from bot.facts import Snapshot
from bot.pages.reader import Reader
from bot.pages.texts import Texts
from bot.private import refuse_shared
from bot.record.anonymise import Anonymiser
from bot.record.check import check
from bot.record.folder import Recording
from bot.record.invented import Invented
from bot.record.known import Known
from bot.record.lesson import lesson
from bot.record.states import LINE_UNKNOWN, State, states
from bot.record.words import Voice
from bot.seat import Seat


def record(name: str, into: Path | None, home: Path | None) -> int:
    """Watch the seat's own browser until its window is closed or a signal comes."""
    seat = seat_of(name, home)
    folder = seat.paths.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    refuse_shared(seat.paths)
    clock = SystemClock()
    root = into or folder / "recordings" / f"{clock.now():%Y-%m-%d-%H%M%S}"
    if root.exists() and any(root.iterdir()):
        raise UsageError(f"{root}: a recording has a folder of its own; this one is not empty")
    with lock.hold(folder):
        signals = Signals()
        signals.listen()
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        recorder = Recorder(seat.reader, Recording(root), _anonymiser(seat), _owner(seat))
        with _window(seat, clock) as window:
            window.open("/sales/home")
            window.follow()
            say(f"recording into {root}: click through the site; close the window to end")
            sys.stdout.flush()
            _watch(window, recorder, signals)
    count = len(recorder.recording.saved)
    say(f"{count} pages are in {root}; look: `leadwright record --check {root}`")
    return 0


def check_command(
    root: Path, seat: str | None, owner: str | None, home: Path | None, as_json: bool
) -> int:
    """Look through a recording for what should not be there; exit code 1 if anything is.

    seat  its own texts are the site's words, too
    """
    texts = seat_of(seat, home).reader.texts if seat is not None else Texts.shipped()
    found = check(root, Known(texts), (owner,) if owner else ())
    if as_json:
        print_json({"clean": not found, "findings": found})
        return 1 if found else 0
    for each in found:
        say(plain(str(each)))
    say(f"{len(found)} thing(s) that should not be there" if found else "clean")
    return 1 if found else 0


@dataclass(slots=True)
class Recorder:
    """Keeps each state of the pages once, when it has come to rest."""

    reader: Reader
    recording: Recording
    anonymiser: Anonymiser
    owner: str | None
    _last: tuple[State, ...] = ()

    def see(self, page: Snapshot) -> None:
        """Take in the page as it is now; what was not the same a moment ago is waited for."""
        known = states(self.reader, page, self.owner)
        came_to_rest, self._last = known == self._last, known
        new = [each for each in known if not self.recording.has(each)]
        if came_to_rest and new:
            self._keep(page, new)

    def _keep(self, page: Snapshot, new: list[State]) -> None:
        clean = self.anonymiser.snapshot(page)
        owner = self.owner or self.reader.owner_first_name(page)
        invented = self.anonymiser.text(owner, Voice.NAME) if owner else None
        same = {(each.page, each.case) for each in states(self.reader, clean, invented)}
        for each in new:
            case = self.recording.add(each, clean, invented)
            understood = understand(self.reader, each.page, clean, invented)
            case.put(understood, force=True)
            said = f"saved {case.path.relative_to(self.recording.root)}"
            said += " as an error" if understood.is_error else ""
            if (each.page, each.case) not in same:
                said += " (without its people it reads otherwise: look at it)"
            say(said)
            if each.case.startswith(LINE_UNKNOWN):
                _tell_line(self.reader, page)
            sys.stdout.flush()


def _tell_line(reader: Reader, page: Snapshot) -> None:
    """Show a credit line that is not known to the owner alone: in the recording it is replaced."""
    for hook in lesson(reader, page, "composer"):
        if hook.page == "composer" and hook.key == "line" and hook.text:
            say(f"  not known is its line: {hook.text}")
            say("  a wording for texts/<language>.toml; the recording does not keep it")


def _watch(window: Browser, recorder: Recorder, signals: Signals) -> None:
    while not signals.asked():
        try:
            window.newest()
            page = window.snapshot(changed=True, hear=False)
        except NotLoaded:
            continue  # the page changes just now: it is looked at again
        except BrowserGone:
            return
        recorder.see(page)


def _window(seat: Seat, clock: Clock) -> Browser:
    return Browser(
        seat.paths.profile,
        find(seat.settings.browser.executable),
        seat.settings.site.base_url,
        now=clock.now,
        headless=seat.settings.browser.record_headless,
    )


def _owner(seat: Seat) -> str | None:
    return seat.policy.owner_first_name or None


def _anonymiser(seat: Seat) -> Anonymiser:
    """With a key that nobody keeps: from the recording alone nothing leads back."""
    owner = _owner(seat)
    words = Invented(secrets.token_bytes(32))
    return Anonymiser(words, Known(seat.reader.texts), (owner,) if owner else ())
