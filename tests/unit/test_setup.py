"""`init` and `check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli.doctor import doctor, doctor_command
from bot.cli.setup import check, check_command, init, init_command
from bot.config import load
from bot.errors import UsageError
from bot.model import CampaignState, Changes
from bot.places import SeatPaths
from bot.rules.sequence import template_hash
from bot.store.store import Store


def test_what_init_writes_is_in_order(tmp_path: Path) -> None:
    """A first `check` after `init` finds nothing wrong, and the example writes to nobody."""
    written = init(tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in written} == {
        "config.toml",
        "do-not-contact.csv",
        "seats/alice/campaigns/example.toml",
        "seats/alice/campaigns/example.csv",
    }
    assert check(tmp_path).faults == ()
    assert list(load(tmp_path).seats) == ["alice"]
    example = tmp_path / "seats/alice/campaigns/example.csv"
    assert len(example.read_text(encoding="utf-8").splitlines()) == 1


def test_init_never_overwrites(tmp_path: Path) -> None:
    """What is there stays as it is; only what is missing is written."""
    (tmp_path / "config.toml").write_text("mine", encoding="utf-8")
    assert tmp_path / "config.toml" not in init(tmp_path)
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == "mine"
    assert init(tmp_path) == []


def test_init_says_what_is_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A newcomer is led from one command to the next."""
    assert init_command(tmp_path, None) == 0
    out = capsys.readouterr().out
    assert f"wrote {tmp_path / 'config.toml'}" in out
    assert "leadwright check" in out


def test_init_into_a_file_is_refused(tmp_path: Path) -> None:
    """Exit 2 with the path, no stack trace."""
    (tmp_path / "home").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        init(tmp_path / "home")


def test_check_tells_everything_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """K5, L1, S3: configuration, list and campaigns, even while the configuration is wrong."""
    init(tmp_path)
    config, contacts = tmp_path / "config.toml", tmp_path / "do-not-contact.csv"
    campaign = SeatPaths(tmp_path, "alice").campaigns / "example.toml"
    for path, old, new in (
        (config, "inmails_per_day = 10", "inmails_per_day = 11"),
        (contacts, "note\n", "note\n,somebody,,,\n"),
        (campaign, "after_days = 5", "after_days = 2"),
    ):
        path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    assert check_command(tmp_path, as_json=True) == 2
    document = json.loads(capsys.readouterr().out)
    assert [(fault["place"], fault["key"]) for fault in document["faults"]] == [
        (str(config), "seats.alice.inmails_per_day"),
        (str(contacts), "line 2"),
        (str(campaign), "follow_up.1.after_days"),
    ]
    assert check_command(tmp_path, as_json=False) == 2
    assert "3 thing(s) to put right" in capsys.readouterr().out


def test_check_of_an_empty_home_leads_to_init(tmp_path: Path) -> None:
    """The one fault says what to do."""
    (fault,) = check(tmp_path).faults
    assert "leadwright init" in fault.allowed


def test_check_knows_what_was_sent(tmp_path: Path) -> None:
    """S5, S7: imported columns may be used, and used steps may not be removed."""
    init(tmp_path)
    paths = SeatPaths(tmp_path, "alice")
    campaign = paths.campaigns / "example.toml"
    text = campaign.read_text("utf-8").replace("Would a short call", "In {{ town }}, would a call")
    campaign.write_text(text, encoding="utf-8")
    assert [fault.found for fault in check(tmp_path).faults] == ["the variable town"]
    used = ((0, template_hash("sent before")), (4, template_hash("gone")))
    state = CampaignState("example", used=used, columns=("town",))
    with Store.open(paths.state) as store:
        store.commit(Changes(campaigns=(state,)))
    assert [fault.key for fault in check(tmp_path).faults] == ["follow_up.3"]


def test_doctor_says_what_the_machine_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A browser that is there is named; one that does not start is told with the next step."""
    init(tmp_path)
    browser = tmp_path / "chromium"
    monkeypatch.setenv("LEADWRIGHT_BROWSER__EXECUTABLE", str(browser))
    assert doctor_command(None, tmp_path, False, False) == 1
    assert "correct `executable`" in capsys.readouterr().out
    browser.write_text("#!/bin/sh\necho Chromium 150.0\n", encoding="utf-8")
    browser.chmod(0o755)
    found = doctor(tmp_path, "alice")
    assert (found.missing, found.code) == (0, 0)
    assert f"browser: {browser}" in map(str, found.machine)
    with pytest.raises(UsageError, match="no seat bob"):
        doctor_command("bob", tmp_path, False, False)
