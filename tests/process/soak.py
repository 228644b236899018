"""`make soak`: the plug is pulled until so many SIGKILLs are survived.

python -m process.soak [--kills N] [--each N] [--first SEED]
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from process.plug import Broken, Tally, live
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bot.clock import stopwatch


def main() -> int:
    """Exit code 1 if a promise did not hold."""
    asked = _arguments()
    started, total, broken, lives = stopwatch(), Tally(), 0, -(-asked.kills // asked.each)
    columns = (
        TextColumn("{task.completed} of {task.total} SIGKILLs"),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    seeds = range(asked.first, asked.first + lives)
    with (
        ProcessPoolExecutor(os.cpu_count()) as pool,
        Progress(*columns, console=Console(stderr=True)) as progress,
    ):
        task = progress.add_task("", total=asked.kills)
        for tally, why in pool.map(_live, seeds, [asked.each] * lives):
            total += tally
            broken += bool(why)
            if why:
                progress.console.print(why, markup=False)
            progress.update(task, completed=total.sigkills)
    _print(total, lives, broken, stopwatch() - started)
    return 1 if broken else 0


def _live(seed: int, kills: int) -> tuple[Tally, str]:
    """One life in a process of its own: what was survived, and the promise that was broken."""
    with TemporaryDirectory() as folder:
        try:
            return live(seed, Path(folder), kills), ""
        except Broken as broken:
            return Tally(), str(broken)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m process.soak")
    parser.add_argument("--kills", type=int, default=200, help="SIGKILLs of daemon or stint")
    parser.add_argument("--each", type=int, default=10, help="in one life")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    return parser.parse_args()


def _print(total: Tally, lives: int, broken: int, seconds: float) -> None:
    for name, number in total.blows.most_common():
        print(f"{number:5}  {name}")
    print(
        f"{total.sigkills} SIGKILLs of daemon or stint in {lives} lives, {total.open_} blows fell"
        f" while a send was under way, {total.sent} messages were delivered; {broken} lives broke a"
        f" promise; {seconds / 60:.1f} min on {os.cpu_count()} cores"
    )


if __name__ == "__main__":
    sys.exit(main())
