"""The one place of late imports: `--help` needs none of what the commands need."""

from __future__ import annotations

import gc
import importlib
from typing import Any, NoReturn

import typer


def load(module: str) -> Any:
    """A heavy module that one command in many needs."""
    return importlib.import_module(module)


def do(module: str, function: str, *args: Any, **options: Any) -> NoReturn:
    """Import a command's module, run it, and end with its exit code."""
    found = importlib.import_module(f"bot.cli.{module}")
    gc.enable()  # main() stopped it: what imports make stays, and looking through it takes time
    code = getattr(found, function)(*args, **options)
    raise typer.Exit(code or 0)
