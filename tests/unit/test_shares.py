"""What recipients are taken to do: seen often enough, stated, or assumed with a reason."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.facts import Kind
from bot.model import Answer, Enrolment, SentStep
from bot.rules import shares
from bot.rules.shares import ANSWERS, Shares, draw_answer, draw_kind, draw_news, see, shares_of

NOW = datetime(2026, 3, 30, 9, tzinfo=UTC)
DAY = timedelta(days=1)
PARTS = st.floats(0, 1)
DELAYS = st.lists(st.integers(0, 400), min_size=1).map(
    lambda hours: tuple(sorted(timedelta(hours=each) for each in hours))
)


def written(
    number: int, answer: str | None, days_ago: float, *, responder: bool = False
) -> Enrolment:
    at = NOW - days_ago * DAY
    said = None
    if answer is not None:
        said = Answer(answer, None, "A1", responder, "goes-on", True, False, at + DAY)
    sent = SentStep(0, at, "h", "a", Kind.CREDIT)
    return Enrolment(f"c/{number}", str(number), "c", number, Kind.CREDIT, (sent,), answer=said)


def looked(number: int, kind: Kind) -> Enrolment:
    return Enrolment(f"c/l{number}", f"l{number}", "c", 100 + number, kind)


def test_what_was_seen_often_enough_is_taken() -> None:
    """Only InMails that had two weeks' time count; edited acceptances end the sequence (A2)."""
    old = [
        *(written(n, "accepted", 20) for n in range(6)),
        *(written(n, "accepted", 20, responder=True) for n in range(6, 8)),
        *(written(n, "own-words", 20, responder=True) for n in range(8, 10)),
        *(written(n, "rejected", 20) for n in range(10, 13)),
        written(13, "unreadable", 20),
        *(written(n, None, 20) for n in range(14, 40)),
    ]
    young = [written(n, "accepted", 3) for n in range(40, 60)]
    kinds = [looked(n, Kind.FREE) for n in range(15)] + [looked(15, Kind.UNREACHABLE)]
    found, told = shares_of(see([*old, *young, *kinds], NOW))
    assert (found.accept, found.own_words, found.reject) == (6 / 40, 4 / 40, 3 / 40)
    assert (found.free, found.closed) == (15 / 76, 1 / 76)
    assert {share.origin for share in told} == {"seen"}
    assert found.delays == (DAY,) * 13


def test_of_too_few_nothing_is_said() -> None:
    """Then a documented assumption stands there, with its reason; what is stated comes first."""
    found, told = shares_of(see([written(1, "accepted", 20)], NOW), {"accept": 0.5})
    by_name = {share.name: share for share in told}
    assert (found.accept, by_name["accept"].origin) == (0.5, "stated")
    assert (found.reject, by_name["reject"].origin) == (0.04, "assumed")
    assert "too few seen: 0 of 1" in by_name["reject"].why
    assert (found.free, found.delays) == (0.0, shares.ASSUMED_DELAYS)


@settings(max_examples=40, deadline=None)
@given(PARTS, st.integers(0, 40), st.integers(0, 20), st.integers(0, 20))
def test_answers_are_never_more_than_all(stated: float, none: int, yes: int, no: int) -> None:
    """What was seen makes room for what is stated."""
    seen = [written(n, None, 20) for n in range(none)]
    seen += [written(n, "accepted", 20) for n in range(yes)]
    seen += [written(n, "rejected", 20) for n in range(no)]
    found, _ = shares_of(see(seen, NOW), {"own-words": stated})
    assert found.own_words == stated
    assert 0 <= found.accept + found.reject + found.own_words <= 1 + 1e-9


@settings(max_examples=60, deadline=None)
@given(PARTS, PARTS, DELAYS, st.integers(0, 500), st.text(max_size=5))
def test_an_answer_comes_after_now_and_takes_its_time(
    accept: float, reject: float, delays: tuple[timedelta, ...], hours: int, key: str
) -> None:
    """An InMail that waits has no answer yet: what is drawn for it lies ahead."""
    both = max(1.0, accept + reject)
    taken = Shares(accept / both, reject / both, 0.0, 0.0, 0.0, delays)
    sent = SentStep(0, NOW - timedelta(hours=hours), "h", "a")
    said = draw_answer(taken, sent, NOW, key)
    if said is not None:
        assert said.at > NOW or hours == 0
        assert said.at - sent.at in delays
        assert said.what in ANSWERS
    assert draw_answer(taken, sent, NOW, key) == said


@pytest.mark.parametrize("elapsed", [0, 5])
def test_draws_keep_to_the_shares(elapsed: int) -> None:
    """Of many about as many as the share says; who waited five of ten days answers less often."""
    taken = Shares(0.3, 0.2, 0.1, 0.25, 0.25, tuple(DAY * n for n in range(1, 11)))
    sent = SentStep(0, NOW - elapsed * DAY, "h", "a")
    said = [draw_answer(taken, sent, NOW, n) for n in range(2000)]
    counts = Counter(each.what if each is not None else None for each in said)
    later = (10 - elapsed) / 10
    total = 0.6 * later + 0.4
    for what, share in zip(ANSWERS, (0.3, 0.2, 0.1), strict=True):
        assert counts[what] / 2000 == pytest.approx(share * later / total, abs=0.05)
    kinds = Counter(draw_kind(taken, n) for n in range(2000))
    assert kinds[Kind.FREE] / 2000 == pytest.approx(0.25, abs=0.05)
    assert kinds[Kind.UNREACHABLE] / 2000 == pytest.approx(0.25, abs=0.05)
    assert {draw_news(taken, NOW, n).what for n in range(50)} == set(ANSWERS)
