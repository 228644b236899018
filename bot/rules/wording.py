"""What a lead is written: templates, names and lengths (S1, S2, S5, S6).

A template may print and choose, and nothing else: no loops, no calls, no arithmetic. So the length
of what it makes is bounded by its own length and that of the lead's values.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Template, TemplateSyntaxError, Undefined, UndefinedError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.model import Lead, Reason
from bot.policy import Campaign

SUBJECT_MAX = 200  # S1, in characters as length() counts them
BODY_MAX = 1_900  # S1, S2
TEMPLATE_MAX = 20_000
LEAD_VARIABLES = ("first_name", "last_name", "company", "title", "location")

FILTERS = ("capitalize", "d", "default", "first", "last", "lower", "title", "trim", "upper")
TESTS = ("defined", "undefined", "in")
ALLOWED_NODES = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.List,
    nodes.Tuple,
    nodes.If,
    nodes.CondExpr,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Compare,
    nodes.Operand,
    nodes.Concat,
    nodes.Getitem,
    nodes.Keyword,
)
# A placeholder of another tool, or a slip of the pen: it would be sent as it stands.
STRAY_BRACES = re.compile(r"\{\s*\w+\s*\}|\{\{|\}\}|\{%|%\}|\{#|#\}")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # the category Cc, whole
BREAKS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")


@dataclass(frozen=True, slots=True)
class Missing:
    """The template wants a value that the lead does not have, and gives no fallback (S5)."""

    variable: str


@dataclass(frozen=True, slots=True)
class Wording:
    """What is typed. `subject` is empty for a message."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a template: what stands there, what is allowed, and its 1-based line."""

    found: str
    allowed: str
    line: int = 1


class _Absent(Undefined):
    """A value that the lead does not have: false, so that `or` finds the fallback, and no more."""

    @property
    def _undefined_message(self) -> str:
        return str(self._undefined_name or "a value")

    def __str__(self) -> str:
        raise UndefinedError(self._undefined_message)

    def __len__(self) -> int:
        raise UndefinedError(self._undefined_message)

    def __iter__(self) -> Iterator[str]:
        raise UndefinedError(self._undefined_message)

    def __eq__(self, other: object) -> bool:
        raise UndefinedError(self._undefined_message)

    def __hash__(self) -> int:
        raise UndefinedError(self._undefined_message)


def _shown(value: object) -> object:
    """Let only text and whole numbers be printed: "None" and "True" are holes as well."""
    if isinstance(value, bool) or not isinstance(value, str | int | _Absent):
        raise UndefinedError("a text to print")
    return value


_environment = ImmutableSandboxedEnvironment(
    undefined=_Absent, finalize=_shown, trim_blocks=True, lstrip_blocks=True, autoescape=False
)
_environment.globals.clear()


# --- filling ------------------------------------------------------------------------------------


def compose(campaign: Campaign, step: int, lead: Lead) -> Wording | Reason:
    """What *lead* gets as *step* (0 the InMail, 1 the acceptance message, 2 to 6 follow-ups).

    The campaign's signature stands under every step, after a blank line, and counts (S1). A
    Reason says which rule keeps it from being sent. Raises LookupError without such a step.
    """
    template = campaign.template(step)
    if template is None:
        raise LookupError(f"{campaign.name} has no step {step}")
    subject: str | Missing = ""
    values = _values(lead)
    if step == 0:
        subject = _filled(campaign.subject, values)
    body = _filled(signed(template, campaign.signature), values)
    for text in (subject, body):
        if isinstance(text, Missing):
            return Reason("S5", f"the template needs {text.variable}, which is not known")
    assert isinstance(subject, str)
    assert isinstance(body, str)
    wording = Wording(" ".join(subject.split()), body)
    return _misfit(wording, step) or wording


def written(subject: str, body: str, step: int, filled: Wording | Reason) -> Wording | Reason:
    """A text as its owner wrote it in the place of what *filled* says: it is sent as it stands.

    A Reason says what is wrong with it: its length (S1, S6), or a template mark that is not the
    lead's own (S5).
    """
    known = f"{filled.subject} {filled.body}" if isinstance(filled, Wording) else ""
    for stray in STRAY_BRACES.finditer(f"{subject} {body}"):
        if stray[0] not in known:
            return Reason("S5", f"{stray[0]} would be sent as it stands: write the value itself")
    wording = Wording(_plain(subject) if step == 0 else "", as_typed(body))
    return _misfit(wording, step) or wording


