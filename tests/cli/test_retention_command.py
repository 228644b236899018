"""`[retention]`: what `retention` says will go is what the next stint lets go."""

from __future__ import annotations

from datetime import UTC, datetime

from cli.user import CAMPAIGN, SEAT, User

from bot.facts import Kind
from bot.model import Answer, Changes, Enrolment, Lead, SentStep
from bot.store.store import Store

SUNDAY = "2026-03-01T09:00:00Z"
LONG_AGO = datetime(2025, 1, 6, 10, tzinfo=UTC)
IDA, BEA = "ACwAAida1", "ACwAAbea2"
LOG = '{{"lead_id":"ACwAAida1","at":"{at}"}}\n'


def wrote_to_two(user: User, more: str) -> None:
    """A seat that Ida rejected more than a year ago; Bea waits in its queue."""
    user.settle_in("http://127.0.0.1:9", more=more)
    user.seat.chmod(0o700)
    key = f"{CAMPAIGN}/{IDA}"
    ida = Enrolment(
        key,
        IDA,
        CAMPAIGN,
        1,
        sent=(SentStep(0, LONG_AGO, "h", f"{key}#0.1", Kind.FREE),),
        answer=Answer("rejected", "default", "A3", False, "waits", False, False, LONG_AGO),
    )
    bea = Enrolment(f"{CAMPAIGN}/{BEA}", BEA, CAMPAIGN, 2)
    leads = (Lead(IDA, "Ida Invented"), Lead(BEA, "Bea Invented"))
    with Store.open(user.seat / "state.sqlite") as store:
        store.commit(Changes(leads=leads, enrolments=(ida, bea)))
    (user.seat / "state.sqlite").chmod(0o600)
    lines = LOG.format(at="2025-01-06T10:00:00Z") + LOG.format(at="2026-02-27T10:00:00Z")
    user.write(f"seats/{SEAT}/logs/leadwright.log.1", lines)


def leads(user: User) -> set[str]:
    """Whom the seat knows by name."""
    listed = user.run("leads", "list", "--seat", SEAT, "--json").document["leads"]
    return {lead["name"] for lead in listed} - {""}


def test_who_will_go_is_told_and_goes_with_the_next_stint(user: User) -> None:
    """Name and date first; a dry run lets nothing go; a stint does, and says so."""
    wrote_to_two(user, "[seats.alice.retention]\nleads_days = 365\nlogs_days = 30\n")
    told = user.run("retention", SEAT, "--json").document
    assert [(each["name"], each["goes"]) for each in told["next"]] == [
        ("Ida Invented", "2026-01-06T10:00:00Z")
    ]
    assert (told["now"], told["later"]) == (1, 0)
    assert {each["what"]: each["days"] for each in told["kept"]}["logs"] == 30
    assert "Ida Invented" in user.run("retention", SEAT).out
    assert "let go" not in user.stint("--dry-run", at=SUNDAY).err
    assert leads(user) == {"Ida Invented", "Bea Invented"}
    said = user.stint(at=SUNDAY).err
    assert said == "let go by age: leads forgotten: 1, lines of the log: 1\n"
    assert leads(user) == {"Bea Invented"}
    assert user.run("retention", SEAT, "--json").document["now"] == 0
    assert IDA not in (user.seat / "logs" / "leadwright.log.1").read_text()


def test_without_a_period_nothing_goes(user: User) -> None:
    """The defaults: nobody is forgotten by age, and that is said."""
    wrote_to_two(user, "")
    assert "no lead is forgotten by age" in user.run("retention", SEAT).out
    assert "let go" not in user.stint(at=SUNDAY).err
    assert leads(user) == {"Ida Invented", "Bea Invented"}


def test_a_period_that_is_not_allowed_is_refused(user: User) -> None:
    """The credit may come back within 90 days; the message names file, key and what is allowed."""
    user.settle_in("http://127.0.0.1:9", more="[retention]\nunanswered_days = 30\n")
    said = user.run("check").out
    assert "retention.unanswered_days" in said
    assert "90 to 3650" in said
    variable = {"LEADWRIGHT_SEATS__ALICE__RETENTION__LEADS_DAYS": "x"}
    assert "RETENTION__LEADS_DAYS" in user.run("check", variables=variable).out
