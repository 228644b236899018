"""Campaign files: what is taken, and every way in which one is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.campaigns import load_campaigns, used_steps_faults
from bot.errors import Fault, UsageError
from bot.model import CampaignState
from bot.places import SeatPaths
from bot.policy import Campaign, FollowUp, Hours, SeatPolicy
from bot.rules.sequence import used

SITE = "https://www.linkedin.com"
SEAT = SeatPolicy(
    "alice", Hours(ZoneInfo("Europe/Paris"), frozenset(range(5)), time(9), time(17), "FR")
)
GOOD = """name = "autumn"
type = "acquisition-inmail"
audience = "/sales/search/people?savedSearchId=1"

[inmail]
subject = "Your work at {{ company }}"
body = \"\"\"
Hi {{ first_name }},
good work.
\"\"\"
"""
FOLLOW_UP = '\n[[follow_up]]\nafter_days = 5\nbody = "Still there?"\n'


@pytest.fixture
def paths(tmp_path: Path) -> SeatPaths:
    found = SeatPaths(tmp_path, "alice")
    found.campaigns.mkdir(parents=True)
    return found


def write(paths: SeatPaths, text: str, name: str = "autumn.toml") -> None:
    (paths.campaigns / name).write_text(text, encoding="utf-8")


def load(paths: SeatPaths, *states: CampaignState) -> tuple[Campaign, ...]:
    return load_campaigns(paths, SEAT, SITE, states)


def faults(paths: SeatPaths, text: str) -> tuple[Fault, ...]:
    write(paths, text)
    with pytest.raises(UsageError) as caught:
        load(paths)
    return caught.value.faults


# --- what is right ------------------------------------------------------------------------------


def test_a_campaign_is_what_its_file_says(paths: SeatPaths) -> None:
    """S1-S3, L3: all texts, the days between them, and the seat's hours with its own over them."""
    extra = (
        'signature = "Bob"\non_rejection = "stop"\nfirst_degree = "message"\norder = "free-first"\n'
        'working_days = ["sat"]\nworking_hours = "10:00-12:00"\n\n[inmail]'
    )
    text = GOOD.replace("[inmail]", extra) + '\n[acceptance]\nbody = "Thank you"\n' + FOLLOW_UP * 5
    write(paths, text)
    assert load(paths) == (
        Campaign(
            name="autumn",
            audience="/sales/search/people?savedSearchId=1",
            subject="Your work at {{ company }}",
            body="Hi {{ first_name }},\ngood work.",
            acceptance="Thank you",
            follow_ups=(FollowUp(5, "Still there?"),) * 5,
            signature="Bob",
            on_rejection="stop",
            first_degree="message",
            order="free-first",
            hours=Hours(ZoneInfo("Europe/Paris"), frozenset([5]), time(10), time(12), "FR"),
        ),
    )


def test_what_a_file_leaves_out_is_the_seats(paths: SeatPaths) -> None:
    """K4, K7, L3: without a value of its own a campaign has None, and the seat's value counts."""
    write(paths, GOOD)
    (found,) = load(paths)
    assert (found.hours, found.order, found.first_degree, found.acceptance) == (None,) * 4
    assert (found.on_rejection, found.follow_ups) == ("wait", ())


def test_campaigns_come_in_the_order_of_their_names(paths: SeatPaths) -> None:
    """A seat without campaigns has none; hidden files are no campaigns."""
    assert load(paths) == ()
    write(paths, GOOD.replace("autumn", "b"), "1.toml")
    write(paths, GOOD.replace("autumn", "a"), "2.toml")
    write(paths, "nonsense", ".draft.toml")
    assert [campaign.name for campaign in load(paths)] == ["a", "b"]


def test_the_columns_of_a_csv_audience_may_be_used(paths: SeatPaths) -> None:
    """S5: any imported column; the file lies beside the campaign's own."""
    (paths.campaigns / "people.csv").write_text("Lead URL,Favourite Town\n", encoding="utf-8")
    text = GOOD.replace("/sales/search/people?savedSearchId=1", "people.csv")
    write(paths, text.replace("company", "favourite_town"))
    (found,) = load(paths)
    assert found.audience == str(paths.campaigns / "people.csv")


def test_columns_that_the_seat_knows_may_be_used(paths: SeatPaths) -> None:
    """S5: what `leads import` brought from a file is known from the state."""
    write(paths, GOOD.replace("company", "town"))
    assert load(paths, CampaignState("autumn", columns=("town",)))
    with pytest.raises(UsageError):
        load(paths, CampaignState("winter", columns=("town",)))


