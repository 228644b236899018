"""How the state changes around a send: begin, clicking, settle, leave (T1-T4).

Each function takes records and gives the Changes that the store commits in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.credits import Ledger
from bot.facts import Kind, SentFacts, ThreadFacts, Toast
from bot.model import (
    Attempt,
    AttemptState,
    CampaignState,
    Changes,
    DayCounts,
    Enrolment,
    Reason,
    SeatState,
    SentStep,
)
from bot.policy import Campaign, SeatPolicy
from bot.replies import is_reply
from bot.rules import limits
from bot.rules.credits import Posted, hold, release, spend
from bot.rules.leads import Leave, Then
from bot.rules.reconcile import spent_after_all
from bot.rules.sequence import MAX_TRIES, placed, used
from bot.rules.texts import text_hash
from bot.rules.wording import Wording

FIRST_LOOK = timedelta(minutes=10)  # threads lag; two readings are at least this far apart (T3)
LAST_LOOK = timedelta(hours=4)
OWNER_AFTER = timedelta(hours=24)
RETRY_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Scene:
    """What stands around one enrolment while something happens to it.

    campaign  None if its file is gone: then nothing new begins, and what is open is settled
    """

    seat: SeatState
    ledger: Ledger
    today: DayCounts
    policy: SeatPolicy
    campaign: Campaign | None
    state: CampaignState
    now: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an attempt stands after a look.

    sent         True: our text stands in the thread; False: found not sent; None: not known
    error_shown  the site said that it failed
    read         the thread itself was read, after the panel was gone
    """

    sent: bool | None
    proofs: tuple[str, ...] = ()
    error_shown: bool = False
    thread_id: str | None = None
    why: str = ""
    read: bool = False


def begin(
    scene: Scene,
    enrolment: Enrolment,
    step: int,
    wording: Wording,
    kind: Kind | None,
    number: int = 1,
    stands: Sequence[str] = (),
) -> tuple[Attempt, Changes]:
    """Write the attempt and hold its credit, before anything is typed (T1, C4).

    number  counts all attempts at this step that ever were: names in the book are never used again
    stands  what stands in the thread as ours: a text that is there proves nothing (T2)
    """
    key = f"{enrolment.key}#{step}.{number}"
    posted, lot = Posted(scene.ledger), None
    if step == 0 and kind is Kind.CREDIT:
        posted, lot = hold(scene.ledger, key, enrolment.lead_id, scene.now)
    hashed = text_hash(wording.body)
    attempt = Attempt(
        key=key,
        enrolment=enrolment.key,
        lead_id=enrolment.lead_id,
        campaign=enrolment.campaign,
        step=step,
        state=AttemptState.HELD,
        held_at=scene.now,
        subject=wording.subject,
        body=wording.body,
        text_hash=hashed,
        kind=Kind.FREE if kind is Kind.FIRST_DEGREE else kind,
        lot=lot.key if lot is not None else None,
        thread_id=enrolment.thread_id,
        earlier=max(
            sum(1 for sent in enrolment.sent if sent.text_hash == hashed),
            sum(1 for text in stands if text_hash(text) == hashed),
        ),
        reply_to=enrolment.reply.seen if enrolment.reply is not None and is_reply(step) else "",
    )
    changed = placed(replace(enrolment, sending=key), scene.campaign)
    return attempt, Changes(
        ledger=posted.ledger, entries=posted.entries, enrolments=(changed,), attempts=(attempt,)
    )


def clicking(scene: Scene, attempt: Attempt) -> tuple[Attempt, Changes]:
    """Write that the click comes now (T1). From here on it counts as a send of the day."""
    clicked = replace(attempt, state=AttemptState.CLICKING, clicked_at=scene.now)
    today, days = scene.today, scene.seat.ramp_days
    if attempt.step == 0:
        today = replace(today, inmails=today.inmails + 1)
        days = limits.ramp_with(days, today.day, scene.policy.ramp)
    else:
        today = replace(today, messages=today.messages + 1)
    seat = replace(scene.seat, last_send_at=scene.now, ramp_days=days)
    assert scene.campaign is not None, "nothing is clicked for a campaign without a file"
    state = scene.state
    if not is_reply(attempt.step):
        state = used(state, attempt.step, scene.campaign)
    return clicked, Changes(seat=seat, attempts=(clicked,), days=(today,), campaigns=(state,))


