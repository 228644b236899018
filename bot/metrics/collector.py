"""Seats as Prometheus reads them: everything is read anew at each scrape, and nothing is kept.

A label is always one of a known few: what stands in a state or a file is looked up among them, and
never copied. So no name of a person, and no text, can get into what is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate, product
from pathlib import Path

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector, CollectorRegistry

from bot.clock import Clock
from bot.credits import EntryKind
from bot.errors import LASTING_CODE
from bot.facts import HaltKind, Kind
from bot.meter import LAG_BOUNDS, Meter
from bot.metering import PAGES, RESULTS
from bot.metrics import names
from bot.metrics.figures import Books, Figures, figures_of, settings_of
from bot.model import AttemptState, Outcome
from bot.pages.selectors import Selectors
from bot.replies import is_reply
from bot.rules.sequence import FIRST_FOLLOW_UP, STATES
from bot.store.counting import Attempted, Counts

OTHER = "other"
SEAT_STATES = ("working", "sleeping", "stopped", "halted")
HALTS = (*(kind for kind in HaltKind if kind not in (HaltKind.NONE, HaltKind.MISSING)), OTHER)
SENDS = (Kind.CREDIT, Kind.FREE, "acceptance", "follow-up", "reply")
CLASSES = ("none", "accepted", "rejected", "own-words", "unreadable")
RULES = tuple(f"A{number}" for number in range(1, 12))
ACTIONS = ("look", "inmail", "message", "settle", "read-inbox", "read-balance", "import")
CODES = ("0", "1", "2", "3", "4", str(LASTING_CODE), "signal")
_BY_KIND = {
    names.GAUGE: GaugeMetricFamily,
    names.COUNTER: CounterMetricFamily,
    names.HISTOGRAM: HistogramMetricFamily,
}


class Sheet:
    """The families of one scrape, in the order of names.METRICS."""

    def __init__(self) -> None:
        self._families: dict[str, Metric] = {
            each.name: _BY_KIND[each.kind](each.name, each.says, labels=each.all_labels)
            for each in names.METRICS
        }

    def put(self, metric: names.Metric, value: float, *labels: str) -> None:
        """One sample; *labels* in the order of the metric's own."""
        family = self._families[metric.name]
        assert isinstance(family, GaugeMetricFamily | CounterMetricFamily), metric.name
        assert len(labels) == len(metric.all_labels), metric.name
        family.add_metric(labels, value)

    def put_moment(self, metric: names.Metric, at: datetime | None, seat: str) -> None:
        """A time, if there is one."""
        if at is not None:
            self.put(metric, at.timestamp(), seat)

    def put_lags(self, counts: Sequence[int], seconds: float, seat: str) -> None:
        """The histogram of delays."""
        family = self._families[names.LAG.name]
        assert isinstance(family, HistogramMetricFamily)
        bounds = [*map(str, LAG_BOUNDS), "+Inf"]
        family.add_metric([seat], list(zip(bounds, accumulate(counts), strict=True)), seconds)

    def families(self) -> Iterator[Metric]:
        """Those that have a sample."""
        return (family for family in self._families.values() if family.samples)


class Seats(Collector):
    """All configured seats of a home."""

    def __init__(self, home: Path, clock: Clock) -> None:
        self._home, self._clock = home, clock

    def collect(self) -> Iterable[Metric]:
        """Read them all."""
        sheet, settings = Sheet(), settings_of(self._home)
        sheet.put(names.CONFIGURATION, settings is not None)
        for name in settings.seats if settings is not None else ():
            assert settings is not None
            put_seat(sheet, figures_of(settings, name, self._clock.now()))
        return sheet.families()


