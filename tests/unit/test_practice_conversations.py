"""The practice site's inbox: threads kept in order show what a look at all of them would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.practice.conversations import Thread, Threads
from bot.practice.people import Label, Person, PersonKind
from bot.practice.records import By, InboxShown, ThreadMessage, ThreadShown

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FILTERS = ("UNREAD", "DECLINED", "ACCEPTED", "AWAITING", "UNHEARD-OF")
PEOPLE = [
    Person(
        id=f"ACwAA{number}",
        name=f"Ada Invented{number}",
        title="Founder",
        company="Acorn Invented Labs",
        location="Port Sample",
        headline="Founder",
        degree=2,
        kind=PersonKind.FREE,
        plan=(),
    )
    for number in range(4)
]


@dataclass(frozen=True)
class Said:
    """An entry that is made so many minutes later, and shows so many minutes after that."""

    person: int
    later: int
    lag: int
    by: By
    label: Label | None


@dataclass(frozen=True)
class Look:
    """A page of the inbox; the first thread on it may be opened."""

    later: int
    start: int
    size: int
    only: str
    opens: bool


STEPS = st.one_of(
    st.builds(
        Said,
        st.integers(0, 3),
        st.sampled_from((0, 0, 1)),
        st.sampled_from((0, 1, 9)),
        st.sampled_from(By),
        st.none() | st.sampled_from(Label),
    ),
    st.builds(
        Look,
        st.sampled_from((0, 1)),
        st.sampled_from((0, 0, 2)),
        st.integers(0, 4),
        st.sampled_from(("", *FILTERS)),
        st.booleans(),
    ),
)


def passes(thread: ThreadShown, only: str) -> bool:
    labels = [message.label for message in thread.messages if message.label is not None]
    return {
        "UNREAD": thread.unread > 0,
        "DECLINED": labels[-1:] == [Label.DECLINED],
        "ACCEPTED": labels[-1:] == [Label.ACCEPTED],
        "AWAITING": all(message.mine for message in thread.messages),
    }.get(only, True)


def look_at_all(threads: dict[str, Thread], now: datetime, look: Look) -> InboxShown:
    """All threads that show something, sorted, filtered and cut."""
    shown = [found for thread in threads.values() if (found := thread.shown(now)) is not None]
    shown.sort(key=lambda thread: (thread.messages[-1].at, thread.id), reverse=True)
    chosen = [thread for thread in shown if passes(thread, look.only)]
    return InboxShown(tuple(chosen[look.start : look.start + look.size]), len(chosen))


def say(threads: Threads, said: Said, now: datetime, number: int) -> Thread:
    """Put an entry in a person's thread, as the site does."""
    thread = threads.with_person(PEOPLE[said.person])
    shows = now + said.lag * MINUTE
    entry = ThreadMessage(str(number), now, said.by, "MESSAGE", None, "Hi", said.label, shows)
    threads.add(thread, entry)
    return thread


@given(st.lists(STEPS, max_size=30))
@settings(max_examples=300, deadline=None)
def test_the_inbox_is_what_a_look_at_all_threads_gives(steps: list[Said | Look]) -> None:
    """After any entries, shown at once or late, each page is that of all threads, newest first."""
    threads, naive, now = Threads(seed=5), dict[str, Thread](), START
    for number, step in enumerate(steps):
        now += step.later * MINUTE
        if isinstance(step, Said):
            thread = say(threads, step, now, number)
            naive[thread.id] = thread
            continue
        shown = threads.shown(now, step.start, step.size, step.only)
        assert shown == look_at_all(naive, now, step)
        for opened in shown.threads[: step.opens]:
            naive[opened.id].read(opened)
