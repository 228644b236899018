"""What is kept goes by age: wholly, once a day, and after a crash the next stint goes on."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from simulation.rig import CAMPAIGN, POLICY, Rig, scenario

from bot import forgetting, log, oldlogs, orders, pulse, retaining, visited
from bot.carry_out import carry_out
from bot.config import BrowserSettings, Settings, SiteSettings
from bot.contacts import FILE, load_do_not_contact
from bot.decided import Decision
from bot.facts import Snapshot
from bot.kept import retention_of
from bot.model import Changes, Enrolment, KnownThread, Lead, Reason
from bot.places import SeatPaths
from bot.policy import RetentionPolicy
from bot.pulse import Pulse
from bot.retaining import LetGo, let_go
from bot.rules.contacts import DoNotContact
from bot.rules.replies import mark_of
from bot.seat import Seat
from bot.store.evidence import Evidence
from bot.store.store import Store

PEOPLE = """
    Ada credit accept-default 1
    Bob credit accept-default 1
    Cyd credit reject-default 1
    Dan credit own-words 1
    Eva credit
"""
HUNDRED = RetentionPolicy(leads_days=100)
NAMES = ("Ada", "Bob", "Cyd", "Dan", "Eva")


@dataclass
class Lived:
    """A seat that wrote to five people, long ago, with all that is kept of it."""

    rig: Rig
    store: Store
    seat: Seat

    def let_go(self, days: float = 0, **kept: int) -> LetGo:
        """Some days later, with these periods."""
        self.rig.clock.sleep_until(self.rig.clock.now() + timedelta(days=days))
        retention = replace(self.seat.policy.retention, **kept)
        self.seat = replace(self.seat, policy=replace(self.seat.policy, retention=retention))
        return let_go(self.seat, self.store, self.rig.clock.now())

    def known(self) -> set[str]:
        """Whom the state still knows."""
        return {name for name in NAMES if self.store.lead(f"ACwAA{name}") is not None}

    def work(self, *names: str) -> None:
        """The owner is done with their answers."""
        for name in names:
            order = orders.Done(f"ACwAA{name}", mark_of(self.rig.enrolment(name)))
            assert carry_out(self.rig.work, order).done


@pytest.fixture
def lived(tmp_path: Path) -> Lived:
    """Ada and Bob accepted and got everything, Cyd rejected, Dan wrote, Eva is silent."""
    paths = SeatPaths(tmp_path, "alice")
    paths.logs.mkdir(parents=True)
    rig = Rig(scenario(PEOPLE), path=paths.state)
    rig.run(days=20)
    evidence = Evidence(paths.evidence)
    for name in NAMES:
        told = Decision(f"founders/ACwAA{name}#0.1@1", rig.clock.now(), "inmail", "sent", "")
        heard = f"<p>{name} Invented</p><i>{name} writes in own words</i>"
        evidence.keep(told, Snapshot(heard))
    page = "<p>{\\u0022name\\u0022: \\u0022\\u0041da Invented\\u0022}</p>"
    evidence.keep(Decision("inbox@1", rig.clock.now(), "read-inbox", "done", ""), Snapshot(page))
    lines = "".join(f'{{"lead_id":"ACwAA{name}","at":"2026-03-09T09:00:00Z"}}\n' for name in NAMES)
    (paths.logs / log.FILE).write_text(lines)
    ticket = orders.leave(paths.folder, orders.Release("ACwAAAda"))
    orders.done(ticket, orders.Answered(done=True, text="ACwAAAda is released"))
    (paths.orders / "00000009.json.bad").write_text('{"order": "reply", "lead_id": "ACwAAAda"}')
    pulse.write(paths.folder, Pulse(rig.clock.now(), "inmail of ACwAAAda"))
    history = paths.profile / "Default" / "History"
    history.parent.mkdir(parents=True)
    history.write_text("/sales/lead/ACwAAAda Ada Invented")
    (history.parent / "Preferences").write_text("{}")
    (history.parent / "Cookies").write_text("the sign-in")
    assert isinstance(rig.store, Store)
    settings = Settings(tmp_path, SiteSettings(), BrowserSettings(), {})
    seat = Seat(settings, replace(POLICY, retention=HUNDRED), paths, (CAMPAIGN,), DoNotContact())
    return Lived(rig, rig.store, seat)


def everything_under(folder: Path) -> bytes:
    """What a thief would find: every file, compressed pages opened, letters spelled out."""
    found = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    opened = [gzip.decompress(each) for each in found if each.startswith(b"\x1f\x8b")]
    whole = b"".join([*found, *opened])
    return (whole + whole.replace(b"\\\\u0041", b"A")).lower()


def test_nothing_is_left_in_any_file_of_whoever_was_over_for_long_enough(lived: Lived) -> None:
    """K5: neither ids, names, threads nor texts; of whoever stays all of it is there."""
    lived.work("Ada", "Dan")
    paths, store = lived.seat.paths, lived.store
    ids = {each: store.thread_ids(f"ACwAA{each}") for each in ("Ada", "Cyd", "Dan")}
    words = [word for name in ids for word in (f"ACwAA{name}", f"{name} Invented", *ids[name])]
    words += [f"A question, {name}" for name in ids] + [f"Thank you, {name}" for name in ("Ada",)]
    words += [store.enrolments_of("ACwAADan")[0].answer.words]  # type: ignore[union-attr]
    before = everything_under(paths.home)
    assert all(word and word.lower().encode() in before for word in words)
    assert lived.let_go(days=79).leads == 0, "Cyd's answer is 98 days old"
    assert lived.let_go(days=22).leads == 3
    store.close()
    after = everything_under(paths.home)
    assert [word for word in words if word.lower().encode() in after] == []
    for word in ("ACwAABob", "Bob Invented", "A question, Bob", "ACwAAEva", "the sign-in"):
        assert word.lower().encode() in after


def test_whoever_is_waited_for_stays_whatever_their_age(lived: Lived) -> None:
    """An answer that nobody has worked, an unread thread, a hold, and an order that waits."""
    assert lived.let_go(days=3_000, unanswered_days=0).leads == 1, "Cyd, who rejected, alone"
    assert lived.known() == {"Ada", "Bob", "Dan", "Eva"}
    lived.work("Ada", "Bob", "Dan")
    thread = lived.store.thread_of("ACwAAAda")
    assert thread is not None
    lived.store.commit(Changes(threads=(replace(thread, seen="something new"),)))
    held = replace(lived.rig.enrolment("Dan"), hold=Reason("K8", "held"))
    lived.store.commit(Changes(enrolments=(held,)))
    orders.leave(lived.seat.paths.folder, orders.Release("ACwAABob"))
    assert lived.let_go(days=3_000).leads == 0
    found = retention_of(lived.seat, lived.store, lived.rig.clock.now(), 10)
    assert {each.rule for each in found.stays} >= {"T7"}
    assert lived.known() == {"Ada", "Bob", "Dan", "Eva"}


def test_a_refund_that_is_missing_keeps_its_lead(lived: Lived) -> None:
    """C11: as long as the site's balance lacks it, its InMail can be looked up."""
    lived.work("Ada", "Bob", "Dan")
    assert retaining.audit_of(lived.seat, lived.store, lived.rig.clock.now()).refunds_missing == ()
    readings = list(lived.store.readings())
    late = lived.rig.clock.now() + timedelta(days=3)
    short = replace(readings[-1], at=late, seen=0, expected=1)
    lived.store.commit(Changes(readings=(short,)))
    missing = retaining.audit_of(lived.seat, lived.store, late).refunds_missing
    assert missing
    lived.let_go(days=3_000)
    owed = {each.lead_id for each in missing}
    assert owed <= {f"ACwAA{name}" for name in lived.known()}


