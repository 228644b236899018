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

Written by `python -m tools.messages` from the program's own source: each error that it raises on purpose, by what it
means. `…` stands for what differs. What to do stands in the message itself, or under its heading; exit codes are explained
in [Troubleshooting](troubleshooting.md).
"""
HALTS = """## The seat halts (exit code 3)

Nothing more is clicked until you say `leadwright resume SEAT`. `leadwright status` shows the line.

| Kind | What to do |
|---|---|
"""
# What each class of errors means, and the next step where the message itself has none.
MEANINGS = (
    (
        errors.UsageError,
        "Wrong usage or configuration",
        "Below the line stands a line for each mistake: file, line, key, what was found and what is "
        "allowed. Correct it and try again; `leadwright check` shows all that is left.",
    ),
    (errors.WorkFailed, "The work cannot be done", "The message says why, and what to do."),
    (
        errors.BrowserMissing,
        "There is no browser",
        "`leadwright doctor` says how to get one on this machine. A daemon ends, and is to be started again.",
    ),
    (
        errors.StoreBroken,
        "The state cannot be trusted",
        "Nothing was written. Update the program, or `leadwright restore SEAT FILE` a backup; a daemon does not try again.",
    ),
    (
        errors.SiteUnreachable,
        "The site cannot be reached",
        "The daemon tries again after 1, 5, 15 and 60 minutes. Look at the network, and at `base_url`.",
    ),
    (
        errors.BrowserGone,
        "The browser is gone",
        "The next stint settles what was under way by reading (T3). If it happens again: `leadwright doctor`, and memory.",
    ),
    (
        errors.SeatBusy,
        "Another process holds the seat",
        "The message names it. A daemon takes orders from other commands; to work the seat yourself, end it first.",
    ),
    (
        errors.LockedOut,
        "A dry run refused to write",
        "The second lock stopped what the first should have: nothing was sent. Please report it.",
    ),
)


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
    if kind in kinds and node.args:
        text = " ".join(_words(node.args[0]).split())
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
        lines = "\n".join(f"- {_shown(each)}" for each in own)
        parts.append(f"## {title} (exit code {kind.exit_code})\n\n{meaning}\n\n{lines}\n")
    return "\n".join(parts)


def _shown(message: str) -> str:
    """A message as Markdown shows it, letter by letter."""
    return f"`` {message} ``" if "`" in message else f"`{message}`"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
