"""What the practice site and its people say, in three languages (words/<language>.toml)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from bot.practice.people import Language, What

_FOLDER = Path(__file__).parent / "words"
_NO_TEXT = frozenset((What.ACCEPT_WITHOUT_TEXT, What.REJECT_WITHOUT_TEXT, What.DELETED))


@dataclass(frozen=True, slots=True)
class Interface:
    """The site's own words. `{name}`, `{first}` and `{credits}` stand for values."""

    message: str
    message_to: str
    conversation_with: str
    new_message_to: str
    send: str
    subject: str
    body: str
    close_conversation: str
    discard_question: str
    discard: str
    keep: str
    sent: str
    failed: str
    from_you: str
    message_from: str
    you: str
    awaiting: str
    accepted: str
    declined: str
    accepted_event: str
    declined_event: str
    accepted_preview: str
    declined_preview: str
    deleted: str
    balance: str
    use_one: str
    free: str
    none_left: str
    none_left_more: str
    degree: str
    next: str
    you_sent: str
    switched_off: str


def _read(language: Language) -> tuple[Interface, dict[What, tuple[str, ...]]]:
    table = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    answers = {What(what): tuple(texts) for what, texts in table["answers"].items()}
    return Interface(**table["interface"]), answers


_READ = {language: _read(language) for language in Language}
INTERFACE = {language: interface for language, (interface, _) in _READ.items()}


def answer_text(what: What, language: Language, owner: str, draw: int) -> str:
    """What a person writes; empty where the answer has no text. `draw` picks a variant."""
    if what in _NO_TEXT:
        return ""
    variants = _READ[language][1][what]
    return variants[draw % len(variants)].format(owner=owner)
