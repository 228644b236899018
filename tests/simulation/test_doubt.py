"""Where the site says less, later or otherwise than it seemed: what was not read proves nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from simulation.rig import CAMPAIGN, POLICY, Rig, check_promises, scenario

from bot.errors import Missing, NotLoaded, PageError
from bot.facts import ComposerFacts, ComposerKind, Kind, LeadFacts, SentFacts, Toast
from bot.model import AttemptState, Changes, Lead, Outcome
from bot.orders import Release, SettleByOwner
from bot.ports import Seen
from bot.practice.people import What
from bot.practice.records import By, SendKind

LOST = '[[faults]]\nkind = "lost-response"\ntimes = {times}'
REFUSED = '[[faults]]\nkind = "send-error"\ntimes = 1'
LAGS = '[[faults]]\nkind = "lagging-thread"\nminutes = {minutes}\ntimes = 1'


class Otherwise:
    """A site of which some calls answer otherwise: each is given the call, and its arguments."""

    def __init__(self, inner: Any, **otherwise: Callable[..., Any]) -> None:
        self._inner, self._otherwise = inner, otherwise

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in self._otherwise:
            return found
        return lambda *given, **named: self._otherwise[name](found, *given, **named)


def otherwise(rig: Rig, **calls: Callable[..., Any]) -> None:
    rig.work = replace(rig.work, site=Otherwise(rig.site, **calls))


def failed(call: Callable[[str], Seen[SentFacts]], expected: str) -> Seen[SentFacts]:
    """The site says that it failed, whatever it did."""
    seen = call(expected)
    return replace(
        seen,
        facts=replace(
            seen.facts,
            became_thread=False,
            still_form=True,
            mine=(),
            toast=Toast.FAILED,
            thread_id=None,
        ),
    )


@pytest.mark.parametrize("says", ["own-words 0.03", "reject-default 0.03", ""])
def test_a_thread_under_another_name_is_found(says: str) -> None:
    """T3, K4: who was imported under another name than the site's is not written to again."""
    known = Lead("ACwAAAda", "Ada Invented, PhD", "Ada")
    rig = Rig(
        scenario(f"Ada credit {says}"),
        campaigns=(replace(CAMPAIGN, audience="people.csv"),),
        policy=replace(POLICY, read_inbox_minutes=240),
        audience=(known,),
    )
    otherwise(rig, read_sent=failed)
    rig.run(days=2)
    assert len(rig.sent("Ada", SendKind.INMAIL)) == 1
    assert rig.enrolment("Ada").inmail is not None


def test_what_was_not_sent_is_looked_up_before_it_is_sent_again() -> None:
    """T3, T4: a thread that came after its owner said "not sent" is found before the second try."""

    def silent(call: Callable[[Lead], Seen[LeadFacts]], lead: Lead) -> Seen[LeadFacts]:
        seen = call(lead)
        return replace(seen, facts=replace(seen.facts, kind=Kind.UNKNOWN))

    more = "\n".join((LOST.format(times=1), LAGS.format(minutes=45)))
    rig = Rig(scenario("Ada credit", more=more), policy=replace(POLICY, read_inbox_minutes=1440))
    rig.run(days=0.01)
    (attempt,) = rig.store.open_attempts()
    rig.order(SettleByOwner(attempt.key, sent=False))
    otherwise(rig, open_lead=silent)
    rig.run(days=3)
    assert len(rig.sent("Ada", SendKind.INMAIL)) == 1
    assert rig.enrolment("Ada").inmail is not None


