"""`python -m bench`: measure, and print the figures with the method."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

import orjson

from bench import agency, commands, desk, idle, inmail, pages, reading, search, startup, store
from bench.timing import Goal, Report, Series, host
from bot.clock import SystemClock

RUNS = 20
MANY_RUNS = 200  # of what takes milliseconds
PARTS = ("inmail", "startup", "commands", "pages", "reading", "store", "search", "desk", "idle")
LONG = ("agency",)  # a quarter of an hour and more: only if it is asked for


def main() -> int:
    """Measure everything; the exit code tells that it was measured, not that a goal was met."""
    asked = _arguments()
    machine, now = host(), SystemClock().now()
    parts: dict[str, Callable[[], Report]] = {
        "inmail": lambda: inmail.measure(asked.runs),
        "startup": lambda: startup.measure(asked.runs),
        "commands": lambda: commands.measure(asked.runs),
        "pages": lambda: pages.measure(MANY_RUNS),
        "reading": lambda: reading.measure(MANY_RUNS),
        "store": lambda: store.measure(MANY_RUNS),
        "search": search.measure,
        "desk": lambda: desk.measure(asked.runs),
        "idle": idle.measure,
        "agency": agency.measure,
    }
    reports = [measure() for name, measure in parts.items() if name in (asked.only or PARTS)]
    if asked.json:
        document = {"at": now, "machine": machine, "reports": [_figures(each) for each in reports]}
        sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_UTC_Z) + b"\n")
    else:
        print(f"{now:%Y-%m-%d %H:%M} UTC, {machine}")
        for report in reports:
            _print(report)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Leadwright.")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"of each side; else {RUNS}")
    parser.add_argument(
        "--only", action="append", choices=(*PARTS, *LONG), help="this part; may be repeated"
    )
    return parser.parse_args()


def _print(report: Report) -> None:
    print(f"\n{report.title}: {report.method}\n")
    print(f"| {'median':>10} | {'half of the runs':>23} | {'a second':>8} |")
    print(f"|{'-' * 11}:|{'-' * 24}:|{'-' * 9}:|")
    for series in report.series:
        print(f"{_row(series)} {series.name}")
    if report.goals:
        print()
    for goal in report.goals:
        digits = 2 if goal.value >= 0.1 else 4
        print(f"{goal.name}: {goal.value:.{digits}f}{_judged(goal)}")


def _judged(goal: Goal) -> str:
    if goal.at_most is None:
        return ""
    return f", goal at most {goal.at_most:.2f}: {'met' if goal.is_met else 'NOT MET'}"


def _row(series: Series) -> str:
    low, high = (_ms(seconds) for seconds in series.quartiles)
    return f"| {_ms(series.median):>10} | {low:>10} - {high:>10} | {1 / series.median:8.1f} |"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def _figures(report: Report) -> dict[str, object]:
    """What `--json` tells of a report; seconds throughout."""
    return {
        "title": report.title,
        "method": report.method,
        "series": [
            {
                "name": series.name,
                "runs": len(series.seconds),
                "median": series.median,
                "quartiles": series.quartiles,
            }
            for series in report.series
        ],
        "goals": [
            {"name": goal.name, "value": goal.value, "at_most": goal.at_most, "met": goal.is_met}
            for goal in report.goals
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
