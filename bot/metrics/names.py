"""Every metric: its name, its labels, and what it says. docs/metrics.md is written from here."""

from __future__ import annotations

from dataclasses import dataclass

GAUGE, COUNTER, HISTOGRAM = "gauge", "counter", "histogram"
PREFIX = "leadwright_"


@dataclass(frozen=True, slots=True)
class Metric:
    """One family. `labels` stand beside `seat`, which all but the home's own have."""

    name: str
    kind: str
    says: str
    labels: tuple[str, ...] = ()
    of_seat: bool = True

    @property
    def all_labels(self) -> tuple[str, ...]:
        """In the order in which values are given."""
        return ("seat", *self.labels) if self.of_seat else self.labels


def _gauge(name: str, says: str, *labels: str) -> Metric:
    return Metric(PREFIX + name, GAUGE, says, labels)


def _counter(name: str, says: str, *labels: str) -> Metric:
    return Metric(PREFIX + name, COUNTER, says, labels)


CONFIGURATION = Metric(
    f"{PREFIX}configuration_readable",
    GAUGE,
    "1 if config.toml can be read; else no seat is known.",
    of_seat=False,
)

# --- how the seat stands --------------------------------------------------------------------------
READABLE = _gauge("seat_readable", "1 if the seat's state can be read; else its books are absent.")
STATE = _gauge("seat_state", "1 for the one state that the seat is in.", "state")
PAUSED = _gauge("seat_paused", "1 if the owner paused the seat.")
HALTED = _gauge("seat_halted", "1 for what the site asks its owner for (L5).", "kind")
LAST_SEND = _gauge("last_send_timestamp_seconds", "When Send was clicked last; absent before.")
INBOX_READ = _gauge("inbox_read_timestamp_seconds", "When the inbox was read last; absent before.")
DUE = _gauge("due_timestamp_seconds", "When the next action is due; absent if nothing is.")
OVERDUE = _gauge("overdue_seconds", "How long the next action has been due and not begun.")
DAEMON_MEMORY = _gauge(
    "daemon_resident_memory_bytes",
    "Resident memory of the process that holds the seat; absent where none does.",
)
WORK_MEMORY = _gauge(
    "work_proportional_memory_bytes",
    "Memory of stint, driver and browser below it, shared pages divided (Pss); absent likewise.",
)

# --- the books ------------------------------------------------------------------------------------
AVAILABLE = _gauge("credits_available", "Credits in the ledger (C10).")
HELD = _gauge("credits_held", "Credits of attempts under way (C10, T1).")
ON_SITE = _gauge("credits_on_site", "The balance that the site showed last (C9); absent before.")
SHORTFALL = _gauge(
    "credits_shortfall", "Credits of the ledger that the site did not surely show (C6, C9)."
)
UNEXPLAINED = _gauge(
    "credits_unexplained", "The site's balance less the ledger's, while no cause is known (C9)."
)
BALANCE_READ = _gauge(
    "balance_read_timestamp_seconds", "When the site's balance was read last; absent before."
)
MOVED = _counter("credits_moved_total", "Credits that ledger entries moved, by kind (C10).", "kind")
INMAILS_TODAY = _gauge("inmails_today", "InMails of the seat's calendar day (L1), by whom.", "by")
INMAILS_LIMIT = _gauge("inmails_limit", "InMails that the day may have (L1, L4).")
MESSAGES_TODAY = _gauge("messages_today", "Messages of the day (L2), by whom.", "by")
MESSAGES_LIMIT = _gauge("messages_limit", "Messages that the day may have (L2).")
LEAD_PAGES_TODAY = _gauge("lead_pages_today", "Lead pages that were opened this day (L6).")
LEAD_PAGES_LIMIT = _gauge("lead_pages_limit", "Lead pages that the day may have (L6).")
SENDS = _counter(
    "sends_total", "Sends that the thread confirmed (T2), by what was written.", "kind"
)
ATTEMPTS = _gauge(
    "attempts",
    "Intended sends, by what was written and how they stand (T1, T3).",
    "kind",
    "outcome",
)
UNCERTAIN = _gauge("attempts_uncertain", "Sends whose end is not known yet (T3).")
LEADS = _gauge("leads", "Leads, by state; one in two campaigns counts twice.", "state")
ANSWERS = _gauge(
    "answers", "Leads that answered, by what their newest answer is (A1-A11).", "class", "rule"
)
ACCEPTANCES = _counter(
    "acceptances_total", "Leads that ever accepted, whatever they said later (A6)."
)
INBOX_OPEN = _gauge("inbox_open", "Answers in the owner's inbox that are not done.")
REPLIES = _gauge("replies_waiting", "Replies of the owner that wait to be sent.")
HOOKS_BROKEN = _gauge("hooks_broken", "Hooks that no longer match, by page (T8).", "page")
FALLBACKS = _counter(
    "hook_fallbacks_total", "Pages on which a hook matched by a fallback only (T8).", "page", "hook"
)

# --- what stints count ----------------------------------------------------------------------------
PAGE_READS = _counter(
    "page_reads_total", "Pages that were asked for, by what came of it.", "page", "result"
)
ACTIONS = _counter("actions_total", "Actions, by how they ended.", "action", "outcome")
STINTS = _counter("stints_total", "Stints that ended, by exit code.", "code")
BROWSER_SECONDS = _counter("browser_seconds_total", "Seconds during which a browser was open.")
BROWSERS = _counter("browser_starts_total", "Browsers that were started.")
LAG = Metric(
    f"{PREFIX}cycle_lag_seconds",
    HISTOGRAM,
    "How late due actions were begun; what was not begun yet, overdue_seconds tells.",
)

METRICS: tuple[Metric, ...] = tuple(
    each for each in list(globals().values()) if isinstance(each, Metric)
)
"""All, in the order in which they stand here."""
