"""A text that the owner released (S8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Approved:
    """What the owner released for one step, as it is to be sent. `subject`: empty for a message."""

    step: int
    at: datetime
    subject: str
    body: str
