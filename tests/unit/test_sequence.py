"""S2-S4, S7: what each enrolment gets next, or the rule that holds it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import Kind
from bot.model import Answer, CampaignState, Enrolment, Phase, Reason, SentStep
from bot.policy import Campaign, FollowUp
from bot.rules.sequence import Due, next_step, placed, state_of, template_hash, used

START = datetime(2026, 3, 3, 10, tzinfo=UTC)
DAY = timedelta(days=1)
FOLLOW_UPS = tuple(FollowUp(days, f"Follow-up after {days}") for days in (3, 5, 7, 10, 30))
CAMPAIGN = Campaign("c", "a.csv", "S", "B", acceptance="Thanks", follow_ups=FOLLOW_UPS)
BARE = replace(CAMPAIGN, acceptance=None)
NEW = Enrolment("c/L", "L", "c", 1)


def sent(*days: float, first: int = 0) -> tuple[SentStep, ...]:
    """Steps from *first* on, sent so many days after the start."""
    return tuple(
        SentStep(first + n, START + day * DAY, "h", f"c/L#{first + n}.1", Kind.FREE)
        for n, day in enumerate(days)
    )


def answered(answer: str, rule: str, sequence: str, *, responder: bool = False) -> Enrolment:
    given = Answer(answer, "default", rule, responder, sequence, True, False, START + DAY)
    accepted = START + DAY if answer == "accepted" else None
    return replace(NEW, sent=sent(0), answer=given, accepted_at=accepted)


YES = answered("accepted", "A1", "goes-on")
NO = answered("rejected", "A3", "waits")

CASES: dict[str, tuple[Enrolment, Campaign, Due | str]] = {
    "a new lead": (NEW, CAMPAIGN, Due(0, None)),
    "T3 a retry": (replace(NEW, not_before=START), CAMPAIGN, Due(0, START)),
    "T3 a send is under way": (replace(NEW, sending="c/L#0.1"), CAMPAIGN, "T3"),
    "held": (replace(NEW, hold=Reason("K3", "?")), CAMPAIGN, "K3"),
    "skipped": (replace(NEW, skip=Reason("K4", "?"), hold=Reason("K3", "?")), CAMPAIGN, "K4"),
    "S4 no answer": (replace(NEW, sent=sent(0)), CAMPAIGN, "S4"),
    "S2 at once after the acceptance": (YES, CAMPAIGN, Due(1, START + DAY)),
    "S3 after the acceptance, without a message": (YES, BARE, Due(2, START + 4 * DAY)),
    "S3 after the acceptance message": (
        replace(YES, sent=sent(0, 2)), CAMPAIGN, Due(2, START + 5 * DAY)
    ),
    "S3 after the message before it": (
        replace(YES, sent=sent(0, 2, 6)), CAMPAIGN, Due(3, START + 11 * DAY)
    ),
    "S3 a retry is later": (
        replace(YES, sent=sent(0, 2), not_before=START + 9 * DAY), CAMPAIGN, Due(2, START + 9 * DAY)
    ),
    "S3 the end": (replace(YES, sent=sent(0, 1, 2, 3, 4, 5, 6)), CAMPAIGN, "S3"),
    "S7 an acceptance message that came later": (
        replace(YES, sent=(*sent(0), *sent(4, first=2))), CAMPAIGN, Due(3, START + 9 * DAY)
    ),
    "A3 waits": (NO, CAMPAIGN, "A3"),
    "A13 stops where the campaign says so": (
        answered("rejected", "A3", "stops"), CAMPAIGN, "A3"
    ),
    "A5 stops": (answered("own-words", "A5", "stops", responder=True), CAMPAIGN, "A5"),
    "A10 held": (answered("accepted", "A10", "held"), CAMPAIGN, "A10"),
    "A11 stops": (answered("rejected", "A11", "stops"), CAMPAIGN, "A11"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_next_step(case: str) -> None:
    """S2-S4, T6: one row of the table."""
    enrolment, campaign, wanted = CASES[case]
    step = next_step(enrolment, campaign)
    assert (step.rule if isinstance(step, Reason) else step) == wanted


@given(
    st.lists(st.integers(3, 30), min_size=0, max_size=5),
    st.booleans(),
    st.lists(st.floats(0, 40), min_size=7, max_size=7),
)
def test_each_message_waits_after_the_one_really_sent(
    days: list[int], has_acceptance: bool, delays: list[float]
) -> None:
    """S3: n times 24 h after the message before was really sent, each step once, then the end."""
    campaign = replace(
        CAMPAIGN,
        acceptance="Thanks" if has_acceptance else None,
        follow_ups=tuple(FollowUp(n, "F") for n in days),
    )
    enrolment, steps = YES, []
    before = START + DAY
    for delay in delays:
        due = next_step(enrolment, campaign)
        if isinstance(due, Reason):
            assert due.rule == "S3"
            break
        assert due.at is not None
        wait = timedelta(0) if due.step == 1 else days[due.step - 2] * DAY
        assert due.at == before + wait
        steps.append(due.step)
        before = due.at + timedelta(hours=delay)
        step = SentStep(due.step, before, "h", f"c/L#{due.step}.1")
        enrolment = replace(enrolment, sent=(*enrolment.sent, step))
    assert steps == ([1] if has_acceptance else []) + [n + 2 for n in range(len(days))]


STATES = {
    "queued": NEW,
    "looking": replace(NEW, kind=Kind.UNKNOWN),
    "sending": replace(NEW, sending="k", hold=Reason("T3", "?")),
    "waiting": replace(NEW, sent=sent(0)),
    "accepted": YES,
    "rejected": NO,
    "following-up": replace(YES, sent=sent(0, 1)),
    "responded": answered("own-words", "A5", "stops", responder=True),
    "done": replace(YES, sent=sent(0, 1, 2, 3, 4, 5, 6)),
    "held": replace(NEW, hold=Reason("K3", "?")),
    "skipped": replace(NEW, skip=Reason("K4", "?")),
}


@pytest.mark.parametrize("state", STATES)
def test_states_have_the_published_words(state: str) -> None:
    """interface.md's words for a lead's state, one example each."""
    assert state_of(placed(STATES[state], CAMPAIGN)) == state


def test_the_index_is_told_what_comes_next() -> None:
    """S3, S7: phase and due time follow the file; without a file nothing is planned."""
    assert (placed(NEW, CAMPAIGN).phase, placed(NEW, CAMPAIGN).due_at) == (Phase.QUEUE, None)
    assert (placed(YES, CAMPAIGN).phase, placed(YES, CAMPAIGN).due_at) == (
        Phase.MESSAGE,
        START + DAY,
    )
    assert placed(YES, BARE).due_at == START + 4 * DAY
    assert placed(YES, None).phase is Phase.REST
    assert placed(placed(YES, None), CAMPAIGN) == placed(YES, CAMPAIGN)


def test_a_used_step_is_remembered_with_its_newest_text() -> None:
    """S7: a step is its position; editing what is not sent changes only that."""
    state = used(used(CampaignState("c"), 2, CAMPAIGN), 0, CAMPAIGN)
    assert [step for step, _ in state.used] == [0, 2]
    edited = used(state, 0, replace(CAMPAIGN, body="Better"))
    assert dict(edited.used)[0] == template_hash("Better")
    assert dict(edited.used)[2] == dict(state.used)[2]
