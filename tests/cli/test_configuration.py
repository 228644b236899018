"""`init`, `check`, overrides, and what every command says of a configuration that is wrong."""

from __future__ import annotations

import pytest
from cli.user import CAMPAIGN, SEAT, User

from bot import orders
from bot.model import CampaignState, Changes
from bot.store.store import Store

LOCAL = "http://127.0.0.1:9"
ALWAYS = """\
working_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
working_hours = "00:00-24:00"
"""
WRONG_CONFIG = """\
[site]
base_url = "http://127.0.0.1:9"
[seats.alice]
timezone = "Mars/Olympus"
inmails_per_day = 11
colour = "blue"
"""
WRONG_CAMPAIGN = """\
name = "autumn"
type = "acquisition-inmail"
audience = "/sales/search/people?savedSearchId=1"
[inmail]
subject = "Hello {{ shoe_size }}"
body = "%s"
%s
"""
FOLLOW_UP = '[[follow_up]]\nafter_days = {}\nbody = "x"\n'


def test_init_writes_files_that_check_finds_right(user: User) -> None:
    """What `init` writes passes `check`, and a second `init` changes nothing."""
    assert user.run("init", str(user.home), homeless=True).code == 0
    files = {path: path.read_bytes() for path in user.home.rglob("*") if path.is_file()}
    assert user.home / "config.toml" in files
    assert user.run("check").code == 0
    user.write("config.toml", files[user.home / "config.toml"].decode() + "# mine\n")
    assert user.run("init").code == 0
    assert user.home.joinpath("config.toml").read_text().endswith("# mine\n")


@pytest.mark.parametrize(
    "words", [("check",), ("status",), ("run", SEAT, "--once"), ("ledger", SEAT), ("pause", SEAT)]
)
def test_every_start_tells_all_mistakes_at_once(user: User, words: tuple[str, ...]) -> None:
    """Each with file, line, key, what stands there and what is allowed; exit 2 (L1, S1, S3, S5)."""
    user.write("config.toml", WRONG_CONFIG)
    follow_ups = "".join(FOLLOW_UP.format(days) for days in (2, 31, 5, 5, 5, 5))
    campaign = user.write(
        f"seats/{SEAT}/campaigns/autumn.toml", WRONG_CAMPAIGN % ("x" * 1901, follow_ups)
    )
    said = user.run(*words)
    assert said.code == 2
    assert "Traceback" not in said.err
    told = said.out + said.err
    config = user.home / "config.toml"
    for place in (f"{config}:4", f"{config}:5", f"{config}:6", f"{campaign}:5", f"{campaign}:6"):
        assert place in told
    for word in ("Mars/Olympus", "found 11", "colour", "shoe_size", "1901", "1,900", "found 31"):
        assert word.replace(",", "") in told.replace(",", ""), word
    for key in ("follow_up.1.after_days", "follow_up.2.after_days", "follow_up"):
        assert key in told


def test_check_as_json_is_one_document(user: User) -> None:
    """`check --json` names each fault's place, line and key; exit 2."""
    user.settle_in(LOCAL, more="inmails_per_day = 11\n")
    said = user.run("check", "--json")
    assert said.code == 2
    faults = said.document["faults"]
    assert [(fault["key"], fault["line"]) for fault in faults] == [
        ("seats.alice.inmails_per_day", 6)
    ]


