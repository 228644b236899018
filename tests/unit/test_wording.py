"""S1, S2, S5, S6: what a lead is written."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Lead, Reason
from bot.policy import Campaign, FollowUp
from bot.rules.wording import (
    BODY_MAX,
    LEAD_VARIABLES,
    Missing,
    Wording,
    compose,
    fill,
    length,
    mistakes,
    shortest,
    split_name,
    variables,
)

ADA = Lead("ACwAA1", "Ada Example", "Ada", "Example", company="Acme", extra=(("city", "Paris"),))
NAMES = st.sampled_from([*LEAD_VARIABLES, "city"])
PLAIN = st.text(st.characters(exclude_characters="{}%#", exclude_categories=("Cs", "Cc")))
TEXTS = st.text(max_size=80)


def campaign(**changes: object) -> Campaign:
    given = {
        "name": "autumn",
        "audience": "people.csv",
        "subject": "Your work at {{ company }}",
        "body": "Hi {{ first_name }}",
        "acceptance": "Thank you, {{ first_name }}",
        "follow_ups": (FollowUp(5, "Still there, {{ first_name }}?"),),
    } | changes
    return Campaign(**given)  # type: ignore[arg-type]


# --- filling ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Hi {{ first_name }}", "Hi Ada"),
        ("{{ city }}, {{ company | upper }}", "Paris, ACME"),
        ('{{ title | default("dear colleague") }}', "dear colleague"),
        ('{{ title or "dear colleague" }}', "dear colleague"),
        ("{{ title or company }}", "Acme"),
        ("{% if title %}a {{ title }}{% else %}somebody{% endif %}", "somebody"),
        ('{% if city in ["Paris", "Lyon"] %}Bonjour{% else %}Hello{% endif %}', "Bonjour"),
        ("{{ first_name[0] }}.", "A."),
        ("\r\n a\r\nb\rc \n", "a\nb\nc"),
    ],
)
def test_a_template_is_filled_with_the_leads_values(template: str, text: str) -> None:
    """S5: a lead's own values, an imported column, and the fallback for what is not known."""
    assert fill(template, ADA) == text


@pytest.mark.parametrize(
    ("template", "variable"),
    [
        ("Hi {{ title }}", "title"),
        ("Hi {{ title | upper }}", "title"),
        ("Hi {{ title ~ '!' }}", "title"),
        ("{% if title == 'CEO' %}boss{% endif %}", "title"),
        ("{{ location | default(title) }}", "title"),
        ("{{ 'x' if title }}", "a text to print"),
        ("{{ none }}", "a text to print"),
        ("{{ title is defined }}", "a text to print"),
        ("{{ city < 3 }}", "another kind of value"),
    ],
)
def test_a_missing_value_is_told_and_never_leaves_a_hole(template: str, variable: str) -> None:
    """S5: without a fallback the lead is skipped; "None" and "True" are holes as well."""
    assert fill(template, ADA) == Missing(variable)


@pytest.mark.parametrize("blank", ["", "  ", "\t\n", "\u200b", "\u00a0\u2060"])
def test_a_value_with_nothing_to_see_is_missing(blank: str) -> None:
    """S5: white space and invisible characters are no value."""
    lead = Lead("ACwAA1", "Ada Example", company=blank)
    assert fill("{{ company }}", lead) == Missing("company")
    assert fill("{{ company or 'there' }}", lead) == "there"


def test_a_value_is_data() -> None:
    """S5: template marks, line breaks and tabs in a value are never acted on."""
    lead = Lead("ACwAA1", "x", company="{{ 7 * 7 }}\r\n{% if x %}\tLtd ")
    assert fill("<{{ company }}>", lead) == "<{{ 7 * 7 }} {% if x %} Ltd>"


def test_a_first_name_is_taken_from_the_name_if_it_is_all_there_is() -> None:
    """S5: a lead of a search has a name only."""
    assert fill("{{ first_name }}|{{ last_name }}", Lead("a", "Dr. Ada van Example")) == (
        "Ada|van Example"
    )


