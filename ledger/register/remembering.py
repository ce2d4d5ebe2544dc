"""What this machine remembers of a book that is verified, wherever it lay then.

A copy at another path is the same book: what was signed here before, under whatever
path, must be in it.
"""

from msgspec import Struct, field

from ledger.errors import TamperedError
from ledger.register.opening import Places
from ledger.store.journal import Journal
from ledger.store.marks import Marks, marks_of, seen_file
from ledger.store.watermark import Watermark, WatermarkFile


class Remembered(Struct, frozen=True):
    """The marks that a book is compared with.

    Attributes:
        marks: What was signed here, and what a peer has seen.
        elsewhere: The book lay at another path when the largest was written.
    """

    marks: Marks = field(default_factory=Marks)
    elsewhere: bool = False

    @property
    def mark(self) -> Watermark | None:
        """Return the largest mark; None if this machine remembers nothing."""
        return next(iter(self.marks.all), None)

    def of(self, own: Journal, journal: Journal) -> "Remembered":
        """Return what is remembered of the own book, or of one of its mirrors."""
        if journal is own:
            return self
        known = self.marks.own
        head = None if known is None else known.mirrors.get(journal.book.name)
        if head is None:
            return Remembered()
        genesis = journal.book.genesis.hex()
        mark = Watermark(journal.book.name, genesis, size=head.size, root=head.root)
        return Remembered(Marks(own=mark), self.elsewhere)


def memory_here(places: Places) -> tuple[Marks, TamperedError | None]:
    """Return what is remembered of the book at this path; or why it is unreadable.

    Raises:
        NotPermittedError: This user cannot read it.
    """
    own = None
    try:
        own = WatermarkFile(places.memory).read()
        return Marks(own, seen_file(places.memory).read()), None
    except TamperedError as error:
        return Marks(own), error


def memory_of(places: Places, own: Journal, here: Marks) -> Remembered:
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
    for mark in here.all:
        if (mark.book, mark.genesis) != (book, genesis):
            return Remembered(Marks(mark))
    known = marks_of(places.state, book=book, genesis=genesis)
    nearest = Marks(_nearer(here.own, known.own), _nearer(here.seen, known.seen))
    return Remembered(nearest, bool(nearest.all) and nearest.all[0] not in here.all)


def _nearer(here: Watermark | None, known: Watermark | None) -> Watermark | None:
    """Return the larger mark; of two of one size that of this path."""
    return here if here and known and here.size == known.size else known
