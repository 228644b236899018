"""docs/tutorial.md, followed word for word; and what follows it notices."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tools.follow import Differs, Step, chosen, fits, main, steps

ROOT = Path(__file__).parents[2]
PAGE = """\
# A page

```toml title="folder/file.toml"
key = 1
```

## To do

```console
$ cat folder/file.toml
key = 1
$ printf 'one\\n  two  2\\nthree\\n'
one
two …
…
```
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


@pytest.mark.browser
@pytest.mark.slow
def test_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    """Every command of the ten minutes, in order: each ends well and says what the page says."""
    variables = {name: value for name, value in os.environ.items() if "LEADWRIGHT" not in name}
    path = f"{Path(sys.executable).parent}:{variables['PATH']}"
    done = subprocess.run(
        [sys.executable, ROOT / "tools/follow.py", ROOT / "docs/tutorial.md", "--folder", tmp_path]
        + [f"--instead={port}={free_port()}" for port in (8765, 8777)],
        env={**variables, "HOME": str(tmp_path), "PATH": path},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == len(steps((ROOT / "docs/tutorial.md").read_text("utf-8"))) + 1


def test_a_page_is_read_from_its_top() -> None:
    """Files, commands and what they are to say, each with its line and its heading."""
    file, first, second = steps(PAGE)
    assert file == Step(3, "A page", "key = 1\n", file="folder/file.toml")
    assert first == Step(10, "To do", "cat folder/file.toml", ("key = 1",))
    assert second.expected == ("one", "two …", "…")
    assert chosen(steps(PAGE), ["To do"], [first.command]) == [second]
    with pytest.raises(Differs, match="no Nowhere"):
        chosen(steps(PAGE), ["Nowhere"], [])


@pytest.mark.parametrize(
    ("expected", "said", "does"),
    [
        (["one", "…"], ["one"], True),
        (["one", "…", "four"], ["one", "two", "three", "four"], True),
        (["… 18 in …"], ["credits  18 in the ledger"], True),
        (["… 18 in …"], ["credits  19 in the ledger"], False),
        (["one"], ["one", "two"], False),
        (["a ┃ b", "━╇━"], ["a  ┃  b", "━━━━╇━━━━"], True),
        (["a.c"], ["abc"], False),
    ],
)
def test_a_difference_is_one_of_words_or_figures(
    expected: list[str], said: list[str], does: bool
) -> None:
    """Spaces and the lines of tables make none; what `…` stands for may be anything."""
    assert fits(expected, said) is does


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("two …", "zwei …", "and the page:"),
        ("$ cat folder", "$ cat nowhere", "ended with 1"),
    ],
)
def test_a_page_that_is_wrong_is_told_with_its_line(
    old: str, new: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was said stands beside what the page says; a page that is right ends with 0."""
    file = tmp_path / "page.md"
    file.write_text(PAGE, encoding="utf-8")
    assert main([str(file), "--folder", str(tmp_path)]) == 0
    file.write_text(PAGE.replace(old, new), encoding="utf-8")
    assert main([str(file), "--folder", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "page.md: line 1" in said
    assert why in said
