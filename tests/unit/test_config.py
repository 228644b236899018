"""config.toml and the environment over it."""

from __future__ import annotations

import os
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import is_local, load
from bot.configfile import ConfigFile, open_hours
from bot.errors import Fault, UsageError
from bot.lock import FD_VARIABLE
from bot.places import SeatPaths, home_folder
from bot.policy import CreditPolicy, RetentionPolicy, SeatPolicy
from bot.tomltext import line_of

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
SEAT = "[seats.alice]\n"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own LEADWRIGHT_ variables are none of a test's business."""
    for name in list(os.environ):
        if name.startswith("LEADWRIGHT_"):
            monkeypatch.delenv(name)


def home(folder: Path, text: str) -> Path:
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path, text: str) -> dict[str, Fault]:
    with pytest.raises(UsageError) as caught:
        load(home(folder, text))
    assert caught.value.exit_code == 2
    return {fault.key: fault for fault in caught.value.faults}


# --- what is right ------------------------------------------------------------------------------


def test_the_example_shows_every_key_with_its_default(tmp_path: Path) -> None:
    """config.example.toml loads, gives the defaults, and leaves no key out."""
    text = EXAMPLE.read_text(encoding="utf-8")
    settings = load(home(tmp_path, text))
    bare = load(home(tmp_path, SEAT))
    assert settings == bare
    tables = ConfigFile.model_fields
    seat = tables["seats"].annotation.__args__[1]  # type: ignore[union-attr]
    credit_keys = set(seat.model_fields["credits"].annotation.model_fields)
    evidence_keys = set(tables["evidence"].annotation.model_fields)  # type: ignore[union-attr]
    desk_keys = set(tables["desk"].annotation.model_fields)  # type: ignore[union-attr]
    desk_keys |= set(tables["metrics"].annotation.model_fields)  # type: ignore[union-attr]
    notify_keys = set(tables["notify"].annotation.model_fields)  # type: ignore[union-attr]
    retention_keys = set(tables["retention"].annotation.model_fields)  # type: ignore[union-attr]
    headings = ("site", "browser", "evidence", "desk", "metrics", "notify", "seats", "credits")
    keys = {*tables, *seat.model_fields, *credit_keys, *evidence_keys, *desk_keys, *notify_keys}
    keys |= retention_keys
    headings += ("retention",)
    for key in keys:
        assert f"{key} =" in text or key in headings


def test_the_files_that_init_writes_are_the_examples() -> None:
    """One configuration is shown, in the repository and by `init`."""
    template = Path(__file__).parents[2] / "bot" / "templates" / "config.toml"
    assert EXAMPLE.read_text(encoding="utf-8") == template.read_text(encoding="utf-8")


def test_the_desk_is_opened_to_others_by_a_word_of_its_own(tmp_path: Path) -> None:
    """An address that other machines can reach is refused as long as nobody says it is meant."""
    with pytest.raises(UsageError) as refused:
        load(home(tmp_path, '[desk]\nhost = "0.0.0.0"\n' + SEAT))
    assert "open_to_network = true" in str(refused.value.faults[0])
    opened = '[desk]\nhost = "0.0.0.0"\nopen_to_network = true\nnames = ["desk.example"]\n'
    assert load(home(tmp_path, opened + SEAT)).desk.names == ("desk.example",)
    assert load(home(tmp_path, '[desk]\nhost = "::1"\n' + SEAT)).desk.host == "::1"
    with pytest.raises(UsageError):
        load(home(tmp_path, '[desk]\nhost = "example.com"\n' + SEAT))