@pytest.mark.parametrize("error", [Missing, NotLoaded])
def test_a_strangers_thread_that_cannot_be_read_proves_nothing(error: type[PageError]) -> None:
    """T3: ours may stand behind it; in doubt it stays, and then it is the owner's to say."""
    rig = Rig(scenario("Ada credit\nBen credit", more=REFUSED))
    rig.world.send_inmail("ACwAABen", "Hello", "By hand", by=By.OWNER)
    rig.world.answer("ACwAABen", What.OWN_WORDS)
    theirs = {t.person.id: t.id for t in rig.world.threads().threads}["ACwAABen"]

    def unread(call: Callable[[str], Any], thread_id: str) -> Any:
        if thread_id == theirs:
            raise error("thread", "container", "something went wrong")
        return call(thread_id)

    def hidden(call: Callable[..., Any], is_known: Any) -> Any:
        seen = call(is_known)
        shown = tuple(each for each in seen.facts.threads if each.id == theirs)
        return replace(seen, facts=replace(seen.facts, threads=shown))

    otherwise(rig, open_thread=unread, read_inbox=hidden)
    rig.run(days=2)
    tried = rig.store.attempts_of("founders/ACwAAAda")
    assert [each.state for each in tried] == [AttemptState.UNCERTAIN]
    assert rig.sent("Ada", SendKind.INMAIL) == []
    rig.order(SettleByOwner(tried[0].key, sent=False))
    rig.run(days=2)
    assert len(rig.sent("Ada", SendKind.INMAIL)) == 1, "the owner's word is acted on"


def test_a_composer_that_costs_more_than_it_did_is_not_sent() -> None:
    """K2, C6: the line at the moment of sending decides; free a moment ago is not free."""

    def free(call: Callable[[], Seen[ComposerFacts]]) -> Seen[ComposerFacts]:
        seen = call()
        return replace(seen, facts=replace(seen.facts, kind=ComposerKind.FREE, credits=None))

    rig = Rig(scenario("Ada credit", credits=1))
    otherwise(rig, open_composer=free)
    rig.run(days=0.2)
    assert rig.sent() == []
    assert rig.truth.balance == rig.store.ledger().available == 1
    assert any("is credit now" in each.why for each in rig.done)


def test_a_credit_that_the_owner_spent_meanwhile_keeps_the_last_one() -> None:
    """C6: the balance falls to the reserve while the composer stands open."""
    rig = Rig(scenario("Ada credit\nBen credit", credits=2))

    def typed(call: Callable[..., Seen[ComposerFacts]], *words: str) -> Seen[ComposerFacts]:
        rig.world.send_inmail("ACwAABen", "Hi", "by hand", by=By.OWNER)
        seen = call(*words)
        return replace(seen, facts=replace(seen.facts, credits=rig.truth.balance))

    otherwise(rig, type_inmail=typed)
    rig.run(days=0.02)
    assert rig.sent() == []
    assert rig.truth.balance == 1


def test_a_composer_without_a_subject_is_not_sent() -> None:
    """S1, K2: every InMail has one; a form that lost its field is no form of an InMail."""

    def bare(call: Callable[..., Seen[ComposerFacts]], *words: str) -> Seen[ComposerFacts]:
        seen = call(*words)
        return replace(seen, facts=replace(seen.facts, subject=None))

    rig = Rig(scenario("Ada credit"))
    otherwise(rig, type_inmail=bare)
    rig.run(days=0.02)
    assert rig.sent() == []


@pytest.mark.parametrize("step", ["type_inmail", "type_message"])
def test_what_was_read_an_hour_ago_is_not_acted_on(step: str) -> None:
    """T7: a machine that sleeps between reading and click gives the attempt up, and reads anew."""
    rig = Rig(scenario("Ada credit accept-default 0.1"))
    if step == "type_message":
        rig.run(days=1)
    slept = [True]

    def late(call: Callable[..., Any], *words: str) -> Any:
        if slept:
            slept.clear()
            rig.clock.advance(timedelta(minutes=50))
            rig.world.advance(rig.clock.now())
            if step == "type_message":
                rig.world.answer("ACwAAAda", What.OWN_WORDS)
        return call(*words)

    before = len(rig.sent())
    otherwise(rig, **{step: late})
    rig.run(days=6)
    assert not slept
    tried = rig.store.attempts_of("founders/ACwAAAda")
    assert AttemptState.NOT_SENT in {each.state for each in tried}
    if step == "type_message":
        assert len(rig.sent()) == before, "they wrote in own words meanwhile"
    else:
        assert len(rig.sent("Ada", SendKind.INMAIL)) == 1


