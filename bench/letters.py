"""What both sides write, and to whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SUBJECT = "A question about your work"
BODY = "Your work caught my eye. May I ask how you find your first customers?"


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person of the practice site, and the address of their page as a search links it."""

    id: str
    name: str
    token: str
    url: str


class Proof(StrEnum):
    """How the balance is read after a send (T2's third proof)."""

    NONE = "none"
    HEARD = "heard"  # from the JSON that the page itself fetches
    INBOX = "inbox"  # by opening the inbox, as if the page had fetched nothing
