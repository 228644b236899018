"""`backup` and `restore` at the terminal."""

from __future__ import annotations

from cli.user import CAMPAIGN, SEAT, User

from bot import lock

LEADS = ("leads", "list", "--seat", SEAT, "--json")


def test_a_state_goes_into_a_file_and_comes_back(user: User) -> None:
    """The copy is what was there; a restored seat is paused, and its old state is kept."""
    user.settle_in("http://127.0.0.1:9")
    people = user.write("people.csv", "lead,name\nACwAAida1,Ida Invented\n")
    words = ("leads", "import", str(people), "--campaign", CAMPAIGN, "--seat", SEAT)
    assert user.run("backup", SEAT, str(user.home / "early")).complains(1)
    assert user.run(*words).code == 0
    assert user.run("backup", SEAT, str(user.home / "copy")).code == 0
    user.write("people.csv", "lead,name\nACwAAbea2,Bea Invented\n")
    assert user.run(*words).code == 0
    done = user.run("restore", SEAT, str(user.home / "copy"))
    assert done.code == 0
    assert "replaced-1" in done.out
    assert [lead["id"] for lead in user.run(*LEADS).document["leads"]] == ["ACwAAida1"]
    assert user.run("status", SEAT, "--json").document["seats"][0]["paused"] is True


def test_nothing_is_restored_over_a_living_process(user: User) -> None:
    """Exit 4, and the state stays."""
    user.settle_in("http://127.0.0.1:9")
    people = user.write("people.csv", "lead,name\nACwAAida1,Ida Invented\n")
    assert (
        user.run("leads", "import", str(people), "--campaign", CAMPAIGN, "--seat", SEAT).code == 0
    )
    assert user.run("backup", SEAT, str(user.home / "copy")).code == 0
    with lock.hold(user.seat):
        assert "held by" in user.run("restore", SEAT, str(user.home / "copy")).complains(4)
    assert not list(user.seat.glob("*replaced*"))


def test_a_file_that_is_no_copy_is_refused(user: User) -> None:
    """One clear line, exit 1."""
    user.settle_in("http://127.0.0.1:9")
    other = user.write("other", "no state at all\n" * 100)
    assert str(other) in user.run("restore", SEAT, str(other)).complains(1)
    assert "no file" in user.run("restore", SEAT, str(user.home / "nothing")).complains(1)


def test_an_empty_file_is_no_copy_and_no_state(user: User) -> None:
    """Nobody's seat is replaced by nothing."""
    user.settle_in("http://127.0.0.1:9")
    people = user.write("people.csv", "lead,name\nACwAAida1,Ida Invented\n")
    words = ("leads", "import", str(people), "--campaign", CAMPAIGN, "--seat", SEAT)
    assert user.run(*words).code == 0
    empty = user.write("empty", "")
    assert "is empty" in user.run("restore", SEAT, str(empty)).complains(1)
    assert [lead["id"] for lead in user.run(*LEADS).document["leads"]] == ["ACwAAida1"]
    (user.seat / "state.sqlite").write_bytes(b"")
    assert "is empty" in user.run("backup", SEAT, str(user.home / "copy")).complains(1)


def test_who_was_forgotten_does_not_come_back_with_a_copy(user: User) -> None:
    """K5: a copy from before brings back everybody but them."""
    user.settle_in("http://127.0.0.1:9")
    people = user.write("people.csv", "lead,name\nACwAAida1,Ida Invented\nACwAAbea2,Bea Invented\n")
    words = ("leads", "import", str(people), "--campaign", CAMPAIGN, "--seat", SEAT)
    assert user.run(*words).code == 0
    assert user.run("backup", SEAT, str(user.home / "copy")).code == 0
    assert user.run("forget", "ACwAAida1", "--seat", SEAT).code == 0
    done = user.run("restore", SEAT, str(user.home / "copy"))
    assert "1 people of the copy were forgotten" in done.out
    shown = [lead["id"] for lead in user.run(*LEADS).document["leads"]]
    assert "ACwAAida1" not in shown
    assert "ACwAAbea2" in shown
    assert b"Ida Invented" not in (user.seat / "state.sqlite").read_bytes()
