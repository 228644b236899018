"""What stands in the wizard's form, and what becomes of it on one lead (S5, S6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.campaignfile import Draft, DraftFollowUp
from bot.campaigns import FOLLOW_UPS_MAX
from bot.configfile import DAYS
from bot.desk.making import Proposal
from bot.model import Lead, Reason
from bot.policy import Campaign, FollowUp
from bot.report import step_name
from bot.rules import wording

BREAKS = re.compile(r"\r\n?")
DAYS_AHEAD = (14, 28, 60)
SIZE, SIZE_MAX = 100, 2_500  # of a search whose people are not known yet
INVENTED = Lead(
    id="",
    name="Ada Example",
    first_name="Ada",
    last_name="Example",
    company="Example Works",
    title="Founder",
    location="Lyon",
)


@dataclass(frozen=True, slots=True)
class Typed:
    """The form.

    lead   on whom the texts are shown: an id; empty: whoever comes first
    days   how many are simulated
    size   how many people the search is taken to find
    """

    proposal: Proposal
    lead: str = ""
    days: int = DAYS_AHEAD[1]
    size: int = SIZE

    @property
    def draft(self) -> Draft:
        """The campaign's own fields."""
        return self.proposal.draft

    @property
    def steps(self) -> tuple[DraftFollowUp, ...]:
        """All follow-ups that the form has room for."""
        empty = DraftFollowUp("", "")
        return (*self.draft.follow_ups, *(empty,) * FOLLOW_UPS_MAX)[:FOLLOW_UPS_MAX]


def typed_of(form: Mapping[str, str]) -> Typed:
    """What was typed, whatever it is."""
    return Typed(
        proposal=Proposal(_draft(form), _text(form, "people")),
        lead=_text(form, "lead"),
        days=_number(form, "days", DAYS_AHEAD[1], DAYS_AHEAD[-1]),
        size=_number(form, "size", SIZE, SIZE_MAX),
    )


def _draft(form: Mapping[str, str]) -> Draft:
    return Draft(
        name=_text(form, "name"),
        audience=_text(form, "audience"),
        subject=_text(form, "inmail.subject"),
        body=_text(form, "inmail.body"),
        acceptance=_text(form, "acceptance.body"),
        follow_ups=tuple(step for step in _steps(form) if step.after_days or step.body),
        signature=_text(form, "signature"),
        on_rejection=_text(form, "on_rejection"),
        approve=_text(form, "approve"),
        first_degree=_text(form, "first_degree"),
        order=_text(form, "order"),
        working_days=tuple(day for day in DAYS if f"working_days.{day}" in form),
        working_hours=_text(form, "working_hours"),
    )


def _steps(form: Mapping[str, str]) -> Iterator[DraftFollowUp]:
    for number in range(1, FOLLOW_UPS_MAX + 1):
        key = f"follow_up.{number}"
        yield DraftFollowUp(_text(form, f"{key}.after_days"), _text(form, f"{key}.body"))


def _text(form: Mapping[str, str], name: str) -> str:
    return BREAKS.sub("\n", form.get(name, "")).strip()


def _number(form: Mapping[str, str], name: str, otherwise: int, most: int) -> int:
    found = _text(form, name)
    return min(int(found), most) if re.fullmatch(r"[1-9][0-9]{0,5}", found) else otherwise


# --- on one lead --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Count:
    """How long the text of a field is as the site counts (S6), and how long it may be."""

    key: str
    found: int
    most: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as the lead would get it; `why`: what keeps it from being sent so."""

    name: str
    when: str
    subject: str = ""
    body: str = ""
    why: str = ""


def counts_of(draft: Draft, lead: Lead) -> tuple[Count, ...]:
    """The length of each field's text, filled where it can be, its signature included."""
    bodies = [("inmail.body", draft.body), ("acceptance.body", draft.acceptance)]
    empty = ("",) * FOLLOW_UPS_MAX
    filled = (*(step.body for step in draft.follow_ups), *empty)[:FOLLOW_UPS_MAX]
    bodies += [(f"follow_up.{n}.body", body) for n, body in enumerate(filled, start=1)]
    counted = [
        Count(key, _length(wording.signed(body, draft.signature), lead) if body else 0,
              wording.BODY_MAX)
        for key, body in bodies
    ]  # fmt: skip
    return (Count("inmail.subject", _length(draft.subject, lead), wording.SUBJECT_MAX), *counted)


def _length(template: str, lead: Lead) -> int:
    """Of the filled text; of one that cannot be filled, as it was typed."""
    if wording.mistakes(template):
        return wording.length(template)
    filled = wording.fill(template, lead)
    return wording.length(template if isinstance(filled, wording.Missing) else filled)


def shown_on(draft: Draft, lead: Lead) -> Iterator[Shown]:
    """Every text that is there, as *lead* would get it."""
    campaign = Campaign(
        name=draft.name,
        audience="",
        subject=draft.subject,
        body=draft.body,
        acceptance=draft.acceptance or None,
        follow_ups=tuple(FollowUp(3, step.body) for step in draft.follow_ups),
        signature=draft.signature,
    )
    if draft.subject or draft.body:
        yield _shown(campaign, 0, lead, "first")
    if draft.acceptance:
        yield _shown(campaign, 1, lead, "on the day of the acceptance")
    before = "acceptance"
    for number, step in enumerate(draft.follow_ups):
        days = step.after_days or "some"
        yield _shown(campaign, number + 2, lead, f"{days} days after the {before}")
        before = "message before"


def _shown(campaign: Campaign, step: int, lead: Lead, when: str) -> Shown:
    name, template = step_name(step), campaign.template(step) or ""
    for text in (campaign.subject if step == 0 else "", template, campaign.signature):
        for mistake in wording.mistakes(text):
            return Shown(name, when, why=f"found {mistake.found}; {mistake.allowed}")
    filled = wording.compose(campaign, step, lead)
    if isinstance(filled, Reason):
        return Shown(name, when, why=f"{filled.text} ({filled.rule})")
    return Shown(name, when, filled.subject, filled.body)
