"""What is found by looking, and told once: when a stint ends, and when a day is summed up."""

from __future__ import annotations

from datetime import datetime

from bot.calls import Topic
from bot.policy import SeatPolicy
from bot.rules import calling, events
from bot.seat import Seat, audit_of, caller_of
from bot.store.outbox import Outbox
from bot.store.store import Store, Which


def look(seat: Seat, store: Store, now: datetime) -> None:
    """Credits about to expire, refunds that are missing, queues that are empty (C3, C11)."""
    caller = store.caller
    if caller is None or not caller.destinations:
        return
    audit = audit_of(seat, store, now)
    ids = [refund.lead_id for refund in audit.refunds_missing if refund.lead_id is not None]
    leads = {lead.id: lead for each in ids if (lead := store.lead(each)) is not None}
    found = (
        *events.expiring(audit.lots, now),
        *events.missing(audit.refunds_missing, leads, now),
        *events.emptied(_emptied(seat, store), now),
    )
    store.outbox.announce(caller, found)


def _emptied(seat: Seat, store: Store) -> dict[str, int]:
    """The running campaigns that nobody is left to write to in, with how many leads they have."""
    empty: dict[str, int] = {}
    for campaign in seat.campaigns:
        state = store.campaign(campaign.name)
        if state.paused or state.cursor is not None or store.has_queue(campaign.name):
            continue
        leads = store.funnel(campaign.name).leads
        if leads:
            empty[campaign.name] = leads
    return empty


def sum_up(policy: SeatPolicy, store: Store, outbox: Outbox, now: datetime) -> None:
    """The summary of a day whose time has come: *store* is read, *outbox* knows what was told."""
    day, caller = calling.summary_day(policy.notify, policy.hours.zone, now), caller_of(policy)
    if day is None or not any(Topic.DAILY_SUMMARY in each.topics for each in caller.destinations):
        return
    seat = store.seat()
    figures = [("credits", store.ledger().available), ("answers", store.count_inbox(Which.OPEN))]
    if seat.balance_seen is not None:
        figures.append(("credits_on_site", seat.balance_seen))
    told = events.summary(store.day(day), tuple(figures), day, now)
    outbox.announce(caller, (told,))