def test_every_value_arrives(tmp_path: Path) -> None:
    """A seat's table becomes its policy; a relative team file lies in the home."""
    text = """
[site]
base_url = "http://127.0.0.1:8080/"
[browser]
executable = "/opt/chrome"
headless = false
[seats.bob_2]
owner_first_name = " Bob "
timezone = "Europe/Paris"
working_days = ["sat", "mon"]
working_hours = "08:15-24:00"
inmails_per_day = 3
messages_per_day = 4
pause_seconds = [0, 0]
lead_pages_per_day = 5
holidays = "FR"
ramp = [1, 10]
read_inbox_minutes = 15
first_degree = "message"
order = "free-first"
team_file = "team.sqlite"
[seats.bob_2.credits]
monthly = 10
cap = 20
days = 90
reserve = 0
renewal_day = 31
renewal_timezone = "America/New_York"
refund_on = "any-answer"
"""
    settings = load(home(tmp_path, text))
    seat = settings.seat("bob_2")
    assert settings.site.base_url == "http://127.0.0.1:8080"
    assert (settings.browser.executable, settings.browser.headless) == ("/opt/chrome", False)
    assert seat == SeatPolicy(
        name="bob_2",
        hours=seat.hours,
        owner_first_name="Bob",
        inmails_per_day=3,
        messages_per_day=4,
        pause_seconds=(0, 0),
        lead_pages_per_day=5,
        ramp=(1, 10),
        read_inbox_minutes=15,
        first_degree="message",
        order="free-first",
        team_file=str(tmp_path / "team.sqlite"),
        credits=CreditPolicy(10, 20, None, 90, 0, 31, ZoneInfo("America/New_York"), "any-answer"),
    )
    assert seat.hours.days == {0, 5}
    assert (seat.hours.opens, seat.hours.closes) == (time(8, 15), time.max)
    assert (seat.hours.zone.key, seat.hours.holidays) == ("Europe/Paris", "FR")


def test_days_take_the_place_of_months(tmp_path: Path) -> None:
    """C3: a life in days switches the default of three months off."""
    seat = load(home(tmp_path, SEAT)).seat("alice")
    assert (seat.credits.months, seat.credits.days) == (3, None)
    seat = load(home(tmp_path, f"{SEAT}[seats.alice.credits]\ndays = 90")).seat("alice")
    assert (seat.credits.months, seat.credits.days) == (None, 90)


def test_an_unknown_seat_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    """A slip in a seat's name costs no search."""
    with pytest.raises(UsageError, match=r"no seat bob .* there is alice"):
        load(home(tmp_path, SEAT)).seat("bob")


# --- what is wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("inmails_per_day = 11", "inmails_per_day"),
        ("inmails_per_day = 0", "inmails_per_day"),
        ("inmails_per_day = true", "inmails_per_day"),
        ("inmails_per_day = 3.5", "inmails_per_day"),
        ("inmails_per_day = 3.0", "inmails_per_day"),
        ('inmails_per_day = "10"', "inmails_per_day"),
        ('ramp = [3, "4"]', "ramp.2"),
        ('pause_seconds = "[0, 1]"', "pause_seconds"),
        ("owner_first_name = 3", "owner_first_name"),
        ('[seats.alice.credits]\nreserve = "1"', "credits.reserve"),
        ("messages_per_day = -1", "messages_per_day"),
        ('working_days = ["monday"]', "working_days.1"),
        ("working_days = []", "working_days"),
        ('working_days = "mon"', "working_days"),
        ('working_hours = "9-17"', "working_hours"),
        ('working_hours = "17:30-09:00"', "working_hours"),
        ('working_hours = "09:00-09:00"', "working_hours"),
        ('timezone = "Europe/Atlantis"', "timezone"),
        ('timezone = "../../etc/passwd"', "timezone"),
        ('timezone = "Europe"', "timezone"),
        ('holidays = "Atlantis"', "holidays"),
        ("pause_seconds = [180, 40]", "pause_seconds"),
        ("pause_seconds = [-1, 40]", "pause_seconds.1"),
        ("pause_seconds = [40]", "pause_seconds.2"),
        ("ramp = [3, 11]", "ramp.2"),
        ('first_degree = "maybe"', "first_degree"),
        ('order = "newest"', "order"),
        ("inmails_a_day = 3", "inmails_a_day"),
        ("[seats.alice.credits]\nrenewal_day = 32", "credits.renewal_day"),
        ('[seats.alice.credits]\nrefund_on = "never"', "credits.refund_on"),
        ("[seats.alice.credits]\nmonths = 3\ndays = 90", "credits.days"),
    ],
)
def test_a_wrong_value_is_told_with_its_line(tmp_path: Path, line: str, key: str) -> None:
    """L1, L3, L4, C1, C3, K4, K7: the key, its line, and what is allowed instead."""
    found = faults(tmp_path, SEAT + line)
    assert list(found) == [f"seats.alice.{key}"]
    fault = found[f"seats.alice.{key}"]
    assert fault.place == str(tmp_path / "config.toml")
    assert fault.line == (SEAT + line).count("\n") + 1
    assert "Input" not in fault.allowed
    assert fault.found


