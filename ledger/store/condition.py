"""What can be read of a database and its machine without trusting either."""

import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from ledger.errors import NotPermittedError
from ledger.store.engine import SETTINGS, translated
from ledger.store.guards import LASTING, SCHEMA_DIGEST, digest, lasting, objects
from ledger.store.journal import Journal


class Setting(Struct, frozen=True):
    """A setting of SQLite that is not what it has to be."""

    name: str
    found: str
    wanted: str


def settings_unlike(journal: Journal) -> list[Setting]:
    """Return the settings, read back from the open database, that are wrong."""
    connection = journal.connection
    with translated():
        found = {
            name: str(connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name, _ in SETTINGS
        }
        found.update(lasting(connection))
    wanted = {**{name: str(value) for name, value in SETTINGS}, **LASTING}
    return [
        Setting(name, found[name], wanted[name])
        for name in wanted
        if found[name] != wanted[name]
    ]


def guards_fit(journal: Journal) -> bool:
    """Return whether every table, index and trigger is as this program makes it."""
    with translated():
        return digest(objects(journal.connection)) == SCHEMA_DIGEST


def sqlite_version() -> str:
    """Return the version of SQLite that this process uses."""
    return sqlite3.sqlite_version


class Room(Struct, frozen=True):
    """How much room there is where a file lies.

    Attributes:
        free: Bytes that this user can still write.
        size: Bytes of the file.
        changed: When the file was last written, UTC, whole seconds.
    """

    free: int
    size: int
    changed: datetime


def room(path: Path) -> Room:
    """Return how much room there is beside a file.

    Raises:
        NotPermittedError: The system does not say.
    """
    try:
        system, status = os.statvfs(path), path.stat()
    except OSError as error:
        raise NotPermittedError.of(error, path=str(path)) from error
    return Room(
        free=system.f_bavail * system.f_frsize,
        size=status.st_size,
        changed=datetime.fromtimestamp(int(status.st_mtime), UTC),
    )
