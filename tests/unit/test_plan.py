"""T6: the one thing to do next, or the rule that holds it: a table of moments."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.credits import Ledger
from bot.facts import Kind
from bot.hooks import BrokenHook
from bot.model import (
    Action,
    Answer,
    Attempt,
    AttemptState,
    Brief,
    CampaignState,
    Canary,
    DayCounts,
    Enrolment,
    Halted,
    Import,
    KnownThread,
    ReadInbox,
    ReadThread,
    SeatState,
    SendInMail,
    SendMessage,
    SentStep,
    Settle,
    Wait,
)
from bot.policy import Campaign, FollowUp, Hours, SeatPolicy
from bot.rules.credits import open_ledger
from bot.rules.plan import plan
from bot.rules.sequence import placed

UTC_ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)  # a Tuesday
SOON, LATER = NOW + timedelta(minutes=50), NOW + timedelta(hours=2)
HOURS = Hours(UTC_ZONE, frozenset(range(5)), time(9), time(17))
POLICY = SeatPolicy("alice", HOURS)
CAMPAIGN = Campaign(
    "c", "people.csv", "S", "B", acceptance="Thanks", follow_ups=(FollowUp(3, "F"),)
)
KNOWN = CampaignState("c", cursor=None, audience="people.csv")
TODAY = DayCounts(date(2026, 3, 3))
SEAT = SeatState(
    inbox_read_at=NOW - timedelta(minutes=10),
    threads_known=True,
    lead_checked=TODAY.day,
    thread_checked=TODAY.day,
)
SEAT_READS_AT = NOW + timedelta(minutes=50)
SENT = SentStep(0, NOW - timedelta(days=4), "h", "c/B#0.1", Kind.CREDIT)
YES = Answer("accepted", "default", "A1", False, "goes-on", True, False, NOW - timedelta(hours=1))


def queued(name: str, position: int, kind: Kind | None = None, campaign: str = "c") -> Enrolment:
    return Enrolment(f"{campaign}/{name}", name, campaign, position, kind=kind)


def accepted(name: str = "B", **changes: object) -> Enrolment:
    enrolment = replace(queued(name, 2), sent=(SENT,), answer=YES, accepted_at=YES.at)
    return placed(replace(enrolment, **changes), CAMPAIGN)  # type: ignore[arg-type]


NEW, NEXT = queued("A", 1), queued("N", 3, Kind.FREE)
CREDIT, BACK = queued("C", 4, Kind.CREDIT), datetime(2026, 4, 1, 9, tzinfo=UTC)
ATTEMPT = Attempt("c/U#0.1", "c/U", "U", "c", 0, AttemptState.UNCERTAIN, NOW, "S", "B", "h")


def ledger(credits: int) -> Ledger:
    return open_ledger(credits, NOW - timedelta(days=1), POLICY.credits).ledger


def brief(*queue: Enrolment, **changes: object) -> Brief:
    given = Brief(SEAT, ledger(10), TODAY, queue=queue, campaigns=(KNOWN,))
    return replace(given, **changes)  # type: ignore[arg-type]


def seat(**changes: object) -> SeatState:
    return replace(SEAT, **changes)  # type: ignore[arg-type]


def uncertain(**changes: object) -> Attempt:
    return replace(ATTEMPT, **changes)  # type: ignore[arg-type]


def inmail(name: str, *, may_spend: bool = True) -> SendInMail:
    return SendInMail(f"c/{name}", name, "c", may_spend)


CASES: dict[str, tuple[Brief, Action | tuple[str, datetime | None]]] = {
    "K7 a new lead": (brief(NEW), inmail("A")),
    "K7 the order of import": (brief(NEXT, NEW), inmail("A")),
    "L5 halted": (brief(NEW, seat=seat(halted=Halted("login", "?", NOW))), ("L5", None)),
    "L5 not even an open attempt": (
        brief(seat=seat(halted=Halted("login", "?", NOW)), open_attempts=(ATTEMPT,)),
        ("L5", None),
    ),
    "S7 a paused seat": (brief(NEW, seat=seat(paused=True)), ("S7", None)),
    "T3 an uncertain end first": (
        brief(NEW, open_attempts=(ATTEMPT,), due=(accepted(),)),
        Settle("c/U#0.1", "U"),
    ),
    "T3 not before its time": (brief(NEW, open_attempts=(uncertain(look_at=SOON),)), inmail("A")),
    "T3 died held: at once": (
        brief(NEW, open_attempts=(uncertain(state=AttemptState.HELD, look_at=SOON),)),
        Settle("c/U#0.1", "U"),
    ),
    "T3 the owner's: the rest goes on": (
        brief(NEW, open_attempts=(uncertain(with_owner=True),)),
        inmail("A"),
    ),
    "T3 two of them: the ripe one": (
        brief(open_attempts=(uncertain(look_at=SOON), uncertain(key="k", lead_id="V"))),
        Settle("k", "V"),
    ),
    "T3 its look is waited for": (
        brief(open_attempts=(uncertain(look_at=NOW + timedelta(minutes=7)),)),
        ("K7", NOW + timedelta(minutes=7)),
    ),
    "K8 threads before sending": (brief(NEW, seat=seat(inbox_read_at=None)), ReadInbox()),
    "a clock set back": (brief(NEW, seat=seat(inbox_read_at=LATER)), ReadInbox()),
    "K8 each changed thread": (
        brief(NEW, unread_thread=KnownThread("t", "A", "A", "new")),
        ReadThread("t", "A"),
    ),
    "S2 a message goes first": (brief(NEW, due=(accepted(),)), SendMessage("c/B", "B", "c", 1)),
    "S3 three days after the last message": (
        brief(
            due=(
                accepted(sent=(SENT, replace(SENT, step=1, at=NOW - timedelta(days=3), kind=None))),
            )
        ),
        SendMessage("c/B", "B", "c", 2),
    ),
    "S3 not a minute earlier": (
        brief(
            due=(
                accepted(
                    sent=(
                        SENT,
                        replace(SENT, step=1, at=NOW - timedelta(days=3, minutes=-1), kind=None),
                    )
                ),
            )
        ),
        ("K7", SOON),
    ),
    "S4 nothing without an acceptance": (brief(due=(accepted(answer=None),)), ("K7", SOON)),
    "A5 nothing to a responder": (
        brief(due=(accepted(answer=replace(YES, rule="A5", sequence="stops")),)),
        ("K7", SOON),
    ),
    "L2 the day's messages": (
        brief(due=(accepted(),), today=replace(TODAY, messages=50)),
        ("L2", SOON),
    ),
    "L2 holds no InMail": (
        brief(NEW, due=(accepted(),), today=replace(TODAY, messages=50)),
        inmail("A"),
    ),
    "L1 ten a day": (brief(NEW, today=replace(TODAY, inmails=10)), ("L1", SOON)),
    "L1 with those by hand": (brief(NEW, today=replace(TODAY, inmails=6, manual=4)), ("L1", SOON)),
    "L1 nine: one more": (brief(NEW, today=replace(TODAY, inmails=6, manual=3)), inmail("A")),
    "L6 lead pages": (brief(NEW, today=replace(TODAY, lead_pages=80)), ("L6", SOON)),
    "L4 the pause": (
        brief(NEW, seat=seat(last_send_at=NOW - timedelta(seconds=39))),
        ("L4", None),
    ),
    "L4 over": (brief(NEW, seat=seat(last_send_at=NOW - timedelta(seconds=180))), inmail("A")),
    "an audience first": (
        brief(NEW, campaigns=(replace(KNOWN, cursor=3),)),
        Import("c", 3),
    ),
    "S7 another audience from its start": (
        brief(NEW, campaigns=(replace(KNOWN, audience="old.csv"),)),
        Import("c", 1),
    ),
    "no import without room today": (
        brief(campaigns=(replace(KNOWN, cursor=3),), today=replace(TODAY, inmails=10)),
        ("L1", SOON),
    ),
    "C6 the last credit": (brief(CREDIT, ledger=ledger(1)), ("C7", SOON)),
    "C7 a free one goes": (brief(CREDIT, NEXT, ledger=ledger(1)), inmail("N", may_spend=False)),
    "C7 an unknown one is looked at": (
        brief(CREDIT, NEW, ledger=ledger(1)),
        inmail("A", may_spend=False),
    ),
    "C8 credits are back": (brief(CREDIT, ledger=ledger(2)), inmail("C")),
    "C9 the lower of two counts": (brief(CREDIT, seat=seat(shortfall=9)), ("C7", SOON)),
    "K7 an empty queue": (brief(), ("K7", SOON)),
    "T6 the next due message": (
        brief(next_due_at=NOW + timedelta(minutes=3)),
        ("K7", NOW + timedelta(minutes=3)),
    ),
    "S7 a campaign without a file": (
        brief(queued("X", 1, campaign="gone"), due=(replace(accepted(), campaign="gone"),)),
        ("K7", SOON),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_plan(case: str) -> None:
    """T6: one row of the table; a wait names its rule and when it lifts."""
    given, wanted = CASES[case]
    action = plan(given, POLICY, (CAMPAIGN,), NOW)
    if not isinstance(wanted, tuple):
        assert action == wanted
        return
    assert isinstance(action, Wait)
    assert action.reason.rule == wanted[0]
    if wanted[0] != "L4":
        assert action.until == wanted[1]
    else:
        assert action.until is not None
        assert NOW < action.until <= NOW + timedelta(seconds=141)


CLOSED = {
    "before opening": ("2026-03-03T08:59:59Z", "2026-03-03T09:00:00Z"),
    "after closing": ("2026-03-03T17:00:00Z", "2026-03-04T09:00:00Z"),
    "on a Saturday": ("2026-03-07T12:00:00Z", "2026-03-09T09:00:00Z"),
}


@pytest.mark.parametrize("case", CLOSED)
def test_nothing_is_opened_outside_working_hours(case: str) -> None:
    """L3: neither inbox, nor thread, nor lead; the wait lifts at the next opening."""
    now, opens = (datetime.fromisoformat(text) for text in CLOSED[case])
    given = brief(NEW, due=(accepted(),), seat=SeatState(), unread_thread=KnownThread("t", "A"))
    action = plan(given, POLICY, (CAMPAIGN,), now)
    assert isinstance(action, Wait)
    assert (action.until, action.reason.rule) == (opens, "L3")


def test_an_open_attempt_is_looked_up_at_any_hour() -> None:
    """T3: what may have been sent is looked up before anything else, also at night."""
    night = datetime(2026, 3, 3, 2, tzinfo=UTC)
    assert isinstance(plan(brief(open_attempts=(ATTEMPT,)), POLICY, (CAMPAIGN,), night), Settle)


ORDERS = {"imported": "A", "credit-first": "C", "free-first": "N"}


@pytest.mark.parametrize("order", ORDERS)
def test_the_order_of_the_queue(order: str) -> None:
    """K7: a campaign's own order, else the seat's; leads of unknown kind keep their turn."""
    heads = brief(NEW, NEXT, CREDIT)
    wanted = inmail(ORDERS[order])
    assert plan(heads, replace(POLICY, order=order), (CAMPAIGN,), NOW) == wanted
    own = replace(CAMPAIGN, order=order)
    assert plan(heads, replace(POLICY, order="imported"), (own,), NOW) == wanted


def test_a_campaigns_own_hours_count() -> None:
    """L3: a campaign that works afternoons only leaves the morning to the others."""
    late = replace(CAMPAIGN, name="late", hours=replace(HOURS, opens=time(14)))
    state = replace(KNOWN, name="late")
    given = brief(queued("L", 1, campaign="late"), NEXT, campaigns=(KNOWN, state))
    assert plan(given, POLICY, (CAMPAIGN, late), NOW) == inmail("N")
    alone = replace(given, queue=(queued("L", 1, campaign="late"),))
    waits = plan(alone, POLICY, (CAMPAIGN, late), NOW)
    assert isinstance(waits, Wait)
    assert waits.until == SEAT_READS_AT, "the inbox is due before the campaign opens"
    rarely = replace(POLICY, read_inbox_minutes=1440)
    waits = plan(alone, rarely, (CAMPAIGN, late), NOW)
    assert isinstance(waits, Wait)
    assert waits.until == NOW + timedelta(hours=4), "its own opening is waited for"
    importing = replace(alone, queue=(), campaigns=(KNOWN, replace(state, cursor=1)))
    waits = plan(importing, rarely, (CAMPAIGN, late), NOW)
    assert isinstance(waits, Wait)
    assert waits.until == NOW + timedelta(hours=4), "also for its audience"
    afternoon = NOW + timedelta(hours=4, minutes=1)
    read = replace(alone, seat=replace(SEAT, inbox_read_at=afternoon))
    assert plan(read, POLICY, (CAMPAIGN, late), afternoon) == SendInMail(
        "late/L", "L", "late", True
    )


def test_a_ledger_that_is_not_open_asks_the_composer() -> None:
    """C12, K2: before the first balance a lead may be looked at; the composer decides."""
    action = plan(brief(CREDIT, ledger=Ledger()), POLICY, (CAMPAIGN,), NOW)
    assert action == inmail("C")


BROKEN = BrokenHook("composer", "line", ".x", "gone", NOW, NOW, None, "")
AGAIN = NOW + timedelta(hours=1)


def seat_with(*names: str, **changes: object) -> SeatState:
    """A seat whose hooks of these names are broken since now."""
    pairs = (name.split(".") for name in names)
    broken = tuple(replace(BROKEN, page=page, key=key) for page, key in pairs)
    return replace(SEAT, broken=broken, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "action"),
    [
        (brief(NEW, seat=seat_with("composer.line"), due=(accepted(),)),
         SendMessage("c/B", "B", "c", 1)),
        (brief(NEW, seat=seat_with("thread.body"), due=(accepted(),)), inmail("A")),
        (brief(NEW, seat=seat_with("thread.container"), unread_thread=KnownThread("t", "N")),
         inmail("A")),
        (brief(NEW, seat=seat_with("thread.list"), open_attempts=(ATTEMPT,)), inmail("A")),
        (brief(NEW, seat=seat_with("inbox.item", inbox_read_at=None)), inmail("A")),
        (brief(NEW, seat=replace(seat_with("lead.card"), reading="other")),
         Canary(True, False, "c/A")),
        (brief(NEW, seat=replace(SEAT, lead_checked=None)), Canary(True, False, "c/A")),
        (brief(NEW, seat=replace(SEAT, lead_checked=None, thread_checked=None), due=(accepted(),)),
         Canary(True, True, "c/A", "c/B")),
        (brief(NEW, seat=replace(SEAT, lead_checked=None), today=replace(TODAY, lead_pages=79)),
         inmail("A")),
    ],
)  # fmt: skip
def test_a_broken_hook_stops_what_needs_it(given: Brief, action: Action) -> None:
    """T8, L6: and only that; ripe ones, and the day's first sends, wait for a look."""
    assert plan(given, POLICY, (CAMPAIGN,), NOW) == action


@pytest.mark.parametrize(
    ("names", "changes"),
    [
        (("composer.line",), {}),
        (("inbox.item",), {"threads_known": False}),
        (("thread.container",), {"threads_known": False}),
        (("thread.content",), {}),
    ],
)
def test_what_a_broken_hook_stops_waits_for_the_next_look(
    names: tuple[str, ...], changes: dict[str, object]
) -> None:
    """T8, K8: the reason names its rule, and when it is looked at again (T6)."""
    waits = plan(brief(NEW, seat=seat_with(*names, **changes)), POLICY, (CAMPAIGN,), NOW)
    assert isinstance(waits, Wait)
    assert waits.reason.rule == "T8"
    assert waits.reason.until == AGAIN
    assert waits.until is not None
    assert NOW < waits.until <= AGAIN
