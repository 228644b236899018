"""How every command ends: an error is one clear line on stderr, and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from bot import lock
from bot.cli.plain import say, take_every_letter
from bot.errors import LASTING_CODE, LeadwrightError, UsageError


def ended(command: Callable[[], object]) -> int:
    """Run a command and return its exit code; what it returns itself is one, if it is a number."""
    take_every_letter()
    try:
        code = command()
    except SystemExit as ended:  # Typer ends so every command, and its own usage errors (2)
        code = ended.code
    except UsageError as error:
        say(f"error: {error}", sys.stderr)
        for fault in error.faults:
            say(f"  {fault}", sys.stderr)
        return error.exit_code
    except LeadwrightError as error:
        say(f"error: {error}", sys.stderr)
        to_daemon = lock.FD_VARIABLE in os.environ
        return LASTING_CODE if error.lasting and to_daemon else error.exit_code
    except OSError as error:
        # The machine refused: a full disk, a folder that may not be written.
        place = error.filename if error.filename is not None else "this machine refuses"
        say(f"error: {place}: {error.strerror or error}", sys.stderr)
        return 1
    return code if isinstance(code, int) else 0


def go_on(module: str, *words: str) -> NoReturn:
    """The same process, with another program; nothing of the folder it stands in is imported.

    A signal that comes meanwhile waits until the other program listens.
    """
    sys.stdout.flush()
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT))
    os.execv(sys.executable, [sys.executable, "-P", "-m", module, *words])  # noqa: S606  itself
