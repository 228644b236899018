"""Writes docs/messages.md from the errors that the program raises; a test keeps it in step."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot import errors
from bot.site import WHAT_TO_DO

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "messages.md"
HEAD = """# Every message

Written by `python -m tools.messages` from the program's own source: each error that it raises on
purpose, by what it means. `…` stands for what differs. What to do stands in the message itself, or
under its heading; exit codes are explained in [Troubleshooting](troubleshooting.md).
"""
HALTS = """## The seat halts (exit code 3)

Nothing more is clicked until you say `leadwright resume SEAT`. `leadwright status` shows the line.

| Kind | What to do |
|---|---|
"""
# What each class of errors means, and the next step where the message itself has none.
MEANINGS: tuple[tuple[type[errors.LeadwrightError], str, str], ...] = (
    (
        errors.UsageError,
        "Wrong usage or configuration",
        """Below stands a line for each mistake: file, line, key, what was found, what is allowed.
Correct it and try again; `leadwright check` shows all that is left.""",
    ),
    (errors.WorkFailed, "The work cannot be done", "The message says why, and what to do."),
    (
        errors.BrowserMissing,
        "There is no browser",
        """`leadwright doctor` says how to get one on this machine. A daemon ends, and is to be
started again.""",
    ),
    (
        errors.StoreBroken,
        "The state cannot be trusted",
        """Nothing was written. Update the program, or put a backup back: `leadwright restore SEAT
FILE`. A daemon does not try again.""",
    ),
    (
        errors.SiteUnreachable,
        "The site cannot be reached",
        """The message is what the browser says of it. A daemon tries again after 1, 5, 15 and 60
minutes. Look at the network, and at `base_url`.""",
    ),
    (
        errors.BrowserGone,
        "The browser is gone",
        """The next stint settles what was under way by reading (T3). If it happens again, look at
memory, and at `leadwright doctor`.""",
    ),
    (
        errors.SeatBusy,
        "Another process holds the seat",
        """The message names it. A daemon takes orders from other commands; to work the seat
yourself, end it first.""",
    ),
    (
        errors.LockedOut,
        "A dry run refused to write",
        """The second lock stopped what the first should have: nothing was sent. Please report
it.""",
    ),
    (
        errors.NotLoaded,
        "A page has not loaded",
        """It is read again by itself, a bounded number of times. Of a saved page it means that it
was saved too early.""",
    ),
    (
        errors.WrongPage,
        "Another page than the one that was asked for",
        """Nothing of it is used. Of a saved page: give the other KIND to `leadwright read`, or
`--url`.""",
    ),
    (
        errors.Missing,
        "The site has no such page",
        """It concerns its lead, which is held, and not the seat.""",
    ),
    (
        errors.LayoutChanged,
        "A page is not as it was",
        """Its lead is held, or what needs the hook stops (T8); nothing is guessed. Which it is,
`leadwright doctor SEAT` says; see [When the site changes](mending.md).""",
    ),
)
REASON = {kind.__name__: 2 for kind, _, _ in MEANINGS if issubclass(kind, errors.PageError)}


@dataclass(frozen=True, slots=True)
class Message:
    """An error as it stands in the source: its class, and its text with `…` for what differs."""

    kind: str
    text: str


def raised() -> list[Message]:
    """All errors with words of their own, in the order of their words."""
    kinds = {kind.__name__ for kind, _, _ in MEANINGS}
    found = {
        message
        for path in (ROOT / "bot").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for message in _message(node, kinds)
    }
    return sorted(found, key=lambda message: (message.kind, message.text.lstrip("… ").lower()))


def _message(node: ast.Call, kinds: set[str]) -> Iterator[Message]:
    kind = ast.unparse(node.func)
    place = REASON.get(kind, 0)
    if kind in kinds and len(node.args) > place:
        text = " ".join(_words(node.args[place]).split())
        if text.strip("… :()"):
            yield Message(kind, text)


def _words(node: ast.expr) -> str:
    """The words of a string, `…` for all else."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(map(_words, parts))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _words(left) + _words(right)
        case _:
            return "…"


def text() -> str:
    """The whole page."""
    parts = [HEAD, HALTS + "".join(f"| `{kind}` | {do} |\n" for kind, do in WHAT_TO_DO.items())]
    messages = raised()
    for kind, title, meaning in MEANINGS:
        own = [message.text for message in messages if message.kind == kind.__name__]
        lines = "".join(f"- {_shown(each)}\n" for each in own)
        parts.append(f"## {title} (exit code {kind.exit_code})\n\n{meaning}\n\n{lines}")
    return "\n".join(parts)


def _shown(message: str) -> str:
    """A message as Markdown shows it, letter by letter."""
    return f"`` {message} ``" if "`" in message else f"`{message}`"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
