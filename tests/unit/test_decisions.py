"""Which decisions keep their page: all that spend, refuse or read an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from simulation.rig import CAMPAIGN, POLICY, Rig, scenario

from bot.decided import Decision
from bot.errors import LayoutChanged, Missing, PageError, SeatHalted
from bot.facts import Snapshot
from bot.model import Changes, Outcome, SeatState
from bot.policy import CreditPolicy, EvidencePolicy
from bot.stint import prune
from bot.store.team import TeamFile

LATE = '[[faults]]\nkind = "lost-response"\n[[faults]]\nkind = "lagging-thread"\nminutes = 20000'
LOST = '[[faults]]\nkind = "lost-response"'


def look(
    outcome: str, rule: str, kind: str, people: str, *, more: str = "", **options: int
) -> object:
    """A look at Ada that ends so, on a page of this kind."""
    return pytest.param(
        people, more, options, ("founders/ACwAAAda#0", outcome, rule, kind), id=f"{rule} {outcome}"
    )


@pytest.mark.parametrize(
    ("people", "more", "options", "wanted"),
    [
        look("done", "K2", "composer", "Ada credit"),
        look("skipped", "K1", "lead", "Ada unreachable"),
        look("skipped", "K4", "lead", "Ada first-degree"),
        look("held", "K3", "composer", "Ada credit", more=(
            '[[faults]]\nkind = "no-credit-line"\ntimes = 0')),
        look("skipped", "K6", "composer", "Ada credit\nBen credit", more=(
            '[[faults]]\nkind = "wrong-addressee"\nperson = "Ada Invented"\ntimes = 0')),
        look("done", "C6", "composer", "Ada credit", credits=1),
    ],
)  # fmt: skip
def test_a_look_keeps_its_page(
    people: str, more: str, options: dict[str, int], wanted: tuple[str, str, str, str]
) -> None:
    """K1-K6, C6, C7: whoever is written to or not, the page that says so is kept."""
    rig = Rig(scenario(people, more=more, **options))
    rig.run(days=0.5)
    assert wanted in told(rig)


def told(rig: Rig) -> list[tuple[str, str, str, str]]:
    return [
        (each.key.partition("@")[0], each.outcome, each.rule, each.kind)
        for each in rig.evidence.decisions
    ]


def test_a_purse_that_is_empty_keeps_the_page_that_says_so() -> None:
    """C7: the site says that no credits are left."""
    policy = replace(POLICY, credits=CreditPolicy(reserve=0))
    rig = Rig(scenario("Ada credit\nBen credit", credits=1), policy=policy)
    rig.run(days=0.5)
    assert ("founders/ACwAABen#0", "done", "C7", "composer") in told(rig)


def test_a_missing_value_keeps_the_page() -> None:
    """S5: skipped for a hole in the template, which the page did not fill."""
    hole = replace(CAMPAIGN, body="Hello {{ shoe_size }}")
    rig = Rig(scenario("Ada credit"), campaigns=(hole,))
    rig.run(days=0.5)
    assert ("founders/ACwAAAda#0", "skipped", "S5", "composer") in told(rig)


def test_a_send_keeps_the_page_that_confirmed_it() -> None:
    """T2: InMail and message, each with what was decided before the click and after it."""
    rig = Rig(scenario("Ada credit accept-default 0.1"))
    rig.run(days=1.5)
    kept = told(rig)
    for wanted in (
        ("founders/ACwAAAda#0", "done", "K2", "composer"),
        ("founders/ACwAAAda#0.1", "sent", "T2", "sent"),
        ("founders/ACwAAAda#1", "done", "T7", "thread"),
        ("founders/ACwAAAda#1.1", "sent", "T2", "sent"),
        ("import/founders/1", "done", "", "results"),
        ("balance", "done", "C9", "inbox"),
    ):
        assert wanted in kept
    answers = [d for d in rig.evidence.decisions if d.key.startswith("thread/") and "A1" in d.why]
    assert {d.lead_id for d in answers} == {"ACwAAAda"}
    assert all(d.owner == "Robin" and d.kind == "thread" for d in answers)


def test_a_send_in_doubt_keeps_every_look_at_it() -> None:
    """T3: the panel after the click, and each reading of thread or list that settles it or not."""
    rig = Rig(scenario("Ada credit", more=LATE))
    rig.run(days=1.5)
    looks = [d for d in rig.evidence.decisions if d.key.startswith("founders/ACwAAAda#0.1@")]
    assert looks[0].outcome == Outcome.UNCERTAIN
    assert len(looks) > 2
    assert {d.action for d in looks[1:]} == {"settle"}


def test_a_doubt_that_ends_keeps_the_thread() -> None:
    """T2, T3: whoever finds our text, the page with it is kept under the attempt."""
    rig = Rig(scenario("Ada credit", more=LOST))
    rig.run(days=1)
    ends = [d for d in rig.evidence.decisions if d.key.startswith("founders/ACwAAAda#0.1@")]
    assert [d.outcome for d in ends] == [Outcome.UNCERTAIN, Outcome.SENT]


def test_a_thread_that_is_gone_is_no_proof_and_no_end() -> None:
    """T3: an open attempt whose thread the site does not have stays in doubt."""
    rig = Rig(scenario("Ada credit", more=LATE))
    rig.run(days=0.05)
    (attempt,) = rig.store.open_attempts()
    rig.store.commit(Changes(attempts=(replace(attempt, thread_id="2-gone"),)))
    rig.run(days=1)
    settled = [d for d in rig.done if d.action == "settle"]
    assert settled
    assert {d.outcome for d in settled} == {Outcome.UNCERTAIN}
    assert [d for d in rig.evidence.decisions if d.action == "settle"][-1].kind == "halt"


@dataclass
class Failing:
    """A step of the site that fails for a while."""

    error: Exception
    step: Callable[..., object]
    times: int = 1

    def __call__(self, *args: object) -> object:
        self.times -= 1
        if self.times >= 0:
            raise self.error
        return self.step(*args)


CHANGED = LayoutChanged("lead", "name", "no text")


@pytest.mark.parametrize(
    ("step", "error", "wanted"),
    [
        ("open_lead", CHANGED, ("founders/ACwAAAda#0", "skipped", "T8", "lead")),
        ("open_lead", Missing("site", "missing", "?"),
         ("founders/ACwAAAda#0", "skipped", "K1", "halt")),
        ("open_composer", LayoutChanged("composer", "panel", "?"),
         ("founders/ACwAAAda#0", "skipped", "T8", "composer")),
        ("type_inmail", LayoutChanged("composer", "body", "?"),
         ("founders/ACwAAAda#0.1", "not-sent", "T3", "composer")),
        ("type_message", LayoutChanged("thread", "body", "?"),
         ("founders/ACwAAAda#1.1", "not-sent", "T3", "thread")),
        ("open_lead", SeatHalted("login", "sign in"), ("halt", "halted", "L5", "halt")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_page_that_cannot_be_read_is_kept(
    step: str, error: Exception, wanted: tuple[str, str, str, str]
) -> None:
    """L5, T3, T8: a changed layout, a missing page, a halt: what stands there is the evidence."""
    rig = Rig(scenario("Ada credit accept-default 0.1"))
    day = rig.work.day()
    rig.store.commit(Changes(seat=SeatState(lead_checked=day, thread_checked=day)))
    setattr(rig.site, step, Failing(error, getattr(rig.site, step)))
    rig.run(days=1)
    assert wanted in told(rig)


@pytest.mark.parametrize(
    "error", [LayoutChanged("thread", "message", "?"), Missing("site", "?", "?")]
)
def test_a_thread_that_cannot_be_read_is_kept(error: PageError) -> None:
    """A9: held because of a page, and the page is there to be looked at."""
    rig = Rig(scenario("Ada credit own-words 0.1"))
    rig.site.open_thread = Failing(error, rig.site.open_thread)  # type: ignore[method-assign, assignment]
    rig.run(days=1)
    first = next(d for d in rig.evidence.decisions if d.key.startswith("thread/"))
    assert first.kind == ("halt" if isinstance(error, Missing) else "thread")


def test_a_page_that_concerns_the_whole_seat_is_kept() -> None:
    """An inbox that nobody understands ends the stint with an error; its page is kept first."""
    rig = Rig(scenario("Ada credit"))
    error = LayoutChanged("inbox", "item", "?")
    rig.site.read_inbox = Failing(error, rig.site.read_inbox)  # type: ignore[method-assign, assignment]
    with pytest.raises(LayoutChanged):
        rig.run(days=0.1)
    assert [(d.action, d.kind, d.understood) for d in rig.evidence.decisions] == [
        ("read-inbox", "inbox", "inbox.item: ?")
    ]


def test_an_adjustment_keeps_the_balances_that_led_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """C9: the page on which the difference began, and the one on which it was posted."""
    rig = Rig(scenario("Ada free"))
    rig.run(days=0.1)
    monkeypatch.setattr(rig.world, "shown_balance", lambda: 12)
    rig.run(days=5)
    (adjusted,) = [entry for entry in rig.store.entries() if entry.kind == "adjust"]
    why = [d.why for d in rig.evidence.decisions if d.key.startswith("balance@") and d.rule == "C9"]
    assert why[1:] == ["a difference of -8 stands as unexplained", adjusted.why]


def test_a_dry_run_says_so() -> None:
    """T5: nobody takes a rehearsal for what was done."""
    rig = Rig(scenario("Ada credit"), dry_run=True)
    rig.run(days=0.1)
    assert {d.rehearsed for d in rig.evidence.decisions} == {True}


def test_old_evidence_is_let_go_once_a_stint(tmp_path: Path) -> None:
    """T3, A9: who is in doubt, held, or marked *check* is open; a dry run prunes nothing."""
    people = "Ada credit accept-other-text 0.1\nBen credit accept-default 0.1\nCid credit"
    rig = Rig(scenario(people, more='[[faults]]\nkind = "no-credit-line"\nperson = "Cid Invented"'))
    rig.run(days=2)
    asked: list[tuple[datetime, EvidencePolicy, dict[str, bool]]] = []

    class Asking:
        def keep(self, decision: Decision, snapshot: Snapshot) -> str:
            raise AssertionError

        def prune(
            self, now: datetime, policy: EvidencePolicy, is_open: Callable[[str], bool]
        ) -> None:
            names: Sequence[str] = ("Ada", "Ben", "Cid", "Nobody")
            asked.append((now, policy, {name: is_open(f"ACwAA{name}") for name in names}))

    work = replace(rig.work, evidence=Asking())
    prune(replace(work, dry_run=True))
    prune(work)
    expected = {"Ada": True, "Ben": False, "Cid": True, "Nobody": False}
    assert asked == [(rig.clock.now(), POLICY.evidence, expected)]


def test_a_team_refuses_on_the_page(tmp_path: Path) -> None:
    """K4: another seat was first, which is known only when the page was read."""
    team = TeamFile(tmp_path / "team")
    rig = Rig(scenario("Ada credit"), team=team)
    team.claim("ACwAAAda", "bob", rig.clock.now())
    rig.run(days=0.1)
    assert ("founders/ACwAAAda#0", "skipped", "K4", "composer") in told(rig)
