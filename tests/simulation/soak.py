"""`make soak`: lives from seeds until so many crashes are survived, at every point often enough.

python -m simulation.soak [--crashes N] [--each N] [--first SEED]   many lives, on all cores
python -m simulation.soak --seed SEED                               one life again
python -m simulation.soak --breaks                                  within how many seeds each
break of the code is caught
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from simulation.breaks import BREAKS, broken
from simulation.fuse import Broken
from simulation.seeded import Life

from bot.clock import stopwatch

OFTEN = 0.05
ON_FILE = 8  # each eighth life is lived on a file, the others in memory


@dataclass(frozen=True)
class Lived:
    """What one life went through; `broken` is the promise that did not hold."""

    seed: int
    struck: Counter[str]
    open_: Counter[str]
    broken: str = ""


@dataclass
class Sum:
    """All lives together. `each`: what every point with an attempt open must have seen."""

    crashes: int
    each: int
    lives: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    open_: Counter[str] = field(default_factory=Counter)
    failed: list[Lived] = field(default_factory=list)

    def add(self, lived: Lived) -> None:
        """Take in one life."""
        self.lives += 1
        self.struck += lived.struck
        self.open_ += lived.open_
        if lived.broken:
            self.failed.append(lived)

    @property
    def is_enough(self) -> bool:
        """Whether both bounds are reached, or there is a failure to look at."""
        rarest = min(self.open_.values(), default=0)
        many = self.struck.total() >= self.crashes and rarest >= self.each
        return many or len(self.failed) >= 3


def live(seed: int) -> Lived:
    """One life, in a process of its own."""
    with TemporaryDirectory() as folder:
        life = Life(seed, Path(folder) if seed % ON_FILE == 0 else None, crashes=OFTEN)
        try:
            life.live()
        except Broken as error:
            return Lived(seed, life.fuse.struck, life.fuse.open_, str(error))
    return Lived(seed, life.fuse.struck, life.fuse.open_)


def main() -> int:
    """Exit code 1 if a promise did not hold, or a break was not caught."""
    asked = _arguments()
    if asked.seed is not None:
        Life(asked.seed, crashes=asked.often, early=asked.early).live()
        print(f"seed {asked.seed} keeps every promise")
        return 0
    return _breaks() if asked.breaks else _many(asked.first, asked.crashes, asked.each)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulation.soak")
    parser.add_argument("--crashes", type=int, default=100_000)
    parser.add_argument("--each", type=int, default=1_000, help="at each point, an attempt open")
    parser.add_argument("--first", type=int, default=1_000_000, help="the first seed")
    parser.add_argument("--seed", type=int, help="one life again")
    parser.add_argument(
        "--often", type=float, default=OFTEN, help="the chance of a crash at a point"
    )
    parser.add_argument(
        "--early", action="store_true", help="a life of before there were replies and strokes"
    )
    parser.add_argument("--breaks", action="store_true", help="break the code")
    return parser.parse_args()


def _many(first: int, crashes: int, each: int) -> int:
    started, total = stopwatch(), Sum(crashes, each)
    columns = (
        TextColumn("{task.completed} of {task.total} crashes, {task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("0 lives", total=crashes)
        for lived in _lives(first, total):
            progress.update(
                task, completed=total.struck.total(), description=f"{total.lives} lives"
            )
            if lived.broken:
                progress.console.print(lived.broken)
    _print(total, stopwatch() - started)
    return 1 if total.failed else 0


def _lives(first: int, total: Sum) -> Iterator[Lived]:
    """Lives as they end, until there are enough; those that have begun are lived to the end."""
    workers = os.cpu_count() or 1
    with ProcessPoolExecutor(workers) as pool:
        seeds = count(first)
        running: set[Future[Lived]] = {pool.submit(live, next(seeds)) for _ in range(2 * workers)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for each in done:
                total.add(each.result())
                yield each.result()
                if not total.is_enough:
                    running.add(pool.submit(live, next(seeds)))


def _print(total: Sum, seconds: float) -> None:
    grid = Table("point", "crashes", "with an attempt open", show_edge=False)
    for point, number in total.struck.most_common():
        grid.add_row(point, str(number), str(total.open_[point]))
    Console().print(grid)
    rarest = min(total.open_.values(), default=0)
    print(f"at each of {len(total.open_)} points at least {rarest} with an attempt open")
    print(
        f"{total.struck.total()} crashes in {total.lives} lives, {len(total.failed)} of which broke"
        f" a promise; {seconds / 60:.1f} min on {os.cpu_count()} cores"
    )


def _breaks() -> int:
    grid, missed = Table("break", "caught by", "as", show_edge=False), 0
    for which in BREAKS:
        seed, told = _caught(which.name)
        missed += seed is None
        grid.add_row(which.name, f"seed {seed}" if seed is not None else "NOT CAUGHT", told)
    Console(width=150).print(grid)
    print(f"{len(BREAKS) - missed} of {len(BREAKS)} breaks are caught")
    return 1 if missed else 0


def _caught(name: str) -> tuple[int | None, str]:
    which = next(each for each in BREAKS if each.name == name)
    with broken(which):
        for seed in range(200):
            try:
                Life(seed, crashes=OFTEN).live()
            except Exception as error:  # noqa: BLE001  however it comes to light
                return seed, str(error).partition(": ")[2].partition(":")[0] or repr(error)[:60]
    return None, ""


if __name__ == "__main__":
    sys.exit(main())