def after_click(attempt: Attempt, facts: SentFacts, balance_before: int | None = None) -> Verdict:
    """What the panel says after the click: only our own text in the thread confirms (T2).

    A message's panel is its thread, where the same text may stand from before.

    balance_before  what the site showed last; a credit InMail takes one from it
    """
    predicted = None if balance_before is None else balance_before - (attempt.lot is not None)
    shown = sum(1 for text in facts.mine if text_hash(text) == attempt.text_hash)
    proofs = tuple(
        name
        for name, seen in (
            ("thread", facts.became_thread),
            ("text", shown > attempt.earlier),
            ("toast", facts.toast is Toast.SENT),
            ("balance", facts.credits is not None and facts.credits == predicted),
        )
        if seen
    )
    failed = facts.toast is Toast.FAILED
    if "text" in proofs and not failed:
        return Verdict(True, proofs, thread_id=facts.thread_id, why="our text stands in the thread")
    why = "the site said that it failed" if failed else "no confirmation was seen"
    return Verdict(None, proofs, failed, facts.thread_id, why)


def after_reading(attempt: Attempt, thread: ThreadFacts | None, now: datetime) -> Verdict:
    """What a later reading of the thread says (T3). None: there is no such thread yet."""
    mine = [message for message in (thread.messages if thread else ()) if message.mine]
    shown = sum(1 for message in mine if text_hash(message.text or "") == attempt.text_hash)
    if shown > attempt.earlier:
        thread_id = thread.id if thread is not None else None
        return Verdict(True, ("text",), thread_id=thread_id, why="our text stands in the thread")
    first = attempt.lacks[0] if attempt.lacks else None
    if attempt.error_shown and first is not None and now - first >= FIRST_LOOK:
        why = "the site showed an error, and two readings lack our text"
        return Verdict(False, error_shown=True, why=why)
    return Verdict(
        None, error_shown=attempt.error_shown, why="our text is not in the thread", read=True
    )


def settle(scene: Scene, enrolment: Enrolment, attempt: Attempt, verdict: Verdict) -> Changes:
    """Commit what is known of an attempt: sent, not sent, or uncertain still (T2, T3)."""
    if verdict.sent is True:
        return _sent(scene, enrolment, attempt, verdict)
    if verdict.sent is False:
        return _not_sent(scene, enrolment, attempt, verdict)
    return _uncertain(scene, enrolment, attempt, verdict)


def died_held(attempt: Attempt) -> Verdict:
    """An attempt that died *held* is not sent: nothing was clicked (T3)."""
    assert attempt.state is AttemptState.HELD, attempt.key
    return Verdict(False, why="it ended before the click")


def leave(scene: Scene, enrolment: Enrolment, left: Leave) -> Changes:
    """A lead that is not written to now, as rules.leads decided."""
    changed = replace(enrolment, kind=left.kind, sending=None)
    if left.then is Then.SKIP:
        changed = replace(changed, skip=left.reason)
    elif left.then is Then.HOLD:
        changed = replace(changed, hold=left.reason)
    elif left.then is Then.RETRY:
        tried = _tries(enrolment, 0)
        changed = replace(changed, not_before=left.reason.until, tries=tried)
    return Changes(enrolments=(placed(changed, scene.campaign),))


def hold_enrolment(scene: Scene, enrolment: Enrolment, reason: Reason) -> Changes:
    """Hold an enrolment for its owner."""
    return Changes(enrolments=(placed(replace(enrolment, hold=reason), scene.campaign),))


def skip_enrolment(scene: Scene, enrolment: Enrolment, reason: Reason) -> Changes:
    """End an enrolment for good."""
    return Changes(enrolments=(placed(replace(enrolment, skip=reason), scene.campaign),))


def put_off(scene: Scene, enrolment: Enrolment, reason: Reason) -> Changes:
    """Let a lead wait until a reason lifts; it is no try."""
    until = reason.until or scene.now + RETRY_AFTER
    return Changes(enrolments=(placed(replace(enrolment, not_before=until), scene.campaign),))


def postpone(scene: Scene, enrolment: Enrolment, step: int, reason: Reason) -> Changes:
    """Try a step again later, or hold it after the last try (T3)."""
    tries = _tries(enrolment, step)
    changed = replace(enrolment, tries=tries, not_before=scene.now + RETRY_AFTER)
    if dict(tries)[step] >= MAX_TRIES:
        changed = replace(changed, hold=reason)
    return Changes(enrolments=(placed(changed, scene.campaign),))


