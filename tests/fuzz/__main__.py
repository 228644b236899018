"""`make fuzz`: a million reads of broken pages, on all cores; or one of them again.

python -m fuzz [--reads N] [--seed S]      N pages, drawn from S, S + 1, and so on
python -m fuzz --reads 1 --seed S          that one page again; it is written down if it fails
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fuzz.reads import seeded
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bot.clock import stopwatch
from bot.pages.reader import Reader

CHUNK = 500
MOST_FAILURES = 20
MOST_MEGABYTES = 500


@dataclass
class Sum:
    """What came of all reads. `failed`: the promise that did not hold, by seed."""

    reads: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    made: Counter[str] = field(default_factory=Counter)
    failed: dict[int, str] = field(default_factory=dict)
    longest: float = 0.0
    megabytes: float = 0.0

    def add(self, other: Sum) -> None:
        """Take in what another process read."""
        self.reads += other.reads
        self.outcomes += other.outcomes
        self.made += other.made
        self.failed |= other.failed
        self.longest = max(self.longest, other.longest)
        self.megabytes = max(self.megabytes, other.megabytes)


def read_chunk(seeds: range) -> Sum:
    """Read the pages of *seeds*, in a process of its own."""
    reader, total = Reader.shipped(), Sum()
    for seed in seeds:
        page, read = seeded(seed, reader)
        total.reads += 1
        total.outcomes[read.outcome] += 1
        total.made.update(page.done)
        total.longest = max(total.longest, read.seconds)
        if read.wrong:
            total.failed[seed] = f"{page.case} as {page.kind}, {', '.join(page.done)}: {read.wrong}"
    total.megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return total


def main() -> int:
    """Exit code 1 if a promise did not hold."""
    parser = argparse.ArgumentParser(prog="python -m fuzz")
    parser.add_argument("--reads", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1, help="the first page's")
    parser.add_argument("--folder", type=Path, default=Path("fuzz-found"), help="for failing pages")
    asked = parser.parse_args()
    started, total = stopwatch(), Sum()
    columns = (
        TextColumn("{task.completed:,} of {task.total:,} reads, {task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=1) as progress:
        task = progress.add_task("no failure", total=asked.reads)
        for part in _parts(asked.seed, asked.reads):
            total.add(part)
            said = f"{len(total.failed)} failures" if total.failed else "no failure"
            progress.update(task, completed=total.reads, description=said)
            for seed, wrong in part.failed.items():
                progress.console.print(f"seed {seed}: {wrong}", markup=False)
                _write_down(asked.folder, seed)
            if len(total.failed) >= MOST_FAILURES:
                break
    _print(total, stopwatch() - started)
    return 1 if total.failed else 0


def _parts(first: int, reads: int) -> Iterator[Sum]:
    chunks = [
        range(first + start, first + min(start + CHUNK, reads)) for start in range(0, reads, CHUNK)
    ]
    workers = min(os.cpu_count() or 1, len(chunks))
    with multiprocessing.Pool(workers) as pool:
        yield from pool.imap_unordered(read_chunk, chunks)


def _write_down(folder: Path, seed: int) -> None:
    """The failing page, beside what was heard with it."""
    page, _ = seeded(seed, Reader.shipped())
    folder.mkdir(exist_ok=True)
    raw = page.raw if page.raw is not None else page.html.encode("utf-8", "surrogatepass")
    (folder / f"{seed}.html").write_bytes(raw)
    about = [f"case = {page.case!r}", f"kind = {page.kind!r}", f"url = {page.url!r}"]
    about += [f"heard: {each}" for each in page.heard]
    (folder / f"{seed}.txt").write_text("\n".join(about) + "\n", encoding="utf-8", errors="replace")


def _print(total: Sum, seconds: float) -> None:
    for outcome, number in sorted(total.outcomes.items()):
        print(f"{number:>9,}  {outcome}")
    print("made by: " + ", ".join(f"{name} {n:,}" for name, n in total.made.most_common()))
    wrong = list(total.failed.values())
    zeros = {
        "errors that are no page errors": sum(": " in each and "Error: " in each for each in wrong),
        "read as free and do not say so": sum("read as free" in each for each in wrong),
        "read as accepted and do not say so": sum("read as accepted" in each for each in wrong),
        "took more than 2 s": sum(": took" in each for each in wrong),
        f"processes over {MOST_MEGABYTES} MB": int(total.megabytes > MOST_MEGABYTES),
    }
    print("\n".join(f"{number:>9,}  {name}" for name, number in zeros.items()))
    print(
        f"{total.reads:,} reads, {len(total.failed)} broke a promise; {seconds / 60:.1f} min on "
        f"{os.cpu_count()} cores; the longest read {total.longest:.2f} s, "
        f"the largest process {total.megabytes:.0f} MB"
    )
    for seed in total.failed:
        print(f"again: PYTHONPATH=tests python -m fuzz --reads 1 --seed {seed}")


if __name__ == "__main__":
    sys.exit(main())
