"""What could break the promises to a person, tried: the owner's hand, late answers, wrong ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from simulation.rig import CAMPAIGN, POLICY, Rig, check_promises, scenario

from bot.errors import BrowserGone, LayoutChanged, SeatHalted
from bot.model import AttemptState, Lead, Outcome
from bot.orders import Release, Resume, SettleByOwner
from bot.policy import FollowUp
from bot.practice.people import What
from bot.practice.records import By, SendKind
from bot.rules.contacts import DoNotContact

SPRING = replace(CAMPAIGN, name="spring", body="Hello again, {{ first_name }}, and welcome.")
LOST = '[[faults]]\nkind = "lost-response"\ntimes = {times}'
FAILED = '[[faults]]\nkind = "send-error"\ntimes = {times}'


class Meddling:
    """A site where something else happens just before a call of the agent's; then it goes on."""

    def __init__(self, inner: Any, before: str, happen: Any) -> None:
        self._inner, self._before, self._happen = inner, before, happen

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name != self._before:
            return found

        def first(*args: Any, **named: Any) -> Any:
            self._happen()
            return found(*args, **named)

        return first


def meddle(rig: Rig, before: str, happen: Any) -> None:
    rig.work = replace(rig.work, site=Meddling(rig.site, before, happen))


def once(act: Any) -> Any:
    """Act at the first call only."""
    left = [act]
    return lambda: left.pop()() if left else None


def throw(error: BaseException) -> None:
    raise error


# --- never twice ----------------------------------------------------------------------------------


def test_a_lead_of_two_campaigns_gets_one_inmail() -> None:
    """K4: over all campaigns, while the first is waiting, uncertain or answered."""
    rig = Rig(scenario("Ada credit accept-default"), campaigns=(CAMPAIGN, SPRING))
    rig.run(days=3)
    assert len(rig.sent("Ada", SendKind.INMAIL)) == 1
    assert rig.enrolment("Ada", "spring").skip is not None
    check_promises(rig)


def test_an_inmail_whose_answer_was_lost_is_looked_up() -> None:
    """T3: the click's end was not seen; the thread is read, and nothing is sent again."""
    rig = Rig(scenario("Ada credit", more=LOST.format(times=1)))
    rig.run(days=3)
    assert [d.outcome for d in rig.done if d.lead_id == "ACwAAAda"][:2] == [
        Outcome.UNCERTAIN,
        Outcome.SENT,
    ]
    assert len(rig.sent("Ada")) == 1
    check_promises(rig)


def test_an_uncertain_end_in_one_campaign_keeps_the_other_away() -> None:
    """K4, T3: a person who may have been written to is not written to from elsewhere."""
    late = LOST.format(times=1) + '\n[[faults]]\nkind = "lagging-thread"\nminutes = 600'
    rig = Rig(scenario("Ada credit", more=late), campaigns=(CAMPAIGN, SPRING))
    rig.run(days=2)
    assert len(rig.sent("Ada")) == 1
    check_promises(rig)


def test_a_step_is_tried_three_times_at_most() -> None:
    """T3: a step found not sent may be tried again, at most twice; then its owner is asked."""
    rig = Rig(scenario("Ada credit", more=FAILED.format(times=0)))
    rig.run(days=6)
    assert rig.site.clicks == 3
    hold = rig.enrolment("Ada").hold
    assert hold is not None
    assert hold.rule == "T3"
    assert rig.store.ledger().held == 0


def test_a_released_lead_is_tried_afresh() -> None:
    """T3, C10: attempts keep their names for ever; a new one never takes an old one's."""
    rig = Rig(scenario("Ada credit", more=FAILED.format(times=3)))
    rig.run(days=6)
    assert rig.order(Release("ACwAAAda")).done
    rig.run(days=3)
    attempts = rig.store.attempts_of("founders/ACwAAAda")
    states = [attempt.state for attempt in attempts]
    assert states == [AttemptState.NOT_SENT] * 3 + [AttemptState.SENT]
    assert len(rig.sent("Ada")) == 1
    check_promises(rig)


