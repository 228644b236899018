"""What a shell offers while a command is typed, asked as the shell itself asks."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli.user import CAMPAIGN, SEAT, User

LEADWRIGHT = Path(sys.executable).parent / "leadwright"


def offered(user: User, shell: str, typed: str) -> str:
    """The answer to one press of the key, by the protocol of bash, zsh or fish."""
    words = typed.split(" ")
    asked = {
        "_LEADWRIGHT_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": typed,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(words) - 1),
        "LEADWRIGHT_HOME": str(user.home),
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run(
        [LEADWRIGHT], capture_output=True, text=True, env=asked, timeout=60, check=False
    )
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.fixture
def settled(user: User) -> User:
    """A user with the seats alice and bob, and one campaign of alice's."""
    user.settle_in("http://127.0.0.1:9", more='[seats.bob]\ntimezone = "UTC"\n')
    return user


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_is_offered_commands_and_seats(settled: User, shell: str) -> None:
    """The seats are those of config.toml, as arguments and as an option."""
    assert "campaign" in offered(settled, shell, "leadwright cam")
    for typed in ("leadwright run ", "leadwright status ", "leadwright leads list --seat "):
        said = offered(settled, shell, typed)
        assert SEAT in said
        assert "bob" in said
    assert "bob" not in offered(settled, shell, "leadwright run al")


def test_campaigns_are_offered_by_seat(settled: User) -> None:
    """Only the named seat's; before one is named, those of all."""
    named = "leadwright campaign show --seat {} "
    assert offered(settled, "bash", named.format(SEAT)).split() == [CAMPAIGN]
    assert offered(settled, "bash", named.format("bob")).split() == []
    assert offered(settled, "bash", "leadwright leads list --campaign ").split() == [CAMPAIGN]


def test_a_wrong_file_offers_what_the_folders_say(settled: User) -> None:
    """A key that is pressed is no place for an error: seats with a folder are offered still."""
    settled.write("config.toml", "[seats")
    settled.write(f"seats/{SEAT}/campaigns/broken.toml", "name = ")
    assert offered(settled, "bash", "leadwright run ").split() == [SEAT]
    assert offered(settled, "bash", "leadwright leads list --campaign ").split() == [CAMPAIGN]


def test_bash_completes_by_the_script_that_is_printed(settled: User) -> None:
    """`leadwright completion bash`, sourced, fills in the seat's name."""
    bash = shutil.which("bash")
    assert bash is not None
    typed = (
        'source <(leadwright completion bash); COMP_WORDS=(leadwright run ""); COMP_CWORD=2; '
        '_leadwright_completion leadwright; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    place = {"PATH": f"{LEADWRIGHT.parent}:/usr/bin:/bin", "LEADWRIGHT_HOME": str(settled.home)}
    done = subprocess.run(
        [bash, "-c", typed], capture_output=True, text=True, env=place, timeout=60, check=False
    )
    assert done.stdout.split() == [SEAT, "bob"], done.stderr


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_other_shells_have_a_script_that_asks_the_program(user: User, shell: str) -> None:
    """It names the variable that the program listens to."""
    said = user.run("completion", shell, homeless=True)
    assert said.code == 0
    assert f"_LEADWRIGHT_COMPLETE=complete_{shell}" in said.out
