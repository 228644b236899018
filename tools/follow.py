"""Does what a page of the documentation says, word for word, and compares what comes of it.

Of a page it takes the fenced blocks, from the top:

* ```` ```console ````: a line that begins with `$ ` is typed, and one with `> ` goes on with it;
  what stands below is what the terminal is to say. `…` in a line stands for anything, a line of
  nothing else for any lines. Spaces and the lines of tables make no difference. A command is to
  end with 0.
* the same with `title="…"`: it is typed in a terminal of its own, and goes on until the end.
* any other block with `title="PATH"`: a file that is written.

It needs nothing but Python, so that a machine that has nothing else can follow.
"""

from __future__ import annotations

import argparse
import os
import queue
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

ANYTHING = "…"
FENCE = re.compile(r'^```(\w*)(?:\s+title="([^"]*)")?\s*$')
TABLE_LINE = re.compile(r"^[\s━╇┃│┼─]*$")
COMMAND_SECONDS = 900
READY_SECONDS = 60
SILENT_SECONDS = 2  # for a program that says nothing when it is ready


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the page says to do.

    line      where in the page
    section   the heading it stands under
    command   what is typed, or what the file holds
    expected  what the terminal is to say
    file      a file that is written in place of a command
    apart     in a terminal of its own
    """

    line: int
    section: str
    command: str
    expected: tuple[str, ...] = ()
    file: str = ""
    apart: bool = False


class Differs(Exception):
    """What happened is not what the page says."""


def steps(text: str) -> list[Step]:
    """All that a page says to do, in order."""
    found: list[Step] = []
    section = ""
    block: tuple[int, str, str, list[str]] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if block is not None:
            if line.strip() == "```":
                found += _steps_of(*block, section)
                block = None
            else:
                block[3].append(line)
        elif fence is not None:
            block = (number, fence[1], fence[2] or "", [])
        elif line.startswith("#"):
            section = line.lstrip("#").strip()
    return found


def _steps_of(
    number: int, language: str, title: str, lines: list[str], section: str
) -> Iterator[Step]:
    if language != "console":
        if title:
            yield Step(number, section, "\n".join(lines) + "\n", file=title)
        return
    step: Step | None = None
    for offset, line in enumerate(lines, 1):
        if line.startswith("$ "):
            if step is not None:
                yield step
            step = Step(number + offset, section, line[2:], apart=bool(title))
        elif step is None:
            raise Differs(f"line {number + offset}: a console that says something unasked")
        elif line.startswith("> ") and not step.expected:
            step = replace(step, command=f"{step.command}\n{line[2:]}")
        else:
            step = replace(step, expected=(*step.expected, line))
    if step is not None:
        yield step


def fits(expected: Sequence[str], said: Sequence[str]) -> bool:
    """Whether a terminal said what was expected."""
    pattern = "".join(
        r"(?:.*\n)*" if line.strip() == ANYTHING else _as_pattern(line) + r"\n"
        for line in _plain(expected)
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _plain(said))) is not None


def _as_pattern(line: str) -> str:
    return ".*".join(map(re.escape, line.split(ANYTHING)))


def _plain(lines: Sequence[str]) -> list[str]:
    """The lines without what makes no difference."""
    return [" ".join(line.split()) for line in lines if not TABLE_LINE.match(line)]


class Terminal:
    """A shell that is typed into, as one of its user's, one command after the other."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self._shell = subprocess.Popen(
            [shutil.which("bash") or "/bin/bash", "--norc"],
            cwd=folder,
            env={**os.environ, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._said: queue.Queue[str] = queue.Queue()
        self._ear = threading.Thread(target=self._listen, daemon=True)
        self._ear.start()

    def _listen(self) -> None:
        assert self._shell.stdout is not None
        with self._shell.stdout as said:
            for line in said:
                self._said.put(line.rstrip("\n"))

    def type(self, command: str) -> None:
        """Type a command and the return key."""
        assert self._shell.stdin is not None
        self._shell.stdin.write(f"{command}\n")
        self._shell.stdin.flush()

    def run(self, command: str) -> tuple[int, list[str]]:
        """Run a command to its end: its exit code and what was said."""
        mark = f"ended-{secrets.token_hex(8)}"
        self.type(f"{{ {command}\n}} </dev/null\nprintf '\\n%s %s\\n' {mark} $?")
        said = self.hear(lambda lines: lines[-1].startswith(mark), COMMAND_SECONDS)
        code = int(said.pop().split()[1])
        return code, said[:-1] if said and not said[-1] else said

    def hear(self, enough: Callable[[list[str]], bool], seconds: float) -> list[str]:
        """All lines until there are enough. Raises Differs if they do not come in time."""
        lines: list[str] = []
        until = time.monotonic() + seconds
        while not lines or not enough(lines):
            try:
                lines.append(self._said.get(timeout=max(0, until - time.monotonic())))
            except queue.Empty:
                told = "\n".join(lines)
                raise Differs(f"nothing more came in {seconds} seconds after:\n{told}") from None
        return lines

    def ends_within(self, seconds: float) -> bool:
        """Whether what runs in it is over by then."""
        try:
            self._shell.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def close(self) -> None:
        """Press Ctrl-C until it is gone."""
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._shell.pid, sign)
                self._shell.wait(10)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        assert self._shell.stdin is not None
        self._shell.stdin.close()
        self._ear.join(10)