@given(st.lists(st.one_of(PLAIN, NAMES.map(lambda name: f"{{{{ {name} }}}}"))), TEXTS, TEXTS)
def test_filling_leaves_no_hole(parts: list[str], first: str, company: str) -> None:
    """S5: every variable is replaced by something to see, or nothing is made at all."""
    lead = Lead("ACwAA1", "", first_name=first, company=company)
    template = "".join(parts)
    text = fill(template, lead)
    if isinstance(text, Missing):
        assert text.variable in variables(template)
    else:
        assert "{{" not in text.replace(" ".join(first.split()), "").replace(
            " ".join(company.split()), ""
        )
        assert "\r" not in text
        assert text == text.strip()


@given(st.lists(st.one_of(PLAIN, st.just("{{ first_name }}"), st.just("{{ company }}"))))
def test_the_lower_bound_of_a_length_is_one(parts: list[str]) -> None:
    """S6: what `check` refuses could not have been sent to anybody."""
    template = "x".join(parts)
    text = fill(template, Lead("a", "", first_name="A", company="B"))
    assert isinstance(text, str)
    assert shortest(template) <= length(text)


# --- lengths ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("", 0),
        ("abc", 3),
        ("é", 1),
        ("e\u0301", 2),
        ("🚀", 2),
        ("👩‍💻", 5),
        ("a\r\nb", 3),
        ("a\rb\n", 4),
    ],
)
def test_a_length_counts_as_the_site_does(text: str, units: int) -> None:
    """S6: UTF-16 code units, a line break as one."""
    assert length(text) == units


@given(st.text())
def test_a_length_does_not_depend_on_the_kind_of_line_break(text: str) -> None:
    """S6: what is typed on one system counts the same on another."""
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    assert length(unix) == length(unix.replace("\n", "\r\n")) == length(text)


# --- composing ----------------------------------------------------------------------------------


def test_an_inmail_has_subject_body_and_signature() -> None:
    """S1: the signature stands after a blank line."""
    wording = compose(campaign(signature="Bob\nAcme"), 0, ADA)
    assert wording == Wording("Your work at Acme", "Hi Ada\n\nBob\nAcme")


def test_a_message_has_no_subject() -> None:
    """S2, S3: only the InMail has one."""
    assert compose(campaign(), 1, ADA) == Wording("", "Thank you, Ada")
    assert compose(campaign(), 2, ADA) == Wording("", "Still there, Ada?")


