"""The texts that wait for their owner (S8), as `approve` and the desk show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from bot.model import Enrolment, Lead, Reason
from bot.policy import Campaign
from bot.report import WhyNot, step_name
from bot.rules.sequence import Due, coming_step, is_unreleased
from bot.rules.why import View
from bot.rules.wording import as_typed, compose
from bot.store.store import Store

MOST_SHOWN = 20  # InMails of each campaign; two working days of a seat
MOST_LOOKED_AT = 200  # of those whom nobody may write to some may stand before them


@dataclass(frozen=True, slots=True)
class Preview:
    """A text that waits, filled: what is sent if it is released as it stands.

    due_at           since when a message is due; None for an InMail
    subject          of an InMail; empty for a message
    why_not          why the template gives no text: then its owner writes one, or declines
    title, company   what is known of the lead, for the eye
    """

    lead_id: str
    name: str
    campaign: str
    step: int
    what: str
    due_at: datetime | None
    subject: str
    body: str
    why_not: WhyNot | None
    title: str
    company: str


@dataclass(frozen=True, slots=True)
class Previews:
    """What would go out next if it were released. `waiting`: how many wait in all."""

    shown: tuple[Preview, ...]
    waiting: int


def previews_of(view: View, store: Store) -> Previews:
    """The messages that are due, the longest due first, then the head of each campaign's queue."""
    asking = [campaign for campaign in view.campaigns if campaign.asks]
    found = [each for campaign in asking for each in _of_campaign(campaign, view, store)]
    found.sort(key=lambda each: (each.due_at is None, each.due_at or view.now))
    return Previews(tuple(found), count_of(view, store))


def count_of(view: View, store: Store) -> int:
    """How many texts wait for the owner now."""
    asking = (campaign.name for campaign in view.campaigns if campaign.asks)
    return sum(store.count_previews(name, view.now) for name in asking)


def _of_campaign(campaign: Campaign, view: View, store: Store) -> Iterable[Preview]:
    rows = store.previews(campaign.name, view.now, MOST_LOOKED_AT)
    for is_message in (True, False):
        of_kind = (row for row in rows if (row.inmail is not None) is is_message)
        most = MOST_LOOKED_AT if is_message else MOST_SHOWN
        yield from islice(_shown(of_kind, campaign, view, store), most)


def _shown(
    rows: Iterable[Enrolment], campaign: Campaign, view: View, store: Store
) -> Iterator[Preview]:
    for row in rows:
        lead, step = store.lead(row.lead_id), coming_step(row, campaign)
        if lead is None or not isinstance(step, Due) or not is_unreleased(step, row, campaign):
            continue  # the file was changed since it was placed
        kept_away = view.refusal(lead) or (view.contacted(row, lead) if step.step == 0 else None)
        if kept_away is None:
            yield preview(campaign, step, lead)


def preview(campaign: Campaign, step: Due, lead: Lead) -> Preview:
    """A lead's next text."""
    filled = compose(campaign, step.step, lead)
    subject, body, why_not = "", "", None
    if isinstance(filled, Reason):
        why_not = WhyNot(filled.rule, filled.text, filled.until)
    else:
        subject, body = filled.subject, as_typed(filled.body)
    return Preview(
        lead_id=lead.id,
        name=lead.name,
        campaign=campaign.name,
        step=step.step,
        what=step_name(step.step),
        due_at=step.at if step.step > 0 else None,
        subject=subject,
        body=body,
        why_not=why_not,
        title=lead.title,
        company=lead.company,
    )
