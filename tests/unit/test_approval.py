"""S8: a text waits for its owner where the campaign asks, and what was released is what is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulation.rig import CAMPAIGN, Rig, scenario

from bot.approved import Approved
from bot.model import CampaignState, Changes, Enrolment, Lead, Phase, Reason, SentStep
from bot.orders import Approve, Decline
from bot.practice.records import SendKind
from bot.rules.approval import FIRST, of_state
from bot.rules.sequence import Due, coming_step, next_step, placed
from bot.rules.wording import BODY_MAX, Wording, as_typed, written
from bot.store.erase import Erased
from bot.store.store import Store

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
EACH = replace(CAMPAIGN, approve="each")
TEN = replace(CAMPAIGN, approve="first-10")
ADA = "ACwAAAda"
BEN = "ACwAABen"
NOBODY = Reason("S5", "no text")


def asking(people: str = "Ada credit\nBen credit", approve: str = "each") -> Rig:
    """A seat whose campaign asks, after its audience was imported."""
    rig = Rig(scenario(people), campaigns=(replace(CAMPAIGN, approve=approve),))
    rig.run(days=0.2)
    return rig


def release(who: str, body: str = "As I saw it.", step: int = 0) -> Approve:
    return Approve(who, "founders", step, "" if step else "A word", body)


def test_nothing_is_written_before_its_release() -> None:
    """S8: who is not released is not even looked at, and the wait names the rule."""
    rig = asking()
    end = rig.run_once()
    assert rig.sent() == []
    assert rig.truth.views.get("lead", 0) == 0
    assert end.wait is not None
    assert end.wait.reason.rule == "S8"


def test_what_waits_blocks_nobody_else() -> None:
    """S8: the second of the queue is released and gets its InMail, while the first one waits."""
    rig = asking()
    assert rig.order(release(BEN)).done
    rig.run(days=1)
    assert [(d.lead_id, d.subject, d.body) for d in rig.sent()] == [(BEN, "A word", "As I saw it.")]
    assert rig.enrolment("Ada").phase is Phase.PREVIEW


def test_the_released_text_goes_out_whatever_the_template_says_later() -> None:
    """S8, S7: an edit of the campaign changes nothing that its owner has released."""
    rig = asking("Ada credit")
    rig.order(release(ADA))
    rig.edit(replace(EACH, subject="Other", body="Quite another text.", signature="Robin"))
    rig.run(days=1)
    assert [(d.subject, d.body) for d in rig.sent()] == [("A word", "As I saw it.")]


def test_a_release_stays_when_the_campaign_no_longer_asks() -> None:
    """S8: the owner's words go out; the others get the template at once."""
    rig = asking()
    rig.order(release(ADA))
    rig.edit(replace(CAMPAIGN, approve="none"))
    rig.run(days=1)
    assert [d.body.splitlines()[0] for d in rig.sent()] == ["As I saw it.", "Hello Ben,"]


def test_a_message_waits_as_an_inmail_does() -> None:
    """S8, S2: the acceptance message is due and waits; another text in its place goes out."""
    rig = asking("Ada credit accept-default 1")
    rig.order(release(ADA))
    rig.run(days=2)
    assert rig.enrolment("Ada").phase is Phase.PREVIEW
    assert rig.sent(kind=SendKind.MESSAGE) == []
    assert not rig.order(release(ADA, step=2)).done, "another step comes first"
    assert rig.order(release(ADA, "Thanks!", step=1)).done
    rig.run(days=1)
    assert [d.body for d in rig.sent(kind=SendKind.MESSAGE)] == ["Thanks!"]


def test_words_of_their_own_end_what_waits() -> None:
    """S8, A5: a preview vanishes when the sequence stops."""
    rig = asking("Ada credit accept-default,own-words 1")
    rig.order(release(ADA))
    rig.run(days=1.2)
    assert rig.enrolment("Ada").phase is Phase.PREVIEW
    rig.run(days=2)
    answer = rig.enrolment("Ada").answer
    assert answer is not None
    assert answer.sequence == "stops"
    assert rig.enrolment("Ada").phase is Phase.REST
    assert not rig.order(release(ADA, step=1)).done


def test_a_declined_text_ends_the_sequence() -> None:
    """S8: nobody is written to whose text was declined, and the reason says so; twice is once."""
    rig = asking()
    for _ in range(2):
        assert rig.order(Decline(ADA, "founders", 0)).done
    rig.run(days=1)
    assert rig.sent() == []
    skip = rig.enrolment("Ada").skip
    assert skip is not None
    assert skip.rule == "S8"
    assert not rig.order(release(ADA)).done


def test_a_release_may_be_changed_or_taken_back_until_it_is_sent() -> None:
    """S8: the last word counts, and is counted once."""
    rig = asking()
    for body in ("One.", "Two.", "Two."):
        assert rig.order(release(ADA, body)).done
    assert rig.order(release(BEN)).done
    assert rig.store.campaign("founders").approved == 2
    assert rig.order(Decline(BEN, "founders", 0)).done
    rig.run(days=1)
    assert [(d.lead_id, d.body) for d in rig.sent()] == [(ADA, "Two.")]
    assert rig.order(release(ADA, "Two.")).done, "carried out a second time after a crash"
    assert not rig.order(release(ADA, "Three.")).done


def test_after_ten_releases_first_10_asks_no_more() -> None:
    """S8: nine leave the eleventh waiting, the tenth lets all go; declined texts do not count."""
    people = "\n".join(f"P{n} free" for n in range(14))
    rig = asking(people, approve="first-10")
    assert rig.order(Decline("ACwAAP13", "founders", 0)).done
    for n in range(FIRST - 1):
        assert rig.order(release(f"ACwAAP{n}", f"Text {n}.")).done
    rig.run(days=1)
    assert len(rig.sent()) == FIRST - 1
    assert rig.order(release("ACwAAP9", "The tenth.")).done
    rig.run(days=3)
    assert len(rig.sent(kind=SendKind.INMAIL)) == 13


