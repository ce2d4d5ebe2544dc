"""Entries, tree and checkpoints of one book: append and read, in plain SQL.

Every read is short: entries never change, so that a long reading goes in slices and
blocks no writer. An append is one transaction under the write lock; what it wrote is
selected back and compared before it is committed.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from ledger.errors import NoBookError, TamperedError, UnknownOutcomeError
from ledger.store.engine import (
    busy,
    lenient,
    make_database,
    naming,
    open_database,
    translated,
)
from ledger.store.queueing import in_turn
from ledger.tlog import merkle
from ledger.tlog.entry import ZERO
from ledger.tlog.merkle import Frontier, Node

SLICE = 1000
OWN = 1


class Row(Struct, frozen=True):
    """An entry as it is stored.

    Attributes:
        seq: Its number.
        once: The client-made id beside it; None for what has none.
        leaf: The leaf hash beside it.
        note: Its bytes.
    """

    seq: int
    once: str | None
    leaf: bytes
    note: bytes

    @property
    def whole(self) -> bool:
        """Return whether number, leaf and note have the types of the schema."""
        return (
            isinstance(self.seq, int)
            and isinstance(self.leaf, bytes)
            and isinstance(self.note, bytes)
            and len(self.leaf) == merkle.HASH_SIZE
        )


class Book(Struct, frozen=True):
    """A book as the database names it."""

    id: int
    name: str
    state: str
    genesis: bytes


class Journal:
    """The own book of one open database.

    Attributes:
        connection: The database; `isolation_level=None`.
        book: The own book.
        folder: Where its writers queue; None: they do not.
    """

    def __init__(
        self, connection: sqlite3.Connection, book: Book, *, folder: Path | None = None
    ) -> None:
        self.connection = connection
        self.book = book
        self.folder = folder

    @classmethod
    def open(cls, path: Path, *, write: bool) -> "Journal":
        """Open the book in a database file.

        Raises:
            NoBookError: If there is none, and what `open_database` raises.
        """
        with naming(path):
            connection = open_database(path, write=write)
            try:
                book = _own_book(connection)
            except BaseException:
                connection.close()
                raise
        return cls(connection, book, folder=path.resolve().parent)

    @classmethod
    def make(cls, path: Path, *, name: str, state: str, genesis: bytes) -> "Journal":
        """Make a database with one empty book, whose entry 0 will have this leaf."""
        connection = make_database(path)
        journal = cls(connection, Book(OWN, name, state, genesis))
        journal._insert(
            "INSERT INTO book VALUES (?, ?, ?, 1, ?)", (OWN, name, state, genesis)
        )
        return journal

    def close(self) -> None:
        """Close the database."""
        self.connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock; commit at the end, or leave nothing behind.

        Raises:
            BusyError: If another clerk writes or reads for longer than 10 s.
            UnknownOutcomeError: If the commit itself failed: it may have happened.
        """
        with translated():
            self._begin_in_turn()
        try:
            with translated():
                yield
        except BaseException:
            self._roll_back()
            raise
        try:
            self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            still_open = self.connection.in_transaction
            self._roll_back()
            code = getattr(error, "sqlite_errorcode", None)
            if still_open and code == sqlite3.SQLITE_BUSY:
                # A reader kept its lock: nothing was written, and that is certain.
                raise busy() from error
            raise UnknownOutcomeError("store.commit-unknown") from error

    def _begin_in_turn(self) -> None:
        """Begin to write once it is this program's turn, all within one limit."""
        execute = self.connection.execute
        (most,) = execute("PRAGMA busy_timeout").fetchone()
        with in_turn(self.folder, milliseconds=most) as left:
            execute(f"PRAGMA busy_timeout={left}")
            try:
                execute("BEGIN IMMEDIATE")
            finally:
                execute(f"PRAGMA busy_timeout={most}")

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            with translated():
                self.connection.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold one snapshot for a few short reads."""
        if self.connection.in_transaction:
            yield
            return
        with translated():
            self.connection.execute("BEGIN")
            try:
                yield
            finally:
                self._roll_back()

    def size(self) -> int:
        """Return the number of entries."""
        with translated():
            (size,) = self.connection.execute(
                "SELECT coalesce(max(seq), -1) + 1 FROM entry WHERE book = ?",
                (self.book.id,),
            ).fetchone()
        if not isinstance(size, int):  # beyond the largest number that there is
            raise TamperedError("store.damaged", code=sqlite3.SQLITE_MISMATCH)
        return size

    def row(self, seq: int) -> Row | None:
        """Return one stored entry.

        Raises:
            TamperedError: A column has another type than the schema demands.
        """
        with translated():
            found = self.connection.execute(
                "SELECT seq, once, leaf, note FROM entry WHERE book = ? AND seq = ?",
                (self.book.id, seq),
            ).fetchone()
        return None if found is None else _whole(Row(*found))

    def rows(self, start: int, stop: int) -> Iterator[Row]:
        """Return the stored entries from `start` up to `stop`, in short slices.

        Raises:
            TamperedError: A column has another type than the schema demands.
        """
        return map(_whole, self.raw_rows(start, stop))

    def raw_rows(self, start: int, stop: int) -> Iterator[Row]:
        """Return the same, whatever types the columns have (see `Row.whole`)."""
        last = start - 1
        while True:
            # From row to row: a number that somebody made up can be anywhere.
            try:
                slice_ = self._slice(last, stop)
            except TamperedError:
                # One id that is no text must not hide the rows beside it.
                with lenient(self.connection):
                    slice_ = self._slice(last, stop)
            yield from (Row(*found) for found in slice_)
            if len(slice_) < SLICE:
                return
            last = slice_[-1][0]

    def _slice(self, last: int, stop: int) -> list[Any]:
        with translated():
            return self.connection.execute(
                "SELECT seq, once, leaf, note FROM entry "
                "WHERE book = ? AND seq > ? AND seq < ? ORDER BY seq LIMIT ?",
                (self.book.id, last, stop, SLICE),
            ).fetchall()

    def last_leaf(self, size: int) -> bytes:
        """Return the leaf hash of the last of `size` entries; ZERO for none."""
        row = self.row(size - 1) if size else None
        return ZERO if row is None else row.leaf

    def seqs_of_once(self, once: str) -> list[int]:
        """Return the entries that carry a client-made id."""
        with translated():
            # In no order: asked for one, SQLite reads the whole book in that order.
            found = self.connection.execute(
                "SELECT seq FROM entry WHERE book = ? AND once = ?",
                (self.book.id, once),
            ).fetchall()
        return sorted(seq for (seq,) in found)

    def append(
        self,
        *,
        seq: int,
        once: str | None,
        note: bytes,
        frontier: Frontier | None = None,
    ) -> bytes:
        """Insert the next entry and its tree hashes; return the new root.

        The row is selected back and compared: a trigger may swallow inserts. Who
        appends many entries hands over the frontier of the first `seq` each time; it
        is moved on.

        Raises:
            TamperedError: If what is stored is not what was written.
        """
        leaf = merkle.leaf_hash(note)
        row = Row(seq, once, leaf, note)
        frontier = frontier or self.frontier(seq)
        self._insert(
            "INSERT INTO entry (book, seq, once, leaf, note) VALUES (?, ?, ?, ?, ?)",
            (self.book.id, seq, once, leaf, note),
        )
        if self.row(seq) != row:
            raise TamperedError("store.not-what-was-written", seq=seq)
        completed = frontier.append(leaf)
        for node, node_hash in completed:
            self._insert(
                "INSERT INTO node (book, level, number, hash) VALUES (?, ?, ?, ?)",
                (self.book.id, node.level, node.index, node_hash),
            )
        if self.read_nodes([node for node, _ in completed]) != [
            node_hash for _, node_hash in completed
        ]:
            raise TamperedError("store.not-what-was-written", seq=seq)
        return frontier.root()

    def adopt(self, row: Row) -> bytes:
        """Add the tree hashes of an entry that somebody inserted; return the root."""
        frontier = self.frontier(row.seq)
        for node, node_hash in frontier.append(row.leaf):
            # They may have been inserted as well, whatever they say.
            self._insert(
                "INSERT INTO node (book, level, number, hash) SELECT ?1, ?2, ?3, ?4 "
                "WHERE NOT EXISTS (SELECT 1 FROM node "
                "WHERE book = ?1 AND level = ?2 AND number = ?3)",
                (self.book.id, node.level, node.index, node_hash),
            )
        return frontier.root()

    def _insert(self, sql: str, values: tuple[object, ...]) -> None:
        with translated():
            self.connection.execute(sql, values)

    def read_nodes(self, nodes: Sequence[Node]) -> list[bytes]:
        """Return stored hashes of the tree (a `merkle.ReadNodes`)."""
        found = []
        for node in nodes:
            with translated():
                if node.level == 0:
                    row = self.connection.execute(
                        "SELECT leaf FROM entry WHERE book = ? AND seq = ?",
                        (self.book.id, node.index),
                    ).fetchone()
                else:
                    row = self.connection.execute(
                        "SELECT hash FROM node "
                        "WHERE book = ? AND level = ? AND number = ?",
                        (self.book.id, node.level, node.index),
                    ).fetchone()
            if row is None or not isinstance(row[0], bytes):
                raise TamperedError(
                    "store.node-missing", level=node.level, number=node.index
                )
            found.append(row[0])
        return found

    def nodes_between(
        self, level: int, first: int, last: int
    ) -> list[tuple[int, bytes]]:
        """Return the stored hashes of a level of the tree with their numbers, in order.

        Args:
            level: The level, from 1.
            first: The first number.
            last: The last number, inclusive.
        """
        with translated():
            return self.connection.execute(
                "SELECT number, hash FROM node "
                "WHERE book = ? AND level = ? AND number BETWEEN ? AND ? "
                "ORDER BY number",
                (self.book.id, level, first, last),
            ).fetchall()

    def frontier(self, size: int) -> Frontier:
        """Return the frontier of the tree of the first `size` entries."""
        return Frontier.of(size, self.read_nodes(merkle.root_nodes(size)))

    def root(self, size: int) -> bytes:
        """Return the root of the first `size` entries, from stored hashes."""
        return merkle.read_root(self.read_nodes, size=size)

    def count_nodes(self) -> int:
        """Return how many hashes of the tree are stored."""
        with translated():
            (count,) = self.connection.execute(
                "SELECT count(*) FROM node WHERE book = ?", (self.book.id,)
            ).fetchone()
        return int(count)

    def checkpoints(self) -> list[tuple[int, bytes]]:
        """Return every kept checkpoint with its size column, oldest first."""
        with translated():
            return self.connection.execute(
                "SELECT size, note FROM checkpoint WHERE book = ? ORDER BY size, id",
                (self.book.id,),
            ).fetchall()

    def keep_checkpoint(self, *, size: int, note: bytes) -> None:
        """Keep a checkpoint that was signed or received."""
        self._insert(
            "INSERT INTO checkpoint (book, size, note) VALUES (?, ?, ?)",
            (self.book.id, size, note),
        )


def _whole(row: Row) -> Row:
    if not row.whole:
        seq = row.seq if isinstance(row.seq, int) else 0
        raise TamperedError("store.entry-unreadable", seq=seq)
    return row


def _own_book(connection: sqlite3.Connection) -> Book:
    with translated():
        rows = connection.execute(
            "SELECT id, name, state, genesis FROM book WHERE own = 1"
        ).fetchall()
    if not rows:
        raise NoBookError("store.no-own-book")
    if len(rows) > 1:
        raise TamperedError("store.two-own-books", n=len(rows))
    book = Book(*rows[0])
    texts = isinstance(book.name, str) and isinstance(book.state, str)
    if not texts or not isinstance(book.genesis, bytes):
        raise TamperedError("store.damaged", code=sqlite3.SQLITE_CORRUPT)
    return book
