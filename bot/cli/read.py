"""`leadwright read`: parses one saved page and tells what was understood. No browser, ever."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, BinaryIO

import orjson

from bot.errors import UsageError
from bot.facts import Message, ResultLead, Snapshot
from bot.pages.addresses import thread_in
from bot.pages.reader import Reader
from bot.pages.source import load, snapshot_of
from bot.rules.answers import judge

Json = dict[str, Any]  # a document on its way out


def read(
    kind: str,
    source: str,
    *,
    owner: str | None = None,
    url: str | None = None,
    status: int | None = None,
    stdin: BinaryIO | None = None,
    reader: Reader | None = None,
) -> str:
    """What a saved page says, as JSON text.

    source  a file, or "-" for *stdin* (the process's own, if none is given): HTML, or a page that
            was kept as evidence, whose address, status and JSON come with it
    owner   the seat owner's first name; else the page's header may tell it
    url     the page's address; else what the page says of itself
    reader  with a seat's own selectors and texts; else with those that ship

    Raises UsageError for an unknown kind, WorkFailed for what is no file to read, and a PageError
    for a page that is not of this kind.
    """
    if kind not in READS:
        raise UsageError(f"{kind}: no such kind of page; one of {', '.join(READS)}")
    reader = reader if reader is not None else Reader.shipped()
    given = load(source, stdin if stdin is not None else sys.stdin.buffer)
    if isinstance(given, str):
        snapshot = snapshot_of(given, kind, url, status, reader.selectors)
    else:
        status = given.status if status is None else status
        snapshot = replace(given, url=url or given.url, status=status)
    return tell(kind, reader, snapshot, owner)


def tell(kind: str, reader: Reader, snapshot: Snapshot, owner: str | None) -> str:
    """What *snapshot* says, as JSON text. Raises a PageError as the reader does."""
    document = {"page": kind, **READS[kind](reader, snapshot, owner)}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()


def render_human(document: str) -> str:
    """The JSON of read() as lines that a person reads."""
    return "\n".join(_lines(orjson.loads(document), ""))


def _lines(value: Mapping[str, Any], indent: str) -> list[str]:
    found = []
    for key, each in value.items():
        label = f"{indent}{key.replace('_', ' '):<14}"
        if not isinstance(each, list):
            found.append(f"{label}{_words(each)}")
        elif not each:
            found.append(f"{label}none")
        elif all(isinstance(item, str) for item in each):
            found += [
                f"{label if n == 0 else ' ' * len(label)}{_words(item)}"
                for n, item in enumerate(each)
            ]
        else:
            found.append(f"{label}{len(each)}")
            for item in each:
                found += [*_lines(item, f"{indent}  "), ""]
    return found


def _words(value: object) -> str:
    """A value in words. What cannot be printed becomes a space: a page never steers a terminal."""
    if value is None:
        return "not told"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "".join(c if c.isprintable() else " " for c in str(value))


def _lead(reader: Reader, snapshot: Snapshot, _owner: str | None) -> Json:
    facts = reader.lead(snapshot)
    return {
        "id": facts.id,
        "name": facts.name,
        "title": facts.title,
        "company": facts.company,
        "location": facts.location,
        "degree": facts.degree,
        "kind": facts.kind,
        "can_message": facts.can_message,
        "why": facts.why,
    }


def _composer(reader: Reader, snapshot: Snapshot, _owner: str | None) -> Json:
    facts = reader.composer(snapshot)
    return {
        "lead_id": facts.lead_id,
        "name": facts.name,
        "kind": facts.kind,
        "credits": facts.credits,
        "why": facts.why,
    }


def _results(reader: Reader, snapshot: Snapshot, _owner: str | None) -> Json:
    facts = reader.results(snapshot)
    return {
        "leads": [_card(lead) for lead in facts.leads],
        "unfilled": facts.unfilled,
        "next_page": facts.next_page,
    }


def _card(lead: ResultLead) -> Json:
    return {
        "id": lead.id,
        "name": lead.name,
        "title": lead.title,
        "company": lead.company,
        "location": lead.location,
        "degree": lead.degree,
    }


def _inbox(reader: Reader, snapshot: Snapshot, _owner: str | None) -> Json:
    facts = reader.inbox(snapshot)
    threads = [
        {"id": each.id, "name": each.name, "preview": each.preview, "at": _time(each.at)}
        for each in facts.threads
    ]
    return {"credits": facts.credits, "threads": threads}


def _thread(reader: Reader, snapshot: Snapshot, owner: str | None) -> Json:
    facts = reader.thread(snapshot)
    judged = judge(facts, reader.texts.answers, owner or reader.owner_first_name(snapshot))
    return {
        "id": facts.id,
        "lead_id": facts.lead_id,
        "name": facts.name,
        "messages": [_message(message) for message in facts.messages],
        "answer": judged.answer,
        "text": judged.text,
        "responder": judged.responder,
        "sequence": judged.sequence,
        "inbox": judged.inbox,
        "rule": judged.rule,
        "why": (*facts.why, *judged.why),
    }


def _message(message: Message) -> Json:
    return {
        "from": "me" if message.mine else "them",
        "at": _time(message.at),
        "subject": message.subject,
        "text": message.text,
    }


def _balance(reader: Reader, snapshot: Snapshot, _owner: str | None) -> Json:
    return {"credits": reader.balance(snapshot).credits}


def _halt(reader: Reader, snapshot: Snapshot, _owner: str | None) -> Json:
    return {"halt": reader.halt(snapshot).halt}


def _sent(reader: Reader, snapshot: Snapshot, _owner: str | None) -> Json:
    facts = reader.sent(snapshot, in_thread=thread_in(snapshot.url) is not None)
    return {
        "became_thread": facts.became_thread,
        "still_form": facts.still_form,
        "mine": facts.mine,
        "toast": facts.toast,
        "thread_id": facts.thread_id,
        "credits": facts.credits,
    }


def _time(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment is not None else None


READS: Mapping[str, Callable[[Reader, Snapshot, str | None], Json]] = {
    "lead": _lead,
    "composer": _composer,
    "results": _results,
    "inbox": _inbox,
    "thread": _thread,
    "balance": _balance,
    "halt": _halt,
    "sent": _sent,
}
