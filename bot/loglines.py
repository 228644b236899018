"""The log: one line for each action and each outcome, with the keys and the rule that decided.

State is in the store, not here. What people wrote, their names and cookies never get into a line,
whatever is passed: facts are scalars, ids, times, or lists of these. Keys that hold what people
wrote are left out, and the line says which; of any other object, and of a library's error, only
the type is told.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO, cast

import orjson
import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.typing import EventDict, Processor

from bot.crash import told

_ROOT = "leadwright"
_MAX_BYTES = 5_000_000
_OLD_FILES = 5
_WRITTEN = {"body", "subject", "text", "texts", "words", "message", "messages", "preview", "html"}
_NAMES = {"name", "names", "first_name", "last_name", "owner"}
_SECRETS = {"cookie", "cookies", "header", "headers", "password", "token"}
_PRIVATE = _WRITTEN | _NAMES | _SECRETS
_OURS = {"event", "area", "exc_info"}
_SHADES = {"debug": "2", "warning": "33", "error": "31", "critical": "31"}  # SGR codes

logging.getLogger(_ROOT).addHandler(logging.NullHandler())  # nothing is said before configure()


def get(area: str) -> BoundLogger:
    """The log of one part of the program, e.g. "agent"; silent until configure()."""
    return cast("BoundLogger", structlog.get_logger(_ROOT, area=area))


def configure(
    folder: Path | None,
    *,
    now: Callable[[], datetime],
    terminal: bool,
    level: str,
    file: str,
    stream: TextIO | None,
) -> None:
    """Say where lines go; calling again replaces what was.

    folder    JSON lines go to *file* in it, which only its owner may read and which is rotated;
              two processes that write at the same time need two files
    now       tells the time of a line; it stands there in UTC
    terminal  readable lines go to *stream*, which is stderr if None
    level     DEBUG, INFO, WARNING or ERROR
    """
    logger = logging.getLogger(_ROOT)
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()
    logger.propagate = False
    logger.setLevel(level)
    logger.addHandler(logging.NullHandler())
    if folder is not None:
        logger.addHandler(_to_file(folder, file, now))
    if terminal:
        logger.addHandler(_to_stream(stream if stream is not None else sys.stderr, now))


def _to_file(folder: Path, file: str, now: Callable[[], datetime]) -> logging.Handler:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = _PrivateFile(
        folder / file, maxBytes=_MAX_BYTES, backupCount=_OLD_FILES, encoding="utf-8"
    )
    handler.setFormatter(
        _formatter(_stamp(now), _with_traceback, structlog.processors.JSONRenderer(_json))
    )
    return handler


def _to_stream(stream: TextIO, now: Callable[[], datetime]) -> logging.Handler:
    handler = logging.StreamHandler(stream)
    coloured = stream.isatty() and not os.environ.get("NO_COLOR")
    handler.setFormatter(_formatter(_stamp(now), _plain_line(coloured=coloured)))
    return handler


class _PrivateFile(RotatingFileHandler):
    """A rotating file of mode 0600, from its first moment."""

    _is_silent = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; where old lines were taken out meanwhile the file is another one."""
        try:
            if self.stream is not None and not self._is(self.stream):
                self.stream.close()
                self.stream = self._open()
        except OSError:
            self.handleError(record)
        else:
            super().emit(record)

    def _is(self, stream: TextIOWrapper) -> bool:
        try:
            return os.path.samestat(os.fstat(stream.fileno()), Path(self.baseFilename).stat())
        except OSError:
            return False

    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802 - its name there
        """Say once that nothing is logged; a full disk ends the work elsewhere, if it must."""
        if not self._is_silent:
            self._is_silent = True
            print(f"the log {self.baseFilename} cannot be written", file=sys.stderr)

    def close(self) -> None:
        """Close the file; what it could not take is lost."""
        with suppress(OSError):
            super().close()

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding=self.encoding, opener=_opened)


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


# --- processors ---------------------------------------------------------------------------------


def _formatter(*processors: Processor) -> ProcessorFormatter:
    return ProcessorFormatter(
        processors=[ProcessorFormatter.remove_processors_meta, *processors],
        keep_exc_info=True,
    )


def _public(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Leave out what people wrote; an `error` becomes its type, and the line's traceback."""
    error = event.get("error")
    if isinstance(error, BaseException):
        event["exc_info"], event["error"] = error, type(error).__name__
    shown = {key: _plain(value) for key, value in event.items() if key not in _PRIVATE | _OURS}
    ours = {key: event[key] for key in event.keys() & _OURS}
    left_out = sorted(event.keys() & _PRIVATE)
    return {**shown, **ours, **({"left_out": left_out} if left_out else {})}


def _stamp(now: Callable[[], datetime]) -> Processor:
    def stamp(_logger: object, method: str, event: EventDict) -> EventDict:
        record = event.pop("_record", None)
        level = record.levelname.lower() if record is not None else method
        return {**event, "at": now(), "level": level}  # no fact replaces the line's own keys

    return stamp


def _with_traceback(_logger: object, _method: str, event: EventDict) -> EventDict:
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event["traceback"] = told(error)
    return event


def _plain_line(*, coloured: bool) -> Processor:
    def render(_logger: object, _method: str, event: EventDict) -> str:
        at, level, said = event.pop("at"), event.pop("level"), event.pop("event")
        event.pop("area", None)
        event.pop("exc_info", None)
        facts = " ".join(f"{key}={_flat(value)}" for key, value in event.items())
        mark = "" if level == "info" else f"{level}: "
        line = f"{at:%Y-%m-%d %H:%M:%S}Z {mark}{_flat(said)}  {facts}".rstrip()
        shade = _SHADES.get(level) if coloured else None
        return line if shade is None else f"\x1b[{shade}m{line}\x1b[0m"

    return render


def _json(event: EventDict, **_: object) -> str:
    return orjson.dumps(event, option=orjson.OPT_UTC_Z, default=str).decode()


def _flat(value: object) -> str:
    """One line, and nothing that a terminal would obey: a reason may quote a page."""
    return "".join(sign if sign.isprintable() else " " for sign in str(value))


def _plain(value: object) -> object:
    """Scalars as they are; a record could hold a name, so of it only the type is told."""
    if value is None or isinstance(value, (bool, int, float, str, date)):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(one) for one in value]
    return f"<{type(value).__name__}>"


structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        _public,
        ProcessorFormatter.wrap_for_formatter,
    ],
    wrapper_class=BoundLogger,
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=False,
)
