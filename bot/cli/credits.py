"""`credits`: where the credits are, what becomes of them, and what does not add up."""

from __future__ import annotations

from pathlib import Path

from bot.cli.common import console, moment, print_json, seat_of, table
from bot.cli.plain import say
from bot.clock import SystemClock
from bot.rules.audit import CreditAudit, RefundDue
from bot.seat import audit_of
from bot.store.store import Store


def credits(name: str, home: Path | None, as_json: bool) -> int:
    """Print the audit of a seat's credits."""
    seat = seat_of(name, home)
    with Store.open(seat.paths.state, read_only=True) as store, store.snapshot():
        found = audit_of(seat, store, SystemClock().now())
    if as_json:
        print_json(found)
        return 0
    _print_balance(found)
    _print_lots(found)
    _print_refunds(found)
    _print_differences(found)
    return 0


def _print_balance(found: CreditAudit) -> None:
    held = f", {found.held} held for sends under way" if found.held else ""
    site = "not read yet"
    if found.site is not None:
        site = f"{found.site}, read {moment(found.site_read_at)}"
    say(f"ledger: {found.ledger} credits{held}; the site: {site}")
    say(f"pace: {found.pace:g} credits a day over the last four weeks")
    grant = found.grant
    if grant is None:
        say("next grant: the ledger is not open; the site has shown no balance yet (C12)")
        return
    cut = f"; the cap would cut {grant.cut} of them (C2)" if grant.cut else "; nothing would be cut"
    say(f"next grant: {moment(grant.at)}, {grant.credits} credits, onto about "
        f"{grant.balance_before} at this pace{cut}")  # fmt: skip


def _print_lots(found: CreditAudit) -> None:
    grid = table("credits", "since (UTC)", "expire (UTC)", "days left", "at this pace")
    for lot in found.lots:
        fate = f"{lot.unused} expire unused (C3)" if lot.unused else "all used before"
        since = f"{moment(lot.born_at)}{' (assumed)' if lot.assumed else ''}"
        grid.row(str(lot.credits), since, moment(lot.expires_at), str(lot.days_left), fate)
    if found.lots:
        console().print(grid)


def _print_refunds(found: CreditAudit) -> None:
    for refund in found.refunds_expected:
        say(f"refund expected until {moment(refund.shows_until)} (C5): {_inmail(refund)}")
    for refund in found.refunds_missing:
        say(f"refund missing on the site for 48 h (C11): {_inmail(refund)}")


def _inmail(refund: RefundDue) -> str:
    sent = f"InMail {moment(refund.inmail_at)}" if refund.inmail_at is not None else refund.attempt
    answer = "its answer is not known"
    if refund.answer is not None:
        answer = f"{refund.answer} {moment(refund.answered_at)}"
    pages = f"; evidence: {', '.join(refund.evidence)}" if refund.evidence else ""
    return f"{refund.lead_id}, {sent}, {answer}, booked {moment(refund.booked_at)}{pages}"


def _print_differences(found: CreditAudit) -> None:
    gap = found.unexplained
    if gap is not None:
        shown = f"expected {gap.expected}, the site shows {gap.seen}"
        when = f"adjusted {moment(gap.until)} if no cause is found (C9)"
        say(f"unexplained for {gap.hours} h: {gap.credits:+d}; {shown}; {when}")
    for sent in found.by_hand:
        say(f"seen by hand {moment(sent.at)}: {sent.lead_id or 'somebody'}, {sent.why}; it may "
            f"have moved {sent.credits:+d}, and no difference shows (C9)")  # fmt: skip
    for line in found.adjustments:
        hand = ", by hand" if line.by_hand else ""
        who = f" {line.lead_id}" if line.lead_id is not None else ""
        say(f"adjusted {moment(line.at)}: {line.credits:+d}{hand}{who}: {line.why}")
    count = sum(1 for line in found.adjustments if line.by_hand)
    if count:
        say(f"{count} by hand, in all adjustments")
