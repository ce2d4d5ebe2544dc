"""Another copy of a book, and what proves it: a mirror, a backup, a bundle.

A copy is as hostile as any file. That it is of this book is known by what this machine
remembers, by the keys that lie here, or by the first entry that a person names. That
its entries are those of this book is proven by roots: of checkpoints that the log of
the book signed, and of the head that this machine remembers.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import chain
from pathlib import Path

from msgspec import Struct

from ledger.domain.authority import Genesis
from ledger.errors import (
    IncompleteError,
    LedgerError,
    MalformedError,
    RefusedError,
    RewrittenError,
    SignatureError,
    TamperedError,
    UntrustedError,
)
from ledger.exchange.copies import is_database
from ledger.exchange.tiled import is_folder, opened_offer
from ledger.keys.files import known_keys
from ledger.register.log_lines import log_line
from ledger.register.opening import Places
from ledger.store.following import check_length
from ledger.store.journal import Journal, Row
from ledger.store.marks import Marks, marks_of
from ledger.store.mirrors import mirrors
from ledger.store.recall import read_entry
from ledger.store.watermark import WatermarkFile
from ledger.tlog import merkle
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.note import Note, Signature


class Claim(Struct, frozen=True):
    """Somebody's word that a book had this root at this size.

    Attributes:
        size: How many entries.
        root: Root of their tree, 32 bytes.
        note: The signed checkpoint; empty where this machine remembers it.
    """

    size: int
    root: bytes
    note: bytes = b""


class Copy(Struct, frozen=True):
    """Another copy of a book.

    Attributes:
        book: Name of the book.
        notes: Starts to read its entries, from the first one.
        claims: The checkpoints that came with it; nobody has checked who signed them.
        neighbour: The own book of the database that mirrors this one, if it is one.
    """

    book: str
    notes: Callable[[], Iterator[bytes]]
    claims: tuple[Claim, ...]
    neighbour: Journal | None = None


class Anchor:
    """What this machine knows of the book that lies, or lay, in a place.

    Args:
        places: Where its files are.
        genesis: The leaf hash of entry 0, as hex, if a person names it.

    Attributes:
        mark: What is remembered of that place; None for nothing.
    """

    def __init__(self, places: Places, *, genesis: str | None) -> None:
        self._places = places
        self._genesis = genesis
        self.mark = WatermarkFile(places.memory).read()

    @property
    def named(self) -> bool:
        """Return whether it is known which book it has to be."""
        return self._genesis is not None or self.mark is not None

    def holds(self, name: str, first: bytes) -> bool:
        """Return whether a book of this name with this first entry is the one."""
        genesis = merkle.leaf_hash(first).hex()
        if self._genesis not in {None, genesis}:
            return False
        if self.mark is not None:
            return (self.mark.book, self.mark.genesis) == (name, genesis)
        if self._genesis is not None or self.remembered(name, genesis).all:
            return True
        try:
            listed = {key.vkey for key in genesis_of(first).keys}
        except TamperedError:
            return False
        return any(key.format() in listed for key in known_keys(self._places.keys))

    def remembered(self, name: str, genesis: str) -> Marks:
        """Return the furthest that this machine remembers of a book, at any path."""
        return marks_of(self._places.state, book=name, genesis=genesis)


def genesis_of(first: bytes) -> Genesis:
    """Return what the first entry of a book says.

    Raises:
        TamperedError: It is no such entry.
    """
    record = read_entry(Row(0, None, merkle.leaf_hash(first), first)).record
    if not isinstance(record, Genesis):
        raise TamperedError("store.entry-unreadable", seq=0)
    return record


@contextmanager
def opened_copy(path: Path, *, anchor: Anchor) -> Iterator[Copy]:
    """Open the copy of a book: in a database, its own or a mirror; in a file; in tiles.

    Raises:
        NotFoundError, RefusedError, NotPermittedError: If it cannot be read.
        UntrustedError: If nothing here tells that it is of this book.
        RewrittenError: If it has no book that begins as this one.
        IncompleteError: If a file does not begin with the first entry.
        MalformedError: If it is neither a database nor a bundle.
    """
    if is_folder(path) or not is_database(path):
        yield _bundled(path, anchor)
        return
    with closing(Journal.open(path, write=False)) as own:
        firsts = [(book, book.row(0)) for book in (own, *mirrors(own))]
        found = [
            book
            for book, row in firsts
            if row is not None and anchor.holds(book.book.name, row.note)
        ]
        if not found:
            raise _stranger(anchor)
        if len(found) > 1:
            names = ", ".join(book.book.name for book in found)
            raise RefusedError("repair.which-book", books=names)
        (book,) = found
        yield Copy(
            book.book.name,
            notes=lambda: (row.note for row in book.rows(0, book.size())),
            claims=tuple(_claims(book.book.name, book.checkpoints())),
            neighbour=None if book is own else own,
        )


def _stranger(anchor: Anchor) -> LedgerError:
    if anchor.named:
        return RewrittenError("repair.another-book")
    return UntrustedError("repair.unpinned")


def _bundled(path: Path, anchor: Anchor) -> Copy:
    """Return what a bundle or a folder of tiles holds, read to its end once."""
    with opened_offer(path) as bundle:
        header = bundle.header
        if header.start:
            raise IncompleteError("repair.not-from-the-start", start=header.start)
        notes = bundle.notes()
        if not anchor.holds(header.book, next(notes)):
            raise _stranger(anchor)
        for _ in notes:
            pass
        claims = tuple(_claims(header.book, [(header.stop, bundle.checkpoint)]))
    return Copy(header.book, notes=lambda: _notes_of(path), claims=claims)


def _notes_of(path: Path) -> Iterator[bytes]:
    with opened_offer(path) as bundle:
        yield from bundle.notes()


def _claims(book: str, kept: Iterable[tuple[int, bytes]]) -> Iterator[Claim]:
    for size, note in kept:
        try:
            checkpoint = Checkpoint.parse(Note.parse(note).text)
        except MalformedError:
            continue
        if (checkpoint.origin, checkpoint.size) == (book, size) and size:
            yield Claim(size, checkpoint.root, note)


@contextmanager
def opened_remains(path: Path, *, book: str) -> Iterator[Journal | None]:
    """Open what lies in the place of a book, if it is one that can be read at all.

    Nobody else commits to it meanwhile. Nothing of it is changed.

    Args:
        path: The database.
        book: Name of the book that it has to be.
    """
    try:
        journal = Journal.open(path, write=False)
    except LedgerError:
        yield None
        return
    with closing(journal), journal.reading():
        yield journal if journal.book.name == book else None


def remains_of(journal: Journal | None, start: int) -> Iterator[bytes]:
    """Yield the entries of a damaged book from a number on, as far as they can be read.

    Raises:
        MalformedError: One is longer than any entry.
    """
    if journal is None:
        return
    with suppress(LedgerError):
        for seq, row in enumerate(journal.rows(start, 1 << 53), start):
            if row.seq != seq:
                return
            check_length(row.note)
            yield row.note


class Sorted(Struct, frozen=True):
    """Claims, held against the entries of a copy and what remains beyond it.

    Attributes:
        copied: How many entries the copy has.
        root: Root of their tree, 32 bytes.
        fitting: Those whose root the entries have.
        other: Those of another history than the copy's.
        beyond: Those of more entries than are found, or of others beyond the copy.
    """

    copied: int
    root: bytes
    fitting: tuple[Claim, ...]
    other: tuple[Claim, ...]
    beyond: tuple[Claim, ...]


def sort_claims(copy: Copy, remains: Journal | None, claims: Iterable[Claim]) -> Sorted:
    """Compute the roots of a copy and of what remains beyond it, at every claimed size.

    Raises:
        MalformedError: If an entry of the copy is longer than any is.
    """
    known = tuple(dict.fromkeys(claims))
    sizes = {claim.size for claim in known}
    frontier, roots = merkle.Frontier(), dict[int, bytes]()
    for note in copy.notes():
        check_length(note)
        frontier.append(merkle.leaf_hash(note))
        if frontier.size in sizes:
            roots[frontier.size] = frontier.root()
    copied, root = frontier.size, frontier.root()
    for note in remains_of(remains, copied):
        frontier.append(merkle.leaf_hash(note))
        if frontier.size in sizes:
            roots[frontier.size] = frontier.root()
    fitting = [c for c in known if roots.get(c.size) == c.root]
    unlike = [c for c in known if roots.get(c.size) != c.root]
    return Sorted(
        copied,
        root,
        fitting=tuple(fitting),
        other=tuple(c for c in unlike if c.size <= copied),
        beyond=tuple(c for c in unlike if c.size > copied),
    )


def joined(copy: Copy, remains: Journal | None, copied: int) -> Iterator[bytes]:
    """Yield the entries of a copy, then those that remain beyond it."""
    return chain(copy.notes(), remains_of(remains, copied))


class Span(Struct, frozen=True):
    """Entries that follow one another.

    Attributes:
        first: Number of the first.
        last: Number of the last.
    """

    first: int
    last: int


def claims_of(remains: Journal | None) -> list[Claim]:
    """Return the checkpoints that a damaged book has kept, as far as it can be read."""
    if remains is None:
        return []
    try:
        return list(_claims(remains.book.name, remains.checkpoints()))
    except LedgerError:
        return []


def line_of(journal: Journal, claim: Claim) -> Signature | None:
    """Return the line of the log that signed a checkpoint; None if it did not."""
    try:
        return log_line(journal, claim.note, claim.size)
    except (SignatureError, MalformedError):
        return None


def signed(journal: Journal, claims: Iterable[Claim], *, over: int = 0) -> list[Claim]:
    """Return those that the log signed or this machine remembers, smallest first."""
    return sorted(
        (
            claim
            for claim in claims
            if claim.size > over and (not claim.note or line_of(journal, claim))
        ),
        key=lambda claim: claim.size,
    )


def span(start: int, stop: int) -> Span | None:
    """Return the entries from `start` up to `stop`; None if there are none."""
    return Span(start, stop - 1) if stop > start else None


def differing(journal: Journal, remains: Journal | None, size: int) -> tuple[Span, ...]:
    """Return the entries that a damaged book has otherwise, or not at all."""
    if remains is None:
        return ()
    there: dict[int, bytes] = {}
    with suppress(LedgerError):
        for row in remains.raw_rows(0, size):
            if row.whole:
                there[row.seq] = merkle.leaf_hash(row.note)
    spans: list[Span] = []
    for row in journal.rows(0, size):
        if there.get(row.seq) == row.leaf:
            continue
        if spans and spans[-1].last == row.seq - 1:
            spans[-1] = Span(spans[-1].first, row.seq)
        else:
            spans.append(Span(row.seq, row.seq))
    return tuple(spans)
