"""`install-service` as systemd reads it."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli.user import SEAT, User

from bot.cli.service import ANY_SEAT, Unit, quoted

MOST_EXPOSED = 3.0  # of ten, as `systemd-analyze security` counts
ODD = Path('/var/lib/lead wright/100%/$HOME "x" \\')


def analyse(*words: str) -> str:
    """What systemd-analyze says; without one on this machine the test fails."""
    program = shutil.which("systemd-analyze")
    assert program is not None, "systemd-analyze is needed for this test: apt-get install systemd"
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def exposure(unit: Path) -> float:
    """How much of the machine a unit can reach, from 0 to 10."""
    told = analyse("security", "--offline=yes", str(unit))
    found = re.search(r"exposure level for \S+: ([\d.]+)", told)
    assert found is not None, told
    return float(found[1])


@pytest.mark.parametrize("account", ["", "daemon"])
@pytest.mark.parametrize("home", [Path("/var/lib/leadwright"), ODD], ids=["plain", "odd"])
def test_systemd_understands_the_unit(tmp_path: Path, account: str, home: Path) -> None:
    """Nothing in it is unknown to systemd, and a path with anything in it stays one word."""
    unit = Unit(SEAT, home, account)
    path = tmp_path / unit.name
    path.write_text(unit.text(), encoding="utf-8")
    assert analyse("verify", str(path)) == ""


def test_a_team_file_elsewhere_may_be_written(user: User) -> None:
    """K4: what is claimed for all seats of a team goes into a file that may lie anywhere."""
    user.settle_in("http://127.0.0.1:9", more='team_file = "/srv/team/claimed.csv"\n')
    unit = user.run("install-service", SEAT, "--print").out
    assert f'ReadWritePaths="{user.home}" "/srv/team"\n' in unit
    assert unit == user.run("install-service", "--template", "--print").out.replace("%i", SEAT)


def test_the_machines_unit_reaches_little(tmp_path: Path) -> None:
    """At most 3.0 of 10 for the machine's own manager, where systemd can take all of it away."""
    unit = Unit(ANY_SEAT, Path("/var/lib/leadwright"), "daemon")
    path = tmp_path / unit.name
    path.write_text(unit.text(), encoding="utf-8")
    assert exposure(path) <= MOST_EXPOSED


def test_a_word_of_a_unit_is_whole() -> None:
    """Read as systemd reads it: quotes, then its own % and $ put in."""
    (word,) = shlex.split(quoted(str(ODD)))
    assert word.replace("%%", "%").replace("$$", "$") == str(ODD)


def test_it_is_written_once_and_says_what_to_do(user: User, tmp_path: Path) -> None:
    """Into the user's own place; one that is there is replaced only when asked."""
    user.settle_in("http://127.0.0.1:9")
    place = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    said = user.run("install-service", SEAT, variables=place)
    path = tmp_path / "config" / "systemd" / "user" / f"leadwright-{SEAT}.service"
    assert (said.code, str(path) in said.out) == (0, True), said.err
    assert "systemctl --user daemon-reload" in said.out
    assert "enable-linger" in said.out
    text = path.read_text(encoding="utf-8")
    assert f'ExecStart="{sys.executable}" -m bot run {SEAT}\n' in text
    assert f'LEADWRIGHT_HOME={user.home}"' in text
    path.write_text("mine")
    assert "--force" in user.run("install-service", SEAT, variables=place).complains(2)
    assert path.read_text(encoding="utf-8") == "mine"
    assert user.run("install-service", SEAT, "--force", variables=place).code == 0
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nobody",), "nobody"),
        ((), "--template"),
        ((SEAT, "--template"), "--template"),
    ],
)
def test_what_it_does_not_understand_it_refuses(
    user: User, words: tuple[str, ...], said: str
) -> None:
    """Exit 2; a seat that is not configured gets no service."""
    user.settle_in("http://127.0.0.1:9")
    assert said in user.run("install-service", *words, "--print").complains(2)
