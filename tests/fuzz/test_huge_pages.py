"""No page takes more than two seconds or 500 MB: each is read in a process with such limits."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.pages.document import MOST_BYTES
from tests.fixtures.cases import case

MOST_SECONDS, MOST_MEGABYTES = 2.0, 500
READ = """
import resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
from bot.cli.read import read, tell
from bot.errors import LeadwrightError
from bot.facts import Snapshot
from bot.pages.reader import Reader
kind, path, as_snapshot = sys.argv[1], sys.argv[2], sys.argv[3] == "snapshot"
html = open(path, encoding="utf-8").read() if as_snapshot else ""
reader = Reader.shipped()
started = time.process_time()
try:
    tell(kind, reader, Snapshot(html), "Alice") if as_snapshot else read(kind, path, owner="Alice")
    outcome = "read"
except LeadwrightError as error:
    outcome = type(error).__name__
seconds = time.process_time() - started
kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print('{"outcome": "%s", "seconds": %f, "megabytes": %f}' % (outcome, seconds, kilobytes / 1000))
"""
FORM = '<div id="message-overlay"><section role="dialog"><form data-x-conversation-widget='
FORM += '"compose-form"><textarea name="message"></textarea>{}</form></section></div>'
THREAD = '<div class="thread-container"><h2><a href="/sales/lead/ACwAAB1"><span '
THREAD += 'data-anonymize="person-name">Quilla Marrowby</span></a></h2>{}</div>'
MESSAGE = '<li><article aria-label="Message from Quilla Marrowby"><div '
MESSAGE += 'data-x-message-content="message"><p>Hi Alice,<br>no</p></div></article></li>'
ITEM = '<li class="conversation-list-item"><a class="conversation-list-item__link" '
ITEM += 'href="/sales/inbox/2-abc">'


def _full(piece: str, size: int = MOST_BYTES - 2_000) -> str:
    """As many pieces as a page may hold."""
    return piece * (size // len(piece.encode()))


HUGE: dict[str, tuple[str, Callable[[], str]]] = {
    "200,000 nested elements": ("lead", lambda: "<div>" * 200_000),
    "200,000 nested inline elements": ("lead", lambda: "<b>" * 200_000 + "x"),
    "nested elements of many kinds": ("lead", lambda: "<b><p><table><a><i>" * 40_000),
    "just as many elements as are not looked through": ("lead", lambda: "<b><i>" * 2_000),
    "formatting that crosses": ("lead", lambda: _full("<a x=1><b><p></a></b>", 200_000)),
    "50 MB": ("lead", lambda: case("lead/second-degree").html + "<p>x</p>" * 6_250_000),
    "5 MB of text": ("thread", lambda: THREAD.replace("{}", _full("Free to Open Profile. "))),
    "5 MB of elements": ("lead", lambda: _full("<p>x</p>")),
    "5 MB of left-open elements": ("lead", lambda: _full("<p>")),
    "100,000 attributes": ("lead", lambda: "<p " + " ".join(f"a{n}" for n in range(100_000)) + ">"),
    "lines of a form": ("composer", lambda: FORM.replace("{}", _full("Free to Open Profile<br>"))),
    "lines in elements": (
        "composer",
        lambda: FORM.replace("{}", _full("<p>Use 1 of 30 credits</p>")),
    ),
    "lines that are nearly known": ("composer", lambda: FORM.replace("{}", _full("<i>Profile </i>"))),
    "forms in a panel": ("composer", lambda: _full(FORM)),
    "messages": ("thread", lambda: THREAD.replace("{}", "<ul>" + _full(MESSAGE))),
    "events": ("thread", lambda: THREAD.replace("{}", _full("<p>accepted your InMail</p>"))),
    "events in list items": (
        "thread",
        lambda: THREAD.replace("{}", "<ul>" + _full("<li><p>declined your InMail</p></li>")),
    ),
    "threads in the list": ("inbox", lambda: "<ul>" + _full(ITEM + "x</a></li>")),
    "names of one thread": (
        "inbox",
        lambda: "<ul>" + ITEM + _full('<span data-anonymize="person-name">A</span>'),
    ),
    "cards": (
        "results",
        lambda: _full('<li class="artdeco-list__item"><a href="/sales/lead/ACwAAB1">A</a></li>'),
    ),
    "marks of people's words": ("halt", lambda: _full('<p data-anonymize="headline">unusual</p>')),
    "words of a halt": ("halt", lambda: _full("unusual <br>")),
    "comments that are never closed": ("halt", lambda: _full("<!-- ")),
    "scripts that are never closed": ("halt", lambda: _full("<script>")),
    "entities": ("halt", lambda: _full("&nbsp;&amp;&#8203;")),
    "a style on each element": ("halt", lambda: _full('<p style="display:block">x</p>')),
    "noscripts": ("halt", lambda: _full("<noscript>")),
    "soft hyphens": ("halt", lambda: "<p>" + _full("\u00ad")),
    "combining marks": ("halt", lambda: "<p>a" + _full("\u0301\u0316")),
}


@pytest.mark.parametrize("name", HUGE)
def test_no_page_takes_long_or_much(name: str, tmp_path: Path) -> None:
    """As a file, and as a browser would hand it over: read or refused, quickly and in little room."""
    kind, make = HUGE[name]
    path = tmp_path / "page.html"
    path.write_text(make(), encoding="utf-8")
    for way in ("file", "snapshot"):
        ran = subprocess.run(
            [sys.executable, "-c", READ, kind, str(path), way],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr[-800:]
        told = json.loads(ran.stdout)
        assert told["seconds"] <= MOST_SECONDS, told
        assert told["megabytes"] <= MOST_MEGABYTES, told