def follow(
    found: Sequence[Step], folder: Path, variables: Mapping[str, str], say: Callable[[str], None]
) -> None:
    """Do the steps one after the other. Raises Differs at the first that is not as it says."""
    with ExitStack() as stack:
        terminal = _opened(stack, folder, variables)
        for step in found:
            began = time.monotonic()
            try:
                if step.file:
                    _write(step, folder)
                elif step.apart:
                    _start(step, _opened(stack, folder, variables))
                else:
                    _try(step, terminal)
            except Differs as error:
                what = step.file or step.command
                raise Differs(f"line {step.line}: {what}\n{error}") from None
            what = f"wrote {step.file}" if step.file else step.command.splitlines()[0]
            say(f"{time.monotonic() - began:6.1f} s  {what}")


def _opened(stack: ExitStack, folder: Path, variables: Mapping[str, str]) -> Terminal:
    terminal = Terminal(folder, variables)
    stack.callback(terminal.close)
    return terminal


def _write(step: Step, folder: Path) -> None:
    path = folder / Path(step.file).expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(step.command, encoding="utf-8")


def _start(step: Step, terminal: Terminal) -> None:
    terminal.type(f"exec {step.command}")
    if step.expected:
        terminal.hear(lambda lines: fits(step.expected, lines), READY_SECONDS)
    elif terminal.ends_within(SILENT_SECONDS):
        raise Differs("it ended at once")


def _try(step: Step, terminal: Terminal) -> None:
    code, said = terminal.run(step.command)
    told = "\n".join(said)
    if code != 0:
        raise Differs(f"ended with {code}, and said:\n{told}")
    if step.expected and not fits(step.expected, said):
        wanted = "\n".join(step.expected)
        raise Differs(f"said:\n{told}\nand the page:\n{wanted}")


@contextmanager
def screen() -> Iterator[dict[str, str]]:
    """A screen for windows: this machine's, else one that nobody sees, if it can be had."""
    program = shutil.which("Xvfb")
    if os.environ.get("DISPLAY") or program is None:
        yield {}
        return
    reads, writes = os.pipe()
    with subprocess.Popen(
        [program, "-displayfd", str(writes), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"],
        pass_fds=[writes],
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writes)
        try:
            with os.fdopen(reads) as told:
                yield {"DISPLAY": f":{told.readline().strip()}"}
        finally:
            server.terminate()


def chosen(found: Sequence[Step], only: Sequence[str], without: Sequence[str]) -> list[Step]:
    """The steps of the named sections, less the named commands."""
    missing = [name for name in only if name not in {step.section for step in found}]
    missing += [name for name in without if name not in {step.command for step in found}]
    if missing:
        raise Differs(f"the page has no {', '.join(missing)}")
    return [
        step for step in found if (not only or step.section in only) and step.command not in without
    ]


def main(arguments: Sequence[str]) -> int:
    """Follow the pages; 1 at the first step that is not as its page says."""
    parser = argparse.ArgumentParser(description="Do what a page says, and compare.")
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="where to begin")
    parser.add_argument("--only", action="append", default=[], metavar="HEADING")
    parser.add_argument("--without", action="append", default=[], metavar="COMMAND")
    parser.add_argument(
        "--instead", action="append", default=[], metavar="OLD=NEW", help="e.g. a port that is free"
    )
    options = parser.parse_args(arguments)
    plain = {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "160", "PYTHONUNBUFFERED": "1"}
    try:
        with screen() as shown:
            for page in options.pages:
                text = page.read_text(encoding="utf-8")
                for each in options.instead:
                    old, _, new = each.partition("=")
                    text = text.replace(old, new)
                found = chosen(steps(text), options.only, options.without)
                print(f"{page}: {len(found)} steps", flush=True)
                say = lambda line: print(line, flush=True)  # noqa: E731
                follow(found, options.folder, plain | shown, say)
    except Differs as error:
        print(f"{page}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
