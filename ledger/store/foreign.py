"""One entry out of a database that somebody else made: a backup, a mirror.

Nothing in it is trusted: a view in the place of a table, an endless query, a value of
any type or size ends in an error or in bytes, never in a hang.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from sqlite3 import SQLITE_LIMIT_LENGTH

from msgspec import Struct

from ledger.errors import RefusedError
from ledger.store.engine import open_database, translated
from ledger.store.projections import HEADING

STEPS = 5_000_000
"""Instructions of SQLite's machine after which a query is broken off."""
LARGEST = 4 << 20


class Kept(Struct, frozen=True):
    """A copy of an entry as another database keeps it, and what it says beside it.

    Attributes:
        note: Its bytes.
        leaf: The leaf hash beside them.
        beside: Other columns of its rows, by table and column.
    """

    note: bytes
    leaf: bytes
    beside: Mapping[str, str | None]


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
            return beside(connection, found[0], seq)
    finally:
        connection.close()


def beside(connection: sqlite3.Connection, book: object, seq: int) -> Kept | None:
    """Return an entry of a book by its number, with all that its rows say."""
    row = connection.execute(
        "SELECT note, leaf, once FROM entry WHERE book = ? AND seq = ? LIMIT 1",
        (book, seq),
    ).fetchone()
    if row is None:
        return None
    heading = connection.execute(
        f"SELECT {', '.join(HEADING.columns)} FROM heading "  # noqa: S608 (names are ours)
        "WHERE book = ? AND seq = ? LIMIT 1",
        (book, seq),
    ).fetchone()
    cells = heading or (None,) * len(HEADING.columns)
    named = {
        "once": row[2],
        **{
            f"heading.{name}": cell
            for name, cell in zip(HEADING.columns, cells, strict=True)
        },
    }
    texts = {
        name: None if cell is None else _bytes(cell).decode("utf-8", "backslashreplace")
        for name, cell in named.items()
    }
    return Kept(_bytes(row[0]), _bytes(row[1]), texts)


def _bytes(value: object) -> bytes:
    """Return a value of a database as bytes, whatever type it was given."""
    return value if isinstance(value, bytes) else str(value).encode()
