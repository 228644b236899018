"""The house rules that a machine can check, beside those that import-linter checks."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "bot").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
LINES_MAX = 400  # that are not blank
FUNCTION_LINES_MAX = 60

# The numbers of the rules, by letter: credits, limits, who may be written to (K), answers (A),
# sequence (S), sending (T).
RULES = {"C": 12, "L": 6, "K": 8, "A": 14, "S": 8, "T": 8}
NUMBERS = [f"{letter}{n}" for letter, count in RULES.items() for n in range(1, count + 1)]

MACHINE_TIME = re.compile(
    r"\b(datetime\.(now|utcnow|today)|date\.today|time\.(time|sleep|monotonic|perf_counter)(_ns)?)$"
)
# Heavy, or wanted by one command of many: the only imports that are not at the top of a file.
LATE_IMPORTS = ("bot/cli/late.py", "bot/configfile.py", "bot/log.py", "bot/rules/limits.py")

each_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions_of(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def calls_of(tree: ast.Module) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def imports_of(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_there_is_something_to_check() -> None:
    """An empty folder would pass every other test here."""
    assert len(SOURCES) > 50
    assert len(TESTS) > 10


@each_source
def test_the_machines_clock_is_asked_in_one_place(path: Path) -> None:
    """All other code is given the time; a simulation could not hold it otherwise."""
    if name_of(path) == "bot/clock.py":
        return
    tree = tree_of(path)
    assert not [call for call in calls_of(tree) if MACHINE_TIME.search(call)]
    assert "time" not in imports_of(tree)


@each_source
def test_chance_is_for_the_practice_site_alone(path: Path) -> None:
    """L4: what the agent draws is a hash, so that it can be shown ahead and repeats in a test."""
    if not name_of(path).startswith("bot/practice/"):
        assert "random" not in imports_of(tree_of(path))


@each_source
def test_imports_stand_at_the_top(path: Path) -> None:
    """What a module needs is seen at its head; the few late imports are named here."""
    tree = tree_of(path)
    inside = [
        ast.unparse(node)
        for function in functions_of(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not inside
    late = [call for call in calls_of(tree) if call.endswith("import_module")]
    assert not late or name_of(path) in LATE_IMPORTS


def test_test_modules_have_names_of_their_own() -> None:
    """Two of one name in two folders are one to the test runner: together they do not start."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_no_helper_hides_a_module_of_python() -> None:
    """Their folders stand on the import path of every process that a test starts."""
    names = {path.stem for path in (ROOT / "tests").rglob("*.py")}
    assert sorted(names & sys.stdlib_module_names) == []


@each_source
def test_nothing_catches_everything(path: Path) -> None:
    """An error that nobody expected must be seen; only the daemon may outlive one."""
    if name_of(path) == "bot/daemon.py":
        return
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type is not None else "everything"
            assert _hands_on(node.body[-1]) or caught not in (
                "everything",
                "Exception",
                "BaseException",
            ), node.lineno


def _hands_on(last: ast.stmt) -> bool:
    """Whether a handler ends by raising the error again, here or in the thread that waits."""
    again = isinstance(last, ast.Raise) and last.exc is None
    return again or ".set_exception(" in ast.unparse(last)


@each_source
def test_files_and_functions_are_small(path: Path) -> None:
    """A file and a function are read in one go."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert sum(1 for line in lines if line.strip()) <= LINES_MAX
    for function in functions_of(tree_of(path)):
        length = (function.end_lineno or 0) - function.lineno + 1
        assert length <= FUNCTION_LINES_MAX, function.name


def test_selectors_are_data() -> None:
    """A selectors package at the root would shadow the standard library's."""
    assert not list((ROOT / "selectors").rglob("*.py"))


@pytest.mark.parametrize("number", NUMBERS)
def test_every_rule_is_in_the_code_and_in_a_test(number: str) -> None:
    """Who asks where a rule is decided, and what proves it, finds both by its number."""
    assert number in _numbers("\n".join(path.read_text(encoding="utf-8") for path in SOURCES))
    assert number in _numbers("\n".join(_promises()))


def test_every_test_is_a_promise() -> None:
    """A test's docstring is one sentence or two, and says what holds, not how it is tried."""
    without = [
        f"{name_of(path)}: {function.name}"
        for path in TESTS
        for function in functions_of(tree_of(path))
        if function.name.startswith("test_")
        and not (ast.get_docstring(function) or "").endswith(".")
    ]
    assert not without


@cache
def _promises() -> tuple[str, ...]:
    """Names and docstrings of all tests but these."""
    found: list[str] = []
    for path in TESTS:
        if path == Path(__file__):
            continue
        for function in functions_of(tree_of(path)):
            if function.name.startswith("test_"):
                found += [
                    function.name.replace("_", " ").upper(),
                    ast.get_docstring(function) or "",
                ]
    return tuple(found)


@cache
def _numbers(text: str) -> frozenset[str]:
    """The rule numbers that *text* names; "C1-C3" names all three."""
    found = set(re.findall(r"\b[CLKAST]\d{1,2}\b", text))
    for letter, first, last in re.findall(r"\b([CLKAST])(\d{1,2})-\1(\d{1,2})\b", text):
        found |= {f"{letter}{n}" for n in range(int(first), int(last) + 1)}
    return frozenset(found)
