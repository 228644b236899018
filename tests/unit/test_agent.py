"""The agent's one step: what it commits, tells and refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from simulation.rig import CAMPAIGN, POLICY, Rig, scenario

from bot.agent import cycle, next_action, word_for
from bot.errors import SeatHalted
from bot.facts import Kind
from bot.model import (
    Changes,
    Done,
    Import,
    Lead,
    Outcome,
    ReadInbox,
    ReadThread,
    Reason,
    SeatState,
    SendInMail,
    SendMessage,
    Settle,
    Wait,
)
from bot.practice.records import By
from bot.rules.contacts import DoNotContact
from bot.rules.sequence import state_of
from bot.store.team import TeamFile

WRONG = '[[faults]]\nkind = "wrong-addressee"\nperson = "Ada Invented"\ntimes = {times}'


def reasons(rig: Rig, name: str) -> list[str]:
    return [d.rule for d in rig.done if d.lead_id == f"ACwAA{name}" and d.rule]


def test_existing_threads_are_read_before_the_first_send() -> None:
    """K8: inbox and threads come first, then the audience, then the lead."""
    rig = Rig(scenario("Ada credit\nBen credit"))
    rig.world.send_inmail("ACwAABen", "Hello", "By hand", by=By.OWNER)
    rig.run(days=0.01)
    first = ["read-inbox", "read-inbox", "import", "look", "inmail"]
    assert [d.action for d in rig.done[:5]] == first
    assert rig.store.seat().threads_known
    assert rig.sent("Ben") == []


def test_a_halt_is_committed_and_told() -> None:
    """L5: kind, reason and time stay in the state; the next step waits for its owner."""
    rig = Rig(scenario("Ada credit"))

    def checkpoint(_: Lead) -> None:
        raise SeatHalted("challenge", "a security check")

    rig.store.commit(Changes(seat=SeatState(lead_checked=rig.work.day())))
    rig.site.open_lead = checkpoint  # type: ignore[assignment, method-assign]
    steps = [cycle(rig.work) for _ in range(4)]
    told, waiting = steps[-2:]
    assert isinstance(told, Done)
    assert (told.outcome, told.rule, told.lead_id) == (Outcome.HALTED, "L5", "ACwAAAda")
    assert isinstance(waiting, Wait)
    halted = rig.store.seat().halted
    assert halted is not None
    assert (halted.kind, halted.reason) == ("challenge", "a security check")


def test_a_lead_that_waits_for_credits_was_looked_at() -> None:
    """C6, C7: it is not skipped, which would be for good: it stands in the queue, unharmed."""
    rig = Rig(scenario("Ada credit", credits=1))
    rig.run(days=0.5)
    looks = [done for done in rig.done if done.lead_id == "ACwAAAda"]
    assert [(done.action, done.outcome, done.rule) for done in looks] == [
        ("look", Outcome.DONE, "C6")
    ]
    assert state_of(rig.enrolment("Ada")) == "queued"


def test_the_book_is_brought_up_to_the_present_first() -> None:
    """C1, C3: a grant that fell due while nothing ran is posted before anything is planned."""
    rig = Rig(scenario("Ada credit", credits=3))
    rig.run(days=0.01)
    rig.clock.advance(timedelta(days=40))
    next_action(rig.work)
    assert "grant/2026-04-01" in {entry.key for entry in rig.store.entries()}


@pytest.mark.parametrize(("times", "sent"), [(2, 1), (0, 0)])  # the canary sees it first
def test_a_composer_for_somebody_else_is_closed(times: int, sent: int) -> None:
    """K6: nothing is sent; once more the next day, then its owner is asked."""
    people = "Ada credit\nBen credit"
    rig = Rig(scenario(people, more=WRONG.format(times=times)))
    rig.run(days=0.5)
    assert rig.sent("Ada") == []
    assert reasons(rig, "Ada") == ["K6"]
    rig.run(days=2)
    assert len(rig.sent("Ada")) == sent
    assert len(rig.sent("Ben")) == 1
    assert (rig.enrolment("Ada").hold is not None) == (sent == 0)


def test_no_credit_line_is_never_written_to() -> None:
    """K3: unknown is held with its evidence, for the owner to look at."""
    rig = Rig(scenario("Ada credit", more='[[faults]]\nkind = "no-credit-line"\ntimes = 0'))
    rig.run(days=2)
    assert rig.sent() == []
    assert reasons(rig, "Ada") == ["K3"]
    assert [kept for kept in rig.evidence.kept if "ACwAAAda" in kept]


def test_free_where_credit_was_thought_goes_ahead() -> None:
    """K2: what was read earlier only ranks the queue."""
    rig = Rig(scenario("Ada free"))
    rig.run(days=0)
    cycle(rig.work), cycle(rig.work)
    thought = replace(rig.enrolment("Ada"), kind=Kind.CREDIT)
    rig.store.commit(Changes(enrolments=(thought,)))
    rig.run(days=1)
    assert [d.cost for d in rig.sent()] == [0]
    assert rig.enrolment("Ada").kind is Kind.FREE


def test_a_missing_value_skips_the_lead_with_a_reason() -> None:
    """S5, T6: a template never sends a hole; the next lead is not concerned."""
    needs = replace(CAMPAIGN, audience="a.csv", body="Hello {{ shoe_size }}")
    lead = Lead("ACwAAAda", "Ada Invented", "Ada")
    sized = Lead("ACwAABen", "Ben Invented", "Ben", extra=(("shoe_size", "44"),))
    rig = Rig(scenario("Ada credit\nBen credit"), campaigns=(needs,), audience=(lead, sized))
    rig.run(days=1)
    assert reasons(rig, "Ada") == ["S5"]
    assert [d.body for d in rig.sent()] == ["Hello 44"]


def test_the_do_not_contact_list_is_kept() -> None:
    """K5: by person at the import; and again at the send, if the list grew meanwhile."""
    rig = Rig(scenario("Ada credit\nBen credit"), policy=replace(POLICY, inmails_per_day=1))
    rig.run(days=0.5)
    listed = DoNotContact(people=frozenset(["ACwAABen"]))
    rig.work = replace(rig.work, contacts=listed)
    rig.run(days=2)
    assert [d.lead_id for d in rig.sent()] == ["ACwAAAda"]
    skip = rig.enrolment("Ben").skip
    assert skip is not None
    assert skip.rule == "K5"


def test_a_team_writes_to_nobody_twice(tmp_path: Path) -> None:
    """K4: one InMail per person over all seats that share a team file."""
    team = TeamFile(tmp_path / "team.db")
    first = Rig(scenario("Ada credit"), team=team)
    first.run(days=0.1)
    second = Rig(scenario("Ada credit"), team=team, policy=replace(POLICY, name="bob"))
    second.run(days=0.1)
    assert (len(first.sent()), len(second.sent())) == (1, 0)
    skip = second.enrolment("Ada").skip
    assert skip is not None
    assert skip.rule == "K4"


def test_two_ids_of_one_person_are_held() -> None:
    """K8: one name and company in two id families: neither is written to before the owner looks."""
    leads = tuple(
        Lead(f"{family}Twin", "Tia Twin", "Tia", company="Imaginary Labs")
        for family in ("ACwAA", "ACoAA")
    )
    rig = Rig(
        scenario("Ada credit"), campaigns=(replace(CAMPAIGN, audience="a.csv"),), audience=leads
    )
    rig.run(days=1)
    held = [e.hold.rule for e in rig.store.enrolments() if e.hold is not None]
    assert held == ["K8", "K8"]
    assert rig.sent() == []


WORDS = {
    "inmail": SendInMail("e", "L", "c", may_spend=True),
    "look": SendInMail("e", "L", "c", may_spend=False),
    "message": SendMessage("e", "L", "c", 1),
    "settle": Settle("a", "L"),
    "read-inbox": ReadInbox(),
    "import": Import("c", 1),
    "wait": Wait(None, Reason("K7", "")),
}


def test_actions_have_the_published_words() -> None:
    """interface.md: the words of `run --json`."""
    assert {word: word_for(action) for word, action in WORDS.items()} == {w: w for w in WORDS}
    assert word_for(ReadThread("t", None)) == "read-inbox"
