"""Builds what pipx and uv install: dist/leadwright-VERSION-py3-none-any.whl."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD_SECONDS = 600


class NotBuilt(Exception):
    """There is no wheel; the message is the last that was said."""


def build(source: Path, into: Path) -> Path:
    """The wheel of a checkout. Raises NotBuilt."""
    beside = Path(sys.executable).parent / "uv"
    uv = str(beside) if beside.exists() else shutil.which("uv") or "uv"
    into.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [uv, "build", "--wheel", "--out-dir", str(into), str(source)],
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise NotBuilt((done.stderr.strip() or "uv said nothing").splitlines()[-1])
    return max(into.glob("*.whl"), key=lambda path: path.stat().st_mtime)


def main() -> int:
    """Build it and print its path."""
    try:
        print(build(ROOT, ROOT / "dist").relative_to(ROOT))
    except NotBuilt as error:
        print(f"no wheel: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
