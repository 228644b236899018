"""T8: a broken hook stops what needs it, and only that, until it is mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from fixtures.cases import case
from simulation.rig import POLICY, Rig, scenario

from bot import log
from bot.agent import cycle
from bot.canary import examine
from bot.carry_out import carry_out
from bot.errors import LayoutChanged, NotLoaded
from bot.facts import InboxFacts, InboxThread, Snapshot, Unfit
from bot.hooks import HookUse
from bot.model import Changes, Done, Lead, Outcome, SeatState
from bot.orders import LookAtHooks
from bot.pages.reader import Reader
from bot.practice.records import SendKind
from bot.report import broken_hooks, broken_line
from bot.rules.hooks import (
    BY_HOOK,
    BY_PAGE,
    LOOK_AGAIN,
    Task,
    broken,
    inbox_faults,
    mended,
    stopped,
    stops,
)

PEOPLE = "Ada credit accept-default 0.8\nBen credit accept-default 0.8\nCal credit\nDee credit"
SILENT = "Ada credit\nBen credit\nCal credit\nDee credit"
DAY = date(2026, 3, 2)
FIT = ("subject", "body", "send_button", "close_button")


def names(rig: Rig) -> list[str]:
    return [hook.name for hook in rig.store.seat().broken]


def rules_of(rig: Rig) -> set[str]:
    return {done.rule for done in rig.done}


def raising(error: Exception, *people: str) -> object:
    """A lead page that cannot be read: of these people, or of everybody."""

    def wrap(rig: Rig) -> None:
        opened = rig.site.open_lead

        def open_lead(lead: Lead) -> object:
            seen = opened(lead)
            if not people or lead.id.removeprefix("ACwAA") in people:
                raise error
            return seen

        rig.site.open_lead = open_lead  # type: ignore[assignment, method-assign]

    return wrap


def test_before_the_first_send_of_a_day_its_pages_are_looked_at() -> None:
    """T8, L6: once a day; nothing is typed, and its lead page is counted."""
    rig = Rig(scenario(SILENT), policy=replace(POLICY, inmails_per_day=2))
    rig.run(days=2)
    looks = [done for done in rig.done if done.rule == "T8"]
    assert [done.action for done in looks] == ["look", "look"]
    assert all(done.outcome is Outcome.DONE and done.lead_id is None for done in looks)
    pages = [day.lead_pages for day in rig.store.days()]
    assert pages == [3, 3], "two InMails, and the look before them"
    assert rig.world._views["lead"] == sum(pages)


def test_the_last_lead_page_of_a_day_is_left_to_the_send() -> None:
    """L6, T8: a seat with one page a day writes all the same."""
    rig = Rig(scenario(PEOPLE), policy=replace(POLICY, lead_pages_per_day=1))
    rig.run(days=1)
    assert len(rig.sent(kind=SendKind.INMAIL)) == 1


@pytest.mark.parametrize(
    ("page", "goes_on"),
    [
        ("lead", {"message", "read-inbox"}),
        ("composer", {"message", "read-inbox"}),
        ("thread", {"inmail", "read-inbox"}),
        ("inbox", {"inmail"}),
        ("results", {"inmail", "message", "read-inbox"}),
    ],
)
def test_a_broken_page_stops_what_needs_it_and_only_that(page: str, goes_on: set[str]) -> None:
    """T8: the rest goes on; nobody is held or tried meanwhile, and mending lets all go on."""
    rig = Rig(scenario(PEOPLE), policy=replace(POLICY, inmails_per_day=2))
    rig.run(days=0.5)
    rig.gone.add(page)
    before = len(rig.done)
    if page == "results":
        rig.edit(replace(rig.work.campaigns[0], audience="/sales/search/people?savedSearchId=1&x"))
    rig.run(days=1)
    done = {d.action for d in rig.done[before:] if d.outcome in (Outcome.SENT, Outcome.DONE)}
    done -= {"look"}
    assert done >= goes_on
    stopped_ones = {"inmail", "message", "import", "read-inbox"} - goes_on
    sends = {d.action for d in rig.done[before:] if d.outcome is Outcome.SENT}
    assert sends.isdisjoint(stopped_ones)
    assert {hook.page for hook in rig.store.seat().broken} == {page}
    assert not [e.hold for e in rig.store.enrolments() if e.hold is not None or e.tries]
    rig.mend(page)
    rig.run(days=2)
    assert names(rig) == []
    assert len(rig.sent(kind=SendKind.INMAIL)) == 4
    assert len(rig.sent(kind=SendKind.MESSAGE)) >= 2


def test_an_odd_page_is_its_leads_own_and_stops_nobody_else() -> None:
    """T8, K3: another lead's page is as it was, so it is that lead that waits."""
    rig = Rig(scenario(PEOPLE))
    wrap = raising(LayoutChanged("lead", "name", "2 different texts"), "Ada")
    wrap(rig)  # type: ignore[operator]
    rig.run(days=1)
    assert names(rig) == []
    assert {d.lead_id for d in rig.sent()} == {"ACwAABen", "ACwAACal", "ACwAADee"}
    hold = rig.enrolment("Ada").hold
    assert hold is not None
    assert hold.rule == "K3"


