"""TinyDB's own tests, out of its source distribution, on our storage."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tools.setup import locked_source

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent

# What does not apply to another storage, and why. Each must still fail: one that passes applies.
NOT_OURS = {
    "test_tables.py::test_table_repr": "names TinyDB's two storages in a repr",
    "test_tinydb.py::test_access_storage": "asks for an instance of MemoryStorage",
    "test_tinydb.py::test_storage_access": "asks for an instance of MemoryStorage",
    "test_storages.py::test_json_kwargs": "reads the file as the text of JSONStorage",
    "test_storages.py::test_json_read": "opens a missing file by JSONStorage's access mode",
    "test_storages.py::test_json_invalid_directory": "expects JSONStorage's own error",
    "test_middlewares.py::test_caching": "a middleware that keeps lists in a MemoryStorage",
    "test_middlewares.py::test_caching_write_many": "looks into MemoryStorage.memory",
    "test_middlewares.py::test_caching_flush": "a middleware that keeps lists in a MemoryStorage",
    "test_middlewares.py::test_caching_flush_manually": "keeps lists in a MemoryStorage",
    "test_middlewares.py::test_caching_write": "keeps lists in a MemoryStorage",
}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Their tests, with our conftest.py in the place of theirs."""
    archive = locked_source("tinydb")
    assert archive.exists(), f"{archive} is missing: `make test` fetches it at set-up"
    folder = tmp_path_factory.mktemp("tinydb")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    tests = next(folder.glob("tinydb-*/tests"))
    shutil.copy(HERE / "tinydb_suite.py", tests / "conftest.py")
    (tests / "__init__.py").unlink()
    return tests


def run(suite: Path, *options: str) -> str:
    """What their pytest says at the end."""
    command = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", str(suite)]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "--tb=short", *options],
        cwd=suite,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout


def test_tinydbs_own_tests_pass_on_our_storage(suite: Path) -> None:
    """All that exercise tables, queries and storages; with the query cache on."""
    out = run(suite, *(f"--deselect={name}" for name in NOT_OURS))
    summary = out.splitlines()[-1]
    passed = re.search(r"(\d+) passed", summary)
    assert "failed" not in summary, out
    assert "error" not in summary, out
    assert passed is not None, out
    assert int(passed[1]) >= 200


def test_what_does_not_apply_still_does_not(suite: Path) -> None:
    """The list of what is left out holds nothing that could be run."""
    out = run(suite, *NOT_OURS)
    failed = {re.sub(r"\[.*", "", name) for name in re.findall(r"^FAILED (\S+)", out, re.MULTILINE)}
    assert failed == set(NOT_OURS), out
