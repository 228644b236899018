"""`block` and `forget`: who is not written to, and who is not even known any more."""

from __future__ import annotations

from cli.user import CAMPAIGN, SEAT, User

CSV = "lead,name,company\nACwAAida1,Ida Invented,Acme\nACwAAbea2,Bea Invented,Beam\n"


def imported(user: User) -> None:
    """A seat with two leads."""
    user.settle_in("http://127.0.0.1:9")
    people = user.write("people.csv", CSV)
    user.run("leads", "import", str(people), "--campaign", CAMPAIGN, "--seat", SEAT)


def reasons(user: User) -> dict[str, str]:
    """By lead, the rule that keeps it."""
    leads = user.run("leads", "list", "--seat", SEAT, "--json").document["leads"]
    return {lead["id"]: lead["why_not"]["rule"] for lead in leads if lead["why_not"]}


def test_who_is_blocked_has_the_reason_at_once(user: User) -> None:
    """K5: a person by id, a company by name; twice is said, a bad name is refused."""
    imported(user)
    assert user.run("block", "ACwAAida1", "--note", "asked by telephone").code == 0
    assert user.run("block", "Beam Ltd").code == 0
    assert reasons(user) == {"ACwAAida1": "K5", "ACwAAbea2": "K5"}
    assert "already" in user.run("block", "beam").out
    assert "address" in user.run("block", "https://www.linkedin.com/in/ida").complains(2)


def test_a_forgotten_person_is_gone_and_stays_away(user: User) -> None:
    """K5: neither listed nor imported again; the command asked twice knows nobody."""
    imported(user)
    said = user.run("forget", "ACwAAida1", "--seat", SEAT)
    assert said.code == 0
    assert "forgotten" in said.out
    assert "ACwAAida1" not in user.run("leads", "list", "--seat", SEAT, "--json").out
    words = ("leads", "import", str(user.home / "people.csv"), "--campaign", CAMPAIGN)
    again = user.run(*words, "--seat", SEAT)
    assert "0 new, 1 known, 1 refused" in again.out
    assert "K5" in again.out
    assert "there is no lead" in user.run("forget", "ACwAAida1", "--seat", SEAT).complains(1)


def test_a_person_gets_all_that_is_kept_about_them(user: User) -> None:
    """`export-person` writes one file, says what is in it, and never writes over another."""
    imported(user)
    file = user.home / "ida.zip"
    words = ("export-person", "ACwAAida1", str(file), "--seat", SEAT)
    said = user.run(*words, "--json")
    assert said.document["rows"] == 2, "as a lead, and enrolled"
    assert "is there already" in user.run(*words).complains(1)
    assert "no lead" in user.run("export-person", "ACwAAnobody", "x.zip", "--seat", SEAT).complains(
        1
    )


def test_a_state_that_others_may_read_is_not_worked(user: User) -> None:
    """Exit code 2, with the command that puts it right; after that it goes on."""
    imported(user)
    user.seat.chmod(0o755)
    (user.seat / "state.sqlite").chmod(0o644)
    said = user.run("run", SEAT, "--once", "--at", "2026-03-01T09:00:00Z").complains(2)
    assert f"chmod -R go-rwx {user.seat}" in said
    (user.seat / "state.sqlite").chmod(0o600)
    assert user.run("run", SEAT, "--once", "--at", "2026-03-01T09:00:00Z").code == 0
