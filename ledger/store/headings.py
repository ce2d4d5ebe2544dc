"""Which entries of a kind a book has, from its derived headings."""

from ledger.errors import TamperedError
from ledger.store.engine import translated
from ledger.store.journal import Journal


def seqs_of_kind(journal: Journal, kind: str, *, start: int = 0) -> list[int]:
    """Return the valid entries of a kind from a number on, in order.

    Raises:
        TamperedError: A number has another type than the schema demands.
    """
    with translated():
        found = journal.connection.execute(
            "SELECT seq FROM heading WHERE book = ? AND kind = ? AND seq >= ? "
            "AND fault IS NULL ORDER BY seq",
            (journal.book.id, kind, start),
        ).fetchall()
    if not all(isinstance(seq, int) for (seq,) in found):
        raise TamperedError("store.projection-unfit")
    return [seq for (seq,) in found]


def has_other_than(journal: Journal, kind: str, *, start: int, stop: int) -> bool:
    """Return whether entries from `start` up to `stop` are of another kind, or void."""
    with translated():
        found = journal.connection.execute(
            "SELECT 1 FROM heading WHERE book = ? AND seq >= ? AND seq < ? "
            "AND kind IS NOT ? LIMIT 1",
            (journal.book.id, start, stop, kind),
        ).fetchone()
    return found is not None
