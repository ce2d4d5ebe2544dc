"""What this machine remembers of a book that is verified, wherever it lay then.

A copy at another path is the same book: what was signed here before, under whatever
path, must be in it.
"""

from dataclasses import dataclass

from ledger.errors import TamperedError
from ledger.register.opening import Places
from ledger.store.journal import Journal
from ledger.store.marks import furthest
from ledger.store.watermark import Watermark, WatermarkFile


@dataclass(frozen=True, slots=True)
class Remembered:
    """The mark that a book is compared with.

    Attributes:
        mark: It; None if this machine remembers nothing.
        elsewhere: The book lay at another path when it was written.
    """

    mark: Watermark | None = None
    elsewhere: bool = False

    def of(self, own: Journal, journal: Journal) -> "Remembered":
        """Return what is remembered of the own book, or of one of its mirrors."""
        if journal is own or self.mark is None:
            return self
        head = self.mark.mirrors.get(journal.book.name)
        if head is None:
            return Remembered()
        genesis = journal.book.genesis.hex()
        mark = Watermark(journal.book.name, genesis, size=head.size, root=head.root)
        return Remembered(mark, self.elsewhere)


def memory_here(places: Places) -> tuple[Watermark | None, TamperedError | None]:
    """Return what is remembered of the book at this path; or why it is unreadable.

    Raises:
        NotPermittedError: This user cannot read it.
    """
    try:
        return WatermarkFile(places.memory).read(), None
    except TamperedError as error:
        return None, error


def memory_of(places: Places, own: Journal, here: Watermark | None) -> Remembered:
    """Return the furthest that is remembered of a book, at this path or at another.

    Args:
        places: Where its files are.
        own: The book.
        here: What is remembered of the book at this path. One of another book decides
            alone: the file was exchanged.

    Raises:
        NotPermittedError: This user cannot read what is remembered.
    """
    book, genesis = own.book.name, own.book.genesis.hex()
    if here is not None and (here.book, here.genesis) != (book, genesis):
        return Remembered(here)
    known = furthest(places.state, book=book, genesis=genesis)
    if known is None or (here is not None and known.size <= here.size):
        return Remembered(here)
    return Remembered(known, elsewhere=True)
