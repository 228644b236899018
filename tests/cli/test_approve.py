"""`approve`: what waits is shown as it would be sent, and goes out as it was released (S8)."""

from __future__ import annotations

import pytest
from cli.user import CAMPAIGN, SEAT, User

from bot.store.store import Store

CAMPAIGN_FILE = f'''\
name = "{CAMPAIGN}"
type = "acquisition-inmail"
audience = "people.csv"
approve = "each"
[inmail]
subject = "A question"
body = "Hello {{{{ first_name }}}}, how is {{{{ company }}}}?"
'''
PEOPLE = """\
id,name,company
ACwAAda,Ada Amberwood,Amber Works
ACwAABen,Ben Birch,
"""


@pytest.fixture
def owner(user: User) -> User:
    """A seat whose campaign asks for its owner's release; two people are in it."""
    user.settle_in("http://127.0.0.1:9")
    user.write(f"seats/{SEAT}/campaigns/people.csv", PEOPLE)
    file = user.write(f"seats/{SEAT}/campaigns/{CAMPAIGN}.toml", CAMPAIGN_FILE)
    people = str(file.with_name("people.csv"))
    done = user.run("leads", "import", people, "--campaign", CAMPAIGN, "--seat", SEAT)
    assert done.code == 0, done.err
    return user


def approved(owner: User, lead: str) -> list[tuple[str, str]]:
    """What the books have released for a lead."""
    with Store.open(owner.home / "seats" / SEAT / "state.sqlite", read_only=True) as store:
        (enrolment,) = store.enrolments_of(lead)
        return [(text.subject, text.body) for text in enrolment.approved]


def test_what_waits_is_shown_as_it_would_be_sent(owner: User) -> None:
    """S8, S5: the filled text; where a value is missing, why there is none."""
    told = owner.run("approve", SEAT, "--json").document
    assert told["waiting"] == 2
    texts = [
        (each["lead_id"], each["what"], each["subject"], each["body"]) for each in told["texts"]
    ]
    assert texts[0] == ("ACwAAda", "InMail", "A question", "Hello Ada, how is Amber Works?")
    assert texts[1][3] == ""
    assert told["texts"][1]["why_not"]["rule"] == "S5"
    people = owner.run("approve", SEAT).out
    assert "Ada Amberwood (ACwAAda)" in people
    assert "    Hello Ada, how is Amber Works?" in people
    leads = owner.run("leads", "list", "--seat", SEAT, "--json").document["leads"]
    assert {lead["why_not"]["rule"] for lead in leads} == {"S8"}


def test_it_is_released_as_it_was_seen_or_written(owner: User) -> None:
    """S8: as it stands, or with the owner's own words in its place, from a file or typed."""
    assert owner.run("approve", SEAT, "ACwAAda").code == 0
    assert approved(owner, "ACwAAda") == [("A question", "Hello Ada, how is Amber Works?")]
    said = owner.run("approve", SEAT, "ACwAABen").complains(1)
    assert "--body" in said
    words = "Hello Ben,\nhow do you do?\n"
    done = owner.run(
        "approve", SEAT, "ACwAABen", "--subject", "Hello", "--body", "-", stdin=words.encode()
    )
    assert done.code == 0, done.err
    assert approved(owner, "ACwAABen") == [("Hello", words.strip())]
    assert owner.run("approve", SEAT, "--json").document == {"texts": [], "waiting": 0}


def test_a_declined_lead_gets_nothing(owner: User) -> None:
    """S8, T6: it is skipped, and the reason says who said so."""
    assert owner.run("approve", SEAT, "ACwAAda", "--decline").code == 0
    leads = owner.run("leads", "list", "--seat", SEAT, "--json").document["leads"]
    ada = next(lead for lead in leads if lead["id"] == "ACwAAda")
    assert (ada["state"], ada["why_not"]["rule"]) == ("skipped", "S8")


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("ACwAAnobody",), "waits", 2),
        (("--decline",), "name the lead", 2),
        (("ACwAAda", "--body", "missing.txt"), "missing.txt", 2),
        (("ACwAAda", "--subject", "x" * 201), "S1", 1),
    ],
)
def test_what_cannot_be_released_is_refused(
    owner: User, words: tuple[str, ...], said: str, code: int
) -> None:
    """A clear line, and nothing is released."""
    assert said in owner.run("approve", SEAT, *words).complains(code)
    assert approved(owner, "ACwAAda") == []
