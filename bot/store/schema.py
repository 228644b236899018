"""The tables of a seat's state file, their indexes, and the steps that led to them.

`$.key` in a statement stands for a field of the document; sql() spells it as SQLite wants it.
Another database would be spelled there. What is asked at each action is answered by an index:
partial ones hold only the rows that matter, so that their size is that of the work under way.
"""

from __future__ import annotations

import re
from functools import cache

from bot.errors import StoreBroken
from bot.store.codec import folded
from bot.store.storage import SqliteStorage

APPLICATION_ID = 0x4C574454  # marks the file as ours, "LWDT"

_FIELD = re.compile(r"(?<!')(\w+\.)?\$\.([\w.\[\]]+)")

KEYS = {
    "leads": "$.id",
    "enrolments": "$.key",
    "attempts": "$.key",
    "entries": "$.key",
    "days": "$.day",
    "threads": "$.id",
    "campaigns": "$.name",
    "opted_out": "$.id",
    "hooks": "$.name",
    "outbox": "$.key",
}
"""The natural key of each table. Of the seat there is one row; readings are only added."""

OPEN = "$.state IN ('held', 'clicking', 'uncertain')"
UNREAD = "$.seen IS NOT $.read"
WAITING = "$.phase = 'queue' AND $.due_at IS NULL"
TIMED = "$.due_at IS NOT NULL"
WHEN = "$.due_at, $.position"
PREVIEWS = "$.phase = 'preview'"
TO_WORK = "$.answer.inbox = 1 AND $.worked IS NULL"
WORKED = "$.worked IS NOT NULL"
REPLYING = "$.reply.at IS NOT NULL"
TO_DELIVER = "$.delivered_at IS NULL AND $.given_up_at IS NULL"
GIVEN_UP = "$.given_up_at IS NOT NULL"
MAY_BE_SENT = "$.step = 0 AND $.state <> 'not-sent'"

STATE = (
    "CASE WHEN $.sending IS NOT NULL THEN 'sending' WHEN $.skip.rule IS NOT NULL THEN 'skipped'"
    " WHEN $.answer.responder OR $.answer.sequence = 'stops'"
    " THEN CASE $.answer.answer WHEN 'rejected' THEN 'rejected' ELSE 'responded' END"
    " WHEN $.hold.rule IS NOT NULL OR $.answer.sequence = 'held' THEN 'held'"
    " WHEN $.sent[0].at IS NULL THEN CASE $.kind WHEN 'unknown' THEN 'looking' ELSE 'queued' END"
    " WHEN $.answer.answer IS NULL THEN 'waiting' WHEN $.answer.answer = 'rejected' THEN 'rejected'"
    " WHEN $.phase = 'rest' AND $.accepted_at IS NOT NULL THEN 'done'"
    " WHEN $.sent[1].at IS NOT NULL THEN 'following-up' ELSE 'accepted' END"
)
"""rules.sequence.state_of() in SQL: what an index is made of. Another rule needs another step."""

ONE_INMAIL = "attempts_one_inmail"

_TABLE = "CREATE TABLE {} (id INTEGER PRIMARY KEY, doc TEXT NOT NULL)"
_KEY = "CREATE UNIQUE INDEX {table}_key ON {table} ({key})"
_LATER = ("hooks", "outbox")  # tables of later steps
_KEYS_AT_FIRST = {table: key for table, key in KEYS.items() if table not in _LATER}

_FIRST = (
    *(_TABLE.format(table) for table in (*_KEYS_AT_FIRST, "seat", "readings")),
    *(_KEY.format(table=table, key=key) for table, key in _KEYS_AT_FIRST.items()),
    "CREATE INDEX leads_namesake ON leads ($.namesake)",
    "CREATE INDEX enrolments_lead ON enrolments ($.lead_id)",
    "CREATE INDEX enrolments_position ON enrolments ($.position)",
    "CREATE INDEX enrolments_campaign ON enrolments ($.campaign, $.position)",
    # K7: the head of the queue for each campaign and kind
    f"CREATE INDEX enrolments_queue ON enrolments ($.campaign, $.kind, $.position) WHERE {WAITING}",
    # S2, S3: messages and retries by the time they are due
    f"CREATE INDEX enrolments_due ON enrolments ($.campaign, $.phase, {WHEN}) WHERE {TIMED}",
    "CREATE INDEX enrolments_sent ON enrolments ($.campaign) WHERE $.sent[0].at IS NOT NULL",
    "CREATE INDEX enrolments_held ON enrolments ($.campaign) WHERE $.hold.rule IS NOT NULL",
    "CREATE INDEX enrolments_skipped ON enrolments ($.campaign) WHERE $.skip.rule IS NOT NULL",
    "CREATE INDEX enrolments_answer ON enrolments ($.answer.at) WHERE $.answer.at IS NOT NULL",
    "CREATE INDEX attempts_enrolment ON attempts ($.enrolment)",
    f"CREATE INDEX attempts_open ON attempts ($.held_at) WHERE {OPEN}",
    # K4, T1: a second InMail to a person is impossible while the first was, or may have been, sent
    f"CREATE UNIQUE INDEX {ONE_INMAIL} ON attempts ($.lead_id) WHERE {MAY_BE_SENT}",
    "CREATE INDEX threads_lead ON threads ($.lead_id)",
    f"CREATE INDEX threads_unread ON threads (id) WHERE {UNREAD}",
)

