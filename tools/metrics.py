"""Writes the table of docs/metrics.md from the metrics themselves; a test keeps it in step."""

from __future__ import annotations

from pathlib import Path

from bot.metrics.names import METRICS

TARGET = Path(__file__).parent.parent / "docs" / "metrics.md"
BEGIN, END = "<!-- by python -m tools.metrics -->\n", "<!-- end -->\n"


def table() -> str:
    """A row for each metric."""
    rows = ["| Metric | Type | Labels | Says |", "|---|---|---|---|"]
    for each in METRICS:
        labels = ", ".join(f"`{label}`" for label in each.all_labels)
        rows.append(f"| `{each.name}` | {each.kind} | {labels} | {each.says} |")
    return "\n".join(rows) + "\n"


def written(page: str) -> str:
    """The page with the table as it should be. Raises ValueError for one without its place."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{TARGET} has no place for the table")
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    TARGET.write_text(written(TARGET.read_text(encoding="utf-8")), encoding="utf-8")
