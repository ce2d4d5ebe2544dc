"""One entry out of a database that somebody else made: a backup, a mirror.

Nothing in it is trusted: a view in the place of a table, an endless query, a value of
any type or size ends in an error or in bytes, never in a hang.
"""

from dataclasses import dataclass
from pathlib import Path
from sqlite3 import SQLITE_LIMIT_LENGTH

from ledger.errors import RefusedError
from ledger.store.engine import open_database, translated

STEPS = 5_000_000
"""Instructions of SQLite's machine after which a query is broken off."""
LARGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy of an entry as another database keeps it; the leaf is what it says."""

    note: bytes
    leaf: bytes


def entry_of(path: Path, *, book: str, seq: int) -> Kept | None:
    """Return an entry of a book as a database has it, or None if it has none.

    Raises:
        RefusedError: If the database has no book of that name.
        NoBookError, TooNewError, TamperedError: If it is no ledger, or damaged.
        NotPermittedError: If it cannot be read.
    """
    connection = open_database(path, write=False)
    try:
        connection.setlimit(SQLITE_LIMIT_LENGTH, LARGEST)
        connection.set_progress_handler(lambda: 1, STEPS)
        connection.text_factory = bytes
        with translated():
            found = connection.execute(
                "SELECT id FROM book WHERE name = ? LIMIT 1", (book,)
            ).fetchone()
            if found is None:
                raise RefusedError("compare.another-book")
            row = connection.execute(
                "SELECT note, leaf FROM entry WHERE book = ? AND seq = ? LIMIT 1",
                (found[0], seq),
            ).fetchone()
    finally:
        connection.close()
    return None if row is None else Kept(*map(_bytes, row))


def _bytes(value: object) -> bytes:
    """Return a value of a database as bytes, whatever type it was given."""
    return value if isinstance(value, bytes) else str(value).encode()
