"""CSS on a parsed page, in a time that grows with the page's length and not with its square."""

from __future__ import annotations

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborNode

_ONE = r"[^\s(),>+~]+"
_HOLDS = re.compile(
    rf"(?P<outer>(?:[^,()]|\([^()]*\))+):has\((?P<inner>{_ONE}(?:,\s*{_ONE})*)\)", re.DOTALL
)


def select(scope: LexborNode, css: str) -> list[LexborNode]:
    """The matches in *scope*, in document order.

    For `a:has(b)` the parser looks through all that stands in each `a`, so that a thousand of them
    in each other take seconds. Here each `b` tells what it stands in.
    """
    holds = _HOLDS.fullmatch(css)
    if holds is None:
        return scope.css(css)
    outer = scope.css(holds["outer"])
    inside = around(node.parent for node in scope.css(holds["inner"])) if outer else set()
    return [node for node in outer if node.mem_id in inside]


def around(nodes: Iterable[LexborNode | None]) -> set[int]:
    """The `mem_id`s of *nodes* and of all that they stand in."""
    found: set[int] = set()
    for node in nodes:
        here = node
        while here is not None and here.mem_id not in found:
            found.add(here.mem_id)
            here = here.parent
    return found
