"""The site's own words in every language that is known: data with grades (selectors/texts)."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from bot.errors import Fault, UsageError
from bot.facts import AnswerTexts
from bot.pages.selectors import GRADES
from bot.shipped import folder


class Say(StrEnum):
    """What the site says; the keys of the catalogue."""

    CREDIT_LINE = "credit_line"
    FREE_LINE = "free_line"
    NONE_LEFT = "none_left"
    BALANCE = "balance"
    SWITCHED_OFF = "switched_off"
    RELATIONSHIP = "relationship"
    ADDRESSED_TO = "addressed_to"
    SEND = "send"
    NEXT = "next"
    SENT = "sent"
    FAILED = "failed"
    FROM_YOU = "from_you"
    MESSAGE_FROM = "message_from"
    YOU = "you"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ACCEPTED_LABEL = "accepted_label"
    DECLINED_LABEL = "declined_label"
    ACCEPTED_PREVIEW = "accepted_preview"
    DECLINED_PREVIEW = "declined_preview"
    LOADING = "loading"
    NO_RESULTS = "no_results"
    NO_THREADS = "no_threads"
    HALT_CHALLENGE = "halt_challenge"
    HALT_RESTRICTED = "halt_restricted"
    HALT_UNUSUAL = "halt_unusual"
    HALT_RATE_LIMITED = "halt_rate_limited"
    HALT_MISSING = "halt_missing"
    ACCEPTANCE = "acceptance"
    REJECTION = "rejection"
    STOP = "stop"


_SLOTS = {
    "{n}": r"(?P<n>\d{1,4})",
    "{name}": r"(?P<name>.+?)",
    "{first_name}": r"(?P<first_name>.+?)",
    "{rest}": r".*",
}
_SLOT = re.compile(r"(\{[a-z_]+\})")
_OUTER_SLOT = re.compile(r"^\{(?:rest|name)\}\s*|\s*\{(?:rest|name)\}$")
_WORD = re.compile(r"[^\W\d_]+")
_QUOTES = str.maketrans({"‘": "'", "’": "'", "‛": "'", "`": "'", "´": "'", "“": '"', "”": '"'})


def fold(text: str) -> str:
    """*text* with plain quotes and single spaces; its case is kept, as names have one."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_QUOTES).split())


@cache
def _pattern(text: str) -> re.Pattern[str]:
    parts = (_SLOTS.get(part, re.escape(part)) for part in _SLOT.split(fold(text)))
    return re.compile("".join(parts), re.IGNORECASE)


@cache
def _starts(texts: tuple[str, ...]) -> re.Pattern[str]:
    words = {max(_WORD.findall(_SLOT.sub(" ", text)), key=len) for text in texts}
    return re.compile("|".join(map(re.escape, sorted(words))) or r"(?!)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Phrase:
    """One wording of the site, as its catalogue tells it; `grade` is that of the evidence."""

    say: Say
    language: str
    text: str
    grade: str


@dataclass(frozen=True, slots=True)
class Texts:
    """All wordings of all languages together: a page may be in any of them."""

    phrases: tuple[Phrase, ...]
    _texts: dict[Say, tuple[str, ...]]

    def match(self, say: Say, said: str) -> re.Match[str] | None:
        """The whole of *said* is a wording of *say*; a final full stop does not count."""
        plain = fold(said)
        for text in self.of(say):
            for end in (plain, plain.rstrip(".!… ")):
                found = _pattern(text).fullmatch(end)
                if found is not None:
                    return found
        return None

    def find(self, say: Say, said: str) -> re.Match[str] | None:
        """A wording of *say* stands somewhere in *said*."""
        plain = fold(said)
        found = (_pattern(_OUTER_SLOT.sub("", text)).search(plain) for text in self.of(say))
        return next((match for match in found if match is not None), None)

    def starts(self, say: Say) -> re.Pattern[str]:
        """What to look for first: the longest word of each wording of *say*."""
        return _starts(self.of(say))

    def of(self, say: Say) -> tuple[str, ...]:
        """The wordings of *say*, with their `{slots}`; empty if none is known."""
        return self._texts.get(say, ())

    @property
    def answers(self) -> AnswerTexts:
        """What the rules of answers need (A11, A12)."""
        return AnswerTexts(self.of(Say.ACCEPTANCE), self.of(Say.REJECTION), self.of(Say.STOP))

    @classmethod
    def load(cls, root: Path) -> Texts:
        """Read `<language>.toml` files. Raises UsageError that tells every mistake at once."""
        return _load(root)

    @classmethod
    def shipped(cls) -> Texts:
        """Those that come with the program."""
        return _load(folder("selectors") / "texts")


@cache
def _load(root: Path) -> Texts:
    phrases: list[Phrase] = []
    faults: list[Fault] = []
    for path in sorted(root.glob("*.toml")):
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            faults.append(Fault(str(path), "", "no TOML", str(error)))
            continue
        for key, by_grade in table.items():
            wrong = _faults(str(path), key, by_grade)
            faults += wrong
            if not wrong:
                phrases += [
                    Phrase(Say(key), path.stem, text, grade)
                    for grade, texts in by_grade.items()
                    for text in texts
                ]
    if not phrases and not faults:
        faults.append(Fault(str(root), "*.toml", "no file", "one file for each language"))
    if faults:
        raise UsageError("the site's texts cannot be used", tuple(faults))
    known = {say: tuple(each.text for each in phrases if each.say is say) for say in Say}
    return Texts(tuple(phrases), known)


def _faults(place: str, key: str, by_grade: object) -> list[Fault]:
    """What is wrong with one entry."""
    if key not in {str(say) for say in Say}:
        return [Fault(place, key, "an unknown key", f"one of {', '.join(Say)}")]
    if not isinstance(by_grade, dict) or not by_grade:
        return [Fault(place, key, repr(by_grade), "a table from grades to lists of wordings")]
    found = []
    for grade, texts in by_grade.items():
        if grade not in GRADES:
            found.append(Fault(place, f"{key}.{grade}", grade, f"one of {', '.join(GRADES)}"))
        if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
            found.append(Fault(place, f"{key}.{grade}", repr(texts), "a list of wordings"))
            continue
        slots = {slot for text in texts for slot in _SLOT.findall(text)} - _SLOTS.keys()
        found += [
            Fault(place, f"{key}.{grade}", slot, f"one of {', '.join(_SLOTS)}")
            for slot in sorted(slots)
        ]
    return found
