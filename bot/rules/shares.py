"""What recipients are taken to do, for a look ahead: as this seat has seen it, or as stated.

An answer takes its time, so only InMails that are two weeks old are counted; of too few nothing is
said, and a documented assumption stands in their place.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from bot.facts import Kind
from bot.model import Enrolment, SentStep

RIPE_AFTER = timedelta(days=14)
FEWEST = 20  # InMails, or looked-at leads, of which a share is taken
FEWEST_DELAYS = 10
ANSWERS = ("accept", "reject", "own-words")
CLOSED = (Kind.UNREACHABLE, Kind.PENDING, Kind.FIRST_DEGREE, Kind.UNKNOWN)

# 13 in 100 answer: below that LinkedIn once warned those who sent many (its own blog, 2014).
# How they divide nobody has published; this is a guess to start with.
ASSUMED = {"accept": 0.06, "reject": 0.04, "own-words": 0.03, "free": 0.0, "closed": 0.0}
WHY_ASSUMED = {
    "accept": "13 in 100 answer, the mark below which LinkedIn once warned; 6 of them accept",
    "reject": "13 in 100 answer; 4 of them reject",
    "own-words": "13 in 100 answer; 3 of them in own words",
    "free": "who was never looked at is taken to cost a credit, as in the plan",
    "closed": "who was never looked at is taken to be one that can be written to",
}
# Nobody has published how long answers take: most in a few days, some in the second week.
ASSUMED_DELAYS = tuple(
    timedelta(hours=hours) for hours in (2, 6, 20, 26, 45, 50, 75, 120, 190, 300)
)


@dataclass(frozen=True, slots=True)
class Shares:
    """What recipients are taken to do; shares from 0 to 1.

    accept     of all InMails: a default acceptance, after which messages go out (A1)
    own_words  of all InMails: answers that end the sequence, edited acceptances too (A2, A5, A8)
    free       of leads never looked at: free to write to
    closed     of leads never looked at: not to be written to (K1, K3, K4)
    delays     from InMail to answer, the shortest first; each is as likely as any other
    """

    accept: float
    reject: float
    own_words: float
    free: float
    closed: float
    delays: tuple[timedelta, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """One share and where it comes from: `origin` is "seen", "stated" or "assumed".

    of  how many InMails or leads were seen, whether or not they were enough
    """

    name: str
    share: float
    origin: str
    of: int
    why: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What a seat has seen so far.

    answers  by kind, to the `inmails` that are RIPE_AFTER old
    kinds    free, credit and closed, of all leads that were looked at
    """

    inmails: int
    answers: Mapping[str, int]
    delays: tuple[timedelta, ...]
    looked: int
    kinds: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer that is drawn, and when it comes."""

    what: str
    at: datetime


def see(enrolments: Iterable[Enrolment], now: datetime) -> Seen:
    """Count what this seat's recipients did."""
    inmails, looked = 0, 0
    answers, kinds = dict.fromkeys(ANSWERS, 0), {"free": 0, "credit": 0, "closed": 0}
    delays: list[timedelta] = []
    for enrolment in enrolments:
        inmail, kind = enrolment.inmail, enrolment.kind
        if kind is not None:
            looked += 1
            name = "closed" if kind in CLOSED and inmail is None else str(kind)
            kinds[name] = kinds.get(name, 0) + 1
        if inmail is None or now - inmail.at < RIPE_AFTER:
            continue
        inmails += 1
        what = answer_of(enrolment)
        if what is not None and enrolment.answer is not None:
            answers[what] += 1
            delays.append(max(enrolment.answer.at - inmail.at, timedelta(0)))
    return Seen(inmails, answers, tuple(sorted(delays)), looked, kinds)


def answer_of(enrolment: Enrolment) -> str | None:
    """The answer in the words of ANSWERS; None: none, or one that cannot be read (A9)."""
    answer = enrolment.answer
    if answer is None or answer.answer in ("none", "unreadable"):
        return None
    if answer.answer == "rejected":
        return "reject"
    return "own-words" if answer.responder or answer.answer == "own-words" else "accept"