def test_a_number_in_quotes_is_told_as_a_text(tmp_path: Path) -> None:
    """What stands there looks like what is allowed; the message says what the difference is."""
    found = faults(tmp_path, '[browser]\nheadless = "no"\n[seats.alice]\ninmails_per_day = "10"')
    assert found["browser.headless"].found == 'the text "no"'
    fault = found["seats.alice.inmails_per_day"]
    assert str(fault).startswith(f"{tmp_path / 'config.toml'}:4: ")
    assert (fault.found, fault.allowed) == ('the text "10"', "a whole number from 1 to 10 (L1)")


@pytest.mark.parametrize(
    "url",
    [
        "www.linkedin.com",
        "ftp://x",
        "https://",
        "https://x/sales",
        "https://me@x",
        "",
        "http://x:abc",
        "http://127.0.0.1:99999",
        "http://a b",
        "http://x/?",
        "http://x#",
        "http://[",
    ],
)
def test_a_base_url_is_a_scheme_and_a_host(tmp_path: Path, url: str) -> None:
    """Paths are ours to add."""
    assert list(faults(tmp_path, f'[site]\nbase_url = "{url}"')) == ["site.base_url"]


@pytest.mark.parametrize("name", ["Alice", "a b", "../x", "é", "a" * 65])
def test_a_seat_name_is_safe_as_a_folder(tmp_path: Path, name: str) -> None:
    """A seat's name becomes a path."""
    assert list(faults(tmp_path, f'[seats."{name}"]')) == [f"seats.{name}"]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """The owner corrects the file once, not once for each fault."""
    text = 'sight = 1\n[site]\nbase_url = "x"\n[seats.alice]\ninmails_per_day = 11\norder = "x"\n'
    found = faults(tmp_path, text)
    assert {fault.line for fault in found.values()} == {1, 3, 5, 6}
    assert "did you mean site?" in found["sight"].allowed


def test_a_file_that_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    """A slip of the pen is found in the file, not in a stack trace."""
    assert faults(tmp_path, "[site]\nbase_url = = 3\n")["-"].line == 2


def test_a_file_of_another_encoding_is_told(tmp_path: Path) -> None:
    """TOML is UTF-8; with a byte order mark it is read all the same."""
    (tmp_path / "config.toml").write_bytes("[seats.alice]\n# für".encode("cp1252"))
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert "UTF-8" in caught.value.faults[0].allowed
    (tmp_path / "config.toml").write_bytes("\ufeff[seats.alice]".encode())
    assert list(load(tmp_path).seats) == ["alice"]


def test_without_a_file_the_next_step_is_told(tmp_path: Path) -> None:
    """A first start leads to `init`."""
    with pytest.raises(UsageError, match="leadwright init"):
        load(tmp_path)