def test_an_answer_read_while_in_doubt_is_read_again_when_its_owner_settles() -> None:
    """A5, T3: own words that came before the owner said "sent" are in the inbox then."""
    more = "\n".join((LOST.format(times=1), LAGS.format(minutes=150)))
    rig = Rig(scenario("Ada credit own-words 0.05", more=more))
    rig.run(days=0.1)
    rig.order(SettleByOwner("founders/ACwAAAda#0.1", sent=True))
    rig.run(days=5)
    answer = rig.enrolment("Ada").answer
    assert answer is not None
    assert (answer.rule, answer.inbox) == ("A5", True)
    assert rig.enrolment("Ada").credit_back is not None


def test_two_tries_of_one_step_never_stop_the_seat() -> None:
    """T3: the first stands in the thread after all while the second is in doubt."""
    more = "\n".join((LOST.format(times=2), LAGS.format(minutes=90), LAGS.format(minutes=1000)))
    rig = Rig(scenario("Ada credit accept-default 0.05", more=more))
    rig.run(days=0.005)
    rig.order(SettleByOwner("founders/ACwAAAda#0.1", sent=False))
    rig.edit(replace(CAMPAIGN, body="Another text, {{ first_name }}."))
    rig.run(days=4)
    tried = rig.store.attempts_of("founders/ACwAAAda")
    first = [each.state for each in tried if each.step == 0]
    assert first.count(AttemptState.SENT) == 1, "of one step one is booked"
    assert [d.action for d in rig.done if d.at > rig.clock.now() - timedelta(days=1)], "it goes on"


def test_a_text_that_stood_there_before_proves_nothing() -> None:
    """T2: the owner had pasted the same words by hand; a click that did nothing is no send."""
    rig = Rig(scenario("Ada credit accept-default 0.1"))
    rig.run(days=1)
    thread = rig.enrolment("Ada").thread_id
    assert thread is not None
    rig.world.send_message(thread, "A first follow-up.", by=By.OWNER)
    rig.run(days=1)
    rig.order(Release("ACwAAAda"))

    def nothing(_call: Callable[[], None]) -> None:
        """The button did not react."""

    def as_before(_call: Callable[..., Any], _expected: str) -> Seen[SentFacts]:
        shown = rig.world.thread(thread)
        mine = tuple(each.text or "" for each in shown.messages if each.mine)
        page = rig.site.open_thread(thread).page
        return Seen(SentFacts(True, True, mine, None, thread), page)

    otherwise(rig, click_send=nothing, read_sent=as_before)
    rig.run(days=8)
    told = [each for each in rig.done if each.action == "message" and each.outcome is Outcome.SENT]
    assert "A first follow-up." not in {d.body for d in rig.sent() if d.by is By.PAGE}
    assert [each.why for each in told if "follow-up" in each.why] == []


def test_a_thread_that_does_not_tell_its_id_is_no_end() -> None:
    """T3: our text stands there, and the attempt is settled; nothing stops."""
    rig = Rig(scenario("Ada credit", more=LOST.format(times=1)))

    def nameless(call: Callable[[str], Any], thread_id: str) -> Any:
        seen = call(thread_id)
        return replace(seen, facts=replace(seen.facts, id=None))

    otherwise(rig, open_thread=nameless)
    rig.run(days=0.3)
    assert rig.store.open_attempts() == ()
    check_promises(rig)


def test_a_clock_that_was_a_year_ahead_stops_nothing_for_a_year() -> None:
    """L4, T3: put right, it sends again, and a doubt goes to its owner after a day."""
    rig = Rig(scenario("Ada credit\nBen credit\nCid credit", more=LOST.format(times=9)))
    rig.clock.advance(timedelta(days=364))
    rig.world.advance(rig.clock.now())
    rig.run(days=0.001)
    assert rig.store.open_attempts()
    seat = rig.store.seat()
    assert seat.last_send_at is not None
    ahead = timedelta(days=364)
    rig.store.commit(
        Changes(
            seat=replace(seat, last_send_at=seat.last_send_at + ahead),
            attempts=tuple(
                replace(
                    each,
                    clicked_at=(each.clicked_at or each.held_at) + ahead,
                    look_at=each.look_at + ahead if each.look_at is not None else None,
                )
                for each in rig.store.open_attempts()
            ),
        )
    )
    rig.run(days=3)
    assert {each.lead_id for each in rig.sent()} == {"ACwAAAda", "ACwAABen", "ACwAACid"}
    assert max(Counter(each.lead_id for each in rig.sent()).values()) == 1
