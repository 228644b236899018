"""What must be true of a life by the site's truth: after each cycle, at rest, at the end."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from simulation.fuse import demand
from simulation.rig import PARIS, check_promises

from bot.model import AttemptState, Changes, Enrolment, Wait
from bot.policy import Campaign
from bot.practice.purse import CreditCause
from bot.practice.records import By, Delivery, SendKind
from bot.rules.texts import text_hash
from bot.verdict import EXPECTED, GOES_ON, meant

if TYPE_CHECKING:
    from simulation.seeded import Life

VISIBLE_FOR = timedelta(seconds=60)  # an answer that was there for so long stops a message
SHOWS_WITHIN = timedelta(hours=48)  # a refund in the site's balance (C11)
LATE_IN_LIFE = timedelta(days=26)  # before the end: what was accepted later may be unfinished
WAITS_FOR_ITS_TIME = ("L2", "L3", "L4", "L5", "S7")


class Invariants:
    """Watches one life. Each check raises fuse.Broken.

    looked_at  the last look at the inbox that was lived through
    """

    def __init__(self, life: Life) -> None:
        self.life = life
        self.looked_at: datetime | None = None
        self._checked = 0

    def check_cycle(self) -> None:
        """What is true after every cycle."""
        deliveries = self.life.rig.world._deliveries
        for delivery in deliveries[self._checked :]:
            if delivery.by is By.PAGE:
                self._check_delivery(delivery)
        self._checked = len(deliveries)

    def check_commit(self, changes: Changes) -> None:
        """What was clicked and went out is called not sent by nothing but the site's error (T3)."""
        for attempt in changes.attempts:
            silent = attempt.state is AttemptState.NOT_SENT and not attempt.error_shown
            if silent and (clicked := attempt.clicked_at) is not None:
                out = any(
                    text_hash(d.body) == attempt.text_hash and d.at >= clicked
                    for d in self.life.rig.sent()
                    if d.lead_id == attempt.lead_id
                )
                demand(not out, "what went out is not called not sent (T3)", attempt.key)

    def check_at_rest(self, wait: Wait) -> None:
        """In working hours with nothing to do: what the last look could see is in the books."""
        life, rig = self.life, self.life.rig
        if wait.reason.rule in ("L3", "L5", "S7"):
            return
        unread = {hook.page for hook in rig.store.seat().broken} | rig.gone
        if unread & {"inbox", "thread"}:
            return  # what cannot be read is nowhere in the books (T8)
        seat, now = rig.store.seat(), rig.clock.now()
        seen = seat.inbox_read_at
        every = timedelta(minutes=life.policy.read_inbox_minutes)
        demand(seen is not None and now - seen <= every, "the inbox is read in time", seen)
        if life.lagging:
            self._check_ledger()
        known = {e.lead_id: e for e in rig.store.enrolments() if e.inmail is not None}
        for answer in rig.world._answers:
            enrolment = known.get(answer.lead_id)
            if enrolment is not None and self._was_visible(answer.at):
                told = (answer.lead_id, answer.what)
                demand(enrolment.answer is not None, "every answer reaches the books", told)
        if wait.reason.rule not in WAITS_FOR_ITS_TIME:
            for enrolment in known.values():
                self._check_nothing_is_due(enrolment)

    def check_the_end(self) -> None:
        """After a month of quiet: books and truth agree, and everybody got what was due."""
        rig = self.life.rig
        check_promises(rig)
        told = Counter((e.lead_id, s.text_hash) for e in rig.store.enrolments() for s in e.sent)
        true = Counter((d.lead_id, text_hash(d.body)) for d in rig.sent())
        demand(told == true, "the books know every message (T2)", (told - true) + (true - told))
        demand(not rig.store.open_attempts(), "every attempt has its end (T3)")
        self.life.word.check_the_end()
        self._check_credits()
        self._check_adjustments()
        self._check_sequences()

    # --- one delivery ---------------------------------------------------------------------------

    def _check_delivery(self, sent: Delivery) -> None:
        life, rig = self.life, self.life.rig
        needed = {"lead", "composer"} if sent.kind is SendKind.INMAIL else {"thread"}
        unknown = needed & rig.gone
        demand(not unknown, "nothing is sent from a page that is not recognised (T8)", unknown)
        demand(not life.paused, "a paused seat sends nothing (S7)", sent.lead_id)
        life.approver.check(sent, *self._source(sent))
        earlier = [d for d in rig.sent() if d.lead_id == sent.lead_id and d is not sent]
        if sent.kind is SendKind.INMAIL:
            again = [d for d in earlier if d.kind is SendKind.INMAIL]
            demand(not again, "never two InMails to a person (K4)", sent.lead_id)
            day = sent.at.astimezone(PARIS).date()  # by no function that may be broken
            inmails = rig.sent(kind=SendKind.INMAIL)
            count = sum(d.at.astimezone(PARIS).date() == day for d in inmails)
            demand(count <= life.policy.inmails_per_day, "at most so many a day (L1)", count)
            spared = not sent.cost or sent.balance_before > life.policy.credits.reserve
            demand(spared, "no credit InMail at the reserve (C6)", sent.lead_id)
            return
        same = [d for d in earlier if text_hash(d.body) == text_hash(sent.body)]
        demand(not same, "no message goes out twice (T4)", sent.lead_id)
        if not life.word.check_delivery(sent, VISIBLE_FOR):
            self._check_message(sent)

    def _source(self, sent: Delivery) -> tuple[str, int]:
        """The campaign and step of a delivery, as the books tell."""
        store, hashed = self.life.rig.store, text_hash(sent.body)
        found = [
            (attempt.campaign, attempt.step)
            for enrolment in store.enrolments_of(sent.lead_id)
            for attempt in store.attempts_of(enrolment.key)
            if attempt.text_hash == hashed and attempt.clicked_at is not None
        ]
        demand(bool(found), "what goes out stands in the books before (T1)", sent.lead_id)
        return found[-1]

    def _check_message(self, sent: Delivery) -> None:
        world, until = self.life.rig.world, sent.at - VISIBLE_FOR
        answers = [a for a in world._answers if a.lead_id == sent.lead_id and a.at <= sent.at]
        visible = sum(a.at <= until for a in answers)
        said = [a.what for a in answers]
        stood = [meant(said[:count]) for count in range(visible, len(said) + 1) if count > 0]
        promise = "no message but to a default acceptance (S4, A1-A8)"
        demand(("accepted", False) in stood, promise, (sent.lead_id, said, visible))
        by_hand = [
            d
            for d in world._deliveries
            if d.lead_id == sent.lead_id and d.by is By.OWNER and d.at <= until
        ]
        held = not by_hand or sent.lead_id in self.life.hand.released
        demand(held, "no message into a thread that the owner took over (A10)", sent.lead_id)

    # --- at rest --------------------------------------------------------------------------------

    def _check_ledger(self) -> None:
        """Where only what is shown lags, the ledger is the site's but for what is under way."""
        self.life.rig.world.advance(self.life.rig.clock.now())  # a grant may be due this moment
        ledger, balance = self.life.rig.store.ledger(), self.life.rig.world.balance()
        if ledger.granted_to is None:
            return  # the site's balance has not been read yet (C12)
        now = self.life.rig.clock.now()
        young = sum(now - at < SHOWS_WITHIN for _, at in ledger.refunds)
        unread = {a.lead_id for a in self.life.rig.world._answers if not self._was_visible(a.at)}
        unread |= self._torn()
        most = ledger.available + ledger.held + len(unread)
        agree = ledger.available - young <= balance <= most
        told = (ledger.available, ledger.held, young, balance)
        demand(agree, "ledger and site agree at any time (C9)", told)

    def _check_nothing_is_due(self, enrolment: Enrolment) -> None:
        """Who accepted by default and said no more has got what was due by now (S2, S3)."""
        rig, now = self.life.rig, self.life.rig.clock.now()
        campaign = rig.work.find_campaign(enrolment.campaign)
        retried = enrolment.tries or (enrolment.not_before or now) > now
        stopped = enrolment.hold or enrolment.skip or enrolment.sending
        stopped = stopped or enrolment.phase == "preview"  # its owner has not looked yet (S8)
        by_hand = enrolment.lead_id in self.life.hand.touched
        if campaign is None or retried or stopped or by_hand:
            return
        said = [a for a in rig.world._answers if a.lead_id == enrolment.lead_id]
        if not said or {a.what for a in said} - GOES_ON:
            return
        if self._was_visible(said[-1].at):
            sent = [d.at for d in rig.sent(kind=SendKind.MESSAGE) if d.lead_id == enrolment.lead_id]
            due = _next_due(campaign, said[-1].at, sent)
            late = due is not None and due <= now - VISIBLE_FOR
            demand(not late, "what is due goes out while nothing holds it (S2, S3)", enrolment.key)

    def _was_visible(self, at: datetime) -> bool:
        """Whether what came then was there long enough before the last look at the inbox."""
        return self.looked_at is not None and at < self.looked_at - VISIBLE_FOR

    # --- the end --------------------------------------------------------------------------------

    def _check_credits(self) -> None:
        ledger, truth = self.life.rig.store.ledger(), self.life.rig.truth
        demand(ledger.held == 0, "no credit stays held (C10)", ledger.held)
        told = (ledger.available, truth.balance)
        demand(ledger.available == truth.balance, "ledger and site agree (C9)", told)

    def _check_adjustments(self) -> None:
        """An adjustment has a cause that was injected, and names it where it has a name (C9)."""
        rig, paid = self.life.rig, self.life.hand.paid
        adjusted = [e for e in rig.store.entries() if e.kind == "adjust"]
        by_hand = {d.lead_id for d in rig.truth.deliveries if d.by is By.OWNER}
        lost = sum(e.cause is CreditCause.LOST for e in rig.truth.credits)
        why = [entry.why for entry in adjusted]
        torn = self._torn()
        demand(
            bool(lost or by_hand or torn) or not adjusted, "no adjustment without a cause (C9)", why
        )
        named = {entry.lead_id for entry in adjusted if entry.lead_id is not None}
        ours = {d.lead_id for d in rig.sent(kind=SendKind.INMAIL)}
        demand(named <= by_hand | ours, "an adjustment names who it was (C9)", named - by_hand)
        # Of two InMails by hand nobody can tell which one was free: one of them is named. One that
        # was paid and given back unseen changes no balance, but which lot it is in, and so C3.
        returned = {e.lead_id for e in rig.truth.credits if e.cause is CreditCause.REFUND} & by_hand
        # What came back for one that the ledger never saw go hides what another one cost.
        found = (len(named & by_hand), len(paid) - len(returned))
        demand(found[0] >= found[1], "each credit that the owner spent is found (C9)", found)
        kept = {entry.key for entry in adjusted}
        nameless = sum(credits for key, credits in rig.store.seat().adjusted if key in kept)
        told = (nameless, lost, returned)
        explained = -lost <= nameless <= len(returned | torn)
        demand(explained, "nothing nameless but lost credits (C9)", told)

    def _torn(self) -> set[str]:
        """Who accepted and rejected at once: which is the last word, the site does not tell (A9).

        So the credit is not known to be back before the balance shows it (C9).
        """
        said: dict[tuple[str, datetime], set[str]] = {}
        for answer in self.life.rig.world._answers:
            minute = answer.at.replace(second=0, microsecond=0)
            said.setdefault((answer.lead_id, minute), set()).add(EXPECTED[answer.what][0])
        return {who for (who, _), words in said.items() if {"accepted", "rejected"} <= words}

    def _check_sequences(self) -> None:
        """Whoever accepted by default, once, and was left alone by the owner, got every message."""
        life, rig = self.life, self.life.rig
        first = life.campaigns[0]
        wanted = len(first.follow_ups) + (first.acceptance is not None)
        inmails = {d.lead_id: d.at for d in rig.sent(kind=SendKind.INMAIL)}
        for lead_id in inmails:
            said = [a for a in rig.world._answers if a.lead_id == lead_id]
            enrolment = rig.store.enrolment(f"{first.name}/{lead_id}")
            if not said or {a.what for a in said} - GOES_ON or lead_id in life.hand.touched:
                continue
            if enrolment is None or enrolment.inmail is None or enrolment.hold or enrolment.skip:
                continue
            if said[0].at > rig.clock.now() - LATE_IN_LIFE:
                continue
            got = len(rig.sent(lead_id.removeprefix("ACwAA"), SendKind.MESSAGE))
            demand(got == wanted, "accepted leads get their messages (S2, S3)", (lead_id, got))


def _next_due(campaign: Campaign, accepted: datetime, sent: list[datetime]) -> datetime | None:
    """When the next message is due at the earliest; None after the last one."""
    first = campaign.acceptance is not None
    if first and not sent:
        return accepted
    done = len(sent) - first
    if done >= len(campaign.follow_ups):
        return None
    since = sent[-1] if sent else accepted
    return since + timedelta(days=campaign.follow_ups[done].after_days)
