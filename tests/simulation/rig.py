"""A seat at work on the practice site's model, in simulated time: what the simulations share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from simulation.model_site import ModelSite

from bot.canary import renew
from bot.carry_out import carry_out
from bot.clock import SimulatedClock
from bot.credits import Account
from bot.decided import Decision
from bot.facts import AnswerTexts, Snapshot
from bot.model import Done, Enrolment, Lead
from bot.orders import Answered, Order
from bot.policy import Campaign, EvidencePolicy, FollowUp, Hours, SeatPolicy
from bot.ports import Book, Site, Team
from bot.practice.model import World
from bot.practice.records import By, Delivery, SendKind, Truth
from bot.practice.scenario import Scenario, load, parse
from bot.rules.approval import of_state
from bot.rules.contacts import DoNotContact
from bot.rules.texts import text_hash
from bot.stint import End, place_all, work_through
from bot.store.memory import MemoryBook
from bot.store.store import Store
from bot.work import Work

PARIS = ZoneInfo("Europe/Paris")
HOURS = Hours(PARIS, frozenset(range(5)), time(9), time(17, 30))
POLICY = SeatPolicy("alice", HOURS, read_inbox_minutes=60)
CAMPAIGN = Campaign(
    name="founders",
    audience="/sales/search/people?savedSearchId=1",
    subject="A question, {{ first_name }}",
    body="Hello {{ first_name }},\nyour work at {{ company }} caught my eye.",
    acceptance="Thank you, {{ first_name }}! When shall we talk?",
    follow_ups=(FollowUp(3, "A first follow-up."), FollowUp(7, "A second follow-up.")),
)
TEXTS = AnswerTexts(
    (
        "Hi {first_name},\nThanks for reaching out. I'd like to learn more.",
        "Hallo {first_name},\nvielen Dank für Ihre Nachricht. Ich würde gern mehr erfahren.",
        "Hola, {first_name}:\nGracias por ponerte en contacto. Me gustaría saber más.",
    ),
    (
        "Hi {first_name},\nThanks for reaching out, but I'm not interested.",
        "Hallo {first_name},\nvielen Dank für Ihre Nachricht, aber ich habe kein Interesse.",
        "Hola, {first_name}:\nGracias por ponerte en contacto, pero no me interesa.",
    ),
    ("do not write to me again", "please do not contact me", "stop writing", "remove me"),
)
MONDAY = "2026-03-02T08:00:00Z"  # nine o'clock in Paris


def scenario(
    people: str, *, credits: int = 20, start: str = MONDAY, lots: str = "", more: str = ""
) -> Scenario:
    """A site with these people, one line each: `id kind [answer,answer] [days]`.

    lots  tables of credits in place of one lot of *credits*
    """
    tables = [f'start = {start}\nseed = 5\n[owner]\nfirst_name = "Robin"\nname = "Robin Example"']
    one = f"{{ granted = 2026-03-01T00:00:00Z, credits = {credits} }}"
    tables.append(f"[credits]\nlots = [{lots or one}]")
    tables.append('[[searches]]\nid = "1"\nname = "All"\norder = "file"')
    for line in filter(None, map(str.strip, people.splitlines())):
        name, kind, answers, days = (*line.split(), "", "")[:4]
        told = ", ".join(f'"{answer}"' for answer in answers.split(",") if answer)
        delay = f"[{days}, {days}]" if days else "[1, 1]"
        tables.append(
            f'[[people]]\nname = "{name} Invented"\nid = "ACwAA{name}"\nkind = "{kind}"\n'
            f"answer = [{told}]\ndelay_days = {delay}"
        )
    return parse("\n".join([*tables, more]))


class Nothing:
    """Evidence that notes what it is given, and keeps nothing."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []

    @property
    def kept(self) -> list[str]:
        return [decision.key for decision in self.decisions]

    def keep(self, decision: Decision, snapshot: Snapshot) -> str:
        del snapshot
        self.decisions.append(decision)
        return decision.key

    def prune(self, now: datetime, policy: EvidencePolicy, is_open: Callable[[str], bool]) -> None:
        """Nothing is there to be let go."""


class Known:
    """The default texts that the site ships, and what was learnt meanwhile."""

    def __init__(self) -> None:
        self.answers = TEXTS

    def learn(self, label: str, text: str) -> None:
        known = self.answers
        if label == "accepted":
            self.answers = replace(known, acceptances=(*known.acceptances, text))
        else:
            self.answers = replace(known, rejections=(*known.rejections, text))


