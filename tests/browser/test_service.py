"""The daemon under a service manager, and several under `up`, at work on the practice site."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from browser.test_daemon import ALWAYS, SHORT, ends, wait_for
from browser.worlds import ADA, BASIL, OpenSite, written
from cli.user import SEAT, User
from unit.test_supervisor import Manager

import bot

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_systemd_is_told_what_the_daemon_does(
    user: User, practice: OpenSite, tmp_path: Path
) -> None:
    """READY after the first page was read, then alive every second, the plan, and the end."""
    site = practice()
    user.settle_in(site.url, pause=SHORT, more=ALWAYS)
    manager = Manager(str(tmp_path / "notify"))
    heard: list[str] = []
    variables = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "180000000"}
    daemon = user.start("run", SEAT, variables=variables)

    def is_asleep() -> bool:
        heard.extend(manager.heard())
        return any(line.startswith("STATUS=sleeping until") for line in heard)

    wait_for(is_asleep, daemon)
    heard.append("asleep")
    wait_for(lambda: is_asleep() and heard[-1] == "WATCHDOG=1", daemon)
    assert ends(daemon, signal.SIGTERM)[0] == 0
    assert heard[0].startswith("EXTEND_TIMEOUT_USEC=")
    assert heard.count("READY=1") == 1
    assert "WATCHDOG=1" in heard
    assert any("queue is empty" in line for line in heard if line.startswith("STATUS=sleeping"))
    assert manager.heard()[-1] == "STOPPING=1"
    assert set(written(site)) == {ADA, BASIL}
    manager.close()


def test_a_program_that_is_renewed_starts_itself_again(
    user: User, practice: OpenSite, tmp_path: Path
) -> None:
    """The same process, so that its manager sees no end, with the program that is there now."""
    copy = tmp_path / "renewed"
    shutil.copytree(Path(bot.__file__).parent, copy / "bot")
    for name in ("selectors", "fixtures"):
        (copy / name).symlink_to(Path(bot.__file__).parents[1] / name)
    user.settle_in(practice().url, pause=SHORT, more=ALWAYS)
    said = (tmp_path / "said").open("wb")
    variables = {"PYTHONPATH": str(copy), "PYTHONSAFEPATH": "1"}
    daemon = user.start("run", SEAT, variables=variables, stdout=said, stderr=said)

    def lines() -> list[str]:
        return (tmp_path / "said").read_text(encoding="utf-8").splitlines()

    def sleeps() -> int:
        return sum(line.startswith("sleeping until") for line in lines())

    wait_for(lambda: sleeps() == 1, daemon)
    os.utime(copy / "bot" / "__init__.py", (1, 1))
    wait_for(lambda: sleeps() == 2, daemon)
    assert "the program was renewed: starting it again" in lines()
    daemon.terminate()
    assert daemon.wait(30) == 0
    said.close()


def test_up_works_every_seat_and_ends_them_all(user: User, practice: OpenSite) -> None:
    """What each says stands behind its name; one that failed is started again; Ctrl-C ends all."""
    site = practice()
    user.settle_in(site.url, pause=SHORT, more=f"{ALWAYS}[seats.bob]\n")
    up = user.start("up")
    wait_for(lambda: set(written(site)) == {ADA, BASIL}, up)
    wait_for(
        lambda: user.run("status", "bob", "--json").document["seats"][0]["state"] == "sleeping", up
    )
    up.send_signal(signal.SIGINT)
    out, err = up.communicate(timeout=30)
    assert (up.returncode, err) == (0, "")
    assert any(line.startswith("alice: ") and "sent" in line for line in out.splitlines())
    assert any(line.startswith("bob: ") for line in out.splitlines())
    states = {each["state"] for each in user.run("status", "--json").document["seats"]}
    assert states == {"stopped"}
