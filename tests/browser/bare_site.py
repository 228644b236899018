"""A second, barer site made from the documented hooks alone, which shares nothing with ours.

It renders on the server, fetches no JSON, shows no toast, knows no simulated time, and has only the
hooks that the agent says it relies on. What the practice site takes for granted shows up here.
"""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote, urlsplit

HEADER = """<header data-x--global-application-header>
<button data-x--dropdown-trigger--user data-control-name="view_user_menu_from_app_header">
Robin Example</button></header>"""

SCRIPT = """
const outlet = document.querySelector('#message-overlay');
const opener = document.querySelector('button[data-anchor-send-inmail]');
const field = (root, css) => root.querySelector(css);
function wire(form, done) {
  const send = field(form, 'button[data-sales-action]');
  const texts = Array.from(form.querySelectorAll('input, textarea'));
  const check = () => { send.disabled = texts.some((text) => !text.value.trim()); };
  texts.forEach((text) => text.addEventListener('input', check));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const [subject, body] = ['input', 'textarea'].map((css) => field(form, css)?.value ?? null);
    const said = { subject, body };
    const answer = await fetch(form.dataset.to, { method: 'POST', body: JSON.stringify(said) });
    done(await answer.text());
  });
}
if (opener) opener.addEventListener('click', () => {
  outlet.innerHTML = document.querySelector('#panel').innerHTML;
  wire(outlet.querySelector('form'), (thread) => {
    outlet.querySelector('.inside').innerHTML = thread;
  });
});
const reply = document.querySelector('.thread-container form');
if (reply) wire(reply, () => location.reload());
"""


@dataclass
class BarePerson:
    """Somebody on the bare site. `thread`: (mine, text) in their order."""

    id: str
    name: str
    free: bool = False
    thread: list[tuple[bool, str]] = field(default_factory=list)

    @property
    def thread_id(self) -> str:
        return f"2-{self.id}=="


@dataclass
class BareSite:
    """The site's truth: its people, its credits, and what was posted to it."""

    people: dict[str, BarePerson]
    credits: int = 20
    posts: list[tuple[str, str | None, str]] = field(default_factory=list)
    url: str = ""
    beside: str = ""  # what stands on each page besides; {elsewhere} is this site by another name
    asked: list[tuple[str, str]] = field(default_factory=list)  # host and path of every GET

    def page(self, path: str) -> str | None:
        """The document for a path; None: there is none."""
        person = self._person(path)
        if path.startswith("/sales/lead/") and person is not None:
            return self._lead(person)
        if path.startswith("/sales/search/people"):
            return self._search()
        if path.startswith("/sales/inbox"):
            return self._inbox(person)
        return None

    def post(self, path: str, said: dict[str, str | None]) -> str:
        """Take a message in, and give back the panel as a thread."""
        person = self._person(path)
        assert person is not None
        if not person.thread and not person.free:
            self.credits -= 1
        body = said["body"] or ""
        person.thread.append((True, body))
        self.posts.append((person.id, said["subject"], body))
        return _thread(person)

    def _person(self, path: str) -> BarePerson | None:
        return next((p for p in self.people.values() if p.id in unquote(path)), None)

    def _lead(self, person: BarePerson) -> str:
        name = html.escape(person.name)
        line = "Free to Open Profile" if person.free else f"Use 1 of {self.credits} credits"
        return f"""<main><section id="profile-card-section">
<h1 data-x--lead--name data-anonymize="person-name">{name}</h1>
<span data-anonymize="headline">Makes things</span>
<button data-anchor-send-inmail aria-label="Message {name}">Message</button></section></main>
<div id="message-overlay"></div>
<template id="panel"><section role="dialog" aria-label="Conversation with {name}">
<h2>New message to <a href="/sales/lead/{person.id},NAME_SEARCH,abcd">{name}</a></h2>
<button aria-label="Close conversation with {name}">x</button>
<div class="inside"><form data-x-conversation-widget="compose-form" data-to="/post/{person.id}">
<input aria-label="Subject (required)"><textarea name="message"></textarea>
<span class="ml1 t-12 truncate">{line}</span>
<button data-sales-action type="submit" disabled>Send</button></form></div></section></template>"""

    def _search(self) -> str:
        cards = "".join(
            f"""<li class="artdeco-list__item"><div data-x-search-result="LEAD">
<a data-control-name="view_lead_panel_via_search_lead_name"
 href="/sales/lead/{p.id},NAME_SEARCH,abcd"><span data-anonymize="person-name">
{html.escape(p.name)}</span></a><span data-anonymize="company-name">Nowhere Ltd</span></div></li>"""
            for p in self.people.values()
        )
        return f"""<div data-sn-view-name="module-lead-search-results">
<div data-x--search-results-container><ol class="artdeco-list">{cards}</ol></div></div>"""

    def _inbox(self, opened: BarePerson | None) -> str:
        items = "".join(
            f"""<li class="conversation-list-item"><a class="conversation-list-item__link"
 href="/sales/inbox/{quote(p.thread_id, safe="")}"><div class="artdeco-entity-lockup__title">
<span data-anonymize="person-name">{html.escape(p.name)}</span></div>
<span data-anonymize="general-blurb">{html.escape(p.thread[-1][1])}</span></a></li>"""
            for p in self.people.values()
            if p.thread
        )
        thread = ""
        if opened is not None and opened.thread:
            form = f"""<form data-x-conversation-widget="compose-form" data-to="/post/{opened.id}">
<textarea name="message"></textarea><button data-sales-action disabled>Send</button></form>"""
            thread = f"""<div class="thread-container">
<a href="/sales/lead/{opened.id},NAME_SEARCH,abcd">{html.escape(opened.name)}</a>
{_thread(opened)}{form}</div>"""
        return f"<main><p>InMail credits: {self.credits} left</p><ul>{items}</ul>{thread}</main>"


def _thread(person: BarePerson) -> str:
    name = html.escape(person.name)
    articles = "".join(
        f"""<li><article aria-label="Message from {"you" if mine else name}">
<address>{"You" if mine else f'<span data-anonymize="person-name">{name}</span>'}</address>
<time datetime="2026-01-01T00:00:00Z">then</time>
<div class="message-content" data-x-message-content="message">
<p data-anonymize="general-blurb">{html.escape(text)}</p></div></article></li>"""
        for mine, text in person.thread
    )
    return f'<section class="message-container-align"><ul>{articles}</ul></section>'


@contextmanager
def serving(site: BareSite) -> Iterator[BareSite]:
    """Serve the site on this machine while the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            site.asked.append((urlsplit(f"//{self.headers['Host']}").hostname or "", path))
            if path.startswith("/sales/lead/") and "," not in path:
                self.send_response(302)
                self.send_header("Location", f"{path},NAME_SEARCH,abcd")
                self.end_headers()
                return
            page = site.page(path)
            self._answer(200 if page is not None else 404, page or "This page doesn't exist")

        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(200, site.post(self.path, said), bare=True)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _answer(self, status: int, body: str, *, bare: bool = False) -> None:
            if not bare:
                elsewhere = site.url.replace("127.0.0.1", "localhost")
                beside = site.beside.replace("{elsewhere}", elsewhere)
                page = f"{HEADER}{body}{beside}<script>{SCRIPT}</script>"
                body = f"<!doctype html><body>{page}</body>"
            sent = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
