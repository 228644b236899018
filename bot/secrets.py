"""Secrets that the owner keeps elsewhere: a value may say where it is found.

`env:NAME` is an environment variable, `file:PATH` a file (beside config.toml, or absolute),
`credential:NAME` one that systemd hands to the service (`LoadCredential=`). Anything else is the
value itself. They are looked up when they are needed, and never told.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from bot.calls import KEPT_ELSEWHERE
from bot.errors import WorkFailed

NAMES = {
    "env": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
    "file": re.compile(r"[^\x00-\x1f]+"),
    "credential": re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*"),
}
CREDENTIALS = "CREDENTIALS_DIRECTORY"
MOST_BYTES = 65_536


def is_elsewhere(written: str) -> bool:
    """Whether the value is kept elsewhere."""
    return KEPT_ELSEWHERE.fullmatch(written) is not None


def refusal(written: str) -> str | None:
    """What is wrong with the way a value says where it is kept; None: nothing."""
    form = KEPT_ELSEWHERE.fullmatch(written)
    if form is None or NAMES[form[1]].fullmatch(form[2]):
        return None
    return {
        "env": "env:NAME, the name of an environment variable",
        "file": "file:PATH, the path of a file",
        "credential": "credential:NAME, as in LoadCredential=NAME:... of the unit",
    }[form[1]]


def resolve(written: str, home: Path) -> str:
    """The value. Raises WorkFailed, which says what is missing and where, and no value."""
    form = KEPT_ELSEWHERE.fullmatch(written)
    if form is None:
        return written
    kind, name = form[1], form[2]
    if kind == "env":
        value = os.environ.get(name, "")
        if not value.strip():
            raise WorkFailed(f"{written}: this variable is not set where the seat runs: set it")
        return value.strip()
    if kind == "file":
        return _read(home / Path(name).expanduser(), written)
    folder = os.environ.get(CREDENTIALS)
    if not folder:
        raise WorkFailed(
            f"{written}: there are no credentials here: only systemd gives them to the service, "
            f"by LoadCredential={name}:/path in its unit"
        )
    return _read(Path(folder) / name, written)


def _read(path: Path, written: str) -> str:
    """One line of text."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise WorkFailed(f"{written}: {path} cannot be read: {error.strerror}") from None
    try:
        value = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise WorkFailed(f"{written}: {path} is no text: save it as UTF-8") from None
    if not value or len(raw) > MOST_BYTES or len(value.splitlines()) != 1:
        raise WorkFailed(f"{written}: {path} must hold the value on one line, and nothing else")
    return value
