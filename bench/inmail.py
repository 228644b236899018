"""One InMail by the agent beside one by a bare script: same site, same clicks, same run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from bench.agent import agent
from bench.bare import bare_script
from bench.letters import Addressee, Proof
from bench.timing import Goal, Report, Series, ratio
from bot.browser_finder import find
from bot.clock import SimulatedClock
from bot.practice.people import PersonKind
from bot.practice.scenario import load
from bot.practice.server import Running, start

SCENARIO = "bench"
BARE = "bare script"
WITHOUT = "agent, without the balance proof"
HEARD = "agent, balance heard from the page"
INBOX = "agent, balance read in the inbox"
SIDES = ((BARE, Proof.NONE), (WITHOUT, Proof.NONE), (HEARD, Proof.HEARD), (INBOX, Proof.INBOX))
WARM_UPS = 1
PATIENCE_SECONDS = 60.0

METHOD = (
    "{runs} runs each, in turn; practice site `bench` without delays in a process of its "
    "own; free and credit people by turns on every side, everyone written to once; the same "
    "browser binary, headless, a profile each; {warm_ups} warm-up each. The bare script does the "
    "same clicks and reads name, degree, addressee, credit line and the sent message. The agent's "
    "time is from the planned action to the settled attempt on disk, evidence kept."
)


class _Side(Protocol):
    def write(self, to: Addressee, proof: Proof) -> float: ...


def measure(runs: int) -> Report:
    """Compare both sides. Raises ValueError if the scenario has too few people for *runs*."""
    with start(SCENARIO) as site, TemporaryDirectory() as folder:
        rounds = _rounds(site, runs + WARM_UPS)
        times = _race(site, Path(folder), rounds)
        _check(site, [to for each in rounds for to in each])
    series = {
        name: Series(name, tuple(row[at] for row in times[WARM_UPS:]))
        for at, (name, _) in enumerate(SIDES)
    }
    return Report(
        "One InMail",
        METHOD.format(runs=runs, warm_ups=WARM_UPS),
        tuple(series.values()),
        (
            Goal("without the balance proof, to the bare", ratio(series[WITHOUT], series[BARE]), 1),
            Goal("balance heard, to the bare", ratio(series[HEARD], series[BARE]), 1.15),
            Goal("balance from the inbox, to the bare", ratio(series[INBOX], series[BARE])),
        ),
    )


def _rounds(site: Running, rounds: int) -> list[tuple[Addressee, ...]]:
    """For each round one person for each side, all of a kind; kinds by turns."""
    people = load(SCENARIO).people
    queues = {
        kind: [person for person in people if person.kind is kind]
        for kind in (PersonKind.CREDIT, PersonKind.FREE)
    }
    chosen = []
    for number in range(rounds):
        queue = queues[(PersonKind.CREDIT, PersonKind.FREE)[number % 2]]
        if len(queue) < len(SIDES):
            raise ValueError(f"the scenario has people for {number - WARM_UPS} runs only")
        some = [queue.pop(0) for _ in SIDES]
        chosen.append(tuple(_addressee(site, person.id, person.name) for person in some))
    return chosen


def _addressee(site: Running, lead_id: str, name: str) -> Addressee:
    token = site.ask(lambda world: world.token("", lead_id))
    return Addressee(lead_id, name, token, f"{site.url}/sales/lead/{lead_id},NAME_SEARCH,{token}")


def _race(
    site: Running, folder: Path, rounds: Sequence[tuple[Addressee, ...]]
) -> list[tuple[float, ...]]:
    """Let the sides write in turn; return the seconds of each round, by side."""
    executable = find()
    clock = SimulatedClock(site.ask(lambda world: world.now))
    script = partial(bare_script, folder / "bare", executable)
    ours = partial(agent, folder / "home", executable, site.url, clock)
    with _worker(script) as theirs, _worker(ours) as mine:
        workers = [theirs if name == BARE else mine for name, _ in SIDES]
        return [
            tuple(
                worker(to, proof)
                for worker, to, (_, proof) in zip(workers, people, SIDES, strict=True)
            )
            for people in rounds
        ]


@contextmanager
def _worker(
    side: Callable[[], AbstractContextManager[_Side]],
) -> Iterator[Callable[[Addressee, Proof], float]]:
    """A side in a process of its own: neither the site nor the other takes its time."""
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_serve, args=(side, there), daemon=False)
    process.start()
    there.close()

    def write(to: Addressee, proof: Proof) -> float:
        here.send((to, proof))
        if not here.poll(PATIENCE_SECONDS):
            raise TimeoutError(f"nothing was heard for {PATIENCE_SECONDS:.0f} s")
        return float(here.recv())

    try:
        yield write
    finally:
        here.close()
        process.join()


def _serve(side: Callable[[], AbstractContextManager[_Side]], asked: Connection) -> None:
    """Write what is asked for until nobody asks any more."""
    with side() as writer:
        while True:
            try:
                to, proof = asked.recv()
            except EOFError:
                return
            asked.send(writer.write(to, proof))


def _check(site: Running, people: Sequence[Addressee]) -> None:
    """A time counts only if the site took every InMail, once."""
    got = Counter(delivery.lead_id for delivery in site.truth().deliveries)
    if got != Counter(to.id for to in people):
        raise RuntimeError(f"{len(people)} people, but the site took {got.total()} InMails")
