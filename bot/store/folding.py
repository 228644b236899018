"""What a ledger's entries add up to, and how far that is known already (C10).

The sum of the same texts is the same. So a process that looks again and again adds up what is new;
that all before it stands as it did is seen from its digest, whoever wrote meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from bot.credits import Entry, Ledger, add
from bot.store.codec import decode


@dataclass(frozen=True, slots=True)
class _Sum:
    count: int
    digest: bytes
    ledger: Ledger


_KNOWN: dict[str, _Sum] = {}  # by file; each is replaced whole, so threads may share it


def folded(name: str, texts: Sequence[str]) -> Ledger:
    """The sum of all *texts*, entries in their order; *name* is the file that they stand in.

    Raises what decode() and add() raise.
    """
    known = _KNOWN.get(name)
    if known is None or known.count > len(texts) or _digest(texts[: known.count]) != known.digest:
        known = _Sum(0, b"", Ledger())
    ledger = known.ledger
    for text in texts[known.count :]:
        ledger = add(ledger, decode(Entry, text))
    if known.count < len(texts):
        _KNOWN[name] = _Sum(len(texts), _digest(texts), ledger)
    return ledger


def _digest(texts: Sequence[str]) -> bytes:
    return sha256("\n".join(texts).encode()).digest()  # a text holds no line break
