"""Whether a book that is at hand has the tree that a checkpoint names."""

from typing import Literal, TypeAlias

from ledger.errors import InterruptedWriteError, NoBookError
from ledger.register.opening import Places
from ledger.store.journal import Journal
from ledger.tlog.checkpoint import Checkpoint

Holding: TypeAlias = Literal["same", "other", "shorter"]


def holds(places: Places, checkpoint: Checkpoint, *, named: bool) -> Holding | None:
    """Return whether the first entries of a book have the root of a checkpoint.

    Args:
        places: Where the files of the book are.
        checkpoint: What the tree is compared with.
        named: Somebody named the book, so that it must be there.

    Returns:
        `shorter` if the book has fewer entries; None if there is no book, or one of
        another name.

    Raises:
        NoBookError: If the book that was named is not there.
        TamperedError: If stored hashes of the tree are missing.
    """
    try:
        journal = Journal.open(places.database, write=False)
    except (NoBookError, InterruptedWriteError):
        if named:
            raise
        return None
    try:
        if journal.book.name != checkpoint.origin:
            return None
        if journal.size() < checkpoint.size:
            return "shorter"
        same = journal.root(checkpoint.size) == checkpoint.root
        return "same" if same else "other"
    finally:
        journal.close()
