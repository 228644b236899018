"""The owner's word: every order does what it says, and doing it twice does no more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from simulation.rig import CAMPAIGN, Rig, scenario

from bot import orders
from bot.carry_out import carry_out_all
from bot.errors import SeatHalted
from bot.model import AttemptState, Changes, Halted, Reason
from bot.orders import ImportLeads, Order, Pause, PauseCampaign, Release, Resume, ResumeCampaign
from bot.orders import SettleByOwner as Settle
from bot.practice.records import SendKind

KEY = "founders/ACwAAAda#0.1"
SILENT = '[[faults]]\nkind = "lost-response"\n[[faults]]\nkind = "lagging-thread"\nminutes = 20000'


def in_doubt() -> Rig:
    """An attempt that nobody can settle but the owner."""
    rig = Rig(scenario("Ada credit", more=SILENT))
    rig.run(days=1.5)
    attempt = rig.store.attempt(KEY)
    assert attempt is not None
    assert attempt.with_owner
    return rig


@pytest.mark.parametrize("sent", [True, False])
def test_the_owner_settles_what_nobody_can_tell(sent: bool) -> None:
    """T3: sent spends the held credit, not sent returns it; a second word is refused."""
    rig = in_doubt()
    assert rig.order(Settle(KEY, sent)).done
    attempt = rig.store.attempt(KEY)
    assert attempt is not None
    assert attempt.state is (AttemptState.SENT if sent else AttemptState.NOT_SENT)
    assert rig.store.ledger().held == 0
    ends = [e.kind for e in rig.store.entries() if e.key.endswith(KEY)]
    assert ends == ["hold", "spend" if sent else "release"]
    assert rig.enrolment("Ada").hold is None
    assert not rig.order(Settle(KEY, sent)).done
    assert not rig.order(Settle("nobody#0.1", sent)).done


def test_a_lead_in_doubt_is_settled_before_it_is_released() -> None:
    """T3: releasing it would be a second send of what may be out already."""
    rig = in_doubt()
    told = rig.order(Release("ACwAAAda"))
    assert not told.done
    assert "settle" in told.text


def test_a_settled_attempt_needs_no_campaign_file() -> None:
    """S7, T3: the owner may settle what a campaign left behind that is gone."""
    rig = in_doubt()
    rig.edit()
    assert rig.order(Settle(KEY, sent=True)).done


def test_pause_and_resume() -> None:
    """L5, S7: a pause stops all, resume lifts pause and halt; each twice is once."""
    rig = Rig(scenario("Ada credit"))
    for _ in range(2):
        assert rig.order(Pause()).done
    rig.run(days=0.5)
    assert rig.done == []
    halted = replace(rig.store.seat(), halted=Halted("login", "?", rig.clock.now()))
    rig.store.commit(Changes(seat=halted))
    for _ in range(2):
        assert rig.order(Resume()).done
    rig.run(days=1)
    assert len(rig.sent()) == 1


def test_a_campaign_is_paused_by_name() -> None:
    """S7: it sends nothing until it goes on; an unknown name is refused."""
    rig = Rig(scenario("Ada credit accept-default 1"))
    assert rig.order(PauseCampaign("founders")).done
    rig.run(days=1)
    assert rig.sent() == []
    assert rig.order(ResumeCampaign("founders")).done
    rig.run(days=1)
    assert len(rig.sent(kind=SendKind.INMAIL)) == 1
    assert not rig.order(PauseCampaign("nobody")).done


def test_a_campaign_is_paused_before_its_file_is_there() -> None:
    """S7: so that nothing of it is sent between its file's appearance and the owner's word."""
    rig = Rig(scenario("Ada credit accept-default 1"), campaigns=())
    assert rig.order(PauseCampaign("founders", coming=True)).done
    rig.edit(CAMPAIGN)
    rig.run(days=1)
    assert rig.sent() == []


def test_only_held_leads_are_released() -> None:
    """K3, K8: a skipped one is over for good, a queued one needs nothing."""
    rig = Rig(scenario("Ada credit", more='[[faults]]\nkind = "no-credit-line"\ntimes = 2'))
    rig.run(days=0.2)
    assert rig.order(Release("ACwAAAda")).done
    assert not rig.order(Release("ACwAAAda")).done
    rig.run(days=1)
    assert len(rig.sent("Ada")) == 1
    skipped = replace(rig.enrolment("Ada"), skip=Reason("K4", "?"))
    rig.store.commit(Changes(enrolments=(skipped,)))
    assert not rig.order(Release("ACwAAAda")).done


def test_an_import_is_told_in_a_sentence() -> None:
    """New, known and refused are counted; importing again finds nothing new."""
    rig = Rig(scenario("Ada credit\nBen credit"))
    found = rig.order(ImportLeads("founders", CAMPAIGN.audience))
    assert (found.done, found.text) == (True, "2 new, 0 known, 0 refused")
    again = rig.order(ImportLeads("founders", CAMPAIGN.audience))
    assert again.text == "0 new, 2 known, 0 refused"
    assert not rig.order(ImportLeads("nobody", CAMPAIGN.audience)).done


def test_a_halted_seat_imports_nothing_from_the_site() -> None:
    """L5: an order does not open a page either; a CSV file needs no page."""
    rig = Rig(scenario("Ada credit"))
    halted = Halted("rate-limited", "too many requests", rig.clock.now())
    rig.store.commit(Changes(seat=replace(rig.store.seat(), halted=halted)))
    assert not rig.order(ImportLeads("founders", CAMPAIGN.audience)).done
    assert rig.truth.views == {}
    assert rig.order(ImportLeads("founders", "people.csv")).done


def left(folder: Path, *asked: Order) -> list[orders.Ticket]:
    return [orders.leave(folder, order) for order in asked]


def test_a_halt_during_an_order_halts_the_seat(tmp_path: Path) -> None:
    """L5: a security check that an import meets is no answer only; nothing more is opened."""
    rig = Rig(scenario("Ada credit"))

    def checkpoint(_audience: str, _page: int) -> None:
        raise SeatHalted("challenge", "a security check")

    rig.site.read_results = checkpoint  # type: ignore[assignment, method-assign]
    (ticket,) = left(tmp_path, ImportLeads("founders", CAMPAIGN.audience))
    carry_out_all(rig.work, tmp_path)
    answer = orders.answer_of(ticket)
    assert answer is not None
    assert not answer.done
    halted = rig.store.seat().halted
    assert halted is not None
    assert halted.kind == "challenge"


def test_orders_are_answered_in_their_order(tmp_path: Path) -> None:
    """Each gets its answer, the oldest first; none waits any longer."""
    rig = Rig(scenario("Ada credit"))
    tickets = left(tmp_path, Pause(), Resume(), Release("nobody"))
    carry_out_all(rig.work, tmp_path)
    answers = [orders.answer_of(ticket) for ticket in tickets]
    assert [answer.done for answer in answers if answer is not None] == [True, True, False]
    assert list(orders.waiting(tmp_path)) == []
    assert not rig.store.seat().paused


def test_a_dry_run_leaves_the_orders_where_they_are(tmp_path: Path) -> None:
    """T5: its book is a copy; the owner's word waits for a run that keeps it."""
    rig = Rig(scenario("Ada credit"), dry_run=True)
    left(tmp_path, Pause())
    carry_out_all(rig.work, tmp_path)
    assert len(list(orders.waiting(tmp_path))) == 1
    assert not rig.store.seat().paused