@pytest.mark.parametrize(
    ("subject", "body", "rule"),
    [
        ("", "Body", "S1"),
        ("s" * 201, "Body", "S1"),
        ("Subject", " \n ", "S1"),
        ("Subject", "b" * (BODY_MAX + 1), "S1"),
        ("Subject", "Hello {{ first_name }}", "S5"),
        ("For {company}", "Body", "S5"),
    ],
)
def test_what_cannot_be_sent_cannot_be_released(subject: str, body: str, rule: str) -> None:
    """S8, S1, S5, S6: lengths and left-over marks of a template are told at once."""
    rig = asking()
    told = rig.order(Approve(ADA, "founders", 0, subject, body))
    assert not told.done
    assert f"({rule})" in told.text
    assert rig.enrolment("Ada").approved == ()


def test_braces_in_a_leads_own_data_are_data() -> None:
    """S5: a company with a strange name is released as it was filled in."""
    filled = Wording("At {{ 7*7 }}", "Hello, {{ 7*7 }} caught my eye.")
    assert written(filled.subject, filled.body, 0, filled) == filled
    assert isinstance(written(filled.subject, filled.body, 0, NOBODY), Reason)


@given(st.text(max_size=80), st.text(min_size=1, max_size=80))
def test_a_text_that_may_be_sent_stays_as_it_is(subject: str, body: str) -> None:
    """S8: released, shown in a form and released again, a text is the same."""
    text = written(f"s{subject}", f"b{body}", 0, Wording(subject, body))
    if isinstance(text, Wording):
        assert written(text.subject, text.body, 0, text) == text
        assert as_typed(text.body.replace("\n", "\r\n")) == text.body


def test_whom_and_what_nobody_knows_is_refused() -> None:
    """S8: no lead, no campaign, no such step, and a campaign that does not ask."""
    rig = asking()
    for order in (
        release("ACwAAnobody"),
        replace(release(ADA), campaign="x"),
        release(ADA, step=6),
    ):
        assert not rig.order(order).done
    rig.edit(CAMPAIGN)
    assert not rig.order(release(ADA)).done
    assert not rig.order(Decline(ADA, "founders", 0)).done


def test_a_dry_run_shows_the_released_text_and_no_other() -> None:
    """S8, T5: what waits is not rehearsed either."""
    rig = Rig(scenario("Ada credit\nBen credit"), campaigns=(EACH,), dry_run=True)
    rig.run(days=0.2)
    rig.order(release(BEN))
    rig.run(days=0.2)
    assert [done.text for done in rig.done if done.text] == ["A word\n\nAs I saw it."]


@given(st.sampled_from(["none", "each", "first-10"]), st.integers(0, 12), st.booleans())
def test_only_what_asks_and_is_not_released_waits(approve: str, count: int, released: bool) -> None:
    """S8: the phase and the next step agree, for every setting and count."""
    campaign = of_state(
        replace(CAMPAIGN, approve=approve), (CampaignState("founders", approved=count),)
    )
    approved = (Approved(0, NOW, "s", "b"),) if released else ()
    enrolment = placed(Enrolment("founders/L", "L", "founders", 1, approved=approved), campaign)
    asks = approve == "each" or (approve == "first-10" and count < 10)
    assert enrolment.phase is (Phase.PREVIEW if asks and not released else Phase.QUEUE)
    assert isinstance(next_step(enrolment, campaign), Reason) is (asks and not released)
    assert coming_step(enrolment, campaign) == Due(0, None)


def test_released_texts_are_kept_and_erased_with_the_person(tmp_path: Path) -> None:
    """S8, K5: they stand in the state file to the letter, and go when their lead is forgotten."""
    approved = (Approved(0, NOW, "Zoë", "Secret words\n😀"),)
    enrolment = Enrolment("c/L1", "L1", "c", 1, approved=approved, phase=Phase.QUEUE)
    path = tmp_path / "state.sqlite"
    with Store.open(path) as store:
        store.commit(Changes(leads=(Lead("L1", "Zoë"),), enrolments=(enrolment,)))
    with Store.open(path) as store:
        assert store.enrolment("c/L1") == enrolment
        store.erase([Erased("L1", "erased-1")])
    assert b"Secret" not in path.read_bytes()


def test_the_texts_that_wait_come_in_the_order_of_their_turn(tmp_path: Path) -> None:
    """S8: messages that are due, then the head of the queue; later ones and others do not show."""
    sent = (SentStep(0, NOW, "h", "a"),)
    rows = [
        Enrolment(
            f"c/L{n}",
            f"L{n}",
            "c",
            n,
            phase=Phase.PREVIEW,
            due_at=NOW + timedelta(hours=due),
            sent=sent,
        )
        for n, due in ((1, -1), (2, 1), (3, -2), (4, 0))
    ]
    rows += [Enrolment(f"c/L{n}", f"L{n}", "c", n, phase=Phase.PREVIEW) for n in (9, 7, 8)]
    rows.append(Enrolment("d/L5", "L5", "d", 5, phase=Phase.PREVIEW))
    rows.append(Enrolment("c/L6", "L6", "c", 6))
    with Store.open(tmp_path / "state.sqlite") as store:
        store.commit(Changes(enrolments=tuple(rows)))
        found = store.previews("c", NOW, 2)
        assert [each.lead_id for each in found] == ["L3", "L1", "L7", "L8"]
        assert store.count_previews("c", NOW) == 6