def test_who_was_never_answered_goes_by_a_period_of_their_own(lived: Lived) -> None:
    """Eva's InMail was 20 days old; nobody else waits for an answer."""
    assert lived.let_go(days=3_000, leads_days=0).leads == 0
    assert lived.let_go(days=1, unanswered_days=90).leads == 1
    assert lived.known() == {"Ada", "Bob", "Cyd", "Dan"}


def test_with_the_defaults_nobody_and_nothing_goes(lived: Lived) -> None:
    """What an owner has not asked for does not happen."""
    lived.work("Ada", "Bob", "Dan")
    lived.seat = replace(lived.seat, policy=replace(lived.seat.policy, retention=RetentionPolicy()))
    before = everything_under(lived.seat.paths.home)
    assert lived.let_go(days=9_000) == LetGo()
    assert lived.known() == set(NAMES)
    assert len(everything_under(lived.seat.paths.home)) == len(before)


def test_they_are_never_written_to_again_and_the_ledger_keeps_its_figures(lived: Lived) -> None:
    """K5, C10: an import leaves them out; what was spent and came back stands as it was."""
    lived.work("Ada", "Bob", "Dan")
    figures = [(e.at, e.kind, e.credits) for e in lived.store.entries()]
    ledger, funnel = lived.store.ledger(), lived.store.funnel("founders")
    assert lived.let_go(days=3_000).leads == 4
    assert [(e.at, e.kind, e.credits) for e in lived.store.entries()] == figures
    assert lived.store.ledger().totals == ledger.totals
    after = lived.store.funnel("founders")
    told = (after.leads, after.credit, after.accepted, after.rejected)
    assert told == (funnel.leads, funnel.credit, funnel.accepted, funnel.rejected)
    contacts = load_do_not_contact(lived.seat.paths.home)
    assert all(contacts.is_erased(f"ACwAA{name}") for name in ("Ada", "Bob", "Cyd", "Dan"))
    sent = len(lived.rig.sent())
    lived.rig.work = replace(lived.rig.work, contacts=contacts)
    state = replace(lived.store.campaign("founders"), cursor=1)
    lived.store.commit(Changes(campaigns=(state,)))
    lived.rig.run(days=20)
    assert len(lived.rig.sent()) == sent
    assert lived.known() == {"Eva"}


