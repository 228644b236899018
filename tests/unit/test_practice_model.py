"""The practice site's model tells the truth about money, time and who got what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.practice.faults import FaultKind, Moment, PlannedFault
from bot.practice.model import World
from bot.practice.people import Label, Person, PersonKind, Step, What
from bot.practice.purse import CreditCause, CreditRules, RefundOn
from bot.practice.records import By, ComposerState, SendShown
from bot.practice.scenario import Lot, Owner, Scenario

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def someone(
    number: int = 1, kind: PersonKind = PersonKind.CREDIT, *answers: What, every: timedelta = DAY
) -> Person:
    """An invented person who gives these answers, one *every* so long."""
    return Person(
        id=f"ACwAA{number:04}",
        name=f"Ada Amberwood{number}",
        title="Founder",
        company="Acorn Invented Labs",
        location="Port Sample",
        headline="Founder",
        degree=1 if kind is PersonKind.FIRST_DEGREE else 2,
        kind=kind,
        plan=tuple(Step(every, what) for what in answers),
    )


def world(
    *people: Person,
    credits: int = 10,
    rules: CreditRules | None = None,
    faults: tuple[PlannedFault, ...] = (),
) -> World:
    """A site with these people and one lot of credits."""
    return World(
        Scenario(
            owner=Owner("Robin", "Robin Example"),
            start=START,
            people=people,
            credits=rules or CreditRules(),
            lots=(Lot(START - DAY, credits),) if credits else (),
            faults=faults,
        )
    )


def fault(kind: FaultKind, **more: object) -> PlannedFault:
    """A fault at the moment that is usual for it."""
    return PlannedFault(kind=kind, **({"on": kind.moment} | more))  # type: ignore[arg-type]


def test_a_credit_inmail_costs_one_and_a_free_one_none() -> None:
    """C4: one credit for a credit InMail, none for a free one, a first-degree one, a message."""
    ada, open_one = someone(1), someone(2, PersonKind.FREE)
    known = someone(3, PersonKind.FIRST_DEGREE)
    site = world(ada, open_one, known)
    for person in (ada, open_one, known):
        assert site.send_inmail(person.id, "Hello", "Shall we talk?").shown is SendShown.SENT
    thread = site.threads().threads[0]
    site.send_message(thread.id, "And another thing.")
    assert [each.cost for each in site.truth().deliveries] == [1, 0, 0, 0]
    assert site.balance() == 9


@pytest.mark.parametrize(
    ("what", "on_acceptance", "on_any"),
    [
        (What.ACCEPT_DEFAULT, True, True),
        (What.ACCEPT_WITHOUT_TEXT, True, True),
        (What.ACCEPT_EDITED, True, True),
        (What.ACCEPT_OTHER_TEXT, True, True),
        (What.OWN_WORDS, True, True),
        (What.ASKS_TO_STOP, True, True),
        (What.REJECT_DEFAULT, False, True),
        (What.REJECT_EDITED, False, True),
        (What.REJECT_WITHOUT_TEXT, False, True),
        (What.DELETED, False, False),
    ],
)
def test_what_returns_the_credit(what: What, on_acceptance: bool, on_any: bool) -> None:
    """C5: acceptance and own words return it; under "any-answer" rejections too."""
    for rule, returns in ((RefundOn.ACCEPTANCE, on_acceptance), (RefundOn.ANY_ANSWER, on_any)):
        ada = someone(1, PersonKind.CREDIT, what)
        site = world(ada, rules=CreditRules(refund_on=rule))
        site.send_inmail(ada.id, "Hello", "Shall we talk?")
        site.advance(START + 5 * DAY)
        assert site.balance() == (10 if returns else 9), (rule, what)


def test_an_accepted_inmail_returns_its_credit_once() -> None:
    """C5: whatever is said after the acceptance, the one credit comes back once."""
    answers = (What.REJECT_DEFAULT, What.ACCEPT_DEFAULT, What.OWN_WORDS, What.ACCEPT_EDITED)
    ada = someone(1, PersonKind.CREDIT, *answers)
    site = world(ada)
    site.send_inmail(ada.id, "Hello", "Shall we talk?")
    site.advance(START + 10 * DAY)
    refunds = [each for each in site.truth().credits if each.cause is CreditCause.REFUND]
    assert [each.at for each in refunds] == [START + 2 * DAY + timedelta(hours=6)]


def test_an_answer_after_ninety_days_returns_nothing() -> None:
    """The site's own window: a late answer is no refund (site.md, 8)."""
    ada = someone(1, PersonKind.CREDIT, What.ACCEPT_DEFAULT, every=91 * DAY)
    site = world(ada)
    site.send_inmail(ada.id, "Hello", "Shall we talk?")
    site.advance(START + 100 * DAY)
    assert len(site.truth().answers) == 1
    assert CreditCause.REFUND not in {each.cause for each in site.truth().credits}


