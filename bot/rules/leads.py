"""Who may be written to, as read on arrival (K1-K4, K6, C6, C7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.credits import Ledger
from bot.facts import ComposerFacts, ComposerKind, Kind, LeadFacts
from bot.model import Enrolment, Reason
from bot.policy import CreditPolicy
from bot.rules.credits import may_spend

RETRY_AFTER = timedelta(hours=20)  # the next working day, whatever the hour


class Then(StrEnum):
    """What happens to a lead that is not written to now."""

    SKIP = "skip"
    HOLD = "hold"
    WAIT = "wait"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class Go:
    """Write: the send will be of this kind."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Leave:
    """Do not write; `kind` is what the pages proved, for the queue (K2, K7)."""

    then: Then
    kind: Kind
    reason: Reason


@dataclass(frozen=True, slots=True)
class Purse:
    """What the decision must know of the credits."""

    ledger: Ledger
    shortfall: int
    policy: CreditPolicy


def before_composer(facts: LeadFacts, lead_id: str, first_degree: str) -> Leave | None:
    """What the lead page alone decides (K1, K4); None: the composer is asked."""
    if facts.id != lead_id:
        text = f"the page shows another lead ({facts.id or 'nobody told'})"
        return Leave(Then.HOLD, Kind.UNKNOWN, Reason("K6", text))
    if facts.kind is Kind.PENDING:
        text = "an unanswered InMail is there already"
        return Leave(Then.SKIP, facts.kind, Reason("K4", text))
    if facts.kind is Kind.UNREACHABLE:
        return Leave(Then.SKIP, facts.kind, Reason("K1", "InMail is switched off or blocked"))
    if facts.kind is Kind.FIRST_DEGREE and first_degree != "message":
        return Leave(Then.SKIP, facts.kind, Reason("K4", "first-degree leads are skipped"))
    if not facts.can_message and not facts.has_menu:
        text = "the page has no Message button and does not say why"
        return Leave(Then.HOLD, Kind.UNKNOWN, Reason("K3", text))
    return None


def decide(
    composer: ComposerFacts, enrolment: Enrolment, purse: Purse, first_degree: str, now: datetime
) -> Go | Leave:
    """What the open composer decides (K2, K3, K6): its credit line has the last word."""
    if composer.kind is ComposerKind.NONE_LEFT and composer.lead_id in (None, enrolment.lead_id):
        text = "the site says that no InMail credits are left"
        return Leave(Then.WAIT, Kind.CREDIT, Reason("C7", text))
    if composer.lead_id != enrolment.lead_id:
        return _wrong_addressee(composer, enrolment, now)
    match composer.kind:
        case ComposerKind.FREE:
            return Go(Kind.FREE)
        case ComposerKind.FIRST_DEGREE:
            if first_degree == "message":
                return Go(Kind.FIRST_DEGREE)
            reason = Reason("K4", "first-degree leads are skipped")
            return Leave(Then.SKIP, Kind.FIRST_DEGREE, reason)
        case ComposerKind.CREDIT:
            return _for_a_credit(composer, purse)
    text = "; ".join(composer.why) or "the composer shows no credit line"
    return Leave(Then.HOLD, Kind.UNKNOWN, Reason("K3", text))


def _for_a_credit(composer: ComposerFacts, purse: Purse) -> Go | Leave:
    reserve = purse.policy.reserve
    if composer.credits is not None and composer.credits <= reserve:
        text = f"the site shows {composer.credits} credits, the reserve is {reserve}"
        return Leave(Then.WAIT, Kind.CREDIT, Reason("C6", text))
    if purse.ledger.granted_to is None:
        text = "the ledger is not open yet: the site has shown no balance"
        return Leave(Then.WAIT, Kind.CREDIT, Reason("C12", text))
    if not may_spend(purse.ledger, purse.shortfall, purse.policy):
        text = "it would cost a credit, and only the reserve is left"
        return Leave(Then.WAIT, Kind.CREDIT, Reason("C6", text))
    return Go(Kind.CREDIT)


def _wrong_addressee(composer: ComposerFacts, enrolment: Enrolment, now: datetime) -> Leave:
    shown = composer.lead_id or "nobody"
    text = f"the composer is addressed to {shown}"
    kind = enrolment.kind or Kind.UNKNOWN
    if enrolment.tries_of(0) == 0:
        return Leave(Then.RETRY, kind, Reason("K6", text, now + RETRY_AFTER))
    return Leave(Then.HOLD, Kind.UNKNOWN, Reason("K6", f"{text}, again"))
