"""Copies of a seat's state, and the way back (T4).

A restored state is older than the site. Two things follow, both in rules.apply.restored(): what
the copy holds as *held* may have been clicked since, and people may have been written to that it
does not know.

The way back is a file, `state.restoring`, that is whole before anything is moved: whoever opens the
seat next finishes what a crash cut off, and at no moment does a seat stand there without its state.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from bot.errors import StoreBroken, WorkFailed
from bot.rules.apply import restored
from bot.store import schema
from bot.store.storage import SqliteStorage
from bot.store.store import Store

SIDE_FILES = ("-wal", "-shm")
COMING = "state.restoring"


def back_up(state: Path, target: Path) -> None:
    """Copy a state as it is at one moment, beside a living daemon, into a new file.

    Raises WorkFailed if there is nothing to copy, or *target* is there already.
    """
    if not state.exists():
        raise WorkFailed(f"there is no state yet: {state} is missing")
    if target.exists():
        raise WorkFailed(f"{target} is there already; name a new file")
    fresh = target.with_name(f".{target.name}.new")
    with _discarded(fresh):
        with SqliteStorage(state, read_only=True) as old:
            _demand_tables(old)
            _copy(old, fresh)
        fresh.rename(target)
    _settle_folder(target.parent)


def restore(
    source: Path,
    state: Path,
    now: datetime,
    mend: Callable[[Store], None] = lambda _store: None,
) -> Path | None:
    """Put a copy in the place of a state; return where the replaced one lies, if there was one.

    mend  what is to be done in the copy before it is put in place

    Only for the holder of the seat's lock. Raises StoreBroken for a copy that is damaged or newer
    than this program, WorkFailed if it cannot be read; nothing is changed then.
    """
    if not source.exists():
        raise WorkFailed(f"there is no file {source}")
    coming = state.with_name(COMING)
    fresh = state.with_name(f".{COMING}.new")
    with _discarded(fresh):
        with SqliteStorage(source, read_only=True) as old:
            _demand_tables(old)
            _copy(old, fresh)
        with Store.open(fresh) as store:
            store.commit(restored(store.seat(), store.open_attempts(), now))
            mend(store)
        fresh.rename(coming)
    _settle_folder(state.parent)
    return finish(state)


def finish(state: Path) -> Path | None:
    """Finish a restore, one that a crash cut off too; return where the replaced state lies.

    Without one nothing happens. Only for the holder of the seat's lock.
    """
    coming = state.with_name(COMING)
    if not coming.exists():
        return None
    aside = _free_name(state)
    # The side files first: as long as the state itself stands, the next try takes the same name.
    for name in (*SIDE_FILES, ""):
        with suppress(FileNotFoundError):
            Path(f"{state}{name}").rename(f"{aside}{name}")
    coming.replace(state)
    _settle_folder(state.parent)
    return aside if aside.exists() else None


def _demand_tables(old: SqliteStorage) -> None:
    """Make sure that a file is a state at all. Raises StoreBroken for an empty one, and others."""
    if schema.version(old) == 0:
        raise StoreBroken(f"{old.path} is empty: it is no state, and no copy of one")


def _copy(old: SqliteStorage, fresh: Path) -> None:
    """Copy all of *old* into one new file, and make sure that every page of it can be read.

    Raises StoreBroken for a damaged one.
    """
    with SqliteStorage(fresh, journal="DELETE") as new:
        old.copy_to(new)
        new.execute("PRAGMA journal_mode = DELETE")  # the copy came with the mode of the original
        found = new.execute("PRAGMA integrity_check(1)")[0][0]
    if found != "ok":
        raise StoreBroken(f"{old.path} is damaged: {found}")


@contextmanager
def _discarded(fresh: Path) -> Iterator[None]:
    """A file in the making: what is left of it afterwards is thrown away. Raises WorkFailed."""
    try:
        yield
    except OSError as error:
        raise WorkFailed(f"{fresh.parent} cannot be written: {error.strerror}") from error
    finally:
        for name in ("", *SIDE_FILES, "-journal"):
            Path(f"{fresh}{name}").unlink(missing_ok=True)


def _free_name(state: Path) -> Path:
    """`state.replaced-N.sqlite` with the first N that nobody has."""
    number = 1
    while (found := state.with_name(f"{state.stem}.replaced-{number}{state.suffix}")).exists():
        number += 1
    return found


def _settle_folder(folder: Path) -> None:
    """Names are on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise StoreBroken(f"{folder}: {error.strerror}") from error
    finally:
        os.close(descriptor)
