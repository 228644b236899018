"""Writes docs/commands.md from the commands' own help; a test keeps it in step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from typer import Context
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from bot.cli.main import app

TARGET = Path(__file__).parent.parent / "docs" / "commands.md"
HEAD = """# Commands

Written by `python -m tools.commands` from the program's own help. Exit codes: 0 done, 1 the work
failed, 2 wrong usage or configuration, 3 the seat is halted and needs its owner, 4 another process
holds the seat. Every command that shows something has `--json`.
"""


def pages(command: TyperCommand | TyperGroup, name: str) -> Iterator[tuple[str, str]]:
    """Each command's whole name and its help."""
    context = Context(command, info_name=name, terminal_width=88, max_content_width=88)
    if isinstance(command, TyperGroup):
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            assert isinstance(found, TyperCommand | TyperGroup), sub
            yield from pages(found, f"{name} {sub}")
    else:
        yield name, command.get_help(context)


def _root() -> TyperCommand | TyperGroup:
    command = get_command(app)
    assert isinstance(command, TyperCommand | TyperGroup), "the program has commands"
    return command


def text() -> str:
    """The whole reference."""
    parts = [HEAD]
    for name, said in pages(_root(), "leadwright"):
        parts.append(f"## {name}\n\n```\n{said.strip()}\n```\n")
    return "\n".join(parts)


def names() -> set[str]:
    """The first word of every command."""
    return {name.split()[1] for name, _ in pages(_root(), "leadwright")}


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
