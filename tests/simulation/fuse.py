"""Where everything may die: crashes before and after each step, and inside commits."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

# Steps that are rare, or rarely taken with an attempt under way, are struck so much more often.
FACTORS = {
    "open_lead": 2,
    "open_composer": 2,
    "open_thread": 2,
    "type_inmail": 4,
    "click_send": 8,
    "read_sent": 10,
    "type_message": 10,
    "close_composer": 10,
    "read_results": 10,
}
MOST_OFTEN = 0.5


class Crash(BaseException):
    """What nothing catches: the program, the browser or the machine is gone."""


class Broken(AssertionError):
    """An invariant does not hold."""


def demand(holds: bool, promise: str, told: object = "") -> None:
    """Raises Broken with the promise that was broken."""
    if not holds:
        raise Broken(f"{promise}: {told}")


@dataclass
class Fuse:
    """Where everything may die, drawn anew at each point.

    struck  crashes by point; `open_` those with an attempt under way
    """

    chance: float
    draw: random.Random
    is_open: Callable[[], bool] = lambda: False
    armed: bool = True
    struck: Counter[str] = field(default_factory=Counter)
    open_: Counter[str] = field(default_factory=Counter)

    def burn(self, point: str) -> None:
        """Die here, or not."""
        chance = min(MOST_OFTEN, self.chance * FACTORS.get(point.rpartition(" ")[2], 1))
        if self.armed and self.draw.random() < chance:
            self.armed = False  # looking at the book is not to die as well
            self.struck[point] += 1
            self.open_[point] += self.is_open()
            self.armed = True
            raise Crash(point)


class Fragile:
    """An object whose steps take time, and may die before and after they have their effect."""

    def __init__(
        self, inner: Any, steps: tuple[str, ...], fuse: Fuse, spend_time: Callable[[], None]
    ) -> None:
        self._inner, self._steps, self._fuse = inner, steps, fuse
        self._spend_time = spend_time

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return partial(self._step, name, found) if name in self._steps else found

    def _step(self, name: str, act: Callable[..., Any], *args: Any, **named: Any) -> Any:
        self._fuse.burn(f"before {name}")
        self._spend_time()
        result = act(*args, **named)
        self._fuse.burn(f"after {name}")
        return result


class Witnessed:
    """A book whose every commit somebody looks at before it is written."""

    def __init__(self, inner: Any, look: Callable[[Any], None]) -> None:
        self._inner, self._look = inner, look

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def commit(self, changes: Any) -> None:
        """Let it be looked at, then write it."""
        self._look(changes)
        self._inner.commit(changes)
