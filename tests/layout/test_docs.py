"""What is written for people is in step with the program."""

from __future__ import annotations

import re
from pathlib import Path

from tools.commands import TARGET, names, text

ROOT = Path(__file__).parents[2]


def test_the_command_reference_is_the_programs_own_help() -> None:
    """docs/commands.md is what `python -m tools.commands` writes."""
    assert TARGET.read_text(encoding="utf-8") == text()


def test_every_command_is_in_the_readme() -> None:
    """A command that no one can find is a command that no one wrote."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [name for name in names() if not re.search(rf"`(leadwright )?{name}\b", readme)]


def test_links_of_the_readme_lead_somewhere() -> None:
    """Every file that the README points to is there."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#:]+)\)", readme)
    assert targets
    assert not [target for target in targets if not (ROOT / target).exists()]
