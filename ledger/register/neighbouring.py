"""A peer's database that can be read from here: an offer without files.

It is opened like any book that is only read. What it says is believed no more than a
file is: entries, checkpoint and cosignatures go through the same checks.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ledger.errors import (
    IncompleteError,
    MalformedError,
    NoBookError,
    RefusedError,
)
from ledger.exchange.bundle import Header
from ledger.store.journal import Journal
from ledger.store.mirrors import mirror_of
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.note import Note


class Neighbour:
    """What a peer's database offers (a `mirroring.Offer`).

    Args:
        journal: The peer's own book, as it lies there.
        start: How many of its entries are here already.
        reader: Name of the own book.

    Raises:
        IncompleteError: If its log has signed no checkpoint yet.
    """

    def __init__(self, journal: Journal, *, start: int, reader: str) -> None:
        self._journal = journal
        size = journal.size()
        signed = [(s, note) for s, note in _checkpoints(journal) if s <= size]
        if not signed:
            raise IncompleteError("sync.no-checkpoint-there")
        stop, self.checkpoint = signed[-1]
        self.header = Header(
            book=journal.book.name,
            genesis=journal.book.genesis.hex(),
            start=min(start, stop),
            stop=stop,
        )
        mirror = mirror_of(journal, reader)
        cosigned = [] if mirror is None else _checkpoints(mirror)
        # The line of the log comes first; a second one is of a witness.
        notes = [note for _, note in cosigned if len(Note.parse(note).signatures) > 1]
        self.answers = tuple(notes[-1:])

    def notes(self) -> Iterator[bytes]:
        """Yield the stored bytes of each entry."""
        for row in self._journal.rows(self.header.start, self.header.stop):
            yield row.note


def _checkpoints(journal: Journal) -> list[tuple[int, bytes]]:
    """Return the kept checkpoints that are some of this book, smallest first."""
    found = []
    for size, note in journal.checkpoints():
        try:
            checkpoint = Checkpoint.parse(Note.parse(note).text)
        except MalformedError:
            continue
        if (checkpoint.origin, checkpoint.size) == (journal.book.name, size) and size:
            found.append((size, note))
    return found


@contextmanager
def opened_neighbour(
    path: Path, *, book: str, genesis: str, start: int, reader: str
) -> Iterator[Neighbour]:
    """Open a peer's database for reading, for one offer.

    Args:
        path: The database.
        book: Name of the peer's book.
        genesis: Leaf of its first entry, hex, as the own book recorded it.
        start: How many of its entries are here already.
        reader: Name of the own book.

    Raises:
        RefusedError: If the own book of that database is another one, or begins
            with another first entry; with both.
        NoBookError, NotPermittedError: If it cannot be read.
        IncompleteError: If its log has signed no checkpoint yet.
    """
    with closing(_opened(path)) as journal:
        found = journal.book.genesis.hex()
        if journal.book.name != book:
            raise RefusedError("sync.another-book-there")
        if found != genesis:
            raise RefusedError("sync.another-genesis-there", known=genesis, found=found)
        yield Neighbour(journal, start=start, reader=reader)


def _opened(path: Path) -> Journal:
    """Open a peer's database; where there is none, nobody here is to make one."""
    try:
        return Journal.open(path, write=False)
    except NoBookError as error:
        if error.code != "store.no-book":
            raise
        raise NoBookError("sync.no-book-there") from None