def _sent(scene: Scene, enrolment: Enrolment, attempt: Attempt, verdict: Verdict) -> Changes:
    seat, posted = None, Posted(scene.ledger)
    if attempt.lot is not None and attempt.state is AttemptState.NOT_SENT:
        seat, posted = spent_after_all(
            scene.seat, scene.ledger, attempt, scene.now, scene.policy.credits
        )
    elif attempt.lot is not None:
        posted = spend(scene.ledger, attempt.key, attempt.lead_id, scene.now)
    at = attempt.clicked_at or scene.now
    ended = replace(
        attempt,
        state=AttemptState.SENT,
        ended_at=scene.now,
        proofs=tuple(dict.fromkeys((*attempt.proofs, *verdict.proofs))),
        thread_id=verdict.thread_id or attempt.thread_id,
        look_at=None,
        with_owner=False,
    )
    step = SentStep(attempt.step, at, attempt.text_hash, attempt.key, attempt.kind)
    reply = enrolment.reply
    changed = replace(
        enrolment,
        kind=attempt.kind or enrolment.kind,
        sent=(*enrolment.sent, step),
        thread_id=ended.thread_id or enrolment.thread_id,
        sending=None,
        not_before=None,
        reply=None if reply is not None and reply.step == attempt.step else reply,
        hold=None if _for_the_owner(enrolment) else enrolment.hold,
    )
    return Changes(
        seat=seat,
        ledger=posted.ledger,
        entries=posted.entries,
        enrolments=(placed(changed, scene.campaign),),
        attempts=(ended,),
    )


def _not_sent(scene: Scene, enrolment: Enrolment, attempt: Attempt, verdict: Verdict) -> Changes:
    posted = Posted(scene.ledger)
    if attempt.lot is not None:
        posted = release(scene.ledger, attempt.key, attempt.lead_id, scene.now)
    ended = replace(
        attempt,
        state=AttemptState.NOT_SENT,
        ended_at=scene.now,
        error_shown=verdict.error_shown,
        look_at=None,
        with_owner=False,
    )
    tries = _tries(enrolment, attempt.step)
    held = None if _for_the_owner(enrolment) else enrolment.hold
    if dict(tries)[attempt.step] >= MAX_TRIES:
        held = Reason("T3", f"{MAX_TRIES} tries were not sent: {verdict.why}")
    changed = replace(
        enrolment, sending=None, tries=tries, hold=held, not_before=scene.now + RETRY_AFTER
    )
    return Changes(
        ledger=posted.ledger,
        entries=posted.entries,
        enrolments=(placed(changed, scene.campaign),),
        attempts=(ended,),
    )


def restored(seat: SeatState, open_attempts: Sequence[Attempt], now: datetime) -> Changes:
    """Make an older copy of a state safe to go on with (T4): the site has moved since.

    The seat is paused until its owner resumes it. All threads are read before the next send, so
    that whoever was written to since gets no second InMail (K8). What the copy holds as *held* may
    have been clicked since: it is uncertain (T3).
    """
    doubted = tuple(
        replace(attempt, state=AttemptState.UNCERTAIN, clicked_at=now)
        for attempt in open_attempts
        if attempt.state is AttemptState.HELD
    )
    seat = replace(seat, paused=True, threads_known=False, inbox_read_at=None)
    return Changes(seat=seat, attempts=doubted)


def _uncertain(scene: Scene, enrolment: Enrolment, attempt: Attempt, verdict: Verdict) -> Changes:
    """Look again later, more and more seldom; after 24 h the owner decides (T3)."""
    now, clicked_at = scene.now, attempt.clicked_at or attempt.held_at
    lacks = (*attempt.lacks, now) if verdict.read else attempt.lacks
    wait = min(max(FIRST_LOOK * 2 ** min(len(lacks), 5), now - clicked_at), LAST_LOOK)
    # A click may be dated ahead, by a clock that has been put right since: then the first look.
    over = now - min((clicked_at, *lacks)) >= OWNER_AFTER
    changed = replace(
        attempt,
        state=AttemptState.UNCERTAIN,
        error_shown=attempt.error_shown or verdict.error_shown,
        proofs=tuple(dict.fromkeys((*attempt.proofs, *verdict.proofs))),
        thread_id=verdict.thread_id or attempt.thread_id,
        lacks=lacks,
        look_at=None if over else now + wait,
        with_owner=over,
    )
    if not over:
        return Changes(attempts=(changed,))
    text = f"nobody can tell whether it was sent: look it up, then settle {attempt.key}"
    held = replace(enrolment, hold=Reason("T3", text))
    return Changes(attempts=(changed,), enrolments=(placed(held, scene.campaign),))


def _tries(enrolment: Enrolment, step: int) -> tuple[tuple[int, int], ...]:
    counted = dict(enrolment.tries)
    counted[step] = counted.get(step, 0) + 1
    return tuple(sorted(counted.items()))


def _for_the_owner(enrolment: Enrolment) -> bool:
    """Whether the hold is the one that an uncertain attempt left behind (T3)."""
    return enrolment.hold is not None and enrolment.hold.rule == "T3"
