"""Entries on their way into a book: kept aside until they are written all at once.

Many rows are judged, signed and derived from while other clerks record. What comes of
that lies in a database without a name, whose file SQLite deletes as soon as it is
open: who dies leaves nothing there, and nobody finds entries that were signed and are
in no book. What it holds is small in memory, and written under the write lock with
nothing left to decide.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any

from ledger.errors import NotPermittedError, TamperedError
from ledger.store.engine import translated
from ledger.store.intake import Derived, insert, upsert
from ledger.store.journal import Journal, Row
from ledger.store.projections import (
    BY_TRANSFER,
    COUNTER,
    HEADING,
    PAYMENT,
    SUBJECT,
    TABLES,
    Table,
)

SLICE = 1000
"""Rows that are written at once."""

# Where it is noted of which transfers and entries the book has rows that are old.
_TOUCHED = {"ref": "touched", "seq": "repaid"}
_NAMES = frozenset(("entry", "node", *(table.name for table in TABLES)))
# None of it outlives the program, so nothing has to be safe on a disk.
_SETTINGS = ("journal_mode=OFF", "synchronous=OFF")


class Spool:
    """Entries that follow the last one of a book, with what is derived from them.

    Attributes:
        journal: Holds them: `Journal.append` and `intake.project` write into it.
    """

    def __init__(self, book: Journal, connection: sqlite3.Connection) -> None:
        self.journal = Journal(connection, book.book)
        with translated():
            for sql in _tables_of(book):
                connection.execute(sql)
            for column, name in _TOUCHED.items():
                connection.execute(f"CREATE TABLE {name} ({column} PRIMARY KEY)")
            for setting in _SETTINGS:
                connection.execute(f"PRAGMA {setting}")
            connection.execute("BEGIN")  # it is never ended: one is quicker than many

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Add to what is kept aside, and to nothing else.

        Raises:
            NotPermittedError: The folder for temporary files takes no more.
        """
        try:
            yield
        except NotPermittedError as error:
            code = error.values.get("code", sqlite3.SQLITE_CANTOPEN)
            raise NotPermittedError("import.no-room", code=code) from error

    def note(self, derived: Derived) -> None:
        """Take note of what has rows in the book that are not true any more."""
        execute = self.journal.connection.executemany
        with translated():
            execute(
                "INSERT OR IGNORE INTO touched VALUES (?)",
                [(ref,) for ref in derived.refs],
            )
            execute(
                "INSERT OR IGNORE INTO repaid VALUES (?)",
                [(seq,) for seq in derived.payments],
            )

    def write_into(self, book: Journal, *, each: Callable[[int], None]) -> None:
        """Write all of it into the book, whose end is the one that it follows.

        Args:
            book: The book; the caller holds its write lock.
            each: Is told after each slice how many entries are written.

        Raises:
            TamperedError: If what is stored is not what was written.
        """
        self._write_entries(book, each=each)
        self._write_nodes(book)
        for table in (HEADING, SUBJECT):
            self._write(book, table)
        for rows in self._slices(COUNTER.whole, book.book.id):
            for row in rows:
                upsert(book, COUNTER, row)
        for table in (*BY_TRANSFER, PAYMENT):
            self._clear(book, table, table.columns[0])
            self._write(book, table)

    def _write_entries(self, book: Journal, *, each: Callable[[int], None]) -> None:
        done = 0
        sql = "SELECT seq, once, leaf, note FROM entry ORDER BY seq"
        for rows in self._slices(sql):
            with translated():
                book.connection.executemany(
                    "INSERT INTO entry (book, seq, once, leaf, note) "
                    "VALUES (?, ?, ?, ?, ?)",
                    [(book.book.id, *row) for row in rows],
                )
            first = rows[0][0]
            if list(book.rows(first, first + SLICE)) != [Row(*row) for row in rows]:
                raise _other(first)
            done += len(rows)
            each(done)

    def _write_nodes(self, book: Journal) -> None:
        sql = "SELECT level, number, hash FROM node ORDER BY level, number"
        for rows in self._slices(sql):
            with translated():
                book.connection.executemany(
                    "INSERT INTO node (book, level, number, hash) VALUES (?, ?, ?, ?)",
                    [(book.book.id, *row) for row in rows],
                )
            for level, group in groupby(rows, key=itemgetter(0)):
                wanted = [(number, node_hash) for _, number, node_hash in group]
                first = wanted[0][0]
                if book.nodes_between(level, first, wanted[-1][0]) != wanted:
                    raise _other(first << level)

    def _clear(self, book: Journal, table: Table, column: str) -> None:
        """Delete the rows of a table that are not true any more."""
        old = f"SELECT {book.book.id}, {column} FROM {_TOUCHED[column]}"  # noqa: S608
        sql = f"DELETE FROM {table.name} WHERE book = ? AND {column} = ?"  # noqa: S608
        for rows in self._slices(old):
            with translated():
                book.connection.executemany(sql, rows)

    def _write(self, book: Journal, table: Table) -> None:
        for rows in self._slices(table.whole, book.book.id):
            insert(book, table, rows)

    def _slices(self, sql: str, *values: object) -> Iterator[list[Any]]:
        with translated():
            cursor = self.journal.connection.execute(sql, values)
            while rows := cursor.fetchmany(SLICE):
                yield rows


def _other(seq: int) -> TamperedError:
    return TamperedError("store.not-what-was-written", seq=seq)


def _tables_of(book: Journal) -> list[str]:
    """Return the SQL of the tables and indexes of a book that a spool has as well.

    They are those of the program: a book is opened for writing with no others.
    """
    with translated():
        found = book.connection.execute(
            "SELECT sql, tbl_name FROM main.sqlite_schema WHERE sql IS NOT NULL "
            "AND type IN ('table', 'index') ORDER BY type DESC"
        ).fetchall()
    return [sql for sql, name in found if name in _NAMES]


@contextmanager
def spooling(book: Journal) -> Iterator[Spool]:
    """Keep entries aside for as long as this is open."""
    with translated():
        connection = sqlite3.connect("", isolation_level=None)
    try:
        yield Spool(book, connection)
    finally:
        connection.close()
