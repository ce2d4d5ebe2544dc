"""The register of books in the file, compared: who is the own book, which are mirrors.

The table `book` follows from entries as the derived tables do: the own book is named in
entry 0, and each other row is a mirror of a peer that the own book recorded. A row of
any other table belongs to one of them.
"""

from collections.abc import Iterable
from typing import Any

from ledger.errors import LedgerError, TamperedError
from ledger.register.levels import Work
from ledger.store.listed import Listed, Odd, listed, shown, strays

TABLE = "book"


def note_odd(work: Work, odd: Iterable[Odd]) -> None:
    """Note what the own book's row says otherwise than its entry 0."""
    for cell in odd:
        if not cell.row:
            work.add(
                None,
                "projections",
                "book-missing",
                table=TABLE,
                field=cell.column,
                expected=cell.expected,
            )
            continue
        # The name of the book is in every entry, as its first entry is in the chain.
        named = cell.column == "name"
        work.add(
            0 if named else None,
            "chain" if named else "projections",
            "book-differs",
            table=TABLE,
            field=cell.column,
            expected=cell.expected,
            found=cell.found,
            row=cell.row,
        )


def compare_books(work: Work) -> None:
    """Compare the other rows with the peers of the book; find rows of no book."""
    connection, own = work.journal.connection, work.journal.book
    peers = work.audit.history.peers
    seen: set[object] = set()
    for row in _listed(work):
        if row.id == own.id:
            continue
        peer = peers.get(row.name) if isinstance(row.name, str) else None
        if peer is None or row.name in seen:
            work.add(
                None,
                "projections",
                "book-extra",
                table=TABLE,
                field="name",
                found=shown(row.name),
                row=row.row,
            )
            continue
        seen.add(row.name)
        _compare(work, row, "own", 0, row.own)
        _compare(work, row, "state", peer.state, row.state)
        _compare(work, row, "genesis", bytes.fromhex(peer.genesis), row.genesis)
    for table, stray in strays(connection):
        if isinstance(stray, LedgerError):
            code = f"store:{stray.code}"
            work.add(None, "projections", code, table=table, values=stray.values)
        else:
            work.add(
                None,
                "projections",
                "row-of-no-book",
                table=table,
                field="book",
                found=stray,
                row=stray,
            )


def _listed(work: Work) -> list[Listed]:
    try:
        return listed(work.journal.connection)
    except TamperedError as error:
        code = f"store:{error.code}"
        work.add(None, "projections", code, table=TABLE, values=error.values)
        return []


def _compare(work: Work, row: Listed, column: str, expected: Any, found: Any) -> None:
    if (type(found), found) != (type(expected), expected):
        work.add(
            None,
            "projections",
            "book-differs",
            table=TABLE,
            field=column,
            expected=shown(expected),
            found=shown(found),
            row=row.row,
        )
