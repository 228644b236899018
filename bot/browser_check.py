"""Whether the browser of this machine really shows a page, and what it lacks if not."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot import driver
from bot.browser_finder import candidates, find
from bot.errors import WorkFailed
from bot.machine import Finding, Machine
from bot.programs import asked

START_SECONDS = 60
GET = "`leadwright doctor --get-browser`"
SWITCHES = {  # a file of the kernel's, what it holds when a browser's sandbox cannot be made
    "proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1",
    "proc/sys/kernel/unprivileged_userns_clone": "0",
    "proc/sys/user/max_user_namespaces": "0",
}


def driver_finding(machine: Machine, program: Path | None = None) -> Finding:
    """Whether Playwright's driver starts."""
    path = program or driver.path()
    if path is None:
        return Finding("driver", "missing", "Playwright is not installed", "install anew")
    version = driver.version(path)
    if version is not None:
        return Finding("driver", "ok", f"Playwright's, {version}")
    lacks = ", ".join(driver.lacking(path))
    said = f": it lacks {lacks}" if lacks else f" on this machine: {path}"
    how = machine.install("driver") or "install what it lacks"
    return Finding("driver", "missing", f"Playwright's does not start{said}", how)


def browser_findings(machine: Machine, configured: str = "") -> Iterator[Finding]:
    """The browser, the libraries that it lacks, and whether it opens a page."""
    try:
        path = find(configured)
    except WorkFailed as error:
        yield Finding("browser", "missing", *_nothing(machine, configured, error))
        there = [Path(configured)] if configured else list(candidates())
        for each in there:
            yield from _libraries(each)
        return
    yield Finding("browser", "ok", str(path))
    trouble = _opens_a_page(path, sandbox=not machine.is_root)
    if trouble is None:
        yield Finding("a page", "ok", "the browser opens one")
        return
    yield from _libraries(path)
    yield Finding("a page", "missing", f"the browser opens none: {trouble}", _mend(machine))


def _nothing(machine: Machine, configured: str, error: WorkFailed) -> tuple[str, str]:
    """What is said, and what helps."""
    if configured:
        return "the configured one cannot be used", str(error)
    command = machine.install("browser")
    looked, _, _ = str(error).partition("; ")
    return looked, f"{command}, or {GET}" if command else GET


def _mend(machine: Machine) -> str:
    for name, value in SWITCHES.items():
        path = machine.root / name
        if not machine.is_root and path.is_file() and path.read_text().strip() == value:
            return (
                f"{path} is {value}: programs may make no sandbox here; install Google's Chrome "
                "from its own package, which may, or let your administrator change it"
            )
    return f"start it by hand to see more, or get another: {GET}"


def _libraries(path: Path) -> Iterator[Finding]:
    """The shared libraries that the program at *path* asks for in vain."""
    lacks = ", ".join(driver.lacking(path))
    if lacks:
        how = f"`sudo {sys.executable} -m playwright install-deps chromium` (Debian, Ubuntu); "
        how += "elsewhere your distribution's own chromium brings its libraries"
        yield Finding("libraries", "missing", f"{path} lacks {lacks}", how)


def _opens_a_page(path: Path, *, sandbox: bool) -> str | None:
    """Nothing if it does, else its last word."""
    with tempfile.TemporaryDirectory() as folder:
        words = [str(path), "--headless", "--disable-gpu", "--no-first-run", "--dump-dom"]
        words += [f"--user-data-dir={folder}", *([] if sandbox else ["--no-sandbox"])]
        done = asked([*words, "about:blank"], START_SECONDS)
    if done is None:
        return f"no answer within {START_SECONDS} seconds"
    if done.returncode == 0:
        return None
    said = [line for line in done.stderr.splitlines() if line.strip()]
    return said[-1].strip() if said else f"exit code {done.returncode}"
