"""The owner's own word to somebody who answered: one message, sent by the agent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

FIRST_REPLY = 7  # steps 0 to 6 are the campaign's; each reply of a thread is a step of its own


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that waits to be sent.

    step  its own, FIRST_REPLY or more: so it is sent once, as every step is
    at    when the owner gave it
    seen  what the owner had seen of the thread (rules.replies.mark_of): after more it is not sent
    """

    step: int
    text: str
    at: datetime
    seen: str


def is_reply(step: int) -> bool:
    """Whether a step is the owner's word and none of the campaign's."""
    return step >= FIRST_REPLY