def settled_wrongly(*, retried: bool) -> Rig:
    """Delivered, but lost in a thread that lags; and the owner says that it was not sent."""
    late = LOST.format(times=1) + '\n[[faults]]\nkind = "lagging-thread"\nminutes = 240'
    rig = Rig(scenario("Ada credit accept-default 3\nBen credit", more=late))
    rig.run(days=0.01)
    assert rig.order(SettleByOwner("founders/ACwAAAda#0.1", sent=False)).done
    if not retried:
        pausing = replace(rig.work.policy, inmails_per_day=1)
        rig.work = replace(rig.work, policy=pausing)
    rig.run(days=4)
    return rig


def test_a_wrong_word_of_the_owner_is_corrected_by_the_thread() -> None:
    """T3, C4: what was settled as not sent and stands in the thread was sent, and cost a credit."""
    rig = settled_wrongly(retried=False)
    assert rig.store.attempts_of("founders/ACwAAAda")[0].state is AttemptState.SENT
    assert len(rig.sent("Ada", SendKind.INMAIL)) == 1
    spent = [e for e in rig.store.entries() if e.kind == "spend" and e.lead_id == "ACwAAAda"]
    assert [e.credits for e in spent] == [1]
    rig.run(days=6)
    assert rig.store.ledger().available == rig.truth.balance
    assert rig.store.ledger().held == 0


def test_owners_own_inmail_keeps_the_agent_away() -> None:
    """K4, K8: people whom the owner wrote to by hand, before or after the start, get no second."""
    rig = Rig(scenario("Ada credit\nBen credit"))
    rig.world.send_inmail("ACwAAAda", "Hello", "Shall we talk?", by=By.OWNER)
    rig.run(days=0.05)
    assert rig.sent("Ada") == []
    assert len(rig.sent("Ben")) == 1


def test_owners_own_inmail_during_doubt_keeps_the_agent_away() -> None:
    """K4: an attempt found not sent is not tried again when the owner wrote meanwhile."""
    often = replace(POLICY, read_inbox_minutes=5)
    rig = Rig(scenario("Ada credit", more=FAILED.format(times=1)), policy=often)
    rig.run(days=0.003)
    rig.world.send_inmail("ACwAAAda", "Hello", "Shall we talk?", by=By.OWNER)
    rig.world.answer("ACwAAAda", What.OWN_WORDS)
    rig.run(days=3)
    assert rig.sent("Ada") == []
    skip = rig.enrolment("Ada").skip
    assert skip is not None
    assert skip.rule == "K4"


# --- never to somebody who wrote, or said no ------------------------------------------------------


def test_an_answer_between_plan_and_click_is_heard() -> None:
    """T7, A6: the thread is read in the same visit; own words in it stop the message."""
    rig = Rig(scenario("Ada credit accept-default 0.1"))
    rig.run(days=0.1)
    meddle(rig, "open_thread", lambda: None)
    said = once(lambda: rig.world.answer("ACwAAAda", What.OWN_WORDS))

    def speak() -> None:
        if rig.enrolment("Ada").phase == "message":
            said()

    meddle(rig, "open_thread", speak)
    rig.run(days=5)
    assert rig.sent("Ada", SendKind.MESSAGE) == []
    answer = rig.enrolment("Ada").answer
    assert answer is not None
    assert (answer.rule, answer.sequence) == ("A6", "stops")
    assert rig.store.ledger().available == rig.truth.balance