def as_typed(body: str) -> str:
    r"""A body as it is sent: stripped, line breaks as \n, other control characters as blanks."""
    lines = BREAKS.sub("\n", body).split("\n")
    return "\n".join(CONTROLS.sub(" ", line) for line in lines).strip()


def signed(template: str, signature: str) -> str:
    """A body's template with the signature under it."""
    return f"{template.rstrip()}\n\n{signature.strip()}" if signature.strip() else template


def fill(template: str, lead: Lead) -> str | Missing:
    r"""*template* with the lead's values, stripped, line breaks as \n (S5).

    A value is data: white space in it is collapsed, and template marks in it stay as they are.
    Raises ValueError for a template that mistakes() would refuse.
    """
    return _filled(template, _values(lead))


def _filled(template: str, values: dict[str, str]) -> str | Missing:
    try:
        text = _compiled(template).render(values)
    except UndefinedError as error:
        return Missing(error.message or "a value")
    except TypeError:  # a comparison of a text with a number, and the like
        return Missing("another kind of value")
    return BREAKS.sub("\n", text).strip()


def length(text: str) -> int:
    """Characters as the site counts them: UTF-16 code units, a line break as one (S6)."""
    return len(BREAKS.sub("\n", text).encode("utf-16-le", "surrogatepass")) // 2


def over_limit_rule(step: int) -> str:
    """The rule that bounds the body of *step*."""
    return {0: "S1", 1: "S2"}.get(step, "S6")


def _misfit(wording: Wording, step: int) -> Reason | None:
    if step == 0 and not 1 <= length(wording.subject) <= SUBJECT_MAX:
        found = length(wording.subject)
        return Reason("S1", f"the subject would have {found} characters, of 1 to {SUBJECT_MAX}")
    if not 1 <= length(wording.body) <= BODY_MAX:
        found = length(wording.body)
        text = f"the text would have {found} characters, of 1 to {BODY_MAX}"
        return Reason(over_limit_rule(step), text)
    return None


def _values(lead: Lead) -> dict[str, str]:
    """The lead's values that hold something to see."""
    first, last = lead.first_name, lead.last_name
    if not first or not last:
        named = split_name(lead.name)
        first, last = first or named[0], last or named[1]
    own = {
        "first_name": first,
        "last_name": last,
        "company": lead.company,
        "title": lead.title,
        "location": lead.location,
    }
    clean = {name: _plain(value) for name, value in (dict(lead.extra) | own).items()}
    return {name: value for name, value in clean.items() if _is_visible(value)}


def _plain(value: str) -> str:
    """One line of text: control characters and white space are single spaces."""
    return " ".join(CONTROLS.sub(" ", value).split())


def _is_visible(value: str) -> bool:
    return any(unicodedata.category(char)[0] not in "CZ" for char in value)


MOST_LEVELS = 60  # of parts in each other; a text that a person writes has about ten
_TOO_DEEP = Mistake("too many parts in each other", "write it more simply")


@lru_cache(maxsize=256)
def _compiled(template: str) -> Template:
    wrong = mistakes(template)
    if wrong:
        raise ValueError(f"the template holds {wrong[0].found}: {wrong[0].allowed}")
    return _environment.from_string(template)


# --- checking -----------------------------------------------------------------------------------


def variables(template: str) -> frozenset[str]:
    """The variables that *template* uses. Raises ValueError if it cannot be read."""
    return frozenset(find_undeclared_variables(_tree(template)))


def mistakes(template: str, known: frozenset[str] | None = None) -> tuple[Mistake, ...]:
    """All that is wrong with *template*; variables are checked if *known* ones are given (S5)."""
    if len(template) > TEMPLATE_MAX:
        allowed = f"a template has at most {TEMPLATE_MAX} characters"
        return (Mistake(f"{len(template)} characters", allowed),)
    tree = _parsed(template)
    if isinstance(tree, Mistake):
        return (tree,)
    found = [wrong for node in _all_nodes(tree) if (wrong := _refused(node)) is not None]
    if known is not None:
        found += _unknown_names(tree, known)
    return tuple(dict.fromkeys(found))


def shortest(template: str) -> int:
    """A lower bound of the filled length: literal text, and one character for each value.

    Raises ValueError if the template cannot be read.
    """
    return _shortest(_tree(template.strip()).body)


def _tree(template: str) -> nodes.Template:
    match _parsed(template):
        case Mistake(allowed=allowed):
            raise ValueError(allowed)
        case tree:
            return tree


