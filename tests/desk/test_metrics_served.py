"""Numbers and health as they are served: to this machine, by its names, about every seat."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from desk.homes import CONFIG, Worked, empty
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from starlette.testclient import TestClient
from unit.scraped import read, scrape

from bot.clock import Clock
from bot.config import MetricsSettings
from bot.desk.security import Names
from bot.errors import UsageError, WorkFailed
from bot.metrics.serve import asked, metrics_app, prepare
from bot.model import Changes

HOST = "127.0.0.1:9464"


def visitor(home: Worked, clock: Clock | None = None, host: str = HOST) -> TestClient:
    names = Names.of("127.0.0.1", 9464, ("numbers.example",))
    return TestClient(metrics_app(home.home, names, clock or home.clock), base_url=f"http://{host}")


def pause(home: Worked) -> None:
    with home.store() as store:
        store.commit(Changes(seat=replace(store.seat(), paused=True)))


def test_what_is_served_is_what_is_printed(home: Worked) -> None:
    """In the text format, or as OpenMetrics for whoever asks for that."""
    client = visitor(home)
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert read(answer.text).samples == scrape(home.home, home.clock).samples
    modern = client.get("/metrics", headers={"accept": "application/openmetrics-text"})
    assert modern.headers["content-type"].startswith("application/openmetrics-text")
    assert len(list(text_string_to_metric_families(modern.text))) > 30


@pytest.mark.parametrize("path", ["/", "/metrics", "/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["evil.example:9464", "127.0.0.1", "127.0.0.1:80", "", "[::1"])
def test_a_name_that_is_not_ours_is_refused(home: Worked, path: str, host: str) -> None:
    """A page elsewhere may have its own name point here, and read what its browser fetches."""
    answer = visitor(home).get(path, headers={"host": host})
    assert answer.status_code == 421
    assert "leadwright_" not in answer.text


@pytest.mark.parametrize("host", [HOST, "LOCALHOST:9464", "[::1]:9464", "numbers.example:9464"])
def test_our_own_names_are_answered(home: Worked, host: str) -> None:
    """Those of this machine, and those that its owner configured."""
    assert visitor(home).get("/metrics", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_is_changed_here(home: Worked, method: str) -> None:
    """It is read, and no more."""
    assert visitor(home).request(method, "/metrics").status_code == 405


def test_a_seat_without_a_daemon_is_healthy_and_not_ready(home: Worked) -> None:
    """The line says what to do; with its daemon it is ready, asleep or not."""
    client = visitor(home)
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.text == "alice: NOT WELL, no daemon works it: `leadwright run alice`\n"
    with home.asleep():
        answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "alice: well, sleeping\n")


def test_a_halted_seat_is_not_ready(home: Worked) -> None:
    """L5: its kind is told, and never what the site's page said."""
    home.halt()
    with home.asleep():
        client = visitor(home)
        answer = client.get("/readyz")
        assert client.get("/healthz").status_code == 200
    assert answer.status_code == 503
    assert answer.text.startswith("alice: NOT WELL, halted (challenge)")
    assert "security check" not in answer.text


def test_a_paused_seat_is_ready(home: Worked) -> None:
    """It does what its owner asked for, and says so."""
    pause(home)
    with home.asleep():
        answer = visitor(home).get("/readyz")
    assert (answer.status_code, answer.text) == (200, "alice: well, sleeping, paused\n")


def test_one_broken_seat_is_named_among_others(home: Worked) -> None:
    """Each seat has its own line; one that is not well makes all of it not well."""
    (home.home / "config.toml").write_text(f"{CONFIG}[seats.bob]\n", encoding="utf-8")
    (home.home / "seats" / "bob").mkdir()
    (home.home / "seats" / "bob" / "state.sqlite").write_bytes(b"no state at all" * 999)
    with home.asleep():
        for path in ("/healthz", "/readyz"):
            answer = visitor(home).get(path)
            lines = answer.text.splitlines()
            assert answer.status_code == 503
            assert lines[0] == "alice: well, sleeping"
            assert lines[1].startswith("bob: NOT WELL, its state cannot be read")


def test_a_wrong_configuration_is_neither_healthy_nor_ready(home: Worked) -> None:
    """The line leads to what is wrong, and quotes none of it."""
    (home.home / "config.toml").write_text('[seats.alice]\nsecret = "hunter2"\n', encoding="utf-8")
    for path in ("/healthz", "/readyz"):
        answer = visitor(home).get(path)
        assert answer.status_code == 503
        assert answer.text == "the configuration is wrong: `leadwright check` tells where\n"


def test_a_home_without_seats_is_well(tmp_path: Path) -> None:
    """There is nothing that could not be worked."""
    answer = visitor(empty(tmp_path, config="")).get("/readyz")
    assert (answer.status_code, answer.text) == (200, "no seats yet\n")


def test_others_come_in_only_where_that_is_meant() -> None:
    """An address that they can reach needs a word in the configuration, also from --host."""
    own = MetricsSettings()
    assert asked(own, "::1", 0) == MetricsSettings("::1", 0)
    with pytest.raises(UsageError, match="open_to_network = true"):
        asked(own, "0.0.0.0", None)
    opened = MetricsSettings(open_to_network=True)
    assert asked(opened, "0.0.0.0", 7).host == "0.0.0.0"


def test_a_port_that_is_taken_is_said(home: Worked) -> None:
    """With the way out."""
    place = prepare(home.home, MetricsSettings(port=0), home.clock)
    taken = int(place.address.rpartition(":")[2])
    try:
        with pytest.raises(WorkFailed, match="choose another --port"):
            prepare(home.home, MetricsSettings(port=taken), home.clock)
    finally:
        place.listener.close()
