"""Mirrors: other states' books beside the own one, in the same tables.

A mirror is a journal like the own book's, with another number before every key. It is
written only by `ledger.register.mirroring`, in transactions of the own journal: both
share one connection.
"""

import sqlite3

from ledger.errors import NoBookError, TamperedError
from ledger.store.engine import translated
from ledger.store.journal import Book, Journal


def mirrors(journal: Journal) -> list[Journal]:
    """Return the mirrors in a database, in the order in which they came.

    Raises:
        TamperedError: A row of a book has other types than the schema demands.
    """
    with translated():
        rows = journal.connection.execute(
            "SELECT id, name, state, genesis FROM book WHERE own <> 1 ORDER BY id"
        ).fetchall()
    books = [Book(*row) for row in rows]
    for book in books:
        texts = isinstance(book.name, str) and isinstance(book.state, str)
        if not texts or not isinstance(book.genesis, bytes):
            raise TamperedError("store.damaged", code=sqlite3.SQLITE_CORRUPT)
    return [Journal(journal.connection, book) for book in books]


def mirror_of(journal: Journal, name: str) -> Journal | None:
    """Return the mirror of a book; None if there is none.

    Raises:
        TamperedError: There are two.
    """
    found = [mirror for mirror in mirrors(journal) if mirror.book.name == name]
    if len(found) > 1:
        raise TamperedError("store.two-mirrors", n=len(found))
    return found[0] if found else None


def book_named(journal: Journal, name: str | None) -> Journal:
    """Return the own book's journal, or that of a mirror by its name.

    Raises:
        NoBookError: There is no such book in the database.
    """
    if name in {None, journal.book.name}:
        return journal
    mirror = mirror_of(journal, str(name))
    if mirror is None:
        raise NoBookError("store.no-such-mirror")
    return mirror


def add_mirror(journal: Journal, *, name: str, state: str, genesis: bytes) -> Journal:
    """Add an empty mirror, in the open transaction of the own journal."""
    with translated():
        (number,) = journal.connection.execute(
            "SELECT max(id) + 1 FROM book"
        ).fetchone()
        journal.connection.execute(
            "INSERT INTO book (id, name, state, own, genesis) VALUES (?, ?, ?, 0, ?)",
            (number, name, state, genesis),
        )
    return Journal(journal.connection, Book(number, name, state, genesis))
