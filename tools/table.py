"""A table in a page of the documentation that a command writes, and a test keeps in step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

END = "<!-- end -->\n"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table stands: between a line that names its *command*, and the next end."""

    page: Path
    command: str

    def text(self) -> str:
        """The page as it is."""
        return self.page.read_text(encoding="utf-8")

    def with_table(self, table: str) -> str:
        """The page as it should be. Raises ValueError for one without the table's place."""
        before, begin, rest = self.text().partition(f"<!-- by {self.command} -->\n")
        _, end, after = rest.partition(END)
        if not begin or not end:
            raise ValueError(f"{self.page} has no place for the table")
        return f"{before}{begin}{table}{end}{after}"

    def write(self, table: str) -> None:
        """Put the table into the page."""
        self.page.write_text(self.with_table(table), encoding="utf-8")