def shares_of(
    seen: Seen, stated: Mapping[str, float] | None = None
) -> tuple[Shares, tuple[Share, ...]]:
    """The shares to reckon with, each with its origin: stated, else seen, else assumed.

    stated  by name: accept, reject, own-words, free. What was not stated makes room for it.
    """
    stated = stated or {}
    told = [_answer_share(name, seen, stated) for name in ANSWERS]
    told += [_kind_share(name, seen, stated) for name in ("free", "closed")]
    fitted = [*_fitted(told[:3]), *_fitted(told[3:])]
    delays = seen.delays if len(seen.delays) >= FEWEST_DELAYS else ASSUMED_DELAYS
    accept, reject, own_words, free, closed = (share.share for share in fitted)
    return Shares(accept, reject, own_words, free, closed, delays), tuple(fitted)


def _answer_share(name: str, seen: Seen, stated: Mapping[str, float]) -> Share:
    what = f"{seen.answers[name]} of {seen.inmails} InMails that are two weeks old"
    return _share(name, seen.answers[name], seen.inmails, what, stated)


def _kind_share(name: str, seen: Seen, stated: Mapping[str, float]) -> Share:
    what = f"{seen.kinds[name]} of {seen.looked} leads that were looked at"
    return _share(name, seen.kinds[name], seen.looked, what, stated)


def _share(name: str, count: int, of: int, what: str, stated: Mapping[str, float]) -> Share:
    if name in stated:
        return Share(name, stated[name], "stated", of, "as stated")
    if of >= FEWEST:
        return Share(name, count / of, "seen", of, what)
    return Share(name, ASSUMED[name], "assumed", of, f"{WHY_ASSUMED[name]}; too few seen: {what}")


def _fitted(shares: list[Share]) -> list[Share]:
    """What was not stated makes room: together they are at most 1."""
    given = sum(share.share for share in shares if share.origin == "stated")
    others = sum(share.share for share in shares if share.origin != "stated")
    room = max(0.0, 1 - given)
    if others <= room:
        return shares
    return [
        share
        if share.origin == "stated"
        else Share(share.name, share.share * room / others, share.origin, share.of, share.why)
        for share in shares
    ]


# --- drawing ------------------------------------------------------------------------------------


def drawn(*key: object) -> float:
    """A number from 0 to below 1 that looks random and is the same for the same key."""
    text = "/".join(map(str, key)).encode()
    return int.from_bytes(sha256(text).digest()[:8]) / 2**64


def draw_kind(shares: Shares, *key: object) -> Kind:
    """What a lead that was never looked at turns out to be."""
    left = drawn("kind", *key)
    if left < shares.closed:
        return Kind.UNREACHABLE
    return Kind.FREE if left < shares.closed + shares.free else Kind.CREDIT


def draw_answer(shares: Shares, inmail: SentStep, read_at: datetime, *key: object) -> Said | None:
    """The answer to an InMail that had none at *read_at*; None: there will be none.

    What could have come by then and did not makes a later answer less likely.
    """
    delays = shares.delays
    first = bisect_right(delays, read_at - inmail.at) if read_at > inmail.at else 0
    later = (len(delays) - first) / len(delays)
    weights = [share * later for share in (shares.accept, shares.reject, shares.own_words)]
    none = max(0.0, 1 - shares.accept - shares.reject - shares.own_words)
    left = drawn("answer", *key) * (sum(weights) + none)
    for what, weight in zip(ANSWERS, weights, strict=True):
        if left < weight:
            place = first + int(drawn("delay", *key) * (len(delays) - first))
            return Said(what, inmail.at + delays[place])
        left -= weight
    return None


def draw_news(shares: Shares, now: datetime, *key: object) -> Said:
    """The answer in a thread that has changed and was not read yet: it is there already."""
    weights = (shares.accept, shares.reject, shares.own_words)
    left = drawn("news", *key) * sum(weights)
    for what, weight in zip(ANSWERS, weights, strict=True):
        if left < weight:
            return Said(what, now)
        left -= weight
    return Said("reject", now)