def test_the_environment_overrides_the_file(user: User) -> None:
    """A variable replaces a value, and a wrong one is named as the place of the mistake."""
    user.settle_in(LOCAL)
    limit = "LEADWRIGHT_SEATS__ALICE__INMAILS_PER_DAY"
    said = user.run("status", "--json", variables={limit: "3"})
    assert said.document["seats"][0]["today"]["limit"] == 3
    assert limit in user.run("status", variables={limit: "11"}).complains(2)
    misspelt = "LEADWRIGHT_SITE_BASE_URL"
    for words in (("status",), ("run", SEAT, "--once"), ("run", SEAT)):
        assert misspelt in user.run(*words, variables={misspelt: "http://x"}).complains(2)
    checked = user.run("check", variables={misspelt: "http://x"})
    assert (checked.code, "LEADWRIGHT_SITE__BASE_URL" in checked.out) == (2, True)
    home = {"LEADWRIGHT_HOME": str(user.home)}
    assert user.run("check", variables=home, homeless=True).code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("status", "nobody"),
        ("ledger", "nobody"),
        ("run", "nobody", "--once"),
        ("run", "nobody"),
        ("campaign", "show", "nothing", "--seat", SEAT),
        ("campaign", "pause", "nothing", "--seat", SEAT),
        ("campaign", "resume", "nothing", "--seat", SEAT),
        ("leads", "list", "--campaign", "nothing", "--seat", SEAT),
        ("leads", "import", "x.csv", "--campaign", "nothing", "--seat", SEAT),
        ("run", SEAT, "--at", "2026-03-02T09:00:00Z"),
        ("run", SEAT, "--once", "--at", "yesterday"),
        ("run", SEAT, "--once", "--at", "9999-12-31T23:59:59Z"),
        ("run", SEAT, "--once", "--at", "0001-01-01T00:00:00+14:00"),
        ("practice", "--scenario", "nowhere/at/all.toml"),
        ("ledger", SEAT, "--format", "xml"),
        ("read", "selfie", "page.html"),
        ("plan", SEAT, "--days", "0"),
        ("no-such-command",),
    ],
)
def test_a_wrong_word_is_wrong_usage(user: User, words: tuple[str, ...]) -> None:
    """Exit 2 and a clear line."""
    user.settle_in(LOCAL)
    user.run(*words, homeless=words[0] in {"read", "practice"}).complains(2)
    assert [path.name for path in (user.home / "seats").iterdir()] == [SEAT]


@pytest.mark.parametrize(
    "words",
    [
        ("release", "ACwAAnobody", "--seat", SEAT),
        ("settle", "no-such-attempt", "sent", "--seat", SEAT),
        ("leads", "import", "missing.csv", "--campaign", "autumn", "--seat", SEAT),
        ("leads", "export", "/nowhere/at/all.csv", "--seat", SEAT),
    ],
)
def test_what_is_not_there_cannot_be_worked_on(user: User, words: tuple[str, ...]) -> None:
    """Exit 1 and a clear line."""
    user.settle_in(LOCAL)
    user.run(*words).complains(1)


def test_a_simulated_clock_needs_a_site_on_this_machine(user: User) -> None:
    """`--at` on the real site is refused: nothing is opened (exit 2)."""
    user.settle_in("https://www.linkedin.com")
    assert "--at" in user.stint().complains(2)
    assert not user.seat.joinpath("browser").exists()


def test_a_home_without_configuration_says_what_to_do(user: User) -> None:
    """No config.toml: exit 2 and the command that writes one."""
    for words in (("status",), ("run", SEAT), ("ledger", SEAT)):
        assert "leadwright init" in user.run(*words).complains(2)


def test_a_configuration_that_is_a_folder_is_told(user: User) -> None:
    """Whatever stands in the place of a file is told, never a traceback."""
    user.home.joinpath("config.toml").mkdir(parents=True)
    for words in (("status",), ("run", SEAT), ("check",)):
        said = user.run(*words)
        assert said.code == 2
        assert "Traceback" not in said.err
        assert "config.toml" in said.out + said.err


@pytest.mark.parametrize("name", ["do-not-contact.csv", f"seats/{SEAT}/campaigns/autumn.toml"])
def test_a_folder_in_the_place_of_a_list_or_campaign_is_told(user: User, name: str) -> None:
    """The do-not-contact list or a campaign that cannot be read stops the seat (K5)."""
    user.settle_in(LOCAL)
    user.home.joinpath(name).unlink(missing_ok=True)
    user.home.joinpath(name).mkdir()
    said = user.run("status", SEAT)
    assert said.code in {1, 2}
    assert "Traceback" not in said.err
    assert name.rpartition("/")[2] in said.err


