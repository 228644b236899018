"""What stints count beside the books: it only grows, and whoever counts ends no work."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from simulation.rig import Rig, scenario

from bot import meter
from bot.clock import SimulatedClock
from bot.daemon import Signals, Watch, Watched, keep_running
from bot.errors import (
    BrowserGone,
    LayoutChanged,
    LeadwrightError,
    LockedOut,
    Missing,
    NotLoaded,
    SeatHalted,
    SiteUnreachable,
    WrongPage,
)
from bot.meter import Meter
from bot.metering import RESULTS, Metering
from bot.model import Done, Lead, Outcome, Reason, Wait
from bot.ports import Site
from bot.stint import work_through

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
DONE = Done(NOW, "look", Outcome.DONE, "read")
PEOPLE = "Ada credit accept-default 1\nBen free\nCy unreachable"
MINUTE = timedelta(minutes=1)
ERRORS: dict[str, LeadwrightError] = {
    "not-loaded": NotLoaded("lead", "name", "?"),
    "wrong-page": WrongPage("lead", "name", "?"),
    "missing": Missing("site", "missing", "?"),
    "layout-changed": LayoutChanged("lead", "name", "?"),
    "halted": SeatHalted("challenge", "?"),
    "unreachable": SiteUnreachable("?"),
    "browser-gone": BrowserGone("?"),
    "failed": LockedOut("?"),
}


def full() -> Meter:
    made = Meter(browser_seconds=2.5, browsers=3, lag_seconds=61.5, due_at=NOW)
    made.page_reads["lead", "read"] = 7
    made.actions["inmail", "sent"] = 2
    made.stints["signal",] = 1
    made.lags[2] = 1
    return made


def test_what_was_counted_is_read_again(tmp_path: Path) -> None:
    """A meter comes back as it was written, in one file that is its owner's."""
    meter.write(tmp_path, Meter())
    meter.write(tmp_path, full())
    assert meter.read(tmp_path) == full()
    assert [file.name for file in tmp_path.iterdir()] == [meter.FILE]


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.pop("lags"),
        lambda told: told.update(lags=[1, 2]),
        lambda told: told.update(browsers=-1),
        lambda told: told.update(browsers=True),
        lambda told: told.update(browsers=2**60),
        lambda told: told.update(browser_seconds=float("nan")),
        lambda told: told.update(lag_seconds=float("inf")),
        lambda told: told.update(due_at="2026-03-03T10:00:00"),
        lambda told: told.update(page_reads=[["lead", 7]]),
        lambda told: told.update(page_reads=7),
        lambda told: told.update(actions=[["inmail", "sent", "2"]]),
    ],
)
def test_a_file_that_says_nothing_is_no_meter(
    tmp_path: Path, change: Callable[[dict[str, object]], object]
) -> None:
    """A torn or foreign file is none, and whoever counts next begins anew."""
    meter.write(tmp_path, full())
    told = json.loads((tmp_path / meter.FILE).read_text())
    change(told)
    (tmp_path / meter.FILE).write_text(json.dumps(told))
    assert meter.read(tmp_path) is None
    meter.count_stint(tmp_path, 0)
    assert meter.read(tmp_path) == Meter(stints=Counter({("0",): 1}))


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "[" * 100_000, "\ud800"])
def test_a_torn_file_breaks_nothing(tmp_path: Path, text: str) -> None:
    """Whatever bytes lie there."""
    (tmp_path / meter.FILE).write_bytes(text.encode("utf-8", "surrogatepass"))
    assert meter.read(tmp_path) is None


def test_a_kill_in_the_middle_of_writing_leaves_what_was(tmp_path: Path) -> None:
    """Half a new file beside the old one is none: the old one stands, and is counted on."""
    meter.write(tmp_path, full())
    (tmp_path / f"{meter.FILE}.new").write_text('{"page_reads": [["lead", "re')
    assert meter.read(tmp_path) == full()
    meter.count_stint(tmp_path, -9)
    found = meter.read(tmp_path)
    assert found is not None
    assert found.stints == {("signal",): 2}


def test_who_cannot_write_ends_no_work(tmp_path: Path) -> None:
    """A full disk, or a folder that is gone, is no error of the counting."""
    (tmp_path / f"{meter.FILE}.new").symlink_to("/dev/full")
    meter.write(tmp_path, full())
    meter.count_stint(tmp_path / "gone", 0)
    assert meter.read(tmp_path) is None


@pytest.mark.parametrize("word", ERRORS)
def test_every_page_is_counted_by_what_came_of_it(tmp_path: Path, word: str) -> None:
    """An error is counted by its class, and raised on as it was."""
    rig, metering = Rig(scenario(PEOPLE)), Metering(tmp_path)

    class Failing:
        def __getattr__(self, name: str) -> object:
            return getattr(rig.site, name)

        def open_lead(self, lead: Lead) -> object:
            raise ERRORS[word]

    rig.restart(site=Failing())  # type: ignore[arg-type]
    site: Site = metering.watch(rig.work).site
    with pytest.raises(type(ERRORS[word])):
        site.open_lead(Lead("ACwAAAda", "Ada Invented"))
    assert metering.meter.page_reads == {("lead", word): 1}
    assert word in RESULTS