def test_a_page_that_is_late_once_breaks_nothing() -> None:
    """T8: what is not there yet may come; only where nobody has it is it gone."""
    rig = Rig(scenario("Ada credit"))
    wrap = raising(NotLoaded("lead", "card", "only the header has come"))
    wrap(rig)  # type: ignore[operator]
    rig.run(days=1)
    assert names(rig) == [], "there is no other lead to tell"
    rig = Rig(scenario(PEOPLE))
    wrap(rig)  # type: ignore[operator]
    rig.run(days=1)
    assert names(rig) == ["lead.card"]
    assert rig.sent() == []


def test_a_change_in_the_middle_of_the_day_is_met_in_the_walk() -> None:
    """T8: the lead under way waits unharmed, and the hook is broken from then on."""
    rig = Rig(scenario(PEOPLE))
    while not rig.sent():
        step = cycle(rig.work)
        if not isinstance(step, Done):
            rig.clock.sleep_until(step.until or rig.clock.now())
    rig.gone.add("lead")
    rig.run(days=0.1)
    assert names(rig) == ["lead.name"]
    assert len(rig.sent()) == 1
    assert [e.tries for e in rig.store.enrolments() if e.inmail is None] == [(), (), ()]


def test_a_new_seat_writes_to_nobody_before_its_threads_were_read() -> None:
    """K8, T8: an inbox that cannot be read keeps the first InMail back."""
    rig = Rig(scenario(PEOPLE))
    rig.gone.add("inbox")
    rig.run(days=1)
    assert rig.sent() == []
    assert "T8" in rules_of(rig)
    rig.mend("inbox")
    rig.run(days=1)
    assert len(rig.sent(kind=SendKind.INMAIL)) == 4


def test_while_threads_cannot_be_read_a_namesake_of_a_new_one_waits() -> None:
    """K4, T8: the thread may be the owner's own InMail to that very person."""
    rig = Rig(scenario(PEOPLE), policy=replace(POLICY, inmails_per_day=2))
    rig.run(days=0.5)
    from_hand = rig.world.scenario.people[2].id
    rig.world.send_inmail(from_hand, "Hello", "By hand.")
    rig.gone.add("thread")
    rig.run(days=1)
    ours = {a.lead_id for e in rig.store.enrolments() for a in rig.store.attempts_of(e.key)}
    assert from_hand not in ours
    assert "ACwAADee" in ours


def test_a_broken_hook_is_looked_at_again_by_itself() -> None:
    """T8: after an hour, for a slow site may look like a changed one."""
    rig = Rig(scenario(PEOPLE))
    rig.gone.add("composer")
    rig.run(days=0.02)
    assert names(rig) == ["composer.subject"]
    since = rig.store.seat().broken[0].since
    rig.run(until=since + LOOK_AGAIN * 1.5)
    assert rig.store.seat().broken[0].since == since, "it is broken since then"
    rig.gone.clear()
    rig.run(days=1)
    assert names(rig) == []


def test_the_log_names_hook_selector_page_and_the_day_it_last_matched(tmp_path: Path) -> None:
    """T8: one line for each broken hook, and the page behind it is kept."""
    rig = Rig(scenario(PEOPLE))
    rig.work = replace(rig.work, selector=lambda page, key: f"#{page}-{key}")
    rig.store.commit(Changes(hooks=(HookUse("results.item", "#x", (3,), DAY, 0, DAY),)))
    rig.gone.add("results")
    log.configure(tmp_path, now=rig.clock.now, terminal=False)
    rig.run(days=0.01)
    log.configure(None, now=rig.clock.now, terminal=False)
    (line,) = (tmp_path / log.FILE).read_text(encoding="utf-8").splitlines()
    for word in ("results.item", '"page":"results"', "#results-item", "2026-03-02"):
        assert word in line
    assert [kept for kept in rig.evidence.kept if kept.startswith("hook/results.item@")]
    (told,) = broken_hooks(rig.store.seat())
    assert broken_line(told) == (
        "results.item: the site has changed; it last matched on 2026-03-02 by #results-item;"
        " stops imports"
    )