# --- the environment ----------------------------------------------------------------------------


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sections are joined by two underscores, lists are JSON, the rest of the file stays."""
    monkeypatch.setenv("LEADWRIGHT_SITE__BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("LEADWRIGHT_BROWSER__HEADLESS", "false")
    monkeypatch.setenv("LEADWRIGHT_SEATS__ALICE__INMAILS_PER_DAY", "4")
    monkeypatch.setenv("LEADWRIGHT_SEATS__ALICE__PAUSE_SECONDS", "[0, 1]")
    monkeypatch.setenv("LEADWRIGHT_SEATS__ALICE__CREDITS__DAYS", "90")
    monkeypatch.setenv("LEADWRIGHT_SEATS__ALICE__EVIDENCE__KEEP_DAYS", "30")
    monkeypatch.setenv("LEADWRIGHT_METRICS__PORT", "9999")
    monkeypatch.setenv("LEADWRIGHT_HOME", str(tmp_path))
    text = f"{SEAT}inmails_per_day = 9\nlead_pages_per_day = 7\n[seats.alice.credits]\nmonths = 3"
    settings = load(home(tmp_path, text))
    seat = settings.seat("alice")
    assert settings.site.base_url == "http://127.0.0.1:9"
    assert not settings.browser.headless
    assert (seat.inmails_per_day, seat.lead_pages_per_day) == (4, 7)
    assert seat.pause_seconds == (0, 1)
    assert (seat.credits.months, seat.credits.days) == (None, 90)
    assert (seat.evidence.keep_days, settings.metrics.port) == (30, 9999)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LEADWRIGHT_SEATS__ALICE__INMAILS_PER_DAY", "11"),
        ("LEADWRIGHT_SEATS__ALICE__INMAILS_A_DAY", "3"),
        ("LEADWRIGHT_SEATS__ALICE__WORKING_DAYS", "mon"),
        ("LEADWRIGHT_SEATS__ALICE__RAMP", "[3, 11]"),
        ("LEADWRIGHT_SIGHT__BASE_URL", "http://x"),
        ("LEADWRIGHT_SITE", "x"),
        ("LEADWRIGHT_SITE_BASE_URL", "http://x"),
        ("LEADWRIGHT_SEATS__ALCIE__INMAILS_PER_DAY", "3"),
        ("LEADWRIGHT_SEATS__ALCIE__INMAILS_PER_DAY", "33"),
        ("LEADWRIGHT_SEATS__ALICE", "x"),
        ("LEADWRIGHT_SEATS__ALICE__INMAILS_PER_DAY", "3.0"),
        ("LEADWRIGHT_BROWSER__HEADLESS", "perhaps"),
        ("LEADWRIGHT_VERBOSE", "1"),
    ],
)
def test_a_wrong_variable_is_told_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """The place of a fault is where the owner can mend it."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError) as caught:
        load(home(tmp_path, SEAT))
    assert [(fault.place, fault.key) for fault in caught.value.faults] == [
        ("the environment", variable)
    ]


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("LEADWRIGHT_SITE_BASE_URL", "LEADWRIGHT_SITE__BASE_URL"),
        ("LEADWRIGHT_SEATS__ALCIE__RAMP", "LEADWRIGHT_SEATS__ALICE__RAMP"),
        ("LEADWRIGHT_HOEM", "LEADWRIGHT_HOME"),
    ],
)
def test_a_misspelt_variable_is_told_with_the_right_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, meant: str
) -> None:
    """What is not understood would be ignored, and the owner would take it for done."""
    monkeypatch.setenv(variable, "1")
    with pytest.raises(UsageError) as caught:
        load(home(tmp_path, SEAT))
    (fault,) = caught.value.faults
    assert f"did you mean {meant}?" in fault.allowed


def test_the_programs_own_variables_are_no_mistakes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The home, and the lock that a daemon hands to its stint."""
    monkeypatch.setenv("LEADWRIGHT_HOME", str(tmp_path))
    monkeypatch.setenv(FD_VARIABLE, "3")
    assert list(load(home(tmp_path, SEAT)).seats) == ["alice"]


# --- places -------------------------------------------------------------------------------------


def test_the_home_is_the_option_else_the_environments_else_the_platforms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--home, then LEADWRIGHT_HOME, then the platform's place; always absolute."""
    assert home_folder().is_absolute()
    monkeypatch.setenv("LEADWRIGHT_HOME", str(tmp_path / "a"))
    assert home_folder() == tmp_path / "a"
    assert home_folder(tmp_path / "b") == tmp_path / "b"