@pytest.mark.parametrize("torn", [b"", b"\0" * 4096, b"SQLite format 3\0" + b"x" * 500])
def test_a_torn_state_file_is_one_line(user: User, torn: bytes) -> None:
    """A state that cannot be trusted is refused with exit 1, and left as it is."""
    user.settle_in(LOCAL)
    state = user.seat / "state.sqlite"
    state.write_bytes(torn)
    if torn:
        for words in (("status", SEAT), ("ledger", SEAT), ("run", SEAT, "--once")):
            assert "state" in user.run(*words).complains(1)
        assert state.read_bytes() == torn
    else:
        assert "Traceback" not in user.run("status", SEAT).err


@pytest.mark.parametrize(
    ("torn", "executable", "told"),
    [(b"\0" * 4096, "", "state.sqlite"), (None, "/nowhere/chrome", "/nowhere/chrome is not there")],
)
def test_a_daemon_ends_where_no_other_try_can_help(
    user: User, torn: bytes | None, executable: str, told: str
) -> None:
    """Exit 1 at once with the line that says why: not an hour of trying again."""
    user.settle_in(LOCAL, more=f'{ALWAYS}[browser]\nexecutable = "{executable}"\n')
    if torn is not None:
        user.seat.joinpath("state.sqlite").write_bytes(torn)
    assert told in user.run("run", SEAT, seconds=60).complains(1)


def broken_campaign(user: User) -> None:
    """A running campaign whose owner took away a step that was sent (S7)."""
    user.settle_in(LOCAL)
    used = (CampaignState(CAMPAIGN, used=((3, "hash of a text"),)),)
    with Store.open(user.seat / "state.sqlite") as store:
        store.commit(Changes(campaigns=used))
    assert "follow_up.2" in user.run("run", SEAT, "--once").complains(2)


def test_the_owner_can_always_say_stop(user: User) -> None:
    """L5, S7: a pause and a resume need no campaign's file, and so no right one."""
    broken_campaign(user)
    for words in (("pause", SEAT), ("resume", SEAT)):
        assert user.run(*words).code == 0
    for word in ("pause", "resume"):
        assert user.run("campaign", word, CAMPAIGN, "--seat", SEAT).code == 0
    user.write(f"seats/{SEAT}/campaigns/{CAMPAIGN}.toml", "half a line")
    assert user.run("pause", SEAT).code == 0
    user.seat.joinpath("campaigns", f"{CAMPAIGN}.toml").unlink()
    assert user.run("status", SEAT, "--json").document["seats"][0]["paused"] is True


def test_an_order_to_stop_is_carried_out_before_a_stint_gives_up(user: User) -> None:
    """S7: a daemon whose stints are refused answers a pause all the same, and no import."""
    broken_campaign(user)
    orders.leave(user.seat, orders.ImportLeads(CAMPAIGN, "/sales/search/people"))
    ticket = orders.leave(user.seat, orders.Pause())
    user.run("run", SEAT, "--once").complains(2)
    answer = orders.answer_of(ticket)
    assert answer is not None
    assert answer.done
    assert [type(left.order) for left in orders.waiting(user.seat)] == [orders.ImportLeads]


def test_a_home_that_cannot_be_written_is_told(user: User) -> None:
    """A file stands where the seat's folder should be: exit 1 or 2, one line."""
    user.settle_in(LOCAL)
    blocked = user.write("blocked", "not a folder")
    said = user.run("init", str(blocked), homeless=True)
    assert said.code == 2
    assert "Traceback" not in said.err
    state = user.seat / "state.sqlite"
    state.mkdir(mode=0o700)
    for words in (("status", SEAT), ("pause", SEAT)):
        user.run(*words).complains(1)


def test_doctor_tells_whether_the_machine_is_ready(user: User) -> None:
    """Without a seat: the browser that was found; a missing one is exit 1 and what to do."""
    said = user.run("doctor")
    assert said.code == 0, said.err
    assert "browser:" in said.out
    user.settle_in(LOCAL, more='[browser]\nexecutable = "/nowhere/chrome"\n')
    missing = user.run("doctor", SEAT)
    assert missing.code == 1
    assert "/nowhere/chrome" in missing.out