def test_the_grant_comes_on_the_first_and_is_cut_at_the_cap() -> None:
    """C1, C2: 50 on the 1st, 00:00 UTC, and never more than 150 held."""
    site = world(someone(), credits=120)
    site.advance(datetime(2026, 3, 31, 23, 59, tzinfo=UTC))
    assert site.balance() == 120
    site.advance(datetime(2026, 4, 1, tzinfo=UTC))
    assert site.balance() == 150
    assert [(e.cause, e.credits) for e in site.truth().credits[-2:]] == [
        (CreditCause.GRANT, 30),
        (CreditCause.CUT, 20),
    ]


def test_expiry_comes_before_the_grant() -> None:
    """C1, C3: what ends on the 1st makes room for what comes on the 1st."""
    site = World(
        Scenario(
            owner=Owner("Robin", "Robin Example"),
            start=datetime(2026, 3, 31, tzinfo=UTC),
            people=(someone(),),
            lots=(Lot(datetime(2026, 1, 1, tzinfo=UTC), 140),),
        )
    )
    site.advance(datetime(2026, 4, 1, tzinfo=UTC))
    assert site.balance() == 50


def test_the_oldest_credit_is_spent_first() -> None:
    """C3: a credit that would have expired is used before a younger one."""
    ada = someone()
    site = World(
        Scenario(
            owner=Owner("Robin", "Robin Example"),
            start=datetime(2026, 3, 2, tzinfo=UTC),
            people=(ada,),
            lots=(
                Lot(datetime(2026, 3, 1, tzinfo=UTC), 1),
                Lot(datetime(2025, 12, 5, tzinfo=UTC), 1),
            ),
            credits=CreditRules(monthly=0),
        )
    )
    site.send_inmail(ada.id, "Hello", "Shall we talk?")
    site.advance(datetime(2026, 3, 20, tzinfo=UTC))
    assert site.balance() == 1
    assert CreditCause.EXPIRE not in {each.cause for each in site.truth().credits}


STEP = st.one_of(
    st.tuples(st.just("send"), st.integers(0, 7)),
    st.tuples(st.just("pass"), st.integers(1, 800)),
    st.tuples(st.just("answer"), st.tuples(st.integers(0, 7), st.sampled_from(list(What)))),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(STEP, max_size=40),
    st.sampled_from(list(RefundOn)),
    st.integers(0, 150),
    st.integers(0, 60),
)
def test_any_history_keeps_the_books(
    steps: list[tuple[str, object]], refund_on: RefundOn, credits: int, monthly: int
) -> None:
    """C2-C5: never below zero, never above the cap, no refund twice, and every change is told."""
    people = [someone(n, PersonKind.FREE if n % 3 == 0 else PersonKind.CREDIT) for n in range(8)]
    rules = CreditRules(monthly=monthly, refund_on=refund_on)
    site = world(*people, credits=credits, rules=rules)
    for kind, value in steps:
        match kind, value:
            case "send", int(number):
                site.send_inmail(people[number].id, "Hello", "Shall we talk?")
            case "pass", int(hours):
                site.advance(site.now + timedelta(hours=hours))
            case "answer", (int(number), What() as what):
                if any(each.lead_id == people[number].id for each in site.truth().deliveries):
                    site.answer(people[number].id, what)
        assert 0 <= site.balance() <= rules.cap
    truth = site.truth()
    moved = [each.credits for each in truth.credits if each.cause is not CreditCause.CUT]
    assert sum(moved) == truth.balance
    charged = sum(each.cost for each in truth.deliveries)
    returned = sum(each.cause is CreditCause.REFUND for each in truth.credits)
    assert returned <= charged
    assert sum(each.cause is CreditCause.SPEND for each in truth.credits) == charged


def test_time_never_goes_back() -> None:
    """A caller with an older clock changes nothing."""
    site = world(someone())
    site.advance(START + DAY)
    site.advance(START)
    assert site.now == START + DAY


