"""One signed delivery to a program: a POST, without redirects, within bounds of time."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ssl
from datetime import datetime
from urllib.parse import urlsplit

from bot.calls import Result

TIMEOUT_SECONDS = 10.0  # to connect, and for each part of the answer
GONE = 410


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What `Leadwright-Signature` says: HMAC-SHA256 over the time, a dot and the body."""
    signed = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={signed.hexdigest()}"


def post(address: str, secret: str, delivery: str, body: bytes, now: datetime) -> Result:
    """Deliver *body*; only 2xx is delivered. What went wrong is told without address and secret."""
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Leadwright",
        "Leadwright-Delivery": delivery,
        "Leadwright-Timestamp": timestamp,
        "Leadwright-Signature": signature(secret, timestamp, body),
    }
    parts = urlsplit(address)
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    try:
        connection = _connection(parts.scheme, parts.hostname or "", parts.port)
        try:
            connection.request("POST", target, body, headers)
            status = connection.getresponse().status
        finally:
            connection.close()
    except TimeoutError:
        return Result(delivered=False, why=f"no answer within {TIMEOUT_SECONDS:.0f} s")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Result(delivered=False, why=_why(error))
    return _judged(status)


def _judged(status: int) -> Result:
    if 200 <= status < 300:
        return Result(delivered=True)
    if status == GONE:
        why = f"it answers {GONE}: nobody wants this any more"
        return Result(delivered=False, why=why, for_good=True)
    follow = ": redirects are not followed" if 300 <= status < 400 else ""
    return Result(delivered=False, why=f"it answers {status}{follow}")


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)


def _why(error: Exception) -> str:
    """An error's own words may hold the address; the system's, and its class, do not."""
    if isinstance(error, ssl.SSLError):
        return f"no safe connection: {error.reason or type(error).__name__}"
    if isinstance(error, OSError) and error.strerror:
        return f"no connection: {error.strerror}"
    return f"no answer that can be understood ({type(error).__name__})"