def registry_of(home: Path, clock: Clock) -> CollectorRegistry:
    """What prometheus_client writes out: our seats, and nothing of this process."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Seats(home, clock))
    return registry


def put_seat(sheet: Sheet, found: Figures) -> None:
    """Everything of one seat."""
    seat = found.policy.name
    sheet.put(names.READABLE, found.books is not None, seat)
    sheet.put_moment(names.DUE, found.due_at, seat)
    late = (found.now - found.due_at).total_seconds() if found.due_at is not None else 0
    sheet.put(names.OVERDUE, max(0.0, late), seat)
    if found.memory is not None:
        sheet.put(names.DAEMON_MEMORY, found.memory.daemon, seat)
        sheet.put(names.WORK_MEMORY, found.memory.work, seat)
    if found.books is not None:
        _put_standing(sheet, found.books, seat)
        _put_credits(sheet, found.books, seat)
        _put_day(sheet, found, found.books)
        _put_sends(sheet, found.books.counts, seat)
        _put_people(sheet, found.books, seat)
        _put_hooks(sheet, found.books, seat)
    _put_meter(sheet, found.meter or Meter(), seat)


def _put_standing(sheet: Sheet, books: Books, seat: str) -> None:
    status, state = books.status, books.state
    for word in SEAT_STATES:
        sheet.put(names.STATE, status.state == word, seat, word)
    sheet.put(names.PAUSED, status.paused, seat)
    halted = one_of(HALTS, state.halted.kind) if state.halted is not None else None
    for kind in HALTS:
        sheet.put(names.HALTED, kind == halted, seat, kind)
    sheet.put_moment(names.LAST_SEND, state.last_send_at, seat)
    sheet.put_moment(names.INBOX_READ, state.inbox_read_at, seat)
    sheet.put_moment(names.BALANCE_READ, state.balance_read_at, seat)


def _put_credits(sheet: Sheet, books: Books, seat: str) -> None:
    state, moved = books.state, books.counts.moved
    sheet.put(names.AVAILABLE, books.status.credits.ledger, seat)
    held = sum(e.credits * ((e.target == "held") - (e.source == "held")) for e in moved)
    sheet.put(names.HELD, held, seat)
    if state.balance_seen is not None:
        sheet.put(names.ON_SITE, state.balance_seen, seat)
    sheet.put(names.SHORTFALL, state.shortfall, seat)
    unexplained = state.unexplained.credits if state.unexplained is not None else 0
    sheet.put(names.UNEXPLAINED, unexplained, seat)
    for kind in EntryKind:
        sheet.put(names.MOVED, sum(e.credits for e in moved if e.kind == kind), seat, kind)


def _put_day(sheet: Sheet, found: Figures, books: Books) -> None:
    seat, today, policy = found.policy.name, books.today, found.policy
    sheet.put(names.INMAILS_TODAY, today.inmails, seat, "agent")
    sheet.put(names.INMAILS_TODAY, today.manual, seat, "owner")
    sheet.put(names.INMAILS_LIMIT, books.status.today.limit, seat)
    sheet.put(names.MESSAGES_TODAY, today.messages, seat, "agent")
    sheet.put(names.MESSAGES_TODAY, today.manual_messages, seat, "owner")
    sheet.put(names.MESSAGES_LIMIT, policy.messages_per_day, seat)
    sheet.put(names.LEAD_PAGES_TODAY, today.lead_pages, seat)
    sheet.put(names.LEAD_PAGES_LIMIT, policy.lead_pages_per_day, seat)


def _put_sends(sheet: Sheet, counts: Counts, seat: str) -> None:
    """What was confirmed never becomes less, and is a counter; an attempt's end may change (T3)."""
    ends = {(kind, state): 0 for kind in SENDS for state in AttemptState}
    for each in counts.attempts:
        end = next((state for state in AttemptState if state == each.state), None)
        if end is not None:
            ends[_written(each), end] += each.count
    for (kind, state), count in ends.items():
        sheet.put(names.ATTEMPTS, count, seat, kind, state)
        if state is AttemptState.SENT:
            sheet.put(names.SENDS, count, seat, kind)
    doubtful = sum(n for (_, state), n in ends.items() if state is AttemptState.UNCERTAIN)
    sheet.put(names.UNCERTAIN, doubtful, seat)


def _written(attempt: Attempted) -> str:
    """What was to be written, in a word of SENDS."""
    if is_reply(attempt.step):
        return "reply"
    if attempt.step >= FIRST_FOLLOW_UP:
        return "follow-up"
    if attempt.step == 1:
        return "acceptance"
    return Kind.CREDIT if attempt.kind == Kind.CREDIT else Kind.FREE


def _put_people(sheet: Sheet, books: Books, seat: str) -> None:
    states = dict(books.counts.leads)
    for state in STATES:
        sheet.put(names.LEADS, states.get(state, 0), seat, state)
    answers: dict[tuple[str, str], int] = {}
    for each in books.counts.answers:
        key = one_of(CLASSES, each.answer), one_of(RULES, each.rule or "")
        answers[key] = answers.get(key, 0) + each.count
    for (word, rule), count in sorted(answers.items()):
        sheet.put(names.ANSWERS, count, seat, word, rule)
    sheet.put(names.ACCEPTANCES, books.counts.accepted, seat)
    sheet.put(names.INBOX_OPEN, books.status.answers, seat)
    sheet.put(names.REPLIES, books.status.replies, seat)


def _put_hooks(sheet: Sheet, books: Books, seat: str) -> None:
    known = {(each.page, each.key) for each in Selectors.shipped().entries}
    broken = [hook.page for hook in books.state.broken]
    for page in sorted({page for page, _ in known}):
        sheet.put(names.HOOKS_BROKEN, broken.count(page), seat, page)
    for use in books.hooks:
        page, _, key = use.name.partition(".")
        if (page, key) in known:
            sheet.put(names.FALLBACKS, sum(use.pages[1:]), seat, page, key)


def _put_meter(sheet: Sheet, counted: Meter, seat: str) -> None:
    """What stints counted; a seat that never ran has zeros, so that the first count is seen."""
    for page, result in product(PAGES, RESULTS):
        sheet.put(names.PAGE_READS, counted.page_reads[page, result], seat, page, result)
    for action, outcome in product(ACTIONS, Outcome):
        sheet.put(names.ACTIONS, counted.actions[action, outcome], seat, action, outcome)
    for code in CODES:
        sheet.put(names.STINTS, counted.stints[(code,)], seat, code)
    sheet.put(names.BROWSER_SECONDS, counted.browser_seconds, seat)
    sheet.put(names.BROWSERS, counted.browsers, seat)
    sheet.put_lags(counted.lags, counted.lag_seconds, seat)


def one_of(words: Sequence[str], word: str) -> str:
    """*word*, if it is one of these, as it stands there."""
    return next((each for each in words if each == word), OTHER)