def _parsed(template: str) -> nodes.Template | Mistake:
    try:
        tree = _environment.parse(template)
    except TemplateSyntaxError as error:
        what = (error.message or "it cannot be read").rstrip(".")
        allowed = f"this is not a template: {what}; write {{{{ first_name }}}}"
        lines = template.splitlines() or [""]
        return Mistake(lines[min(error.lineno, len(lines)) - 1].strip(), allowed, error.lineno)
    except RecursionError:
        return _TOO_DEEP
    return _TOO_DEEP if _is_deep(tree) else tree


def _is_deep(tree: nodes.Template) -> bool:
    """Whether its parts stand in each other so deep that what walks through them would give up."""
    level: list[nodes.Node] = [tree]
    for _ in range(MOST_LEVELS):
        level = [child for node in level for child in node.iter_child_nodes()]
        if not level:
            return False
    return True


def _all_nodes(tree: nodes.Template) -> list[nodes.Node]:
    return [tree, *tree.find_all(nodes.Node)]


def _refused(node: nodes.Node) -> Mistake | None:
    match node:
        case nodes.TemplateData():
            stray = STRAY_BRACES.search(node.data)
            if stray is None:
                return None
            line = node.lineno + node.data[: stray.start()].count("\n")
            return Mistake(stray[0], "braces are written in pairs: {{ first_name }}", line)
        case nodes.Filter():
            bare = node.name not in ("d", "default")
            if node.name in FILTERS and bare != bool(node.args) and not node.kwargs:
                return None
            allowed = f"the filters are {', '.join(FILTERS)}; only default takes a value"
            return Mistake(f"the filter {node.name}", allowed, node.lineno)
        case nodes.Test():
            if node.name in TESTS:
                return None
            return Mistake(f"the test {node.name}", "the test is defined", node.lineno)
    if isinstance(node, ALLOWED_NODES):
        return None
    what = type(node).__name__.lower()
    allowed = 'a template prints values, with | default("…"), and chooses with if; nothing else'
    return Mistake(f"{what} in a template", allowed, node.lineno)


def _unknown_names(tree: nodes.Template, known: frozenset[str]) -> list[Mistake]:
    allowed = f"known are {', '.join(sorted(known))}"
    names = [node for node in tree.find_all(nodes.Name) if node.name not in known]
    return [Mistake(f"the variable {node.name}", allowed, node.lineno) for node in names]


def _shortest(body: list[nodes.Node]) -> int:
    total = 0
    for node in body:
        if isinstance(node, nodes.Output):
            total += sum(
                length(part.data) if isinstance(part, nodes.TemplateData) else 1
                for part in node.nodes
            )
        elif isinstance(node, nodes.If):
            others = [_shortest(branch.body) for branch in node.elif_]
            total += min(_shortest(node.body), *others, _shortest(node.else_))
    return total


# --- names --------------------------------------------------------------------------------------

TITLES: tuple[str, ...] = (
    "dr",
    "prof",
    "professor",
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "sir",
    "herr",
    "frau",
)
TITLES += ("dipl-ing", "dr-ing", "mme", "mlle", "sr", "sra")
SUFFIXES = ("jr", "sr", "ii", "iii", "iv", "phd", "mba")
NAME_ENDS = re.compile(r"\s*(?:[,|•·(]|\s[-–—]\s).*", re.DOTALL)


def split_name(name: str) -> tuple[str, str]:
    """First and last name; ("", "") where there is none, and no first name after a bare title.

    Titles before the name, what follows a comma, and emoji are left out; nothing else changes.
    """
    words = _without_symbols(NAME_ENDS.sub("", name)).split()
    titled = False
    while words and words[0].replace(".", "").casefold() in TITLES:
        titled = True
        words.pop(0)
    while len(words) > 1 and words[-1].replace(".", "").casefold() in SUFFIXES:
        words.pop()
    if any("linkedin" in word.casefold() for word in words):
        return "", ""  # "LinkedIn Member": the site hides the name
    if len(words) == 1 and titled:
        return "", words[0]  # "Dr. Example" tells the last name
    return (words[0], " ".join(words[1:])) if words else ("", "")


def _without_symbols(name: str) -> str:
    """The name without emoji and the joiners between them."""
    plain = unicodedata.normalize("NFC", name)
    kept = [
        char
        for char in plain
        if unicodedata.category(char) not in ("So", "Sk", "Cf", "Co", "Cn", "Cc")
        and not "\ufe00" <= char <= "\ufe0f"
    ]
    return "".join(kept)