STEPS = ("erase", "Evidence", "orders.forget", "pulse.forget", "_write_over", "visited.forget")


@pytest.mark.parametrize("step", [*STEPS, "Store.erase"])
def test_after_a_crash_at_any_step_the_next_stint_goes_on(
    lived: Lived, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state knows them until all else is gone, so nobody is half forgotten for good."""
    lived.work("Ada", "Bob", "Dan")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    owner = {
        "orders.forget": orders,
        "pulse.forget": pulse,
        "visited.forget": visited,
        "Store.erase": Store,
    }.get(step, forgetting)
    with monkeypatch.context() as broken:
        broken.setattr(owner, step.rpartition(".")[2], die)
        with pytest.raises(KeyboardInterrupt):
            lived.let_go(days=3_000)
    assert lived.known() == set(NAMES), "the state forgets last"
    assert lived.let_go().leads == 4
    lived.store.close()
    after = everything_under(lived.seat.paths.home)
    assert b"ada invented" not in after
    assert b"acwaaada" not in after
    hashes = (lived.seat.paths.home / FILE).read_text().splitlines()[1:]
    assert len(set(hashes)) == len(hashes), "each hash once"


def test_it_is_done_once_a_day_and_of_many_some_in_each_stint(
    lived: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stint forgets so many at most, the next one goes on, and then it rests until tomorrow."""
    lived.work("Ada", "Bob", "Dan")
    monkeypatch.setattr(retaining, "MOST_LEADS", 3)
    assert lived.let_go(days=3_000).leads == 3
    assert lived.store.seat().let_go is None
    assert lived.let_go().leads == 1
    assert isinstance(lived.store.seat().let_go, date)
    assert lived.let_go(unanswered_days=90).leads == 0, "tomorrow"
    assert lived.let_go(days=1).leads == 1
    assert lived.known() == set()


def test_who_was_skipped_before_anything_happened_counts_from_when_it_was_seen(
    lived: Lived,
) -> None:
    """Nothing tells when that was: their days begin with the first look."""
    store = lived.store
    skipped = Enrolment("founders/ACwAAFay", "ACwAAFay", "founders", 9, skip=Reason("K5", "listed"))
    store.commit(Changes(leads=(Lead("ACwAAFay", "Fay Invented"),), enrolments=(skipped,)))
    lived.let_go(days=500)
    assert store.lead("ACwAAFay") is not None
    lived.let_go(days=99)
    assert store.lead("ACwAAFay") is not None
    lived.let_go(days=2)
    assert store.lead("ACwAAFay") is None


def test_whose_id_begins_anothers_takes_nothing_of_theirs(lived: Lived) -> None:
    """An id is compared as a whole where rows are renamed."""
    longer = Lead("ACwAACydney", "Cydney Made-up")
    thread = KnownThread("2-eQ==", "Cydney Made-up", longer.id, "seen", "seen")
    lived.store.commit(Changes(leads=(longer,), threads=(thread,)))
    assert lived.let_go(days=3_000).leads == 1
    assert lived.store.lead(longer.id) == longer
    assert lived.store.thread_of(longer.id) == thread


# --- log, orders, states set aside --------------------------------------------------------------

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def test_lines_of_the_log_go_by_their_own_time(tmp_path: Path) -> None:
    """Rotated files, too; one without any line left is taken away, and a new line is in place."""
    ago = [timedelta(0)]
    log.configure(tmp_path, now=lambda: NOW - ago[-1], terminal=False)
    for days in (90, 60, 30, 0):
        ago.append(timedelta(days=days))
        log.get("agent").info("wait")
    (tmp_path / "leadwright.log.1").write_text('{"at":"2026-01-01T00:00:00Z"}\ntorn')
    (tmp_path / "calls.log.cut").write_text("left by a crash")
    assert oldlogs.drop_old(tmp_path, NOW - timedelta(days=45)) == 4
    log.get("agent").info("sent")
    log.configure(None, now=lambda: NOW, terminal=False)
    assert [path.name for path in tmp_path.iterdir()] == [log.FILE]
    lines = (tmp_path / log.FILE).read_text().splitlines()
    assert [line.split('"event":"')[1].split('"')[0] for line in lines] == ["wait", "wait", "sent"]
    assert (tmp_path / log.FILE).stat().st_mode & 0o077 == 0


def old(path: Path, days: int) -> None:
    """A file that was written so many days before NOW."""
    then = (NOW - timedelta(days=days)).timestamp()
    os.utime(path, (then, then))


def test_answered_orders_go_by_age_and_what_waits_stays(tmp_path: Path) -> None:
    """Answers, and orders that nobody could understand; never one that is still to be done."""
    for _ in range(2):
        ticket = orders.leave(tmp_path, orders.Release("ACwAAAda"))
        orders.done(ticket, orders.Answered(done=True, text="released"))
    waiting = orders.leave(tmp_path, orders.Release("ACwAABob"))
    first, second = sorted((tmp_path / orders.FOLDER).glob("*.answer.json"))
    bad = tmp_path / orders.FOLDER / "00000001.json.bad"
    bad.write_text("{")
    old(first, 31)
    old(bad, 31)
    old(second, 29)
    old(waiting.path, 400)
    assert orders.drop_old(tmp_path, NOW - timedelta(days=30)) == 2
    assert sorted((tmp_path / orders.FOLDER).iterdir()) == sorted((second, waiting.path))


def test_states_that_were_set_aside_go_by_age_and_the_state_stays(lived: Lived) -> None:
    """A file is as old as its name, whatever it holds: it was set aside then."""
    paths = lived.seat.paths
    aside = paths.folder / "state.replaced-1.sqlite"
    for path in (aside, Path(f"{aside}-wal")):
        path.write_text("Ada Invented")
        os.utime(path, (0, 0))
    here = datetime.now(UTC)
    seat = replace(lived.seat, policy=replace(POLICY, retention=RetentionPolicy(replaced_days=30)))
    assert let_go(seat, lived.store, here).states == 0
    assert let_go(seat, lived.store, here + timedelta(days=31)).states == 2
    assert not aside.exists()
    assert paths.state.exists()


# --- what the browser remembers -----------------------------------------------------------------


def browsed(profile: Path) -> Callable[[], set[str]]:
    """A profile that has shown pages; what is left in it."""
    for name in ("History", "History-journal", "Cookies", "Preferences"):
        (profile / "Default" / name).parent.mkdir(parents=True, exist_ok=True)
        (profile / "Default" / name).write_text("x")
    (profile / "Local State").write_text("the key of the cookies")
    for name in ("Cache", "Local Storage", "whatever the next version keeps"):
        (profile / "Default" / name / "inner").mkdir(parents=True)
    return lambda: {path.name for path in (profile / "Default").iterdir()}


def test_the_browser_forgets_what_it_showed_and_stays_signed_in(tmp_path: Path) -> None:
    """History and cache go; cookies and what the site itself put there stay."""
    left = browsed(tmp_path)
    (tmp_path / "segments_db").mkdir()
    visited.forget(tmp_path)
    assert left() == {"Cookies", "Preferences", "Local Storage"}
    assert {path.name for path in tmp_path.iterdir()} == {"Default", "Local State"}


@pytest.mark.parametrize("lock", [visited.RUNNING, visited.OPEN])
def test_a_browser_at_work_forgets_when_it_starts_next(tmp_path: Path, lock: str) -> None:
    """It writes its files itself; nothing is taken away under it."""
    left = browsed(tmp_path)
    before = left()
    (tmp_path / lock).touch()
    visited.forget(tmp_path)
    assert left() == before
    visited.begin(tmp_path)
    assert left() == {"Cookies", "Preferences", "Local Storage"}
    browsed(tmp_path / "again")
    visited.begin(tmp_path / "again")
    assert (tmp_path / "again" / "Default" / "History").exists(), "nobody asked"
    visited.end(tmp_path / "again")
    visited.forget(tmp_path / "again")
    assert not (tmp_path / "again" / "Default" / "History").exists(), "it has ended"


def test_a_browser_without_settings_of_its_own_stays_signed_in(tmp_path: Path) -> None:
    """The headless shell writes no Preferences: where its cookies are is a profile all the same."""
    left = browsed(tmp_path)
    (tmp_path / "Default" / "Preferences").unlink()
    visited.forget(tmp_path)
    assert left() == {"Cookies", "Local Storage"}