@pytest.mark.parametrize(
    ("changes", "step", "rule"),
    [
        ({"body": "x" * BODY_MAX, "signature": "y"}, 0, "S1"),
        ({"body": "🚀" * (BODY_MAX // 2) + "x"}, 0, "S1"),
        ({"subject": "x" * 201}, 0, "S1"),
        ({"subject": "{{ '' or '' }}"}, 0, "S1"),
        ({"body": " {{ '' }} "}, 0, "S1"),
        ({"acceptance": "x" * (BODY_MAX + 1)}, 1, "S2"),
        ({"follow_ups": (FollowUp(5, "x" * (BODY_MAX + 1)),)}, 2, "S6"),
        ({"body": "{{ title }}"}, 0, "S5"),
        ({"subject": "{{ title }}"}, 0, "S5"),
        ({"signature": "{{ title }}"}, 1, "S5"),
    ],
)
def test_what_cannot_be_sent_has_a_reason(changes: dict[str, object], step: int, rule: str) -> None:
    """S1, S2, S5, S6: too long, empty, or with a hole, and the rule that says so."""
    found = compose(campaign(**changes), step, ADA)
    assert isinstance(found, Reason)
    assert found.rule == rule


def test_the_longest_text_is_sent() -> None:
    """S1: 1,900 characters and a subject of 200 are allowed."""
    longest = campaign(body="x" * BODY_MAX, subject="y" * 200)
    assert compose(longest, 0, ADA) == Wording("y" * 200, "x" * BODY_MAX)


def test_a_subject_has_one_line() -> None:
    """S1: the site's field has one line, so a break becomes a space."""
    found = compose(campaign(subject="a\n b"), 0, ADA)
    assert isinstance(found, Wording)
    assert found.subject == "a b"


def test_a_step_that_the_campaign_lacks_is_a_mistake_of_the_program() -> None:
    """S3: nobody composes a step that is not there."""
    with pytest.raises(LookupError, match="no step 1"):
        compose(campaign(acceptance=None), 1, ADA)


# --- checking -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in range(1000000000) %}x{% endfor %}",
        "{{ 'a' * 10000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ first_name.upper() }}",
        "{{ first_name.__class__ }}",
        "{{ first_name | center(1000000) }}",
        "{{ first_name | default }}",
        "{{ first_name | upper(1) }}",
        "{% set a = 'x' %}{{ a }}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'x' %}",
        "{{ first_name",
        "{% if first_name %}",
        "{{ " + "(" * 4000 + "1" + ")" * 4000 + " }}",
        "{{ " + " or ".join(["first_name"] * 400) + " }}",
        "{{ first_name" + "|lower" * 1_500 + " }}",
        "{{ first_name" + "[0]" * 3_000 + " }}",
        "x" * 20_001,
        "Hi {first_name}",
        "Hi { first_name }}",
        "Hi {{{ first_name }}}",
    ],
)
def test_a_template_that_could_explode_or_would_send_braces_is_refused(template: str) -> None:
    """S5: templates print and choose, and nothing else; and fill() is as strict as check."""
    assert mistakes(template)
    with pytest.raises(ValueError, match="template"):
        fill(template, ADA)


def test_a_mistake_says_where_it_is() -> None:
    """S5: every unknown variable with its line, and what is known."""
    found = mistakes("Hi {{ first_name }},\n{{ citty }}\n{{ town }}", frozenset(["first_name"]))
    assert [(wrong.found, wrong.line) for wrong in found] == [
        ("the variable citty", 2),
        ("the variable town", 3),
    ]
    assert found[0].allowed == "known are first_name"


def test_variables_are_listed() -> None:
    """S5: those in conditions and fallbacks too."""
    template = "{% if title %}{{ company or city }}{% endif %}"
    assert variables(template) == {"title", "company", "city"}
    with pytest.raises(ValueError, match="not a template"):
        variables("{{")


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("", "", ""),
        ("  ", "", ""),
        ("🚀", "", ""),
        ("LinkedIn Member", "", ""),
        ("Ada", "Ada", ""),
        ("Ada Example", "Ada", "Example"),
        ("ADA EXAMPLE", "ADA", "EXAMPLE"),
        ("Ada 🚀 van der Example ✨", "Ada", "van der Example"),
        ("Dr. Ada Example, PhD, MBA", "Ada", "Example"),
        ("Prof. Dr. Ada Example", "Ada", "Example"),
        ("Dipl.-Ing. Zoë Example", "Zoë", "Example"),
        ("Ada Example Jr.", "Ada", "Example"),
        ("Ada Example (She/Her)", "Ada", "Example"),
        ("Ada Example | Founder", "Ada", "Example"),
        ("Jean-Luc O'Example - hiring", "Jean-Luc", "O'Example"),
        ("Dr. Example", "", "Example"),
        ("李 小龙", "李", "小龙"),
    ],
)
def test_a_name_is_split(name: str, first: str, last: str) -> None:
    """S5: titles, suffixes and emoji are no names; what is not known stays empty."""
    assert split_name(name) == (first, last)


@given(st.text())
def test_a_split_name_never_invents_a_letter(name: str) -> None:
    """S5: first and last name are pieces of the name, in its order."""
    rest = iter(unicodedata.normalize("NFC", name))
    assert all(char in rest for char in "".join(split_name(name)).replace(" ", ""))
