"""`leadwright read`: what a saved page is understood to say."""

from __future__ import annotations

import sys

from bot.cli.read import read as read_page
from bot.cli.read import render_human
from bot.pages.reader import Reader


def read(
    kind: str,
    source: str,
    owner: str | None,
    url: str | None,
    status_code: int | None,
    as_json: bool,
    reader: Reader | None = None,
) -> int:
    """Parse one saved page and print what was understood."""
    text = read_page(
        kind,
        source,
        owner=owner,
        url=url,
        status=status_code,
        stdin=sys.stdin.buffer,
        reader=reader,
    )
    print(text if as_json else render_human(text))
    return 0
