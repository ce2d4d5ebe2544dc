"""The register of books in a database, as it is found: the table `book`, read raw.

Whoever can write the file can rename the own book, say that it is none, or list books
that nobody mirrored. A verification must say so and go on: here the own book is found
all the same, by what its entry 0 says, and each cell that is not so is named.
"""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from ledger.errors import LedgerError, NoBookError, TamperedError
from ledger.store.engine import lenient, naming, open_database, translated
from ledger.store.guards import APPLICATION_ID
from ledger.store.journal import OWN, Book, Journal
from ledger.store.projections import TABLES
from ledger.tlog import merkle
from ledger.tlog.entry import EntryNote

BookColumn: TypeAlias = Literal["name", "state", "own", "genesis"]

MOST_STRAYS = 20
"""Unknown numbers of books that are looked for in one table."""

_KEYS: dict[str, tuple[str, ...]] = {
    "entry": ("seq",),
    "node": ("level", "number"),
    "checkpoint": ("id",),
    **{table.name: table.key for table in TABLES},
}
_HEAD = 100  # bytes of SQLite's header
_MAGIC = b"SQLite format 3\x00"
_APPLICATION = slice(68, 72)


class Listed(Struct, frozen=True):
    """A row of the table `book`, whatever types its cells have.

    Text that is no UTF-8 has the escapes of PEP 383 in the place of its bytes.
    """

    id: Any
    name: Any
    state: Any
    own: Any
    genesis: Any

    @property
    def row(self) -> str:
        """What tells the row from others."""
        return f"id={self.id}"


class Odd(Struct, frozen=True):
    """A cell of the own book's row that is not what its entry 0 says.

    Attributes:
        row: What tells the row; empty: the row itself is missing.
        column: The column.
        expected: What it should be.
        found: What it is; None for nothing.
    """

    row: str
    column: BookColumn
    expected: str
    found: str | None


def listed(connection: sqlite3.Connection) -> list[Listed]:
    """Return every row of the table `book`, in the order of the numbers.

    Raises:
        TamperedError: The table cannot be read at all.
    """
    with translated(), lenient(connection):
        rows = connection.execute(
            "SELECT id, name, state, own, genesis FROM book ORDER BY id"
        ).fetchall()
    return [Listed(*row) for row in rows]


def open_found(path: Path) -> tuple[Journal, tuple[Odd, ...]]:
    """Open the own book of a database for reading, whatever its row says.

    Returns:
        The book, named as its own entry 0 names it; and what its row says instead.

    Raises:
        NoBookError: There is no database there, or neither such a row nor an entry.
        TamperedError: The database cannot be read.
        LedgerError: As `open_database`.
    """
    with naming(path):
        connection = open_database(path, write=False)
        try:
            book, odd = _own(connection)
        except BaseException:
            connection.close()
            raise
    return Journal(connection, book, folder=path.resolve().parent), odd


def _own(connection: sqlite3.Connection) -> tuple[Book, tuple[Odd, ...]]:
    """Return the own book, and what its row says otherwise."""
    rows = [row for row in listed(connection) if isinstance(row.id, int)]
    claimed = [row for row in rows if row.own == 1]
    row = next(
        (row for row in (*claimed, *rows) if row.id == OWN),
        claimed[0] if claimed else None,
    )
    first = _first(connection, OWN if row is None else row.id)
    if row is None:
        if first is None:
            raise NoBookError("store.no-own-book")
        book = Book(OWN, first.name, first.state, first.leaf)
        return book, (Odd("", "name", first.name, None),)
    odd = [] if row.own == 1 else [Odd(row.row, "own", "1", str(row.own))]
    genesis = row.genesis if isinstance(row.genesis, bytes) else b""
    name = shown(row.name)
    # An entry 0 that is not the one which the row names says nothing of the name.
    if first is not None and first.name != row.name and genesis in {b"", first.leaf}:
        odd.append(Odd(row.row, "name", first.name, name))
        name = first.name
    return Book(row.id, name, shown(row.state), genesis), tuple(odd)


class _First(Struct, frozen=True):
    """What the stored entry 0 says of its book, unjudged, and its leaf hash."""

    name: str
    state: str
    leaf: bytes


def _first(connection: sqlite3.Connection, book: object) -> _First | None:
    """Return what entry 0 says; None where it is gone or cannot be read."""
    with translated(), lenient(connection):
        row = connection.execute(
            "SELECT note FROM entry WHERE book IS ? AND seq = 0", (book,)
        ).fetchone()
    if row is None or not isinstance(row[0], bytes):
        return None
    try:
        said = EntryNote.parse(row[0]).envelope()
    except LedgerError:
        return None
    state = said.data.get("state")
    return _First(
        said.ledger,
        state if isinstance(state, str) else "",
        merkle.leaf_hash(row[0]),
    )


def shown(value: object) -> str:
    """Return a cell as text that can be printed."""
    if isinstance(value, bytes):
        return value.hex()
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def strays(connection: sqlite3.Connection) -> Iterator[tuple[str, str | LedgerError]]:
    """Yield the rows whose number of a book is in no row of the table `book`.

    Of each such number the first row of a table is named.

    Yields:
        The table, and what tells the row; or why the table cannot be read.
    """
    for table, key in _KEYS.items():
        try:
            with translated(), lenient(connection):
                found = list(_strays(connection, table, key))
        except TamperedError as error:
            yield table, error
            continue
        yield from ((table, row) for row in found)


def _strays(
    connection: sqlite3.Connection, table: str, key: tuple[str, ...]
) -> Iterator[str]:
    first = ", ".join(
        f"(SELECT {column} FROM {table} t WHERE t.book = n.book LIMIT 1)"  # noqa: S608 (names are ours)
        for column in key
    )
    # From number to number: each step is one look into the index of the key.
    sql = (
        f"WITH RECURSIVE n(book) AS (SELECT min(book) FROM {table} UNION ALL "  # noqa: S608
        f"SELECT (SELECT min(t.book) FROM {table} t WHERE t.book > n.book) "
        f"FROM n WHERE n.book IS NOT NULL) SELECT n.book, {first} FROM n "
        "WHERE n.book IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM book WHERE id = n.book) LIMIT ?"
    )
    for cells in connection.execute(sql, (MOST_STRAYS,)):
        named = zip(("book", *key), cells, strict=True)
        yield ", ".join(f"{name}={shown(cell)}" for name, cell in named)


def was_ledger(path: Path) -> bool:
    """Return whether the head of a file is still that of a database of ours."""
    try:
        if not path.is_file():
            return False  # a pipe would be waited for
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return head.startswith(_MAGIC) and head[_APPLICATION] == APPLICATION_ID.to_bytes(4)
