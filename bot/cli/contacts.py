"""`block`: one more row of the do-not-contact list (K5)."""

from __future__ import annotations

from pathlib import Path

from bot.audience import parse_lead
from bot.cli.plain import plain, say
from bot.contacts import FILE
from bot.contacts import block as block_
from bot.errors import UsageError
from bot.places import home_folder


def block(who: str, at: str, note: str, home: Path | None) -> int:
    """Forbid a person or a company, in every seat of this home."""
    where, who = home_folder(home), who.strip()
    if not who:
        raise UsageError("nobody was named: an id, an address, a name with --at, or a company")
    lead = parse_lead(who)
    if lead is not None:
        added = block_(where, lead=lead.id, company=at, note=note)
    elif at.strip():
        added = block_(where, name=who, company=at, note=note)
    elif "/" in who:
        raise UsageError(f"{who}: a Sales Navigator address (/sales/lead/…) or id is allowed")
    else:
        added = block_(where, company=who, note=note)
    what = "a person" if lead is not None or at.strip() else "everybody at this company"
    told = f"{what}: {who}" + (f" at {at}" if at.strip() else "")
    say(plain(f"{told}: {'is on' if added else 'was already on'} the list {where / FILE}"))
    return 0