def test_what_is_due_happens_at_its_own_time() -> None:
    """One long step is the same as many short ones."""
    plan = (What.ACCEPT_DEFAULT, What.OWN_WORDS)
    worlds = [world(*(someone(n, PersonKind.CREDIT, *plan) for n in range(4))) for _ in range(2)]
    for site in worlds:
        for number in range(4):
            site.send_inmail(f"ACwAA{number:04}", "Hello", "Shall we talk?")
    worlds[0].advance(START + 40 * DAY)
    for hours in range(0, 40 * 24 + 1, 5):
        worlds[1].advance(START + timedelta(hours=hours))
    assert worlds[0].truth() == worlds[1].truth()


def test_a_second_inmail_goes_out_and_costs_again() -> None:
    """K4: the site does not save an agent from writing twice; the truth shows it."""
    ada = someone()
    site = world(ada)
    for _ in range(2):
        assert site.send_inmail(ada.id, "Hello", "Shall we talk?").shown is SendShown.SENT
    assert [each.lead_id for each in site.truth().deliveries] == [ada.id, ada.id]
    assert site.balance() == 8


@pytest.mark.parametrize(
    ("kind", "credits", "subject", "body"),
    [
        (PersonKind.UNREACHABLE, 5, "Hello", "Shall we talk?"),
        (PersonKind.CREDIT, 0, "Hello", "Shall we talk?"),
        (PersonKind.CREDIT, 5, " ", "Shall we talk?"),
        (PersonKind.CREDIT, 5, "Hello", ""),
        (PersonKind.CREDIT, 5, "h" * 201, "Shall we talk?"),
        (PersonKind.CREDIT, 5, "Hello", "b" * 1901),
        (PersonKind.CREDIT, 5, "Hello", "\N{GRINNING FACE}" * 951),
    ],
)
def test_what_the_site_refuses(kind: PersonKind, credits: int, subject: str, body: str) -> None:
    """S1, S6: nothing is delivered and nothing is charged when the site refuses."""
    ada = someone(1, kind)
    site = world(ada, credits=credits)
    assert site.send_inmail(ada.id, subject, body).shown is SendShown.REFUSED
    assert site.truth().deliveries == ()
    assert site.balance() == credits


@pytest.mark.parametrize(
    ("what", "closed"),
    [
        (What.REJECT_DEFAULT, True),
        (What.REJECT_WITHOUT_TEXT, True),
        (What.REJECT_EDITED, False),
        (What.ACCEPT_DEFAULT, False),
    ],
)
def test_only_a_default_rejection_closes_the_thread(what: What, closed: bool) -> None:
    """A3, A4: after a default rejection nothing can be sent, after an edited one it could."""
    ada = someone(1, PersonKind.CREDIT, what)
    site = world(ada)
    sent = site.send_inmail(ada.id, "Hello", "Shall we talk?")
    site.advance(START + 2 * DAY)
    result = site.send_message(sent.thread_id or "", "One more thing.")
    assert (result.shown is SendShown.REFUSED) == closed


def test_a_later_acceptance_opens_the_thread_again() -> None:
    """A7: who rejected and then accepts can be written to."""
    ada = someone(1, PersonKind.CREDIT, What.REJECT_DEFAULT, What.ACCEPT_DEFAULT)
    site = world(ada)
    sent = site.send_inmail(ada.id, "Hello", "Shall we talk?")
    site.advance(START + 3 * DAY)
    assert site.send_message(sent.thread_id or "", "Thank you!").shown is SendShown.SENT


def test_default_answers_greet_the_owner() -> None:
    """A12: the seat owner's first name stands in the default text."""
    ada = someone(1, PersonKind.CREDIT, What.ACCEPT_DEFAULT)
    site = world(ada)
    site.send_inmail(ada.id, "Hello", "Shall we talk?")
    site.advance(START + 2 * DAY)
    wanted = "Hi Robin,\nThanks for reaching out. I'd like to learn more."
    assert [each.text for each in site.truth().answers] == [wanted]
    assert site.threads().threads[0].label is Label.ACCEPTED


def test_the_inbox_shows_the_newest_first_and_counts_the_unread() -> None:
    """An answer moves its thread to the top; opening it makes it read."""
    people = [someone(1, PersonKind.CREDIT, What.OWN_WORDS), someone(2)]
    site = world(*people)
    for minutes, person in enumerate(people):
        site.advance(START + timedelta(minutes=minutes))
        site.send_inmail(person.id, "Hello", "Shall we talk?")
    assert [each.person for each in site.threads().threads] == people[::-1]
    site.advance(START + 2 * DAY)
    first = site.threads().threads[0]
    assert (first.person, first.unread) == (people[0], 1)
    site.thread(first.id)
    assert site.threads(only="UNREAD").total == 0


