"""What a book answers about what is disputed in it."""

from datetime import date

from msgspec import Struct

from ledger.domain.joining import Books
from ledger.domain.records import Claim
from ledger.domain.rivals import Conflict, Uncounted, conflicts
from ledger.domain.variances import days_of
from ledger.register.gathering import Gathered, around, some, whole
from ledger.register.mirrored import Reading, reading
from ledger.register.opening import Head, Register
from ledger.register.showing import entry_named


class Contested(Struct, frozen=True):
    """What is disputed, as of a day."""

    on: date
    conflicts: tuple[Conflict, ...]
    uncounted: tuple[Uncounted, ...]
    heads: tuple[Head, ...]
    books: Books


def contested(register: Register, name: str | None, *, on: date) -> Contested:
    """Return what is disputed in the books, in a thing of theirs, or in an entry.

    Raises:
        NotFoundError: If there is no such thing.
    """
    of = reading(register)
    book, seqs = _asked(of, name)
    days = days_of(book.history, book.pools)
    found, uncounted = conflicts(book.history, seqs, days=days, on=on)
    return Contested(on, tuple(found), tuple(uncounted), of.heads, of.books)


def _asked(of: Reading, name: str | None) -> tuple[Gathered, set[int]]:
    """Return what is to be read, and the entries that are asked about."""
    if name is None:
        book = whole(of)
        return book, set(book.history.entries)
    named = entry_named(of.books, name)
    if isinstance(named, str):
        book = some(of, [named])
        return book, set(book.history.seqs_of(book.history.known_as(named)))
    book = around(of, named)
    claimed = {
        seq
        for seq, entry in book.history.entries.items()
        if isinstance(entry.record, Claim)
        and entry.record.target.ledger == book.history.book
        and entry.record.target.seq == named
    }
    return book, {named} | claimed
