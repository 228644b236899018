"""A campaign file, written for its owner: the text of a draft, and the file made of it.

The text is what a person would write, with the comments of the example. What is wrong in a draft
is written as well as it can be, so that the file's own reader (bot.campaigns) is what finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.tomltext import quoted

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,8})")
# Signs that no person types into a file, or that end a line for some readers and not for others.
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_HEAD = "# One campaign, made on the desk. Edit it as you like; `leadwright check` reads it over.\n"
_TEXTS = """
# Texts know first_name, last_name, company, title, location, and the columns of a CSV file. A lead
# without a value that a text needs is skipped, with the reason; so give a fallback where one makes
# sense: {{ company | default("your company") }}.
"""
_ACCEPTANCE = "\n# Sent on the day on which the InMail is accepted with the site's own words.\n"
_FOLLOW_UPS = "\n# Up to five, each 3 to 30 days after the message before it.\n"


@dataclass(frozen=True, slots=True)
class DraftFollowUp:
    """A follow-up as it was typed, its days too."""

    after_days: str
    body: str


@dataclass(frozen=True, slots=True)
class Draft:
    r"""A campaign as it was typed, stripped, line breaks as \n. What is empty is left out."""

    name: str = ""
    audience: str = ""
    subject: str = ""
    body: str = ""
    acceptance: str = ""
    follow_ups: tuple[DraftFollowUp, ...] = ()
    signature: str = ""
    on_rejection: str = ""
    approve: str = ""
    first_degree: str = ""
    order: str = ""
    working_days: tuple[str, ...] = ()
    working_hours: str = ""


def text_of(draft: Draft) -> str:
    """The draft as a campaign file."""
    return "".join((_HEAD, *_top(draft), *_tables(draft)))


def _top(draft: Draft) -> Iterator[str]:
    yield from _pair("name", draft.name)
    yield 'type = "acquisition-inmail"\n'
    yield "\n# Who is written to: a search, a lead list, or a CSV file.\n" if draft.audience else ""
    yield from _pair("audience", draft.audience)
    if draft.signature:
        yield "\n# Under every text, after a blank line; it counts.\n"
        several = "\n" in draft.signature
        yield (
            _long("signature", draft.signature) if several else _line("signature", draft.signature)
        )
    more = "".join(_settings(draft))
    yield f"\n{more}" if more else ""


def _settings(draft: Draft) -> Iterator[str]:
    yield from _pair("on_rejection", draft.on_rejection)
    yield from _pair("approve", draft.approve)
    yield from _pair("first_degree", draft.first_degree)
    yield from _pair("order", draft.order)
    if draft.working_days:
        yield f"working_days = [{', '.join(map(_quoted, draft.working_days))}]\n"
    yield from _pair("working_hours", draft.working_hours)


def _tables(draft: Draft) -> Iterator[str]:
    yield f"{_TEXTS}[inmail]\n"
    yield from _pair("subject", draft.subject)
    yield from _body(draft.body)
    if draft.acceptance:
        yield f"{_ACCEPTANCE}[acceptance]\n"
        yield from _body(draft.acceptance)
    for number, step in enumerate(draft.follow_ups):
        yield f"{_FOLLOW_UPS if number == 0 else chr(10)}[[follow_up]]\n"
        if step.after_days:
            whole = _WHOLE.fullmatch(step.after_days) is not None
            yield f"after_days = {step.after_days if whole else _quoted(step.after_days)}\n"
        yield from _body(step.body)


def _pair(key: str, text: str) -> Iterator[str]:
    if text:
        yield _line(key, text)


def _body(text: str) -> Iterator[str]:
    if text:
        yield _long("body", text)


def _line(key: str, text: str) -> str:
    return f"{key} = {_quoted(text)}\n"


def _long(key: str, text: str) -> str:
    """A text over several lines. The reader strips what stands around it."""
    safe = text.replace("\\", "\\\\").replace('"""', '""\\"')
    return f'{key} = """\n{_ODD.sub(_escaped, safe)}\n"""\n'


def _quoted(text: str) -> str:
    return _ODD.sub(_escaped, quoted(text))


def _escaped(sign: re.Match[str]) -> str:
    return f"\\u{ord(sign[0]):04x}"
