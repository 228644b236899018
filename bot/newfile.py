"""A file that was not there before."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from bot.errors import WorkFailed


def write_new(path: Path, content: str | bytes) -> None:
    """The whole file, on the disk, or nothing of it; never over one that is there.

    Only this user may read it. Raises WorkFailed if there is one, or if it cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".new") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
            os.link(file.name, path)
    except FileExistsError:
        raise WorkFailed(f"{path} is there already: choose another name") from None
    except OSError as error:
        raise WorkFailed(f"{path} cannot be written: {error.strerror or error}") from error