def test_doctor_looks_at_every_sort_of_page_and_says_what_it_could_not() -> None:
    """T8: a line for what is as it was, for what is broken, and for what was not looked at."""
    rig = Rig(scenario(PEOPLE))
    lines, well = examine(rig.work)
    assert well
    assert lines[0] == "the inbox: as it was"
    assert "a thread: not looked at, or not whole: no thread is there to look at" in lines
    assert "a lead and its composer: not looked at, or not whole" in "\n".join(lines)
    assert lines[-1] == "the audience of founders: as it was"
    rig.run(days=2)
    rig.gone.update(("inbox", "thread"))
    answered = carry_out(rig.work, LookAtHooks())
    assert not answered.done
    told = [line for line in answered.text.splitlines() if line.startswith("broken: ")]
    assert [line.split(":")[1] for line in told] == [" inbox.item", " thread.container"]
    rig.store.commit(Changes(seat=replace(rig.store.seat(), paused=False)))
    rig.mend("inbox", "thread")
    assert carry_out(rig.work, LookAtHooks()).done is True


def test_a_halted_seat_opens_no_page_for_doctor() -> None:
    """L5: only the owner's word goes on."""
    rig = Rig(scenario("Ada credit", more='[[faults]]\nkind = "security-check"\non = "inbox"'))
    rig.run(days=0.1)
    views = sum(rig.world._views.values())
    answered = carry_out(rig.work, LookAtHooks())
    assert not answered.done
    assert "halted" in answered.text
    assert sum(rig.world._views.values()) == views


# --- the rules ----------------------------------------------------------------------------------


def test_every_hook_of_the_pages_stops_something_known() -> None:
    """T8: the table names pages and hooks that there are."""
    known = {(each.page, each.key) for each in Reader.shipped().selectors.entries}
    assert set(BY_HOOK) <= known
    assert set(BY_PAGE) - {"balance"} <= {page for page, _ in known}
    assert stops("composer", "body") == (Task.INMAIL,)
    assert stops("thread", "send_button") == (Task.MESSAGE,)
    assert Task.INMAIL in stops("thread", "content")
    assert stops("app", "header") == ()


def test_a_hook_stops_until_it_is_ripe() -> None:
    """T8: an hour, or until it is read with other selectors."""
    rig = Rig(scenario("Ada credit"))
    now = rig.clock.now()
    fault = Unfit("results", "item", "gone")
    seat = broken(SeatState(reading="a"), [fault], now, {}, lambda _page, _key: ".x")
    reason = stopped(seat, Task.IMPORT, now)
    assert reason is not None
    assert (reason.rule, reason.until) == ("T8", now + LOOK_AGAIN)
    assert stopped(seat, Task.INMAIL, now) is None
    assert stopped(seat, Task.IMPORT, now + LOOK_AGAIN) is None
    assert stopped(replace(seat, reading="b"), Task.IMPORT, now) is None
    later = now + timedelta(minutes=5)
    again = broken(seat, [replace(fault, why="still")], later, {}, lambda _page, _key: ".x")
    assert [(h.since, h.looked_at, h.why) for h in again.broken] == [(now, later, "still")]


def test_what_was_read_is_mended_but_for_what_still_lacks() -> None:
    """T8: a thread that takes no message says nothing of its form."""
    now = Rig(scenario("Ada credit")).clock.now()
    faults = [Unfit("thread", key, "gone") for key in ("container", "send_button", "list")]
    seat = broken(SeatState(), faults, now, {}, lambda _page, _key: "")
    assert [h.key for h in mended(seat, ("thread",), form=False).broken] == ["send_button"]
    assert [h.key for h in mended(seat, ("thread",), faults[2:]).broken] == ["list"]
    assert mended(seat, ("inbox",)) is seat


def test_an_inbox_that_tells_neither_time_nor_words_is_not_read() -> None:
    """T8: nothing would show that a thread has changed; and no list is no empty inbox."""
    dumb = InboxThread("2-a", "Mia", None, None)
    assert [f.key for f in inbox_faults(InboxFacts(None, (dumb, dumb)), 2)] == ["time"]
    assert inbox_faults(InboxFacts(None, (dumb, replace(dumb, preview="Hi"))), 2) == ()
    assert [f.key for f in inbox_faults(InboxFacts(None, ()), 1)] == ["item"]
    assert inbox_faults(InboxFacts(None, ()), 0) == ()


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("Send", "Send", []),
        ("data-sales-action", "data-go", ["send_button"]),
        (">Send<", ">Fly<", ["send_button"]),
        ("textarea", "input", ["body"]),
        ("Close conversation", "Begone", ["close_button"]),
    ],
)
def test_a_hook_must_match_as_acting_needs_it(old: str, new: str, wrong: list[str]) -> None:
    """T8: one visible match of all spellings together, and a button that says Send."""
    page = case("composer/credit").snapshot()
    assert old in page.html
    changed = Snapshot(page.html.replace(old, new), page.url)
    found = Reader.shipped().unfit(changed, "composer", FIT)
    assert [each.key for each in found] == wrong