# --- what is wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "key", "line"),
    [
        ('name = "autumn"', 'name = "a/b"', "name", 1),
        ('name = "autumn"', 'name = ""', "name", 1),
        ('name = "autumn"\n', "", "name", None),
        ("acquisition-inmail", "newsletter", "type", 2),
        ("/sales/search/people?savedSearchId=1", "", "audience", 3),
        ("/sales/search/people?savedSearchId=1", "/sales/home", "audience", 3),
        ("/sales/search/people?savedSearchId=1", "nobody.csv", "audience", 3),
        ("/sales/", "https://elsewhere.example/sales/", "audience", 3),
        ("[inmail]", 'signatur = "x"\n[inmail]', "signatur", 5),
        ("[inmail]", 'on_rejection = "write"\n[inmail]', "on_rejection", 5),
        ("[inmail]", 'order = "newest"\n[inmail]', "order", 5),
        ("[inmail]", 'first_degree = "yes"\n[inmail]', "first_degree", 5),
        ("[inmail]", 'working_days = ["Monday"]\n[inmail]', "working_days.1", 5),
        ("[inmail]", 'working_hours = "9-5"\n[inmail]', "working_hours", 5),
        ("[inmail]", 'signature = "{{ boss }}"\n[inmail]', "signature", 5),
        ("{{ company }}", "{{ compny }}", "inmail.subject", 6),
        ("{{ company }}", "{{ company", "inmail.subject", 6),
        ("{{ company }}", "{company}", "inmail.subject", 6),
        ("Your work at {{ company }}", " ", "inmail.subject", 6),
        ("Your work at {{ company }}", "x" * 200 + "{{ company }}", "inmail.subject", 6),
        ("good work", "{{ work }}", "inmail.body", 9),
        ("good work", "x" * 1_900, "inmail.body", 7),
        ("good work", "{% for x in first_name %}x{% endfor %}", "inmail.body", 9),
    ],
)
def test_a_wrong_value_is_told(
    paths: SeatPaths, old: str, new: str, key: str, line: int | None
) -> None:
    """S1, S5, S6, A13: the key and the line, for a text the line within it."""
    found = faults(paths, GOOD.replace(old, new))
    assert {(fault.key, fault.line) for fault in found} == {(key, line)}


@pytest.mark.parametrize(
    ("follow_ups", "key"),
    [
        (FOLLOW_UP * 6, "follow_up.6"),
        (FOLLOW_UP + FOLLOW_UP.replace("5", "2"), "follow_up.2.after_days"),
        (FOLLOW_UP + FOLLOW_UP.replace("5", "31"), "follow_up.2.after_days"),
        (FOLLOW_UP.replace("Still there?", ""), "follow_up.1.body"),
        (FOLLOW_UP.replace("Still there?", "{{ boss }}"), "follow_up.1.body"),
        (FOLLOW_UP.replace("Still there?", "x" * 1_901), "follow_up.1.body"),
        ('\n[acceptance]\nbody = ""\n', "acceptance.body"),
        (f'\n[acceptance]\nbody = "{"x" * 1_901}"\n', "acceptance.body"),
    ],
)
def test_a_wrong_message_is_told(paths: SeatPaths, follow_ups: str, key: str) -> None:
    """S2, S3, S6: at most five follow-ups, 3 to 30 days apart, none empty, none too long."""
    assert {fault.key for fault in faults(paths, GOOD + follow_ups)} == {key}


def test_a_sixth_follow_up_is_told_beside_other_mistakes(paths: SeatPaths) -> None:
    """S3: with its line, even where the types give up on one of the others."""
    text = GOOD + FOLLOW_UP + FOLLOW_UP.replace("5", "2") + FOLLOW_UP * 4
    found = {fault.key: fault for fault in faults(paths, text)}
    assert set(found) == {"follow_up.2.after_days", "follow_up.6"}
    sixth = found["follow_up.6"].line
    assert sixth is not None
    lines = text.splitlines()
    assert lines[sixth - 1] == "[[follow_up]]"
    assert lines[:sixth].count("[[follow_up]]") == 6


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ('"""Hi {{ boss }}."""', 7),
        ("'''Hi {{ boss }}.'''", 7),
        ('"""Hi,\nsee {{ boss }}."""', 8),
        ('"""\nHi,\nsee {{ boss }}.\n"""', 9),
        ('"""\\\nHi {{ boss }}."""', 8),
    ],
)
def test_the_line_of_a_text_is_counted_from_its_quotes(
    paths: SeatPaths, body: str, line: int
) -> None:
    """However the text begins and ends, the message leads to the word."""
    (fault,) = faults(paths, f"{GOOD.split('body =', maxsplit=1)[0]}body = {body}\n")
    assert (fault.key, fault.line) == ("inmail.body", line)


def test_the_longest_text_is_taken(paths: SeatPaths) -> None:
    """S1: a body of 1,900 characters and a subject of 200 are right."""
    text = GOOD.replace("Your work at {{ company }}", "x" * 200)
    write(paths, text.replace("Hi {{ first_name }},\ngood work.", "y" * 1_900))
    assert load(paths)


def test_the_signature_counts(paths: SeatPaths) -> None:
    """S1: a body that fits alone may not fit with the signature under it."""
    long = GOOD.replace("good work.", "x" * 1_880)
    write(paths, long)
    assert load(paths)
    found = faults(paths, long.replace("[inmail]", f'signature = "{"y" * 20}"\n[inmail]'))
    assert [fault.key for fault in found] == ["inmail.body"]
    assert "signature included" in found[0].allowed