def test_an_error_without_delivery_may_still_cost() -> None:
    """T3: the site says it failed and delivers nothing; whether it charged is the scenario's."""
    for lose_credit, left in ((False, 10), (True, 9)):
        ada = someone()
        planned = fault(FaultKind.SEND_ERROR, lose_credit=lose_credit)
        site = world(ada, faults=(planned,))
        assert site.send_inmail(ada.id, "Hello", "Shall we talk?").shown is SendShown.ERROR
        assert (site.truth().deliveries, site.balance()) == ((), left)


def test_a_lost_response_was_delivered() -> None:
    """T3: nobody says so, but the message is there."""
    ada = someone()
    site = world(ada, faults=(fault(FaultKind.LOST_RESPONSE),))
    assert site.send_inmail(ada.id, "Hello", "Shall we talk?").shown is SendShown.LOST
    assert len(site.truth().deliveries) == 1
    assert site.threads().total == 1


def test_what_lags_shows_in_the_end() -> None:
    """C9, T3: balance and thread tell the truth again when their lag is over."""
    ada = someone()
    planned = (fault(FaultKind.LAGGING_BALANCE), fault(FaultKind.LAGGING_THREAD))
    site = world(ada, faults=planned)
    sent = site.send_inmail(ada.id, "Hello", "Shall we talk?")
    assert (site.shown_balance(), site.balance(), site.threads().total) == (10, 9, 0)
    assert site.thread(sent.thread_id or "") is None
    site.advance(START + timedelta(minutes=15))
    assert (site.shown_balance(), site.threads().total) == (9, 1)


def test_a_halt_stays_until_it_is_lifted() -> None:
    """L5: coming back does not help; the owner's word does."""
    site = world(someone(), faults=(fault(FaultKind.SECURITY_CHECK, nth=2),))
    assert site.view(Moment.INBOX).halt is None
    for _ in range(3):
        assert site.view(Moment.INBOX).halt is FaultKind.SECURITY_CHECK
    site.lift()
    assert site.view(Moment.INBOX).halt is None


def test_a_fault_strikes_when_all_its_conditions_hold() -> None:
    """Its page, its person, its time and its number; then as often as planned."""
    ada, basil = someone(1), someone(2)
    planned = fault(FaultKind.MISSING, on=Moment.LEAD, lead_id=basil.id, after=START + DAY, times=2)
    site = world(ada, basil, faults=(planned,))

    def missing(person: Person) -> bool:
        return site.view(Moment.LEAD, person.id).missing

    assert not missing(basil)
    site.advance(START + DAY)
    assert [missing(ada), missing(basil), missing(basil), missing(basil)] == [
        False,
        True,
        True,
        False,
    ]


def test_the_wrong_addressee_gets_what_is_sent() -> None:
    """K6: the composer shows somebody else, of the same kind, so only the id gives it away."""
    people = [someone(1), someone(2), someone(3, PersonKind.FREE)]
    site = world(*people, faults=(fault(FaultKind.WRONG_ADDRESSEE),))
    shown = site.composer(people[0].id)
    assert shown is not None
    assert shown.person == people[1]
    again = site.composer(people[0].id)
    assert again is not None
    assert again.person == people[0]


def test_the_composer_says_what_a_send_would_cost() -> None:
    """K2: credit, free, none left and first degree, with the balance before sending."""
    kinds = (PersonKind.CREDIT, PersonKind.FREE, PersonKind.FIRST_DEGREE)
    people = [someone(number, kind) for number, kind in enumerate(kinds)]

    def states(credits: int) -> list[ComposerState]:
        site = world(*people, credits=credits)
        shown = [site.composer(person.id) for person in people]
        return [each.state for each in shown if each is not None]

    credit, free, known = ComposerState.CREDIT, ComposerState.FREE, ComposerState.FIRST_DEGREE
    assert states(3) == [credit, free, known]
    assert states(0) == [ComposerState.NONE_LEFT, free, known]
    assert world(someone(9, PersonKind.UNREACHABLE)).composer("ACwAA0009") is None


def test_what_the_owner_sends_by_hand_is_no_send_of_the_page() -> None:
    """C9, L1: it costs and shows like any other, and the truth tells who wrote it."""
    ada = someone()
    site = world(ada, faults=(fault(FaultKind.SEND_ERROR),))
    site.send_inmail(ada.id, "Hello", "By hand.", by=By.OWNER)
    (delivery,) = site.truth().deliveries
    assert (delivery.by, delivery.cost) == (By.OWNER, 1)
    lead = site.lead(ada.id)
    assert lead is not None
    assert lead.pending
