"""A whole campaign against the site's model: the promises, judged by the site's own truth."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest
from simulation.rig import HOURS, PARIS, POLICY, Rig, check_promises

from bot.model import Outcome
from bot.practice.model import World
from bot.practice.people import What
from bot.practice.records import Delivery, SendKind
from bot.practice.scenario import load
from bot.rules import limits
from bot.rules.texts import text_hash

DAYS = 45


@pytest.fixture(scope="module")
def played() -> Rig:
    rig = Rig("demo")
    rig.run(days=DAYS)
    return rig


def test_nobody_gets_two_inmails(played: Rig) -> None:
    """K4, T4: one InMail to a person, whatever the site did in between."""
    counts = Counter(d.lead_id for d in played.sent(kind=SendKind.INMAIL))
    assert counts
    assert max(counts.values()) == 1


def test_no_day_has_more_than_ten(played: Rig) -> None:
    """L1: in the seat's own calendar days."""
    days = Counter(limits.local_day(d.at, PARIS) for d in played.sent(kind=SendKind.INMAIL))
    assert max(days.values()) <= 10


def test_everything_is_sent_in_working_hours(played: Rig) -> None:
    """L3: checked at the moment of the click."""
    assert all(limits.is_open(d.at, HOURS) for d in played.truth.deliveries if d.by == "page")


def test_the_last_credit_is_kept(played: Rig) -> None:
    """C6: no credit InMail went out with one credit left; C7: free ones did go on."""
    inmails = played.sent(kind=SendKind.INMAIL)
    assert all(d.balance_before > 1 for d in inmails if d.cost)
    assert any(d.balance_before <= 1 for d in inmails if not d.cost)


def test_messages_go_only_to_default_acceptances(played: Rig) -> None:
    """S4, A1-A11: nothing to a responder, nothing after a rejection, nothing unanswered."""
    accepting = {What.ACCEPT_DEFAULT, What.ACCEPT_WITHOUT_TEXT}
    for sent in played.sent(kind=SendKind.MESSAGE):
        before = [a for a in played.truth.answers if a.lead_id == sent.lead_id and a.at < sent.at]
        assert before, "nobody answered"
        assert before[-1].what in accepting
        words = {What.OWN_WORDS, What.ACCEPT_EDITED, What.ASKS_TO_STOP, What.ACCEPT_OTHER_TEXT}
        assert not words & {a.what for a in before}


def test_each_default_acceptance_gets_its_messages(played: Rig) -> None:
    """S2, S3: the acceptance message the same day or at the next working moment, then 3-30 days."""
    sent: dict[str, list[Delivery]] = defaultdict(list)
    for message in played.sent(kind=SendKind.MESSAGE):
        sent[message.lead_id].append(message)
    accepting = (What.ACCEPT_DEFAULT, What.ACCEPT_WITHOUT_TEXT)
    seen_within = timedelta(minutes=POLICY.read_inbox_minutes + 60)
    written = {d.lead_id for d in played.sent(kind=SendKind.INMAIL)}
    counted = 0
    for answer in played.truth.answers:
        lead_id, at = answer.lead_id, answer.at
        others = [a for a in played.truth.answers if a.lead_id == lead_id and a is not answer]
        due_at = limits.next_opening(at, HOURS)
        if answer.what not in accepting or lead_id not in written or others:
            continue
        if due_at + seen_within > played.clock.now():
            continue
        counted += 1
        first = sent[lead_id][0]
        assert first.body.startswith("Thank you")
        assert at <= first.at <= limits.next_opening(due_at, HOURS) + timedelta(days=3)
        times = [m.at for m in sent[lead_id]]
        gaps = [b - a for a, b in pairwise(times)]
        assert all(timedelta(days=3) <= gap <= timedelta(days=30) for gap in gaps)
    assert counted > 5


def test_the_ledger_agrees_with_the_site(played: Rig) -> None:
    """C1-C10: our balance is the site's, refunds for accepted credit InMails only."""
    ledger = played.store.ledger()
    waiting = sum(1 for _, at in ledger.refunds if played.truth.now - at < timedelta(hours=48))
    assert 0 <= ledger.available - played.truth.balance <= waiting
    accepted = {a.lead_id for a in played.truth.answers if a.what.counts_as_acceptance}
    cost = {d.lead_id for d in played.sent(kind=SendKind.INMAIL) if d.cost}
    refunded = [e.lead_id for e in played.store.entries() if e.kind == "refund"]
    assert len(refunded) == len(set(refunded))
    assert set(refunded) <= accepted & cost


def test_what_was_done_is_known(played: Rig) -> None:
    """T2, T4: the books hold exactly the messages that the site delivered."""
    told = Counter((e.lead_id, s.text_hash) for e in played.store.enrolments() for s in e.sent)
    truth = Counter(
        (d.lead_id, text_hash(d.body)) for d in played.truth.deliveries if d.by == "page"
    )
    assert told == truth


def test_the_books_keep_their_word(played: Rig) -> None:
    """K4, T2, C4, C10: by the checks that every simulation makes."""
    check_promises(played)


def test_a_dry_run_leaves_the_truth_empty() -> None:
    """T5: it says what would go to whom at what cost, and nothing arrives."""
    rehearsed = Rig("demo", dry_run=True)
    rehearsed.run(days=3)
    assert rehearsed.truth.deliveries == World(load("demo")).truth().deliveries
    assert rehearsed.site.clicks == 0
    would = [d for d in rehearsed.done if d.outcome is Outcome.DONE and d.text]
    days = Counter(limits.local_day(d.at, PARIS) for d in would)
    assert would
    assert max(days.values()) <= 10
    assert {d.kind for d in would} >= {"credit"}
