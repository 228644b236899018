"""The agent: decide one thing, write down the intent, do it, write down the end. Read this first.

Whenever it dies, at any line, the book on disk says at least as much as happened: an attempt is
committed before anything is typed and again before the click (T1), and one whose end was not
committed is looked up at the next start (T3, T4). There is no path from "do not know" to "send
again".
"""

from __future__ import annotations

from dataclasses import replace

from bot.canary import before_sends
from bot.errors import PageError, SeatHalted
from bot.importing import import_page
from bot.model import (
    Action,
    Canary,
    Changes,
    Done,
    Import,
    Outcome,
    ReadInbox,
    ReadThread,
    SendInMail,
    SendMessage,
    Settle,
    Wait,
)
from bot.reading import read_inbox, read_thread
from bot.rules import limits
from bot.rules.plan import plan
from bot.sending import send_inmail, send_message
from bot.settling import settle
from bot.work import Work


def cycle(work: Work) -> Done | Wait:
    """Do the one thing that is due now and tell how it ended, or tell what is waited for.

    A halt (L5) is committed before anything else can happen. Raises PageError where a page that
    concerns the whole seat cannot be read, and BrowserGone.
    """
    action = next_action(work)
    if isinstance(action, Wait):
        return action
    word, lead_id = word_for(action), getattr(action, "lead_id", None)
    try:
        return _do(work, action)
    except SeatHalted as halt:
        work.halt(halt)
        return work.done(word, Outcome.HALTED, str(halt), lead_id, "L5")
    except PageError as error:
        work.keep(word, work.done(word, Outcome.SKIPPED, str(error), lead_id), error)
        raise


def next_action(work: Work) -> Action:
    """Bring the book up to the present and plan on it (T6)."""
    book, now = work.book, work.now()
    work.accrue()
    day = limits.local_day(now, work.policy.hours.zone)
    brief = book.brief(now, day, [campaign.name for campaign in work.campaigns])
    seat = brief.seat
    if not seat.threads_known and seat.inbox_read_at and brief.unread_thread is None:
        seat = replace(seat, threads_known=True)  # K8: from here on a new thread is news
        book.commit(Changes(seat=seat))
        brief = replace(brief, seat=seat)
    return plan(brief, work.policy, work.campaigns, now)


def word_for(action: Action) -> str:
    """The action's word in `run --json`, `plan` and the log."""
    match action:
        case SendInMail():
            return "inmail" if action.may_spend else "look"
        case Canary():
            return "look"
        case SendMessage():
            return "message"
        case Settle():
            return "settle"
        case ReadInbox() | ReadThread():
            return "read-inbox"
        case Import():
            return "import"
        case Wait():
            return "wait"


def _do(work: Work, action: Action) -> Done:
    match action:
        case SendInMail():
            return send_inmail(work, action)
        case SendMessage():
            return send_message(work, action)
        case Settle():
            return settle(work, action)
        case ReadInbox():
            return read_inbox(work)
        case ReadThread():
            return read_thread(work, action)
        case Import():
            return import_page(work, action)
        case Canary():
            return before_sends(work, action)
        case Wait():
            raise AssertionError("waiting is the caller's")
