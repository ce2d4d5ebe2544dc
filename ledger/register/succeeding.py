"""What a new book says of the one that it follows, where the history of that is lost.

The lost head is what this machine remembers, which no copy can put back. The new book
names it in its first entry, so that nobody can say later that nothing was lost.
"""

from contextlib import closing

from ledger.domain.authority import LostHead
from ledger.errors import LedgerError, NotFoundError, RefusedError
from ledger.register.opening import Places
from ledger.register.restoring import what_is_there
from ledger.store.journal import Journal
from ledger.store.marks import marks_of, seen_file
from ledger.store.watermark import Watermark, WatermarkFile


def lost_head(places: Places) -> LostHead:
    """Return how far the book had come that lies, or lay, in these places.

    Raises:
        NotFoundError: If this machine remembers no book of that place.
        RefusedError: If the book is sound and has all that is remembered of it.
        InterruptedWriteError: If a crash left it in mid-write.
    """
    if what_is_there(places) == "sound":
        raise RefusedError("init.nothing-lost")
    mark = (
        WatermarkFile(places.memory).read()
        or seen_file(places.memory).read()
        or _of_the_book(places)
    )
    if mark is None:
        raise NotFoundError("init.nothing-remembered")
    known = _furthest(places, book=mark.book, genesis=mark.genesis) or mark
    return LostHead(
        ledger=known.book, genesis=known.genesis, size=known.size, root=known.root
    )


def _of_the_book(places: Places) -> Watermark | None:
    """Return what is remembered, at any path, of the book that lies here."""
    try:
        with closing(Journal.open(places.database, write=False)) as journal:
            book = journal.book
    except LedgerError:
        return None
    return _furthest(places, book=book.name, genesis=book.genesis.hex())


def _furthest(places: Places, *, book: str, genesis: str) -> Watermark | None:
    """Return the larger of what was signed here and what a peer has seen."""
    marks = marks_of(places.state, book=book, genesis=genesis)
    return next(iter(marks.all), None)