def test_a_stints_pages_and_actions_are_those_of_the_site(tmp_path: Path) -> None:
    """Each page that the site served was counted as read, and each action that was told."""
    rig, metering = Rig(scenario(PEOPLE)), Metering(tmp_path)
    work = metering.watch(rig.work)
    metering.browser_opens()

    def tell(done: Done) -> None:
        rig.done.append(done)
        metering.told(done)

    end = work_through(
        work, patience=10 * MINUTE, tell=tell, stopped=lambda: False, late=metering.late
    )
    metering.ended(end.wait)
    found = meter.read(tmp_path)
    assert found is not None
    views = rig.truth.views
    for page in ("lead", "inbox", "results"):
        assert found.page_reads[page, "read"] == views.get(page, 0), (page, views)
    assert found.page_reads["composer", "read"] > 0
    assert found.actions["inmail", "sent"] == len(rig.sent()) == 2
    assert found.actions == Counter((done.action, done.outcome) for done in rig.done)
    assert found.browser_seconds > 0
    assert found.browsers == 1
    assert end.wait is not None
    assert found.due_at == end.wait.until


def test_a_stint_without_a_page_opens_no_browser(tmp_path: Path) -> None:
    """The browser's time is that of a browser."""
    metering = Metering(tmp_path)
    metering.watch(Rig(scenario(PEOPLE)).work)
    metering.ended(None)
    found = meter.read(tmp_path)
    assert found is not None
    assert (found.browsers, found.browser_seconds) == (0, 0)


def test_how_late_what_was_due_is_begun(tmp_path: Path) -> None:
    """From when it was due to when a stint began it, once, whatever failed in between."""
    rig = Rig(scenario(PEOPLE))
    first = Metering(tmp_path)
    first.watch(rig.work)
    due_at = rig.clock.now() + MINUTE
    first.ended(Wait(due_at, Reason("L4", "a pause")))
    rig.clock.advance(2 * MINUTE)
    failing = Metering(tmp_path)
    failing.watch(rig.work)
    failing.failed(rig.clock.now())
    rig.clock.advance(4 * MINUTE)
    second = Metering(tmp_path)
    second.watch(rig.work)
    second.told(DONE)
    second.told(DONE)
    found = meter.read(tmp_path)
    assert found is not None
    assert (sum(found.lags), found.lag_seconds) == (1, 5 * 60)
    assert found.lags[meter.LAG_BOUNDS.index(300.0)] == 1


def test_what_a_stint_failed_at_is_due_since_then(tmp_path: Path) -> None:
    """After something was done, too: the next stint is late by the time between."""
    rig = Rig(scenario(PEOPLE))
    failing = Metering(tmp_path)
    failing.watch(rig.work)
    failing.told(DONE)
    failing.failed(rig.clock.now())
    rig.clock.advance(15 * MINUTE)
    second = Metering(tmp_path)
    second.watch(rig.work)
    second.told(DONE)
    assert second.meter.lag_seconds == 15 * 60


def test_what_an_order_begins_early_is_not_late(tmp_path: Path) -> None:
    """A stint before the time that was waited for counts no delay."""
    rig = Rig(scenario(PEOPLE))
    first = Metering(tmp_path)
    first.watch(rig.work)
    first.ended(Wait(rig.clock.now() + MINUTE, Reason("L4", "a pause")))
    second = Metering(tmp_path)
    second.watch(rig.work)
    second.told(DONE)
    assert sum(second.meter.lags) == 0


def test_a_clock_that_was_set_back_makes_nothing_early() -> None:
    """No delay is below nothing, and one beyond all bounds is counted too."""
    found = Meter()
    found.late(-MINUTE)
    found.late(timedelta(days=30))
    assert (found.lags[0], found.lags[-1]) == (1, 1)
    assert found.lag_seconds == timedelta(days=30).total_seconds()


def test_a_wait_within_a_stint_is_measured() -> None:
    """Each wait that came to its end tells when it was due, and when that is."""
    rig, heard = Rig(scenario(PEOPLE)), list[tuple[datetime, datetime]]()
    work_through(
        rig.work,
        patience=timedelta(hours=2),
        tell=rig.done.append,
        stopped=lambda: False,
        late=lambda due_at, now: heard.append((due_at, now)),
        until=rig.clock.now() + timedelta(hours=6),
    )
    assert heard
    assert all(now == due_at for due_at, now in heard)  # a simulated clock is never late


def test_the_daemon_counts_how_its_stints_ended(tmp_path: Path) -> None:
    """One that was killed is counted by whoever saw it."""
    codes = iter([1, -9, 0, 3])
    watch = Watch(tmp_path, SimulatedClock(NOW), Signals())
    assert keep_running(lambda: next(codes), watch, Watched(()), lambda _: None) == 3
    found = meter.read(tmp_path)
    assert found is not None
    assert found.stints == {("1",): 1, ("signal",): 1, ("0",): 1, ("3",): 1}