def test_a_seat_keeps_its_things_in_its_folder(tmp_path: Path) -> None:
    """interface.md: HOME/seats/<seat>/, the campaigns among them."""
    paths = SeatPaths(tmp_path, "alice")
    folder = tmp_path / "seats" / "alice"
    own = [paths.state, paths.lock, paths.evidence, paths.logs, paths.orders, paths.profile]
    assert {path.parent for path in own} == {folder}
    assert paths.campaigns == folder / "campaigns"


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.9.9.9", True),
        ("http://localhost:1", True),
        ("http://[::1]:8000", True),
        ("https://www.linkedin.com", False),
        ("http://192.168.0.1", False),
        ("http://0.0.0.0:80", False),
        ("http://localhost.example", False),
        ("http://127.0.0.1.example", False),
    ],
)
def test_only_loopback_is_this_machine(url: str, local: bool) -> None:
    """`--at` is refused unless the site is on this machine."""
    assert is_local(url) is local


@given(st.times(), st.times())
def test_working_hours_open_before_they_close(first: time, second: time) -> None:
    """L3: hours that end before they begin are refused, all others are taken as they are."""
    text = f"{first:%H:%M}-{second:%H:%M}"
    whole = [time(moment.hour, moment.minute) for moment in (first, second)]
    if whole[0] < whole[1]:
        assert open_hours(text) == tuple(whole)
    else:
        with pytest.raises(ValueError, match="HH:MM"):
            open_hours(text)


def test_a_key_is_found_in_its_own_table() -> None:
    """The line is that of the key, not of another of the same name or of a text."""
    text = 'body = """\n[a]\nkey = 1\n"""\n[a]\nother = 2\n[[b]]\nkey = 3\n[[b]]\n"key" = 4\n'
    assert line_of(text, ("a", "key")) == 5
    assert line_of(text, ("a", "other")) == 6
    assert line_of(text, ("b", 1, "key")) == 10
    assert line_of(text, ("c",)) is None


# --- calls --------------------------------------------------------------------------------------

HOOK = '[[notify.webhooks]]\nurl = "https://hooks.example/x"\nsecret = "file:hook.key"\n'


def test_a_seats_own_word_on_calls_stands_over_the_common_one(tmp_path: Path) -> None:
    """Key by key, as with evidence; what it does not say is as [notify] says."""
    common = '[notify]\nurls = ["ntfy://topic"]\nquiet_hours = "23:00-06:30"\n' + HOOK
    own = '[seats.alice.notify]\nabout = ["halted"]\nquiet_hours = ""\ndaily_summary = ""\n'
    text = f"{common}{SEAT}\n{own}"
    policy = load(home(tmp_path, f"{text}[seats.bob]\n")).seats
    alice, bob = policy["alice"].notify, policy["bob"].notify
    assert (alice.urls, alice.about, alice.quiet) == (("ntfy://topic",), ("halted",), None)
    assert (alice.summary_at, len(alice.webhooks)) == (None, 1)
    assert bob.quiet == (time(23), time(6, 30))
    assert (bob.summary_at, bob.webhooks) == (time(18), alice.webhooks)


@pytest.mark.parametrize(
    ("text", "key", "told"),
    [
        ('[notify]\nurls = ["hidden"]', "notify.urls.1", "apprise"),
        ('[notify]\nurls = ["env:a hidden"]', "notify.urls.1", "env:NAME"),
        ('[notify]\nurls = ["ntfy://hidden", "ntfy://hidden"]', "notify.urls", "once"),
        ('[notify]\nurl = "ntfy://hidden"', "notify.url", "did you mean urls?"),
        ('[notify]\nabout = ["halt"]', "notify.about", "halted"),
        ('[notify]\nquiet_hours = "22-7"', "notify.quiet_hours", "22:00-07:00"),
        ('[notify]\nquiet_hours = "22:00-22:00"', "notify.quiet_hours", "22:00-07:00"),
        ('[notify]\ndaily_summary = "6pm"', "notify.daily_summary", "18:00"),
        (HOOK.replace("https", "http"), "notify.webhooks.1.url", "this machine alone"),
        (HOOK.replace("hooks.", "hidden:b@hooks."), "notify.webhooks.1.url", "signed"),
        (HOOK.replace("file:hook.key", "hidden"), "notify.webhooks.1.secret", "16 characters"),
        (HOOK.replace("https://hooks.example/x", "hidden"), "notify.webhooks.1.url", "address"),
        (HOOK + "events = []", "notify.webhooks.1.events", "list"),
        (HOOK + HOOK, "notify.webhooks", "once"),
        (HOOK.replace("secret", "key"), "notify.webhooks.1.key", "known here are"),
    ],
)
def test_what_is_wrong_with_calls_is_told_without_secrets(
    tmp_path: Path, text: str, key: str, told: str
) -> None:
    """With file, line and key as always; a value that may be a secret is not shown."""
    found = faults(tmp_path, f"{text}\n{SEAT}")
    assert told in found[key].allowed
    assert found[key].line is not None or key == "notify.webhooks"
    assert "hidden" not in "".join(map(str, found.values()))