def test_all_faults_of_all_files_are_told_at_once(paths: SeatPaths) -> None:
    """Types, templates and audiences; the files that are right do not hide the others."""
    write(paths, GOOD, "right.toml")
    bad = GOOD.replace("autumn", "spring").replace("acquisition-inmail", "x")
    write(paths, bad.replace("good work", "{{ boss }}").replace("/sales/", "/"), "bad.toml")
    write(paths, "= 1", "broken.toml")
    found = faults(paths, GOOD)
    assert {(Path(fault.place).name, fault.key) for fault in found} == {
        ("bad.toml", "type"),
        ("bad.toml", "inmail.body"),
        ("bad.toml", "audience"),
        ("broken.toml", "-"),
        ("right.toml", "name"),
    }


def test_a_csv_audience_must_name_leads(paths: SeatPaths) -> None:
    """K6: a file with public profiles only cannot be an audience."""
    (paths.campaigns / "people.csv").write_text("Name\nAda Example\n", encoding="utf-8")
    found = faults(paths, GOOD.replace("/sales/search/people?savedSearchId=1", "people.csv"))
    assert {fault.key for fault in found} == {"audience"}
    assert "Sales Navigator" in found[0].allowed


# --- a running campaign -------------------------------------------------------------------------

RUNNING = Campaign(
    name="autumn",
    audience="people.csv",
    subject="s",
    body="one",
    acceptance="two",
    follow_ups=(FollowUp(3, "three"), FollowUp(3, "four"), FollowUp(3, "five")),
)


def sent(*steps: int) -> CampaignState:
    state = CampaignState("autumn")
    for step in steps:
        state = used(state, step, RUNNING)
    return state


THREE, FOUR, FIVE = RUNNING.follow_ups


@pytest.mark.parametrize(
    ("changes", "steps"),
    [
        ({}, (0, 1, 2, 3)),
        ({"body": "edited", "acceptance": "edited"}, (0, 1)),
        ({"follow_ups": (THREE, FOUR)}, (0, 1, 2, 3)),
        ({"follow_ups": (THREE, FIVE, FOUR)}, (0, 1, 2)),
        ({"follow_ups": (THREE, FOUR, FIVE, FollowUp(3, "six"))}, (0, 1, 2, 3, 4)),
        ({"follow_ups": (replace(THREE, after_days=9), FOUR, FIVE)}, (0, 2)),
        ({"acceptance": None}, (0, 2)),
    ],
)
def test_what_was_not_sent_may_change(changes: dict[str, object], steps: tuple[int, ...]) -> None:
    """S7: texts may be edited, and unused steps removed, added or moved."""
    assert used_steps_faults(replace(RUNNING, **changes), sent(*steps)) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "steps", "keys"),
    [
        ({"follow_ups": (THREE, FOUR)}, (0, 4), ["follow_up.3"]),
        ({"follow_ups": ()}, (0, 2, 3), ["follow_up.1", "follow_up.2"]),
        ({"acceptance": None}, (0, 1), ["acceptance"]),
        ({"follow_ups": (FOUR, THREE, FIVE)}, (0, 2, 3), ["follow_up.1", "follow_up.2"]),
        ({"follow_ups": (FollowUp(3, "new"), THREE, FOUR)}, (0, 2), ["follow_up.1"]),
        ({"follow_ups": (FOUR, FIVE)}, (0, 2, 3), ["follow_up.2"]),
    ],
)
def test_used_steps_are_not_removed_or_reordered(
    changes: dict[str, object], steps: tuple[int, ...], keys: list[str]
) -> None:
    """S7: else people in the sequence would get a message twice, or miss one."""
    found = used_steps_faults(replace(RUNNING, **changes), sent(*steps))  # type: ignore[arg-type]
    assert [fault.key for fault in found] == keys


def test_a_used_step_that_moved_is_told_with_file_and_line(paths: SeatPaths) -> None:
    """S7: as every mistake in a campaign; a step that is gone has a file, and no line."""
    first, second = FOLLOW_UP, FOLLOW_UP.replace("Still there?", "Once more?")
    write(paths, GOOD + first + second + '[acceptance]\nbody = "Thank you"\n')
    (campaign,) = load(paths)
    state = CampaignState("autumn")
    for step in (0, 1, 2, 3):
        state = used(state, step, campaign)
    write(paths, GOOD + second + first)
    (changed,) = load(paths)
    found = used_steps_faults(changed, state)
    assert {fault.place for fault in found} == {str(paths.campaigns / "autumn.toml")}
    assert [(fault.key, fault.line) for fault in found] == [
        ("acceptance", None),
        ("follow_up.1", 12),
        ("follow_up.2", 16),
    ]


def test_the_same_text_twice_is_no_reordering() -> None:
    """S7: two steps may say the same."""
    twice = replace(RUNNING, follow_ups=(THREE, THREE))
    state = CampaignState("autumn")
    for step in (0, 2, 3):
        state = used(state, step, twice)
    assert used_steps_faults(twice, state) == ()
    assert used_steps_faults(replace(twice, follow_ups=(FOUR, THREE)), state) == ()
