"""Browser code of others: fetched once, and only what is locked."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from tools.vendor import Package, VendorFailed, fetch, locked

CODE = b"var answer = 42;"


def _archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(f"package/{name}.js")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


ARCHIVE = _archive(code=CODE)
HASH = base64.b64encode(hashlib.sha512(ARCHIVE).digest()).decode()
PACKAGE = Package(
    "code",
    "1.0.0",
    "https://registry/code.tgz",
    f"sha512-{HASH}",
    {"package/code.js": "to/code.js"},
)


def test_a_locked_package_is_fetched_once(tmp_path: Path) -> None:
    """What is there and unchanged is not asked for again; what was changed is put right."""
    asked: list[str] = []

    def download(url: str) -> bytes:
        asked.append(url)
        return ARCHIVE

    assert fetch([PACKAGE], tmp_path, download) == [PACKAGE]
    assert fetch([PACKAGE], tmp_path, download) == []
    (tmp_path / "to/code.js").write_bytes(b"alert(1)")
    assert fetch([PACKAGE], tmp_path, download) == [PACKAGE]
    assert (tmp_path / "to/code.js").read_bytes() == CODE
    assert asked == [PACKAGE.tarball] * 2


def test_another_version_in_the_lock_is_fetched(tmp_path: Path) -> None:
    """A file of the version before does not stand for the one that is locked now."""
    fetch([PACKAGE], tmp_path, lambda _: ARCHIVE)
    newer = _archive(code=b"newer")
    told = base64.b64encode(hashlib.sha512(newer).digest()).decode()
    fetch([replace(PACKAGE, integrity=f"sha512-{told}")], tmp_path, lambda _: newer)
    assert (tmp_path / "to/code.js").read_bytes() == b"newer"


def test_an_archive_of_another_hash_leaves_nothing_behind(tmp_path: Path) -> None:
    """What the registry or the way to it changed is refused, with what to do."""
    with pytest.raises(VendorFailed, match=r"is not what vendor\.lock\.json names.*vendor\.py"):
        fetch([PACKAGE], tmp_path, lambda _: _archive(code=b"alert(1)"))
    assert not list(tmp_path.rglob("*.js"))


def test_a_registry_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    """The message names the package, the address and the next step."""

    def download(_: str) -> bytes:
        raise OSError("no route to host")

    with pytest.raises(VendorFailed, match=r"code 1\.0\.0.*registry/code\.tgz.*no route.*vendor"):
        fetch([PACKAGE], tmp_path, download)


def test_what_is_served_is_locked_and_never_committed() -> None:
    """Every package has a hash and https; what is put below bot/ is in a folder git leaves out."""
    places = [place for each in locked() for place in each.files.values()]
    assert all(each.integrity.startswith("sha512-") for each in locked())
    assert all(each.tarball.startswith("https://registry.npmjs.org/") for each in locked())
    assert {place.rpartition("/")[0] for place in places} == {"bot/desk/vendor", "out/tools"}
