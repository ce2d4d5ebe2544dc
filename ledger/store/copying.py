"""A copy of a database that is whole, whatever is written meanwhile.

SQLite's own backup copies the pages of one state; a copy of the bare file could hold
half of a transaction.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from ledger.errors import NotPermittedError
from ledger.store.engine import naming, translated
from ledger.store.guards import LASTING
from ledger.store.journal import Journal
from ledger.store.tables import METADATA

PAGES = 1024
"""Pages that are copied at once: a writer has to wait no longer than for these."""

Step = Callable[[int, int], None]


def copy_database(journal: Journal, draft: Path, *, each: Step) -> None:
    """Copy the database of a book to a new file; on disk when this returns.

    Where somebody writes meanwhile, SQLite begins again.

    Args:
        journal: The open book.
        draft: The new file; it must not exist.
        each: Is told after each step how many pages are done, and of how many.

    Raises:
        NotPermittedError: The folder or the disk does not take it.
    """

    def told(_: int, remaining: int, total: int) -> None:
        each(total - remaining, total)

    os.close(_open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR))
    with naming(draft), translated(), closing(sqlite3.connect(draft)) as copy:
        journal.connection.backup(copy, pages=PAGES, progress=told, sleep=0.05)
        for name, value in LASTING.items():  # whatever somebody set in the book
            copy.execute(f"PRAGMA {name}={value}")
    descriptor = _open(draft, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path, flags: int) -> int:
    try:
        return os.open(path, flags | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise NotPermittedError.of(error, path=str(path)) from error


def row_counts(journal: Journal) -> dict[str, int]:
    """Return how many rows each table of the database has."""
    counts = {}
    for table in METADATA.sorted_tables:
        sql = f"SELECT count(*) FROM {table.name}"  # noqa: S608 (names are ours)
        with translated():
            (counts[table.name],) = journal.connection.execute(sql).fetchone()
    return counts


def pages_fit(journal: Journal) -> bool:
    """Return whether SQLite finds every page of the file sound."""
    with translated():
        found = journal.connection.execute("PRAGMA quick_check(1)").fetchall()
    return found == [("ok",)]
