"""`backup` and `restore`: the seat's state in one file, and back."""

from __future__ import annotations

from pathlib import Path

from bot import lock
from bot.checking import checked_settings
from bot.cli.plain import say
from bot.clock import SystemClock
from bot.config import home_folder
from bot.contacts import load_do_not_contact
from bot.forgetting import forget_all
from bot.places import SeatPaths
from bot.store.backup import back_up, restore
from bot.store.store import Store


def backup_command(name: str, file: Path, home: Path | None) -> int:
    """`leadwright backup SEAT FILE`: beside a living daemon, too."""
    target = file.expanduser().absolute()
    back_up(_paths(name, home).state, target)
    say(f"the state of {name} is in {target}: {target.stat().st_size / 1e6:.1f} MB")
    return 0


def restore_command(name: str, file: Path, home: Path | None) -> int:
    """`leadwright restore SEAT FILE`: never over a living daemon (exit code 4)."""
    paths = _paths(name, home)
    paths.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    again: list[str] = []

    def forget_again(store: Store) -> None:
        again.extend(_forget_again(paths, store))

    with lock.hold(paths.folder):
        source, now = file.expanduser().absolute(), SystemClock().now()
        replaced = restore(source, paths.state, now, mend=forget_again)
    if replaced is not None:
        say(f"the state until now is kept as {replaced}")
    if again:
        say(f"{len(again)} people of the copy were forgotten since it was made: they are again")
    say(
        f"{name} is restored, and paused: what was sent since is not in the copy. After "
        f"`leadwright resume {name}` every thread is read before anything is sent."
    )
    return 0


def _forget_again(paths: SeatPaths, store: Store) -> list[str]:
    """Erase whom a copy brings back although they were forgotten since (K5); their ids.

    Not who is in doubt: they can be forgotten once that is settled, and are not written to.
    """
    contacts = load_do_not_contact(paths.home)
    if not contacts.hashes:
        return []
    doubted = {attempt.lead_id for attempt in store.open_attempts()}
    known = [lead.id for lead in store.leads() if lead.id not in doubted]
    people = [lead_id for lead_id in known if contacts.is_erased(lead_id)]
    if people:
        forget_all(paths, store, people)
    return people


def _paths(name: str, home: Path | None) -> SeatPaths:
    """The seat's places; its state may be damaged, so nothing of it is opened."""
    settings = checked_settings(home_folder(home))
    settings.seat(name)
    return SeatPaths(settings.home, name)
