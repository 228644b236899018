"""Gets the browser code of others that the desk serves, and what its tests need.

Each package is named in vendor.lock.json with the hash of its archive, comes from the registry, and
is never committed. Needs nothing but Python's standard library: set-up and the build of a wheel
start it, and `python tools/vendor.py` does by hand what they do.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import sys
import tarfile
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = Path(__file__).resolve().parent / "vendor.lock.json"
SECONDS = 60
TRIES = 3
AGAIN = "`python tools/vendor.py` tries again"


class VendorFailed(Exception):
    """A package is not there; the message says why, and what to do."""


@dataclass(frozen=True)
class Package:
    """One package as locked.

    integrity  "sha512-" and the hash of the archive in base 64, as the registry tells it
    files      a member of the archive, and where it goes below the checkout's root
    """

    name: str
    version: str
    tarball: str
    integrity: str
    files: Mapping[str, str]

    def stands(self, root: Path) -> bool:
        """Whether all its files are there, of this version."""
        return all(
            (root / place).is_file() and _told(root / place) == self.integrity
            for place in self.files.values()
        )


def locked(lock: Path = LOCK) -> tuple[Package, ...]:
    """What vendor.lock.json names."""
    return tuple(Package(**each) for each in json.loads(lock.read_text(encoding="utf-8")))


def shipped(root: Path = ROOT) -> dict[Path, str]:
    """The files that go into a wheel, and their places there."""
    places = (place for package in locked() for place in package.files.values())
    return {root / place: place for place in places if place.startswith("bot/")}


def _download(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310  https, from the lock
        content: bytes = answer.read()
    return content


def fetch(
    packages: Iterable[Package] | None = None,
    root: Path = ROOT,
    download: Callable[[str], bytes] = _download,
) -> list[Package]:
    """Get what is missing; return the packages that were fetched. Raises VendorFailed."""
    missing = [each for each in (packages or locked()) if not each.stands(root)]
    for package in missing:
        _unpack(package, _checked(package, _patiently(package, download)), root)
    return missing


def _patiently(package: Package, download: Callable[[str], bytes]) -> bytes:
    why = ""
    for _ in range(TRIES):
        try:
            return download(package.tarball)
        except OSError as error:
            why = str(error)
    raise VendorFailed(
        f"{package.name} {package.version} cannot be fetched from {package.tarball}: {why}; "
        f"let this machine reach it, then {AGAIN}"
    )


def _checked(package: Package, archive: bytes) -> bytes:
    """The archive, if it is the locked one."""
    kind, _, expected = package.integrity.partition("-")
    found = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if kind != "sha512" or found != expected:
        raise VendorFailed(
            f"{package.tarball} is not what {LOCK.name} names: its hash is sha512-{found}; "
            f"nothing of it was kept; if it was cut short on its way, {AGAIN}"
        )
    return archive


def _unpack(package: Package, archive: bytes, root: Path) -> None:
    """Only the named members are read, into memory; nothing is extracted by its own path."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as members:
        for member, place in package.files.items():
            try:
                file = members.extractfile(member)
            except KeyError:
                file = None
            if file is None:
                raise VendorFailed(f"{package.name} {package.version} has no {member}: see {LOCK}")
            _put(root / place, file.read(), package.integrity)


def _put(path: Path, content: bytes, integrity: str) -> None:
    """The file whole, then the note of which archive it came from."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    new.write_bytes(content)
    new.replace(path)
    digest = hashlib.sha256(content).hexdigest()
    _note(path).write_text(f"{integrity} {digest}\n", encoding="ascii")


def _note(path: Path) -> Path:
    return path.with_name(f".{path.name}.locked")


def _told(path: Path) -> str | None:
    """The archive that a file came from; None if it was changed since, or nothing tells."""
    try:
        integrity, digest = _note(path).read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return None
    return integrity if hashlib.sha256(path.read_bytes()).hexdigest() == digest else None


def main() -> int:
    """Get what is missing; 1 if something cannot be had."""
    try:
        fetched = fetch()
    except VendorFailed as failed:
        print(f"browser code: {failed}", file=sys.stderr)
        return 1
    names = ", ".join(f"{each.name} {each.version}" for each in fetched)
    print(f"browser code: {f'fetched {names}' if names else 'is there'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
