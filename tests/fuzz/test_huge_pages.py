"""No page takes more than two seconds or 500 MB, in a process that has such limits."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bot.pages.scan import MOST_BYTES
from tests.fixtures.cases import case

MOST_SECONDS, MOST_MEGABYTES = 2.0, 500
READ = """
import json, resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from bot.cli.read import read, tell
from bot.errors import LeadwrightError
from bot.facts import Snapshot
from bot.pages.reader import Reader
reader, told = Reader.shipped(), {}
for kind, path in json.loads(sys.argv[1]):
    html = open(path, encoding="utf-8").read(6_000_000)
    started = time.process_time()
    page = Snapshot(html)
    try:
        read(kind, path) if len(html) > 5_000_000 else tell(kind, reader, page, "Alice")
    except LeadwrightError:
        pass
    for look in (reader.halt, reader.sent) if kind == "composer" else ():  # as after a click
        try:
            look(page)
        except LeadwrightError:
            pass
    told[path] = time.process_time() - started
kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": told, "megabytes": kilobytes / 1000}))
"""
FORM = '<div id="message-overlay"><section role="dialog"><form data-x-conversation-widget='
FORM += '"compose-form"><textarea name="message"></textarea>{}</form></section></div>'
THREAD = '<div class="thread-container"><h2><a href="/sales/lead/ACwAAB1"><span '
THREAD += 'data-anonymize="person-name">Quilla Marrowby</span></a></h2>{}</div>'
MESSAGE = '<li><article aria-label="Message from Quilla Marrowby"><div '
MESSAGE += 'data-x-message-content="message"><p>Hi Alice,<br>no</p></div></article></li>'
NAMED = '<span data-anonymize="person-name">InMail accepted'
APP = '<div id="profile-card-section"></div>'
ITEM = '<li class="conversation-list-item"><a class="conversation-list-item__link" '
ITEM += 'href="/sales/inbox/2-abc">'


def _full(piece: str, size: int = MOST_BYTES - 2_000) -> str:
    """As many pieces as a page may hold."""
    return piece * (size // len(piece.encode()))


HUGE: dict[str, tuple[str, Callable[[], str]]] = {
    "200,000 nested elements": ("lead", lambda: "<div>" * 200_000),
    "200,000 nested inline elements": ("lead", lambda: "<b>" * 200_000 + "x"),
    "nested elements of many kinds": ("lead", lambda: "<b><p><table><a><i>" * 40_000),
    "just as many elements as are not looked through": ("lead", lambda: "<b><i>" * 5_000),
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
    "lines that are nearly known": (
        "composer",
        lambda: FORM.replace("{}", _full("<i>Profile </i>")),
    ),
    "forms in a panel": ("composer", lambda: _full(FORM)),
    "panels in panels": ("composer", lambda: '<div id="message-overlay">' * 9_990),
    "places for a panel around a lead": (
        "lead",
        lambda: '<div id="message-overlay">' * 9_000 + "<p>x</p>" * 900,
    ),
    "alerts in alerts": ("composer", lambda: APP + '<p role="alert">unusual x<div>' * 4_900),
    "toasts in toasts": ("composer", lambda: FORM + '<div role="alert">could not be ' * 9_900),
    "events in events": (
        "thread",
        lambda: THREAD.replace("{}", "<div>accepted your InMail" * 1_990),
    ),
    "events in events, around much that says nothing": (
        "thread",
        lambda: THREAD.replace("{}", "<div>accepted your InMail x" * 80 + "<br>" * 100_000),
    ),
    "messages": ("thread", lambda: THREAD.replace("{}", "<ul>" + _full(MESSAGE))),
    "events": ("thread", lambda: THREAD.replace("{}", _full("<p>accepted your InMail</p>"))),
    "events in list items": (
        "thread",
        lambda: THREAD.replace("{}", "<ul>" + _full("<li><p>declined your InMail</p></li>")),
    ),
    "names in names of a thread": ("thread", lambda: THREAD.replace("{}", NAMED * 6_000 + MESSAGE)),
    "senders in senders of a message": (
        "thread",
        lambda: THREAD.replace(
            "{}", MESSAGE.replace("<div ", f"<address>{NAMED * 6_000}</address><div ")
        ),
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
    "text around bodies": ("halt", lambda: _full('<body class="a">Accepted your InMail</body>')),
    "text around ends of nothing": ("halt", lambda: _full('Accepted your InMail</z class="a">')),
    "text around forms in a table": (
        "halt",
        lambda: "<table>" + _full('<form class="a">Accepted your InMail</form>'),
    ),
    "text around rows in a choice": (
        "halt",
        lambda: "<select>" + _full('<tr class="a">Accepted your InMail</tr>'),
    ),
    "combining marks": ("halt", lambda: "<p>a" + _full("\u0301\u0316")),
}


def test_no_page_takes_long_or_much(tmp_path: Path) -> None:
    """As a browser would hand it over, or as a file: read or refused, quickly, in little room."""
    pages = []
    for number, (kind, make) in enumerate(HUGE.values()):
        path = tmp_path / f"{number}.html"
        path.write_text(make(), encoding="utf-8")
        pages.append((kind, str(path)))
    ran = subprocess.run(
        [sys.executable, "-c", READ, json.dumps(pages)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-800:]
    told = json.loads(ran.stdout)
    took = dict(zip(HUGE, told["seconds"].values(), strict=True))
    assert {name: seconds for name, seconds in took.items() if seconds > MOST_SECONDS} == {}
    assert told["megabytes"] <= MOST_MEGABYTES