@pytest.mark.parametrize(
    ("answers", "messages"),
    [
        ("accept-default", 3),
        ("accept-without-text", 3),
        ("accept-edited", 0),
        ("reject-default", 0),
        ("reject-without-text", 0),
        ("reject-edited", 0),
        ("own-words", 0),
        ("accept-default,own-words", 1),
        ("reject-default,accept-default", 3),
        ("reject-edited,own-words", 0),
        ("accept-other-text", 0),
        ("reject-other-text", 0),
        ("deleted", 0),
        ("asks-to-stop", 0),
        ("accept-default,asks-to-stop", 1),
        ("accept-default,reject-default", 1),
    ],
)
def test_messages_follow_the_answer(answers: str, messages: int) -> None:
    """A1-A9, A11, S4: what each answer lets through in four weeks."""
    rig = Rig(scenario(f"Ada credit {answers} 1"))
    rig.run(days=28)
    assert len(rig.sent("Ada", SendKind.MESSAGE)) == messages
    check_promises(rig)


def test_who_asked_to_be_left_alone_is_left_alone_by_all() -> None:
    """A11, K5: another campaign that imports the person later does not write either."""
    rig = Rig(scenario("Ada credit asks-to-stop"))
    rig.run(days=3)
    rig.edit(CAMPAIGN, SPRING)
    rig.run(days=3)
    skip = rig.enrolment("Ada", "spring").skip
    assert skip is not None
    assert skip.rule == "A11"
    assert len(rig.sent("Ada")) == 1


def test_the_owner_in_the_thread_holds_it_until_released() -> None:
    """A10: the agent says nothing beside its owner; released, it goes on, and no message twice."""
    rig = Rig(scenario("Ada credit accept-default 0.1"))
    rig.run(days=1)
    thread_id = rig.enrolment("Ada").thread_id
    assert thread_id is not None
    rig.world.send_message(thread_id, "A word from me.", by=By.OWNER)
    rig.run(days=6)
    answer = rig.enrolment("Ada").answer
    assert answer is not None
    assert (answer.rule, answer.sequence) == ("A10", "held")
    assert len(rig.sent("Ada", SendKind.MESSAGE)) == 1
    assert rig.order(Release("ACwAAAda")).done
    rig.run(days=12)
    assert len(rig.sent("Ada", SendKind.MESSAGE)) == 3
    check_promises(rig)


def test_a_released_unreadable_answer_stays_released() -> None:
    """A9: the owner has looked; reading the same thread again does not ask them again."""
    rig = Rig(scenario("Ada credit deleted"))
    rig.run(days=2)
    assert rig.order(Release("ACwAAAda")).done
    rig.run(days=2)
    answer = rig.enrolment("Ada").answer
    assert answer is not None
    assert answer.sequence != "held"


def test_the_list_of_the_owner_is_asked_at_the_last_moment() -> None:
    """K5: a company that only the lead's page tells is on the list as well."""
    rig = Rig(scenario("Ada credit"))
    company = next(iter(rig.world.scenario.people)).company
    card_less = replace(rig.work, contacts=DoNotContact(companies=frozenset([company.casefold()])))
    rig.work = replace(rig.work, campaigns=(replace(CAMPAIGN, audience="people.csv"),))
    rig.work = replace(
        rig.work,
        contacts=card_less.contacts,
        read_audience=lambda _: ((Lead("ACwAAAda", "Ada Invented", "Ada"),), ()),
    )
    rig.run(days=2)
    assert rig.sent() == []


# --- halts and dead browsers ----------------------------------------------------------------------


@pytest.mark.parametrize("call", ["open_lead", "open_composer", "type_inmail", "read_sent"])
def test_a_halt_in_the_middle_of_a_send_stops_everything(call: str) -> None:
    """L5, T3: nothing is clicked before the owner's word, and what was open is looked up then."""
    rig = Rig(scenario("Ada credit\nBen credit"))
    meddle(rig, call, lambda: throw(SeatHalted("challenge", "a security check")))
    assert rig.run(days=1).halted
    assert rig.site.clicks == (1 if call == "read_sent" else 0)
    rig.restart()
    rig.run(days=2)
    assert rig.site.clicks == 0
    assert rig.order(Resume()).done
    rig.run(days=2)
    assert [len(rig.sent(name)) for name in ("Ada", "Ben")] == [1, 1]
    check_promises(rig)


