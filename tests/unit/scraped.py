"""Metrics as their reader has them, and promtool's word on what is written for it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from bot.clock import Clock
from bot.metrics.serve import printed
from tools.setup import find_tool


@dataclass(frozen=True, slots=True)
class Numbers:
    """One scrape: its text, and each sample by name and labels."""

    text: str
    samples: dict[tuple[str, frozenset[tuple[str, str]]], float]
    counters: frozenset[str]

    def get(self, name: str, **labels: str) -> float | None:
        """A sample of the seat alice; None if there is none. `class_` stands for `class`."""
        told = {"seat": "alice", **{key.rstrip("_"): value for key, value in labels.items()}}
        return self.samples.get((f"leadwright_{name}", frozenset(told.items())))

    def of(self, name: str) -> dict[tuple[tuple[str, str], ...], float]:
        """All samples of one name, by labels."""
        return {
            tuple(sorted(labels)): value
            for (found, labels), value in self.samples.items()
            if found == f"leadwright_{name}"
        }

    @property
    def counted(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        """Those that may never fall."""
        return {key: value for key, value in self.samples.items() if key[0] in self.counters}


def read(text: str) -> Numbers:
    """A scrape as Prometheus reads it."""
    samples: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
    counters: set[str] = set()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = sample.name, frozenset(sample.labels.items())
            assert key not in samples, f"{key} is told twice"
            samples[key] = sample.value
            if family.type in ("counter", "histogram"):
                counters.add(sample.name)
    return Numbers(text, samples, frozenset(counters))


def scrape(home: Path, clock: Clock) -> Numbers:
    """What /metrics answers for a home."""
    return read(printed(home, clock))


def promtool(*words: str, stdin: str = "") -> str:
    """What promtool says of it; without one on this machine the test fails."""
    program = find_tool("promtool")
    assert program is not None, "promtool is needed for this test: python tools/setup.py gets it"
    done = subprocess.run(
        [program, *words], input=stdin, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
