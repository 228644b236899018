"""The one place of late imports: `--help` needs none of what the commands need."""

from __future__ import annotations

import gc
import importlib
from typing import Any, NoReturn

import typer


def do(module: str, function: str, *args: Any, **options: Any) -> NoReturn:
    """Import a command's module, run it, and end with its exit code."""
    gc.disable()  # what an import makes stays: looking through it for garbage takes a sixth of it
    try:
        found = importlib.import_module(f"bot.cli.{module}")
    finally:
        gc.enable()
    code = getattr(found, function)(*args, **options)
    raise typer.Exit(code or 0)