@pytest.mark.parametrize("call", ["type_inmail", "click_send", "read_sent", "close_composer"])
def test_a_browser_that_dies_is_no_reason_to_write_twice(call: str) -> None:
    """T4: the stint ends with an error; the next one finds out and goes on."""
    rig = Rig(scenario("Ada credit\nBen free"))
    meddle(rig, call, once(lambda: throw(BrowserGone("the browser is gone"))))
    if call != "close_composer":
        with pytest.raises(BrowserGone):
            rig.run(days=2)
    rig.restart()
    rig.run(days=2)
    assert len(rig.sent("Ben")) == 1
    check_promises(rig)


def test_one_thread_that_cannot_be_read_holds_its_lead_only() -> None:
    """A9, L5: a page that concerns one lead does not stop the seat."""
    rig = Rig(scenario("Ada credit accept-default 0.1\nBen credit accept-default 1"))
    rig.run(days=0.09)
    ada = rig.enrolment("Ada").thread_id
    broken = LayoutChanged("thread", "message", "a hook is gone")
    inner = rig.site.open_thread
    rig.site.open_thread = lambda i: throw(broken) if i == ada else inner(i)  # type: ignore[method-assign]
    rig.run(days=3)
    assert rig.sent("Ada", SendKind.MESSAGE) == []
    assert rig.enrolment("Ada").hold is not None
    assert len(rig.sent("Ben", SendKind.MESSAGE)) == 1


# --- edits ----------------------------------------------------------------------------------------


def test_a_campaign_file_that_goes_while_a_send_is_open_blocks_nothing() -> None:
    """S7, T3: an attempt of a campaign without a file is still looked up."""
    late = LOST.format(times=1) + '\n[[faults]]\nkind = "lagging-thread"\nminutes = 30'
    rig = Rig(scenario("Ada credit\nBen credit", more=late))
    rig.run(days=0.001)
    rig.edit(SPRING)
    rig.run(days=2)
    assert rig.store.attempts_of("founders/ACwAAAda")[0].state is AttemptState.SENT
    assert len(rig.sent("Ada")) == 1
    assert len(rig.sent("Ben")) == 1
    check_promises(rig)


def test_a_campaign_file_that_comes_back_goes_on_where_it_stood() -> None:
    """S7: an acceptance that was read while the file was away gets its messages afterwards."""
    rig = Rig(scenario("Ada credit accept-default 1"))
    rig.run(days=0.1)
    rig.edit()
    rig.run(days=3)
    assert rig.sent("Ada", SendKind.MESSAGE) == []
    rig.edit(CAMPAIGN)
    rig.run(days=1)
    assert len(rig.sent("Ada", SendKind.MESSAGE)) == 1


def test_an_edit_changes_only_what_is_not_sent() -> None:
    """S7: a later date and another text hold for the follow-up that is still to come."""
    rig = Rig(scenario("Ada credit accept-default 0.1"))
    rig.run(days=1)
    rig.edit(replace(CAMPAIGN, follow_ups=(FollowUp(10, "A newer text."),)))
    rig.run(days=9)
    assert len(rig.sent("Ada", SendKind.MESSAGE)) == 1
    rig.run(days=3)
    messages = rig.sent("Ada", SendKind.MESSAGE)
    assert [m.body for m in messages][1:] == ["A newer text."]
    assert messages[1].at - messages[0].at >= timedelta(days=10)


def test_an_answer_that_came_while_the_send_was_in_doubt_is_taken_in() -> None:
    """T3, A5: the thread was read before its InMail was known to be ours, and shows nothing new."""
    lost = LOST.format(times=1) + '\n[[faults]]\nkind = "lagging-thread"\nminutes = 150'
    rig = Rig(scenario("Ada free own-words 0.05", more=lost))
    rig.run(days=2)
    answer = rig.enrolment("Ada").answer
    assert answer is not None
    assert answer.rule == "A5"
