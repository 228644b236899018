"""Writes the table of docs/metrics.md from the metrics themselves; a test keeps it in step."""

from __future__ import annotations

from pathlib import Path

from bot.metrics.names import METRICS
from tools.table import Place

PLACE = Place(Path(__file__).parent.parent / "docs" / "metrics.md", "python -m tools.metrics")


def table() -> str:
    """A row for each metric."""
    rows = ["| Metric | Type | Labels | Says |", "|---|---|---|---|"]
    for each in METRICS:
        labels = ", ".join(f"`{label}`" for label in each.all_labels)
        rows.append(f"| `{each.name}` | {each.kind} | {labels} | {each.says} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    PLACE.write(table())
