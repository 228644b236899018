"""Writes the table of saved pages in bench/README.md: how many of each sort, in which languages."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

from bot.pages.selectors import Selectors
from bot.shipped import folder
from tools.table import Place

PLACE = Place(Path(__file__).parent.parent / "bench" / "README.md", "python -m tools.cases")


def table() -> str:
    """A row for each sort of page, and one for all; hooks are those of the page's selector file."""
    counted = Counter(_sort_and_language(meta) for meta in _metas())
    languages = sorted({language for _, language in counted})
    hooks = Counter(hook.page for hook in Selectors.shipped().entries)
    sorts = sorted({sort for sort, _ in counted} | set(hooks))
    rows = [
        f"| Page | {' | '.join(languages)} | cases | hooks |",
        "|---|" + "---:|" * (len(languages) + 2),
    ]
    for sort in sorts:
        numbers = [counted[sort, language] for language in languages]
        rows.append(_row(sort, [*numbers, sum(numbers), hooks[sort]]))
    sums = [sum(counted[sort, language] for sort in sorts) for language in languages]
    rows.append(_row("all", [*sums, sum(sums), sum(hooks.values())]))
    return "\n".join(rows) + "\n"


def _row(sort: str, numbers: list[int]) -> str:
    return f"| {sort} | {' | '.join(str(number or '') for number in numbers)} |"


def _metas() -> list[Path]:
    return sorted(folder("fixtures").glob("*/*/meta.toml"))


def _sort_and_language(meta: Path) -> tuple[str, str]:
    told = tomllib.loads(meta.read_text(encoding="utf-8"))
    return meta.parent.parent.name, str(told["language"])


if __name__ == "__main__":
    PLACE.write(table())