class Rig:
    """One seat, its store, and the model site with its truth.

    book  in place of a store
    on_book, on_site  wrap what the agent is given, to let it fail
    """

    def __init__(
        self,
        where: Scenario | str,
        *,
        campaigns: Sequence[Campaign] = (CAMPAIGN,),
        policy: SeatPolicy = POLICY,
        contacts: DoNotContact | None = None,
        team: Team | None = None,
        dry_run: bool = False,
        path: Path | None = None,
        book: MemoryBook | None = None,
        audience: Sequence[Lead] = (),
        on_book: Callable[[Book], Book] = lambda book: book,
        on_site: Callable[[Site], Site] = lambda site: site,
    ) -> None:
        self.world = World(load(where) if isinstance(where, str) else where)
        self.clock = SimulatedClock(self.world.now)
        self.store: Store | MemoryBook = book or Store.open(path)
        self.evidence = Nothing()
        self.gone: set[str] = set()  # page objects that the site has changed
        self.site = ModelSite(self.world, self.clock.now, self.gone)
        self.done: list[Done] = []
        self.work = Work(
            book=on_book(self.store),
            site=on_site(self.site),
            clock=self.clock,
            policy=policy,
            campaigns=tuple(campaigns),
            catalogue=Known(),
            contacts=contacts or DoNotContact(),
            evidence=self.evidence,
            read_audience=lambda _: (audience, ()),
            team=team,
            dry_run=dry_run,
        )
        place_all(replace(self.work, book=self.store))

    def run(self, *, days: float = 0, until: datetime | None = None) -> End:
        """Work for so many days, or to a moment, whatever the agent waits for meanwhile."""
        end = until if until is not None else self.clock.now() + timedelta(days=days)
        ended = work_through(
            self.work,
            patience=timedelta(days=4000),
            tell=self.done.append,
            stopped=lambda: False,
            until=end,
        )
        self.clock.sleep_until(end)
        self.world.advance(end)
        return ended

    def run_once(self) -> End:
        """What is due now, as `run --once` does it."""
        patience = timedelta(seconds=self.work.policy.pause_seconds[1])
        return work_through(
            self.work, patience=patience, tell=self.done.append, stopped=lambda: False
        )

    def restart(self, *, site: Site | None = None, book: Book | None = None) -> None:
        """A new process on the same state: nothing is left but what was committed."""
        self.site = ModelSite(self.world, self.clock.now, self.gone)
        self.work = replace(self.work, site=site or self.site, book=book or self.store)

    def reopen(self, path: Path) -> None:
        """A new process on a state file."""
        self.store = Store.open(path)
        self.restart()

    def mend(self, *pages: str) -> None:
        """The owner's own selectors find what the site has changed."""
        self.gone.difference_update(pages)
        self.work = replace(self.work, reading=f"{self.work.reading}+")
        renew(self.work)

    def edit(self, *campaigns: Campaign) -> None:
        """The owner changes the campaign files, or they are read anew."""
        states = self.store.campaigns()
        read = tuple(of_state(campaign, states) for campaign in campaigns)
        self.work = replace(self.work, campaigns=read)
        place_all(self.work)

    def order(self, order: Order) -> Answered:
        """The owner's word; where it changes what a campaign asks, a stint begins anew."""
        answered, states = carry_out(self.work, order), self.store.campaigns()
        if any(of_state(each, states) != each for each in self.work.campaigns):
            self.edit(*self.work.campaigns)
        return answered

    def enrolment(self, name: str, campaign: str = "founders") -> Enrolment:
        found = self.store.enrolment(f"{campaign}/ACwAA{name}")
        assert found is not None, f"{name} is not in {campaign}"
        return found

    @property
    def truth(self) -> Truth:
        return self.world.truth()

    def sent(self, name: str = "", kind: SendKind | None = None) -> list[Delivery]:
        """What the agent delivered, to one person or to all."""
        return [
            d
            for d in self.truth.deliveries
            if d.by is By.PAGE
            and (not name or d.lead_id == f"ACwAA{name}")
            and (kind is None or d.kind is kind)
        ]


def check_promises(rig: Rig) -> None:
    """What is true whatever happened: judged by the site's own truth.

    K4, T4: nobody gets a text twice, nor a second InMail. T2: the book tells no more than was
    delivered. C4, C10: each credit InMail in the book was spent once, and each hold has one end.
    """
    sent = Counter((d.lead_id, text_hash(d.body)) for d in rig.sent())
    assert all(count == 1 for count in sent.values()), f"sent twice: {sent.most_common(1)}"
    first = Counter(d.lead_id for d in rig.sent(kind=SendKind.INMAIL))
    assert all(count == 1 for count in first.values()), "a second InMail"
    told = Counter((e.lead_id, s.text_hash) for e in rig.store.enrolments() for s in e.sent)
    assert told <= sent, "the book tells of a message that never went out"
    attempts = [a for e in rig.store.enrolments() for a in rig.store.attempts_of(e.key)]
    keys = Counter(entry.key.partition("/")[0] for entry in rig.store.entries())
    ledger = rig.store.ledger()
    open_holds = sum(1 for a in attempts if a.lot is not None and a.ended_at is None)
    assert ledger.held == open_holds, "a held credit has no attempt"
    assert keys["hold"] == keys["spend"] + keys["release"] + open_holds
    assert ledger.total(Account.SPENT) == keys["spend"]
    paid = {d.lead_id for d in rig.sent(kind=SendKind.INMAIL) if d.cost}
    assert {e.lead_id for e in rig.store.entries() if e.kind == "spend"} <= paid
