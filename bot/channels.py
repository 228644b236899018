"""What people are called by: the only apprise. Heavy: imported when somebody is to be called."""

from __future__ import annotations

import logging
import re

import apprise

from bot.calls import Result
from bot.rules.telling import Words

NOT_TAKEN = "the service did not take it"
NO_URL = "no address that apprise knows: see https://appriseit.com/services"

_CODE = re.compile(r"\berror[ =:]+(\d{3})\b")


class _Codes(logging.Handler):
    """Hears what apprise says of a failure, and keeps numbers only: its words may hold secrets."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.why = NOT_TAKEN

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        code = _CODE.search(said)
        if code is not None:
            self.why = f"the service answers {code[1]}"
        elif "onnection" in said:
            self.why = "no connection to the service"


def is_known(url: str) -> bool:
    """Whether apprise makes a service of *url*; nothing is sent."""
    with _Unheard():
        return apprise.Apprise.instantiate(url, asset=_asset()) is not None


def send(url: str, words: Words) -> Result:
    """Tell *words* as plain text. Whoever calls bounds the time that it takes."""
    with _Unheard() as heard:
        services = apprise.Apprise(asset=_asset())
        if not services.add(url):
            return Result(delivered=False, why=NO_URL)
        sent = services.notify(
            body=words.body, title=words.title, body_format=apprise.NotifyFormat.TEXT
        )
    return Result(delivered=True) if sent else Result(delivered=False, why=heard.codes.why)


def _asset() -> apprise.AppriseAsset:
    """No redirects, no threads, nothing kept on the disk, nothing in a text interpreted."""
    return apprise.AppriseAsset(
        app_id="Leadwright",
        app_desc="Leadwright",
        app_url="",
        async_mode=False,
        http_redirects=False,
        interpret_emojis=False,
        service_timeout=0,
    )


class _Unheard:
    """Nothing that apprise and its libraries log is printed or kept: addresses stand in it."""

    def __init__(self) -> None:
        self.codes = _Codes()
        self._logger = logging.getLogger(apprise.LOGGER_NAME)

    def __enter__(self) -> _Unheard:
        logging.getLogger().addHandler(_NOWHERE)  # else Python itself prints warnings
        self._logger.propagate = False
        self._logger.addHandler(self.codes)
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self.codes)
        logging.getLogger().removeHandler(_NOWHERE)


_NOWHERE = logging.NullHandler()
