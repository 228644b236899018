"""`leadwright metrics` as a process, and `inbox` among many answers."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta

import httpx
from cli.user import SEAT, User
from unit.scraped import read

from bot.model import Answer, Changes, Enrolment, Lead
from bot.store.store import Store

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def answered(user: User, many: int) -> None:
    """Let so many leads have answered, the last one the newest, the first to be checked."""
    with Store.open(user.seat / "state.sqlite") as store:
        for number in range(many):
            at = AT + timedelta(minutes=number)
            check = number == 0
            answer = Answer("own-words", "unknown", "A5", True, "stops", True, check, at, "Yes")
            name = f"Invented {number:03}"
            store.commit(
                Changes(
                    leads=(Lead(f"L{number}", name),),
                    enrolments=(
                        Enrolment(
                            f"autumn/L{number}", f"L{number}", "autumn", number, answer=answer
                        ),
                    ),
                )
            )


def test_the_metrics_are_printed_once(user: User) -> None:
    """On stdout, and nothing else there: a file of it is what the textfile collector reads."""
    user.settle_in("http://127.0.0.1:9")
    said = user.run("metrics", "--print")
    assert (said.code, said.err) == (0, "")
    assert read(said.out).get("seat_readable") == 1


def test_they_are_served_until_somebody_stops_it(user: User) -> None:
    """The address is told first; a signal ends it with exit code 0."""
    user.settle_in("http://127.0.0.1:9")
    serving = user.start("metrics", "--port", "0")
    assert serving.stdout is not None
    address = serving.stdout.readline().partition("/metrics")[0]
    try:
        answer = httpx.get(f"{address}/metrics")
        assert answer.status_code == 200
        assert read(answer.text).get("seat_readable") == 1
        assert httpx.get(f"{address}/readyz").status_code == 503
        assert httpx.get(f"{address}/healthz").status_code == 200
    finally:
        serving.send_signal(signal.SIGTERM)
        out, err = serving.communicate(timeout=20)
    assert "Traceback" not in out + err


def test_an_address_that_others_can_reach_is_refused(user: User) -> None:
    """Exit 2, with the key that would allow it."""
    user.settle_in("http://127.0.0.1:9")
    message = user.run("metrics", "--host", "0.0.0.0").complains(2)
    assert "open_to_network = true" in message


def test_a_wrong_configuration_is_told_with_every_fault(user: User) -> None:
    """Exit 2, as with every command."""
    user.settle_in("http://127.0.0.1:9", more="inmails_per_day = 11\n[metrics]\nport = 70000\n")
    message = user.run("metrics").complains(2)
    assert "inmails_per_day" in message
    assert "metrics.port" in message


def test_the_inbox_shows_the_first_fifty_and_says_how_many_there_are(user: User) -> None:
    """Those to check first, then the newest; `--most` shows more, `--json` has all."""
    user.settle_in("http://127.0.0.1:9")
    answered(user, 120)
    shown = user.run("inbox", SEAT).out
    assert shown.count("Invented") == 50
    assert "50 of 120 answers" in shown
    rows = [line for line in shown.splitlines() if "Invented" in line]
    assert "Invented 000" in rows[0]
    assert "Invented 119" in rows[1]
    assert user.run("inbox", SEAT, "--most", "0").out.count("Invented") == 120
    few = user.run("inbox", SEAT, "--all", "--most", "3").out
    assert (few.count("Invented"), "3 of 120" in few) == (3, True)
    assert "Invented 000" in few
    items = user.run("inbox", SEAT, "--json").document["items"]
    assert [item["name"] for item in items[:2]] == ["Invented 000", "Invented 119"]
    assert len(items) == 120