def test_a_slip_in_a_variable_shows_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address in an unknown variable is not told."""
    monkeypatch.setenv("LEADWRIGHT_NOTIFY__URL", "ntfy://hidden")
    assert "hidden" not in "".join(map(str, faults(tmp_path, SEAT).values()))


def test_calls_can_be_configured_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For all seats and for one; lists and tables as JSON."""
    hook = '[{"url": "http://127.0.0.1:8080/", "secret": "env:HOOK_KEY"}]'
    monkeypatch.setenv("LEADWRIGHT_NOTIFY__WEBHOOKS", hook)
    monkeypatch.setenv("LEADWRIGHT_SEATS__ALICE__NOTIFY__URLS", '["env:NTFY"]')
    notify = load(home(tmp_path, SEAT)).seats["alice"].notify
    assert notify.urls == ("env:NTFY",)
    assert notify.webhooks[0].secret == "env:HOOK_KEY"


def test_a_seats_own_retention_stands_over_the_common_one_key_by_key(tmp_path: Path) -> None:
    """What a seat does not say is as [retention] says, and 0 is a word of its own."""
    text = "[retention]\nleads_days = 365\nlogs_days = 90\n" + SEAT
    text += "[seats.alice.retention]\nleads_days = 0\nunanswered_days = 90\n"
    kept = load(home(tmp_path, text)).seat("alice").retention
    assert kept == RetentionPolicy(leads_days=0, unanswered_days=90, logs_days=90)
    assert load(home(tmp_path, SEAT)).seat("alice").retention == RetentionPolicy()


@pytest.mark.parametrize("line", ["unanswered_days = 89", "leads_days = -1", "logs_days = 3651"])
def test_a_period_out_of_range_is_told_with_what_is_allowed(tmp_path: Path, line: str) -> None:
    """File, line, key and range."""
    key = line.partition(" ")[0]
    for table in ("[retention]", "[seats.alice.retention]"):
        fault = faults(tmp_path, f"{SEAT}{table}\n{line}\n")[f"{table[1:-1]}.{key}"]
        assert fault.line is not None
        assert "to 3650" in fault.allowed


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("pause_seconds = [40, 99999999999999999999]", "seats.alice.pause_seconds.2"),
        ("pause_seconds = [86401, 86401]", "seats.alice.pause_seconds.1"),
        ("credits.monthly = 0", "seats.alice.credits.monthly"),
    ],
)
def test_what_could_not_be_worked_with_is_refused(tmp_path: Path, text: str, key: str) -> None:
    """C1, L4: no pause is longer than a day, and no month is without its credits."""
    assert key in faults(tmp_path, f"[seats.alice]\n{text}")


@pytest.mark.parametrize("text", [f"a = {'9' * 5_000}", f"a = {'[' * 20_000}"])
def test_what_the_reader_of_toml_gives_up_on_is_no_traceback(tmp_path: Path, text: str) -> None:
    """Exit 2, as for any file that is not TOML."""
    found = faults(tmp_path, f"{text}\n")
    assert "a line that is not TOML" in {fault.found for fault in found.values()}