_HOOKS = (_TABLE.format("hooks"), _KEY.format(table="hooks", key=KEYS["hooks"]))

# S8: the texts that wait for the owner, InMails by position, messages by the time they are due
_PREVIEWS = (
    f"CREATE INDEX enrolments_previews ON enrolments ($.campaign, {WHEN}) WHERE {PREVIEWS}",
)

_LISTING = (
    "UPDATE leads SET doc = json_set(doc, '$.folded', folded($.name, $.company))",
    "CREATE INDEX leads_listed ON leads ($.id, $.folded)",
    # all that leads are filtered and sorted by, in the order of leads_listed: a list of 100,000 is
    # two walks side by side, and no document is opened
    (
        "CREATE INDEX enrolments_listed ON enrolments"
        f" ($.lead_id, $.campaign, {STATE}, $.kind, $.due_at, $.position)"
    ),
    "DROP INDEX enrolments_lead",
    "CREATE INDEX entries_lead ON entries ($.lead_id) WHERE $.lead_id IS NOT NULL",
)

_INBOX = (
    # the owner's inbox: what is not done, those to check first; what is, the newest done first
    f"CREATE INDEX enrolments_open ON enrolments ($.answer.check, $.answer.at) WHERE {TO_WORK}",
    f"CREATE INDEX enrolments_worked ON enrolments ($.worked) WHERE {WORKED}",
    f"CREATE INDEX enrolments_reply ON enrolments ($.reply.at) WHERE {REPLYING}",
)

_OUTBOX = (
    _TABLE.format("outbox"),
    _KEY.format(table="outbox", key=KEYS["outbox"]),
    f"CREATE INDEX outbox_waiting ON outbox (id) WHERE {TO_DELIVER}",
    f"CREATE INDEX outbox_given_up ON outbox (id) WHERE {GIVEN_UP}",
    "CREATE INDEX outbox_person ON outbox ($.event.person.id)",
)

STEPS: tuple[tuple[str, ...], ...] = (_FIRST, _HOOKS, _PREVIEWS, _LISTING, _INBOX, _OUTBOX)
"""STEPS[n] brings a file of version n to version n + 1; only ever added to."""

VERSION = len(STEPS)


@cache
def sql(statement: str) -> str:
    """*statement* with its fields spelled out."""
    return _FIELD.sub(lambda m: f"json_extract({m[1] or ''}doc, '$.{m[2]}')", statement)


def version(storage: SqliteStorage) -> int:
    """The version of a file, 0 if it is new. Raises StoreBroken if it is newer or not ours."""
    found = int(storage.execute("PRAGMA user_version")[0][0])
    mark = int(storage.execute("PRAGMA application_id")[0][0])
    if (found > 0 and mark != APPLICATION_ID) or (found == 0 and storage.names()):
        raise StoreBroken(f"{storage.path} is not a state file of this program")
    if found > VERSION:
        raise StoreBroken(
            f"{storage.path} was written by a newer version of this program"
            f" (its tables are of version {found}, this program knows {VERSION}): update it,"
            " or `leadwright restore` a backup from before"
        )
    return found


def upgrade(storage: SqliteStorage) -> None:
    """Bring a file to the present version, each step whole or not at all."""
    storage.define("folded", 2, folded)
    for done in range(version(storage), VERSION):
        with storage.transaction():
            for statement in STEPS[done]:
                storage.execute(sql(statement))
            storage.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            storage.execute(f"PRAGMA user_version = {done + 1}")


def inspect(storage: SqliteStorage) -> None:
    """Make sure of a file of the present version before it is used: that it can be read.

    Each table's first and last row are read: cheap, and finds a file that was cut or written over.
    Raises StoreBroken.
    """
    missing = {*KEYS, "seat", "readings"} - storage.names()
    if missing:
        raise StoreBroken(
            f"{storage.path}: tables are missing: {', '.join(sorted(missing))}; restore a backup"
        )
    for table in (*KEYS, "seat", "readings"):
        for order in ("ASC", "DESC"):
            storage.execute(f"SELECT json(doc) FROM {table} ORDER BY id {order} LIMIT 1")
