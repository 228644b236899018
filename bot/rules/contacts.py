"""Who must not be written to, whatever a campaign says (K5)."""

from __future__ import annotations

import hmac
import re
import unicodedata
from dataclasses import dataclass

from bot.model import Lead, Reason

# "Acme" and "Acme GmbH" are one company to an owner who forbids it.
LEGAL_FORMS: tuple[str, ...] = (
    "ag",
    "bv",
    "co",
    "corp",
    "corporation",
    "gmbh",
    "inc",
    "incorporated",
    "kg",
    "llc",
)
LEGAL_FORMS += ("limited", "ltd", "nv", "plc", "pty", "sa", "sarl", "sas", "spa", "srl")


ERASED = Reason("K5", "was erased, and must not be written to again")


@dataclass(frozen=True, slots=True)
class DoNotContact:
    """The do-not-contact list. Names and companies are folded with fold() and fold_company().

    people     lead ids
    named      (name, company): a person whose id is not known
    companies  everybody who works there
    hashes     keyed_hash() of the ids of erased people, under `key`
    """

    people: frozenset[str] = frozenset()
    named: frozenset[tuple[str, str]] = frozenset()
    companies: frozenset[str] = frozenset()
    hashes: frozenset[str] = frozenset()
    key: bytes = b""

    def forbids(self, lead: Lead) -> Reason | None:
        """Why nobody may write to *lead*, or None."""
        if lead.id in self.people:
            return Reason("K5", "is on the do-not-contact list")
        company = fold_company(lead.company) if self.companies or self.named else ""
        if company and company in self.companies:
            return Reason("K5", "works at a company that is on the do-not-contact list")
        if company and (fold(lead.name), company) in self.named:
            return Reason("K5", "is on the do-not-contact list, by name and company")
        if self.is_erased(lead.id):
            return ERASED
        return None

    def is_erased(self, own_id: str | None) -> bool:
        """Whether this is the id of an erased person, or of one of their threads."""
        if own_id is None or not self.hashes:
            return False
        return keyed_hash(self.key, own_id) in self.hashes


def fold(text: str) -> str:
    """*text* without what people write differently: case, accents, punctuation, spaces."""
    # Before and after: a mathematical "𝑨" has no lower case until it is an "A".
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.sub(r"[\W_]+", " ", kept.replace(".", "")).split())


def fold_company(text: str) -> str:
    """fold() without the legal forms at the end; a name that is nothing else stays."""
    words = fold(text).split()
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
    return " ".join(words)


def keyed_hash(key: bytes, lead_id: str) -> str:
    """What remains of an erased person: HMAC-SHA256, in hex, useless without the home's key."""
    return hmac.new(key, lead_id.encode(), "sha256").hexdigest()
